"""Times as a person reads them, by the clinic's clock."""

from datetime import datetime

from screener import locality


def day(at: datetime) -> str:
    """Return the day: "March 2, 2026"."""
    there = locality.local(at)
    return f"{there:%B} {there.day}, {there.year}"


def hour(at: datetime) -> str:
    """Return the time of day: "4:12 pm EST"."""
    there = locality.local(at)
    half = "am" if there.hour < 12 else "pm"
    return f"{there.hour % 12 or 12}:{there:%M} {half} {locality.zone_name(there)}"


def moment(at: datetime) -> str:
    """Return both: "March 2, 2026, 4:12 pm EST"."""
    return f"{day(at)}, {hour(at)}"
