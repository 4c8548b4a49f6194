"""A person at the forms: helpers for tests that walk the site with Flask's test client."""

import base64
import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener.app import create_app
from screener.settings import Settings

CONTACT = {
    "name": "Ana Test",
    "phone": "(555) 555-0142",
    "phone_2": "",
    "location": "Springfield, IL",
    "email": "",
    "emergency_name": "",
    "emergency_phone": "",
}
BORN = {"date_of_birth-month": "4", "date_of_birth-day": "27", "date_of_birth-year": "1979"}


def make_settings(folder: Path, **changes: Any) -> Settings:
    """Settings of a demonstration with its database in `folder`."""
    return Settings.load(
        **{
            "mode": "demonstration",
            "database_url": f"sqlite:///{folder / 'screener.db'}",
            "secret_key": "s" * 32,
            "password_salt": "p" * 32,
            "encryption_keys": "k1:" + base64.b64encode(b"k" * 32).decode(),
            "audit_spill": folder / "spill",
            **changes,
        }
    )


def make_app(folder: Path, **changes: Any) -> Flask:
    """Return the whole app on an empty database."""
    return cheap(create_app(make_settings(folder, **changes)))


def cheap(app: Flask) -> Flask:
    """Let passwords of this app cost nothing: that they are slow to guess has a test of its own."""
    context = app.extensions["security"].pwd_context
    context.update(argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)
    return app


def bare_app(folder: Path, **changes: Any) -> Flask:
    """Return an app with settings and nothing else: enough for words, times and numbers."""
    app = Flask("bare")
    app.extensions["screener_settings"] = make_settings(folder, **changes)
    return app


def soup(response: TestResponse) -> BeautifulSoup:
    """Return the page of a response."""
    return BeautifulSoup(response.text, "html.parser")


def visible(response: TestResponse) -> str:
    """Return the text a person can read, spaces made one."""
    page = soup(response)
    for hidden in page(["script", "style", "svg"]):
        hidden.decompose()
    return re.sub(r"\s+", " ", page.get_text(" ")).strip()


def errors(response: TestResponse) -> list[tuple[str, str]]:
    """Return (message, link) of the error summary."""
    return [
        (a.get_text(strip=True), str(a["href"]))
        for a in soup(response).select("[data-error-summary] a")
    ]


def send(client: FlaskClient, url: str, data: dict[str, Any] | None = None) -> TestResponse:
    """Open a page, fill in its form as a browser does, and send it; do not follow."""
    form = soup(client.get(url)).find("form", method="post")
    assert isinstance(form, Tag), f"no form at {url}"
    hidden = {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")}
    assert "csrf_token" in hidden
    return client.post(url, data={**hidden, **(data or {})})


def refused(client: FlaskClient, url: str, data: dict[str, Any] | None = None) -> TestResponse:
    """Send a page that has to be mended: it comes back by a redirect, so that Back is harmless."""
    answer = send(client, url, data)
    assert (answer.status_code, answer.location) == (303, url)
    page = client.get(url)
    assert page.status_code == 200
    return page


def token_of(client: FlaskClient, url: str = "/consent") -> str:
    """Return a CSRF token for this client."""
    field = soup(client.get(url)).find("input", {"name": "csrf_token"})
    assert isinstance(field, Tag)
    return str(field["value"])


def begin(client: FlaskClient) -> None:
    """Consent, date of birth, contact details: the task list comes next."""
    assert send(client, "/consent", {"agree": "y"}).location == "/date-of-birth"
    assert send(client, "/date-of-birth", BORN).location == "/contact"
    assert send(client, "/contact", CONTACT).location == "/questions"
