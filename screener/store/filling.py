"""Fills what the list needs of submissions from before it: marks, and by when each is due.

Both are made of sealed data, so that no migration can. A submission without marks is one to fill:
it does not matter who does it, how often it is begun, or where it stopped.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from screener.store import due_dates, marks, records, rows
from screener.store.database import reading, writing
from screener.store.errors import SealError
from screener.store.tables import SubmissionRow

_LOCKED = rows.by_key(SubmissionRow).with_for_update()
_MISSING = (SubmissionRow.listed > 0, SubmissionRow.marked.is_(None))


def fill_list(at_once: int = 50) -> int:
    """Mark every submission that has no marks yet, and say when it is due; return how many.

    Small transactions: it runs beside the service. What does not open is logged and passed over.
    """
    return sum(_filled(id) for ids in _portions(at_once) for id in ids)


def mark_anew(session: Session, row: SubmissionRow) -> None:
    """Make the marks of a locked row with the current key, where another one made them."""
    if marks.is_current(row):
        return
    stands = records.questionnaire(row)
    others = marks.screened_later(session, row)
    marks.write(session, row, stands.identity, stands.screening, others)


def _portions(at_once: int) -> Iterator[list[str]]:
    last = ""
    while True:
        missing = sa.select(SubmissionRow.id).where(*_MISSING, SubmissionRow.id > last)
        with reading() as session:
            ids = list(session.scalars(missing.order_by(SubmissionRow.id).limit(at_once)))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _filled(id: str) -> bool:
    try:
        with writing() as session:
            row = rows.one_or_none(session, SubmissionRow, _LOCKED, id=id)
            if row is None or row.marked is not None:
                return False  # somebody else was faster
            mark_anew(session, row)
            due_dates.fill_due(row)
            rows.write(session, SubmissionRow, row)
            return True
    except SealError as error:
        current_app.logger.error("a submission cannot be found by name: %s", error)
        return False
