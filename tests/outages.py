"""Databases that can be read and not written, each by the database's own doing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import connections, recording, staff

FULL, READ_ONLY, LOCKED = "full", "read-only", "locked"
every_outage = pytest.mark.parametrize("kind", [FULL, READ_ONLY, LOCKED])


@contextmanager
def outage(app: Flask, kind: str) -> Iterator[None]:
    """Let the app's database refuse all writing until the block ends."""
    # Not within the app's context: requests of the test client would share one `g` in it.
    with app.app_context():
        engine = store.db.engine
    breaks = _sqlite if engine.dialect.name == "sqlite" else _postgresql
    with pytest.MonkeyPatch.context() as patch, breaks(app, engine, kind):
        for module in (recording, staff):
            patch.setattr(module, "SHORT_WAIT", connections.SHORT_WAIT)
        yield


@contextmanager
def _sqlite(app: Flask, engine: sa.Engine, kind: str) -> Iterator[None]:
    if kind == LOCKED:
        holder = sqlite3.connect(str(engine.url.database), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.rollback()
            holder.close()
        return
    pragma = "query_only=ON" if kind == READ_ONLY else "max_page_count=1"  # as large as it is

    def stop(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA {pragma}").close()

    sa.event.listen(engine, "begin", stop)
    try:
        if kind == FULL:
            with app.app_context():
                _fill()
        yield
    finally:
        sa.event.remove(engine, "begin", stop)
        engine.dispose()


def _fill() -> None:
    """Use up the room that the last pages have left, to the last small entry."""
    for object in ("X" * 128, ""):
        with suppress(store.NotWritten):
            while True:
                store.record("f", "f", object)


@contextmanager
def _postgresql(_app: Flask, engine: sa.Engine, kind: str) -> Iterator[None]:
    breaks, mends = _STATEMENTS[kind]
    tables = _tables(engine)
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    names: dict[str, Any] = {"database": engine.url.database, "tables": ", ".join(tables)}
    with psycopg.connect(url, autocommit=kind != LOCKED) as holder:
        for table in tables:
            for statement in breaks:
                holder.execute(statement.format(**names, table=table).encode())
        if kind == READ_ONLY:
            engine.dispose()
        try:
            yield
        finally:
            holder.rollback()
            holder.execute("SET default_transaction_read_only = off")
            for table in tables:
                for statement in mends:
                    holder.execute(statement.format(**names, table=table).encode())
            holder.commit()
            engine.dispose()


def _tables(engine: sa.Engine) -> list[str]:
    return [f'"{name}"' for name in sa.inspect(engine).get_table_names()]


_STATEMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    FULL: (
        (
            "CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
            "CREATE TRIGGER a_no_room BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION no_room()",
        ),
        ("DROP TRIGGER a_no_room ON {table}",),
    ),
    READ_ONLY: (
        ('ALTER DATABASE "{database}" SET default_transaction_read_only = on',),
        ('ALTER DATABASE "{database}" RESET default_transaction_read_only',),
    ),
    LOCKED: (("LOCK TABLE {table} IN EXCLUSIVE MODE",), ()),
}
