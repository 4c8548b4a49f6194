"""The database itself: migrations, how SQLite is opened, keys, and refusing to start."""

import stat
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from screener import store
from screener.store import Change, connections, database
from screener.store.tables import Base, UtcDateTime
from tests.clock import PATIENCE
from tests.conftest import KEY, OTHER_KEY, opened


def tables(url: str) -> set[str]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    return set(sa.inspect(engine).get_table_names())


def test_migrations_go_up_and_down_and_up_again(empty_database_url: str) -> None:
    expected = {table.name for table in Base.metadata.sorted_tables} | {"alembic_version"}
    store.upgrade(empty_database_url)
    assert tables(empty_database_url) == expected
    store.downgrade(empty_database_url, "base")
    assert tables(empty_database_url) == {"alembic_version"}
    store.upgrade(empty_database_url)
    store.upgrade(empty_database_url)
    assert tables(empty_database_url) == expected


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_workers_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    failures: list[Exception] = []

    def start() -> None:
        try:
            store.upgrade(empty_database_url)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and "submission" in tables(empty_database_url)


@pytest.mark.usefixtures("served_waits")
def test_sqlite_is_opened_for_safety(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'folder' / 'screener.db'}"
    store.upgrade(url)
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
    }
    with opened(url), store.db.engine.connect() as connection:
        for name, value in expected.items():
            assert connection.scalar(sa.text(f"PRAGMA {name}")) == value
    for path in (tmp_path / "new" / "folder").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_relative_path_is_taken_from_where_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store.upgrade("sqlite:///var/screener.db")
    with opened("sqlite:///var/screener.db"):
        store.start("fibromyalgia", "0.1.0", "sha256:x")
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["screener.db"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("not a database, but long enough to look at " * 100)
    with pytest.raises(store.DatabaseError, match=r"notes\.db cannot be opened: .*not a database"):
        store.upgrade(f"sqlite:///{path}")


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(store.DatabaseError, match="cannot be opened"):
        store.upgrade(f"sqlite:///{tmp_path / 'file' / 'screener.db'}")


def test_a_database_without_tables_is_refused(empty_database_url: str) -> None:
    with pytest.raises(store.DatabaseError, match="cannot be read"), opened(empty_database_url):
        pass


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(store.DatabaseError, match="another version of this program"):
        store.upgrade(database_url)


def test_an_unreachable_server_is_refused_without_showing_its_password() -> None:
    with pytest.raises(store.DatabaseError) as error:
        store.upgrade("postgresql+psycopg://me:hush-hush@127.0.0.1:1/screener")
    assert "cannot be opened" in str(error.value) and "hush-hush" not in str(error.value)


def test_a_wrong_key_refuses_to_start(database_url: str) -> None:
    with opened(database_url, {"k1": KEY}):
        pass
    with (
        pytest.raises(store.SealError, match="does not open this database"),
        opened(database_url, {"k1": OTHER_KEY}),
    ):
        pass
    with (
        pytest.raises(store.SealError, match="List key 'k1'"),
        opened(database_url, {"k2": OTHER_KEY}),
    ):
        pass


def test_keys_are_rotated_and_the_old_one_retired(database_url: str) -> None:
    with opened(database_url, {"k1": KEY}):
        token = store.start("fibromyalgia", "0.1.0", "sha256:x")
        change = Change(answers={"age": 40}, risk=True, risk_answers=[("asq_1", "yes")])
        reference = store.submit(token, lambda _: change).reference
        store.add_note(reference, "nurse@clinic.example", "called")
        before = store.submission(reference)
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        assert store.submission(reference) == before, "the old key still opens"
        assert store.reseal(at_once=1) == 6
        assert store.reseal() == 0
    with opened(database_url, {"k2": OTHER_KEY}):
        assert store.submission(reference) == before
        assert store.verify_audit() is None


def test_a_failed_statement_does_not_show_its_values(stored: Flask) -> None:
    statement = sa.text("INSERT INTO role (id, name, nothing) VALUES (1, :name, 1)")
    with pytest.raises(sa.exc.DBAPIError) as error, store.db.engine.begin() as connection:
        connection.execute(statement, {"name": "canary"})
    assert "canary" not in str(error.value)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without zone"):
        UtcDateTime().process_bind_param(
            datetime(2026, 1, 1), sa.create_engine("sqlite://").dialect
        )


@pytest.mark.usefixtures("stored")
def test_a_writer_that_fails_lets_the_next_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with pytest.raises(ZeroDivisionError), database.writing():
        raise ZeroDivisionError
    assert store.start("fibromyalgia", "0.1.0", "sha256:x")


def test_waiting_for_a_turn_counts_as_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'screener.db'}"
    store.upgrade(url)
    waits = threading.Event()
    left: list[int] = []

    class Turn:
        """The lock of the writers, which tells when one waits for it."""

        def __init__(self) -> None:
            self.lock = threading.Lock()
            self.release = self.lock.release

        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            if blocking:
                waits.set()
            return self.lock.acquire(blocking, timeout)

    def write() -> None:
        with app.app_context(), database.writing(PATIENCE) as session:
            left.append(session.scalars(sa.text("PRAGMA busy_timeout")).one())

    with opened(url) as app:
        monkeypatch.setitem(app.extensions, database._TURN, Turn())
        with database.writing():
            second = threading.Thread(target=write)
            second.start()
            assert waits.wait(PATIENCE)
            time.sleep(0.02)
        second.join()
    assert 0 < left[0] < PATIENCE * 1000
