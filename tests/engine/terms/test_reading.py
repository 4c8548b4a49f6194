"""What the terms say of one person is what the independent reading in `oracle/` says.

The oracle reads expressions; the engine reads the terms that they are lowered to.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from screener.engine import expressions as ex
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.resolve import resolve
from screener.engine.screen import screen
from screener.engine.terms import lowering, values
from screener.engine.terms import terms as t
from screener.engine.terms.reading import Reading
from screener.engine.terms.values import RowAt
from tests.engine.answers import PROTOCOLS, anybody, everybody
from tests.engine.oracle import bounds as oracle
from tests.engine.oracle.bounds import Bounds
from tests.engine.oracle.counted import counted
from tests.engine.oracle.reference import Evaluation, reference


def conditions(protocol: Protocol) -> list[ex.Boolean]:
    """Return every condition of rules and questions, with every part of it."""
    asked_when = [question.asked_when for question in protocol.questions.values()]
    required_when = [question.required_when for question in protocol.questions.values()]
    written = [condition for rule in protocol.rules.values() for condition in rule.conditions]
    own = {id for id, q in protocol.questions.items() if q.asked_when and _names(q.asked_when, id)}
    return [
        part
        for condition in (*asked_when, *required_when, *written)
        if condition is not None
        for part in ex.walk(condition.expression)
        # A condition that names its own question is read with the answer as it was given.
        if isinstance(part, ex.Boolean) and not ex.names_in(part).questions & own
    ]


def _names(condition: ex.Condition, question: str) -> bool:
    return question in ex.names_in(condition.expression).questions


CONDITIONS = {protocol.id: conditions(protocol) for protocol in PROTOCOLS}


@given(anybody())
def test_answers_that_count_are_those_of_the_oracle(person: tuple[Protocol, Answers, bool]) -> None:
    protocol, answers, _ = person
    resolved, expected = resolve(protocol, answers), counted(protocol, answers)
    assert resolved.answers == expected.answers
    assert resolved.not_asked == expected.not_asked
    assert resolved.assumed == expected.assumed


@given(anybody())
def test_conditions_and_scores_are_those_of_the_oracle(
    person: tuple[Protocol, Answers, bool],
) -> None:
    protocol, answers, submitted = person
    assert differences(protocol, answers, submitted) == []


def differences(protocol: Protocol, answers: Answers, submitted: bool = False) -> list[str]:
    """Return the expressions of which terms and oracle say something else."""
    reading = Reading(protocol, answers, submitted)
    expected = Bounds(protocol, counted(protocol, answers).answers)
    different = [
        str(node)
        for node in CONDITIONS[protocol.id]
        if reading.boolean(node) != expected.boolean(node)
    ]
    different += [id for id in protocol.scores if reading.score(id) != expected.score(id)]
    return different


@given(anybody())
def test_rows_of_the_treatment_table_are_those_of_the_oracle(
    person: tuple[Protocol, Answers, bool],
) -> None:
    protocol, answers, _ = person
    reading = Reading(protocol, answers)
    resolved = counted(protocol, answers)
    expected = Bounds(protocol, resolved.answers)
    rows = resolved.answers.get(protocol.table.id)
    assert (reading.rows() is None) == (rows is None)
    for id, cells in (reading.rows() or {}).items():
        medicine = protocol.medicines[id]
        for condition in protocol.row_conditions.values():
            if medicine.trial(condition.use) is None:
                continue
            assert isinstance(rows, dict)
            here = RowAt(medicine, condition.use, cells)
            there = oracle.RowAt(medicine, condition.use, rows[id])
            expression = condition.condition.expression
            assert reading.boolean(expression, here) == expected.boolean(expression, there)
            for what in ("dose", "weeks"):
                needed = ex.MedicineNumber(what)
                assert reading.number(needed, here) == expected.number(needed, there)


@given(anybody())
def test_open_answers_are_those_of_the_oracle(person: tuple[Protocol, Answers, bool]) -> None:
    protocol, answers, submitted = person
    screening = screen(protocol, answers, submitted=submitted)
    evaluation = Evaluation(protocol, counted(protocol, answers), frozenset())
    for id, paths in screening.needed.items():
        assert list(paths) == evaluation.needed(protocol.rules[id]), id


@pytest.mark.long
def test_every_synthetic_person_is_read_alike() -> None:
    for protocol in PROTOCOLS:
        for answers in everybody(protocol):
            assert differences(protocol, answers) == []
            expected = reference(protocol, answers)
            screening = screen(protocol, answers)
            assert dict(screening.outcomes) == expected.outcomes
            evaluation = Evaluation(protocol, counted(protocol, answers), frozenset())
            for id, paths in screening.needed.items():
                assert list(paths) == evaluation.needed(protocol.rules[id]), id


def test_doses_are_read_in_milligrams_and_not_in_units_of_the_terms() -> None:
    protocol = PROTOCOLS[0]
    medicine = protocol.medicines["sertraline"]
    row = RowAt(medicine, "mood", {"dose_mg": Decimal("37.5")})
    reading = Reading(protocol, {protocol.table.id: {"sertraline": dict(row.cells)}})
    assert reading.number(ex.Column("dose_mg"), row) == (Decimal("37.5"), Decimal("37.5"))
    assert medicine.mood is not None
    assert reading.number(ex.MedicineNumber("dose"), row)[0] == medicine.mood.dose_mg


def any_part_for_all(self: Any, term: t.Term) -> Any:
    if isinstance(term, t.And):
        return any(map(self.of, term.parts))
    return VALUE(self, term)


def never_blank(self: Any, question: str, raw: Any, stands: Any) -> Any:
    return raw


VALUE = values.Values._value


@pytest.mark.parametrize(
    ("place", "name", "fault"),
    [
        (values.Values, "_value", any_part_for_all),
        (lowering.Lowering, "resolved", never_blank),
    ],
)
def test_a_fault_in_the_reading_is_seen(
    place: Any, name: str, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = PROTOCOLS[0]
    monkeypatch.setattr(place, name, fault)
    monkeypatch.setitem(vars(protocol), "_kept", {})
    assert any(differences(protocol, answers) for answers in everybody(protocol))


@pytest.mark.parametrize(("told", "is_asked"), [("yes", True), ("no", False)])
def test_what_is_not_asked_is_not_open_and_has_no_rows(told: str, is_asked: bool) -> None:
    """No rule about blanks, and no table, of the shipped rulebook depends on another answer."""
    shipped = PROTOCOLS[0]
    when = shipped.questions["told_fibromyalgia_years"].asked_when
    table = shipped.table.id
    own = {"asked_when": when}
    changed = {id: shipped.questions[id].model_copy(update=own) for id in ("gad7_7", table)}
    protocol = replace(shipped, questions={**shipped.questions, **changed})
    answers: Answers = {"age": 40, "told_fibromyalgia": told}
    screening = screen(protocol, answers)
    assert ("gad7_7" in screening.needed["check_gad7_incomplete"]) == is_asked
    evaluation = Evaluation(protocol, counted(protocol, answers), frozenset())
    for id, paths in screening.needed.items():
        assert list(paths) == evaluation.needed(protocol.rules[id]), id
    rows = Reading(protocol, {**answers, table: {"sertraline": {}}}).rows()
    assert rows == ({"sertraline": {}} if is_asked else None)
