"""By when somebody should have reacted to a submission, as it is stored."""

from screener.store.states import HANDLED
from screener.store.tables import SubmissionRow

_BY_CONTACT = ("emergency", "urgent", "incomplete")


def set_due(row: SubmissionRow) -> None:
    """Set by when somebody must react to a row as it stands: nothing is due that does not wait."""
    if row.status in HANDLED:
        row.due_at = None


def met_by_contact(row: SubmissionRow) -> None:
    """Take what is due by the first attempt to reach the person for done."""
    if row.priority in _BY_CONTACT:
        row.due_at = None
