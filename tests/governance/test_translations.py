"""Signing a translation: a named translator, for exactly these texts, recorded by a physician."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import spoken, store
from screener.access import create_user
from screener.places import shipped
from tests.clock import Clock
from tests.governance.signing import DOCTOR, NURSE, PASSWORD, hidden, signed_in
from tests.outages import READ_ONLY, outage
from tests.web import errors, make_app, visible

PAGE, SIGN = "/staff/rulebook/languages/es", "/staff/rulebook/languages/es/sign"
GIVEN = {"name": "Luz Test", "credential": "Certified translator", "read": "y"}


def sign(client: FlaskClient, **changes: str) -> TestResponse:
    return client.post(SIGN, data={**hidden(client.get(SIGN)), **GIVEN, **changes})


def signatures(app: Flask) -> list[store.TranslationSignature]:
    with app.app_context():
        translation = spoken.translation("es")
        assert translation is not None
        return store.translation_signatures(translation.hash)


def test_staff_read_a_translation_beside_its_english(app: Flask) -> None:
    nurse = signed_in(app, NURSE)
    page = visible(nurse.get(PAGE))
    assert "No qualified translator has signed this version" in page
    for text in ("How old are you?", "¿Qué edad tiene?", "CBT-I: retraining sleep", "Traducción"):
        assert text in page
    assert "Record a signature" not in page
    assert 'href="/staff/rulebook/languages/es"' in nurse.get("/staff/rulebook").text
    assert nurse.get("/staff/rulebook/languages/fr").status_code == 404
    assert nurse.get("/staff/rulebook/languages/en").status_code == 404


def test_a_physician_records_a_translator(app: Flask, doctor: FlaskClient) -> None:
    answer = sign(doctor)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?signed=1")
    page = visible(doctor.get(answer.location))
    assert "Luz Test, Certified translator" in page and DOCTOR in page
    assert "The signature is recorded" in page
    [signature] = signatures(app)
    assert (signature.name, signature.credential) == ("Luz Test", "Certified translator")
    patient = app.test_client()
    patient.set_cookie(spoken.COOKIE, "es")
    assert "not been reviewed by a qualified translator" not in patient.get("/").text
    with app.app_context():
        [entry] = [e for e in store.audit_entries() if e.action == "signed translation"]
    assert (entry.actor, entry.object) == (DOCTOR, f"es {signature.hash}")


def test_a_double_click_signs_once(app: Flask, doctor: FlaskClient) -> None:
    sign(doctor)
    sign(doctor)
    assert len(signatures(app)) == 1


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ({"name": " \u200b "}, ("Write the translator’s full name.", "#name")),
        ({"credential": ""}, ("Write what qualifies the translator.", "#credential")),
        ({"name": "x" * 201}, ("Shorten this by 1 characters.", "#name")),
    ],
)
def test_a_signature_names_who_and_what_qualifies_them(
    app: Flask, doctor: FlaskClient, missing: dict[str, str], message: tuple[str, str]
) -> None:
    answer = sign(doctor, **missing)
    assert answer.status_code == 400 and message in errors(answer)
    assert signatures(app) == []


def test_a_signature_says_that_everything_was_compared(app: Flask, doctor: FlaskClient) -> None:
    data = {**hidden(doctor.get(SIGN)), "name": "Luz Test", "credential": "Certified"}
    assert doctor.post(SIGN, data=data).status_code == 400
    assert signatures(app) == []


def test_another_version_than_the_one_that_was_read_is_not_signed(
    app: Flask, doctor: FlaskClient
) -> None:
    answer = sign(doctor, hash="sha256:" + "0" * 64)
    assert answer.status_code == 409 and "The translation has changed" in visible(answer)
    assert signatures(app) == []


def test_only_a_physician_records(app: Flask) -> None:
    assert signed_in(app, NURSE).get(SIGN).status_code == 403


def test_the_password_is_asked_for_once_more(doctor: FlaskClient, at: Clock) -> None:
    at(minutes=5)
    answer = doctor.get(SIGN)
    assert answer.status_code == 303 and "/staff/verify" in answer.location


def test_a_signature_that_cannot_be_stored_is_said(app: Flask, doctor: FlaskClient) -> None:
    data = {**hidden(doctor.get(SIGN)), **GIVEN}
    with outage(app, READ_ONLY):
        answer = doctor.post(SIGN, data=data)
    assert answer.status_code == 503 and "Not signed" in visible(answer)
    assert 'value="Luz Test"' in answer.text
    assert signatures(app) == []


def test_what_is_not_complete_cannot_be_signed(tmp_path: Path, closing: list[Flask]) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    (rules / "languages/es/reported.po").unlink()
    app = make_app(tmp_path, rules=rules)
    closing.append(app)
    with app.app_context():
        create_user(DOCTOR, PASSWORD, ["physician"])
    doctor = signed_in(app, DOCTOR)
    assert "is not translated" in visible(doctor.get(PAGE))
    answer = sign(doctor)
    assert answer.status_code == 400 and "Not complete" in visible(answer)
    assert signatures(app) == []


def test_rules_without_translations_are_served_in_english(
    tmp_path: Path, closing: list[Flask]
) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    shutil.rmtree(rules / "languages")
    app = make_app(tmp_path, rules=rules)
    closing.append(app)
    assert "sc-languages" not in app.test_client().get("/").text
