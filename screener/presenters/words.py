"""The few words staff pages share: statuses and priorities."""

from screener import store
from screener.engine.priorities import PRIORITIES

STATUSES = {
    "new": "New",
    "acknowledged": "Acknowledged",
    "in_contact": "In contact",
    "needs_information": "Needs information",
    "ready_for_physician": "Ready for physician",
    "decided": "Decided",
    "closed": "Closed",
}

OUTCOMES = {"met": "Met", "not_met": "Not met", "unknown": "Cannot tell"}

# The kinds of danger for which a clinician records a disposition.
DANGERS = {kind: word.capitalize() for kind, word in store.DANGERS.items()}

# Why a physician judges that a trial was adequate, or was not.
REASONS = {
    "kidneys": "Kidneys",
    "liver": "Liver",
    "age": "Age",
    "metabolism": "Slow metabolism",
    "other": "Another reason",
}

# How staff asked what they took down, and why some of it has no answer.
HOWS = {"phone": "On the phone", "person": "In person"}
ANSWERED_BY = {"person": "The person", "helper": "Somebody who helps them"}
NO_ANSWER = {
    "unknown": "Does not know",
    "declined": "Declined to answer",
    "not_asked": "Not asked",
}
# How the clinic tried to reach a person.
CONTACTED = {
    "phone": "Phone call",
    "text": "Text message",
    "mail": "Mail or e-mail",
    "person": "In person",
    "other": "Another way",
}

# The priorities that somebody must act on before reading anything else.
ACT_FIRST = PRIORITIES[: PRIORITIES.index("urgent") + 1]

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
    """Return a status as staff read it; an unknown one stays as it is."""
    return STATUSES.get(status, status.replace("_", " ").capitalize())


def in_hands(status: str, who: str | None) -> str:
    """Return who has a submission, or had it; "" if it is assigned to nobody."""
    if not who:
        return ""
    if status == "new":  # something came in that nobody has seen
        return f"was with {who}"
    return f"with {who}" if status in store.OPEN else f"by {who}"


def rank(priority: str | None) -> int:
    """Return the rank of a priority, smaller is more urgent; an unknown one comes last."""
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)


def asked_by_staff(answer: store.PhoneAnswer) -> str:
    """Return how an answer was asked and by whom it was taken down, to stand beside it."""
    helped = ", answered by somebody who helps them" if answer.by == "helper" else ""
    return f"asked {HOWS.get(answer.how, answer.how).lower()} by {answer.actor}{helped}"
