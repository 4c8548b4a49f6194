"""Staffed hours, and by when a submission is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import zones
from screener.due import DueTimes
from screener.hours import StaffedHours, read_dates, read_week
from screener.settings import Settings, SettingsError

NEW_YORK = zones.zone("America/New_York")
OFFICE = StaffedHours(read_week("Mon-Fri 09:00-17:00"), read_dates("2026-11-26"), NEW_YORK)
DUE = DueTimes(OFFICE)


def at(text: str) -> datetime:
    """Return a time at the clinic."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("priority", "since", "due"),
    [
        ("emergency", "2026-11-23 10:00", "2026-11-23 10:15"),
        ("emergency", "2026-11-23 16:50", "2026-11-24 09:05"),
        ("emergency", "2026-11-23 03:00", "2026-11-23 09:15"),
        ("emergency", "2026-11-25 17:00", "2026-11-27 09:15"),  # the 26th is closed
        ("emergency", "2026-11-27 22:00", "2026-11-30 09:15"),  # over a weekend
        ("urgent", "2026-11-23 10:00", "2026-11-23 17:00"),
        ("urgent", "2026-11-23 18:00", "2026-11-24 17:00"),
        ("incomplete", "2026-11-24 10:00", "2026-11-27 17:00"),
        ("hold", "2026-11-20 10:00", "2026-11-25 17:00"),
        ("review", "2026-11-20 10:00", "2026-11-30 17:00"),
    ],
)
def test_it_is_due_in_staffed_time(priority: str, since: str, due: str) -> None:
    assert DUE.due(priority, at(since)) == at(due)


def test_a_note_and_what_was_not_screened_are_never_due() -> None:
    assert DUE.due("note", at("2026-11-23 10:00")) is None
    assert DUE.due(None, at("2026-11-23 10:00")) is None


def test_no_hour_is_lost_or_won_when_the_clocks_change() -> None:
    nights = StaffedHours(read_week("Sat-Sun 00:00-24:00"), frozenset(), NEW_YORK)
    start = at("2026-10-31 23:30")  # the next night has 25 hours
    later = nights.after(start, timedelta(hours=3))
    assert later.timestamp() - start.timestamp() == pytest.approx(3 * 3600, abs=1)


def test_times_of_another_zone_are_read() -> None:
    assert OFFICE.staffed(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    assert not OFFICE.staffed(datetime(2026, 11, 23, 13, 59, tzinfo=UTC))
    assert OFFICE.next_opening(datetime(2026, 11, 23, 1, tzinfo=UTC)) == at("2026-11-23 09:00")


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(1, 3000))
def test_time_passes_only_while_staff_are_there(naive: datetime, minutes: int) -> None:
    start = naive.replace(tzinfo=UTC)
    later = OFFICE.after(start, timedelta(minutes=minutes))
    assert later >= start
    assert OFFICE.staffed(later - timedelta(seconds=1))
    further = OFFICE.after(start, timedelta(minutes=minutes + 1))
    assert later < further


def test_hours_of_a_day_may_have_a_break() -> None:
    week = read_week("Mon-Thu 09:00-12:00, Mon-Thu 13:00-17:00, Fri 09:00-12:00")
    hours = StaffedHours(week, frozenset(), NEW_YORK)
    assert hours.after(at("2026-11-23 11:50"), timedelta(minutes=15)) == at("2026-11-23 13:05")
    assert hours.end_of_day(at("2026-11-23 11:50")) == at("2026-11-23 17:00")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no hours"),
        ("weekdays", "cannot be read"),
        ("Mon-Fri 9-17", "cannot be read"),
        ("Mon-Fry 09:00-17:00", "'Fry' is no day"),
        ("Fri-Mon 09:00-17:00", "ends before it begins"),
        ("Mon 17:00-09:00", "ends before it begins"),
        ("Mon 09:00-25:00", "'25:00' is no time"),
        ("Mon 09:00-13:00, Mon-Tue 12:00-17:00", "hours of Mon overlap"),
    ],
)
def test_wrong_hours_are_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_week(text)


def test_wrong_dates_are_refused() -> None:
    assert read_dates(" 2026-12-25,2027-01-01, ") == {date(2026, 12, 25), date(2027, 1, 1)}
    with pytest.raises(ValueError, match=r"'12/25/2026' is no date: write year-month-day"):
        read_dates("12/25/2026")


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(SettingsError) as wrong:
        Settings.load(mode="demonstration", staffed_hours="Mon 9-5", closed_dates="Christmas")
    assert {line.partition(":")[0] for line in wrong.value.problems} == {
        "SCREENER_STAFFED_HOURS",
        "SCREENER_CLOSED_DATES",
    }
