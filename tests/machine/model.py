"""What must be true of one questionnaire, from what the person was told was saved.

The model knows nothing of how the program works. It listens to what is sent and what comes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.machine import details
from tests.machine.browser import Values

Key = tuple[str, str]  # the page's address and the field; ("contact", "phone") for the contact page


@dataclass
class Questionnaire:
    """One questionnaire as the person knows it, found again by the token of its cookie.

    `stands` is what the person last put where. `waiting` are answers of another window that still
    wait for the person's choice. `risks` are the risk answers that were ever acknowledged, and
    `seen` those that staff could see when they last did something with it. `pending` is the
    highest priority since the last disposition, `highest` the highest ever.
    """

    who: str
    token: str
    reference: str
    saved_at: datetime
    stands: dict[Key, Values] = field(default_factory=dict)
    waiting: dict[Key, Values] = field(default_factory=dict)
    added: dict[Key, Values] = field(default_factory=dict)
    risks: set[tuple[str, str]] = field(default_factory=set)
    calls: int = 0
    unsafe: int = 0
    sent: bool = False
    stopped: bool = False  # under age
    may_go: bool = False  # something happened that may erase a form without risk answers
    gone: bool = False
    highest: str = ""
    pending: str = ""
    raised_at: datetime | None = None
    acted: bool = False  # staff acknowledged it since the last danger
    status: str = "new"
    notes: list[str] = field(default_factory=list)

    @property
    def at_risk(self) -> bool:
        """Whether it holds a risk answer, so that it must never go."""
        return bool(self.risks or self.calls or self.unsafe)

    @property
    def closed(self) -> bool:
        """Whether it takes no answers any more."""
        return self.sent or self.stopped

    def take(self, page: str, changes: Mapping[str, Values], at: datetime) -> None:
        """Take what the person changed on a page and was told is saved."""
        before = self._told()
        changes = dict(changes)
        for name in set(changes) & set(details.CONTACT_FIELDS):
            values = changes.pop(name)
            if values and not self.closed:
                self.stands["contact", details.CONTACT_FIELDS[name]] = values
        target = self.added if self.closed else self.stands
        danger = {risk for n, values in changes.items() for risk in details.dangers(n, values)}
        if not self.closed or danger:
            for name, values in changes.items():
                target[page, name] = values
                self.waiting.pop((page, name), None)
        self.risks |= danger
        if self._told() - before:
            fields = {n: v for (_, n), v in {**self.stands, **self.added}.items()}
            self.press(details.pressing(fields), at)

    def press(self, priority: str, at: datetime) -> None:
        """Take danger that staff have not seen: it waits, and since when."""
        if not priority:
            return
        self.acted = False
        if _higher(priority, self.pending):
            self.pending, self.raised_at = priority, at
        if _higher(priority, self.highest):
            self.highest = priority

    def act(self, status: str, at: datetime) -> None:
        """Take a status that staff have set."""
        self.acted = status != "new"
        if status in details.HANDLED:
            self.pending, self.raised_at = "", None
        elif self.status in details.HANDLED and self.highest:
            self.pending, self.raised_at = self.highest, at
        self.status = status

    def stop(self) -> None:
        """Take that the person is under age: all but danger and contact details goes."""
        self.stopped = True
        for kept in (self.stands, self.waiting):
            for key in list(kept):
                page, name = key
                if page not in ("contact", "birth") and not _is_danger(name, kept[key]):
                    del kept[key]

    def _told(self) -> set[tuple[str, str]]:
        fields = [*self.stands.items(), *self.added.items()]
        return {risk for (_, name), values in fields for risk in details.dangers(name, values)}


def _is_danger(name: str, values: Values) -> bool:
    return bool(details.dangers(name, values))


def _higher(left: str, right: str) -> bool:
    order = (*details.PRESSING, "")
    return order.index(left) < order.index(right)
