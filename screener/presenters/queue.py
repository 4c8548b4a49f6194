"""The queue at a glance: most urgent first, then who waits longest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from screener.engine.rulebook import Protocol
from screener.presenters.people import name_of
from screener.presenters.times import moment, waited
from screener.presenters.words import STATUSES, status_word
from screener.store import OPEN, QueueRow

SIZE = 25
FILTERS = {
    "open": OPEN,
    "closed": tuple(status for status in STATUSES if status not in OPEN),
}


@dataclass(frozen=True)
class Filter:
    """What part of the queue is shown; `statuses` are those the store is asked for."""

    name: str
    statuses: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its heading."""
        return "Waiting" if self.name == "open" else "Decided and closed"


@dataclass(frozen=True)
class Line:
    """One line of the queue, all in words."""

    reference: str
    name: str
    priority: str | None
    waiting: str
    since: str
    unfinished: str
    status: str
    is_new: bool
    assigned_to: str
    programme: str


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue. `first` to `last` of `count`; pages begin with 1."""

    filter: Filter
    lines: tuple[Line, ...]
    count: int
    page: int
    counts: dict[str, int]

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return pages(self.count)

    @property
    def first(self) -> int:
        """The number of the first line shown."""
        return (self.page - 1) * SIZE + 1

    @property
    def last(self) -> int:
        """The number of the last line shown."""
        return self.first + len(self.lines) - 1


def pages(count: int) -> int:
    """How many pages so many lines fill, one at least."""
    return max(1, -(-count // SIZE))


def filter_of(name: str | None) -> Filter:
    """The filter of that name; what is no filter shows what waits, the safe side."""
    name = name if name in FILTERS else "open"
    return Filter(name, FILTERS[name])


def lines(
    rows: Iterable[QueueRow], now: datetime, protocols: Mapping[str, Protocol]
) -> tuple[Line, ...]:
    """The store's rows as lines. Which programme it was is said where there are several."""
    titles = {id: one.title for id, one in protocols.items()}
    return tuple(
        _line(row, now, titles.get(row.protocol, row.protocol) if len(titles) > 1 else "")
        for row in rows
    )


def _line(row: QueueRow, now: datetime, programme: str) -> Line:
    # The store lists unfinished questionnaires only where a safety answer stood.
    unfinished = "Unfinished – risk answer" if row.unfinished else ""
    verb = "Started" if row.unfinished else "Sent"
    return Line(
        row.reference,
        "Cannot be opened" if row.unreadable else name_of(row.identity),
        row.priority,
        waited(row.waiting_since, now),
        f"{verb} {moment(row.waiting_since)}",
        unfinished,
        status_word(row.status),
        row.status == "new",
        row.assigned_to or "",
        programme,
    )
