"""What the clinic has of a person at the form: helpers for the tests of the patient's pages."""

from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.engine.protocol import Protocol, Rulebook
from screener.patient import context

SAFE = {f"asq_{i}": "no" for i in range(1, 5)}


def protocol_of(app: Flask) -> Protocol:
    rulebook: Rulebook = app.extensions["screener_rulebook"]
    return rulebook.protocols["fibromyalgia"]


def stored(client: FlaskClient) -> store.Questionnaire:
    cookie = client.get_cookie(context.COOKIE)
    assert cookie is not None
    with client.application.app_context():
        questionnaire = store.load(cookie.value)
    assert questionnaire is not None
    return questionnaire


def staff_view(client: FlaskClient) -> store.Submission:
    reference = stored(client).reference
    with client.application.app_context():
        submission = store.submission(reference)
    assert submission is not None
    return submission


def queue(app: Flask) -> list[store.QueueRow]:
    with app.app_context():
        return store.queue(statuses=store.OPEN, limit=50)


def rows_in_database(app: Flask) -> int:
    with app.app_context(), store.db.engine.connect() as connection:
        return int(connection.exec_driver_sql("select count(*) from submission").scalar_one())
