"""The compiled function says what the reference evaluator says, whatever is answered.

The lowered terms are held against the reference on their own as well, by a plain interpreter of
terms, so that what every other reader of them starts from does not hang on the printer.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine import terms as t
from screener.engine.compiled import compiled, made_from
from screener.engine.lower import Plan, lower
from screener.engine.printed import Printer, ticks
from screener.engine.questions import Answers
from screener.engine.reference import reference
from screener.engine.rulebook import PRIORITIES, Protocol
from screener.engine.screen import screen
from tests.engine.answers import RULEBOOK, answer_to

PROTOCOLS = tuple(RULEBOOK.protocols.values())
PLANS = {protocol.id: lower(protocol) for protocol in PROTOCOLS}


def everyone(protocol: Protocol) -> list[Answers]:
    """The answers of all synthetic people of the rulebook."""
    cases = [case.answers for case in protocol.cases]
    return cases + [example.answers for example in protocol.examples]


SYNTHETIC = [(protocol, answers) for protocol in PROTOCOLS for answers in everyone(protocol)]


def tables(protocol: Protocol) -> st.SearchStrategy[Any]:
    """Any rows, none too, with doses and weeks at and just below what a trial needs."""
    trials = [trial for m in protocol.medicines.values() for trial in (m.mood, m.pain) if trial]
    needed = {trial.dose_mg for trial in trials} | {dose for dose, _ in protocol.reduced.values()}
    doses = sorted({*needed, *(dose - Decimal("0.01") for dose in needed)})
    weeks = sorted({week for trial in trials for week in (0, trial.weeks - 1, trial.weeks)})
    near: dict[str, st.SearchStrategy[Any]]
    near = {"dose_mg": st.sampled_from(doses), "weeks": st.sampled_from(weeks)}
    cells = {c.id: near[c.id] if c.id in near else answer_to(c) for c in protocol.table.columns}
    # Few of the cells are left out, else hardly any trial would ever be adequate.
    most = st.fixed_dictionaries(cells).flatmap(
        lambda row: st.sets(st.sampled_from(sorted(row)), max_size=2).map(
            lambda out: {id: cell for id, cell in row.items() if id not in out}
        )
    )
    ids = st.sampled_from(list(protocol.medicines))
    return st.dictionaries(ids, most, max_size=5)


@st.composite
def anybody(draw: st.DrawFn) -> tuple[Protocol, Answers, bool]:
    """Partial answers of anyone, stale ones of hidden questions too, and whether they were sent."""
    protocol = draw(st.sampled_from(PROTOCOLS))
    each = {
        question.id: tables(protocol) if question.kind == "table" else answer_to(question)
        for question in protocol.questions.values()
    }
    each["age"] = st.sampled_from([0, 16, 17, 18, 40, 49, 50, 64, 65, 90])
    answers: Answers = {}
    if draw(st.booleans()):
        answers |= draw(st.sampled_from(everyone(protocol)))
        for id in draw(st.sets(st.sampled_from(sorted(each)), max_size=8)):
            answers.pop(id, None)
            if draw(st.booleans()):
                answers[id] = draw(each[id])
    else:
        answers |= draw(st.fixed_dictionaries({}, optional=each))
    return protocol, answers, draw(st.booleans())


@given(anybody())
def test_compiled_says_what_the_reference_says(person: tuple[Protocol, Answers, bool]) -> None:
    protocol, answers, submitted = person
    found = compiled(protocol)(answers, submitted)
    expected = reference(protocol, answers, submitted=submitted)
    assert found.outcomes == expected.outcomes
    assert found.scores == expected.scores
    assert found.priority == expected.priority


@pytest.mark.parametrize("submitted", [False, True])
def test_compiled_and_reference_agree_on_every_case_and_example(submitted: bool) -> None:
    for protocol, answers in SYNTHETIC:
        found = compiled(protocol)(answers, submitted)
        expected = reference(protocol, answers, submitted=submitted)
        assert found == (expected.outcomes, expected.scores, expected.priority)
        assert list(found.outcomes) == list(protocol.rules)


@given(anybody())
def test_lowered_terms_say_what_the_reference_says(person: tuple[Protocol, Answers, bool]) -> None:
    protocol, answers, submitted = person
    plan = PLANS[protocol.id]
    value = Interpreter(plan, answers, submitted).value
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
        found = compiled(protocol)(answers)
        assert {type(end) for ends in found.scores.values() for end in ends} <= {int}
        assert set(found.outcomes.values()) <= {"met", "not_met", "unknown"}


def strictly_less(self: Printer, sign: str, left: t.Int, right: t.Int) -> str:
    return f"({self.text(left)} {'<' if sign == '<=' else sign} {self.text(right)})"


def any_for_all(self: Printer, parts: Any) -> str:
    return " or ".join(map(self.text, parts))


def first_option_only(self: Printer, path: str, options: tuple[str, ...]) -> str:
    return f"({options[0]!r} in {ticks(path)})"


@pytest.mark.parametrize(
    ("method", "fault"),
    [("compared", strictly_less), ("all", any_for_all), ("ticked", first_option_only)],
)
def test_a_fault_in_the_printer_is_seen(
    method: str, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = PROTOCOLS[0]
    monkeypatch.setattr(Printer, method, fault)
    faulty = made_from(PLANS[protocol.id])
    assert any(
        faulty(answers).outcomes != reference(protocol, answers).outcomes
        for answers in everyone(protocol)
    )


class Interpreter:
    """The value of terms for one person, as `terms.py` says it: slow, and nothing but that."""

    def __init__(self, plan: Plan, answers: Answers, submitted: bool) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        self.answers = answers
        self.submitted = submitted
        self._known: dict[tuple[t.Term, str], Any] = {}

    def value(self, term: t.Term, medicine: str = "", use: str = "") -> Any:
        """The value of a term; `medicine` names the row at hand, `use` what for."""
        key = (term, f"{medicine} {use}")
        if key not in self._known:
            self._known[key] = self._value(term, medicine, use)
        return self._known[key]

    def at(self, path: str, medicine: str) -> Any:
        """The answer at a path."""
        if path[0] != ".":
            return self.answers.get(path)
        rows = self.answers[self.protocol.table.id]
        assert isinstance(rows, Mapping)
        return rows[medicine].get(path[1:])

    def _value(self, term: t.Term, medicine: str, use: str) -> Any:
        parts = [] if isinstance(term, t.Distinct) else t.below(term)
        values = [self.value(part, medicine, use) for part in parts]
        match term:
            case t.Truth(value) | t.Whole(value):
                return value
            case t.Sent():
                return self.submitted
            case t.And():
                return all(values)
            case t.Or():
                return any(values)
            case t.Not():
                return not values[0]
            case t.AtLeast(count):
                return sum(values) >= count
            case t.Compare(sign):
                return values[0] <= values[1] if sign == "<=" else values[0] == values[1]
            case t.Plus():
                return sum(values)
            case t.Extreme(highest):
                return max(values) if highest else min(values)
            case t.Choose():
                return values[1] if values[0] else values[2]
            case t.OfMedicine(id):
                return id == medicine
            case t.Adequate(_, what, decimals):
                trial = self.protocol.medicines[medicine].trial(use)
                assert trial is not None
                return (trial.weeks if what == "weeks" else trial.dose_mg) * 10**decimals
            case t.Distinct():
                return self.distinct(term)
        return self.atom(term, self.at(term.path, medicine))

    def atom(self, term: t.Term, answer: Any) -> Any:
        """A term on one answer."""
        match term:
            case t.Given():
                return answer is not None
            case t.Among(_, options):
                return answer in options
            case t.Ticked(_, options):
                return bool({*options} & {*(answer or ())})
            case t.Ticks(_, options):
                return len({*options} & {*(answer or ())})
            case t.Points(_, points, default):
                return dict(points).get(answer, default)
            case t.Amount(_, decimals, _, default):
                return default if answer is None else answer * 10**decimals
        raise AssertionError(term)

    def distinct(self, term: t.Distinct) -> int:
        """Labels of medicines with a row that meets the condition for a use they count for."""
        rows = self.answers.get(term.table) or {}
        assert isinstance(rows, Mapping)
        found = set()
        for id in rows:
            medicine = self.protocol.medicines[id]
            for use, condition in term.by_use:
                if medicine.trial(use) is not None and self.value(condition, id, use):
                    found.add(medicine.label(term.label))
        return len(found - {None})
