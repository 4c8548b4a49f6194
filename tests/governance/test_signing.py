"""Signing the rulebook: a physician with their password, for the rules that were read."""

from pathlib import Path

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.engine.rulebook.load import load
from screener.locality import date_of
from tests.clock import Clock
from tests.governance.signing import (
    DOCTOR,
    NAME,
    NURSE,
    PASSWORD,
    book,
    change,
    hidden,
    sign,
    signatures,
    signed_in,
)
from tests.web import errors, soup, visible


def test_a_physician_signs_and_everyone_reads_who_and_when(app: Flask, doctor: FlaskClient) -> None:
    patient = app.test_client()
    for path in ("/", "/learn/", "/learn/ketamine-risks"):
        assert "reviewed by no physician" in visible(patient.get(path))
    answer = sign(doctor)
    assert answer.status_code == 303 and answer.location == "/staff/rulebook?signed=1"
    page = visible(doctor.get(answer.location))
    assert "Your signature is recorded" in page and f"{NAME} ({DOCTOR})" in page
    assert "No physician has signed" not in page
    [signature] = signatures(app)
    with app.app_context():
        day = date_of(signature.at)
    line = f"reviewed by {NAME} on {day:%B} {day.day}, {day.year}"
    for path in ("/", "/learn/", "/learn/ketamine-risks", "/nope"):
        text = visible(patient.get(path))
        assert line in text
        assert "no physician" not in text and "not yet been reviewed" not in text
    with app.app_context():
        [entry] = [entry for entry in store.audit_entries() if entry.action == "signed"]
    assert (entry.actor, entry.object) == (DOCTOR, book(app).hash)


@pytest.mark.parametrize("name", ["\u200b", "\u3164", " \u200f "])
def test_a_signature_that_nobody_sees_is_none(app: Flask, doctor: FlaskClient, name: str) -> None:
    answer = sign(doctor, name=name)
    assert ("Write your full name.", "#name") in errors(answer)
    assert signatures(app) == []


def test_only_a_physician_signs(app: Flask) -> None:
    nurse = signed_in(app, NURSE)
    assert nurse.get("/staff/rulebook/sign").status_code == 403
    token = {"csrf_token": hidden(signed_in(app, DOCTOR).get("/staff/rulebook/sign"))["csrf_token"]}
    data = {**token, "hash": book(app).hash, "name": NAME, "read": "y"}
    assert nurse.post("/staff/rulebook/sign", data=data).status_code in (400, 403)
    assert signatures(app) == []


def test_a_post_without_its_token_signs_nothing(app: Flask, doctor: FlaskClient) -> None:
    data = {"hash": book(app).hash, "name": NAME, "read": "y"}
    assert doctor.post("/staff/rulebook/sign", data=data).status_code == 400
    assert signatures(app) == []


def test_the_password_is_asked_for_once_more(app: Flask, doctor: FlaskClient, at: Clock) -> None:
    data = hidden(doctor.get("/staff/rulebook/sign")) | {"name": NAME, "read": "y"}
    at(minutes=5)
    for answer in (
        doctor.get("/staff/rulebook/sign"),
        doctor.post("/staff/rulebook/sign", data=data),
    ):
        assert answer.status_code == 303
        assert answer.location == "/staff/verify?next=/staff/rulebook/sign"
    assert signatures(app) == []
    verify = doctor.get(answer.location)
    assert "Confirm that it is you" in visible(verify)
    wrong = {**hidden(verify), "password": "not this one"}
    assert doctor.post(answer.location, data=wrong).status_code == 200
    assert doctor.get("/staff/rulebook/sign").status_code == 303
    right = {**hidden(verify), "password": PASSWORD}
    assert doctor.post(answer.location, data=right).location.endswith("/staff/rulebook/sign")
    assert sign(doctor).location == "/staff/rulebook?signed=1"
    assert len(signatures(app)) == 1


def test_who_goes_on_within_five_minutes_is_not_asked_again(doctor: FlaskClient, at: Clock) -> None:
    for passed, answer in ((299, 200), (598, 200), (898, 303)):
        at(seconds=passed)
        assert doctor.get("/staff/rulebook/sign").status_code == answer


def test_a_password_of_an_earlier_sign_in_counts_no_more(doctor: FlaskClient) -> None:
    with doctor.session_transaction() as session:
        assert "staff_confirmed" in session
    doctor.post("/staff/logout", data=hidden(doctor.get("/staff/rulebook/sign")))
    with doctor.session_transaction() as session:
        assert "staff_confirmed" not in session


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "  "}, "Write your full name."),
        ({"name": "123"}, "Write your full name."),
        ({"name": "x" * 205}, "Shorten the name by 5 characters."),
        ({"read": ""}, "Tick the box once you have read the rulebook."),
    ],
)
def test_a_signature_needs_a_name_and_a_tick(
    app: Flask, doctor: FlaskClient, changes: dict[str, str], says: str
) -> None:
    answer = sign(doctor, **changes)
    assert answer.status_code == 400
    assert [message for message, _ in errors(answer)] == [says]
    box = soup(answer).find("input", {"name": "name"})
    assert isinstance(box, Tag) and box.get("value", "") == changes.get("name", NAME)
    assert signatures(app) == []


def test_another_rulebook_than_the_one_that_was_read_is_not_signed(
    app: Flask, doctor: FlaskClient, rules: Path
) -> None:
    data = hidden(doctor.get("/staff/rulebook/sign")) | {"name": NAME, "read": "y"}
    change(rules)
    app.extensions["screener_rulebook"] = load(rules)
    answer = doctor.post("/staff/rulebook/sign", data=data)
    assert answer.status_code == 409
    assert "The rulebook has changed" in visible(answer)
    assert "nothing was signed" in visible(answer)
    assert hidden(answer)["hash"] == book(app).hash != data["hash"]
    with app.app_context():
        assert store.signatures() == []


def test_a_double_click_is_one_signature(app: Flask, doctor: FlaskClient) -> None:
    data = hidden(doctor.get("/staff/rulebook/sign")) | {"name": NAME, "read": "y"}
    for _ in range(2):
        answer = doctor.post("/staff/rulebook/sign", data=data)
        assert answer.location == "/staff/rulebook?signed=1"
    assert len(signatures(app)) == 1
    with app.app_context():
        assert [entry.action for entry in store.audit_entries()].count("signed") == 1


def test_a_name_is_text_wherever_it_is_shown(app: Flask, doctor: FlaskClient) -> None:
    sign(doctor, name="Dr. <script>alert(1)</script>   Ünal")
    for client, path in ((app.test_client(), "/"), (doctor, "/staff/rulebook")):
        page = client.get(path)
        assert "<script>alert" not in page.text
        assert "Dr. <script>alert(1)</script> Ünal" in visible(page)
