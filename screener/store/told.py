"""What became of messages: for the page about them, and for the warning on every staff page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.store.database import reading
from screener.store.tables import AlertRow, MessageRow, SubmissionRow, WorkerRow

STRUGGLING = 3  # tries, within about a minute


@dataclass(frozen=True)
class Outcome:
    """What became of a message, or of its last try where it still waits."""

    recipient: str
    kind: str
    state: str
    reason: str
    tries: int
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Delivery:
    """How messages to one entry of the clinic's list fare.

    `failing` is a message that was given up, or that failed `STRUGGLING` times and still waits,
    unless a later one was sent.
    """

    last_sent: datetime | None = None
    waiting: int = 0
    failing: Outcome | None = None


@dataclass(frozen=True)
class Telling:
    """How telling stands: when a worker was last seen, by entry, and emergencies not told yet."""

    worker_seen: datetime | None
    deliveries: dict[str, Delivery]
    untold_emergencies: int


def telling(recipients: Collection[str]) -> Telling:
    """Return how telling stands for these entries of the clinic's list."""
    with reading() as session:
        seen = session.scalar(sa.select(WorkerRow.seen_at))
        untold = session.scalar(_UNTOLD) or 0
        if not recipients:
            return Telling(seen, {}, untold)
        sent = _latest(session, "sent", recipients)
        counted = (
            sa.select(MessageRow.recipient, sa.func.count())
            .where(MessageRow.state == "waiting", MessageRow.recipient.in_(recipients))
            .group_by(MessageRow.recipient)
        )
        waiting = {recipient: count for recipient, count in session.execute(counted)}
        failing = {name: _failing(session, name, sent.get(name)) for name in recipients}
    deliveries = {
        name: Delivery(sent.get(name), waiting.get(name, 0), failing[name]) for name in recipients
    }
    return Telling(seen, deliveries, untold)


def test_messages(limit: int = 5) -> list[Outcome]:
    """Return the last test messages, the newest first."""
    with reading() as session:
        return _outcomes(session, MessageRow.kind == "test", limit=limit)


def dead_links() -> int:
    """Return how many links to come back with could not be sent to their persons."""
    dead = sa.select(sa.func.count()).where(MessageRow.kind == "link", MessageRow.state == "dead")
    with reading() as session:
        return session.scalar(dead) or 0


# An emergency that is new and of which nobody was told yet.
_UNTOLD = (
    sa.select(sa.func.count())
    .select_from(AlertRow)
    .join(SubmissionRow, SubmissionRow.id == AlertRow.submission_id)
    .where(AlertRow.priority == "emergency", AlertRow.told == "", SubmissionRow.status == "new")
)


def _latest(session: Session, state: str, recipients: Collection[str]) -> dict[str, datetime]:
    """Return when the last message that ended so did, by entry."""
    statement = (
        sa.select(MessageRow.recipient, sa.func.max(MessageRow.ended_at))
        .where(MessageRow.state == state, MessageRow.recipient.in_(recipients))
        .group_by(MessageRow.recipient)
    )
    return {recipient: at for recipient, at in session.execute(statement) if at is not None}


def _failing(session: Session, recipient: str, sent: datetime | None) -> Outcome | None:
    """Return the last message to an entry that does not arrive; None where a later one did."""
    waits = (MessageRow.state == "waiting", MessageRow.tries >= STRUGGLING, MessageRow.reason != "")
    failed = sa.or_(MessageRow.state == "dead", sa.and_(*waits))
    outcomes = _outcomes(session, MessageRow.recipient == recipient, failed)
    for outcome in outcomes:
        if sent is None or (outcome.ended_at or outcome.created_at) >= sent:
            return outcome
    return None


def _outcomes(
    session: Session, *conditions: sa.ColumnElement[bool], limit: int = 1
) -> list[Outcome]:
    newest = sa.func.coalesce(MessageRow.ended_at, MessageRow.created_at).desc()
    statement = sa.select(MessageRow).where(*conditions).order_by(newest).limit(limit)
    return [
        Outcome(
            row.recipient,
            row.kind,
            row.state,
            row.reason,
            row.tries,
            row.created_at,
            row.ended_at,
        )
        for row in session.scalars(statement)
    ]
