"""How often and how long a submission waited, read from its history."""

from datetime import datetime

import pytest

from screener.numbers.waits import REACTIONS, Wait, waits_of
from tests.numbers.forms import DUE, after, form, step


def shown(waits: list[Wait]) -> list[tuple[datetime, bool]]:
    return [(wait.since, wait.is_new) for wait in waits]


def test_what_was_never_raised_never_waited() -> None:
    assert waits_of(form(submitted_at=None, raised_at=None)) == []


def test_the_first_reaction_of_each_kind_counts() -> None:
    steps = (
        step("taken", minutes=5),
        step("contact", minutes=20),
        step("contact", minutes=30),
        step("taken", minutes=40),
        step("left", hours=2),
    )
    (wait,) = waits_of(form(steps=steps))
    assert [wait.took(reaction) for reaction in REACTIONS] == [5, 20, 120]


def test_deciding_at_once_acknowledges_too() -> None:
    (wait,) = waits_of(form(steps=(step("left", minutes=9),)))
    assert (wait.acknowledged, wait.decided) == (after(minutes=9), after(minutes=9))


def test_more_from_the_person_is_a_wait_of_its_own() -> None:
    steps = (step("taken", minutes=5), step("again", hours=3), step("taken", hours=4))
    first, second = waits_of(form(steps=steps))
    assert first.until == second.since == after(hours=3)
    assert (first.took("acknowledged"), second.took("acknowledged")) == (5, 60)


def test_more_before_anybody_looked_does_not_begin_the_time_anew() -> None:
    assert shown(waits_of(form(steps=(step("again", hours=3),)))) == [(after(), True)]


def test_what_becomes_more_pressing_unseen_begins_anew() -> None:
    waits = waits_of(form(raised_at=after(hours=3), priority="emergency"))
    assert shown(waits) == [(after(hours=3), True)]


def test_raised_and_new_at_one_moment_is_one_wait() -> None:
    steps = (step("left", hours=1), step("again", hours=3), step("taken", hours=4))
    first, second = waits_of(form(raised_at=after(hours=3), steps=steps))
    assert (first.decided, second.since) == (after(hours=1), after(hours=3))
    assert second.is_new and second.took("acknowledged") == 60


def test_reopened_by_staff_it_waits_again_and_needs_no_acknowledgement() -> None:
    # The row is raised a moment before the step is written.
    steps = (step("left", hours=1), step("reopened", hours=3, milliseconds=1))
    first, second = waits_of(form(raised_at=after(hours=3), steps=steps))
    assert first.decided == after(hours=1)
    assert shown([second]) == [(after(hours=3), False)]
    assert second.state("acknowledged", None, after(hours=9)) == "none"


def test_a_reopening_is_there_after_it_was_raised_once_more() -> None:
    steps = (
        step("left", hours=1),
        step("reopened", hours=3),
        step("taken", hours=4),
        step("again", hours=8),
    )
    waits = waits_of(form(raised_at=after(hours=8), steps=steps))
    assert [wait.since for wait in waits] == [after(), after(hours=3), after(hours=8)]


def test_raised_while_staff_have_it_it_waits_anew_but_is_not_new() -> None:
    steps = (step("taken", minutes=5),)
    assert shown(waits_of(form(raised_at=after(hours=3), steps=steps))) == [
        (after(), True),
        (after(hours=3), False),
    ]


@pytest.mark.parametrize(
    ("minutes", "now", "state"),
    [
        (15, 60, "in_time"),
        (16, 60, "late"),
        (None, 15, "open"),
        (None, 16, "late"),
    ],
)
def test_against_its_limit(minutes: int | None, now: int, state: str) -> None:
    steps = () if minutes is None else (step("contact", minutes=minutes),)
    (wait,) = waits_of(form(priority="emergency", steps=steps))
    due = DUE.due("emergency", wait.since)
    assert due == after(minutes=15)
    assert wait.state("contacted", due, after(minutes=now)) == state


def test_without_a_limit_it_is_done_or_not_yet() -> None:
    (wait,) = waits_of(form(priority="note", steps=(step("taken", days=30),)))
    assert wait.state("acknowledged", None, after(days=60)) == "done"
    assert wait.state("decided", None, after(days=60)) == "open"


def test_who_left_the_list_needs_no_contact_any_more() -> None:
    (wait,) = waits_of(form(steps=(step("left", minutes=5),)))
    assert wait.state("contacted", after(minutes=1), after(days=1)) == "without"


def test_a_wait_that_another_overtook_is_late_only_if_it_was_late_by_then() -> None:
    steps = (step("taken", minutes=5), step("again", hours=3))
    first, _ = waits_of(form(steps=steps))
    assert first.state("decided", after(hours=2), after(days=9)) == "late"
    assert first.state("decided", after(hours=4), after(days=9)) == "none"
