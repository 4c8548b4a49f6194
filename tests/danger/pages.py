"""Answers in danger, and what the clinic then has: helpers for the tests about danger."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from screener import store
from screener.patient import context
from tests.clock import START
from tests.web import BORN, soup

ACUTE = {"asq_1": "yes", "asq_5": "yes"}
CALM = {f"asq_{number}": "no" for number in range(1, 5)}
YOUNG = {**BORN, "date_of_birth-year": str(START.year - 10)}


def questionnaire(client: FlaskClient) -> store.Questionnaire:
    cookie = client.get_cookie(context.COOKIE)
    assert cookie is not None
    with client.application.app_context():
        stored = store.load(cookie.value)
    assert stored is not None
    return stored


def seen_by_staff(app: Flask, reference: str) -> store.Submission:
    with app.app_context():
        submission = store.submission(reference)
    assert submission is not None
    return submission


def kept(submission: store.Submission) -> set[tuple[str, str]]:
    return {(answer.question, str(answer.value)) for answer in submission.risk_answers}


def opened_page(client: FlaskClient, url: str) -> dict[str, str]:
    """Open a page in a tab and return its hidden fields, to be sent later."""
    form = soup(client.get(url)).select_one("main form[method=post]")
    assert form is not None
    return {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")}


@contextmanager
def failing(app: Flask, message: str = "database or disk is full") -> Iterator[None]:
    """Let every statement that changes the database fail as a full disk makes it fail."""

    def refuse(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            raise OperationalError(statement, None, Exception(message))

    with app.app_context():
        engine = store.db.engine
    sa.event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", refuse)


def helps(response: TestResponse) -> bool:
    """Return whether a page gives help: the numbers as large targets, each once in its body."""
    targets = soup(response).select(
        "main a.nhsuk-button[href^=tel], main a.nhsuk-button[href^=sms]"
    )
    return sorted(str(a["href"]) for a in targets) == ["sms:988", "tel:911", "tel:988"]
