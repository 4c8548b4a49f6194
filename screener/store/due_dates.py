"""By when somebody must react to a submission, kept in its row: set, and met.

What is due follows the clinic's times when it is set; later changes of the settings leave it.
"""

from datetime import datetime

from screener.store.database import due_times
from screener.store.states import HANDLED
from screener.store.tables import SubmissionRow

# Trying to reach the person is what these wait for; the others wait for a decision.
_CONTACT = ("emergency", "urgent", "incomplete")
_NOT_REACHED_YET = ("new", "acknowledged")


def set_due(row: SubmissionRow, since: datetime | None = None) -> None:
    """Set by when somebody must react to a row, from when it was raised or from `since`.

    What does not wait is not due. Call it after the status, priority and time are set.
    """
    times, waits_since = due_times(), since or row.raised_at
    row.due_at = None
    if times is not None and waits_since is not None and row.status not in HANDLED:
        row.due_at = times.due(row.priority, waits_since)


def met_by_contact(row: SubmissionRow) -> None:
    """Take a contact attempt for what was due, where that is what the priority waits for."""
    if row.priority in _CONTACT:
        row.due_at = None


def fill_due(row: SubmissionRow) -> None:
    """Set it for a row from before there were due times.

    Contact was not logged then: a status beyond acknowledged says that somebody was in contact.
    """
    set_due(row)
    if row.status not in _NOT_REACHED_YET:
        met_by_contact(row)
