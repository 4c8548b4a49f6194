"""The staff's side: the queue, a submission, and what is done with it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import audit, clock, records
from screener.store.database import reading, writing
from screener.store.errors import Stale, UnknownQuestionnaire
from screener.store.records import HANDLED, STATUSES, QueueRow, Submission
from screener.store.tables import SubmissionRow

OPEN = tuple(status for status in STATUSES if status not in HANDLED)


def queue(*, statuses: Sequence[str] = OPEN, limit: int = 50, offset: int = 0) -> list[QueueRow]:
    """Return the queue: by priority, then who was not acknowledged, then since it was raised.

    Submitted ones, and unfinished ones in which a risk answer stood at any save.
    """
    statement = (
        sa.select(SubmissionRow)
        .where(*_queued(statuses))
        .order_by(
            SubmissionRow.priority_rank.asc().nulls_last(),
            sa.case((SubmissionRow.status == "new", 0), else_=1),
            SubmissionRow.raised_at.asc().nulls_last(),
            SubmissionRow.reference,
        )
        .limit(limit)
        .offset(offset)
    )
    with reading() as session:
        return [records.queue_row(row) for row in session.scalars(statement)]


def count_queue(*, statuses: Sequence[str] = OPEN) -> int:
    """Return how many stand in the queue."""
    statement = sa.select(sa.func.count()).select_from(SubmissionRow).where(*_queued(statuses))
    with reading() as session:
        return session.scalar(statement) or 0


def submission(reference: str) -> Submission | None:
    """Return a queued questionnaire with its history; None when there is none to see.

    An unfinished one without risk answers is the person's own and is not shown.
    """
    with reading() as session:
        row = _find(session, reference, lock=False)
        if row is None:
            return None
        return Submission(
            questionnaire=records.questionnaire(row),
            risk=row.risk,
            status=row.status,
            assigned_to=row.assigned_to,
            revision=row.revision,
            events=records.events(session, row.id),
            risk_answers=records.risk_answers(session, row.id),
        )


def set_status(reference: str, status: str, actor: str, revision: int, note: str = "") -> int:
    """Set the status, with a note, and return the new revision.

    `revision` is the one the page showed: Stale is raised when somebody was faster. Raises
    ValueError for an unknown status, UnknownQuestionnaire for an unknown reference.
    """
    if status not in STATUSES:
        raise ValueError(f"not a status: {status!r}")
    with writing() as session:
        row = _locked(session, reference, revision)
        body = {"from": row.status, "to": status, "note": note}
        row.status = status
        return _edited(session, row, actor, "status", body, f"status {status}")


def assign(reference: str, to: str | None, actor: str, revision: int) -> int:
    """Assign to a member of staff (None: to nobody) and return the new revision.

    Raises Stale and UnknownQuestionnaire as `set_status` does.
    """
    with writing() as session:
        row = _locked(session, reference, revision)
        body = {"from": row.assigned_to, "to": to}
        row.assigned_to = to
        return _edited(session, row, actor, "assignment", body, "assigned")


def add_note(reference: str, actor: str, text: str) -> None:
    """Append a note. It never conflicts with what others do. Raises UnknownQuestionnaire."""
    with writing() as session:
        row = _locked(session, reference, None)
        records.add_event(session, row, actor, "note", {"text": text}, clock.now())
        audit.append(session, actor, "note", row.reference)


def _queued(statuses: Sequence[str]) -> tuple[sa.ColumnElement[bool], ...]:
    seen = sa.or_(SubmissionRow.submitted_at.is_not(None), SubmissionRow.risk.is_(True))
    return seen, SubmissionRow.status.in_(statuses)


def _find(session: Session, reference: str, *, lock: bool) -> SubmissionRow | None:
    statement = sa.select(SubmissionRow).where(
        SubmissionRow.reference == records.plain_reference(reference), _queued(STATUSES)[0]
    )
    if lock:
        statement = statement.with_for_update()
    return session.scalars(statement).one_or_none()


def _locked(session: Session, reference: str, revision: int | None) -> SubmissionRow:
    row = _find(session, reference, lock=True)
    if row is None:
        raise UnknownQuestionnaire("there is no submission with this reference")
    if revision is not None and row.revision != revision:
        raise Stale(f"{row.reference} was changed since the page was opened")
    return row


def _edited(
    session: Session, row: SubmissionRow, actor: str, kind: str, body: dict[str, Any], action: str
) -> int:
    row.revision += 1
    records.add_event(session, row, actor, kind, body, clock.now())
    audit.append(session, actor, action, row.reference)
    return row.revision
