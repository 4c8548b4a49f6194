"""A person at the forms: helpers for tests that walk the site with Flask's test client."""

import base64
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from bs4.filter import SoupStrainer
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
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
FIRST = "/questions/about_you"  # the page that comes after the contact details
BORN = {"date_of_birth-month": "4", "date_of_birth-day": "27", "date_of_birth-year": "1979"}


def make_settings(folder: Path, **changes: Any) -> Settings:
    """Return settings of a demonstration with its database in `folder`."""
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


class _Templates(BytecodeCache):
    """Keeps compiled templates from one app to the next, by their content."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled before; Jinja looks whether it is of the same text."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = _Templates()


def make_app(folder: Path, **changes: Any) -> Flask:
    """Return the whole app on an empty database."""
    app = cheap(create_app(make_settings(folder, **changes)))
    app.jinja_env.bytecode_cache = _TEMPLATES
    return app


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
    """Return the page of a response, to look at only: it is kept, and may be asked for again."""
    return _parsed(response.text)


@lru_cache(maxsize=16)
def _parsed(html: str) -> BeautifulSoup:
    return _without_scripts(BeautifulSoup(html, "html.parser"))


def _without_scripts(page: BeautifulSoup) -> BeautifulSoup:
    """Return a page without its templates: a browser shows them only by a script."""
    for template in page.find_all("template"):
        template.extract()
    return page


def forms(response: TestResponse) -> BeautifulSoup:
    """Return the forms of a page alone: most of a long page is none, and reading it takes time."""
    page = BeautifulSoup(response.text, "html.parser", parse_only=SoupStrainer("form"))
    return _without_scripts(page)


def visible(response: TestResponse) -> str:
    """Return the text a person can read, spaces made one."""
    page = soup(response)
    unseen = {id(text) for tag in page(["script", "style", "svg"]) for text in tag(string=True)}
    # Comments and the like are texts of other kinds.
    texts = (text for text in page(string=True) if type(text) is NavigableString)
    return re.sub(r"\s+", " ", " ".join(t for t in texts if id(t) not in unseen)).strip()


def errors(response: TestResponse) -> list[tuple[str, str]]:
    """Return (message, link) of the error summary."""
    return [
        (a.get_text(strip=True), str(a["href"]))
        for a in soup(response).select("[data-error-summary] a")
    ]


def send(client: FlaskClient, url: str, data: dict[str, Any] | None = None) -> TestResponse:
    """Open a page, fill in its form as a browser does, and send it; do not follow."""
    form = forms(client.get(url)).find("form", method="post")
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
    field = forms(client.get(url)).find("input", {"name": "csrf_token"})
    assert isinstance(field, Tag)
    return str(field["value"])


def begin(client: FlaskClient) -> None:
    """Consent, date of birth, contact details: the first question comes next."""
    assert send(client, "/consent", {"agree": "y"}).location == "/date-of-birth"
    assert send(client, "/date-of-birth", BORN).location == "/contact"
    assert send(client, "/contact", CONTACT).location == FIRST
