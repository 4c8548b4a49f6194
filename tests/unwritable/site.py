"""Staff at a site whose database cannot be written: helpers."""

from functools import cache
from pathlib import Path

from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load
from tests.every_page import PASSWORD
from tests.web import send, soup

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
DANGER = {"asq_1": "yes", "asq_5": "yes"}


@cache
def loaded(root: Path) -> Rulebook:
    """Return the rulebook, read once for the whole run."""
    return load(root)


def signed_in(app: Flask, email: str = NURSE) -> FlaskClient:
    client = app.test_client()
    answer = send(client, "/staff/login", {"email": email, "password": PASSWORD})
    assert answer.location == "/staff/"
    return client


def late(app: Flask) -> list[tuple[str, str, str]]:
    """Return the late entries of the audit log, the oldest first."""
    with app.app_context():
        assert store.verify_audit() is None
        entries = reversed(store.audit_entries(limit=1000))
        return [(entry.actor, entry.action, entry.object) for entry in entries if entry.late]


def form(page: TestResponse, action: str) -> dict[str, str]:
    """Return the hidden fields of a form."""
    element = soup(page).select_one(f'form[action$="{action}"]')
    assert isinstance(element, Tag)
    return {str(hidden["name"]): str(hidden["value"]) for hidden in element.select("[type=hidden]")}
