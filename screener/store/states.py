"""What staff may do with a submission: who may go from which status to which, and what it needs.

Pure rules. `review.py` asks them under the lock, so that they hold for every caller; the pages
ask the same rules for what they offer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from screener.danger import KINDS, PRESSING
from screener.store.errors import Refused

STATUSES = (
    "new",
    "acknowledged",
    "in_contact",
    "needs_information",
    "ready_for_physician",
    "decided",
    "closed",
)
HANDLED = ("decided", "closed")  # out of the waiting list
OPEN = tuple(status for status in STATUSES if status not in HANDLED)
ASKED = "needs_information"
CLINICIAN = "physician"
ROLES = ("intake", CLINICIAN)
PHYSICIANS_OWN = "A physician decided this. Only a physician can change or reopen it."
DANGERS = {"suicide": "suicide risk", "medical": "medical danger"}

# How the clinic tried to reach a person.
CONTACTS = ("phone", "text", "mail", "person", "other")

# The words that a clinic records by kind of danger; where a kind has none, none can be recorded.
Lists = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Standing:
    """What of a submission decides which steps may be taken.

    `pressing` is an emergency, an urgent one, or any other with a risk answer. `dangers` are the
    kinds that need a disposition before a pressing one leaves the waiting list.
    """

    status: str
    pressing: bool = False
    dangers: tuple[str, ...] = ()

    @property
    def waiting(self) -> bool:
        """Return whether it is in the waiting list."""
        return self.status not in HANDLED

    def leaves(self, to: str) -> bool:
        """Return whether this status takes it off the waiting list."""
        return self.waiting and to in HANDLED

    def reopens(self, to: str) -> bool:
        """Return whether this status brings it back into the waiting list."""
        return not self.waiting and to not in HANDLED


def standing(
    status: str, priority: str | None, risk: bool, progress: Mapping[str, Any]
) -> Standing:
    """Return the standing of a submission. A pressing one without a kept kind is suicide."""
    if priority not in PRESSING and not risk:
        return Standing(status)
    reported = progress.get("dangers") or ()
    kinds = tuple(kind for kind in KINDS if kind in reported)
    return Standing(status, True, kinds or KINDS[:1])


def steps(standing: Standing, role: str) -> tuple[str, ...]:
    """Return the statuses that somebody of this role may set now, in their order."""
    return tuple(to for to in STATUSES if not why_not(standing, role, to))


def why_not(standing: Standing, role: str, to: str) -> str:
    """Say why somebody of this role may not set a status now, or "" where they may."""
    clinician = role == CLINICIAN
    if standing.status == "decided" and not clinician:
        return PHYSICIANS_OWN
    if to == standing.status:
        return "It has this status already."
    if to == "new":
        return "Only the program makes a submission new again, when the person tells more."
    if standing.pressing and standing.status == "new" and to != "acknowledged":
        return "Acknowledge it first."
    if to in HANDLED and not standing.waiting:
        return "It is out of the waiting list already. Reopen it first."
    if standing.pressing and to in HANDLED and not clinician:
        return "A physician records the disposition and takes it off the waiting list."
    if to == "decided" and not clinician:
        return "Only a physician decides."
    return ""


def needs_reason(standing: Standing, to: str) -> bool:
    """Return whether a step needs a reason."""
    leaves_danger = standing.leaves(to) and standing.pressing
    return to == "closed" or standing.reopens(to) or leaves_danger


def check_contact(how: str, reached: bool | None) -> None:
    """Raise Refused, with everything that is wrong at once, unless an attempt can be logged.

    Anybody may log one at any time: it is a fact, whatever the status.
    """
    problems = {}
    if how not in CONTACTS:
        problems["how"] = "Say how you tried to reach the person."
    if reached is None:
        problems["reached"] = "Say whether you reached the person."
    if problems:
        raise Refused(problems)


def check_question(standing: Standing, role: str, question: str) -> None:
    """Raise Refused unless the person may be asked for something now; it may be asked again."""
    if standing.status != ASKED and (no := why_not(standing, role, ASKED)):
        raise Refused({"status": no})
    if not _says_something(question):
        raise Refused({"note": "Write what to ask the person."})


def check(
    standing: Standing,
    role: str,
    to: str,
    *,
    reason: str,
    chosen: Mapping[str, str],
    lists: Lists,
) -> None:
    """Raise Refused, with everything that is wrong at once, unless the step may be taken.

    `chosen` are dispositions by kind of danger, in the words of `lists`. Raises ValueError for
    what is no status and no role.
    """
    if to not in STATUSES:
        raise ValueError(f"not a status: {to!r}")
    if role not in ROLES:
        raise ValueError(f"not a role: {role!r}")
    if no := why_not(standing, role, to):
        raise Refused({"status": no})
    problems = {}
    if needs_reason(standing, to) and not _says_something(reason):
        problems["note"] = _NO_REASON[standing.reopens(to), to == "closed"]
    wanted = standing.dangers if standing.leaves(to) else ()
    given = [kind for kind, words in chosen.items() if words]
    for kind in dict.fromkeys([*wanted, *given]):
        if problem := _about(kind, kind in wanted, chosen.get(kind, ""), lists.get(kind, ())):
            problems[kind] = problem
    if problems:
        raise Refused(problems)


_NO_REASON = {
    (True, False): "Write why it is reopened.",
    (False, True): "Write why it is closed.",
    (False, False): "Write why it leaves the waiting list.",
}


def _about(kind: str, wanted: bool, words: str, offered: Sequence[str]) -> str:
    """Return what is wrong with the disposition for one kind of danger, or ""."""
    name = DANGERS.get(kind, kind)
    if not wanted:
        return f"A disposition for {name} is not recorded with this step."
    if not words:
        return f"Choose a disposition for {name}."
    return "" if words in offered else f"Choose a disposition for {name} from the list."


def _says_something(reason: str) -> bool:
    return any(character.isalnum() for character in reason)
