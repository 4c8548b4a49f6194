"""Forms as they are counted, for the tests of the numbers."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from screener import hours, zones
from screener.due import DueTimes
from screener.hours import StaffedHours
from screener.store import CountedForm, CountedStep

ZONE = zones.zone("America/Chicago")
DUE = DueTimes(StaffedHours(hours.read_week("Mon-Fri 09:00-17:00"), frozenset(), ZONE))
MONDAY = date(2026, 3, 2)
START = datetime(2026, 3, 2, 15, tzinfo=UTC)  # that Monday, 9 AM there


def after(**passed: float) -> datetime:
    """Return a time so long after START."""
    return START + timedelta(**passed)


def step(kind: str, **passed: float) -> CountedStep:
    """Return a step of the review so long after START."""
    return CountedStep(after(**passed), kind)


def form(**changes: Any) -> CountedForm:
    """Return a form that was sent at START, for review, with changes."""
    given: dict[str, Any] = {
        "protocol": "fibromyalgia",
        "language": "en",
        "priority": "review",
        "risk": False,
        "created_at": START,
        "submitted_at": START,
        "raised_at": START,
    }
    return CountedForm(**(given | changes))
