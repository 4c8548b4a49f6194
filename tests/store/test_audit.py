"""The audit log: append-only, and any tampering is found."""

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store.audit import _hash
from screener.store.tables import AuditRow, Base

TABLE = Base.metadata.tables["audit"]


@pytest.fixture
def log(stored: Flask) -> Flask:
    for number in range(1, 6):
        store.record("nurse@clinic.example", "view", f"AAAA-AAA{number}")
    return stored


def unprotect(connection: sa.Connection) -> None:
    """Do what somebody with the whole database in hand can do."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("DROP TRIGGER audit_append_only ON audit"))
        return
    for event in ("update", "delete"):
        connection.execute(sa.text(f"DROP TRIGGER audit_append_only_{event}"))


def tamper(*statements: sa.Executable) -> str:
    with store.db.engine.begin() as connection:
        unprotect(connection)
        for statement in statements:
            connection.execute(statement)
    broken = store.verify_audit()
    assert broken is not None
    return f"{broken.number}: {broken.reason}"


def test_an_empty_log_is_whole(stored: Flask) -> None:
    assert store.verify_audit() is None


def test_a_log_is_whole_and_says_who_did_what(log: Flask) -> None:
    assert store.verify_audit() is None
    newest = store.audit_entries(limit=2, offset=1)
    assert [entry.number for entry in newest] == [4, 3]
    assert newest[0].actor == "nurse@clinic.example" and newest[0].object == "AAAA-AAA4"


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_an_entry(log: Flask, statement: str) -> None:
    with (
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
        store.db.engine.begin() as connection,
    ):
        connection.execute(sa.text(statement))
    assert store.verify_audit() is None


@pytest.mark.parametrize("column", ["actor", "action", "object", "at", "previous", "hash"])
def test_an_altered_entry_is_found(log: Flask, column: str) -> None:
    value = "x" if column in {"actor", "action"} else _of_entry(2, column)
    change = sa.update(TABLE).where(TABLE.c.number == 3).values({column: value})
    assert tamper(change).startswith("3: ")


def _of_entry(number: int, column: str) -> sa.ScalarSelect[object]:
    return sa.select(TABLE.c[column]).where(TABLE.c.number == number).scalar_subquery()


def test_a_removed_entry_is_found(log: Flask) -> None:
    assert tamper(sa.delete(TABLE).where(TABLE.c.number == 2)) == "2: entry 2 is missing"


def test_removed_last_entries_are_found(log: Flask) -> None:
    assert tamper(sa.delete(TABLE).where(TABLE.c.number >= 4)) == (
        "4: entries 4 to 5 are missing at the end"
    )


def test_a_log_emptied_with_its_end_is_not_mistaken_for_a_new_one(log: Flask) -> None:
    assert "5" in tamper(sa.delete(TABLE))


def test_a_rewritten_end_is_found_although_its_hashes_fit(log: Flask) -> None:
    with store.db.sessionmaker() as session:
        row = session.get_one(AuditRow, 5)
        session.expunge(row)
    row.actor = "somebody.else@clinic.example"
    change = sa.update(TABLE).where(TABLE.c.number == 5).values(actor=row.actor, hash=_hash(row))
    assert "rewritten" in tamper(change)


def test_a_changed_seal_of_the_end_is_found(log: Flask) -> None:
    statement = sa.text("UPDATE audit_head SET sealed_head = :junk").bindparams(junk=b"junk" * 20)
    assert "does not open" in tamper(statement)


def test_entries_written_at_once_make_one_chain(stored: Flask) -> None:
    def write() -> None:
        with stored.app_context():
            for _ in range(5):
                store.record("nurse@clinic.example", "view", "AAAA-AAAA")

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.verify_audit() is None
    assert store.audit_entries()[0].number == 15
