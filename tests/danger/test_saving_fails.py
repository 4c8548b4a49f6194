"""Answers that cannot be taken or saved: help comes, and what was typed is kept."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from screener import store
from screener.patient import context
from screener.store import connections
from tests.danger.pages import (
    ACUTE,
    failing,
    helps,
    kept,
    opened_page,
    questionnaire,
    seen_by_staff,
)
from tests.web import CONTACT, begin, errors, make_app, send, soup, visible

# --- what cannot be taken ------------------------------------------------------------------------


def test_a_warning_sign_ticked_with_none_of_these_raises_help(
    app: Flask, person: FlaskClient
) -> None:
    answer = send(person, "/questions/warning_signs", {"warning_signs": ["chest_pain", "none"]})
    assert answer.location == "/help"
    stored = questionnaire(person)
    assert stored.priority == "emergency"
    assert ("warning_signs", "['chest_pain']") in kept(seen_by_staff(app, stored.reference))
    assert len(seen_by_staff(app, stored.reference).risk_answers) == 1
    send(person, "/help", {"action": "continue"})
    send(person, "/questions/sleep", {"sleep_signs": "none"})
    assert len(seen_by_staff(app, stored.reference).risk_answers) == 1


def test_sending_stops_at_what_could_not_be_taken(person: FlaskClient) -> None:
    send(person, "/questions/blood_pressure", {"bp_systolic": "high"})
    answer = send(person, "/check")
    assert answer.status_code == 422
    ((message, link),) = errors(answer)
    assert "Blood pressure" in message
    assert "high" in person.get(link).text
    assert questionnaire(person).submitted_at is None
    assert send(person, "/check", {"leave_blank": "blood_pressure"}).location == "/check"
    assert send(person, "/check").location == "/results"
    assert "bp_systolic" not in questionnaire(person).answers


def test_sending_stops_at_contact_details_that_could_not_be_taken(person: FlaskClient) -> None:
    send(person, "/contact", {**CONTACT, "email": "nobody"})
    answer = send(person, "/check")
    assert answer.status_code == 422
    assert [link for _, link in errors(answer)] == ["/contact?from=check"]
    send(person, "/check", {"leave_blank": "contact"})
    assert send(person, "/check").location == "/results"
    assert questionnaire(person).identity["email"] == CONTACT["email"]


# --- when saving fails ---------------------------------------------------------------------------


def test_a_danger_answer_on_a_full_disk_still_gets_help(app: Flask, person: FlaskClient) -> None:
    tab = opened_page(person, "/questions/safety")
    words = "at night, “alone” <b>"
    with failing(app):
        answer = person.post("/questions/safety", data={**tab, **ACUTE, "asq_5_detail": words})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert helps(answer)
    assert "are not saved" in visible(answer)
    assert "Your answers are saved" not in visible(answer)
    form = soup(answer).select_one("main form")
    assert form is not None and form["action"] == "/questions/safety"
    again = {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")}
    assert again["asq_5_detail"] == words
    assert person.post("/questions/safety", data=again).location == "/help"
    assert questionnaire(person).answers["asq_5"] == "yes"


def test_other_answers_on_a_full_disk_are_kept_in_the_page(app: Flask, person: FlaskClient) -> None:
    tab = opened_page(person, "/questions/sleep")
    signs = ["burning", "numbness"]
    with failing(app):
        answer = person.post("/questions/sleep", data={**tab, "nerve_pain_signs": signs})
    assert answer.status_code == 503
    assert "This page was not saved" in visible(answer)
    fields = soup(answer).select("main form [name=nerve_pain_signs]")
    assert [field["value"] for field in fields] == signs


def test_a_request_for_a_call_on_a_full_disk_is_not_called_noted(
    app: Flask, person: FlaskClient
) -> None:
    tab = opened_page(person, "/help")
    with failing(app):
        answer = person.post("/help", data={**tab, "action": "call"})
    assert answer.status_code == 503
    assert helps(answer)
    assert "noted" not in visible(answer)


def test_a_lock_that_stays_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(tmp_path)
    person = app.test_client()
    begin(person)
    tab = opened_page(person, "/questions/safety")
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with app.app_context():
        engine = store.db.engine
        with engine.execution_options(screener_begin="IMMEDIATE").begin():
            answer = person.post("/questions/safety", data={**tab, **ACUTE})
        engine.dispose()
    assert answer.status_code == 503
    assert helps(answer)


@pytest.mark.parametrize("gone", [OperationalError("x", None, Exception("gone")), RuntimeError()])
def test_help_comes_whatever_breaks(
    person: FlaskClient, monkeypatch: pytest.MonkeyPatch, gone: Exception
) -> None:
    """Nothing can be looked up, not even whose form it is."""
    tab = opened_page(person, "/questions/safety")

    def broken(*_given: object, **_more: object) -> None:
        raise store.Unavailable(str(gone)) if isinstance(gone, OperationalError) else gone

    monkeypatch.setattr(store, "load", broken)
    monkeypatch.setattr(store, "save", broken)
    answer = person.post("/questions/safety", data={**tab, **ACUTE})
    assert answer.status_code in (500, 503)
    assert helps(answer)


def test_a_token_that_no_longer_fits_still_brings_help(app: Flask, person: FlaskClient) -> None:
    tab = {**opened_page(person, "/questions/safety"), "csrf_token": "old"}
    answer = person.post("/questions/safety", data={**tab, **ACUTE})
    assert answer.status_code == 400
    assert helps(answer)
    assert questionnaire(person).priority != "emergency"
    form = soup(answer).select_one("main form")
    assert form is not None
    again = {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")}
    assert person.post("/questions/safety", data=again).location == "/help"


def test_a_form_that_is_gone_still_brings_help(app: Flask, person: FlaskClient) -> None:
    tab = opened_page(person, "/questions/safety")
    person.delete_cookie(context.COOKIE)
    answer = person.post("/questions/safety", data={**tab, **ACUTE})
    assert answer.status_code == 404
    assert helps(answer)
    assert "are not saved" in visible(answer)


def test_too_many_saves_still_bring_help(tmp_path: Path) -> None:
    app = make_app(tmp_path, limit_save="1/600")
    person = app.test_client()
    begin(person)
    send(person, "/questions/sleep", {"sleep_signs": "none"})
    answer = send(person, "/questions/safety", ACUTE)
    assert answer.status_code == 429
    assert helps(answer)
    assert int(answer.headers["Retry-After"]) > 0
