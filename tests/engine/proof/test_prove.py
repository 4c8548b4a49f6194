"""Proofs: everything about the rulebook is proved, and the ways of proving agree."""

import json
import shutil
from collections import Counter
from decimal import Decimal
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import z3
from hypothesis import given, settings

from screener import cli, synthetic
from screener.engine.documents import read_documents
from screener.engine.proof import enumeration, prove, solver
from screener.engine.proof.check import SORTS, Check
from screener.engine.proof.domain import Domain, answers_of
from screener.engine.proof.report import (
    REPORT,
    read_report,
    read_report_file,
)
from screener.engine.questions import Answers
from screener.engine.rulebook.load import load
from screener.engine.screen import screen
from screener.engine.terms import terms as t
from screener.engine.terms.plan import lower
from screener.places import shipped
from tests.clock import PATIENCE
from tests.engine.answers import PROTOCOL, RULEBOOK, adult

pytestmark = pytest.mark.long

PLAN = lower(PROTOCOL)
DOMAIN = Domain.of(PROTOCOL)


# --- the rulebook --------------------------------------------------------------------------------


def test_everything_is_proved_and_the_report_beside_the_rules_says_so() -> None:
    """One run over both protocols; it is also held against the report that was committed."""
    people = partial(synthetic.people, count=2_000)
    proofs = list(prove.prove(RULEBOOK, seconds=PATIENCE, people=people))
    assert [proof for proof in proofs if proof.verdict != "proved"] == []
    assert {proof.check.sort for proof in proofs} == set(SORTS)
    assert any(proof.sets for proof in proofs)

    report = read_report(shipped("rules"))
    assert report is not None
    assert report.hash == RULEBOOK.hash, "run `screener prove --write`"
    assert report.whole
    reported = Counter((s.protocol, s.says, s.sets) for s in report.statements)
    assert reported == Counter((p.protocol, p.check.says, p.sets) for p in proofs)


def test_what_must_always_hold_is_stated() -> None:
    """The statements that the clinic cannot do without, by name."""
    stated = {invariant.text.id for invariant in PROTOCOL.invariants}
    assert stated >= {
        "positive_safety_answer_is_urgent",
        "blank_safety_answer_is_urgent",
        "nothing_lowers_a_safety_priority",
        "a_worse_answer_never_lowers_the_priority",
        "pairing_only_with_its_parts",
        "other_diagnoses_change_nothing",
        "one_more_area_never_lowers_a_score",
        "jaw_chest_and_abdomen_make_no_region",
        "bands_are_whole",
        "no_graded_exercise_with_malaise_after_effort",
        "under_age_nothing_is_told",
        "every_input_is_asked",
    }


# --- the solver ----------------------------------------------------------------------------------

SOLVER = solver.Solver(DOMAIN, PROTOCOL)
OUTCOMES = {
    (id, outcome): SOLVER.of(PLAN.outcome(id, outcome))
    for id in PROTOCOL.rules
    for outcome in ("met", "not_met", "unknown")
}
REACHED = {priority: SOLVER.of(term) for priority, term in PLAN.at_least.items()}


def fixed(answers: Answers, *, sent: bool) -> list[tuple[Any, Any]]:
    """Every variable of the solver with the value that these answers give it."""
    pairs = [(z3.Bool("sent"), z3.BoolVal(sent))]
    for path, variable in SOLVER.variables.items():
        answer: Any = answers
        for key in path.split("."):
            answer = None if answer is None else answer.get(key)
        if isinstance(variable, dict):
            ticked = answer or ()
            pairs += [(tick, z3.BoolVal(id in ticked)) for id, tick in variable.items()]
        elif z3.is_bool(variable):
            pairs.append((variable, z3.BoolVal(answer is not None)))
        else:
            pairs.append((variable, z3.IntVal(number(path, answer))))
    return pairs


def number(path: str, answer: Any) -> int:
    question = DOMAIN.question(path)
    assert question is not None
    if question.kind == "choice":
        return -1 if answer is None else question.option_ids.index(answer)
    assert question.range is not None
    scale = 10**question.decimals
    return int(question.range[0] * scale - 1 if answer is None else answer * scale)


@given(adult())
@settings(max_examples=40)
def test_the_solver_reads_the_rules_as_screening_does(answers: Answers) -> None:
    for sent in (False, True):
        screening = screen(PROTOCOL, answers, submitted=sent)
        formulas = [OUTCOMES[id, outcome] for id, outcome in screening.outcomes.items()]
        formulas += [REACHED[screening.priority]]
        held = z3.simplify(z3.substitute(z3.And(formulas), fixed(answers, sent=sent)))
        assert z3.is_true(held), screening.outcomes


@pytest.mark.parametrize("outcome", ["met", "not_met", "unknown"])
def test_people_whom_the_solver_finds_come_out_as_it_says(outcome: str) -> None:
    fresh = solver.Solver(DOMAIN, PROTOCOL)
    for id in PROTOCOL.rules:
        witness = fresh.find(PLAN.outcome(id, outcome), smallest=False)
        assert witness is not None, id
        answers = answers_of(witness.values)
        screening = screen(PROTOCOL, PROTOCOL.read_answers(answers), submitted=witness.sent)
        assert screening.outcomes[id] == outcome


def test_a_counterexample_has_the_fewest_answers() -> None:
    witness = solver.Solver(DOMAIN, PROTOCOL).find(PLAN.met("depression_symptoms"))
    assert witness is not None
    # Ten points of at most three an item take four items, and no more.
    assert len(answers_of(witness.values)) == 4


# --- enumeration ---------------------------------------------------------------------------------


def test_enumeration_counts_what_brute_force_counts() -> None:
    """Few questions of each kind, every answer of each tried one by one."""
    must, may = PLAN.rules["hold_pregnant"]
    open_ = t.all_of(may, t.negate(must))
    size = 4 * 122 * 3  # three answers or none; an age or none; pregnant, else, or blank
    assert enumeration.size(DOMAIN, open_) == size
    assert enumeration.tried(DOMAIN, open_) == (size, True)
    assert enumeration.tried(DOMAIN, t.all_of(open_, t.make(t.Not, open_))) == (size, False)

    holds = 0
    whether = [None, *PROTOCOL.questions["can_become_pregnant"].option_ids]
    ages = [None, *range(18, 121)]  # of a child no rule but the age gate is decided
    lists = [None, ("none",), ("pregnant",), ("possible",), ("pregnant", "possible")]
    for can, age, pregnancy in product(whether, ages, lists):
        given = {"can_become_pregnant": can, "age": age, "pregnancy": pregnancy}
        answers: Answers = {id: answer for id, answer in given.items() if answer is not None}
        outcome = screen(PROTOCOL, answers).outcomes["hold_pregnant"]
        for term, words in ((must, "met"), (t.negate(may), "not_met"), (open_, "unknown")):
            held = holds_for(term, answers)
            assert held == (outcome == words), (answers, words)
            holds += held
    assert holds == len(whether) * len(ages) * len(lists)


def holds_for(term: t.Bool, answers: Answers) -> bool:
    """Whether a term holds for one person, by the arrays of the enumeration."""
    space = enumeration.Space(DOMAIN, term)
    numbers = {path: number_on(axis, answers.get(path)) for path, axis in space.axes.items()}
    [(length, codes)] = space.chunks()
    [at] = [n for n in range(length) if all(codes[path][n] == numbers[path] for path in codes)]
    flags = np.broadcast_to(enumeration.ChunkValues(space, codes).value(term), length)
    return bool(flags[at])


def number_on(axis: enumeration.Axis, answer: Any) -> int:
    """The number of an answer on its axis: of several ticks, one more than their mask."""
    if axis.options is None:
        return axis.answers.index(answer)
    if answer is None:
        return 0
    return 1 + sum(1 << i for i, option in enumerate(axis.options) if option in answer)


def test_too_many_answer_sets_and_tables_are_left_to_the_solver() -> None:
    must, _ = PLAN.rules["treatment_resistant_depression"]
    assert enumeration.size(DOMAIN, must) is None
    must, _ = PLAN.rules["fibromyalgia_pattern"]
    size = enumeration.size(DOMAIN, must)
    assert size is not None
    assert size > enumeration.MOST


# --- what protocols share ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "again"), [("under_18", False), ("treatment_resistant_depression", True)]
)
def test_a_shared_statement_is_proved_once_unless_it_counts_other_medicines(
    rule: str, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = RULEBOOK.protocols.values()
    assert lower(first).rules[rule] == lower(second).rules[rule]
    assert first.medicines != second.medicines
    exists, solved = solver.Solver.exists, []

    def counted(self: solver.Solver, *terms: t.Bool) -> bool:
        solved.append(self.protocol.id)
        return exists(self, *terms)

    monkeypatch.setattr(solver.Solver, "exists", counted)
    met = f"{rule} can be met"
    proofs = list(prove.prove(RULEBOOK, sorts=["rule"], only=lambda check: check.says == met))
    assert [(proof.protocol, proof.verdict) for proof in proofs] == [
        (first.id, "proved"),
        (second.id, "proved"),
    ]
    assert solved == ([first.id, second.id] if again else [first.id])


# --- what is not proved --------------------------------------------------------------------------


def test_a_time_out_is_no_proof_and_names_its_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove, "Solver", partial(solver.Solver, steps=1_000))
    [proof] = prove.prove(
        RULEBOOK,
        seconds=PATIENCE,
        sorts=["rule"],
        only=lambda check: check.says == "paired_pattern can be met",
    )
    assert proof.verdict == "not proved"
    assert proof.why.startswith(f"time-out: no answer within {PATIENCE} s and 1,000 steps (")
    assert proof.check.subject == "paired_pattern"


def test_what_cannot_be_handled_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object, *terms: t.Bool) -> bool:
        raise NotImplementedError("no formula for this")

    monkeypatch.setattr(solver.Solver, "exists", refuse)
    proofs = list(prove.prove(RULEBOOK, seconds=PATIENCE, sorts=["row"]))
    assert {proof.verdict for proof in proofs} == {"not proved"}
    assert proofs[0].why == "cannot be handled: NotImplementedError: no formula for this"


def test_two_ways_that_disagree_are_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver.Solver, "exists", lambda self, *terms: False)
    proofs = list(
        prove.prove(RULEBOOK, sorts=["rule"], only=lambda check: check.subject == "under_18")
    )
    assert [proof.verdict for proof in proofs] == ["not proved"] * len(proofs)
    assert "disagree" in proofs[0].why


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rulebook that forgets a refusal, of which only the statements on that are proved."""
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    shutil.rmtree(rules / "depression")
    file = rules / "common" / "suicide_safety.yaml"
    text = file.read_text(encoding="utf-8")
    forgotten = text.replace("- asq_2 in (yes, declined)", "- asq_2 = yes", 1)
    assert forgotten != text
    file.write_text(forgotten, encoding="utf-8")
    everything = prove.prove

    def only_these(rulebook: Any, *, only: Any, people: Any, **options: Any) -> Any:
        def wanted(check: Check) -> bool:
            return only(check) and check.subject.endswith("safety_answer_is_urgent")

        return everything(rulebook, sorts=["invariant"], only=wanted, **options)

    monkeypatch.setattr(prove, "prove", only_these)
    return rules


def test_the_command_prints_a_counterexample_that_assess_reads(
    broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["prove", "--seconds", str(PATIENCE), "--rules", str(broken)]) == 1
    out = capsys.readouterr().out
    assert "failed: fibromyalgia: invariant positive_safety_answer_is_urgent" in out
    assert "statements proved: 0, failed: 2, not proved: 0" in out
    assert "not about medicine" in out
    case = out[out.index("---\n") : out.index("\nfailed:")]
    [document] = read_documents(case, "case")
    assert "asq_2" in document.answers

    file = tmp_path / "case.yaml"
    file.write_text(case, encoding="utf-8")
    assert cli.main(["assess", "--rules", str(broken), str(file)]) == 0
    screened = json.loads(capsys.readouterr().out)
    assert screened["priority"] not in ("urgent", "emergency")
    # Under the rulebook as it is, the same person is urgent.
    assert cli.main(["assess", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["priority"] in ("urgent", "emergency")


def run(rules: Path, *options: str) -> int:
    return cli.main(["prove", "--seconds", str(PATIENCE), "--rules", str(rules), *options])


def test_the_report_is_written_whole_or_not_at_all(
    broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.jsonl"
    assert run(broken, "-o", str(out)) == 1
    report = read_report_file(out)
    assert report is not None
    assert report.hash == load(broken).hash
    assert (report.count("proved"), report.count("failed")) == (0, 2)
    assert all(statement.why for statement in report.statements)
    assert report.solver.startswith("z3 ")
    assert run(broken, "-o", str(tmp_path / "no folder" / "report.jsonl")) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_run_with_the_same_verdicts_changes_no_byte(
    broken: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (broken / REPORT).write_text("{", encoding="utf-8")
    assert run(broken, "--write") == 1
    written = (broken / REPORT).read_bytes()
    assert len(written.splitlines()) == 3
    monkeypatch.setattr(solver, "version", lambda: "z3 99")
    assert run(broken, "--write") == 1
    assert (broken / REPORT).read_bytes() == written
    assert "stays as it is" in capsys.readouterr().out
    # Another verdict, or none, is written with the solver that found it.
    monkeypatch.setattr(solver.Solver, "exists", lambda self, *terms: False)
    assert run(broken, "--write") in (0, 1)
    report = read_report(broken)
    assert report is not None
    assert report.solver == "z3 99"


def test_a_faulty_rulebook_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["prove", "--rules", str(tmp_path / "none")]) == 1
    assert "is not a folder" in capsys.readouterr().err


def test_without_the_solver_the_cure_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "screener.engine.proof.prove", None)
    assert cli.main(["prove"]) == 2
    assert 'pip install "screener[prove]"' in capsys.readouterr().err


# --- numbers -------------------------------------------------------------------------------------


def test_doses_reach_the_solver_exactly() -> None:
    answers: Answers = {
        "age": 64,
        "medicines_tried": {"cyclobenzaprine_sl": {"dose_mg": Decimal("5.6"), "weeks": 8}},
    }
    pairs = dict((str(name), value) for name, value in fixed(answers, sent=False))
    assert str(pairs["medicines_tried.cyclobenzaprine_sl.dose_mg"]) == "560"
