"""Keys over time: refuse a wrong one at start, and seal everything anew after a rotation."""

import sqlalchemy as sa
from flask import current_app

from screener.store import audit, clock, drafts, filling, later, outbox, recording, records
from screener.store.database import db, insert_missing, keyring, reading, writing
from screener.store.errors import DatabaseError, NotWritten, SealError, Unavailable
from screener.store.keyring import Place, key_id
from screener.store.tables import (
    AuditHeadRow,
    DraftRow,
    KeyCheckRow,
    LaterScreeningRow,
    MessageRow,
    ReviewEventRow,
    RiskAnswerRow,
    SubmissionRow,
)

_CHECK = "this key opens this database"
Sealed = SubmissionRow | RiskAnswerRow | ReviewEventRow | LaterScreeningRow | DraftRow | MessageRow
_TABLES: tuple[type[Sealed], ...] = (
    SubmissionRow,
    RiskAnswerRow,
    ReviewEventRow,
    LaterScreeningRow,
    MessageRow,
    DraftRow,
)


def check() -> None:
    """Refuse to start with a database that cannot be read or a key that does not open it.

    Raises DatabaseError or SealError, saying why. A key that is new is noted; a database that
    cannot be written now is served nevertheless, for staff can read it.
    """
    ring = keyring()
    try:
        with reading() as session:
            rows = session.scalars(sa.select(KeyCheckRow)).all()
    except (sa.exc.DBAPIError, Unavailable) as error:
        shown = db.engine.url.render_as_string(hide_password=True)
        reason = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        raise DatabaseError(f"the database {shown} cannot be read: {reason}") from error
    for row in rows:
        try:
            ring.unseal(row.sealed_check, _check_place(row.key_id))
        except SealError as error:
            raise SealError(
                f"SCREENER_ENCRYPTION_KEYS does not open this database ({error}). List key "
                f"{row.key_id!r} as it was when the data was stored; newer keys go before it"
            ) from None
    if ring.current not in {row.key_id for row in rows}:
        try:
            _note_key()
        except NotWritten as error:
            current_app.logger.error("the newest key is not noted yet: %s", error)
    db.engine.dispose()  # a server that forks now must not share an open connection


def _note_key() -> None:
    ring = keyring()
    with writing() as session:
        insert_missing(
            session,
            KeyCheckRow,
            key_id=ring.current,
            created_at=clock.now(),
            sealed_check=ring.seal(_CHECK, _check_place(ring.current)),
        )


def reseal(at_once: int = 100) -> int:
    """Seal with the current key whatever another key sealed; return how many values that were.

    Small transactions: it runs beside the service. Afterwards the old keys may be taken out,
    unless views still wait to enter the audit log (`drain_views`): theirs is needed then.
    """
    recording.drain_views()
    count = sum(_reseal_table(table, at_once) for table in _TABLES)
    with writing() as session:
        head = session.get_one(AuditHeadRow, 1, with_for_update=True)
        count += _reseal_row(head)
        session.execute(sa.delete(KeyCheckRow).where(KeyCheckRow.key_id != keyring().current))
    return count


def _reseal_table(table: type[Sealed], at_once: int) -> int:
    count = 0
    with reading() as session:
        ids = session.execute(sa.select(*table.__table__.primary_key)).all()
    for first in range(0, len(ids), at_once):
        with writing() as session:
            for identity in ids[first : first + at_once]:
                row = session.get(table, tuple(identity), with_for_update=True)
                count += _reseal_row(row) if isinstance(row, Sealed) else 0
                if isinstance(row, SubmissionRow) and row.marked is not None:
                    filling.mark_anew(session, row)
    return count


def _reseal_row(row: Sealed | AuditHeadRow) -> int:
    count = 0
    ring = keyring()
    for place in _places(row):
        sealed: bytes | None = getattr(row, place.column)
        if sealed is None or key_id(sealed) == ring.current:
            continue
        setattr(row, place.column, ring.seal(ring.unseal(sealed, place), place))
        count += 1
    return count


def _places(row: Sealed | AuditHeadRow) -> list[Place]:
    if isinstance(row, SubmissionRow):
        return [Place("submission", row.id, f"sealed_{field}") for field in records.FIELDS]
    if isinstance(row, AuditHeadRow):
        return [audit.HEAD]
    if isinstance(row, LaterScreeningRow):
        return [later.place(row)]
    if isinstance(row, MessageRow):
        return [outbox.place(row.id)]
    if isinstance(row, DraftRow):
        return [drafts.place(row.submission_id, row.email)]
    return [records.child_place(row)]


def _check_place(name: str) -> Place:
    return Place("key_check", name, "sealed_check")
