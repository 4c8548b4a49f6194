"""Two versions of a rulebook: who comes out otherwise, or a proof that nobody does."""

import io
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from screener import synthetic
from screener.cli import main
from screener.engine.diff import by_counterexample
from screener.engine.diff.by_counterexample import VersionPair, compare_by_person
from screener.engine.diff.by_meaning import compare
from screener.engine.diff.difference import Equivalence
from screener.engine.documents import read_documents
from screener.engine.proof.domain import Domain
from screener.engine.proof.solver import Solver, TimeOut
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from screener.engine.screen import screen
from screener.places import shipped
from tests.clock import PATIENCE
from tests.engine.answers import PROTOCOL, RULEBOOK

pytestmark = pytest.mark.long

PATTERNS = "fibromyalgia/patterns.yaml"
MOOD = "common/mood.yaml"
AGE = "common/age.yaml"
ASQ = "instruments/asq.yaml"
AUDIT_C = "instruments/auditc.yaml"
MEDICINES = "medicines.yaml"
HEALTH = "common/questions/health.yaml"
HOLDS = "common/ketamine_safety.yaml"
PAIN = "fibromyalgia/questions/pain.yaml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rulebook to change."""
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


def changed(rules: Path, *edits: tuple[str, str, str]) -> Rulebook:
    for file, old, new in edits:
        text = (rules / file).read_text(encoding="utf-8")
        assert old in text
        (rules / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(rules)


def versions(new: Rulebook) -> VersionPair:
    return VersionPair(PROTOCOL, new.protocols["fibromyalgia"], seconds=PATIENCE)


def changed_in_meaning(new: Rulebook) -> set[str]:
    """The rules of either protocol whose terms differ."""
    differences = compare(RULEBOOK, new)
    return {d.id for d in differences if (d.what, d.kind) == ("rule", "meaning")}


def outcomes(equivalence: Equivalence) -> list[tuple[str, str]]:
    return [(example.old, example.new) for example in equivalence.counterexamples]


def holds(equivalence: Equivalence | None, new: Rulebook, what: str) -> None:
    """Every counterexample shown really differs, screened under both versions."""
    assert equivalence is not None
    assert equivalence.verdict == "differs", equivalence
    for example in equivalence.counterexamples:
        screened = []
        for protocol in (PROTOCOL, new.protocols["fibromyalgia"]):
            answers = protocol.read_answers(example.answers)
            screening = screen(protocol, answers, submitted=example.sent)
            screened.append(screening.priority if what == "priority" else screening.outcomes[what])
        assert screened == [example.old, example.new]
        assert screened[0] != screened[1]


def nobody(new: Rulebook, *rules: str) -> None:
    """What is called the same is the same, for many people made up at random."""
    after = new.protocols["fibromyalgia"]
    everybody = [case.answers for case in PROTOCOL.cases] + synthetic.anybody(PROTOCOL, 300)
    for answers in everybody:
        before, now = screen(PROTOCOL, answers), screen(after, answers)
        assert [before.outcomes[id] for id in rules] == [now.outcomes[id] for id in rules]


# --- who differs ---------------------------------------------------------------------------------


def test_a_threshold_shows_the_counterexample_with_the_fewest_answers(rules: Path) -> None:
    """A total of ten needs four items, three of them at their highest."""
    new = changed(rules, (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"))
    equivalence = versions(new).rule("depression_symptoms")
    holds(equivalence, new, "depression_symptoms")
    assert outcomes(equivalence) == [("met", "unknown"), ("met", "not_met")]
    assert [example.size for example in equivalence.counterexamples] == [4, 9]
    for example in equivalence.counterexamples:
        assert set(example.answers) <= {f"phq9_{i}" for i in range(1, 10)}
        assert sum(int(str(answer)) for answer in example.answers.values()) == 10


def test_every_rule_that_differs_is_shown_the_smallest_counterexample_first(rules: Path) -> None:
    new = changed(rules, (MOOD, "- phq9_1 >= 2 or phq9_2 >= 2", "- phq9_1 >= 2"))
    differences, priorities = compare_by_person(RULEBOOK, new, seconds=PATIENCE)
    assert len(differences) == 4
    assert {difference.id for difference in differences} == changed_in_meaning(new)
    sizes = []
    for difference in differences:
        holds(difference.equivalence, new, difference.id)
        assert difference.equivalence is not None
        sizes.append(difference.equivalence.size)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    # Both are notes: they give no submission its priority.
    assert priorities == {"fibromyalgia": Equivalence("same"), "depression": Equivalence("same")}


def test_a_dose_shows_somebody_with_that_medicine(rules: Path) -> None:
    new = changed(rules, (MEDICINES, "dose_mg: 150", "dose_mg: 75"))
    equivalence = versions(new).rule("same_family")
    holds(equivalence, new, "same_family")
    for example in equivalence.counterexamples:
        rows = example.answers["medicines_tried"]
        assert isinstance(rows, dict)
        assert 75 <= float(str(rows["venlafaxine"]["dose_mg"])) < 150


def test_a_lower_dose_for_some_shows_one_of_them(rules: Path) -> None:
    new = changed(rules, (MEDICINES, "dose_mg: 2.8", "dose_mg: 2"))
    equivalence = versions(new).rule("pain_drug_trials_failed")
    holds(equivalence, new, "pain_drug_trials_failed")
    certain = equivalence.counterexamples[-1]
    assert (certain.old, certain.new) == ("not_met", "met")
    rows = certain.answers["medicines_tried"]
    assert isinstance(rows, dict)
    assert 2 <= float(str(rows["cyclobenzaprine_sl"]["dose_mg"])) < 2.8
    liver = "liver_disease" in str(certain.answers.get("health_conditions"))
    assert liver or int(str(certain.answers["age"])) >= 65


def test_a_dropped_condition_shows_who_is_flagged_now(rules: Path) -> None:
    new = changed(rules, (PATTERNS, "- wpi >= 7 and sss >= 5\n", "- wpi >= 7\n"))
    equivalence = versions(new).rule("fibromyalgia_pattern")
    holds(equivalence, new, "fibromyalgia_pattern")
    assert outcomes(equivalence)[-1] == ("not_met", "met")


def test_what_a_question_stands_for_changes_the_rules_that_read_it(rules: Path) -> None:
    old = (
        "    asked_when: audit_c_1 >= 1\n    when_not_asked: 0",
        "    asked_when: audit_c_1 >= 1\n    when_not_asked: unknown",
    )
    new = changed(rules, (AUDIT_C, *old))
    differences, _ = compare_by_person(RULEBOOK, new, seconds=PATIENCE)
    of_rules = [d for d in differences if (d.what, d.protocol) == ("rule", "fibromyalgia")]
    # A blank on drinks of who never drinks is four points at most, and never passed over.
    same = {"hold_heavy_use", "duloxetine_liver", "check_substances_unanswered"}
    assert {d.id for d in of_rules if d.equivalence == Equivalence("same")} == same
    different = [difference for difference in of_rules if difference.id not in same]
    assert {"caution_alcohol", "opioid_with_sedative"} < {d.id for d in different}
    for difference in different:
        holds(difference.equivalence, new, difference.id)
        assert difference.equivalence is not None
        assert difference.equivalence.counterexamples[0].answers["audit_c_1"] == "0"


def test_a_blank_that_stands_for_less_changes_the_priority(rules: Path) -> None:
    new = changed(rules, (ASQ, "    when_missing: declined\n", ""))
    equivalence = versions(new).priority()
    holds(equivalence, new, "priority")
    assert outcomes(equivalence) == [("emergency", "urgent")]


def test_a_priority_shows_somebody_whose_submission_moves(rules: Path) -> None:
    edit = "priority: review\n    if_unknown: ask\n    when:\n      leaf: phq9 >= 10"
    new = changed(rules, (MOOD, edit, edit.replace("review", "urgent")))
    assert changed_in_meaning(new) == set()
    equivalence = versions(new).priority()
    holds(equivalence, new, "priority")
    assert equivalence.counterexamples[0].new == "urgent"


def test_an_age_gate_that_moved_is_its_own_difference(rules: Path) -> None:
    new = changed(
        rules,
        (AGE, "leaf: age < 18", "leaf: age < 21"),
        (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"),
    )
    both = versions(new)
    gate = both.rule("under_18")
    holds(gate, new, "under_18")
    assert 18 <= int(str(gate.counterexamples[0].answers["age"])) < 21
    assert "anxiety_symptoms" not in changed_in_meaning(new)
    # Another rule is shown by somebody who is screened by both.
    equivalence = both.rule("depression_symptoms")
    holds(equivalence, new, "depression_symptoms")
    assert "age" not in equivalence.counterexamples[0].answers


# --- nobody differs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        (PATTERNS, "- wpi >= 7 and sss >= 5", "- not (wpi < 7 or sss <= 4)",
            "fibromyalgia_pattern"),
        (PATTERNS, "- wpi between 4 and 6 and sss >= 9", "- wpi > 3 and sss > 8 and not wpi >= 7",
            "paired_pattern"),
        (MOOD, "- phq9_1 >= 2 or phq9_2 >= 2", "- not (phq9_1 <= 1 and phq9_2 <= 1)",
            "other_depressive_syndrome_pattern"),
        ("common/treatments.yaml", "dose_mg >= adequate_dose", "not dose_mg < adequate_dose",
            "treatment_resistant_depression"),
    ],
)  # fmt: skip
def test_another_spelling_is_proved_to_mean_the_same(
    rules: Path, file: str, old: str, new: str, rule: str
) -> None:
    after = changed(rules, (file, old, new))
    equivalence = versions(after).rule(rule)
    assert equivalence == Equivalence("same")
    nobody(after, rule)


def test_a_rule_that_is_only_spelt_otherwise_has_changed_in_wording(rules: Path) -> None:
    new = changed(
        rules, (PATTERNS, "- wpi >= 7 and sss >= 5", "- wpi >= 7 and wpi >= 6 and sss >= 5")
    )
    by_terms = {difference.id: difference.kind for difference in compare(RULEBOOK, new)}
    assert by_terms["paired_pattern"] == "meaning"  # the terms differ
    differences, priorities = compare_by_person(RULEBOOK, new, seconds=PATIENCE)
    assert {difference.id for difference in differences} == set(by_terms)
    for difference in differences:
        assert (difference.kind, difference.equivalence) == ("wording", Equivalence("same"))
    assert priorities == {"fibromyalgia": Equivalence("same")}


def test_another_priority_is_not_hidden_by_another_spelling(rules: Path) -> None:
    edit = "priority: review\n    if_unknown: ask\n    when:\n      leaf: phq9 >= 10"
    other = edit.replace("review", "note").replace("phq9 >= 10", "not (phq9 < 10 and phq9 <= 9)")
    new = changed(rules, (MOOD, edit, other))
    differences, _ = compare_by_person(RULEBOOK, new, seconds=PATIENCE)
    difference = next(d for d in differences if d.id == "depression_symptoms")
    assert difference.kind == "handling"
    assert (difference.old, difference.new) == ("priority: review", "priority: note")


def test_one_rulebook_has_no_difference() -> None:
    assert compare_by_person(RULEBOOK, RULEBOOK) == ([], {})


# --- answers of one version alone, and what is not proved ---------------------------------------


def test_an_option_that_one_version_takes_is_named(rules: Path) -> None:
    stone = "      - id: kidney_stone\n        label: Kidney stone\n"
    new = changed(
        rules,
        (HEALTH, "      - id: kidney_disease\n", stone + "      - id: kidney_disease\n"),
        (HOLDS, "health_conditions includes aneurysm\n",
            "health_conditions includes any_of (aneurysm, kidney_stone)\n"),
    )  # fmt: skip
    equivalence = versions(new).rule("hold_aneurysm")
    assert equivalence.verdict == "one version"
    assert equivalence.why == "health_conditions: option kidney_stone in the new version alone"
    assert equivalence.counterexamples == ()


def test_a_person_gives_answers_that_both_versions_take(rules: Path) -> None:
    new = changed(
        rules,
        (MEDICINES, "  - id: gepirone\n", "  - id: gepirone_other\n"),
        (PAIN, "range: 0 to 100", "range: 0 to 120"),
    )
    domain = Domain.shared(PROTOCOL, new.protocols["fibromyalgia"])
    assert domain.questions["told_fibromyalgia_years"].range == (0, 100)
    assert domain.question("medicines_tried.gepirone") is None
    assert domain.question("medicines_tried.gepirone_other") is None
    equivalence = versions(new).rule("antidepressant_intolerance")
    assert equivalence.verdict == "one version"
    assert "row gepirone in the old version alone" in equivalence.why
    assert "row gepirone_other in the new version alone" in equivalence.why


def test_a_time_out_is_named(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = changed(rules, (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"))

    def never(*_: Any, **__: Any) -> None:
        raise TimeOut("no answer within 1 s")

    monkeypatch.setattr(Solver, "find", never)
    equivalence = versions(new).rule("depression_symptoms")
    assert (equivalence.verdict, equivalence.why) == (
        "not proved",
        "time-out: no answer within 1 s",
    )


def test_a_person_on_whom_nothing_differs_is_not_shown(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = changed(rules, (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"))
    monkeypatch.setattr(by_counterexample, "answers_of", lambda values: {"phq9_1": "0"})
    equivalence = versions(new).rule("depression_symptoms")
    assert equivalence.verdict == "not proved"
    assert "disagree" in equivalence.why
    monkeypatch.setattr(by_counterexample, "answers_of", lambda values: {"phq9_1": "9"})
    equivalence = versions(new).rule("depression_symptoms")
    assert equivalence.verdict == "not proved"
    assert "is not taken" in equivalence.why


# --- the command ---------------------------------------------------------------------------------


def diff(capsys: pytest.CaptureFixture[str], rules: Path) -> tuple[int, str, str]:
    status = main(["diff", str(shipped("rules")), str(rules), "--seconds", str(PATIENCE)])
    out, err = capsys.readouterr()
    return status, out, err


def test_the_person_that_diff_prints_can_be_assessed(
    rules: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(rules, (MOOD, "- phq9_1 >= 2 or phq9_2 >= 2", "- phq9_1 >= 2"))
    status, out, err = diff(capsys, rules)
    assert (status, err) == (0, "")
    begin = "  cannot tell -> not met, the counterexample with the fewest answers:\n"
    assert begin in out
    pasted = out.split(begin)[1].split("\n  met -> not met")[0]
    [document] = read_documents(pasted, "pasted")
    assert document.case == "major_depressive_syndrome_pattern, cannot tell -> not met"
    answers = PROTOCOL.read_answers(document.answers)
    assert screen(PROTOCOL, answers).outcomes["major_depressive_syndrome_pattern"] == "unknown"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pasted.encode())))
    assert main(["assess", "-", "--rules", str(rules)]) == 0
    assert '"major_depressive_syndrome_pattern": "not_met"' in capsys.readouterr().out


def test_diff_says_what_is_proved_to_be_the_same(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(rules, (PATTERNS, "- wpi >= 7 and sss >= 5", "- wpi >= 7 and wpi >= 6 and sss >= 5"))
    status, out, err = diff(capsys, rules)
    assert (status, err) == (0, "")
    assert "changed in meaning" not in out
    assert "changed in wording only: fibromyalgia rule fibromyalgia_pattern" in out
    assert "  same meaning (proved)" in out
    assert "priority: fibromyalgia: the same for everyone (proved)" in out


def test_without_the_solver_diff_says_how_to_get_it(
    rules: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(rules, (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"))
    rooms = "screener.engine.proof.", "screener.engine.diff."
    for name in [name for name in sys.modules if name.startswith(rooms)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)
    status, out, err = diff(capsys, rules)
    assert status == 0
    assert 'pip install "screener[prove]"' in err
    assert err.count("\n") == 1
    assert "changed in meaning: fibromyalgia rule depression_symptoms\n  was: " in out
    assert "answers:" not in out


def test_diff_of_one_rulebook(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = diff(capsys, shipped("rules"))
    assert (status, out) == (0, "no difference\n")
