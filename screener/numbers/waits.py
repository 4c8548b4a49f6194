"""How long submissions waited for staff: since when, and what staff did, read from the history.

A submission waits from when it was sent or raised, and once more whenever it is raised again, the
person tells more, or staff reopen it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from screener.store import CountedForm

Reaction = Literal["acknowledged", "contacted", "decided"]
REACTIONS: tuple[Reaction, ...] = ("acknowledged", "contacted", "decided")

# in_time, late: against the limit; done: where there is no limit; open: not yet, and not late;
# without: it left the list without a contact attempt; none: nothing of the kind was called for.
State = Literal["in_time", "late", "done", "open", "without", "none"]
STATES: tuple[State, ...] = ("in_time", "late", "done", "open", "without", "none")

# At one moment: first what makes it new, then what starts a wait, then what staff did.
_ORDER = ("again", "sent", "raised", "reopened", "taken", "left", "contact")
_STARTS = ("again", "sent", "raised", "reopened")


@dataclass
class Wait:
    """One time that a submission waited, from `since` until it had to wait anew (or None).

    `is_new` says that somebody had to acknowledge it. The others are when it was first
    acknowledged, when staff first tried to reach the person, and when it left the list.
    """

    since: datetime
    is_new: bool
    until: datetime | None = None
    acknowledged: datetime | None = None
    contacted: datetime | None = None
    decided: datetime | None = None

    def took(self, reaction: Reaction) -> float | None:
        """Return the minutes until staff reacted, None where they have not."""
        at: datetime | None = getattr(self, reaction)
        return None if at is None else (at - self.since).total_seconds() / 60

    def state(self, reaction: Reaction, due: datetime | None, now: datetime) -> State:
        """Return how a reaction stands against its limit."""
        if reaction == "acknowledged" and not self.is_new:
            return "none"
        at: datetime | None = getattr(self, reaction)
        if at is not None:
            if due is None:
                return "done"
            return "late" if at > due else "in_time"
        if reaction == "contacted" and self.decided is not None:
            return "without"
        if due is not None and due < (self.until or now):
            return "late"
        return "open" if self.until is None else "none"


def waits_of(form: CountedForm) -> list[Wait]:
    """Return every time that a submission waited, oldest first."""
    waits: list[Wait] = []
    new = True
    for at, kind in _course(form):
        new = (new or kind == "again") and kind not in ("reopened", "taken", "left")
        last = waits[-1] if waits else None
        if kind in _STARTS:
            _begin(waits, Wait(at, new), kind)
        elif last is not None:
            _react(last, at, kind)
    return waits


def _course(form: CountedForm) -> list[tuple[datetime, str]]:
    given = [(form.submitted_at, "sent"), (form.raised_at, "raised")]
    course = [(at, kind) for at, kind in given if at is not None]
    course += [(step.at, step.kind) for step in form.steps]
    return sorted(course, key=lambda step: (step[0], _ORDER.index(step[1])))


def _begin(waits: list[Wait], wait: Wait, kind: str) -> None:
    last = waits[-1] if waits else None
    if last is None:
        waits.append(wait)
    elif kind == "reopened" and last.decided is None:
        pass  # the time at which it was raised is that of the reopening
    elif last.is_new and last.acknowledged is None:
        if kind == "raised":  # more pressing than before: its time begins anew
            waits[-1] = wait
    else:
        last.until = wait.since
        waits.append(wait)


def _react(wait: Wait, at: datetime, kind: str) -> None:
    if kind == "contact":
        wait.contacted = wait.contacted or at
        return
    if wait.is_new:
        wait.acknowledged = wait.acknowledged or at
    if kind == "left":
        wait.decided = wait.decided or at
