"""Times and waiting in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from screener.locality import local, zone_name


def moment(at: datetime) -> str:
    """Return a time as staff read it, in the clinic's zone, which it names: Mon 23 Nov 2026, …"""
    here = local(at).replace(second=0, microsecond=0)
    return _written(here.replace(tzinfo=None), zone_name(here))


@lru_cache(maxsize=4096)
def _written(here: datetime, zone: str) -> str:
    """Return a time on the clinic's clock in words, worked out once: a queue shows dozens."""
    clock = f"{here.hour % 12 or 12}:{here:%M} {'AM' if here.hour < 12 else 'PM'}"
    return f"{here:%a} {here.day} {here:%b %Y}, {clock} {zone}"


def without_today(moment_: str, now: datetime) -> str:
    """Return a text with times that `moment` wrote, without their day where that is today."""
    today = moment(now).partition(", ")[0]
    return moment_.replace(f"{today}, ", "")


def day(at: datetime, now: datetime) -> str:
    """Return a day in words: today, 2 March, or 2 March 2025 where it is of another year."""
    here, today = local(at), local(now)
    if here.date() == today.date():
        return "today"
    year = "" if here.year == today.year else f" {here.year}"
    return f"{here.day} {here:%B}{year}"


def moment_of(text: object) -> str:
    """Return a stored ISO time in words; text that is not a time stays as it is."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text)
    return moment(at) if at.tzinfo else str(text)


def waited(since: datetime, now: datetime) -> str:
    """Return how long somebody has waited, in the two largest units."""
    minutes = max(timedelta(), now - since) // timedelta(minutes=1)
    if minutes < 1:
        return "less than a minute"
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    first = next(i for i, (count, _) in enumerate(parts) if count)
    return " ".join(_counted(*part) for part in parts[first : first + 2] if part[0])


@dataclass(frozen=True)
class Due:
    """By when somebody should have reacted, in words; `over` says that the time has passed."""

    at: str
    words: str
    over: bool


def due(at: datetime | None, now: datetime) -> Due | None:
    """Return by when somebody should have reacted; None where nothing is due."""
    if at is None:
        return None
    over = now > at
    words = f"overdue by {waited(at, now)}" if over else f"due in {waited(now, at)}"
    return Due(without_today(moment(at), now), words, over)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" + ("" if count == 1 else "s")


def due_words(due_at: datetime, now: datetime) -> str:
    """Return by when something is due: Due in 7 min, Overdue by 2 h, or the day and time."""
    left = due_at - now
    if left < timedelta():
        return f"Overdue by {_shortly(-left)}"
    if left < timedelta(hours=12):
        return f"Due in {_shortly(left)}"
    return f"Due {without_today(moment(due_at), now)}"


def _shortly(span: timedelta) -> str:
    minutes = span // timedelta(minutes=1)
    if minutes < 60:
        return f"{max(1, minutes)} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
