"""Opening the database: SQLite or PostgreSQL, one transaction a call, migrations."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from flask import Flask, current_app
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from screener.store.errors import DatabaseError, Unavailable
from screener.store.sealing import Keyring
from screener.store.states import Lists
from screener.store.tables import Base

db = SQLAlchemy(session_options={"expire_on_commit": False})

_MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
_KEYRING = "screener_keyring"
_DISPOSITIONS = "screener_dispositions"
_BEGIN = "screener_begin"
_LOCK = 7_331_205_001  # any number: PostgreSQL's name for "the schema is being changed"


def init_app(
    app: Flask, database_url: str, keys: Mapping[str, bytes], dispositions: Lists | None = None
) -> None:
    """Bind the store to the app. `keys` are the encryption keys by id, the first the current one.

    `dispositions` are the clinic's words by kind of danger: without them nobody in danger can be
    taken off the waiting list. The schema must be there: call `upgrade` first, and `check` (in the
    app context) afterwards.
    """
    app.config["SQLALCHEMY_ENGINES"] = {"default": {"url": _url(database_url), **_options()}}
    app.extensions[_KEYRING] = Keyring(keys)
    app.extensions[_DISPOSITIONS] = {k: tuple(v) for k, v in (dispositions or {}).items()}
    db.init_app(app)
    with app.app_context():
        _prepare(db.engine)


def keyring() -> Keyring:
    """Return the keys of the current app."""
    ring: Keyring = current_app.extensions[_KEYRING]
    return ring


def disposition_lists() -> Lists:
    """Return the dispositions that this clinic records, by kind of danger."""
    lists: Lists = current_app.extensions[_DISPOSITIONS]
    return lists


@contextmanager
def reading() -> Iterator[Session]:
    """One consistent view of the data, however many statements; nothing is written.

    Raises Unavailable.
    """
    engine = db.engine
    if engine.dialect.name == "postgresql":  # a SQLite transaction sees a snapshot anyway
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with _available(), db.sessionmaker(bind=engine) as session, session.begin():
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """One transaction that writes: all of it or nothing.

    On SQLite it takes the write lock at once: a transaction that reads first and writes later
    fails instead of waiting when another one wrote in between. Raises Unavailable.
    """
    engine = db.engine.execution_options(**{_BEGIN: "IMMEDIATE"})
    with _available(), db.sessionmaker(bind=engine) as session, session.begin():
        yield session


@contextmanager
def _available() -> Iterator[None]:
    """Say in our own words that the database failed us; a broken constraint is a fault of ours."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
        raise Unavailable(f"the database does not answer: {error.orig}") from error
    except (sa.exc.TimeoutError, OSError) as error:
        raise Unavailable(f"the database does not answer: {error}") from error


def insert_missing(session: Session, table: type[Base], **values: Any) -> None:
    """Insert a row unless its key is there already, whoever else is inserting it now."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing())
    else:
        session.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing())


def upgrade(database_url: str, revision: str = "head") -> None:
    """Create the schema or bring it up to date. Raises DatabaseError that says why not."""
    _migrate(database_url, revision, down=False)


def downgrade(database_url: str, revision: str) -> None:
    """Take the schema back to `revision` ("base" removes it, with all data)."""
    _migrate(database_url, revision, down=True)


def _migrate(database_url: str, revision: str, *, down: bool) -> None:
    url = _url(database_url)
    shown = url.render_as_string(hide_password=True)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["target_metadata"] = Base.metadata
    try:
        if url.get_backend_name() == "sqlite":
            _create_file(Path(str(url.database)))
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        _prepare(engine)
        with engine.execution_options(**{_BEGIN: "IMMEDIATE"}).begin() as connection:
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


def _url(database_url: str) -> sa.URL:
    url = sa.make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        # Flask-SQLAlchemy-Lite would look for a relative path in Flask's instance folder.
        return url.set(database=str(Path(url.database).absolute()))
    return url


def _create_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # SQLite gives -wal and -shm the same permissions


def _options() -> dict[str, Any]:
    # hide_parameters: a failed statement is logged with its values, and these are health data.
    return {"hide_parameters": True, "pool_pre_ping": True}


def _prepare(engine: sa.Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: see `begin`
        for pragma in (
            "busy_timeout=5000",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        how = connection.get_execution_options().get(_BEGIN, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {how}")
