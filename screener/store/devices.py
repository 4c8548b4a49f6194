"""The browsers that can open a questionnaire, each with a token of its own.

The cookie has the token and the store its hash. The device on which a form was begun is one of
them; others come with a code or a link (`returning.py`).
"""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import clock, rows
from screener.store.connections import SHORT_WAIT
from screener.store.database import reading, writing
from screener.store.errors import NotWritten
from screener.store.tables import DeviceRow, ReturnCodeRow, SubmissionRow

_DEVICE = rows.by_key(DeviceRow)
_SEEN_EVERY = timedelta(seconds=60)
# The submission of a device. Locked is the submission alone, and so are all its devices' saves.
FORM: sa.Select[Any] = sa.select(SubmissionRow.__table__).where(
    SubmissionRow.id
    == sa.select(DeviceRow.submission_id)
    .where(DeviceRow.id == sa.bindparam("device"))
    .scalar_subquery()
)
LOCKED_FORM = FORM.with_for_update()


@dataclass(frozen=True)
class Device:
    """One browser: when it last showed the form, and when the person last came back on it."""

    seen_at: datetime
    resumed_at: datetime | None


@dataclass(frozen=True)
class ReturnCode:
    """A code to come back with, while it is good. The code itself is not known here."""

    issued_at: datetime
    expires_at: datetime


def code_of(session: Session, submission_id: str) -> ReturnCode | None:
    """Return the code of a form, or None where there is none that is good."""
    kept = session.get(ReturnCodeRow, submission_id)
    if kept is None or kept.expires_at <= clock.now():
        return None
    return ReturnCode(kept.issued_at, kept.expires_at)


def new_token() -> str:
    """Return the token of a new device, for its cookie and nothing else."""
    return secrets.token_urlsafe(32)


def row_id(token: str) -> str:
    """Return the key of a device's row."""
    return hashlib.sha256(token.encode()).hexdigest()


def device(token: str, idle: timedelta) -> Device | None:
    """Return a device, and note that it is in use unless it was idle for longer than `idle`.

    None where the token is not known (any more). Use is noted once a minute at most; where it
    cannot be noted now, nothing else changes.
    """
    now = clock.now()
    with reading() as session:
        row = rows.one_or_none(session, DeviceRow, _DEVICE, id=row_id(token))
    if row is None:
        return None
    if _SEEN_EVERY <= now - row.seen_at <= idle:
        with suppress(NotWritten), writing(SHORT_WAIT) as session:
            _update(session, token, seen_at=now)
    return Device(row.seen_at, row.resumed_at)


def note_return(session: Session, token: str, now: datetime) -> None:
    """Note within a transaction that the person came back on a device that was idle."""
    _update(session, token, seen_at=now, resumed_at=now)


def end_devices(session: Session, submission_id: str, keep: str = "") -> int:
    """Let no device open a form any more that came with a code or a link, apart from `keep`.

    `keep` is a token. The device on which the form was begun has the form's own id. Return how
    many there were.
    """
    came = sa.delete(DeviceRow).where(
        DeviceRow.submission_id == submission_id,
        DeviceRow.id.not_in([submission_id, row_id(keep)]),
    )
    return len(session.scalars(came.returning(DeviceRow.id)).all())


def _update(session: Session, token: str, **values: datetime) -> None:
    session.execute(sa.update(DeviceRow).where(DeviceRow.id == row_id(token)).values(**values))
