"""The few words staff pages share: statuses and priorities."""

from screener import store
from screener.engine.protocol import PRIORITIES

STATUSES = {
    "new": "New",
    "acknowledged": "Acknowledged",
    "in_contact": "In contact",
    "needs_information": "Needs information",
    "ready_for_physician": "Ready for physician",
    "decided": "Decided",
    "closed": "Closed",
}

# The kinds of danger for which a clinician records a disposition.
DANGERS = {kind: word.capitalize() for kind, word in store.DANGERS.items()}

# What somebody must act on before anything else is read.
SAFETY = PRIORITIES[: PRIORITIES.index("urgent") + 1]

MEANINGS = {
    "ineligible": "Not eligible: under 18",
    "emergency": "Emergency",
    "urgent": "Urgent",
    "hold": "Hold: do not schedule before a physician has cleared it",
    "incomplete": "Incomplete",
    "review": "For review",
    "note": "For the physician’s information",
}


def status_word(status: str) -> str:
    """A status as staff read it; one that is not known stays as it is."""
    return STATUSES.get(status, status.replace("_", " ").capitalize())


def in_hands(status: str, who: str | None) -> str:
    """Who has a submission, or had it; "" where it is nobody's."""
    if not who:
        return ""
    if status == "new":  # what came since nobody has seen
        return f"was with {who}"
    return f"with {who}" if status in store.OPEN else f"by {who}"


def rank(priority: str | None) -> int:
    """The place of a priority, smaller is more urgent; what is none comes last."""
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)
