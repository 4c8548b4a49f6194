"""Invariants are read like rules: whatever does not fit is refused with its place and a cure."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from screener.engine.language.invariants import (
    Certain,
    Claim,
    Combined,
    ComesOut,
    FormSent,
    HasPriority,
    NoneUnknown,
)
from screener.engine.problems import RulebookError
from screener.engine.proof import claims
from screener.engine.proof.domain import Domain, answers_of
from screener.engine.proof.report import REPORT
from screener.engine.proof.solver import Solver
from screener.engine.rulebook.load import load
from screener.engine.screen import screen
from screener.engine.terms.plan import lower
from screener.engine.terms.values import Values
from screener.places import shipped
from tests.engine.answers import PROTOCOL

FILE = "fibromyalgia/invariants.yaml"
FORMS = "one of then, keeps, never_lowers, safety, bands, shown is expected, found "


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the rulebook."""
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "when: paired_pattern is met",
            "when: paired_patern is met",
            "did you mean paired_pattern",
        ),
        ("      - phq9 >= 10", "      - phq9 >= ten", "no question or score is called ten"),
        ("topic moving-gently is", "topic moving-gentle is", "did you mean moving-gently?"),
        ("post_exertional_malaise is blank", "pem is blank", "no question is called pem"),
        ("    keeps: [fibromyalgia_pattern]", "    keeps: [fibromyalgia]", "no rule or score"),
        ("    tick: [pain_areas]", "    tick: [pain_average]", "no list of ticks is called"),
        ("never_lowers: [wpi, pain_regions]", "never_lowers: [wpy]", "did you mean wpi?"),
        ("fatigue: [0, 1, 2, 3]", "fatigue: [0, 1, 2, 4]", "no option of fatigue is called 4"),
        ("fatigue: [0, 1, 2, 3]", "fatigue: []", "needs its options from better to worse"),
        ("fatigue: [0, 1, 2, 3]", "fatig: [0, 1, 2, 3]", "did you mean fatigue?"),
        (
            "    change: [health_conditions,",
            "    changes: [health_conditions,",
            "did you mean change?",
        ),
        ("    keeps: [fibromyalgia_pattern]\n", "", FORMS + "none of them"),
        ("    tick: [pain_areas]\n", "", "never_lowers needs worse or tick"),
        (
            "    tick: [pain_areas]\n",
            "    tick: [pain_areas]\n    safety: [hold]\n",
            "never_lowers and",
        ),
        ("    safety: [hold]\n", "    safety: [holds]\n", "allowed: 'ineligible', 'emergency'"),
        ("    then:\n      none:\n", "    then:\n      not_any:\n", "did you mean any?"),
        ("priority is at least urgent", "priority is at least urgnt", "did you mean urgent?"),
        ("    bands: [phq9, gad7]", "    bands: [phq9, wpi]", "no score with bands is called wpi"),
        ("    by: [education_pain]", "    by: [education_pian]", "did you mean education_pain?"),
        ("    by: [education_pain]\n", "", "shadowed with by"),
        ("    clause: pain_classes_failed >= 2\n", "", "spare and clause go together"),
        ("    reference: wolfe-2016\n", "    reference: wolf-2016\n", "did you mean wolfe-2016?"),
    ],
)
def test_what_does_not_fit_is_refused(rules: Path, old: str, new: str, message: str) -> None:
    names = (FILE, "common/invariants.yaml")
    name = next(n for n in names if old in (rules / n).read_text(encoding="utf-8"))
    text = (rules / name).read_text(encoding="utf-8")
    (rules / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as refused:
        load(rules)
    problems = [problem for problem in refused.value.problems if message in problem.message]
    assert problems, str(refused.value)
    assert all(problem.file == name and problem.line > 0 for problem in problems)


def test_invariants_are_content_and_reports_are_not(rules: Path) -> None:
    before = load(rules).hash
    (rules / REPORT).write_text("{}", encoding="utf-8")
    assert load(rules).hash == before
    text = (rules / FILE).read_text(encoding="utf-8")
    (rules / FILE).write_text(text.replace("- phq9 >= 10", "- phq9 >= 11"), encoding="utf-8")
    assert load(rules).hash != before


def test_claims_are_read_as_written() -> None:
    stated = next(i for i in PROTOCOL.invariants if i.text.id == "under_age_nothing_is_told")
    assert isinstance(stated.when, Certain)
    assert isinstance(stated.then, Combined)
    assert stated.then.parts[:2] == (
        HasPriority("ineligible", at_least=False),
        ComesOut("under_18", "met"),
    )


def test_a_claim_on_a_question_speaks_of_the_answer_as_given() -> None:
    """A blank that counts as a refusal (O-6) is no refusal that was given."""
    plan = lower(PROTOCOL)
    solver = Solver(Domain.of(PROTOCOL), PROTOCOL)
    refused = Certain(PROTOCOL.condition("suicide_risk_acute"))
    not_refused = claims.holds(plan, Combined("none", (refused,)))
    witness = solver.find(plan.met("suicide_risk_acute"), not_refused)
    assert witness is not None
    assert "asq_5" not in answers_of(witness.values)


def says(claim: Claim, raw: dict[str, Any], submitted: bool = False) -> bool:
    """Whether a claim holds for a person."""
    answers = PROTOCOL.read_answers(raw)
    truth: bool = Values(PROTOCOL, answers, submitted).of(claims.holds(lower(PROTOCOL), claim))
    return truth


def test_a_claim_can_say_that_the_form_was_sent() -> None:
    assert says(FormSent(), {"age": 40}, submitted=True)
    assert not says(FormSent(), {"age": 40})


def test_a_claim_can_say_that_no_rule_of_a_priority_or_higher_cannot_tell() -> None:
    case = next(case for case in PROTOCOL.cases if case.name.startswith("V01:"))
    whole: dict[str, Any] = dict(case.answers)
    unknown = screen(PROTOCOL, PROTOCOL.read_answers(whole)).unknown
    assert not {"hold", "urgent", "emergency"} & {rule.priority for rule in unknown}
    assert says(NoneUnknown("hold", ()), whole)
    doubtful = {**whole, "bp_systolic": 78, "bp_diastolic": 124}
    open_ = screen(PROTOCOL, PROTOCOL.read_answers(doubtful)).unknown
    holds = [rule.id for rule in open_ if rule.priority == "hold"]
    higher = [rule.id for rule in open_ if rule.priority in ("urgent", "emergency")]
    assert holds and higher
    # A rule is excepted by name, and a higher priority is one of those meant.
    assert not says(NoneUnknown("hold", ()), doubtful)
    assert not says(NoneUnknown("hold", tuple(holds)), doubtful)
    assert not says(NoneUnknown("hold", tuple(higher)), doubtful)
    assert says(NoneUnknown("hold", (*holds, *higher)), doubtful)
    assert not says(NoneUnknown("urgent", ()), doubtful)
    assert says(NoneUnknown("urgent", tuple(higher)), doubtful)
    assert says(NoneUnknown("emergency", ()), doubtful)


def test_what_is_shown_may_differ_only_with_what_was_answered_alike() -> None:
    """The rule that shows the page on sleep reads one item: others may change, and not that."""
    plan = lower(PROTOCOL)
    solver = Solver(Domain.of(PROTOCOL), PROTOCOL)

    def differ(alike: set[str]) -> bool:
        changed = frozenset({*PROTOCOL.questions} - alike)
        differs = claims.shown_differs(plan, "education_sleep", changed)
        return solver.find(differs) is not None

    assert not differ({"age", "phq9_3"})
    assert differ({"age", "phq9_2"})
    assert differ({"phq9_3"})
