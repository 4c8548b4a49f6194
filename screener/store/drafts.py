"""What staff typed about a submission and did not use yet: sealed, one a person and submission.

It is theirs alone, and gone once it is used. It goes with the submission.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import clock, records, rows
from screener.store.database import keyring, reading, writing
from screener.store.keyring import Place
from screener.store.tables import DraftRow, SubmissionRow
from screener.store.waiting import queued

_CALL = "call "  # before the address, which holds no space, where it is of the call script
_DRAFT = rows.by_key(DraftRow)
_ID = sa.select(SubmissionRow.id).where(SubmissionRow.reference == sa.bindparam("named"), queued())


@dataclass(frozen=True)
class StaffDraft:
    """What somebody typed, by field, when it was last kept."""

    at: datetime
    typed: dict[str, str] = field(repr=False)


def draft(reference: str, email: str) -> StaffDraft | None:
    """Return what this person typed about a submission and did not use yet. Raises SealError."""
    with reading() as session:
        id = _id(session, reference)
        row = id and rows.one_or_none(session, DraftRow, _DRAFT, submission_id=id, email=email)
        if not row:
            return None
        typed = keyring().unseal(row.sealed_typed, place(row.submission_id, row.email))
        return StaffDraft(row.at, typed)


def keep_draft(reference: str, email: str, typed: Mapping[str, str]) -> bool:
    """Keep what somebody typed in place of what was kept; nothing typed: keep nothing.

    Return whether there is such a submission.
    """
    with writing() as session:
        id = _id(session, reference)
        if id is None:
            return False
        put(session, id, email, typed)
        return True


def keep_entered(reference: str, email: str, entered: str) -> bool:
    """Keep what somebody entered on the call script and could not save; "" keeps nothing.

    It stands beside what they typed on the submission, and neither replaces the other.
    """
    return keep_draft(reference, _CALL + email, {"entered": entered})


def entered(reference: str, email: str) -> str:
    """Return what was kept of the call script for this person, "" for nothing. Raises SealError."""
    kept = draft(reference, _CALL + email)
    return kept.typed.get("entered", "") if kept else ""


def put(session: Session, submission_id: str, email: str, typed: Mapping[str, str]) -> None:
    """Replace a draft within a transaction."""
    key = {"submission_id": submission_id, "email": email}
    session.execute(sa.delete(DraftRow).filter_by(**key))
    kept = {name: text for name, text in typed.items() if text}
    if kept:
        sealed = keyring().seal(kept, place(submission_id, email))
        rows.add(session, DraftRow, **key, at=clock.now(), sealed_typed=sealed)


def place(submission_id: str, email: str) -> Place:
    """Return the place of a draft's sealed value."""
    return Place(DraftRow.__tablename__, f"{submission_id}.{email}", "sealed_typed")


def _id(session: Session, reference: str) -> str | None:
    return session.scalar(_ID, {"named": records.plain_reference(reference)})
