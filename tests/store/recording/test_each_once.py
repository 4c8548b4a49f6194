"""Every view that was kept aside enters the log once, whoever enters it."""

import fcntl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from screener import store
from screener.store import recording
from screener.store import spill as spill_files
from screener.store.database import spill
from tests.clock import PATIENCE
from tests.outages import READ_ONLY, outage
from tests.store.recording.views import NURSE, THEN, late, spilled, the_file

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
        cwd=Path(__file__).parents[3],
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
