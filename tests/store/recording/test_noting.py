"""Views that the audit log cannot take are noted elsewhere, within a bounded wait."""

import json
import resource
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from screener import store
from screener.store import connections, database
from screener.store.database import writing
from screener.store.tables import AuditHeadRow
from tests.clock import Clock
from tests.outages import LOCKED, READ_ONLY, every_outage, outage
from tests.store.recording.views import NURSE, late, spilled, the_file

# --- noting --------------------------------------------------------------------------------------


def test_a_view_stands_in_the_log_while_that_can_be_written(app: Flask, folder: Path) -> None:
    assert store.record_view(NURSE, "viewed", "AAAA-AAA3") == "log"
    (entry,) = store.audit_entries()
    assert (entry.actor, entry.action, entry.object) == (NURSE, "viewed", "AAAA-AAA3")
    assert not entry.late
    assert not folder.exists()


@every_outage
def test_a_view_is_kept_aside_and_enters_the_log_with_its_own_time(
    app: Flask,
    kind: str,
    folder: Path,
    at: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with outage(app, kind):
        before = len(store.audit_entries(limit=10_000))
        at(minutes=0)
        assert store.record_view(NURSE, "viewed", "AAAA-AAA3") == "spill"
        at(hours=1)
        assert len(store.audit_entries(limit=10_000)) == before
        assert store.views_waiting()
        held = store.drain_views() if kind == READ_ONLY else None
    if held is not None:
        assert (held.entered, held.waiting) == (0, 1)
        assert "cannot be written now: SQL" in held.problem
    drained = store.drain_views()
    assert (drained.entered, drained.waiting, drained.problem) == (1, 0, "")
    assert not store.views_waiting()
    newest = store.audit_entries(limit=1)[0]
    assert (newest.actor, newest.action, newest.object) == (NURSE, "viewed", "AAAA-AAA3")
    assert newest.late
    assert newest.at == at.start
    assert store.verify_audit() is None
    logged = [line for line in caplog.messages if line.startswith("view not in the audit log: ")]
    (line,) = [json.loads(text.partition(": ")[2]) for text in logged]
    assert line["at"] == at.start.isoformat(timespec="microseconds")
    assert (line["actor"], line["object"], line["kept"]) == (NURSE, "AAAA-AAA3", "spill")
    assert "cannot be written now: SQL" in line["why"]


def test_the_next_entry_takes_along_what_waits(app: Flask) -> None:
    spilled(app, "AAAA-AAA3", "AAAA-AAA4")
    assert store.record_view(NURSE, "viewed", "AAAA-AAA6") == "log"
    assert late() == [("viewed", "AAAA-AAA3"), ("viewed", "AAAA-AAA4")]
    assert not store.views_waiting()
    spilled(app, "AAAA-AAA7")
    store.record(NURSE, "signed in")
    assert late()[-1] == ("viewed", "AAAA-AAA7")


def test_what_must_not_happen_unrecorded_is_refused(app: Flask, folder: Path) -> None:
    with outage(app, READ_ONLY), pytest.raises(store.NotWritten, match="cannot be written now"):
        store.record(NURSE, "signed in")
    assert not folder.exists()


def test_a_view_is_kept_aside_also_when_the_end_of_the_log_was_tampered_with(app: Flask) -> None:
    store.record(NURSE, "viewed", "AAAA-AAA3")
    with writing() as session:
        head = session.get_one(AuditHeadRow, 1)
        right, head.sealed_head = head.sealed_head, b"junk" * 20
    assert store.record_view(NURSE, "viewed", "AAAA-AAA4") == "spill"
    drained = store.drain_views()
    assert (drained.entered, drained.waiting) == (0, 1)
    assert "audit_head" in drained.problem
    with writing() as session:
        session.get_one(AuditHeadRow, 1).sealed_head = right
    assert store.drain_views().entered == 1
    assert late() == [("viewed", "AAAA-AAA4")]


def test_the_journal_alone_is_left_when_the_spill_cannot_be_written(
    app: Flask, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write_text("this is a file")
    with outage(app, READ_ONLY):
        assert store.record_view(NURSE, 'viewed\n"x', "AAAA-AAA3") == "journal"
    (line,) = [text for text in caplog.messages if "view not in" in text]
    assert "\n" not in line, "one line, whatever stands in it"
    logged = json.loads(line.partition(": ")[2])
    assert (logged["kept"], logged["action"], logged["object"]) == (
        "journal",
        'viewed\n"x',
        "AAAA-AAA3",
    )
    assert str(folder) in logged["why"]
    assert folder.read_text() == "this is a file"


def test_a_line_that_fits_only_in_part_is_not_there_at_all(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3")
    before = the_file(folder).read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with outage(app, READ_ONLY):
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, hard))
        try:
            assert store.record_view(NURSE, "viewed", "AAAA-AAA4") == "journal"
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert the_file(folder).read_bytes() == before
        assert store.record_view(NURSE, "viewed", "AAAA-AAA6") == "spill"
    store.drain_views()
    assert late() == [("viewed", "AAAA-AAA3"), ("viewed", "AAAA-AAA6")]


# --- how long it waits ---------------------------------------------------------------------------


@pytest.mark.usefixtures("served_waits")
@pytest.mark.parametrize(
    ("wait", "of_sqlite", "of_postgresql"),
    [(None, [10_000], ["10s", "20s"]), (connections.SHORT_WAIT, [250], ["250ms", "1s"])],
)
def test_every_wait_is_bounded(
    app: Flask, wait: float | None, of_sqlite: list[int], of_postgresql: list[str]
) -> None:
    short = {"sqlite": of_sqlite, "postgresql": of_postgresql}
    long = {"sqlite": [10_000], "postgresql": ["10s", "20s"]}
    for _ in range(2):  # on the same connection: none must hold for the next transaction
        with writing(wait) as session:
            assert limits(session) == short[store.db.engine.dialect.name]
        with database.reading() as session:
            assert limits(session) == long[store.db.engine.dialect.name]


def limits(session: Session) -> list[object]:
    """Return how long the database itself says that this transaction waits."""
    if store.db.engine.dialect.name == "sqlite":
        return [session.scalar(sa.text("PRAGMA busy_timeout"))]
    return [session.scalar(sa.text(f"SHOW {name}_timeout")) for name in ("lock", "statement")]


def test_a_save_gives_up_on_a_lock_and_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with outage(app, LOCKED), pytest.raises(store.NotWritten, match=r"SQLITE_BUSY|55P03"):
        store.save(token, answers={"age": 40})
    assert store.save(token, answers={"age": 41}).answers == {"age": 41}
