"""When the clinic is staffed, and how long it takes in staffed time.

Times go in and come out with a zone; the clinic's own zone says what day and hour it is there, so
that a change to daylight saving time moves nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PART = re.compile(
    r"(?P<first>[A-Z][a-z]{2})(?:-(?P<last>[A-Z][a-z]{2}))? "
    r"(?P<opens>\d{2}:\d{2})-(?P<closes>\d{2}:\d{2})"
)
_EXAMPLE = "write days and hours, such as Mon-Fri 09:00-17:00, parts separated by commas"
_FARTHEST = 400  # days in which a clinic is staffed at least once

# For each day of the week, from Monday: when it opens and closes.
Week = tuple[tuple[tuple[time, time], ...], ...]


@dataclass(frozen=True)
class StaffedHours:
    """The hours of a week in which staff are there, and the dates on which nobody is."""

    week: Week
    closed: frozenset[date]
    zone: ZoneInfo

    def staffed(self, at: datetime) -> bool:
        """Return whether staff are there at a time."""
        here = at.astimezone(self.zone)
        return any(opens <= here < closes for opens, closes in self._of_day(here.date()))

    def after(self, start: datetime, staffed: timedelta) -> datetime:
        """Return when so much staffed time has passed since `start`.

        Outside of staffed hours the time stands still until the clinic opens.
        """
        left = staffed
        for opens, closes in self._from(start):
            begins = max(opens, start.astimezone(self.zone))
            if (lasts := _between(begins, closes)) >= left:
                return _later(begins, left)
            left -= lasts
        raise AssertionError("a week without hours is refused")

    def end_of_day(self, start: datetime, days: int = 0) -> datetime:
        """Return the end of the staffed day of `start`, or of one so many staffed days later.

        Where the clinic is closed at `start` for the rest of the day, its next day is meant.
        """
        ends: dict[date, datetime] = {}
        for _, closes in self._from(start):
            ends[closes.date()] = closes
            if len(ends) > days + 1:
                break
        return list(ends.values())[days]

    def next_opening(self, at: datetime) -> datetime:
        """Return when staff are there next; `at` itself while they are there."""
        here = at.astimezone(self.zone)
        opens, _ = next(self._from(at))
        return max(opens, here)

    def _from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the staffed spans that end after a time, in order."""
        here = start.astimezone(self.zone)
        for days in range(_FARTHEST):
            for opens, closes in self._of_day(here.date() + timedelta(days=days)):
                if closes > here:
                    yield opens, closes

    def _of_day(self, day: date) -> list[tuple[datetime, datetime]]:
        if day in self.closed:
            return []
        return [
            (datetime.combine(day, opens, self.zone), datetime.combine(day, closes, self.zone))
            for opens, closes in self.week[day.weekday()]
        ]


def read_week(text: str) -> Week:
    """Read hours such as "Mon-Thu 09:00-17:00, Fri 09:00-12:00". Raise ValueError.

    A day may have several spans; they must not overlap. 24:00 is the end of a day.
    """
    spans: list[list[tuple[time, time]]] = [[] for _ in DAYS]
    for part in filter(None, (part.strip() for part in text.split(","))):
        read = _PART.fullmatch(part)
        if read is None:
            raise ValueError(f"{part!r} cannot be read: {_EXAMPLE}")
        first, last = _day(read["first"]), _day(read["last"] or read["first"])
        opens, closes = _time(read["opens"]), _time(read["closes"])
        if last < first or closes <= opens:
            raise ValueError(f"{part!r} ends before it begins")
        for day in range(first, last + 1):
            spans[day].append((opens, closes))
    if not any(spans):
        raise ValueError(f"no hours: {_EXAMPLE}")
    for name, of_day in zip(DAYS, spans, strict=True):
        of_day.sort()
        if any(later[0] < earlier[1] for earlier, later in pairwise(of_day)):
            raise ValueError(f"hours of {name} overlap")
    return tuple(map(tuple, spans))


def read_dates(text: str) -> frozenset[date]:
    """Read dates such as "2026-11-26, 2026-12-25". Raise ValueError."""
    dates = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            dates.add(date.fromisoformat(part))
        except ValueError:
            raise ValueError(
                f"{part!r} is no date: write year-month-day, such as 2026-12-25"
            ) from None
    return frozenset(dates)


def _day(name: str) -> int:
    if name not in DAYS:
        raise ValueError(f"{name!r} is no day: write {', '.join(DAYS)}")
    return DAYS.index(name)


def _time(text: str) -> time:
    if text == "24:00":
        return time.max
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time of the day") from None


def _between(start: datetime, end: datetime) -> timedelta:
    """Return the time that really passes, also in a night when the clocks change."""
    return timedelta(seconds=round(end.timestamp() - start.timestamp()))


def _later(start: datetime, passes: timedelta) -> datetime:
    return datetime.fromtimestamp(start.timestamp() + passes.total_seconds(), start.tzinfo)
