"""A form that goes on under another edition of the rules: helpers for its tests."""

from dataclasses import replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from screener.engine.protocol import Page, Protocol, Rulebook
from screener.patient import context
from screener.patient.record import Record
from tests.engine.answers import PROTOCOL
from tests.patient.stored import stored
from tests.staff.clinic import tamper


def serve(app: Flask, rulebook: Rulebook) -> None:
    app.extensions[context.RULEBOOK] = rulebook


def keep(person: FlaskClient, **answers: Any) -> None:
    """Put answers into the form as an earlier edition left them; None takes one out."""
    form = stored(person)
    kept = {id: value for id, value in (form.answers | answers).items() if value is not None}
    tamper(person.application, form.id, "answers", kept)


def read(person: FlaskClient) -> Record:
    form = stored(person)
    with person.application.app_context():
        return Record.of(form)


def with_protocol(rulebook: Rulebook, protocol: Protocol) -> Rulebook:
    return replace(rulebook, protocols={**rulebook.protocols, protocol.id: protocol})


def page_of(question: str) -> Page:
    return PROTOCOL.pages[PROTOCOL.page_of[question]]
