"""The patient's side: start, save page by page, submit once, or have it erased."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from screener.settings import Limit
from screener.store import (
    audit,
    clock,
    devices,
    due_dates,
    limits,
    lines,
    marks,
    outbox,
    records,
    returning,
    rows,
)
from screener.store.database import reading, writing
from screener.store.errors import AlreadySubmitted, TooOften
from screener.store.records import ALPHABET, Change, Questionnaire
from screener.store.tables import DeviceRow, ReviewEventRow, SubmissionRow

_PERSON = "person"  # the audit log names staff, and never the people who answer


def start(protocol: str, rulebook_version: str, rulebook_hash: str, *, language: str = "en") -> str:
    """Begin a questionnaire and return its token (for the person's cookie and nothing else)."""
    for _ in range(5):
        token = devices.new_token()
        now = clock.now()
        # The device on which a form is begun has the form's own id.
        row = SubmissionRow(
            id=devices.row_id(token),
            reference=_new_reference(),
            protocol=protocol,
            rulebook_version=rulebook_version,
            rulebook_hash=rulebook_hash,
            created_at=now,
            updated_at=now,
            risk=False,
            status="new",
            revision=1,
            language=language,
        )
        for field in ("identity", "answers", "progress"):
            records.put(row, field, {})
        try:
            with writing() as session:
                session.add(row)
                session.flush()
                session.add(DeviceRow(id=row.id, submission_id=row.id, seen_at=now))
            return token
        except IntegrityError:  # the reference is taken: one in 78 thousand million
            continue
    raise RuntimeError("no free reference found")


def load(token: str) -> Questionnaire | None:
    """Return the questionnaire of this token, or None when there is none."""
    with reading() as session:
        row = _device_form(session, devices.FORM, token)
        return None if row is None else records.questionnaire(row)


def save(
    token: str,
    *,
    answers: Mapping[str, Any] | None = None,
    identity: Mapping[str, Any] | None = None,
    progress: Mapping[str, Any] | None = None,
    change: Callable[[Questionnaire], Change] | None = None,
    limit: Limit | None = None,
) -> Questionnaire:
    """Change an unfinished questionnaire, one save at a time, and return it as saved.

    `change` receives it as it stands now and says what to write; saves of the same questionnaire
    wait for each other meanwhile, so nothing is lost. `answers`, `identity` and `progress` are
    merged in before that, key by key. `limit` counts the save within the same transaction. Raises
    AlreadySubmitted, UnknownQuestionnaire and TooOften.
    """
    given = {"answers": answers, "identity": identity, "progress": progress}
    with writing() as session:
        row = returning.form(session, token, lock=True)
        if row.submitted_at is not None:
            raise AlreadySubmitted(row.reference)
        if limit is not None and (wait := limits.taken(session, "save", row.id, limit)):
            raise TooOften(wait)
        before = stands = records.questionnaire(row)
        merged: dict[str, Any] = {
            name: getattr(stands, name) | dict(new) for name, new in given.items() if new
        }
        stands = replace(stands, **merged)
        now = clock.now()
        written = Change() if change is None else change(stands)
        unchanged = {name: new for name, new in merged.items() if getattr(written, name) is None}
        written = replace(written, **unchanged)
        apply(session, row, before, written, now, place_in_queue(row))
        row.updated_at = now
        rows.write(session, SubmissionRow, row)
        return _as_written(stands, row, written)


def submit(token: str, change: Callable[[Questionnaire], Change] | None = None) -> Questionnaire:
    """Submit once. Every further call returns the submission as it is and changes nothing.

    `change` writes the final screening, and may raise to leave everything as it was. Raises
    UnknownQuestionnaire.
    """
    with writing() as session:
        row = returning.form(session, token, lock=True)
        if row.submitted_at is None:
            now = clock.now()
            place = place_in_queue(row)
            stands = records.questionnaire(row)
            written = change(stands) if change is not None else Change()
            row.submitted_at = row.updated_at = now
            lines.set_day(row)
            apply(session, row, stands, written, now, place)
            _reopen(session, row, now)
            rows.write(session, SubmissionRow, row)
            audit.append(session, _PERSON, "submitted", row.reference)
            return _as_written(stands, row, written)
        return records.questionnaire(row)


def alert(token: str, change: Callable[[Questionnaire], Change]) -> Questionnaire:
    """Take what a person in danger reports, whether the questionnaire was sent or not.

    `change` may write progress, priority, risk and risk answers; the answers that were sent and
    their screening stay as they are. Raises UnknownQuestionnaire, and ValueError where the change
    holds anything else.
    """
    with writing() as session:
        row = returning.form(session, token, lock=True)
        stands = records.questionnaire(row)
        written = change(stands)
        if not (written.answers is written.identity is written.screening is None):
            raise ValueError("an alert changes neither answers nor identity nor their screening")
        now = clock.now()
        apply(session, row, stands, written, now, place_in_queue(row))
        row.updated_at = now
        rows.write(session, SubmissionRow, row)
        audit.append(session, _PERSON, "alert", row.reference)
        return _as_written(stands, row, written)


def discard(
    token: str, why: str = "", keep: Callable[[Questionnaire], Change | None] | None = None
) -> bool:
    """Erase an unfinished questionnaire with all that belongs to it; the audit log says so.

    `keep` looks at it under the lock that every save takes, and returns what to write of one that
    must stay, or None for one that may go; without it, all that staff can see stays. Whatever
    staff worked on stays too. What stays has an event that says `why` the person left it. Return
    whether nothing is left (an unknown token included, so that a repeated request succeeds).
    Raises AlreadySubmitted: a submission belongs to the clinic's records.
    """
    with writing() as session:
        row = _device_form(session, devices.LOCKED_FORM, token)
        if row is None:
            return True
        if row.submitted_at is not None:
            raise AlreadySubmitted(row.reference)
        change = Change() if row.risk else None
        stands = records.questionnaire(row)
        if keep is not None:
            change = keep(stands)
        if change is None and session.scalar(sa.select(_worked_on(row.id))):
            change = Change()
        if change is None:
            session.execute(sa.delete(SubmissionRow).where(SubmissionRow.id == row.id))
            audit.append(session, _PERSON, "erased", row.reference)
            return True
        now = clock.now()
        apply(session, row, stands, change, now, place_in_queue(row))
        rows.write(session, SubmissionRow, row)
        records.add_event(session, row, _PERSON, "left", {"why": why}, now)
        returning.end(session, row.id)
        audit.append(session, _PERSON, "left", row.reference)
        return False


def expire_drafts(days: int) -> int:
    """Erase unfinished questionnaires that nobody touched for so many days; return how many.

    One with a risk answer, or with anything that staff recorded, is never erased here, whatever
    its status: that needs people who decide it.
    """
    limit = clock.now() - timedelta(days=days)
    old = sa.select(SubmissionRow).where(
        SubmissionRow.submitted_at.is_(None),
        SubmissionRow.updated_at < limit,
        SubmissionRow.risk.is_(False),
        ~_worked_on(SubmissionRow.id),
    )
    with writing() as session:
        expired = session.scalars(old.with_for_update()).all()
        for row in expired:
            session.execute(sa.delete(SubmissionRow).where(SubmissionRow.id == row.id))
        for row in expired:
            audit.append(session, "program", "expired", row.reference)
    return len(expired)


def _worked_on(id: Any) -> sa.Exists:
    return sa.exists().where(ReviewEventRow.submission_id == id)


def _new_reference() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return records.plain_reference(letters)


def _device_form(session: Session, statement: sa.Select[Any], token: str) -> SubmissionRow | None:
    return rows.one_or_none(session, SubmissionRow, statement, device=devices.row_id(token))


def _as_written(before: Questionnaire, row: SubmissionRow, written: Change) -> Questionnaire:
    """Return the row after a change, without opening again what was just sealed."""
    fields = {name: getattr(written, name) for name in records.FIELDS}
    changed: dict[str, Any] = {
        name: dict(value) for name, value in fields.items() if value is not None
    }
    return replace(
        before,
        **changed,
        priority=row.priority,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        language=row.language,
    )


def place_in_queue(row: SubmissionRow) -> int | None:
    """Return the rank at which staff see a row; None while it is the person's own."""
    seen = row.risk or row.submitted_at is not None
    return row.priority_rank if seen else None


def apply(
    session: Session,
    row: SubmissionRow,
    stands: Questionnaire,
    change: Change,
    now: datetime,
    before: int | None,
) -> None:
    """Write a change to what `stands` in a row. `before` is the place that it had in the queue."""
    for field in records.FIELDS:
        value = getattr(change, field)
        if value is not None:
            records.put(row, field, value)
    if change.priority is not None:
        row.priority = change.priority
    if change.screening is not None:
        row.screened_under = change.screening.get("rulebook", {}).get("hash")
    if change.rank is not None:
        row.priority_rank = change.rank
    if change.language:
        row.language = change.language
    row.risk = row.risk or bool(change.risk)
    place = place_in_queue(row)
    if place != before or (place is not None and row.raised_at is None):
        row.raised_at = now
        outbox.raised(session, row, now)
        due_dates.set_due(row)
    _mark(session, row, stands, change)
    news = records.add_risk_answers(session, row.id, change.risk_answers or [], now)
    if (news or change.news) and row.risk:
        _reopen(session, row, now, change.why)


def _reopen(session: Session, row: SubmissionRow, now: datetime, why: str = "") -> None:
    # Staff acknowledged the questionnaire; what came since they have not seen. Nor has whoever
    # has its page open, so that an acknowledgement from there is not taken for this.
    row.revision += 1
    if row.status != "new":
        body = {"from": row.status, "to": "new", "note": ""} | ({"why": why} if why else {})
        if row.status in records.HANDLED:
            row.raised_at = now  # what was raised before is dealt with: this waits from now on
        row.status = "new"
        outbox.raised(session, row, now)
        records.add_event(session, row, "program", "status", body, now)
    if row.due_at is None:  # it was met: somebody must react once more
        due_dates.set_due(row, now)


def _mark(session: Session, row: SubmissionRow, stands: Questionnaire, change: Change) -> None:
    """Mark a row that staff see, where what its marks are made of changed or it is shown first."""
    if not (row.risk or row.submitted_at is not None):
        return
    if row.marked is None:
        due_dates.fill_due(row)
    elif change.identity is change.screening is None:
        return
    identity = stands.identity if change.identity is None else change.identity
    if change.screening is not None:
        marks.write(session, row, identity, change.screening, marks.heard(session, row))
    else:
        others = marks.screened_later(session, row)
        marks.write(session, row, identity, stands.screening, others)
