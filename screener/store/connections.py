"""How connections are opened, how long they wait, and which errors mean "not now".

A save waits long, for a lost answer is worse than a slow page. What only notes a read waits
shortly. Both ends are bounded, on SQLite and on PostgreSQL.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

BEGIN = "screener_begin"  # DEFERRED or IMMEDIATE, on SQLite
WAIT = "screener_wait"  # seconds for a lock; None: a migration may take as long as it needs
LONG_WAIT = 10.0  # several such waits still end before a worker's 60 seconds
SHORT_WAIT = 0.25

_MIGRATION_WAIT = 60.0  # SQLite always has some limit
_FROZEN = "screener_frozen"
_FROZEN_FOR = 5.0  # seconds until a connection that cannot see changes is opened anew
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",  # sorting the queue must not need room on a full disk
)
_SQLITE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOLFS,
}
# PostgreSQL's classes of errors: connection, transaction lost to another one, no room, an
# operator's doing, system. And: a read-only transaction, a lock or statement that took too long.
_SQLSTATES = ("08", "40", "53", "57", "58", "25006", "55P03")


def options(url: sa.URL) -> dict[str, Any]:
    """Return the engine's options."""
    # hide_parameters: a failed statement is logged with its values, and these are health data.
    given: dict[str, Any] = {"hide_parameters": True}
    if url.get_backend_name() == "postgresql":
        given["pool_pre_ping"] = True  # a file does not hang up
        limits = {"connect_timeout": "10", "tcp_user_timeout": "20000"}  # seconds, milliseconds
        given["connect_args"] = {k: v for k, v in limits.items() if k not in url.query}
    return given


def why_not_now(error: sa.exc.SQLAlchemyError) -> str | None:
    """Name why the database cannot be used now; None when the error is of another kind.

    The name is the database's own (SQLITE_FULL, 53100), never a message: that may hold values.
    """
    if isinstance(error, sa.exc.TimeoutError):
        return "no connection is free"
    if not isinstance(error, sa.exc.DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0)
        return str(cause.sqlite_errorname) if code & 0xFF in _SQLITE else None
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return f"SQLSTATE {state}" if state.startswith(_SQLSTATES) else None
    lost = error.connection_invalidated or isinstance(error, sa.exc.OperationalError)
    return "the connection failed" if lost else None


def prepare(engine: sa.Engine) -> None:
    """Let the engine open connections and begin transactions as this program needs them."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
        return

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        wait = connection.get_execution_options().get(WAIT, LONG_WAIT)
        if wait is not None:
            limits = (f"{round(wait * 1000)}ms", f"{round(max(2 * wait, 1) * 1000)}ms")
            connection.exec_driver_sql(
                "SELECT set_config('lock_timeout', %s, true), "
                "set_config('statement_timeout', %s, true)",
                limits,
            )


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, args: Any, params: Any) -> Any:
        connection = dialect.connect(*args, **params)
        try:
            connection.isolation_level = None  # we say BEGIN ourselves: see `begin`
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").close()
        except sqlite3.OperationalError as error:
            connection.close()
            frozen = _as_it_stands(dialect, str(args[0]), params, error)
            if frozen is None:
                raise
            record.info[_FROZEN] = time.monotonic()
            return frozen
        return connection

    @sa.event.listens_for(engine, "checkout")
    def checkout(_connection: object, record: Any, _proxy: object) -> None:
        opened = record.info.get(_FROZEN)
        if opened is not None and time.monotonic() - opened > _FROZEN_FOR:
            raise sa.exc.DisconnectionError

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        chosen = connection.get_execution_options()
        wait = chosen.get(WAIT, LONG_WAIT)
        wait = _MIGRATION_WAIT if wait is None else wait
        sqlite: Any = connection.connection.dbapi_connection
        if connection.info.get(WAIT) != wait:
            sqlite.execute(f"PRAGMA busy_timeout={round(wait * 1000)}").close()
            connection.info[WAIT] = wait
        connection.exec_driver_sql(f"BEGIN {chosen.get(BEGIN, 'DEFERRED')}")


def _as_it_stands(dialect: Any, file: str, params: Any, error: sqlite3.Error) -> Any:
    """Open a file for reading where SQLite cannot lay its helper files beside it; None: cannot.

    After a clean stop they are gone, and on a full disk or a read-only file system they cannot
    be made. The file then has everything, and nobody is writing to it. Such a connection does not
    see changes, so it lives shortly.
    """
    path = Path(file)
    log = Path(f"{file}-wal")
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    usual = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
    if primary not in usual or not path.is_file() or (log.exists() and log.stat().st_size):
        return None
    uri = f"file:{quote(str(path))}?mode=ro&immutable=1"
    connection = dialect.connect(uri, **{**params, "uri": True})
    connection.isolation_level = None
    return connection
