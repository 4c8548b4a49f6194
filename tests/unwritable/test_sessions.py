"""Staff sessions while nothing can be written: they hold, end in time and stay ended."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from tests.clock import Clock
from tests.every_page import PASSWORD
from tests.outages import READ_ONLY, outage
from tests.unwritable.site import DOCTOR, NURSE, form, late, signed_in
from tests.web import send, visible


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
