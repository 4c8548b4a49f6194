"""The list of submissions: its order, its counts, and its pages by position.

A page begins after a place in the order and not after a count of rows: when others leave the list
meanwhile, nobody is passed over. No page costs more because more is stored. Where few submissions
are wanted, all of them are looked at; where there are many, an index is read along the order.

Forms that staff confirmed to be of one person and day are one line. It stands where its first form
stands that is wanted, is counted once, and shows all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import lines, records, rows, tokens
from screener.store.database import reading
from screener.store.keyring import Place
from screener.store.records import QueueRow
from screener.store.states import OPEN, STATUSES
from screener.store.tables import LIST_ORDER, SubmissionRow, UtcDateTime
from screener.store.wanted import Wanted, by_rule_alone, in_order, is_rare, selecting

MOST_COUNTED = 500  # beyond this, a count says only that there are more
LAST = "last"  # the place that shows the end of the list

_COLUMNS = (SubmissionRow.listed, *(getattr(SubmissionRow, name) for name in LIST_ORDER))
_TYPES: tuple[sa.types.TypeEngine[Any], ...] = (
    sa.Integer(),
    sa.Integer(),
    UtcDateTime(),
    sa.String(),
)
_PLACE = Place("queue", "", "place")
_SEEN = sa.or_(SubmissionRow.submitted_at.is_not(None), SubmissionRow.risk.is_(True))

Side = Literal["before", "after"]


@dataclass(frozen=True)
class QueuePart:
    """Some lines of what is wanted, of which there are `count`; the first is number `first`.

    A line is a row with the others of the same person and day, where staff confirmed any.

    A count above MOST_COUNTED is not exact: there are more than that, and `first` is 0 beyond the
    beginning. `before` and `after` lead to the rows on either side, "" where there are none.
    They are sealed: an address shows neither who is there nor why.
    """

    rows: tuple[QueueRow, ...]
    count: int
    first: int
    before: str
    after: str

    @property
    def references(self) -> list[str]:
        """Return the references of all that it shows."""
        return [form.reference for row in self.rows for form in row.line]


@dataclass(frozen=True)
class ListCounts:
    """How many wait, were handled, and are overdue; above MOST_COUNTED, more than that.

    `new` are those that were raised since a time and that nobody has acknowledged. `complete` is
    false while older submissions have no marks yet, so that a search does not find them.
    """

    waiting: int
    handled: int
    overdue: int
    new: int
    complete: bool = True


class _Key(NamedTuple):
    """A row's place in the order."""

    listed: int
    urgency: int
    since: datetime
    reference: str


def queue(*, statuses: Sequence[str] = OPEN, limit: int = 50) -> list[QueueRow]:
    """Return the top of the queue: by priority, then who was not acknowledged, then since when.

    Submitted ones, and unfinished ones in which a risk answer stood at any save.
    """
    chosen = sa.select(SubmissionRow.__table__).where(queued(statuses))
    with reading() as session:
        top = chosen.order_by(*_COLUMNS[1:]).limit(limit)
        return list(records.queue_rows(session, rows.several(session, SubmissionRow, top)))


def count_queue(*, statuses: Sequence[str] = OPEN) -> int:
    """Return how many are in the queue."""
    counted = sa.select(sa.func.count()).select_from(SubmissionRow).where(queued(statuses))
    with reading() as session:
        return session.scalar(counted) or 0


def list_counts(now: datetime, seen_at: datetime | None = None) -> ListCounts:
    """Return how many there are; `seen_at` is since when what came in is new."""
    waiting = Wanted()
    new = replace(waiting, status="new", raised_after=seen_at or now)
    every = (waiting, Wanted("handled"), replace(waiting, overdue_at=now), new)
    unmarked = sa.exists().where(SubmissionRow.listed > 0, SubmissionRow.marked.is_(None))
    with reading() as session:
        counts = session.execute(sa.select(*(_counting(each) for each in every), ~unmarked)).one()
    return ListCounts(counts[0], counts[1], counts[2], counts[3], bool(counts[4]))


def queue_part(wanted: Wanted | None = None, *, limit: int, at: str = "") -> QueuePart:
    """Return some rows of what is wanted, in the order of the list.

    `at` is the `before` or `after` of another part, or LAST; what is none of these shows the
    beginning. Where nothing is left on that side, the nearest rows are shown.
    """
    wanted = wanted or Wanted()
    place = _opened(at)
    with reading() as session:
        rare = is_rare(session, wanted, MOST_COUNTED)
        count = MOST_COUNTED + 1
        if wanted.rule is None or rare or not by_rule_alone(wanted):
            count = session.scalar(sa.select(_counting(wanted, rare=rare))) or 0
        if count <= MOST_COUNTED:
            shown, earlier, more = _among_few(session, wanted, limit, place, rare=rare)
        else:
            shown, earlier, more = _among_many(session, wanted, limit, place)
        if not shown:
            return QueuePart((), count, 0, "", "")
        return QueuePart(
            lines.of_rows(session, shown),
            count,
            earlier + 1 if earlier is not None else 0,
            _sealed("before", _key(shown[0])) if earlier != 0 else "",
            _sealed("after", _key(shown[-1])) if more else "",
        )


def queued(statuses: Sequence[str] = STATUSES) -> sa.ColumnElement[bool]:
    """Return the condition for what staff may see at all, in one of these statuses."""
    return sa.and_(_SEEN, SubmissionRow.status.in_(statuses))


# With how many come before (None: some), and whether any come after.
_Shown = tuple[Sequence[SubmissionRow], int | None, bool]
_At = tuple[Side, _Key | None] | None


def _among_few(session: Session, wanted: Wanted, limit: int, at: _At, *, rare: bool) -> _Shown:
    """Look at all that is wanted: the order of a few hundred is made here."""
    # Without the order of SQL a database looks for what is rarest.
    every = session.connection().execute(selecting(wanted, *_COLUMNS, rare=rare))
    keys = sorted({_Key(*values) for values in every})
    begin = _beginning(keys, limit, at)
    page = keys[begin : begin + limit]
    named = sa.select(SubmissionRow.__table__).where(
        SubmissionRow.reference.in_([key.reference for key in page])
    )
    shown = sorted(rows.several(session, SubmissionRow, named), key=_key)
    return shown, begin, begin + len(page) < len(keys)


def _beginning(keys: list[_Key], limit: int, at: _At) -> int:
    """Return where a page begins among all keys."""
    if at is None:
        return 0
    side, place = at
    if side == "before":
        end = len(keys) if place is None else sum(key < place for key in keys)
        return max(0, end - limit)
    begin = sum(key <= place for key in keys) if place is not None else 0
    return begin if begin < len(keys) else max(0, len(keys) - limit)


def _among_many(session: Session, wanted: Wanted, limit: int, at: _At) -> _Shown:
    """Read an index along the order, from a place on."""
    columns = _order(wanted)
    chosen = in_order(wanted).limit(limit + 1)
    if at is not None:
        side, key = at
        if side == "after" and key is not None:
            after = chosen.where(sa.tuple_(*columns) > _row_of(key, wanted))
            shown = rows.several(session, SubmissionRow, after.order_by(*columns))
            if shown:
                shown, more = shown[:limit], len(shown) > limit
                return shown, None, more
            key = None
        before = chosen if key is None else chosen.where(sa.tuple_(*columns) < _row_of(key, wanted))
        backwards = before.order_by(*(column.desc() for column in columns))
        shown = rows.several(session, SubmissionRow, backwards)[:limit][::-1]
        if len(shown) == limit:
            if key is None:  # the end of a list that has more than one page
                return shown, None, False
            return shown, _none_before(session, wanted, shown[0]), True
    shown = rows.several(session, SubmissionRow, chosen.order_by(*columns))
    return shown[:limit], 0, len(shown) > limit


def _order(wanted: Wanted) -> tuple[Any, ...]:
    # In one list all have the same first place: an index is read from the second on.
    return _COLUMNS[1:] if wanted.one_list else _COLUMNS


def _counting(wanted: Wanted, *, rare: bool = False) -> sa.ScalarSelect[int]:
    """Return how many are wanted, up to one more than are counted."""
    some = selecting(wanted, sa.literal(1).label("counted"), rare=rare).limit(MOST_COUNTED + 1)
    return sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery()


def _none_before(session: Session, wanted: Wanted, row: SubmissionRow) -> int | None:
    """Return 0 where nobody comes before a row, None where somebody does."""
    before = in_order(wanted).where(sa.tuple_(*_order(wanted)) < _row_of(_key(row), wanted))
    return None if session.scalar(sa.select(before.exists())) else 0


def _key(row: SubmissionRow) -> _Key:
    assert row.listed is not None and row.urgency is not None and row.since is not None
    return _Key(row.listed, row.urgency, row.since, row.reference)


def _row_of(key: _Key, wanted: Wanted) -> sa.ColumnElement[Any]:
    values = [sa.literal(value, of) for value, of in zip(key, _TYPES, strict=True)]
    return sa.tuple_(*(values[1:] if wanted.one_list else values))


def _sealed(side: Side, key: _Key) -> str:
    value = [side, key.listed, key.urgency, key.since.isoformat(), key.reference]
    return tokens.seal_token(value, _PLACE)


def _opened(at: str) -> _At:
    """Read a place; None for what none of our keys has sealed, such as a key that was retired."""
    if at == LAST:
        return "before", None
    opened = tokens.open_token(at, _PLACE)
    if opened is None:
        return None
    side, listed, urgency, since, reference = opened
    return side, _Key(listed, urgency, datetime.fromisoformat(since), reference)
