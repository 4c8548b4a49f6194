"""Staff accounts' server side: sessions that end, and second-factor codes that work once."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa

from screener.store import clock, rows
from screener.store.connections import SHORT_WAIT
from screener.store.database import insert_missing, reading, writing
from screener.store.errors import NotWritten
from screener.store.tables import Role, StaffSessionRow, User

_SESSION = rows.by_key(StaffSessionRow)
_SEEN_EVERY = timedelta(seconds=60)
_ENDED = timedelta(days=1)


def add_user(email: str, password_hash: str, roles: Sequence[str]) -> int:
    """Create a staff account and return its id. Raises ValueError when the e-mail has one."""
    with writing() as session:
        if session.scalar(sa.select(User.id).where(sa.func.lower(User.email) == email.lower())):
            raise ValueError(f"{email} has an account already")
        for role in roles:
            insert_missing(session, Role, name=role)
        user = User(
            email=email,
            password=password_hash,
            active=True,
            fs_uniquifier=secrets.token_hex(32),
            created_at=clock.now(),
            roles=list(session.scalars(sa.select(Role).where(Role.name.in_(roles)))),
        )
        session.add(user)
        session.flush()
        return user.id


def accounts(*, inactive: bool = False) -> tuple[str, ...]:
    """Return the e-mail addresses of the staff accounts that may sign in, or of all, in order."""
    chosen = sa.select(User.email).order_by(User.email)
    with reading() as session:
        return tuple(session.scalars(chosen if inactive else chosen.where(User.active)))


def begin_session(user_id: int) -> str:
    """Begin a session for a member of staff and return its token, for the browser's cookie."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with writing() as session:
        session.add(
            StaffSessionRow(id=_row_id(token), user_id=user_id, created_at=now, last_seen_at=now)
        )
    return token


def session_user(
    token: str,
    *,
    idle: timedelta,
    absolute: timedelta,
    seen: datetime | None = None,
    passive: bool = False,
    unnoted: Callable[[datetime], None] | None = None,
) -> int | None:
    """Return whose session this is and note that it was used; None when it is over.

    `idle` is the longest pause, `absolute` the longest time since sign-in. Use is noted once a
    minute at most, so the pause may be up to a minute shorter. While it cannot be noted here,
    `unnoted` is called with the time, for the caller to keep and to give back as `seen`: who
    works on must not be signed out, for nobody can sign in then. `passive` is a request that nobody
    made, such as a page that refreshes itself: it is no use.
    """
    now = clock.now()
    with reading() as session:
        row = rows.one_or_none(session, StaffSessionRow, _SESSION, id=_row_id(token))
    if row is None or row.revoked_at is not None:
        return None
    used = max(row.last_seen_at, min(seen or row.last_seen_at, now))
    if now - used > idle or now - row.created_at > absolute:
        with suppress(NotWritten):  # over it is, whether that can be noted or not
            _revoke(StaffSessionRow.id == row.id, SHORT_WAIT)  # a clock set back revives nothing
        return None
    if not passive and now - used >= _SEEN_EVERY:
        try:
            _note_use(row.id, now)
        except NotWritten:
            if unnoted is not None:
                unnoted(now)
    return row.user_id


def _note_use(row_id: str, now: datetime) -> None:
    with writing(SHORT_WAIT) as session:
        session.execute(
            sa.update(StaffSessionRow).where(StaffSessionRow.id == row_id).values(last_seen_at=now)
        )


def ended_session(token: str) -> str | None:
    """Return whose session this was, by e-mail address, where it ended within the last day.

    Nothing may be shown because of it: it says where to keep what was typed meanwhile.
    """
    with reading() as session:
        row = rows.one_or_none(session, StaffSessionRow, _SESSION, id=_row_id(token))
        if row is None or clock.now() - row.last_seen_at > _ENDED:
            return None
        return session.scalar(sa.select(User.email).where(User.id == row.user_id, User.active))


def end_session(token: str) -> None:
    """Revoke one session; an unknown one is nothing to revoke."""
    _revoke(StaffSessionRow.id == _row_id(token))


def end_sessions(user_id: int) -> None:
    """Revoke all sessions of a member of staff."""
    _revoke(StaffSessionRow.user_id == user_id)


def forget_sessions(days: int = 30) -> int:
    """Remove the sessions that ended so many days ago; return how many."""
    old = StaffSessionRow.last_seen_at < clock.now() - timedelta(days=days)
    with writing() as session:
        ended = session.scalars(sa.delete(StaffSessionRow).where(old).returning(StaffSessionRow.id))
        return len(ended.all())


def last_code(user_id: int) -> int | None:
    """Return the counter of the last second-factor code that was accepted."""
    with reading() as session:
        return session.scalar(sa.select(User.tf_last_counter).where(User.id == user_id))


def use_code(user_id: int, counter: int) -> bool:
    """Mark a second-factor code as used; False when it, or a later one, was used before.

    One statement: of two requests with the same code, one gets True.
    """
    unused = sa.or_(User.tf_last_counter.is_(None), User.tf_last_counter < counter)
    with writing() as session:
        statement = sa.update(User).where(User.id == user_id, unused)
        marked = statement.values(tf_last_counter=counter).returning(User.id)
        return session.scalar(marked) is not None


def _revoke(which: sa.ColumnElement[bool], wait: float | None = None) -> None:
    with writing(wait) as session:
        session.execute(
            sa.update(StaffSessionRow)
            .where(which, StaffSessionRow.revoked_at.is_(None))
            .values(revoked_at=clock.now())
        )


def _row_id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
