"""Screenings under editions of the rules that were served after the answers were saved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.engine.priorities import PRIORITIES
from screener.store import rows
from screener.store.database import keyring
from screener.store.keyring import Place
from screener.store.tables import LaterScreeningRow, SubmissionRow

_OF = (
    sa.select(LaterScreeningRow.__table__)
    .where(LaterScreeningRow.submission_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(LaterScreeningRow.at)
)


@dataclass(frozen=True)
class LaterScreening:
    """What another edition of the rules said of the same answers, at `at`.

    `screening` has a `problem` instead of outcomes where that edition could not screen them.
    """

    at: datetime
    screening: dict[str, Any] = field(repr=False)


def governing(
    screening: Mapping[str, Any] | None, later: Iterable[LaterScreening]
) -> dict[str, Any]:
    """Return the screening with the highest priority, the newest where several have it."""
    every = [dict(screening or {}), *(kept.screening for kept in later)]
    return min(reversed(every), key=lambda screening: seriousness(screening.get("priority")))


def seriousness(priority: str | None) -> int:
    """Return a number for a priority, smaller is more serious.

    Who is under age comes last: the rules looked at nothing else, so that it outweighs nothing.
    """
    return len(PRIORITIES) if priority is None else PRIORITIES.index(priority) or len(PRIORITIES)


def rows_of(
    session: Session, listed: Sequence[SubmissionRow]
) -> dict[str, list[LaterScreeningRow]]:
    """Return the later screenings of the answers as they stand, oldest first, by submission."""
    by_id = {row.id: row for row in listed}
    kept: dict[str, list[LaterScreeningRow]] = {}
    for later in rows.several(session, LaterScreeningRow, _OF, ids=list(by_id)):
        row = by_id[later.submission_id]
        if later.at >= answered_at(row) and later.rulebook_hash != row.screened_under:
            kept.setdefault(row.id, []).append(later)
    return kept


def opened(kept: Iterable[LaterScreeningRow]) -> tuple[LaterScreening, ...]:
    """Open later screenings. Raises SealError."""
    return tuple(
        LaterScreening(row.at, keyring().unseal(row.sealed_screening, place(row))) for row in kept
    )


def answered_at(row: SubmissionRow) -> datetime:
    """Return since when the answers of a row can be what they are."""
    return row.submitted_at or row.updated_at


def keep(session: Session, row: SubmissionRow, screening: Mapping[str, Any], at: datetime) -> None:
    """Keep what another edition says of a row, which must be locked."""
    key = {"submission_id": row.id, "rulebook_hash": screening["rulebook"]["hash"]}
    kept = session.get(LaterScreeningRow, key)
    if kept is None:
        kept = LaterScreeningRow(**key)
        session.add(kept)
    # The clock may have been set back: it is of these answers all the same.
    kept.at = max(at, answered_at(row))
    kept.sealed_screening = keyring().seal(dict(screening), place(kept))
    session.flush()


def place(row: LaterScreeningRow) -> Place:
    """Return the place of a later screening's sealed value."""
    name = f"{row.submission_id}.{row.rulebook_hash}"
    return Place(LaterScreeningRow.__tablename__, name, "sealed_screening")
