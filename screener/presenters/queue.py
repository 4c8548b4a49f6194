"""The queue at a glance: most urgent first, then not acknowledged, then who waits longest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from screener.engine.protocol import Protocol
from screener.languages.names import form_language
from screener.presenters.causes import IN_BRIEF, also_reported, cause, explaining, unsafe_of
from screener.presenters.first_lines import first_line, folded
from screener.presenters.people import calls_of, name_of
from screener.presenters.times import moment, waited, without_today
from screener.presenters.words import STATUSES, in_hands, status_word
from screener.store import OPEN, QueuePart, QueueRow

SIZE = 25
FILTERS = {
    "open": OPEN,
    "closed": tuple(status for status in STATUSES if status not in OPEN),
}
_MOST_REASONS = 2


@dataclass(frozen=True)
class Filter:
    """What part of the queue is shown; `statuses` are those the store is asked for."""

    name: str
    statuses: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return its heading."""
        return "Waiting" if self.name == "open" else "Decided and closed"


@dataclass(frozen=True)
class QueueLine:
    """One line of the queue, all in words.

    `reasons` say why it has its priority, `requests` what the person asked for. `since` is when
    that priority was raised, `waiting` how long ago; "" for what is handled. `unreadable` keeps
    its place and its link, and shows nothing of what does not open. `language` is the one of the
    form, "" for English.
    """

    reference: str
    name: str
    unreadable: bool
    priority: str | None
    reasons: tuple[str, ...]
    requests: tuple[str, ...]
    since: str
    waiting: str
    unfinished: bool
    status: str
    is_new: bool
    hands: str
    programme: str
    language: str


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue: `first` to `last` of `count`.

    `before` and `after` name the pages on either side, "" where there are none.
    """

    filter: Filter
    lines: tuple[QueueLine, ...]
    counts: dict[str, int]
    count: int
    first: int
    before: str
    after: str

    @property
    def last(self) -> int:
        """Return the number of the last line shown."""
        return self.first + len(self.lines) - 1


def filter_of(name: str | None) -> Filter:
    """Return the filter of that name, or the one that shows what waits, which hides nobody."""
    name = name if name in FILTERS else "open"
    return Filter(name, FILTERS[name])


def queue_page(
    chosen: Filter,
    part: QueuePart,
    now: datetime,
    protocols: Mapping[str, Protocol],
) -> QueuePage:
    """Put one page together."""
    return QueuePage(
        filter=chosen,
        lines=lines(part.rows, now, protocols),
        counts={
            name: sum(part.counts.get(status, 0) for status in statuses)
            for name, statuses in FILTERS.items()
        },
        count=part.count,
        first=part.first,
        before=part.before,
        after=part.after,
    )


def lines(
    rows: Iterable[QueueRow], now: datetime, protocols: Mapping[str, Protocol]
) -> tuple[QueueLine, ...]:
    """Return the store's rows as lines; they name the programme where there are several."""
    return tuple(_line(row, now, protocols) for row in rows)


def _line(row: QueueRow, now: datetime, protocols: Mapping[str, Protocol]) -> QueueLine:
    protocol = protocols.get(row.protocol)
    programme = protocol.title if protocol else row.protocol
    is_open = row.status in OPEN
    priority = row.priority.capitalize() if row.priority else "Not screened yet"
    language = form_language(row.language)
    return QueueLine(
        reference=row.reference,
        name="Cannot be opened" if row.unreadable else name_of(row.identity),
        unreadable=row.unreadable,
        priority=row.priority,
        reasons=_reasons(row, protocol),
        requests=tuple(_requests(row, now)),
        since=f"{priority} since {without_today(moment(row.waiting_since), now)}",
        waiting=waited(row.waiting_since, now) if is_open else "",
        unfinished=row.unfinished,
        status=status_word(row.status),
        is_new=row.status == "new",
        hands=in_hands(row.status, row.assigned_to),
        programme=programme if len(protocols) > 1 else "",
        language="" if language.is_english else language.name,
    )


def _reasons(row: QueueRow, protocol: Protocol | None) -> tuple[str, ...]:
    """Return why the row has its priority, in a few words."""
    if row.unreadable:
        return ("What is stored does not open",)
    rules = protocol.rules if protocol else {}
    outcomes = row.screening.get("flags", {})
    flags = folded(protocol, outcomes)
    met, counted = explaining(protocol, row.priority, row.screening)
    reasons = [_flag(protocol, outcomes, id, flags[id]) for id in met if id in flags]
    reasons += [f"Cannot tell: {rules[id].title}" for id in counted]
    if not reasons:
        reported = also_reported(protocol, row.screening, row.progress)
        why = cause(row.priority, reported, row.progress)
        return (IN_BRIEF[why],) if why else ()
    more = len(reasons) - _MOST_REASONS
    return (*reasons[:_MOST_REASONS], *([f"and {more} more"] if more > 0 else []))


def _flag(
    protocol: Protocol | None, outcomes: Mapping[str, str], id: str, under: Iterable[str]
) -> str:
    """Return a flag's first line, with those that it speaks for in brackets."""
    lower = "; ".join(first_line(protocol, outcomes, each) for each in under)
    return first_line(protocol, outcomes, id) + (f" (under it: {lower})" if lower else "")


def _requests(row: QueueRow, now: datetime) -> Iterable[str]:
    """Return what the person asked for, each with its last time."""
    for what, times in (
        ("Asked for a call", calls_of(row.progress)),
        ("Not sure they are safe", unsafe_of(row.progress)),
    ):
        if times:
            again = f" ({len(times)} times)" if len(times) > 1 else ""
            yield f"{what}{again}: {without_today(times[-1], now)}"
