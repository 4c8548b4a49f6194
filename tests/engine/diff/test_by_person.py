"""Two versions of a rulebook: who comes out otherwise, or that nobody does."""

import io
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from screener.cli import main
from screener.engine.diff import by_person as differing
from screener.engine.diff.by_meaning import compare
from screener.engine.diff.by_person import Differing, Versions
from screener.engine.diff.compare import compare_by_persons
from screener.engine.documents import read_documents
from screener.engine.proof.domain import Domain
from screener.engine.proof.people import at_random
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


def versions(new: Rulebook) -> Versions:
    return Versions(PROTOCOL, new.protocols["fibromyalgia"], seconds=PATIENCE)


def outcomes(found: Differing) -> list[tuple[str, str]]:
    return [(person.old, person.new) for person in found.persons]


def holds(found: Differing, new: Rulebook, what: str) -> None:
    """Every person shown really differs, screened under both versions."""
    assert found.verdict == "differs", found
    for person in found.persons:
        said = []
        for protocol in (PROTOCOL, new.protocols["fibromyalgia"]):
            answers = protocol.read_answers(person.answers)
            screening = screen(protocol, answers, submitted=person.sent)
            said.append(screening.priority if what == "priority" else screening.outcomes[what])
        assert said == [person.old, person.new]
        assert said[0] != said[1]


def nobody(new: Rulebook, *rules: str) -> None:
    """What is called the same is the same, for many persons made up at random."""
    after = new.protocols["fibromyalgia"]
    everybody = [case.answers for case in PROTOCOL.cases] + at_random(PROTOCOL, 300)
    for answers in everybody:
        one, other = screen(PROTOCOL, answers), screen(after, answers)
        assert [one.outcomes[id] for id in rules] == [other.outcomes[id] for id in rules]


# --- who differs ---------------------------------------------------------------------------------


def test_a_threshold_shows_the_smallest_person(rules: Path) -> None:
    """A total of ten needs four items, three of them at their highest."""
    new = changed(rules, (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"))
    found = versions(new).rule("depression_symptoms")
    holds(found, new, "depression_symptoms")
    assert outcomes(found) == [("met", "unknown"), ("met", "not_met")]
    assert [person.size for person in found.persons] == [4, 9]
    for person in found.persons:
        assert set(person.answers) <= {f"phq9_{i}" for i in range(1, 10)}
        assert sum(int(str(answer)) for answer in person.answers.values()) == 10


def test_every_rule_that_differs_is_shown_the_smallest_person_first(rules: Path) -> None:
    new = changed(rules, (MOOD, "- phq9_1 >= 2 or phq9_2 >= 2", "- phq9_1 >= 2"))
    comparison = compare_by_persons(RULEBOOK, new, seconds=PATIENCE)
    shown = [one for one in comparison.differences if one.found is not None]
    assert len(shown) == len(comparison.differences) == 4
    assert {one.difference.id for one in shown} == {
        one.id for one in compare(RULEBOOK, new) if one.sort == "meaning"
    }
    for one in shown:
        assert one.found is not None
        holds(one.found, new, one.difference.id)
    sizes = [one.found.size for one in shown if one.found is not None]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    # Both are notes: they give no submission its priority.
    assert comparison.priorities == {
        "fibromyalgia": Differing("same"),
        "depression": Differing("same"),
    }


def test_a_dose_shows_somebody_with_that_medicine(rules: Path) -> None:
    new = changed(rules, (MEDICINES, "dose_mg: 150", "dose_mg: 75"))
    found = versions(new).rule("same_family")
    holds(found, new, "same_family")
    for person in found.persons:
        rows = person.answers["medicines_tried"]
        assert isinstance(rows, dict)
        assert 75 <= float(str(rows["venlafaxine"]["dose_mg"])) < 150


def test_a_lower_dose_for_some_shows_one_of_them(rules: Path) -> None:
    new = changed(rules, (MEDICINES, "dose_mg: 2.8", "dose_mg: 2"))
    found = versions(new).rule("pain_drug_trials_failed")
    holds(found, new, "pain_drug_trials_failed")
    certain = found.persons[-1]
    assert (certain.old, certain.new) == ("not_met", "met")
    rows = certain.answers["medicines_tried"]
    assert isinstance(rows, dict)
    assert 2 <= float(str(rows["cyclobenzaprine_sl"]["dose_mg"])) < 2.8
    liver = "liver_disease" in str(certain.answers.get("health_conditions"))
    assert liver or int(str(certain.answers["age"])) >= 65


def test_a_dropped_condition_shows_who_is_flagged_now(rules: Path) -> None:
    new = changed(rules, (PATTERNS, "- wpi >= 7 and sss >= 5\n", "- wpi >= 7\n"))
    found = versions(new).rule("fibromyalgia_pattern")
    holds(found, new, "fibromyalgia_pattern")
    assert outcomes(found)[-1] == ("not_met", "met")


def test_what_a_question_stands_for_changes_a_rule_that_compare_does_not_see(rules: Path) -> None:
    old = (
        "    asked_when: audit_c_1 >= 1\n    when_not_asked: 0",
        "    asked_when: audit_c_1 >= 1\n    when_not_asked: unknown",
    )
    new = changed(rules, (AUDIT_C, *old))
    assert not [one for one in compare(RULEBOOK, new) if one.what == "rule"]
    comparison = compare_by_persons(RULEBOOK, new, seconds=PATIENCE)
    found = {
        one.difference.id: one.found
        for one in comparison.differences
        if one.found is not None and one.difference.protocol == "fibromyalgia"
    }
    assert found
    for id, one in found.items():
        assert one is not None
        holds(one, new, id)
        assert one.persons[0].answers["audit_c_1"] == "0"


def test_a_blank_that_stands_for_less_changes_the_priority(rules: Path) -> None:
    new = changed(rules, (ASQ, "    when_missing: declined\n", ""))
    found = versions(new).priority()
    holds(found, new, "priority")
    assert outcomes(found) == [("emergency", "urgent")]


def test_a_priority_shows_somebody_whose_submission_moves(rules: Path) -> None:
    edit = "priority: review\n    if_unknown: ask\n    when:\n      leaf: phq9 >= 10"
    new = changed(rules, (MOOD, edit, edit.replace("review", "urgent")))
    both = versions(new)
    assert not both.touched("depression_symptoms")
    found = both.priority()
    holds(found, new, "priority")
    assert found.persons[0].new == "urgent"


def test_an_age_gate_that_moved_is_its_own_difference(rules: Path) -> None:
    new = changed(
        rules,
        (AGE, "leaf: age < 18", "leaf: age < 21"),
        (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"),
    )
    both = versions(new)
    gate = both.rule("under_18")
    holds(gate, new, "under_18")
    assert 18 <= int(str(gate.persons[0].answers["age"])) < 21
    assert not both.touched("anxiety_symptoms")
    # Another rule is shown by somebody who is screened by both.
    found = both.rule("depression_symptoms")
    holds(found, new, "depression_symptoms")
    assert "age" not in found.persons[0].answers


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
    found = versions(after).rule(rule)
    assert found == Differing("same")
    nobody(after, rule)


def test_only_spelt_otherwise_is_wording(rules: Path) -> None:
    new = changed(rules, (PATTERNS, "- wpi >= 7 and sss >= 5", "- not (wpi < 7 or sss <= 4)"))
    known = {one.id: one.sort for one in compare(RULEBOOK, new)}
    assert known["paired_pattern"] == "meaning"  # the forms differ
    comparison = compare_by_persons(RULEBOOK, new, seconds=PATIENCE)
    assert {one.difference.id for one in comparison.differences} == set(known)
    for one in comparison.differences:
        assert (one.difference.sort, one.found) == ("wording", Differing("same"))
    assert comparison.priorities == {"fibromyalgia": Differing("same")}


def test_another_priority_is_not_hidden_by_another_spelling(rules: Path) -> None:
    edit = "priority: review\n    if_unknown: ask\n    when:\n      leaf: phq9 >= 10"
    other = edit.replace("review", "note").replace("phq9 >= 10", "not (phq9 < 10 and phq9 <= 9)")
    new = changed(rules, (MOOD, edit, other))
    one = next(
        one
        for one in compare_by_persons(RULEBOOK, new, seconds=PATIENCE).differences
        if one.difference.id == "depression_symptoms"
    )
    assert one.difference.sort == "handling"
    assert "priority note" in one.difference.new


def test_one_rulebook_has_no_difference() -> None:
    comparison = compare_by_persons(RULEBOOK, RULEBOOK)
    assert comparison.differences == ()
    assert comparison.priorities == {}


# --- answers of one version alone, and what cannot be told ---------------------------------------


def test_an_option_that_one_version_takes_is_named(rules: Path) -> None:
    stone = "      - id: kidney_stone\n        label: Kidney stone\n"
    new = changed(
        rules,
        (HEALTH, "      - id: kidney_disease\n", stone + "      - id: kidney_disease\n"),
        (HOLDS, "health_conditions includes aneurysm\n",
            "health_conditions includes any_of (aneurysm, kidney_stone)\n"),
    )  # fmt: skip
    found = versions(new).rule("hold_aneurysm")
    assert found.verdict == "one version"
    assert found.why == "health_conditions: option kidney_stone in the new version alone"
    assert found.persons == ()


def test_a_person_gives_answers_that_both_versions_take(rules: Path) -> None:
    new = changed(
        rules,
        (MEDICINES, "  - id: gepirone\n", "  - id: gepirone_other\n"),
        (PAIN, "range: 0 to 100", "range: 0 to 120"),
    )
    domain = Domain.shared(PROTOCOL, new.protocols["fibromyalgia"])
    assert domain.questions["told_fibromyalgia_years"].range == (0, 100)
    assert domain.place("medicines_tried.gepirone") is None
    assert domain.place("medicines_tried.gepirone_other") is None
    found = versions(new).rule("antidepressant_intolerance")
    assert found.verdict == "one version"
    assert "row gepirone in the old version alone" in found.why
    assert "row gepirone_other in the new version alone" in found.why


def test_a_time_out_is_named(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = changed(rules, (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"))

    def never(*_: Any, **__: Any) -> None:
        raise TimeOut("no answer within 1 s")

    monkeypatch.setattr(Solver, "find", never)
    found = versions(new).rule("depression_symptoms")
    assert (found.verdict, found.why) == ("not proved", "time-out: no answer within 1 s")


def test_a_person_on_whom_nothing_differs_is_not_shown(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = changed(rules, (MOOD, "leaf: phq9 >= 10", "leaf: phq9 >= 11"))
    monkeypatch.setattr(differing, "answers_of", lambda values: {"phq9_1": "0"})
    found = versions(new).rule("depression_symptoms")
    assert found.verdict == "not proved"
    assert "disagree" in found.why
    monkeypatch.setattr(differing, "answers_of", lambda values: {"phq9_1": "9"})
    found = versions(new).rule("depression_symptoms")
    assert found.verdict == "not proved"
    assert "is not taken" in found.why


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
    begin = "  cannot tell -> not met, the person with the fewest answers:\n"
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
    changed(rules, (PATTERNS, "- wpi >= 7 and sss >= 5", "- not (wpi < 7 or sss <= 4)"))
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
    for name in [name for name in sys.modules if name.startswith("screener.engine.proof.")]:
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
