"""The queue at a glance: most urgent first, then not acknowledged, then who waits longest."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from screener.engine.protocol import Protocol
from screener.languages.names import form_language
from screener.presenters.causes import IN_BRIEF, also_reported, cause, explaining, unsafe_of
from screener.presenters.first_lines import first_line, folded
from screener.presenters.people import calls_of, name_of
from screener.presenters.same_person import listed, ordinal, stands
from screener.presenters.times import due_words, moment, waited, without_today
from screener.presenters.words import in_hands, status_word
from screener.store import MOST_COUNTED, OPEN, ListCounts, QueuePart, QueueRow

SIZE = 25
_MOST_REASONS = 2


@dataclass(frozen=True)
class QueueLine:
    """One line of the queue, all in words.

    `reasons` say why it has its priority, `requests` what the person asked for. `since` is when
    that priority was raised, `waiting` how long ago; "" for what is handled. `unreadable` keeps
    its place and its link, and shows nothing of what does not open. `language` is the one of the
    form, "" for English. `due` is by when somebody must react, `contact` when staff last tried to
    reach the person, `looking` who else has it open; "" for none of that. `is_mine` says that it is
    assigned to who looks at the list.

    `also` are the person's other forms of that day, which staff confirmed: the line has the highest
    priority and the earliest due time of all, and each keeps its own status. `repeated` says which
    form of this person it is, and what became of the last; "" for the only one.
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
    due: str = ""
    overdue: bool = False
    contact: str = ""
    looking: str = ""
    revision: int = 0
    is_mine: bool = False
    also: tuple["QueueLine", ...] = ()
    repeated: str = ""


@dataclass(frozen=True)
class QueuePage:
    """One page of the list or of what a search found.

    `range` says which of how many it shows. `before` and `after` name the pages on either side, ""
    where there are none. `state` is another one whenever anything on it is.
    """

    lines: tuple[QueueLine, ...]
    range: str
    before: str
    after: str
    has_last: bool
    state: str


@dataclass(frozen=True)
class TopCounts:
    """What stands above the list, each as it is shown: 500+ where there are more."""

    waiting: str
    handled: str
    overdue: str
    new: str
    complete: bool


def top_counts(counts: ListCounts) -> TopCounts:
    """Return the counts as they are shown, "" for no overdue and no new ones."""
    return TopCounts(
        counted(counts.waiting),
        counted(counts.handled),
        counted(counts.overdue) if counts.overdue else "",
        counted(counts.new) if counts.new else "",
        counts.complete,
    )


def counted(count: int) -> str:
    """Return a count as it is shown."""
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"


def queue_page(
    part: QueuePart,
    now: datetime,
    protocols: Mapping[str, Protocol],
    me: str = "",
    looking: Mapping[str, Sequence[str]] | None = None,
) -> QueuePage:
    """Put one page together; `looking` are those who have a submission open, by reference."""
    shown = lines(part.rows, now, protocols, me, looking)
    exact = part.count <= MOST_COUNTED
    range = (
        f"{part.first} to {part.first + len(shown) - 1} of " if part.first else "further down, of "
    )
    return QueuePage(
        lines=shown,
        range=range + (counted(part.count) if exact else f"more than {MOST_COUNTED}"),
        before=part.before,
        after=part.after,
        has_last=bool(part.after) and not exact,
        state=hashlib.sha256(repr((shown, part.count, part.first)).encode()).hexdigest()[:16],
    )


def lines(
    rows: Iterable[QueueRow],
    now: datetime,
    protocols: Mapping[str, Protocol],
    me: str = "",
    looking: Mapping[str, Sequence[str]] | None = None,
) -> tuple[QueueLine, ...]:
    """Return the store's rows as lines; they name the programme where there are several."""
    there = looking or {}

    def seen(row: QueueRow) -> QueueLine:
        return replace(
            _line(row, now, protocols),
            looking=", ".join(who for who in there.get(row.reference, ()) if who != me),
            is_mine=bool(me) and row.assigned_to == me,
            also=tuple(seen(other) for other in row.also),
        )

    return tuple(seen(row) for row in rows)


def _line(row: QueueRow, now: datetime, protocols: Mapping[str, Protocol]) -> QueueLine:
    protocol = protocols.get(row.protocol)
    programme = protocol.title if protocol else row.protocol
    is_open = row.status in OPEN
    priority = row.priority.capitalize() if row.priority else "Not screened yet"
    language = form_language(row.language)
    due_at = min((form.due_at for form in row.line if form.due_at), default=None)
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
        due=due_words(due_at, now) if due_at else "",
        overdue=due_at is not None and due_at < now,
        contact=without_today(moment(row.contacted_at), now) if row.contacted_at else "",
        revision=row.revision,
        repeated=_repeated(row, now),
    )


def _repeated(row: QueueRow, now: datetime) -> str:
    """Return which form of the person it is, and what became of the last one."""
    if not row.number:
        return ""
    numbers = sorted(form.number for form in row.line)
    words = f"{listed([*map(ordinal, numbers)])} form"
    if row.before is not None:
        words += f"; last: {stands(row.before.status, row.before.at, now)}"
    return words + (f"; {row.later} came later" if row.later else "")


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
