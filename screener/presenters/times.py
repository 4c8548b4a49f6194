"""Times and waiting in words."""

from datetime import datetime, timedelta
from functools import lru_cache

from screener.locality import local, zone_name


def moment(at: datetime) -> str:
    """A time as staff read it, in the clinic's zone, which is named: Mon 23 Nov 2026, …"""
    here = local(at).replace(second=0, microsecond=0)
    return _written(here.replace(tzinfo=None), zone_name(here))


@lru_cache(maxsize=4096)
def _written(here: datetime, zone: str) -> str:
    """A time on the clinic's clock in words; a queue says dozens, and again."""
    clock = f"{here.hour % 12 or 12}:{here:%M} {'AM' if here.hour < 12 else 'PM'}"
    return f"{here:%a} {here.day} {here:%b %Y}, {clock} {zone}"


def without_today(moment_: str, now: datetime) -> str:
    """A time that `moment` wrote, without its day where that is today."""
    today = moment(now).partition(", ")[0]
    return moment_.removeprefix(f"{today}, ")


def moment_of(text: object) -> str:
    """A stored ISO time in words; a text that is no time stays as it is, rather than vanish."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text)
    return moment(at) if at.tzinfo else str(text)


def waited(since: datetime, now: datetime) -> str:
    """How long somebody has waited: the two largest units that say it."""
    minutes = max(timedelta(), now - since) // timedelta(minutes=1)
    if minutes < 1:
        return "less than a minute"
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    first = next(i for i, (count, _) in enumerate(parts) if count)
    said = [_counted(*part) for part in parts[first : first + 2] if part[0]]
    return " ".join(said)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" + ("" if count == 1 else "s")
