"""What people are told outside of this program: alerts, and the messages that come of them.

An alert is written in the transaction that raises a submission, so that it is never lost. A worker
turns alerts into messages and sends them. Taking a message moves the time ahead at which it is
free, so that of several workers one alone sends it, and a killed one loses nothing: it then goes
again, with the same id.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store import audit, clock, rows
from screener.store.database import insert_missing, keyring, writing
from screener.store.errors import SealError
from screener.store.keyring import Place
from screener.store.tables import AlertRow, MessageRow, SubmissionRow, WorkerRow

LEASE = timedelta(minutes=5)  # far longer than one try may take


@dataclass(frozen=True)
class Content:
    """Whom a message goes to, and what it holds where that is not the same for everybody.

    `secret` names the secret that signs a webhook. `subject` and `text` are empty for messages to
    staff: these say one fixed thing.
    """

    address: str = field(repr=False)
    secret: str = ""
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class Message:
    """A message that this worker has taken. `kind` is alert, test or link."""

    id: str
    kind: str
    channel: str
    recipient: str
    content: Content = field(repr=False)
    created_at: datetime
    tries: int
    lease: str = field(repr=False)


@dataclass(frozen=True)
class Draft:
    """A message to be written: to which entry of the clinic's list, how, and when.

    Of those that are due the smallest `rank` goes first, so that nothing is before an emergency.
    """

    recipient: str
    channel: str
    content: Content
    at: datetime
    rank: int = 1


@dataclass(frozen=True)
class DueAlert:
    """An alert that is due: of which priority, and who was told last ("" for nobody yet)."""

    priority: str
    told: str


@dataclass(frozen=True)
class NextStep:
    """What comes of an alert: messages, who was told last, when it is due again (None: never)."""

    drafts: tuple[Draft, ...]
    told: str = ""
    again: datetime | None = None


def place(id: str) -> Place:
    """Return the place of what is sealed of a message."""
    return Place("outbox", id, "sealed_content")


def raised(session: Session, row: SubmissionRow, now: datetime) -> None:
    """Note that staff must be told of a submission, within the transaction that raises it.

    An alert that it had begins anew: there is more to tell of.
    """
    session.execute(sa.delete(AlertRow).where(AlertRow.submission_id == row.id))
    if row.priority is None:
        return
    columns = {"submission_id": row.id, "priority": row.priority, "raised_at": now}
    rows.add(session, AlertRow, **columns, next_at=now, told="")


def tell_next(plan: Callable[[DueAlert, datetime], NextStep]) -> bool:
    """Write the messages of one alert that is due; return False when none is.

    `plan` says whom to tell. An alert ends when somebody acknowledged the submission, and when
    there is no further step.
    """
    now = clock.now()
    with writing() as session:
        # Both are locked, in one statement that waits for neither: a save that holds its form
        # may be waiting to write this alert.
        due = (
            sa.select(AlertRow.__table__, SubmissionRow.status)
            .join(SubmissionRow, SubmissionRow.id == AlertRow.submission_id)
            .where(AlertRow.next_at <= now)
            .order_by(AlertRow.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        alert = session.execute(due).one_or_none()
        if alert is None:
            return False
        step = NextStep(())
        if alert.status == "new":
            step = plan(DueAlert(alert.priority, alert.told), now)
        for draft in step.drafts:
            _add(session, draft, "alert", alert.submission_id, now)
        this = AlertRow.submission_id == alert.submission_id
        if step.again is None:
            session.execute(sa.delete(AlertRow).where(this))
        else:
            kept = {"told": step.told, "next_at": step.again}
            session.execute(sa.update(AlertRow).where(this).values(kept))
    return True


def take_message() -> Message | None:
    """Take the message that is due for longest, for this worker alone; None when none is due.

    One that is not needed any more, because somebody acknowledged the submission, is dropped.
    """
    while True:
        now = clock.now()
        with writing() as session:
            row = session.scalars(_due(now)).one_or_none()
            if row is None:
                return None
            if not _needed(session, row):
                _end(row, "dropped", "acknowledged before it was sent", now)
                continue
            try:
                content = Content(**keyring().unseal(row.sealed_content, place(row.id)))
            except SealError:  # the others must not wait behind it
                _end(row, "dead", "it cannot be opened with the keys of this program", now)
                continue
            row.lease = secrets.token_hex(16)
            row.next_at = now + LEASE
            row.tries += 1
            return Message(
                row.id,
                row.kind,
                row.channel,
                row.recipient,
                content,
                row.created_at,
                row.tries,
                row.lease,
            )


def was_sent(message: Message) -> bool:
    """Note that a message was sent; return whether it was still this worker's."""
    with writing() as session:
        row = _mine(session, message)
        if row is not None:
            _end(row, "sent", "", clock.now())
        return row is not None


def will_retry(message: Message, reason: str, at: datetime) -> bool:
    """Note why a message was not sent, and when it is tried again."""
    with writing() as session:
        row = _mine(session, message)
        if row is not None:
            row.reason, row.next_at, row.lease = reason, at, ""
        return row is not None


def gave_up(message: Message, reason: str) -> bool:
    """Note that a message is not tried any more, and let the next person be told at once."""
    with writing() as session:
        row = _mine(session, message)
        if row is None:
            return False
        _end(row, "dead", reason, clock.now())
        about = row.submission_id
    # A transaction of its own, which holds one lock alone, as whoever raises an alert may.
    with writing() as session:
        told_last = (AlertRow.submission_id == about, AlertRow.told == message.recipient)
        session.execute(sa.update(AlertRow).where(*told_last).values(next_at=clock.now()))
    return True


def send_test(draft: Draft, actor: str) -> str:
    """Write a test message to be sent at once, note who asked for it, and return its id."""
    with writing() as session:
        id = _add(session, draft, "test", None, clock.now())
        audit.append(session, actor, "test notification", draft.recipient or "oneself")
    return id


def send_link(session: Session, row: SubmissionRow, content: Content) -> None:
    """Write a message with the link of a form to its person, within a transaction."""
    now = clock.now()
    _add(session, Draft("", "mail", content, now, rank=2), "link", row.id, now)
    audit.append(session, "person", "return link mailed", row.reference)


def note_worker() -> None:
    """Note that a worker is at work."""
    now = clock.now()
    with writing() as session:
        insert_missing(session, WorkerRow, id=1, seen_at=now)
        session.execute(sa.update(WorkerRow).values(seen_at=now))


def forget_messages(days: int = 30) -> int:
    """Remove messages that ended so many days ago; return how many."""
    old = sa.delete(MessageRow).where(MessageRow.ended_at < clock.now() - timedelta(days=days))
    with writing() as session:
        return len(session.scalars(old.returning(MessageRow.id)).all())


def _due(now: datetime) -> sa.Select[Any]:
    return (
        sa.select(MessageRow)
        .where(MessageRow.next_at <= now)
        .order_by(MessageRow.rank, MessageRow.next_at, MessageRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _needed(session: Session, row: MessageRow) -> bool:
    if row.kind != "alert":
        return True
    status = sa.select(SubmissionRow.status).where(SubmissionRow.id == row.submission_id)
    return session.scalar(status) == "new"


def _mine(session: Session, message: Message) -> MessageRow | None:
    """Return a message that is still this worker's: its lease may have run out meanwhile."""
    statement = sa.select(MessageRow).where(
        MessageRow.id == message.id,
        MessageRow.lease == message.lease,
        MessageRow.state == "waiting",
    )
    return session.scalars(statement.with_for_update()).one_or_none()


def _end(row: MessageRow, state: str, reason: str, now: datetime) -> None:
    row.state, row.reason, row.ended_at = state, reason, now
    row.next_at, row.lease = None, ""
    # A link opens a form: it stays nowhere in the clear, and not for longer than needed sealed.
    row.sealed_content = keyring().seal({"address": ""}, place(row.id))


def _add(
    session: Session, draft: Draft, kind: str, submission_id: str | None, now: datetime
) -> str:
    id = f"msg_{secrets.token_hex(16)}"
    content = {
        "address": draft.content.address,
        "secret": draft.content.secret,
        "subject": draft.content.subject,
        "text": draft.content.text,
    }
    rows.add(
        session,
        MessageRow,
        id=id,
        kind=kind,
        channel=draft.channel,
        recipient=draft.recipient,
        submission_id=submission_id,
        sealed_content=keyring().seal(content, place(id)),
        created_at=now,
        next_at=draft.at,
        rank=draft.rank,
        tries=0,
        lease="",
        ended_at=None,
        state="waiting",
        reason="",
    )
    return id
