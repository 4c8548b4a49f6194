"""Signing in and signing the rulebook: helpers."""

from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.engine.protocol import Rulebook
from tests.web import soup

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
PASSWORD = "correct horse battery"
NAME = "Dr. Ana Test"
PRODUCTION = {
    "mode": "production",
    "clinic_name": "Hill Street Clinic",
    "clinic_phone": "(555) 555-0199",
    "clinic_address": "1 Hill Street",
    "time_zone": "America/Chicago",
    "https": True,
}


def signed_in(app: Flask, email: str, base: str = "http://localhost") -> FlaskClient:
    client = app.test_client()
    data = {**hidden(client.get("/staff/login", base_url=base)), "email": email}
    answer = client.post("/staff/login", data={**data, "password": PASSWORD}, base_url=base)
    assert answer.status_code == 302
    return client


def hidden(page: TestResponse) -> dict[str, Any]:
    return {
        str(field["name"]): str(field.get("value", ""))
        for field in soup(page).select("main input[type=hidden]")
    }


def book(app: Flask) -> Rulebook:
    book: Rulebook = app.extensions["screener_rulebook"]
    return book


def signatures(app: Flask) -> list[store.Signature]:
    with app.app_context():
        return store.signatures(book(app).hash)


def sign(client: FlaskClient, **changes: str) -> TestResponse:
    data = hidden(client.get("/staff/rulebook/sign"))
    data |= {"name": NAME, "read": "y", **changes}
    return client.post("/staff/rulebook/sign", data=data)


def change(rules: Path) -> None:
    file = rules / "common" / "mood.yaml"
    file.write_text(file.read_text().replace("leaf: phq9 >= 10", "leaf: phq9 >= 18"))
