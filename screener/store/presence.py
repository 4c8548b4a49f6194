"""Who has a submission open, so that two people do not call the same person.

A page that is open says so again and again. What was not heard of for a while is closed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from screener.store import clock, records, rows
from screener.store.connections import SHORT_WAIT
from screener.store.database import insert_missing, reading, writing
from screener.store.tables import LookingRow, SubmissionRow
from screener.store.waiting import queued

OPEN_FOR = timedelta(minutes=3)  # the script says it every minute; without it, this long

_OF = (
    sa.select(SubmissionRow.reference, LookingRow.email, LookingRow.since)
    .join_from(LookingRow, SubmissionRow, LookingRow.submission_id == SubmissionRow.id)
    .where(
        SubmissionRow.reference.in_(sa.bindparam("references", expanding=True)),
        LookingRow.seen_at > sa.bindparam("after", type_=LookingRow.seen_at.type),
    )
    .order_by(LookingRow.since, LookingRow.email)
)
_KEY = rows.by_key(LookingRow)


@dataclass(frozen=True)
class Looker:
    """Somebody who has a submission open, and since when."""

    email: str
    since: datetime


def look(reference: str, email: str) -> None:
    """Note that somebody has a submission open. Raises NotWritten; an unknown one is ignored."""
    now = clock.now()
    with writing(SHORT_WAIT) as session:
        named = SubmissionRow.reference == records.plain_reference(reference)
        id = session.scalar(sa.select(SubmissionRow.id).where(named, queued()))
        if id is None:
            return
        row = rows.one_or_none(session, LookingRow, _KEY, submission_id=id, email=email)
        if row is None:
            key = {"submission_id": id, "email": email}
            insert_missing(session, LookingRow, **key, since=now, seen_at=now)
            return
        if now - row.seen_at > OPEN_FOR:
            row.since = now
        row.seen_at = now
        rows.write(session, LookingRow, row)


def lookers(references: Iterable[str]) -> dict[str, list[Looker]]:
    """Return who has which of some submissions open, those first who have it open for longest."""
    named = {"references": list(references), "after": clock.now() - OPEN_FOR}
    open_at: dict[str, list[Looker]] = {}
    with reading() as session:
        for reference, email, since in session.execute(_OF, named):
            open_at.setdefault(reference, []).append(Looker(email, since))
    return open_at


def looking_at(references: Iterable[str]) -> dict[str, list[str]]:
    """Return who has which of some submissions open, by e-mail address."""
    return {
        reference: [looker.email for looker in those]
        for reference, those in lookers(references).items()
    }
