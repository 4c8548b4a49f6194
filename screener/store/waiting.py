"""The queue: its order, and its pages by position.

A page begins after a place in the order and not after a count of rows: when others leave the list
meanwhile, nobody is passed over.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import records, rows
from screener.store.database import keyring, reading
from screener.store.errors import SealError
from screener.store.keyring import Place
from screener.store.records import QueueRow
from screener.store.states import OPEN, STATUSES
from screener.store.tables import SubmissionRow, UtcDateTime

_NO_RANK = 1_000  # whoever was not screened comes last
_RANK = sa.func.coalesce(SubmissionRow.priority_rank, _NO_RANK)
_ACKNOWLEDGED = sa.case((SubmissionRow.status == "new", 0), else_=1)
_SINCE = sa.func.coalesce(
    SubmissionRow.raised_at, SubmissionRow.submitted_at, SubmissionRow.created_at
)
_ORDER = (_RANK, _ACKNOWLEDGED, _SINCE, SubmissionRow.reference)
_TYPES: tuple[sa.types.TypeEngine[Any], ...] = (
    sa.Integer(),
    sa.Integer(),
    UtcDateTime(),
    sa.String(),
)
_PLACE = Place("queue", "", "place")
_SEEN = sa.or_(SubmissionRow.submitted_at.is_not(None), SubmissionRow.risk.is_(True))
_COUNTS = (
    sa.select(SubmissionRow.status, sa.func.count()).where(_SEEN).group_by(SubmissionRow.status)
)
_TOP = (
    sa.select(SubmissionRow.__table__)
    .where(_SEEN, SubmissionRow.status.in_(sa.bindparam("statuses", expanding=True)))
    .order_by(*_ORDER)
    .limit(sa.bindparam("most", type_=sa.Integer))
)

Side = Literal["before", "after"]


@dataclass(frozen=True)
class QueuePart:
    """Some rows of the queue, which has `count`; the first of them is number `first`.

    `counts` says how many have each status, also in those that were not asked for. `before`
    and `after` lead to the rows on either side, "" where there are none. They are sealed: an
    address shows neither who is there nor why.
    """

    rows: tuple[QueueRow, ...]
    counts: Mapping[str, int]
    count: int
    first: int
    before: str
    after: str


class _Key(NamedTuple):
    """A row's place in the order."""

    rank: int
    acknowledged: int
    since: datetime
    reference: str


def queue(*, statuses: Sequence[str] = OPEN, limit: int = 50) -> list[QueueRow]:
    """Return the top of the queue: by priority, then who was not acknowledged, then since when.

    Submitted ones, and unfinished ones in which a risk answer stood at any save.
    """
    with reading() as session:
        return list(records.queue_rows(session, _first(session, statuses, limit)))


def count_queue(*, statuses: Sequence[str] = OPEN) -> int:
    """Return how many are in the queue."""
    with reading() as session:
        counts = _counts(session)
    return sum(counts.get(status, 0) for status in statuses)


def queue_part(*, statuses: Sequence[str] = OPEN, limit: int, at: str = "") -> QueuePart:
    """Return some rows of the queue, in its order.

    `at` is the `before` or `after` of another part; what is neither shows the beginning. Where
    nothing is left on that side, the nearest rows are shown.
    """
    with reading() as session:
        counts = _counts(session)
        count = sum(counts.get(status, 0) for status in statuses)
        place = _opened(at)
        shown = _rows(session, statuses, limit, place)
        if not shown:
            return QueuePart((), counts, count, 0, "", "")
        # Without a place it begins at the top, where nobody comes before.
        earlier = _count_before(session, statuses, _row_of(_key(shown[0]))) if place else 0
        more = earlier + len(shown) < count
        return QueuePart(
            records.queue_rows(session, shown),
            counts,
            count,
            earlier + 1,
            _sealed("before", _key(shown[0])) if earlier else "",
            _sealed("after", _key(shown[-1])) if more else "",
        )


def queued(statuses: Sequence[str] = STATUSES) -> sa.ColumnElement[bool]:
    """Return the condition for what staff may see at all, in one of these statuses."""
    return sa.and_(_SEEN, SubmissionRow.status.in_(statuses))


def _rows(
    session: Session, statuses: Sequence[str], limit: int, at: tuple[Side, _Key] | None
) -> Sequence[SubmissionRow]:
    if at is None:
        return _first(session, statuses, limit)
    side, key = at
    chosen = sa.select(SubmissionRow.__table__).where(queued(statuses)).limit(limit)
    place = sa.tuple_(*_ORDER)
    if side == "after":
        after = chosen.where(place > _row_of(key)).order_by(*_ORDER)
        return rows.several(session, SubmissionRow, after) or _last(session, chosen)
    before = _last(session, chosen.where(place < _row_of(key)))
    return before if len(before) == limit else _first(session, statuses, limit)


def _first(session: Session, statuses: Sequence[str], limit: int) -> Sequence[SubmissionRow]:
    return rows.several(session, SubmissionRow, _TOP, statuses=list(statuses), most=limit)


def _last(session: Session, chosen: sa.Select[Any]) -> Sequence[SubmissionRow]:
    backwards = chosen.order_by(*(column.desc() for column in _ORDER))
    return rows.several(session, SubmissionRow, backwards)[::-1]


def _counts(session: Session) -> dict[str, int]:
    """Return how many submissions have each status."""
    return {status: count for status, count in session.connection().execute(_COUNTS)}


def _count_before(session: Session, statuses: Sequence[str], key: sa.ColumnElement[Any]) -> int:
    counted = sa.select(sa.func.count()).select_from(SubmissionRow).where(queued(statuses))
    return session.scalar(counted.where(sa.tuple_(*_ORDER) < key)) or 0


def _key(row: SubmissionRow) -> _Key:
    rank = _NO_RANK if row.priority_rank is None else row.priority_rank
    return _Key(rank, int(row.status != "new"), records.waiting_since(row), row.reference)


def _row_of(key: _Key) -> sa.ColumnElement[Any]:
    return sa.tuple_(*(sa.literal(value, of) for value, of in zip(key, _TYPES, strict=True)))


def _sealed(side: Side, key: _Key) -> str:
    value = [side, key.rank, key.acknowledged, key.since.isoformat(), key.reference]
    return base64.urlsafe_b64encode(keyring().seal(value, _PLACE)).decode().rstrip("=")


def _opened(at: str) -> tuple[Side, _Key] | None:
    """Read a place; None for what none of our keys has sealed, such as a key that was retired."""
    try:
        raw = base64.urlsafe_b64decode(at.encode("ascii") + b"=" * (-len(at) % 4))
        side, rank, acknowledged, since, reference = keyring().unseal(raw, _PLACE)
    except (binascii.Error, UnicodeError, SealError):
        return None
    return side, _Key(rank, acknowledged, datetime.fromisoformat(since), reference)
