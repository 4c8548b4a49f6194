"""Opening the database: SQLite or PostgreSQL, one transaction a call, migrations."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, tzinfo
from inspect import iscoroutinefunction
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask, current_app
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from screener.due import DueTimes
from screener.store import connections
from screener.store.connections import BEGIN, WAIT
from screener.store.errors import DatabaseError, NotWritten, Unavailable
from screener.store.keyring import Keyring
from screener.store.spill import Spill
from screener.store.states import Lists
from screener.store.tables import Base

db = SQLAlchemy(session_options={"expire_on_commit": False})

_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
_KEYRING = "screener_keyring"
_TURN = "screener_turn"
_SPILL = "screener_spill"
_DISPOSITIONS = "screener_dispositions"
_DUE_TIMES = "screener_due_times"
_ZONE = "screener_zone"
_LOCK = 7_331_205_001  # any number: PostgreSQL's name for "the schema is being changed"


def init_app(
    app: Flask,
    database_url: str,
    keys: Mapping[str, bytes],
    *,
    spill: Path | None = None,
    dispositions: Lists | None = None,
    due_times: DueTimes | None = None,
    zone: tzinfo = UTC,
) -> None:
    """Bind the store to the app. `keys` are the encryption keys by id, the first the current one.

    `spill` is the folder for views that the audit log cannot take; None: a folder of its own in
    the machine's lasting folder for temporary files. `dispositions` are the clinic's words by kind
    of danger: without them nobody in danger can be taken off the waiting list. `due_times` say how
    soon each priority is due: without them nothing is. `zone` is the clinic's, in which its days
    begin. The schema must be there: call `upgrade` first, and `check` (in the app context)
    afterwards.
    """
    url = _url(database_url)
    app.config["SQLALCHEMY_ENGINES"] = {"default": {"url": url, **connections.options(url)}}
    app.extensions[_KEYRING] = Keyring(keys)
    app.extensions[_TURN] = Lock()
    app.extensions[_SPILL] = Spill.at(spill, url.render_as_string(hide_password=True))
    app.extensions[_DISPOSITIONS] = {k: tuple(v) for k, v in (dispositions or {}).items()}
    app.extensions[_DUE_TIMES] = due_times
    app.extensions[_ZONE] = zone
    db.init_app(app)
    # It also closes asynchronous sessions, of which there are none: at the end of each request it
    # would start a thread for that.
    ends = app.teardown_appcontext_funcs
    app.teardown_appcontext_funcs = [end for end in ends if not iscoroutinefunction(end)]
    with app.app_context():
        connections.prepare(db.engine)


def keyring() -> Keyring:
    """Return the keys of the current app."""
    ring: Keyring = current_app.extensions[_KEYRING]
    return ring


def spill() -> Spill:
    """Return where the current app puts views that the audit log cannot take."""
    bound: Spill = current_app.extensions[_SPILL]
    return bound


def disposition_lists() -> Lists:
    """Return the dispositions that this clinic records, by kind of danger."""
    lists: Lists = current_app.extensions[_DISPOSITIONS]
    return lists


def due_times() -> DueTimes | None:
    """Return how soon each priority is due at this clinic."""
    bound: DueTimes | None = current_app.extensions[_DUE_TIMES]
    return bound


def clinic_zone() -> tzinfo:
    """Return the zone in which the days of this clinic begin."""
    zone: tzinfo = current_app.extensions[_ZONE]
    return zone


@contextmanager
def reading() -> Iterator[Session]:
    """Open one consistent view of the data, however many statements; write nothing.

    Raises Unavailable when the database cannot be reached.
    """
    engine = db.engine
    if engine.dialect.name == "postgresql":  # a SQLite transaction sees a snapshot anyway
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with db.sessionmaker(bind=engine) as session, session.begin():
            yield session
    except sa.exc.SQLAlchemyError as error:
        why = connections.why_not_now(error)
        if why is None:
            raise
        raise Unavailable(f"the database cannot be read now: {why}") from error


@contextmanager
def writing(wait: float | None = None) -> Iterator[Session]:
    """Open one transaction that writes: all of it or nothing.

    `wait` is how many seconds it waits for a lock that another one holds; long unless given.
    Raises NotWritten when the database is full, read-only, locked for longer or cannot be reached.

    On SQLite it takes the write lock at once: a transaction that reads first and writes later
    fails instead of waiting when another one wrote in between.
    """
    wait = connections.LONG_WAIT if wait is None else wait
    try:
        with _turn(wait) as left:
            engine = db.engine.execution_options(**{BEGIN: "IMMEDIATE", WAIT: left})
            with db.sessionmaker(bind=engine) as session, session.begin():
                yield session
    except sa.exc.SQLAlchemyError as error:
        why = connections.why_not_now(error)
        if why is None:
            raise
        raise NotWritten(f"the database cannot be written now: {why}") from error


@contextmanager
def _turn(wait: float) -> Iterator[float]:
    """Wait for this thread's turn to write, and give how much of the time is left.

    SQLite has one writer at a time. The others try again after pauses, in which nobody may be
    writing: among the threads of a process a lock takes turns without any. PostgreSQL has many
    writers.
    """
    if db.engine.dialect.name != "sqlite":
        yield wait
        return
    lock: Lock = current_app.extensions[_TURN]
    left = wait
    if not lock.acquire(blocking=False):
        began = time.monotonic()
        if not lock.acquire(timeout=wait):
            raise NotWritten("the database cannot be written now: SQLITE_BUSY")
        left = max(0.0, wait - (time.monotonic() - began))
    try:
        yield left
    finally:
        lock.release()


def insert_missing(session: Session, table: type[Base], **values: Any) -> None:
    """Insert a row unless its key is there already, whoever else is inserting it now."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing())
    else:
        session.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing())


def upgrade(database_url: str, revision: str = "head") -> None:
    """Create the schema or bring it up to date. Raises DatabaseError that says why not.

    A schema that is up to date is only looked at: a database that cannot be written can still be
    read.
    """
    if revision != "head" or not _is_current(database_url):
        _migrate(database_url, revision, down=False)


def must_be_current(database_url: str) -> None:
    """Raise DatabaseError unless the schema is up to date; nothing is written."""
    if not _is_current(database_url):
        shown = _url(database_url).render_as_string(hide_password=True)
        raise DatabaseError(
            f"the database {shown} is not of this version of the program, and only looking at it "
            "must not change it. Copy it, name the copy in SCREENER_DATABASE_URL, leave "
            "SCREENER_AUDIT_SPILL out, run screener audit, which brings the copy up to date, and "
            "try again"
        )


def downgrade(database_url: str, revision: str) -> None:
    """Take the schema back to `revision` ("base" removes it, with all data)."""
    _migrate(database_url, revision, down=True)


def _migrate(database_url: str, revision: str, *, down: bool) -> None:
    url = _url(database_url)
    shown = url.render_as_string(hide_password=True)
    config = _alembic()
    try:
        if url.get_backend_name() == "sqlite":
            _create_file(Path(str(url.database)))
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        connections.prepare(engine)
        with engine.execution_options(**{BEGIN: "IMMEDIATE", WAIT: None}).begin() as connection:
            if engine.dialect.name == "postgresql":  # several workers start at once
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            config.attributes["connection"] = connection
            (command.downgrade if down else command.upgrade)(config, revision)
    except CommandError as error:
        raise DatabaseError(
            f"the database {shown} was made by another version of this program ({error})"
        ) from error
    except (OSError, sa.exc.DBAPIError) as error:
        reason = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        raise DatabaseError(f"the database {shown} cannot be opened: {reason}") from error


def _is_current(database_url: str) -> bool:
    """Return whether the schema is up to date; False also when the database cannot be read."""
    url = _url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        return False
    engine = sa.create_engine(url, poolclass=sa.NullPool, **connections.options(url))
    connections.prepare(engine)
    try:
        with engine.connect() as connection:
            stands = MigrationContext.configure(connection).get_current_heads()
    except sa.exc.DBAPIError:
        return False  # the migration finds the same, and says it
    return set(stands) == set(ScriptDirectory.from_config(_alembic()).get_heads())


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["target_metadata"] = Base.metadata
    return config


def _url(database_url: str) -> sa.URL:
    url = sa.make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        # Flask-SQLAlchemy-Lite would look for a relative path in Flask's instance folder.
        return url.set(database=str(Path(url.database).absolute()))
    return url


def _create_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # SQLite gives -wal and -shm the same permissions
