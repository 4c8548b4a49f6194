"""Views that the audit log cannot take: noted elsewhere, and entered later, each once."""

import fcntl
import json
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from screener import store
from screener.store import audit, connections, database, recording
from screener.store import spill as spill_files
from screener.store.database import spill, writing
from screener.store.sealing import Keyring
from screener.store.tables import AuditHeadRow, AuditRow
from tests.clock import PATIENCE, Clock
from tests.conftest import KEY, OTHER_KEY, opened
from tests.outages import LOCKED, READ_ONLY, every_outage, outage

NURSE = "nurse@clinic.example"
THEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The spill's folder; it's made when it is needed."""
    return tmp_path / "other volume"


@pytest.fixture
def app(database_url: str, folder: Path) -> Iterator[Flask]:
    """An open store with its spill in `folder`."""
    with opened(database_url, spill=folder) as app:
        yield app


def late() -> list[tuple[str, str]]:
    """Action and object of the late entries, the oldest first."""
    assert store.verify_audit() is None
    entries = reversed(store.audit_entries(limit=10_000))
    return [(entry.action, entry.object) for entry in entries if entry.late]


def spilled(app: Flask, *references: str, kind: str = READ_ONLY) -> None:
    """Let views be seen while nothing can be written."""
    with outage(app, kind):
        for reference in references:
            assert store.record_view(NURSE, "viewed", reference) == "spill"


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """About nine views in each file, so that few make several."""
    monkeypatch.setattr(spill_files, "_LARGEST", 4096)


def the_file(folder: Path) -> Path:
    return folder / "views.spill"


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
    said = [line for line in caplog.messages if line.startswith("view not in the audit log: ")]
    (line,) = [json.loads(text.partition(": ")[2]) for text in said]
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
    said = json.loads(line.partition(": ")[2])
    assert (said["kept"], said["action"], said["object"]) == ("journal", 'viewed\n"x', "AAAA-AAA3")
    assert str(folder) in said["why"]
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
    """How long the database itself says that this transaction waits."""
    if store.db.engine.dialect.name == "sqlite":
        return [session.scalar(sa.text("PRAGMA busy_timeout"))]
    return [session.scalar(sa.text(f"SHOW {name}_timeout")) for name in ("lock", "statement")]


def test_a_save_gives_up_on_a_lock_and_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with outage(app, LOCKED), pytest.raises(store.NotWritten, match=r"SQLITE_BUSY|55P03"):
        store.save(token, answers={"age": 40})
    assert store.save(token, answers={"age": 41}).answers == {"age": 41}


# --- entering ------------------------------------------------------------------------------------


def test_whoever_has_the_file_alone_reads_nothing(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3")
    (line,) = the_file(folder).read_bytes().splitlines()
    for part in (NURSE, "viewed", "AAAA", "2026"):
        assert part.encode() not in line
    assert the_file(folder).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_put_back_enters_nothing_twice(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3", "AAAA-AAA4")
    copied = the_file(folder).read_bytes()
    assert store.drain_views().entered == 2
    the_file(folder).write_bytes(copied + copied)
    drained = store.drain_views()
    assert (drained.entered, drained.waiting, drained.unopened) == (0, 0, ())
    assert late() == [("viewed", "AAAA-AAA3"), ("viewed", "AAAA-AAA4")]


def mixed_ids(lines: list[bytes]) -> list[bytes]:
    """Each line with another one's id."""
    parts = [line.split(b" ") for line in lines]
    return [
        b" ".join((other[0], own[1])) for own, other in zip(parts, reversed(parts), strict=True)
    ]


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda lines: [b"nonsense", *lines[1:]], "not a sealed view"),
        (lambda lines: [lines[0][:-7], *lines[1:]], "sealed"),
        (lambda lines: [b"\xff\x00 " + lines[0], *lines[1:]], "not a sealed view"),
        (lambda lines: [lines[0][:60] + b"AAAA" + lines[0][64:], *lines[1:]], "altered or moved"),
        (lambda lines: [b"0" * 32 + lines[0][32:], *lines[1:]], "altered or moved"),
    ],
    ids=["none", "cut", "bytes", "altered", "renamed"],
)
def test_a_line_that_does_not_open_is_told_and_stops_no_other(
    app: Flask,
    folder: Path,
    tamper: Callable[[list[bytes]], list[bytes]],
    says: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spilled(app, "AAAA-AAA3", "AAAA-AAA4", "AAAA-AAA6")
    lines = the_file(folder).read_bytes().splitlines()
    changed = tamper(lines)
    the_file(folder).write_bytes(b"\n".join(changed) + b"\n")
    for _ in range(2):
        drained = store.drain_views()
        (told,) = drained.unopened
        assert "unopened.spill, line 1: " in told
        assert says in told
        assert drained.waiting == 0
    assert late() == [("viewed", "AAAA-AAA4"), ("viewed", "AAAA-AAA6")]
    assert (folder / "unopened.spill").read_bytes().splitlines() == [changed[0]]
    assert any("does not open" in line for line in caplog.messages)
    assert not store.views_waiting(), "staff are not warned for good"


def test_lines_with_each_others_ids_do_not_open(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3", "AAAA-AAA4")
    lines = the_file(folder).read_bytes().splitlines()
    the_file(folder).write_bytes(b"\n".join(mixed_ids(lines)))
    assert len(store.drain_views().unopened) == 2
    assert late() == []


def test_a_line_made_with_another_key_does_not_enter(
    database_url: str, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere.db"
    store.upgrade(f"sqlite:///{other}")
    with opened(f"sqlite:///{other}", {"k1": OTHER_KEY}, folder) as forger:
        spilled(forger, "AAAA-AAA3")
    with opened(database_url, {"k1": KEY}, folder):
        assert "altered or moved" in store.drain_views().unopened[0]
        assert late() == []


def test_a_line_that_a_crash_cut_off_spoils_no_later_one(app: Flask, folder: Path) -> None:
    spilled(app, "AAAA-AAA3")
    with the_file(folder).open("ab") as file:
        file.write(b"0123456789abcdef")
    spilled(app, "AAAA-AAA4")
    drained = store.drain_views()
    assert (drained.entered, len(drained.unopened)) == (2, 1)
    assert late() == [("viewed", "AAAA-AAA3"), ("viewed", "AAAA-AAA4")]


def test_views_survive_a_rotation_of_the_keys(database_url: str, folder: Path) -> None:
    with opened(database_url, {"k1": KEY}, folder) as app:
        store.record(NURSE, "signed in")
        spilled(app, "AAAA-AAA3")
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}, folder) as app:
        spilled(app, "AAAA-AAA4")
        store.reseal()
        assert not store.views_waiting(), "the old key may be taken out after this"
        assert late() == [("viewed", "AAAA-AAA3"), ("viewed", "AAAA-AAA4")]
    with opened(database_url, {"k2": OTHER_KEY}, folder):
        assert store.verify_audit() is None


def test_a_line_of_a_key_that_was_taken_out_waits_for_it(database_url: str, folder: Path) -> None:
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}, folder):
        store.record(NURSE, "signed in")
        store.reseal()
    with opened(database_url, {"k1": KEY, "k2": OTHER_KEY}, folder) as app:
        spilled(app, "AAAA-AAA3")  # a worker that was started before the rotation
    with store_without_k1(database_url, folder):
        (told,) = store.drain_views().unopened
        assert "sealed with key 'k1'" in told
        assert late() == []
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}, folder):
        drained = store.drain_views()
        assert (drained.entered, drained.unopened) == (1, ())
        assert late() == [("viewed", "AAAA-AAA3")]


def store_without_k1(url: str, folder: Path) -> AbstractContextManager[Flask]:
    """The store after k1 was taken out."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM key_check WHERE key_id = 'k1'"))
    return opened(url, {"k2": OTHER_KEY}, folder)


# --- each once, whoever enters them --------------------------------------------------------------

RUN = """
import os, sys
from pathlib import Path
from screener import store
from screener.store.spill import Spill
from tests.conftest import opened
with opened(sys.argv[1], spill=Path(sys.argv[2])):
    {}
"""
STOPPED_BEFORE_REMOVING = "Spill.done = lambda *_: os._exit(9); store.drain_views()"
STOPPED_BEFORE_ENTERING = (
    "from screener.store import recording; recording._append_new = lambda *_: os._exit(9); "
    "store.drain_views()"
)
STOPPED_WHILE_ENTERING = (
    "from screener.store import audit; append = audit.append; calls = iter(range(2)); "
    "audit.append = lambda *a, **k: append(*a, **k) if next(calls, None) == 0 else os._exit(9); "
    "store.drain_views()"
)


def start(statement: str, url: str, folder: Path) -> "subprocess.Popen[str]":
    """Run a statement in a process of its own, with the store open."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN.format(statement), url, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": ".", "PATH": ""},
    )


@pytest.mark.parametrize(
    "statement", [STOPPED_BEFORE_REMOVING, STOPPED_BEFORE_ENTERING, STOPPED_WHILE_ENTERING]
)
def test_whoever_is_killed_leaves_nothing_out_and_nothing_twice(
    app: Flask, database_url: str, folder: Path, statement: str
) -> None:
    references = [f"AAAA-AAA{number}" for number in (3, 4, 6, 7)]
    spilled(app, *references)
    process = start(statement, database_url, folder)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 9
    assert store.views_waiting()
    drained = store.drain_views()
    assert (drained.waiting, drained.problem) == (0, "")
    assert late() == [("viewed", reference) for reference in references]


def test_processes_that_enter_them_at_once_enter_each_once(
    app: Flask, database_url: str, folder: Path, small_files: None
) -> None:
    count = 60
    spilled(app, *(f"R{number}" for number in range(count)))
    assert len(list(folder.glob("closed-*"))) >= 5
    processes = [
        start("print(store.drain_views().entered)", database_url, folder) for _ in range(3)
    ]
    entered = sum(int(process.communicate(timeout=PATIENCE)[0]) for process in processes)
    entered += store.drain_views().entered
    assert entered == count
    assert sorted(late()) == sorted(("viewed", f"R{number}") for number in range(count))


def test_even_without_the_lock_each_enters_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on two hosts that share the folder over a network without locks."""
    spilled(app, *(f"R{number}" for number in range(120)))
    left = threading.Barrier(3)
    lines_of = spill_files.lines_of

    def read(path: Path) -> list[bytes]:
        lines = lines_of(path)
        left.wait(PATIENCE)  # all have read the same file before any of them enters it
        return lines

    path = spill().closed()[0]
    monkeypatch.setattr(recording, "lines_of", read)
    entered: list[int] = []

    def enter() -> None:
        with app.app_context():
            entered.append(recording._enter(path))

    _together(enter, 3)
    assert sum(entered) == 120
    assert len(late()) == 120


def test_no_view_is_lost_between_writers_and_who_enters_them(app: Flask, folder: Path) -> None:
    done = threading.Event()

    def write(worker: int) -> None:
        with app.app_context():
            for number in range(40):
                view = recording.View(f"{worker:016x}{number:016x}", THEN, NURSE, "viewed", "R")
                spill().add(recording._sealed(view))

    def enter() -> None:
        with app.app_context():
            while not done.is_set():
                recording._enter_some()

    drainer = threading.Thread(target=enter)
    drainer.start()
    writers = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    drainer.join()
    store.drain_views()
    assert len(late()) == 160
    assert not store.views_waiting()


def test_a_file_is_written_by_one_at_a_time(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spilled(app, "AAAA-AAA3")
    monkeypatch.setattr(spill_files, "_PATIENCE", 0.05)
    with the_file(folder).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = the_file(folder).read_bytes()
        with outage(app, READ_ONLY):
            assert store.record_view(NURSE, "viewed", "AAAA-AAA4") == "journal"
        assert store.drain_views().entered == 0, "nor is it taken away from whoever writes"
        assert the_file(folder).read_bytes() == before
    assert store.drain_views().entered == 1


def test_two_at_once_are_told_that_another_one_does_it(app: Flask) -> None:
    spilled(app, "AAAA-AAA3")
    with spill().draining() as alone:
        assert alone
        drained = store.drain_views()
        assert (drained.entered, drained.waiting) == (0, 1)
        assert drained.problem == "another process is entering them"
        assert store.record_view(NURSE, "viewed", "AAAA-AAA4") == "log", "a page does not wait"
    assert store.drain_views().entered == 1


def _together(target: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=target) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_page_enters_a_part_and_the_command_all(app: Flask, small_files: None) -> None:
    spilled(app, *(f"R{number}" for number in range(40)))
    store.record_view(NURSE, "viewed", "AAAA-AAA3")
    assert 5 < len(late()) < 15
    assert store.views_waiting()
    assert store.drain_views().entered > 25
    assert late() == [("viewed", f"R{number}") for number in range(40)], "in their order"


def test_a_page_is_shown_although_entering_fails(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spilled(app, "AAAA-AAA3")

    def fail(*_: object) -> int:
        raise store.NotWritten("the database cannot be written now: SQLITE_FULL")

    monkeypatch.setattr(recording, "_append_new", fail)
    assert store.record_view(NURSE, "viewed", "AAAA-AAA4") == "log"
    assert store.views_waiting()
    assert any("still wait" in line for line in caplog.messages)


# --- the chain -----------------------------------------------------------------------------------


def test_that_an_entry_came_late_is_part_of_the_chain(app: Flask) -> None:
    spilled(app, "AAAA-AAA3")
    store.record(NURSE, "signed out")
    with store.db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("DROP TRIGGER audit_append_only ON audit"))
        else:
            connection.execute(sa.text("DROP TRIGGER audit_append_only_update"))
        connection.execute(sa.update(AuditRow).values(late=None))
    broken = store.verify_audit()
    assert broken is not None
    assert broken.reason == "entry 2 was altered"


def test_a_log_of_before_stays_whole_and_protected(empty_database_url: str) -> None:
    store.upgrade(empty_database_url, "0003")
    engine = sa.create_engine(empty_database_url, poolclass=sa.NullPool)
    row = AuditRow(number=1, at=THEN, actor=NURSE, action="viewed", object="R", previous="0" * 64)
    row.hash = audit._hash(row)
    sealed = Keyring({"k1": KEY}).seal([1, row.hash], audit.HEAD)
    old = {name: getattr(row, name) for name in ("number", "actor", "action", "object")}
    with engine.begin() as connection:
        table = sa.Table("audit", sa.MetaData(), autoload_with=connection)
        at = THEN if connection.dialect.name == "postgresql" else THEN.replace(tzinfo=None)
        values = {**old, "at": at, "previous": row.previous, "hash": row.hash}
        connection.execute(sa.insert(table).values(**values))
        connection.execute(
            sa.text("UPDATE audit_head SET sealed_head = :sealed").bindparams(sealed=sealed)
        )
    store.upgrade(empty_database_url)
    with opened(empty_database_url):
        assert store.verify_audit() is None
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            store.db.engine.begin() as connection,
        ):
            connection.execute(sa.text("DELETE FROM audit"))
