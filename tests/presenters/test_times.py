"""Times and waits, as staff read them."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from screener.presenters.times import moment, moment_of, waited, without_today

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (-5, "less than a minute"),
        (0.9, "less than a minute"),
        (1, "1 minute"),
        (59, "59 minutes"),
        (60, "1 hour"),
        (61, "1 hour 1 minute"),
        (24 * 60, "1 day"),
        (24 * 60 + 59, "1 day"),
        (49 * 60 + 30, "2 days 1 hour"),
    ],
)
def test_waiting_is_said_in_its_two_largest_units(minutes: float, words: str) -> None:
    assert waited(NOW - timedelta(minutes=minutes), NOW) == words


@pytest.mark.parametrize(("hour", "shown"), [(5, "12:00 AM"), (17, "12:00 PM"), (18, "1:00 PM")])
def test_times_know_noon_from_midnight(clinic: Flask, hour: int, shown: str) -> None:
    assert moment(NOW.replace(hour=hour)) == f"Mon 23 Nov 2026, {shown} EST"


def test_a_time_of_today_leaves_its_day_out(clinic: Flask) -> None:
    later = NOW + timedelta(minutes=5)
    assert without_today(moment(NOW), later) == moment(NOW).partition(", ")[2]
    assert without_today(moment(NOW), NOW + timedelta(days=7)) == moment(NOW)
    assert without_today("at some time", NOW) == "at some time"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-23T06:00:00"])
def test_a_stored_time_that_is_none_stays_as_it_is(text: str) -> None:
    assert moment_of(text) == text
