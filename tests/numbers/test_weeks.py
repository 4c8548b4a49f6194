"""Weeks on the clinic's clock, also where the clocks change."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from screener.numbers.weeks import begins, is_over, last_weeks, week_of
from tests.numbers.forms import ZONE

TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def test_a_week_begins_on_monday_at_midnight_of_the_clinic() -> None:
    # Still Sunday evening in Chicago, and Monday morning in Greenwich.
    assert week_of(datetime(2026, 3, 2, 5, 59, tzinfo=UTC), ZONE) == date(2026, 2, 23)
    assert week_of(datetime(2026, 3, 2, 6, 0, tzinfo=UTC), ZONE) == date(2026, 3, 2)


def test_the_week_in_which_the_clocks_change_is_an_hour_shorter_or_longer() -> None:
    spring, autumn = date(2026, 3, 2), date(2026, 10, 26)  # the clocks change on its Sunday
    lengths = [
        begins(week + timedelta(weeks=1), ZONE).astimezone(UTC) - begins(week, ZONE).astimezone(UTC)
        for week in (spring, autumn)
    ]
    assert lengths == [timedelta(days=7, hours=-1), timedelta(days=7, hours=1)]
    # The last hour of each is still its own, and the next is not.
    for week in (spring, autumn):
        end = begins(week + timedelta(weeks=1), ZONE).astimezone(UTC)
        assert week_of(end - timedelta(seconds=1), ZONE) == week
        assert week_of(end, ZONE) == week + timedelta(weeks=1)


@given(TIMES)
def test_every_time_lies_in_its_week(at: datetime) -> None:
    week = week_of(at, ZONE)
    assert week.weekday() == 0
    assert begins(week, ZONE) <= at < begins(week + timedelta(weeks=1), ZONE)
    assert not is_over(week, at, ZONE)
    assert is_over(week - timedelta(weeks=1), at, ZONE)


def test_the_last_weeks_end_with_this_one() -> None:
    now = datetime(2026, 3, 10, 15, tzinfo=UTC)
    assert last_weeks(3, now, ZONE) == (date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9))
