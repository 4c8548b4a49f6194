"""Another edition of the rules: who waits and was not screened under it, and keeping what it says.

A form is done when its last save was screened under that edition, or when a later screening under
it stands beside the first. So it does not matter who does it, how often it is begun, or where it
stopped.
"""

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import audit, clock, later, marks, records, rows
from screener.store.database import reading, writing
from screener.store.phone_answers import KIND, answers_with_phone
from screener.store.questionnaires import apply, place_in_queue
from screener.store.records import Change, Questionnaire
from screener.store.states import OPEN
from screener.store.tables import LaterScreeningRow, ReviewEventRow, SubmissionRow

_ROW = rows.by_key(SubmissionRow)
_LOCKED = _ROW.with_for_update()
_PROGRAM = "program"


def to_adopt(rulebook_hash: str) -> list[str]:
    """Return the ids of those who wait and were not screened under an edition, the longest first.

    They are submissions that staff have neither decided nor closed, and forms not sent yet that
    were saved.
    """
    query = sa.select(SubmissionRow.id).where(_waits(rulebook_hash))
    with reading() as session:
        return list(session.scalars(query.order_by(SubmissionRow.created_at, SubmissionRow.id)))


def waiting_form(id: str) -> Questionnaire | None:
    """Return the form of somebody who waits; None if it is gone by now."""
    with reading() as session:
        row = rows.one_or_none(session, SubmissionRow, _ROW, id=id)
        return None if row is None else _with_heard(session, row)


def adopt(
    id: str, rulebook_hash: str, look: Callable[[Questionnaire], Change | None]
) -> Change | None:
    """Keep what an edition says of one who waits, once; return what was written.

    `look` screens the form as it stands, under its lock, and says what to write: its `screening`
    is kept beside the first, which stays, and its priority must not be lower than the form has.
    None says that the form's own screening is of that edition. Nothing is written for who was
    screened under it meanwhile, is gone or does not wait any more.
    """
    with writing() as session:
        row = rows.one_or_none(session, SubmissionRow, _LOCKED, id=id)
        # A statement of its own: it sees what was written while this one waited for the lock.
        waits = sa.select(sa.exists().where(SubmissionRow.id == id, _waits(rulebook_hash)))
        if row is None or not session.scalar(waits):
            return None
        stands = _with_heard(session, row)
        written = look(stands)
        if written is None:
            row.screened_under = rulebook_hash
            rows.write(session, SubmissionRow, row)
            return None
        assert written.screening is not None
        now = clock.now()
        kept = replace(written, screening=None)
        apply(session, row, stands, kept, now, place_in_queue(row))
        later.keep(session, row, written.screening, now)
        if row.marked is not None:
            others = marks.screened_later(session, row)
            marks.write(session, row, stands.identity, stands.screening, others)
        rows.write(session, SubmissionRow, row)
        version = written.screening["rulebook"]["version"]
        audit.append(session, _PROGRAM, f"screened under {version}", row.reference)
        return written


def _with_heard(session: Session, row: SubmissionRow) -> Questionnaire:
    """Return a form with what staff took down, which an edition is asked about too."""
    taken = sa.exists().where(ReviewEventRow.submission_id == row.id, ReviewEventRow.kind == KIND)
    form = records.questionnaire(row)
    if not session.scalar(sa.select(taken)):
        return form
    return replace(form, heard=answers_with_phone(records.submission(session, row)))


def _waits(rulebook_hash: str) -> sa.ColumnElement[bool]:
    answered_at = sa.func.coalesce(SubmissionRow.submitted_at, SubmissionRow.updated_at)
    done = sa.exists().where(
        LaterScreeningRow.submission_id == SubmissionRow.id,
        LaterScreeningRow.rulebook_hash == rulebook_hash,
        LaterScreeningRow.at >= answered_at,
    )
    saved = sa.or_(
        SubmissionRow.submitted_at.is_not(None), SubmissionRow.sealed_screening.is_not(None)
    )
    return sa.and_(
        SubmissionRow.status.in_(OPEN),
        saved,
        SubmissionRow.screened_under.is_distinct_from(rulebook_hash),
        ~done,
    )
