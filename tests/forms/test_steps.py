"""The steps of a medicine, and questions as one person reads them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine.questions import Option, Question, Row
from screener.engine.terms.reading import Reading
from screener.forms import steps
from screener.forms.medicines_now import new_row, taken_now
from screener.forms.wording import as_asked
from tests.forms.posted import PROTOCOL

READING = Reading(PROTOCOL, {})
MEDICINES = PROTOCOL.medicines


def asked(medicine: str, step: str, cells: Mapping[str, Any]) -> list[str]:
    questions = steps.row_step(READING, MEDICINES[medicine], dict(cells), step)
    return [question.id for question in questions]


# --- what is asked -------------------------------------------------------------------------------


def test_what_it_was_taken_for_comes_before_what_follows_from_it() -> None:
    assert "taken_for" in asked("duloxetine", steps.FIRST, {})
    assert not {"dose_mg", "weeks", "pain_benefit"} & {*asked("duloxetine", steps.FIRST, {})}
    for_pain = asked("duloxetine", steps.MORE, {"taken_for": "pain"})
    assert for_pain == ["dose_mg", "weeks", "taken_most_days", "pain_benefit"]
    assert asked("duloxetine", steps.MORE, {"taken_for": "other"}) == []
    # Left blank, or not sure, it may have been for either.
    for cells in ({}, {"taken_for": "unsure"}):
        assert {"mood_benefit", "pain_benefit"} <= {*asked("duloxetine", steps.MORE, cells)}


def test_a_medicine_for_one_thing_has_one_step() -> None:
    assert {"dose_mg", "weeks", "mood_benefit"} <= {*asked("sertraline", steps.FIRST, {})}
    assert not {"taken_for", "pain_benefit"} & {*asked("sertraline", steps.FIRST, {})}
    assert asked("sertraline", steps.MORE, {}) == []


def test_neither_dose_nor_weeks_of_a_medicine_that_never_counts() -> None:
    assert MEDICINES["tramadol"].mood is MEDICINES["tramadol"].pain is None
    assert not {"dose_mg", "weeks", "taken_most_days"} & {*asked("tramadol", steps.FIRST, {})}


def test_an_unlikely_dose_is_said_back_with_the_box_to_mend_it() -> None:
    cells: Row = {"dose_mg": Decimal(10_000)}
    shown = steps.row_step(READING, MEDICINES["sertraline"], cells, steps.AGAIN)
    assert [question.id for question in shown] == ["dose_mg", "dose_confirmed"]
    assert shown[1].hint.startswith("You wrote 10,000 mg a day.")
    for likely in ({}, {"dose_mg": Decimal(150)}):
        assert asked("sertraline", steps.AGAIN, likely) == []


def test_a_dose_has_the_unit_of_its_medicine() -> None:
    liothyronine = MEDICINES["liothyronine"]
    by_id = {column.id: column for column in PROTOCOL.table.columns}
    assert as_asked(by_id["dose_mg"], {}, liothyronine).unit == "µg"
    assert as_asked(by_id["dose_mg"], {}, MEDICINES["sertraline"]).unit == "mg"
    assert as_asked(by_id["weeks"], {}, liothyronine).unit == "weeks"
    confirmed = as_asked(by_id["dose_confirmed"], {"dose_mg": Decimal("450.5")}, liothyronine)
    assert confirmed.hint.startswith("You wrote 450.5 µg (micrograms) a day.")


def test_cells_that_are_not_asked_go() -> None:
    duloxetine = MEDICINES["duloxetine"]
    cells: Row = {"taken_for": "pain", "dose_mg": Decimal(9000), "mood_benefit": "under_25"}
    cells["dose_confirmed"] = "yes"
    assert "mood_benefit" not in steps.asked_cells(READING, duloxetine, cells)
    assert steps.asked_cells(READING, duloxetine, cells)["dose_confirmed"] == "yes"
    # The dose goes with what it was for, and with the dose that it was confirmed.
    cells["taken_for"] = "other"
    assert steps.asked_cells(READING, duloxetine, cells) == {"taken_for": "other"}


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, Row]:
    medicine = draw(st.sampled_from(sorted(MEDICINES)))
    cells: Row = {}
    for column in PROTOCOL.table.columns:
        values = [*column.option_ids] if column.options else [Decimal(0), Decimal(10_000)]
        answer = draw(st.sampled_from([None, *values]))
        if answer is not None:
            cells[column.id] = (str(answer),) if column.kind == "choices" else answer
    return medicine, cells


@given(rows(), st.sampled_from(steps.STEPS))
def test_a_page_sent_unchanged_never_comes_again(row: tuple[str, Row], step: str) -> None:
    medicine, cells = MEDICINES[row[0]], row[1]
    seen = [step]
    while True:
        asked = steps.row_step(READING, medicine, cells, step)
        step = steps.following_step(
            step, asked, cells, lambda later: steps.row_step(READING, medicine, cells, later)
        )
        if not step:
            break
        assert step not in seen
        seen.append(step)


@given(rows())
def test_every_column_that_may_be_asked_is_asked_in_some_step(row: tuple[str, Row]) -> None:
    medicine, cells = MEDICINES[row[0]], row[1]
    by_step = [steps.row_step(READING, medicine, cells, step) for step in steps.STEPS]
    all_of_them = {question.id for questions in by_step for question in questions}
    assert all_of_them == {q.id for q in steps.row_questions(READING, medicine, cells)}
    kept = steps.asked_cells(READING, medicine, cells)
    assert {*kept} <= {q.id for q in steps.row_questions(READING, medicine, kept)}


# --- what is taken now ---------------------------------------------------------------------------


def test_a_name_that_was_ticked_is_still_taken_and_a_kind_of_many_names_none() -> None:
    answers = PROTOCOL.read_answers(
        {"current_medicines": ["ssri", "opioid", "tramadol", "lithium"]}
    )
    assert set(taken_now(PROTOCOL, answers)) == {"tramadol", "lithium"}
    assert new_row(PROTOCOL, answers, "tramadol") == {"stopped_because": "still_taking"}
    assert new_row(PROTOCOL, answers, "sertraline") == {}
    assert taken_now(PROTOCOL, {}) == ()


# --- wording -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "offered"),
    [({}, ["new"]), ({"lump": ("old",)}, ["old", "new"]), ({"lump": ("new",)}, ["new"])],
)
def test_a_retired_option_is_offered_to_whoever_chose_it(
    stored: dict[str, tuple[str, ...]], offered: list[str]
) -> None:
    options = (Option(id="old", label="Old", retired="new"), Option(id="new", label="New"))
    lump = Question(id="lump", kind="choices", text="?", short="?", options=options)
    assert lump.option_ids == ("old", "new")
    assert list(as_asked(lump, stored).option_ids) == offered
