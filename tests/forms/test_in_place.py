"""Follow-ups that a script shows in place: their conditions say what the engine says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.terms import terms as t
from screener.engine.terms.reading import Reading
from screener.forms import steps
from screener.forms.conditions import CannotBeWritten, written
from screener.forms.in_place import page_follow_ups, row_follow_ups
from screener.forms.page_questions import page_step
from tests.engine.answers import answer_to, anybody, tables
from tests.forms.follow_ups import filled_page, filled_row, holds
from tests.forms.posted import PAGES, PROTOCOL


@given(anybody(), st.data())
def test_a_page_shows_in_place_what_the_engine_asks(
    person: tuple[Protocol, Answers, bool], data: st.DataObject
) -> None:
    protocol, before, _ = person
    page = data.draw(st.sampled_from(protocol.pages))
    asked = [protocol.questions[id] for id in page.questions]
    each = {q.id: tables(protocol) if q.kind == "table" else answer_to(q) for q in asked}
    filled = filled_page(
        protocol, page, before, data.draw(st.fixed_dictionaries({}, optional=each))
    )
    assert filled.shown() == filled.asked


@given(anybody(), st.data())
def test_a_medicine_shows_in_place_what_the_engine_asks(
    person: tuple[Protocol, Answers, bool], data: st.DataObject
) -> None:
    protocol, before, _ = person
    medicine = data.draw(st.sampled_from([*protocol.medicines.values()]))
    each = st.fixed_dictionaries({}, optional={c.id: answer_to(c) for c in protocol.table.columns})
    filled = filled_row(protocol, medicine, before, data.draw(each), data.draw(each))
    assert filled.shown() == filled.asked


def first(page: str, stored: Answers) -> set[str]:
    """Return the follow-ups of the first step of a page that wait."""
    reading = Reading(PROTOCOL, stored)
    shown = page_step(PROTOCOL, PAGES[page], reading, steps.FIRST)
    return {f.question.id for f in page_follow_ups(PAGES[page], reading, shown).values() if f.waits}


def test_every_step_of_a_page_is_on_its_first_one() -> None:
    for page in PROTOCOL.pages:
        reading = Reading(PROTOCOL, PROTOCOL.cases[0].answers)
        later = page_step(PROTOCOL, page, reading, steps.MORE)
        assert {question.id for question in later} <= first(page.id, PROTOCOL.cases[0].answers)


def test_safety_is_never_hidden() -> None:
    assert first("safety", {}) == set()
    reading = Reading(PROTOCOL, {})
    assert page_follow_ups(PAGES["safety"], reading, []) == {}


def test_what_is_said_back_stays_on_a_page_of_its_own() -> None:
    assert first("blood_pressure_again", {"bp_systolic": 80, "bp_diastolic": 120}) == set()
    medicine = PROTOCOL.medicines["sertraline"]
    reading = Reading(PROTOCOL, {})
    shown = steps.row_step(reading, medicine, {}, steps.FIRST)
    assert "dose_confirmed" not in row_follow_ups(reading, medicine, {}, shown)


def test_a_medicine_for_several_things_is_one_page() -> None:
    medicine = PROTOCOL.medicines["duloxetine"]
    reading = Reading(PROTOCOL, {})
    shown = steps.row_step(reading, medicine, {}, steps.FIRST)
    follow_ups = row_follow_ups(reading, medicine, {}, shown)
    waiting = {id for id, follow_up in follow_ups.items() if follow_up.waits}
    assert {"dose_mg", "weeks", "mood_benefit", "pain_benefit"} <= waiting
    when = follow_ups["pain_benefit"].when
    assert holds(when, {"taken_for": ["pain"]}) and holds(when, {"taken_for": ["unsure"]})
    assert not holds(when, {"taken_for": ["mood"]}) and not holds(when, {})


AGE = t.make(t.Amount, "age", 0, (0, 120), 120)
WEIGHT = t.make(t.Amount, "weight_kg", 1, (200, 3000), 3000)
POINTS = t.make(t.Points, "phq9_1", (("0", 0), ("1", 1), ("2", 2)), 2)


@pytest.mark.parametrize(
    ("condition", "form"),
    [
        (t.at_most(AGE, t.whole(64)), {"number": "age", "at_most": 64, "blank": False}),
        (
            t.at_most(t.whole(65), AGE),
            {"not": {"number": "age", "at_most": 64, "blank": False}},
        ),
        (t.equal(AGE, t.whole(3)), {"number": "age", "equals": 3, "blank": False}),
        (
            t.at_most(WEIGHT, t.whole(805)),
            {"number": "weight_kg", "at_most": 80.5, "blank": False},
        ),
        (t.at_most(POINTS, t.whole(1)), {"chosen": "phq9_1", "of": ["0", "1"]}),
        (t.at_most(t.whole(1), POINTS), {"not": {"chosen": "phq9_1", "of": ["0"]}}),
        (t.equal(POINTS, t.whole(2)), {"not": {"chosen": "phq9_1", "of": ["0", "1"]}}),
    ],
)
def test_numbers_and_points_are_compared(condition: t.Bool, form: dict[str, Any]) -> None:
    assert written(condition) == form


def test_what_cannot_be_written_is_refused() -> None:
    total = t.plus(AGE, POINTS)
    cell = t.make(t.Amount, "medicines_tried.sertraline.weeks", 0, (0, 100), 100)
    for condition in (
        t.at_most(total, t.whole(20)),
        t.at_most(cell, t.whole(6)),
        t.make(t.Submitted),
    ):
        with pytest.raises(CannotBeWritten):
            written(condition)
