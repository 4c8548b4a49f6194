"""A site to measure: synthetic people in a database of its own, served as the product is served.

`python -m benchmarks.site NAME FOLDER PORT` serves the product (`screener`) or a Flask application
with one empty page (`empty`), with one gunicorn process of four threads.
"""

import base64
import re
import sys
from dataclasses import dataclass, replace
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from screener import phones, samples, store
from screener.app import create_app
from screener.engine.protocol import Protocol
from screener.patient import context, journey, saving
from screener.patient.record import Record
from screener.serve import Server, options
from screener.settings import Settings

AGENT = "Mozilla/5.0"  # a session belongs to the browser that signed in
PROTOCOL = "fibromyalgia"
CASE = "V01"  # the case that answers like most people: every page, no danger
SAVED = "symptoms"  # the page that is saved: six questions, about as many as most pages have


@dataclass(frozen=True)
class People:
    """Who is measured: four unfinished forms by their tokens, and what staff open.

    `pages` are the addresses of every question page of such a form.
    """

    tokens: tuple[str, ...]
    pages: tuple[str, ...]
    staff: samples.Account
    reference: str


def settings(folder: Path) -> Settings:
    """Return the settings of a demonstration with its database in `folder`."""
    return Settings.load(
        mode="demonstration",
        database_url=f"sqlite:///{folder / 'screener.db'}",
        secret_key="s" * 32,
        password_salt="p" * 32,
        encryption_keys="k1:" + base64.b64encode(b"k" * 32).decode(),
        audit_spill=folder / "spill",
        # Nobody saves thousands of times a minute. The limit is taken all the same, at each save.
        limit_save="999999/1",
    )


def fill(app: Flask, forms: int) -> People:
    """Fill an empty database with the demonstration's people and so many unfinished forms."""
    with app.app_context():
        staff = samples.fill()[-1]
        tokens = tuple(_unfinished(number) for number in range(forms))
        row = next(row for row in store.queue() if row.submitted_at is not None)
        stored = store.load(tokens[0])
    assert stored is not None
    with app.test_request_context("/"):
        pages = tuple(stop.url() for stop in journey.stops(Record.of(stored)))
    return People(tokens, pages, staff, row.reference)


def _unfinished(number: int) -> str:
    """Begin a form, answer everything as the case does, and return its token."""
    book = context.rulebook()
    protocol = book.protocols[PROTOCOL]
    token = store.start(protocol.id, protocol.version, book.hash)
    identity = {
        "date_of_birth": "1979-04-27",
        "name": f"Synthetic Person {number}",
        **phones.entries("phone", "(555) 555-0142", context.settings().clinic_region),
        "location": "Anytown, Example State",
    }
    store.save(token, identity=identity, change=partial(_answered, protocol))
    return token


def _answered(protocol: Protocol, questionnaire: store.Questionnaire) -> store.Change:
    record = Record.of(questionnaire)
    case = next(case for case in protocol.cases if case.name.startswith(CASE))
    answers = protocol.read_answers({k: v for k, v in case.answers.items() if k != "age"})
    answered = replace(record, answers=answers)
    record.progress.pages_saved = [stop.key for stop in journey.stops(answered)]
    return saving.settled(record, answers)


def empty() -> Flask:
    """Return an application with one page that says nothing and takes any post."""
    app = Flask("empty")
    app.add_url_rule("/", "page", lambda: "", methods=["GET", "POST"])
    return app


class Browser:
    """A browser that keeps cookies and fills in forms, to bring a round to its start.

    `token` is that of a form which this browser began.
    """

    def __init__(self, port: int, token: str = "") -> None:
        self.port = port
        self._cookies = {context.COOKIE: token} if token else {}

    @property
    def cookies(self) -> str:
        """Return the cookies as a request brings them."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def get(self, path: str) -> str:
        """Return the text of a page."""
        response, text = self._send("GET", path)
        assert response.status == 200, f"{path} answered {response.status}"
        return text

    def post(self, path: str, data: dict[str, Any]) -> str:
        """Send a form with its token and return the address it leads to, "" where to none."""
        fields = {"csrf_token": hidden(self.get(path), "csrf_token"), **data}
        response, _ = self._send("POST", path, urlencode(fields))
        return response.headers.get("Location", "")

    def _send(self, method: str, path: str, body: str = "") -> tuple[HTTPResponse, str]:
        headers = {"User-Agent": AGENT, "Cookie": self.cookies}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            cookie = SimpleCookie(line)
            self._cookies.update({name: morsel.value for name, morsel in cookie.items()})
        return response, text


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field of a page, as it is sent."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag is not None, f"the page has no field {name}"
    value = re.search(r'value="([^"]*)"', tag[0])
    assert value is not None
    return value[1].replace("&#34;", '"').replace("&quot;", '"').replace("&amp;", "&")


def main() -> None:
    """Serve one of the two applications."""
    name, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    make = empty if name == "empty" else partial(create_app, settings(folder))
    Server(make, options("127.0.0.1", port, workers=1)).run()


if __name__ == "__main__":
    main()
