"""Times as a person reads them, by the clinic's clock and as their language writes them."""

from datetime import date, datetime

from babel.dates import format_date, format_time

from screener import locality
from screener.saying import locale


def day(at: datetime) -> str:
    """Return the day: "March 2, 2026", "2 de marzo de 2026"."""
    return day_of(locality.local(at).date())


def day_of(date_: date) -> str:
    """Return a date, such as that of a birth, in the same way."""
    return format_date(date_, "long", locale=locale())


def hour(at: datetime) -> str:
    """Return the time of day: "4:12 pm EST"."""
    there = locality.local(at)
    time = format_time(there.time(), "short", locale=locale())
    # A narrow space is not in every font, and small letters shout less.
    return f"{time.replace(chr(0x202F), ' ').lower()} {locality.zone_name(there)}"


def moment(at: datetime) -> str:
    """Return both: "March 2, 2026, 4:12 pm EST"."""
    return f"{day(at)}, {hour(at)}"
