"""Servers that start while the database cannot be written."""

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from screener import access, store
from screener.app import create_app
from screener.places import shipped
from screener.store import clock, connections
from tests.clock import PATIENCE
from tests.conftest import KEY, OTHER_KEY, opened
from tests.every_page import PASSWORD, person
from tests.outages import LOCKED, READ_ONLY, outage
from tests.unwritable.site import DANGER, NURSE, late, loaded, signed_in
from tests.web import make_app, make_settings, visible

READ_QUEUE = """
import json, os, resource, sys
from pathlib import Path
from typing import Any
from screener import store
from tests.clock import stand
from tests.web import make_app, visible
folder, cookie, limit, path, now = sys.argv[1:]
stand(now)
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
app = make_app(Path(folder), audit_spill=Path(folder).parent / "spill")
client = app.test_client()
client.set_cookie("session", cookie)
for path in ("/staff/", path):
    page = client.get(path)
    print(json.dumps([page.status_code, visible(page)]))
with app.app_context():
    store.db.engine.dispose()
"""


def without_privilege() -> None:
    """Let root obey permissions, as everybody else does."""
    if os.geteuid():
        return
    drop, override, search = 24, 1, 2  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    libc = ctypes.CDLL(None)
    for capability in (override, search):
        libc.prctl(drop, capability, 0, 0, 0)


@pytest.mark.parametrize("limit", [0, 8192], ids=["read-only", "full"])
def test_a_server_that_starts_on_such_a_disk_shows_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """SQLite lays files beside the database; after a clean stop they are gone."""
    monkeypatch.setattr("screener.app.load", loaded)
    folder = tmp_path / "data"
    folder.mkdir()
    app = make_app(folder)
    with app.app_context():
        access.create_user(NURSE, PASSWORD, ["intake"])
    reference = person(app, DANGER, last="safety")[1]
    cookie = signed_in(app).get_cookie("session")
    assert cookie is not None
    with app.app_context():
        store.db.engine.dispose()
    assert [path.name for path in folder.iterdir()] == ["screener.db"]
    if not limit:
        (folder / "screener.db").chmod(0o400)
        folder.chmod(0o500)
    try:
        path, now = f"/staff/submissions/{reference}", clock.now().isoformat()
        arguments = (str(folder), cookie.value, str(limit), path, now)
        run = subprocess.run(
            [sys.executable, "-c", READ_QUEUE, *arguments],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONPATH": ".", "PATH": ""},
            preexec_fn=without_privilege,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        folder.chmod(0o700)
    assert run.returncode == 0, run.stderr
    queue, submission = [json.loads(line) for line in run.stdout.splitlines()]
    assert (queue[0], submission[0]) == (200, 200)
    assert reference in queue[1]
    assert "Saving may not work right now." in queue[1]
    assert "Ana Test" in submission[1]
    noted = [line for line in run.stderr.splitlines() if "view not in the audit log: " in line]
    assert len(noted) == 2, "on standard error, one line each"
    (folder / "screener.db").chmod(0o600)
    again = make_app(folder, audit_spill=tmp_path / "spill")
    with again.app_context():
        assert store.drain_views().entered == 2
        store.db.engine.dispose()
    assert late(again) == [(NURSE, "viewed queue", ""), (NURSE, "viewed", reference)]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_connection_that_sees_no_changes_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'screener.db'}"
    store.upgrade(url)
    with opened(url, spill=tmp_path / "spill"):
        store.record(NURSE, "signed in")
    with opened(url, spill=tmp_path / "spill"):
        with files_of_at_most(8192):
            assert len(store.audit_entries()) == 1
            assert store.record_view(NURSE, "viewed", "AAAA-AAA3") == "spill"
        # There is room again, and somebody else writes.
        with opened(url, spill=tmp_path / "other"):
            store.record(NURSE, "signed out")
        monkeypatch.setattr(connections, "_FROZEN_FOR", 0.0)
        assert [entry.action for entry in store.audit_entries()] == ["signed out", "signed in"]
        assert store.record_view(NURSE, "viewed", "AAAA-AAA4") == "log"
        assert len(store.audit_entries()) == 4


def test_what_is_not_in_the_file_yet_is_never_left_out(tmp_path: Path) -> None:
    """After a crash the newest saves stand in the log beside the database."""
    url, copied = (f"sqlite:///{tmp_path / name / 'screener.db'}" for name in ("first", "copied"))
    store.upgrade(url)
    with opened(url):
        store.record(NURSE, "signed in")
        shutil.copytree(tmp_path / "first", tmp_path / "copied")
    (tmp_path / "copied" / "screener.db-shm").unlink()
    with files_of_at_most(8192), pytest.raises(store.DatabaseError), opened(copied):
        pass
    with opened(copied):
        assert len(store.audit_entries()) == 1


def test_a_server_starts_while_the_database_is_locked(
    app: Flask, tmp_path: Path, database_url: str, reference: str
) -> None:
    starts(app, LOCKED, tmp_path, database_url, reference)


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
def test_a_server_starts_on_postgresql_that_is_read_only(
    app: Flask, tmp_path: Path, database_url: str, reference: str
) -> None:
    starts(app, READ_ONLY, tmp_path, database_url, reference)


def starts(app: Flask, kind: str, folder: Path, url: str, reference: str) -> None:
    """Start a second server during an outage; the nurse reads the queue there."""
    cookie = signed_in(app).get_cookie("session")
    assert cookie is not None
    with outage(app, kind):
        second = create_app(make_settings(folder, database_url=url))
        client = second.test_client()
        client.set_cookie("session", cookie.value)
        assert reference in visible(client.get("/staff/"))
        with second.app_context():
            store.db.engine.dispose()


def test_a_new_key_is_noted_when_that_can_be_done(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    keys = {"k2": OTHER_KEY, "k1": KEY}
    with opened(database_url, {"k1": KEY}) as app:
        with outage(app, LOCKED), opened(database_url, keys):
            assert store.count_queue() == 0
        assert any("newest key is not noted yet" in line for line in caplog.messages)
    with opened(database_url, keys):
        pass
    with pytest.raises(store.SealError, match="List key 'k2'"), opened(database_url, {"k1": KEY}):
        pass


def test_a_rulebook_that_cannot_be_kept_serves_nobody(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with opened(database_url) as app:
        store.keep_rulebook("sha256:kept", "1", shipped("rules"))
        with outage(app, LOCKED):
            store.keep_rulebook("sha256:kept", "1", shipped("rules"))
            with pytest.raises(store.NotWritten):
                store.keep_rulebook("sha256:new", "2", shipped("rules"))
