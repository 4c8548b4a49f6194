"""The audit log: append-only, each entry's hash taken over the one before, the last one sealed."""

import hashlib
import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import clock, rows
from screener.store.database import keyring, reading
from screener.store.errors import SealError
from screener.store.keyring import Place
from screener.store.tables import AuditHeadRow, AuditRow

_LOCKED = rows.by_key(AuditHeadRow).with_for_update()
_START = "0" * 64
HEAD = Place("audit_head", "1", "sealed_head")
_AT_ONCE = 1000


@dataclass(frozen=True)
class Broken:
    """Where the audit log stops being whole, and why."""

    number: int
    reason: str


@dataclass(frozen=True)
class Entry:
    """Who did what to what, and when. `late`: it entered the log later than it happened."""

    number: int
    at: datetime
    actor: str
    action: str
    object: str
    late: bool


def locked_head(session: Session) -> AuditHeadRow:
    """Return the end of the log, locked until the transaction ends."""
    head = rows.one_or_none(session, AuditHeadRow, _LOCKED, id=1)
    assert head is not None
    return head


def append(
    session: Session,
    actor: str,
    action: str,
    object: str,
    *,
    at: datetime | None = None,
    late: str | None = None,
) -> None:
    """Append an entry within a transaction; do it last, for the log's head stays locked.

    `object` is a reference or an endpoint, never health data. `at` is when it happened, now
    unless given; `late` is the id of an entry that comes in later than it happened.
    """
    head = locked_head(session)
    number, previous = _head(head.sealed_head)
    entry: dict[str, Any] = {
        "number": number + 1,
        "at": at or clock.now(),
        "actor": actor[:254],
        "action": action[:64],
        "object": object[:128],
        "previous": previous,
        "late": late,
    }
    entry["hash"] = _hash(SimpleNamespace(**entry))
    rows.add(session, AuditRow, **entry)
    head.sealed_head = keyring().seal([entry["number"], entry["hash"]], HEAD)
    rows.write(session, AuditHeadRow, head)


def verify_audit() -> Broken | None:
    """Go through the whole log. None when it is whole, else the first thing wrong."""
    statement = sa.select(AuditRow).order_by(AuditRow.number)
    with reading() as session:
        with closing(session.scalars(statement.execution_options(yield_per=_AT_ONCE))) as log:
            number, previous, broken = _follow(log)
        if broken is not None:
            return broken
        try:
            last, digest = _head(session.scalars(sa.select(AuditHeadRow.sealed_head)).one_or_none())
        except SealError as error:
            return Broken(number, f"the sealed end of the log does not open: {error}")
    if last > number:
        return Broken(number + 1, f"entries {number + 1} to {last} are missing at the end")
    if (last, digest) != (number, previous):
        return Broken(number, "the log does not end as its sealed end says: it was rewritten")
    return None


def _follow(log: Iterable[AuditRow]) -> tuple[int, str, Broken | None]:
    number, previous = 0, _START
    for row in log:
        number += 1
        reason = ""
        if row.number != number:
            reason = f"entry {number} is missing"
        elif row.previous != previous:
            reason = f"entry {number} does not follow from the one before"
        elif row.hash != _hash(row):
            reason = f"entry {number} was altered"
        if reason:
            return number, previous, Broken(number, reason)
        previous = row.hash
    return number, previous, None


def audit_entries(*, limit: int = 100, offset: int = 0) -> list[Entry]:
    """Return entries, the newest first."""
    statement = sa.select(AuditRow).order_by(AuditRow.number.desc()).limit(limit).offset(offset)
    with reading() as session:
        return [
            Entry(row.number, row.at, row.actor, row.action, row.object, row.late is not None)
            for row in session.scalars(statement)
        ]


def _head(sealed: bytes | None) -> tuple[int, str]:
    if sealed is None:
        return 0, _START
    number, digest = keyring().unseal(sealed, HEAD)
    return number, digest


def _hash(row: AuditRow | SimpleNamespace) -> str:
    fields = {
        "number": row.number,
        "at": row.at.isoformat(timespec="microseconds"),
        "actor": row.actor,
        "action": row.action,
        "object": row.object,
    }
    if row.late is not None:  # entries of before there were late ones keep their hash
        fields["late"] = row.late
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{row.previous}\n{text}".encode()).hexdigest()
