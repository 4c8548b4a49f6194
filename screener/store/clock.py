"""The one clock of the program, so that tests can set it: nothing else asks what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)
