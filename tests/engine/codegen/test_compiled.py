"""The compiled function says what the reference evaluator says, whatever is answered.

The lowered terms are held against the reference on their own as well, by a plain interpreter of
terms, so that what every other reader of them starts from does not depend on the printer.
"""

from typing import Any

import pytest
from hypothesis import given

from screener.engine.codegen.compiled import compiled, compiled_rule, made_from
from screener.engine.codegen.printer import PythonPrinter, ticks
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.screen import screen
from screener.engine.terms import terms as t
from screener.engine.terms.plan import lower
from screener.engine.terms.values import Values
from tests.engine.answers import PROTOCOLS, anybody, everybody
from tests.engine.oracle.reference import reference

pytestmark = pytest.mark.long

PLANS = {protocol.id: lower(protocol) for protocol in PROTOCOLS}
SYNTHETIC = [(protocol, answers) for protocol in PROTOCOLS for answers in everybody(protocol)]


@given(anybody())
def test_compiled_says_what_the_reference_says(person: tuple[Protocol, Answers, bool]) -> None:
    protocol, answers, submitted = person
    result = compiled(protocol)(answers, submitted)
    expected = reference(protocol, answers, submitted=submitted)
    assert result.outcomes == expected.outcomes
    assert result.scores == expected.scores
    assert result.priority == expected.priority


@pytest.mark.parametrize("submitted", [False, True])
def test_compiled_and_reference_agree_on_every_case_and_example(submitted: bool) -> None:
    for protocol, answers in SYNTHETIC:
        result = compiled(protocol)(answers, submitted)
        expected = reference(protocol, answers, submitted=submitted)
        computed = (result.outcomes, result.scores, result.priority)
        assert computed == (expected.outcomes, expected.scores, expected.priority)
        assert list(result.outcomes) == list(protocol.rules)


@given(anybody())
def test_lowered_terms_say_what_the_reference_says(person: tuple[Protocol, Answers, bool]) -> None:
    protocol, answers, submitted = person
    plan = PLANS[protocol.id]
    value = Values(plan.protocol, answers, submitted).of
    expected = reference(protocol, answers, submitted=submitted)
    for id, outcome in expected.outcomes.items():
        assert value(plan.outcome(id, outcome)), id
        others = {"met", "not_met", "unknown"} - {outcome}
        assert not any(value(plan.outcome(id, other)) for other in others), id
    for priority, reached in plan.at_least.items():
        as_high = PRIORITIES.index(expected.priority) <= PRIORITIES.index(priority)
        assert value(reached) == as_high, priority
    for id, (low, high) in plan.scores.items():
        if id in expected.scores:
            assert (value(low), value(high)) == expected.scores[id], id
    chosen = screen(protocol, answers, submitted=submitted).topics
    assert {id for id in protocol.topics if value(plan.topic(id))} == {*chosen}


def test_a_result_is_nobody_elses() -> None:
    protocol = PROTOCOLS[0]
    nobody: Answers = {}
    for answers in (nobody, {"age": 12}):
        first = compiled(protocol)(answers)
        first.outcomes.clear()
        assert len(compiled(protocol)(answers).outcomes) == len(protocol.rules)


def test_scores_are_whole_numbers_and_outcomes_are_words() -> None:
    for protocol, answers in SYNTHETIC:
        result = compiled(protocol)(answers)
        assert {type(end) for ends in result.scores.values() for end in ends} <= {int}
        assert set(result.outcomes.values()) <= {"met", "not_met", "unknown"}


COMPARISON = PythonPrinter.comparison


def sides_swapped(self: PythonPrinter, term: t.Term) -> Any:
    comparison = COMPARISON(self, term)
    return comparison[::-1] if comparison and isinstance(term, t.Compare) else comparison


def any_for_all(self: PythonPrinter, parts: Any) -> str:
    return " or ".join(map(self.text, parts))


def first_option_only(self: PythonPrinter, path: str, options: tuple[str, ...]) -> str:
    return f"({options[0]!r} in {ticks(path)})"


@pytest.mark.parametrize(
    ("method", "fault"),
    [("comparison", sides_swapped), ("all", any_for_all), ("ticked", first_option_only)],
)
def test_a_fault_in_the_printer_is_seen(
    method: str, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = PROTOCOLS[0]
    monkeypatch.setattr(PythonPrinter, method, fault)
    faulty = made_from(PLANS[protocol.id])
    assert any(
        faulty(answers).outcomes != reference(protocol, answers).outcomes
        for answers in everybody(protocol)
    )


def test_the_function_of_one_rule_says_what_the_whole_says() -> None:
    for protocol, answers in SYNTHETIC[::7]:
        for submitted in (False, True):
            whole = compiled(protocol)(answers, submitted)
            for id in protocol.rules:
                alone = compiled_rule(protocol, id)(answers, submitted)
                assert alone.outcomes[id] == whole.outcomes[id], id
