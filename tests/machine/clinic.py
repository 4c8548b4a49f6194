"""The clinic's side of the machine: one database, the worker on it, a clock, a disk and keys."""

import base64
import contextlib
import logging
import secrets
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from screener import store
from screener.access import create_user
from screener.app import create_app
from screener.engine.protocol import Rulebook
from screener.presenters import rule_groups
from screener.store import clock, database
from tests.shipped import RULEBOOK
from tests.web import cheap, make_settings

PASSWORD = "correct horse battery"
STAFF = {"intake": "intake@clinic.example", "physician": "physician@clinic.example"}
START = datetime(2026, 1, 5, 15, tzinfo=UTC)
_MANY = "900000/1"  # no limit gets in the way: limits have tests of their own
_ROOM = 64 * 1024
_WRITES = ("INSERT", "UPDATE", "DELETE")


class Databases:
    """Makes databases, each a copy of one that was set up once."""

    def __init__(self, folder: Path, server: str = "") -> None:
        """`server` is the URL of a PostgreSQL server; without it they are SQLite files."""
        self._folder, self._server = folder, server
        self._template = self._empty("template")
        clinic = Clinic(self._template, folder)
        with clinic.app.app_context():
            for role, email in STAFF.items():
                create_user(email, PASSWORD, [role])
        clinic.close()

    @contextlib.contextmanager
    def fresh(self) -> Iterator[str]:
        """Yield the URL of a database as the clinic begins with."""
        name = f"machine_{secrets.token_hex(6)}"
        if not self._server:
            path = self._folder / f"{name}.db"
            shutil.copy(self._folder / "template.db", path)
            yield f"sqlite:///{path}"
            for file in self._folder.glob(f"{name}.db*"):
                file.unlink()
            return
        template = sa.make_url(self._template).database
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        yield self._url(name)
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Remove the database that was copied."""
        if self._server:
            self._run(f'DROP DATABASE "{sa.make_url(self._template).database}" WITH (FORCE)')

    def _empty(self, name: str) -> str:
        if not self._server:
            return f"sqlite:///{self._folder / name}.db"
        name = f"{name}_{secrets.token_hex(6)}"
        self._run(f'CREATE DATABASE "{name}"')
        return self._url(name)

    def _url(self, name: str) -> str:
        url = self._server.replace("/postgres?", f"/{name}?")
        return url.replace("postgresql://", "postgresql+psycopg://")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement.encode())


class Disk:
    """The disk below the database. `fails` is "" (it works), "write" or "commit"."""

    def __init__(self) -> None:
        self.fails = ""

    def attach(self, engine: sa.Engine) -> None:
        """Let the engine's writes fail while the disk does."""
        postgresql = engine.dialect.name == "postgresql"

        def refuse(statement: str) -> None:
            error: Exception = psycopg.errors.DiskFull("No space left on device")
            if not postgresql:
                error = full = sqlite3.OperationalError("database or disk is full")
                full.sqlite_errorcode, full.sqlite_errorname = sqlite3.SQLITE_FULL, "SQLITE_FULL"
            raise sa.exc.OperationalError(statement, None, error, hide_parameters=True)

        @sa.event.listens_for(engine, "before_cursor_execute")
        def execute(connection: sa.Connection, _cursor: Any, statement: str, *_more: Any) -> None:
            if statement.lstrip().startswith(_WRITES):
                connection.info["wrote"] = True
                if self.fails == "write":
                    refuse(statement)

        @sa.event.listens_for(engine, "commit")
        def commit(connection: sa.Connection) -> None:
            if connection.info.pop("wrote", False) and self.fails == "commit":
                refuse("COMMIT")

        @sa.event.listens_for(engine, "rollback")
        def rollback(connection: sa.Connection) -> None:
            connection.info.pop("wrote", None)


class Clinic:
    """One worker on one database. `restart` gives another worker on the same."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        self.disk = Disk()
        self.keys = {"k1": b"1" * 32}
        self._key_number = 1
        self.app = self._start()

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook that is served."""
        return RULEBOOK

    def restart(self) -> None:
        """Stop the worker and start another one, with the keys as they are now."""
        self.close()
        self.app = self._start()

    def close(self) -> None:
        """Stop the worker."""
        with self.app.app_context():
            store.db.engine.dispose()

    def add_key(self) -> None:
        """Put a new key before the others, and start again with it."""
        self._key_number += 1
        name = f"k{self._key_number}"
        self.keys = {name: name.encode().ljust(32, b".")} | self.keys
        self.restart()

    def drop_old_keys(self) -> None:
        """Seal everything with the newest key, and start again without the others."""
        with self.app.app_context():
            store.reseal()
        self.keys = dict(list(self.keys.items())[:1])
        self.restart()

    def tidy(self) -> None:
        """Do what the daily command does."""
        with self.app.app_context():
            store.expire_drafts(make_settings(self._folder).draft_days)
            store.drain_views()
            store.forget_codes()
            store.forget_limits()
            store.forget_sessions()

    def _start(self) -> Flask:
        keys = [f"{name}:{base64.b64encode(key).decode()}" for name, key in self.keys.items()]
        settings = make_settings(
            self._folder,
            database_url=self._url,
            encryption_keys=",".join(keys),
            audit_spill=self._folder
            / "spill"
            / str(sa.make_url(self._url).database).split("/")[-1],
            staff_idle_minutes=480,
            staff_absolute_minutes=1440,
            **dict.fromkeys(("limit_start", "limit_save"), _MANY),
            **dict.fromkeys(("limit_sign_in_account", "limit_sign_in_address"), _MANY),
        )
        # Its clock leaps by days: a device that asks for the date of birth has tests of its own.
        settings = settings.model_copy(update={"patient_idle_minutes": 10**7})
        app = cheap(create_app(settings))
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(self._folder))
        app.logger.setLevel(logging.CRITICAL)  # a failing disk is logged, and here it fails often
        with app.app_context():
            self.disk.attach(store.db.engine)
        return app


class Clock:
    """The one clock that the whole program reads while the machine runs."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        """Return the time."""
        return self.time

    def move(self, minutes: float) -> None:
        """Let time pass."""
        self.time += timedelta(minutes=minutes)


class Meanwhile:
    """Lets something happen between the reading of one request and its first write."""

    def __init__(self) -> None:
        self.act: Callable[[], None] | None = None

    def __call__(self) -> None:
        act, self.act = self.act, None
        if act is not None:
            act()


@contextlib.contextmanager
def patched(clock_: Clock, meanwhile: Meanwhile) -> Iterator[pytest.MonkeyPatch]:
    """Make the program read our clock, and let other requests in between before its writes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", clock_.now)
        # What would change a flag takes most of the time of a staff page, and is not looked at.
        patch.setattr(rule_groups, "in_brief", lambda *_: "")
        original = database.writing

        @contextlib.contextmanager
        def writing(*given: Any, **more: Any) -> Iterator[Any]:
            meanwhile()
            with original(*given, **more) as session:
                yield session

        for name, module in list(sys.modules.items()):
            if name.startswith("screener.store.") and vars(module).get("writing") is original:
                patch.setattr(module, "writing", writing)
        yield patch


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder, in memory where the machine has such a place: a disk is not the test."""
    memory = Path("/dev/shm")  # noqa: S108
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM * 1024
    with tempfile.TemporaryDirectory(dir=memory if roomy else None) as name:
        yield Path(name)
