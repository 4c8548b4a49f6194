"""The site while its database cannot be written: staff read on, and nothing typed is lost."""

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import access, store
from screener.app import create_app
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from screener.places import shipped
from screener.store import clock, connections
from tests.clock import PATIENCE, Clock
from tests.conftest import KEY, OTHER_KEY, opened
from tests.every_page import PASSWORD, person
from tests.outages import LOCKED, READ_ONLY, every_outage, outage
from tests.web import BORN, make_app, make_settings, send, soup, visible

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
DANGER = {"asq_1": "yes", "asq_5": "yes"}


@cache
def loaded(root: Path) -> Rulebook:
    """The rulebook, once for the whole run."""
    return load(root)


@pytest.fixture
def app(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The whole app with a nurse and a doctor, on both databases."""
    monkeypatch.setattr("screener.app.load", loaded)
    made = make_app(tmp_path, database_url=database_url)
    with made.app_context():
        for email, role in ((NURSE, "intake"), (DOCTOR, "physician")):
            access.create_user(email, PASSWORD, [role])
    yield made
    with made.app_context():
        store.db.engine.dispose()


@pytest.fixture
def reference(app: Flask) -> str:
    """An unfinished form of somebody in danger."""
    return person(app, DANGER, last="safety")[1]


def signed_in(app: Flask, email: str = NURSE) -> FlaskClient:
    client = app.test_client()
    answer = send(client, "/staff/login", {"email": email, "password": PASSWORD})
    assert answer.location == "/staff/"
    return client


def late(app: Flask) -> list[tuple[str, str, str]]:
    """The late entries of the audit log, the oldest first."""
    with app.app_context():
        assert store.verify_audit() is None
        entries = reversed(store.audit_entries(limit=1000))
        return [(entry.actor, entry.action, entry.object) for entry in entries if entry.late]


def form(page: TestResponse, action: str) -> dict[str, str]:
    """The hidden fields of a form."""
    found = soup(page).select_one(f'form[action$="{action}"]')
    assert isinstance(found, Tag)
    return {str(tag["name"]): str(tag["value"]) for tag in found.select("[type=hidden]")}


# --- reading -------------------------------------------------------------------------------------


@every_outage
def test_staff_read_on_and_every_view_enters_the_log_later(
    app: Flask, reference: str, kind: str
) -> None:
    nurse = signed_in(app)
    rule = f"/staff/submissions/{reference}/rules/hold_pregnant"
    paths = ["/staff/", f"/staff/submissions/{reference}", rule, "/staff/rulebook"]
    usual = {path: nurse.get(path).status_code for path in paths}
    assert set(usual.values()) == {200}
    with outage(app, kind):
        for path in paths:
            page = nurse.get(path)
            assert page.status_code == 200
            noted = "are not in the audit log yet" if path == paths[-1] else "Saving may not work"
            assert noted in visible(page)
        assert reference in visible(nurse.get("/staff/"))
        assert nurse.get("/staff/rulebook/print").status_code == 200
    calm = nurse.get("/staff/")
    assert "audit log" not in visible(calm)
    assert "Saving may not work" not in visible(calm)
    assert late(app) == [
        (NURSE, "viewed queue", ""),
        (NURSE, "viewed", reference),
        (NURSE, "viewed", reference),
        (NURSE, "viewed queue", ""),
    ]


def test_a_page_does_not_wait_for_a_lock_that_is_held(
    app: Flask, reference: str, at: Clock
) -> None:
    nurse = signed_in(app)
    with app.app_context():
        engine = store.db.engine
    waits: list[float] = []

    def write(_engine: sa.Engine, options: dict[str, Any]) -> None:
        if options.get(connections.BEGIN) == "IMMEDIATE":
            waits.append(options[connections.WAIT])

    sa.event.listen(engine, "set_engine_execution_options", write)
    with outage(app, LOCKED):
        at(minutes=5)
        assert nurse.get(f"/staff/submissions/{reference}").status_code == 200
    # That the session was used, and the view: a quarter of a second each.
    assert waits == [connections.SHORT_WAIT] * 2
    assert connections.SHORT_WAIT == 0.25


def test_the_page_is_shown_and_says_so_when_no_place_takes_the_view(
    app: Flask, reference: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nurse = signed_in(app)
    (tmp_path / "spill").write_text("a file where the folder should be")
    with outage(app, READ_ONLY):
        page = nurse.get(f"/staff/submissions/{reference}")
    assert page.status_code == 200
    assert "Views are not being recorded right now" in visible(page)
    (line,) = [text for text in caplog.messages if text.startswith("view not in the audit log")]
    said = json.loads(line.partition(": ")[2])
    assert (said["actor"], said["object"], said["kept"]) == (NURSE, reference, "journal")
    assert "Ana Test" not in line
    assert "asq" not in line


def test_a_patient_is_not_told_of_it(app: Flask, reference: str) -> None:
    nurse = signed_in(app)
    with outage(app, READ_ONLY):
        nurse.get(f"/staff/submissions/{reference}")
        for path in ("/", "/help", "/learn/", "/staff/login"):
            page = app.test_client().get(path)
            assert page.status_code == 200
            assert "audit log" not in visible(page)
            assert "recorded" not in visible(page)


def test_who_may_not_enter_is_refused_and_that_is_noted(app: Flask) -> None:
    nurse = signed_in(app)
    with outage(app, READ_ONLY):
        assert nurse.get("/staff/rulebook/sign").status_code == 403
    signed_in(app)
    assert late(app) == [(NURSE, "refused", "governance.sign")]


# --- sessions ------------------------------------------------------------------------------------


def test_who_works_on_is_not_signed_out_by_a_long_outage(app: Flask, at: Clock) -> None:
    nurse, idle = signed_in(app), signed_in(app, DOCTOR)
    with outage(app, READ_ONLY):
        for minutes in range(25, 200, 25):
            at(minutes=minutes)
            assert nurse.get("/staff/").status_code == 200
        assert idle.get("/staff/").status_code == 302, "a pause still ends a session"
        at(minutes=175 + 31)
        assert nurse.get("/staff/").status_code == 302
    at(minutes=176)
    assert nurse.get("/staff/").status_code == 200, "as noted in the signed cookie"


def test_a_session_ends_in_time_however_long_the_outage(app: Flask, at: Clock) -> None:
    nurse = signed_in(app)
    with outage(app, READ_ONLY):
        for minutes in range(25, 720, 25):
            at(minutes=minutes)
            assert nurse.get("/staff/").status_code == 200
        at(minutes=721)
        assert nurse.get("/staff/").status_code == 302


def test_a_session_that_was_ended_stays_so(app: Flask, at: Clock) -> None:
    nurse = signed_in(app)
    with outage(app, READ_ONLY):
        at(minutes=10)
        nurse.get("/staff/")
    copied = nurse.get_cookie("session")
    assert copied is not None
    send_out(nurse)
    thief = app.test_client()
    thief.set_cookie("session", copied.value)
    assert thief.get("/staff/").status_code == 302


def send_out(client: FlaskClient) -> TestResponse:
    """Press "Sign out"."""
    return client.post("/staff/logout", data=form(client.get("/staff/"), "/staff/logout"))


def test_signing_out_works_for_this_browser(app: Flask) -> None:
    nurse = signed_in(app)
    with outage(app, READ_ONLY):
        assert send_out(nurse).status_code == 302
        assert nurse.get("/staff/").status_code == 302
    signed_in(app)
    assert late(app)[-1] == (NURSE, "signed out", "")


def test_signing_in_says_that_it_cannot_be_done_now(app: Flask) -> None:
    client = app.test_client()
    with outage(app, READ_ONLY):
        page = send(client, "/staff/login", {"email": NURSE, "password": PASSWORD})
        assert page.status_code == 503
        assert page.headers["Retry-After"] == "60"
        assert "Nobody can sign in meanwhile" in visible(page)
        assert PASSWORD not in page.text
        assert client.get("/staff/").status_code == 302
    assert send(client, "/staff/login", {"email": NURSE, "password": PASSWORD}).status_code == 302


def test_nobody_is_half_signed_in(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log fills up between the session's row and its entry."""
    client = app.test_client()

    def fail(*_: object) -> None:
        raise store.NotWritten("the database cannot be written now: SQLITE_FULL")

    with monkeypatch.context() as patch:
        patch.setattr(store, "record", fail)
        page = send(client, "/staff/login", {"email": NURSE, "password": PASSWORD})
    assert page.status_code == 503
    assert client.get("/staff/").status_code == 302


# --- saving --------------------------------------------------------------------------------------


@every_outage
def test_a_note_that_cannot_be_saved_stays_in_its_box(
    app: Flask, reference: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = signed_in(app)
    at = f"/staff/submissions/{reference}"
    note = {**form(nurse.get(at), "/notes"), "note-note": "Called; <b>no</b> answer. Synthetic."}
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with outage(app, kind):
        page = nurse.post(f"{at}/notes", data=note)
        assert page.status_code == 503
        assert page.headers["Retry-After"] == "60"
        text = visible(page)
        assert "Not saved. The system cannot save right now." in text
        box = soup(page).select_one("#note-note")
        assert box is not None
        assert box.get_text().strip() == note["note-note"]
        assert soup(page).title is not None
        assert str(soup(page).title).startswith("<title>Error: ")
    assert nurse.post(f"{at}/notes", data=note).status_code == 303
    assert note["note-note"] in visible(nurse.get(at))


@every_outage
def test_a_status_that_cannot_be_saved_stays_chosen(
    app: Flask, reference: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = signed_in(app)
    at = f"/staff/submissions/{reference}"
    first = {**form(nurse.get(at), "/status"), "status-status": "acknowledged"}
    assert nurse.post(f"{at}/status", data=first).status_code == 303
    change = {
        **form(nurse.get(at), "/status"),
        "status-status": "in_contact",
        "status-note": "On it. Synthetic.",
    }
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with outage(app, kind):
        page = nurse.post(f"{at}/status", data=change)
        assert page.status_code == 503
        assert "Not saved." in visible(page)
        chosen = soup(page).select_one("[name=status-status][checked]")
        assert chosen is not None
        assert chosen["value"] == "in_contact"
        boxes = [box.get_text().strip() for box in soup(page).select("textarea")]
        assert "On it. Synthetic." in boxes
    with app.app_context():
        stored = store.submission(reference)
        assert stored is not None
        assert stored.status == "acknowledged"
    assert nurse.post(f"{at}/status", data=change).status_code == 303


def test_what_was_typed_is_shown_also_when_nothing_can_be_read(
    app: Flask, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = signed_in(app)
    at = f"/staff/submissions/{reference}"
    page = nurse.get(at)
    note = {**form(page, "/notes"), "note-note": "Called; <b>no</b> answer. Synthetic."}

    def gone(*_: object, **__: object) -> None:
        raise store.Unavailable("the database cannot be read now: SQLSTATE 57P03")

    with monkeypatch.context() as patch:
        patch.setattr(store, "submission", gone)
        answer = nurse.post(f"{at}/notes", data=note)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Not saved" in visible(answer)
    assert "Called; <b>no</b> answer. Synthetic." in visible(answer)
    assert note["csrf_token"] not in answer.text
    with monkeypatch.context() as patch:
        patch.setattr(store, "session_user", gone)
        for answer in (nurse.get(at), nurse.post(f"{at}/notes", data=note)):
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "60"


def test_a_database_that_is_away_is_no_bare_error(
    app: Flask, reference: str, postgresql: str
) -> None:
    nurse = signed_in(app)
    with app.app_context():
        engine = store.db.engine
        engine.dispose()
    with away(engine.url, postgresql):
        for path in ("/staff/", f"/staff/submissions/{reference}"):
            page = nurse.get(path)
            assert page.status_code == 503
            assert "This cannot be shown right now" in visible(page)
        assert app.test_client().get("/help").status_code == 200
    assert nurse.get("/staff/").status_code == 200


@contextmanager
def away(url: sa.URL, server: str) -> Iterator[None]:
    """Let nobody open the database."""
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        moved = file.rename(file.with_suffix(".away"))
        file.mkdir()
        yield
        file.rmdir()
        moved.rename(file)
        return
    with psycopg.connect(server, autocommit=True) as connection:
        allow = f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS '
        connection.execute(f"{allow} false".encode())
        yield
        connection.execute(f"{allow} true".encode())


def test_a_signature_that_cannot_be_saved_is_not_lost(app: Flask) -> None:
    doctor = signed_in(app, DOCTOR)
    typed = {"name": "Dr. Synthetic Example", "read": "y"}
    with outage(app, READ_ONLY):
        hidden = form(doctor.get("/staff/rulebook/sign"), "/sign")
        page = doctor.post("/staff/rulebook/sign", data={**hidden, **typed})
        assert page.status_code == 503
        assert page.headers["Retry-After"] == "60"
        assert "Not signed" in visible(page)
        name = soup(page).select_one("#name")
        assert name is not None
        assert name["value"] == "Dr. Synthetic Example"
    with app.app_context():
        assert store.signatures() == []


def test_a_patient_gets_a_page_and_not_a_bare_error(app: Flask) -> None:
    client = app.test_client()
    with outage(app, READ_ONLY):
        page = send(client, "/consent", {"agree": "y"})
        assert page.location == "/date-of-birth", "nothing is kept before that"
        page = send(client, "/date-of-birth", BORN)
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "60"
    assert "Your answers on this page are not saved" in visible(page)
    assert soup(page).select_one("main [name=date_of_birth-year]") is not None, "and are kept"
    assert "call or text 988" in visible(page)


# --- starting ------------------------------------------------------------------------------------

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
            cwd=Path(__file__).parents[1],
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
