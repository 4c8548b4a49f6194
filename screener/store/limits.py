"""Rate limits: token buckets in the database, so that they hold across processes."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from screener.settings import Limit
from screener.store import clock, rows
from screener.store.database import insert_missing, keyring, writing
from screener.store.tables import RateLimitRow

_LOCKED = rows.by_key(RateLimitRow).with_for_update()


def take(name: str, subject: str, limit: Limit) -> float:
    """Take one token from the bucket `name` of `subject` (an address, an account).

    Returns 0 when there was one, else the seconds until there is one again.
    """
    with writing() as session:
        return taken(session, name, subject, limit)


def taken(session: Session, name: str, subject: str, limit: Limit) -> float:
    """Take a token as `take` does, within a transaction that writes something else too."""
    row = _filled(session, name, subject, limit)
    enough = row.tokens >= 1
    if enough:
        row.tokens -= 1
    rows.write(session, RateLimitRow, row)
    if enough:
        return 0.0
    return (1 - row.tokens) * limit.seconds / limit.tokens


def give_back(name: str, subject: str, limit: Limit) -> None:
    """Put one token back: what took it turned out to be allowed."""
    with writing() as session:
        given_back(session, name, subject, limit)


def given_back(session: Session, name: str, subject: str, limit: Limit) -> None:
    """Put one token back within a transaction that writes something else too."""
    row = _filled(session, name, subject, limit)
    row.tokens = min(float(limit.tokens), row.tokens + 1)
    rows.write(session, RateLimitRow, row)


def forget_limits(days: int = 1) -> int:
    """Remove the buckets nobody used for so many days; return how many. They are full again."""
    old = RateLimitRow.updated_at < clock.now() - timedelta(days=days)
    with writing() as session:
        keys = session.scalars(sa.delete(RateLimitRow).where(old).returning(RateLimitRow.key))
        return len(keys.all())


def _filled(session: Session, name: str, subject: str, limit: Limit) -> RateLimitRow:
    now = clock.now()
    key = keyring().fingerprint(f"{name}|{subject}")
    row = rows.one_or_none(session, RateLimitRow, _LOCKED, key=key)
    if row is None:
        insert_missing(session, RateLimitRow, key=key, tokens=float(limit.tokens), updated_at=now)
        row = rows.one_or_none(session, RateLimitRow, _LOCKED, key=key)
        assert row is not None
    # A clock that was set back must not empty the bucket.
    passed = max(0.0, (now - row.updated_at).total_seconds())
    row.tokens = min(float(limit.tokens), row.tokens + passed * limit.tokens / limit.seconds)
    row.updated_at = now
    return row
