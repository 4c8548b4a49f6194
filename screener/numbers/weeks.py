"""Weeks from Monday to Sunday on the clinic's clock, named by their Mondays."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEK = timedelta(weeks=1)


def week_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the Monday of the week in which a time lies at the clinic."""
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def last_weeks(count: int, now: datetime, zone: ZoneInfo) -> tuple[date, ...]:
    """Return the last so many weeks, the one of `now` included, the oldest first."""
    this = week_of(now, zone)
    return tuple(this - back * _WEEK for back in reversed(range(count)))


def begins(week: date, zone: ZoneInfo) -> datetime:
    """Return when a week begins: its first midnight, which a change of the clocks does not move."""
    return datetime.combine(week, time(), zone)


def is_over(week: date, now: datetime, zone: ZoneInfo) -> bool:
    """Return whether a week has ended."""
    return week_of(now, zone) > week
