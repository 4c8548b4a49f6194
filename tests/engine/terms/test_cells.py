"""Cells of the table of medicines: doses that are unlikely or above the label, columns not asked.

Each person is read by the engine and by the oracle; both must say the same.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Row
from screener.engine.screen import screen
from screener.engine.terms.reading import Range, Reading
from tests.engine.answers import PROTOCOL, PROTOCOLS
from tests.engine.oracle.reference import reference

# A trial that failed, but for its dose.
FAILED: dict[str, Any] = {
    "weeks": 8,
    "taken_most_days": "yes",
    "mood_benefit": "under_25",
    "this_episode": "yes",
    "pain_benefit": "under_30",
    "stopped_because": "no_benefit",
}
MOOD = "antidepressants_failed"


def score(
    id: str, rows: dict[str, Any], protocol: Protocol = PROTOCOL, age: int | None = 40
) -> Range:
    """The lowest and highest value of a score, of rows as they are typed.

    Cells are left out whose column the protocol does not have.
    """
    columns = {column.id for column in protocol.table.columns}
    kept = {
        medicine: {id: cell for id, cell in cells.items() if id in columns}
        for medicine, cells in rows.items()
    }
    answers: Answers = {"medicines_tried": kept}
    if age is not None:
        answers["age"] = age
    range_ = screen(protocol, answers).scores[id]
    assert reference(protocol, answers).scores[id] == range_
    return range_


# --- doses that are unlikely ----------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.id)
@pytest.mark.parametrize(
    ("cells", "failed", "unlikely"),
    [
        ({"dose_mg": Decimal(50)}, (1, 1), (0, 0)),
        # Three times the usual highest is not above it.
        ({"dose_mg": Decimal(600)}, (1, 1), (0, 0)),
        ({"dose_mg": Decimal("600.01")}, (0, 1), (1, 1)),
        ({"dose_mg": Decimal(10000), "dose_confirmed": "no"}, (0, 1), (1, 1)),
        ({"dose_mg": Decimal(10000), "dose_confirmed": "yes"}, (1, 1), (1, 1)),
        # To confirm a dose that is too low makes it no higher, and an ordinary one needs it not.
        ({"dose_mg": Decimal("49.99"), "dose_confirmed": "yes"}, (0, 0), (0, 0)),
        ({"dose_mg": Decimal(50), "dose_confirmed": "no"}, (1, 1), (0, 0)),
        ({}, (0, 1), (0, 1)),
    ],
)
def test_an_unlikely_dose_counts_once_it_is_confirmed(
    protocol: Protocol, cells: Row, failed: Range, unlikely: Range
) -> None:
    rows = {"sertraline": {**FAILED, **cells}}
    assert score(MOOD, rows, protocol) == failed
    assert score("unlikely_doses", rows, protocol) == unlikely


def test_an_unlikely_dose_may_have_been_a_low_one() -> None:
    """Not confirmed, it leaves open that the medicine was stopped before an adequate trial."""
    intolerant = {**FAILED, "stopped_because": "side_effects"}
    for cells, expected in (
        ({"dose_mg": Decimal(601)}, (0, 1)),
        ({"dose_mg": Decimal(601), "dose_confirmed": "yes"}, (0, 0)),
        ({"dose_mg": Decimal(600)}, (0, 0)),
        ({"dose_mg": Decimal(49)}, (1, 1)),
    ):
        rows = {"sertraline": {**intolerant, **cells}}
        assert score("antidepressants_intolerant", rows) == expected, cells


def test_an_unlikely_dose_of_a_medicine_for_pain() -> None:
    for cells, expected in (
        ({"dose_mg": Decimal(1350)}, (1, 1)),
        ({"dose_mg": Decimal("1350.01")}, (0, 1)),
        ({"dose_mg": Decimal("1350.01"), "dose_confirmed": "yes"}, (1, 1)),
    ):
        assert score("pain_classes_failed", {"pregabalin": {**FAILED, **cells}}) == expected, cells


@pytest.mark.parametrize(
    ("cells", "needed"), [({"dose_mg": Decimal(601)}, "dose_confirmed"), ({}, "dose_mg")]
)
def test_what_would_settle_an_unlikely_dose_is_its_confirmation(cells: Row, needed: str) -> None:
    answers: Answers = {"medicines_tried": {"sertraline": {**FAILED, **cells}}}
    path = f"medicines_tried.sertraline.{needed}"
    assert screen(PROTOCOL, answers).needed["same_family"] == (path,)


def with_medicine(id: str, **changed: Any) -> Protocol:
    medicine = PROTOCOL.medicines[id].model_copy(update=changed)
    return replace(PROTOCOL, medicines={**PROTOCOL.medicines, id: medicine})


def test_without_a_usual_highest_no_dose_is_unlikely() -> None:
    protocol = with_medicine("sertraline", highest_usual=None)
    rows = {"sertraline": {**FAILED, "dose_mg": Decimal(10000)}}
    assert score("unlikely_doses", rows, protocol) == (0, 0)
    assert score(MOOD, rows, protocol) == (1, 1)
    assert score("unlikely_doses", {"sertraline": {}}, protocol) == (0, 0)


def test_a_dose_that_is_not_asked_is_above_no_limit_and_one_that_was_given_is_read() -> None:
    """Lithium counts for no use, so that no dose is asked: a blank is no open question."""
    protocol = with_medicine("lithium", highest_usual=Decimal(1800))
    for cells, expected in (
        ({}, (0, 0)),
        ({"dose_mg": Decimal(5400)}, (0, 0)),
        ({"dose_mg": Decimal(5401)}, (1, 1)),
    ):
        assert score("unlikely_doses", {"lithium": cells}, protocol) == expected, cells


# --- doses above the label ------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.id)
@pytest.mark.parametrize(
    ("age", "dose", "expected"),
    [
        (60, "40", (0, 0)),
        (60, "40.01", (1, 1)),
        (60, "20.01", (0, 0)),
        (61, "20", (0, 0)),
        (61, "20.01", (1, 1)),
        (61, "40", (1, 1)),
        # Without an age a dose between the two leaves it open.
        (None, "20", (0, 0)),
        (None, "20.01", (0, 1)),
        (None, "40", (0, 1)),
        (None, "40.01", (1, 1)),
        (60, None, (0, 1)),
        (61, None, (0, 1)),
    ],
)
def test_the_label_of_citalopram_allows_less_over_60(
    protocol: Protocol, age: int | None, dose: str | None, expected: Range
) -> None:
    cells: dict[str, Any] = {"stopped_because": "still_taking"}
    if dose is not None:
        cells["dose_mg"] = Decimal(dose)
    assert score("doses_above_label", {"citalopram": cells}, protocol, age) == expected


@pytest.mark.parametrize(
    ("medicine", "cells", "expected"),
    [
        # What was stopped is no danger now; what does not say so may be.
        ("citalopram", {"dose_mg": Decimal(60), "stopped_because": "no_benefit"}, (0, 0)),
        ("citalopram", {"dose_mg": Decimal(60)}, (0, 1)),
        ("citalopram", {"dose_mg": Decimal(30)}, (0, 0)),
        ("bupropion", {"dose_mg": Decimal(450), "stopped_because": "still_taking"}, (0, 0)),
        ("bupropion", {"dose_mg": Decimal(451), "stopped_because": "still_taking"}, (1, 1)),
        # No label is given for it.
        ("sertraline", {"dose_mg": Decimal(10000), "stopped_because": "still_taking"}, (0, 0)),
        ("sertraline", {}, (0, 0)),
    ],
)
def test_a_dose_above_the_label_counts_while_it_is_taken(
    medicine: str, cells: Row, expected: Range
) -> None:
    assert score("doses_above_label", {medicine: cells}) == expected


def test_an_age_that_would_settle_the_label_is_asked() -> None:
    cells: Row = {"dose_mg": Decimal(30), "stopped_because": "still_taking"}
    screening = screen(PROTOCOL, {"medicines_tried": {"citalopram": cells}})
    assert screening.needed["check_dose_above_label"] == ("age",)


# --- which columns are asked ----------------------------------------------------------------------


def asked(medicine: str, cells: Row) -> set[str]:
    reading = Reading(PROTOCOL, {})
    columns = PROTOCOL.table.columns
    this = PROTOCOL.medicines[medicine]
    return {column.id for column in columns if reading.column_asked(this, column, cells)}


ALWAYS = {"stopped_because", "stopped_also"}
TRIAL = {"dose_mg", "dose_confirmed", "weeks", "taken_most_days"}
MOOD_ONLY, PAIN_ONLY = {"mood_benefit", "this_episode"}, {"pain_benefit"}


@pytest.mark.parametrize(
    ("medicine", "cells", "expected"),
    [
        # `asked_of`: a mark on the medicine. `uses`: what it counts for.
        ("sertraline", {}, TRIAL | MOOD_ONLY),
        ("pregabalin", {}, TRIAL | PAIN_ONLY),
        ("lithium", {}, set()),
        ("venlafaxine", {}, {"taken_for"} | TRIAL | MOOD_ONLY),
        ("duloxetine", {}, {"taken_for"} | TRIAL | MOOD_ONLY | PAIN_ONLY),
        # And what it may have been taken for.
        ("duloxetine", {"taken_for": "mood"}, {"taken_for"} | TRIAL | MOOD_ONLY),
        ("duloxetine", {"taken_for": "pain"}, {"taken_for"} | TRIAL | PAIN_ONLY),
        ("duloxetine", {"taken_for": "both"}, {"taken_for"} | TRIAL | MOOD_ONLY | PAIN_ONLY),
        ("duloxetine", {"taken_for": "unsure"}, {"taken_for"} | TRIAL | MOOD_ONLY | PAIN_ONLY),
        ("duloxetine", {"taken_for": "other"}, {"taken_for"}),
        ("venlafaxine", {"taken_for": "pain"}, {"taken_for"}),
        # A use that was said of a medicine without the mark counts as much.
        ("sertraline", {"taken_for": "other"}, set()),
    ],
)
def test_columns_are_asked_of_those_for_whom_they_matter(
    medicine: str, cells: Row, expected: set[str]
) -> None:
    assert asked(medicine, cells) == expected | ALWAYS


@pytest.mark.parametrize(
    ("medicine", "cells", "column", "expected"),
    [
        ("sertraline", {"dose_mg": Decimal(600)}, "dose_confirmed", False),
        ("sertraline", {"dose_mg": Decimal("600.01")}, "dose_confirmed", True),
        ("sertraline", {"dose_mg": Decimal(50), "dose_confirmed": "yes"}, "dose_confirmed", False),
        ("sertraline", {"stopped_because": "still_taking"}, "stopped_also", False),
        ("sertraline", {"stopped_because": "other"}, "stopped_also", True),
        ("sertraline", {"stopped_because": "other"}, "stopped_because", True),
    ],
)
def test_a_column_is_asked_where_its_row_fits(
    medicine: str, cells: Row, column: str, expected: bool
) -> None:
    assert (column in asked(medicine, cells)) == expected


# --- what a blank stands for, and cells that were not asked ---------------------------------------

ADEQUATE = {**FAILED, "dose_mg": Decimal(150)}


@pytest.mark.parametrize(
    ("medicine", "taken_for", "expected"),
    [
        # Not asked of sertraline: a blank stands for mood, which is what it counts for.
        ("sertraline", None, (1, 1)),
        ("sertraline", "unsure", (1, 1)),
        # But an answer that was given is read.
        ("sertraline", "other", (0, 0)),
        ("sertraline", "pain", (0, 0)),
        ("sertraline", "both", (1, 1)),
        # Asked of venlafaxine: a blank stands for nothing.
        ("venlafaxine", None, (0, 1)),
        ("venlafaxine", "unsure", (0, 1)),
        ("venlafaxine", "mood", (1, 1)),
        ("venlafaxine", "both", (1, 1)),
        ("venlafaxine", "pain", (0, 0)),
        ("venlafaxine", "other", (0, 0)),
    ],
)
def test_what_it_was_taken_for_is_open_only_where_it_is_asked(
    medicine: str, taken_for: str | None, expected: Range
) -> None:
    cells = ADEQUATE if taken_for is None else {**ADEQUATE, "taken_for": taken_for}
    assert score(MOOD, {medicine: cells}) == expected


@pytest.mark.parametrize(
    ("taken_for", "mood", "pain"),
    [
        (None, (0, 1), (0, 1)),
        ("mood", (1, 1), (0, 0)),
        ("pain", (0, 0), (1, 1)),
        ("both", (1, 1), (1, 1)),
    ],
)
def test_a_medicine_for_both_counts_for_what_it_was_taken_for(
    taken_for: str | None, mood: Range, pain: Range
) -> None:
    cells = ADEQUATE if taken_for is None else {**ADEQUATE, "taken_for": taken_for}
    assert score(MOOD, {"duloxetine": cells}) == mood
    assert score("pain_classes_failed", {"duloxetine": cells}) == pain


def test_a_medicine_for_pain_that_is_not_asked_stands_for_pain() -> None:
    cells = {**ADEQUATE, "dose_mg": Decimal(450)}
    assert score("pain_classes_failed", {"pregabalin": cells}) == (1, 1)
    assert score("pain_classes_failed", {"pregabalin": {**cells, "taken_for": "mood"}}) == (0, 0)
    assert score(MOOD, {"pregabalin": cells}) == (0, 0)


def test_what_it_was_taken_for_is_what_would_settle_it() -> None:
    def needed(medicine: str) -> tuple[str, ...]:
        answers: Answers = {"age": 40, "medicines_tried": {medicine: {**ADEQUATE}}}
        return screen(PROTOCOL, answers).needed.get("same_family", ())

    assert needed("venlafaxine") == ("medicines_tried.venlafaxine.taken_for",)
    assert needed("sertraline") == ()


@pytest.mark.parametrize("reasons", [("side_effects",), ("no_benefit", "other"), None])
def test_other_reasons_to_stop_change_nothing(reasons: tuple[str, ...] | None) -> None:
    cells = {**ADEQUATE} if reasons is None else {**ADEQUATE, "stopped_also": reasons}
    before = screen(PROTOCOL, {"age": 40, "medicines_tried": {"sertraline": {**ADEQUATE}}})
    after = screen(PROTOCOL, {"age": 40, "medicines_tried": {"sertraline": cells}})
    assert after.outcomes == before.outcomes
    assert after.scores == before.scores
