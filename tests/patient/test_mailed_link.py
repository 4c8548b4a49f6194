"""The link to come back, sent by mail: where the clinic wants it, with no word of health."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.settings import Limit
from screener.store import Message
from tests.web import CONTACT, begin, make_app, send, soup, token_of, visible

BUTTON = "Send the link to my e-mail"
MAIL = {"mail_links": True, "public_url": "https://forms.clinic.example", "smtp_host": "localhost"}
SETTINGS = {**MAIL, "smtp_sender": "notify@clinic.example", "smtp_tls": "none"}
ADDRESS = "ana@person.example"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path, **SETTINGS, limit_mail_link=Limit(2, 86400))
    yield app
    with app.app_context():
        store.db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    client = app.test_client()
    begin(client)
    send(client, "/contact", {**CONTACT, "email": ADDRESS})
    return client


def made(client: FlaskClient) -> TestResponse:
    return client.post("/later", data={"csrf_token": token_of(client, "/later"), "action": "make"})


def shown(page: TestResponse) -> dict[str, Any]:
    """Return what the form around the button sends."""
    field = soup(page).select_one("[name=made-code]")
    assert field and field.parent
    return {str(f["name"]): str(f["value"]) for f in field.parent.select("[name]")}


def mailed(app: Flask) -> Message | None:
    with app.app_context():
        return store.take_message()


def test_the_link_is_sent_and_code_and_link_stay_on_the_page(
    app: Flask, client: FlaskClient
) -> None:
    page = made(client)
    assert ADDRESS in visible(page) and BUTTON in visible(page)
    data = shown(page)
    again = client.post("/later", data=data)
    assert "The link is on its way" in visible(again)
    assert data["made-code"] in visible(again) and data["made-link"] in visible(again)
    message = mailed(app)
    assert message and message.content.address == ADDRESS
    text = f"{message.content.subject}\n{message.content.text}"
    assert f"https://forms.clinic.example/come-back#{data['made-link']}\n" in text
    assert data["made-code"] not in text
    words = r"health|clinic(?!\.example)|questionnaire|pain|mood|doctor|physician|screen|Ana"
    assert not re.search(words, text, re.IGNORECASE)
    assert ADDRESS not in repr(message) and data["made-link"] not in repr(message)


def test_the_link_leads_to_the_form(app: Flask, client: FlaskClient) -> None:
    client.post("/later", data=shown(made(client)))
    message = mailed(app)
    assert message
    link = re.search(r"come-back#(\S+)", message.content.text)
    assert link
    other = app.test_client()
    data = {"csrf_token": token_of(other), "link": link[1]}
    assert other.post("/come-back", data=data).location == "/questions"


def test_only_so_many_links_go_to_one_address(app: Flask, client: FlaskClient) -> None:
    data = shown(made(client))
    for says in ("on its way", "on its way", "sent too often"):
        answer = client.post("/later", data=data)
        assert says in visible(answer)
    assert data["made-code"] in visible(answer), "the code is not lost"
    with app.app_context():
        assert [store.take_message() is not None for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("name", ["made-link", "made-code"])
def test_what_is_not_of_this_form_is_neither_sent_nor_shown(
    app: Flask, client: FlaskClient, name: str
) -> None:
    data = {**shown(made(client)), name: "AAAA-FORGED"}
    answer = client.post("/later", data=data)
    assert (answer.status_code, answer.location) == (303, "/later")
    assert "AAAA-FORGED" not in visible(client.get("/later"))
    assert mailed(app) is None


def test_the_button_is_not_there_without_an_address(app: Flask) -> None:
    client = app.test_client()
    begin(client)
    assert BUTTON not in visible(made(client))


def test_the_button_is_not_there_where_the_clinic_has_not_set_it_up(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    client = app.test_client()
    begin(client)
    send(client, "/contact", {**CONTACT, "email": ADDRESS})
    page = made(client)
    assert BUTTON not in visible(page)
    data = {"csrf_token": token_of(client, "/later"), "action": "mail", "made-link": "x"}
    client.post("/later", data=data)
    assert mailed(app) is None
    with app.app_context():
        store.db.engine.dispose()


def test_erasing_the_form_takes_the_mail_along(app: Flask, client: FlaskClient) -> None:
    client.post("/later", data=shown(made(client)))
    assert send(client, "/start-again", {"action": "erase"}).status_code == 303
    assert mailed(app) is None
