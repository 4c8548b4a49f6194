"""What cannot be saved stays in its box, and no error page is bare."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import connections
from tests.outages import READ_ONLY, every_outage, outage
from tests.unwritable.site import DOCTOR, form, signed_in
from tests.web import BORN, send, soup, visible

NOTE = "Called; <b>no</b> answer. Synthetic."


@every_outage
def test_a_note_that_cannot_be_saved_stays_in_its_box(
    app: Flask, reference: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = signed_in(app)
    at = f"/staff/submissions/{reference}"
    note = {**form(nurse.get(at), "/act"), "act-do": "note", "act-text": NOTE}
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with outage(app, kind):
        page = nurse.post(f"{at}/act", data=note)
        assert page.status_code == 503
        assert page.headers["Retry-After"] == "60"
        text = visible(page)
        assert "Not saved. The system cannot save right now." in text
        box = soup(page).select_one("#act-text")
        assert box is not None
        assert box.get_text().strip() == NOTE
        assert soup(page).title is not None
        assert str(soup(page).title).startswith("<title>Error: ")
    assert nurse.post(f"{at}/act", data=note).status_code == 303
    assert NOTE in visible(nurse.get(at))


@every_outage
def test_a_status_that_cannot_be_saved_stays_chosen(
    app: Flask, reference: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = signed_in(app)
    at = f"/staff/submissions/{reference}"
    first = {**form(nurse.get(at), "/act"), "act-do": "acknowledged"}
    assert nurse.post(f"{at}/act", data=first).status_code == 303
    change = {
        **form(nurse.get(at), "/act"),
        "act-do": "contact",
        "act-how": "phone",
        "act-text": "On it. Synthetic.",
        "act-reached": "no",
    }
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with outage(app, kind):
        page = nurse.post(f"{at}/act", data=change)
        assert page.status_code == 503
        assert "Not saved." in visible(page)
        chosen = [str(field["value"]) for field in soup(page).select("#act ~ form [checked]")]
        assert chosen == ["phone", "no"]
        boxes = [box.get_text().strip() for box in soup(page).select("textarea")]
        assert "On it. Synthetic." in boxes
    with app.app_context():
        stored = store.submission(reference)
        assert stored is not None
        assert stored.status == "acknowledged"
    assert nurse.post(f"{at}/act", data=change).status_code == 303


def test_what_was_typed_is_shown_also_when_nothing_can_be_read(
    app: Flask, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = signed_in(app)
    at = f"/staff/submissions/{reference}"
    page = nurse.get(at)
    note = {**form(page, "/act"), "act-do": "note", "act-text": NOTE}

    def gone(*_: object, **__: object) -> None:
        raise store.Unavailable("the database cannot be read now: SQLSTATE 57P03")

    with monkeypatch.context() as patch:
        patch.setattr(store, "submission", gone)
        answer = nurse.post(f"{at}/act", data=note)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Not saved" in visible(answer)
    assert NOTE in visible(answer)
    assert note["csrf_token"] not in answer.text
    with monkeypatch.context() as patch:
        patch.setattr(store, "session_user", gone)
        for answer in (nurse.get(at), nurse.post(f"{at}/act", data=note)):
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
    assert "call 988 text 988" in visible(page).lower()


@every_outage
def test_answers_of_a_call_that_cannot_be_saved_stay_on_its_page(
    app: Flask, reference: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = signed_in(app)
    at = f"/staff/submissions/{reference}/call"
    heard = {**form(nurse.get(at), "/call"), "call-how": "phone", "call-by": "person"}
    heard |= {"bp_systolic": "184", "none-bp_diastolic": "declined"}
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with outage(app, kind):
        page = nurse.post(at, data=heard)
        assert page.status_code == 503
        assert "Not saved. The system cannot save right now." in visible(page)
        box = soup(page).select_one("[name=bp_systolic]")
        assert box is not None and box["value"] == "184"
        reason = soup(page).select_one("[name=none-bp_diastolic] [selected]")
        assert reason is not None and reason["value"] == "declined"
    assert nurse.post(at, data=heard).status_code == 303
