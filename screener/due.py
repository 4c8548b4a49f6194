"""By when somebody should have reacted to a submission: a time for each priority.

The defaults are those of the clinical rules (O-7 of `rules/choices.yaml`); each is a setting of the
clinic. Time runs while the clinic is staffed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from screener.hours import StaffedHours


@dataclass(frozen=True)
class DueTimes:
    """How soon each priority is due: an emergency in staffed minutes, the others in staffed days.

    0 days: by the end of the same staffed day. A note is never due.
    """

    hours: StaffedHours
    emergency_minutes: int = 15
    urgent_days: int = 0
    incomplete_days: int = 2
    hold_days: int = 3
    review_days: int = 5

    def due(self, priority: str | None, since: datetime) -> datetime | None:
        """Return by when somebody should have reacted to what has a priority since a time."""
        if priority == "emergency":
            return self.hours.after(since, timedelta(minutes=self.emergency_minutes))
        days = {
            "urgent": self.urgent_days,
            "incomplete": self.incomplete_days,
            "hold": self.hold_days,
            "review": self.review_days,
        }
        return self.hours.end_of_day(since, days[priority]) if priority in days else None
