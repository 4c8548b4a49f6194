"""Readings whose two numbers may have been swapped: decided only where both ways agree."""

from dataclasses import replace
from typing import Any

import pytest

from screener.engine import expressions as ex
from screener.engine.protocol import Protocol, RowCondition, Undecided
from screener.engine.questions import Answers
from screener.engine.screen import screen
from screener.engine.terms.reading import Reading
from screener.engine.terms.values import RowAt
from tests.engine.answers import PROTOCOL, PROTOCOLS
from tests.engine.oracle import bounds as oracle
from tests.engine.oracle.bounds import Bounds
from tests.engine.oracle.reference import reference

CRISIS, HIGH, LOW, VERY_LOW = (
    "hold_blood_pressure_crisis",
    "caution_blood_pressure",
    "caution_low_blood_pressure",
    "red_flag_very_low_blood_pressure",
)


def pressure(upper: int | None, lower: int | None) -> Answers:
    given = {"bp_systolic": upper, "bp_diastolic": lower}
    return {id: number for id, number in given.items() if number is not None}


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.id)
@pytest.mark.parametrize(
    ("rule", "upper", "lower", "expected"),
    [
        # Given as it should be: the part alone, whatever it would be the other way round.
        (CRISIS, 185, 110, "met"),
        (CRISIS, 124, 78, "not_met"),
        (CRISIS, 179, 119, "not_met"),
        (CRISIS, 121, 120, "met"),
        # Swapped, a crisis stays one where it is one either way.
        (CRISIS, 110, 185, "met"),
        (CRISIS, 120, 180, "met"),
        # 78 over 124: a crisis as it was given, and none if the two were swapped.
        (CRISIS, 78, 124, "unknown"),
        (CRISIS, 119, 179, "unknown"),
        (CRISIS, 60, 100, "not_met"),
        # Equal numbers are the same either way.
        (CRISIS, 119, 119, "not_met"),
        (CRISIS, 120, 120, "met"),
        (CRISIS, 180, 180, "met"),
        # With one of them blank there is nothing to swap.
        (CRISIS, 180, None, "met"),
        (CRISIS, None, 120, "met"),
        (CRISIS, 179, None, "unknown"),
        (CRISIS, None, 119, "unknown"),
        (CRISIS, 40, None, "unknown"),
        (CRISIS, None, None, "unknown"),
        # A part that reads one of the two.
        (LOW, 80, 60, "met"),
        (LOW, 75, 85, "met"),
        (LOW, 60, 80, "unknown"),
        (LOW, 80, 100, "unknown"),
        (LOW, 60, 65, "not_met"),
        (LOW, 89, 89, "met"),
        (LOW, 89, None, "met"),
        (LOW, None, 60, "unknown"),
        (VERY_LOW, 69, 40, "met"),
        (VERY_LOW, 60, 65, "met"),
        (VERY_LOW, 65, 120, "unknown"),
        (VERY_LOW, 120, 65, "not_met"),
        (HIGH, 90, 140, "unknown"),
        (HIGH, 91, 141, "met"),
    ],
)
def test_a_reading_is_decided_where_both_ways_agree(
    protocol: Protocol, rule: str, upper: int | None, lower: int | None, expected: str
) -> None:
    answers = pressure(upper, lower)
    assert screen(protocol, answers).outcomes[rule] == expected
    assert reference(protocol, answers).outcomes[rule] == expected


@pytest.mark.parametrize(
    ("upper", "lower", "needed"),
    [
        (78, 124, ("bp_systolic", "bp_diastolic")),
        (179, None, ("bp_diastolic",)),
        (None, 119, ("bp_systolic",)),
        (None, None, ("bp_systolic", "bp_diastolic")),
    ],
)
def test_a_doubtful_reading_is_asked_again(
    upper: int | None, lower: int | None, needed: tuple[str, ...]
) -> None:
    assert screen(PROTOCOL, pressure(upper, lower)).needed[CRISIS] == needed


def test_another_part_of_a_rule_settles_it_beside_a_doubtful_reading() -> None:
    doubtful = pressure(78, 124)
    for ticked, expected in (
        (("uncontrolled_blood_pressure",), "met"),
        (("none",), "unknown"),
    ):
        answers: Answers = {**doubtful, "health_conditions": ticked}
        assert screen(PROTOCOL, answers).outcomes["hold_blood_pressure"] == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (pressure(78, 124), "met"),
        (pressure(78, None), "met"),
        (pressure(124, 78), "not_met"),
        (pressure(110, 185), "not_met"),
        (pressure(None, None), "unknown"),
        # Blank, and passed over: an answer on a later page.
        ({"audit_c_1": "0"}, "met"),
    ],
)
def test_a_doubtful_reading_counts_as_passed_over(answers: Answers, expected: str) -> None:
    """Two numbers that may have been swapped were given, and leave a rule open all the same."""
    check = PROTOCOL.rules["check_safety_undecided"]
    changed = check.model_copy(update={"undecided": Undecided(any=(CRISIS,))})
    protocol = replace(PROTOCOL, rules={**PROTOCOL.rules, check.id: changed})
    assert screen(protocol, answers).outcomes[check.id] == expected
    assert reference(protocol, answers).outcomes[check.id] == expected


@pytest.mark.parametrize(
    ("upper", "lower", "dose", "expected"),
    [
        (185, 110, 50, (True, True)),
        (185, 110, 49, (False, False)),
        (110, 185, 50, (False, True)),
        (110, 185, 49, (False, False)),
        (185, 110, None, (False, True)),
        (170, 110, None, (False, False)),
    ],
)
def test_a_swapped_reading_in_a_condition_on_a_row_reads_the_row(
    upper: int, lower: int, dose: int | None, expected: tuple[bool, bool]
) -> None:
    """The use stays: what is adequate for mood, and what a blank stands for, depend on it."""
    cells = {} if dose is None else {"dose_mg": dose}
    for use, chosen in (("mood", True), ("pain", False)):
        part = ex.all_of(
            (
                ex.Comparison(">=", ex.AnswerValue("bp_systolic"), ex.Const(180)),
                ex.Comparison(">=", ex.Column("dose_mg"), ex.MedicineNumber("dose")),
                ex.ColumnChosen("taken_for", ("mood",)),
            )
        )
        upper_and_lower = "bp_systolic", "bp_diastolic"
        swapped = ex.exchanged(part, *upper_and_lower)
        condition = ex.EvenIfSwapped(upper_and_lower, part, swapped)
        medicine = PROTOCOL.medicines["sertraline" if use == "mood" else "milnacipran"]
        answers = pressure(upper, lower)
        here = RowAt(medicine, use, cells)  # type: ignore[arg-type]
        there = oracle.RowAt(medicine, use, cells)  # type: ignore[arg-type]
        said = Reading(PROTOCOL, answers).boolean(condition, here)
        assert said == Bounds(PROTOCOL, answers).boolean(condition, there)
        assert said == (expected if chosen else (False, False))


def test_a_count_of_rows_with_a_swapped_reading_is_compiled() -> None:
    row = PROTOCOL.row_conditions["taken_for_mood"]
    numbers = "bp_systolic", "bp_diastolic"
    part = ex.all_of(
        (
            ex.Comparison(">=", ex.AnswerValue("bp_systolic"), ex.Const(180)),
            row.condition.expression,
        )
    )
    condition = ex.EvenIfSwapped(numbers, part, ex.exchanged(part, *numbers))
    changed = replace(row.condition, expression=condition)
    rows: dict[str, RowCondition] = {
        **PROTOCOL.row_conditions,
        row.id: row.model_copy(update={"condition": changed}),
    }
    protocol = replace(PROTOCOL, row_conditions=rows)
    tried = {
        "dose_mg": "200",
        "weeks": "8",
        "taken_most_days": "yes",
        "mood_benefit": "under_25",
        "this_episode": "yes",
    }
    for upper, lower, expected in (
        (185, 110, (1, 1)),
        (170, 110, (0, 0)),
        (110, 185, (0, 1)),
        (185, 185, (1, 1)),
    ):
        from_yaml = PROTOCOL.read_answers({"medicines_tried": {"sertraline": as_text(tried)}})
        answers = {**from_yaml, **pressure(upper, lower)}
        assert screen(protocol, answers).scores["antidepressants_failed"] == expected
        assert reference(protocol, answers).scores["antidepressants_failed"] == expected


def as_text(cells: dict[str, str]) -> dict[str, Any]:
    from screener.engine.yaml_text import Text

    return {id: Text(cell) for id, cell in cells.items()}
