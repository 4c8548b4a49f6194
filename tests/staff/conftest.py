"""Fixtures of the tests of the staff's pages: the site, a nurse and a doctor."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.access import create_user
from tests.staff.clinic import DOCTOR, NURSE, PASSWORD, signed_in
from tests.web import make_app


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Yield the whole app with a nurse and a doctor."""
    app = make_app(tmp_path)
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
        create_user(DOCTOR, PASSWORD, ["physician"])
    yield app
    with app.app_context():
        store.db.engine.dispose()


@pytest.fixture
def nurse(app: Flask) -> FlaskClient:
    """Return a browser in which the nurse is signed in."""
    return signed_in(app, NURSE)


@pytest.fixture
def doctor(app: Flask) -> FlaskClient:
    """Return a browser in which the doctor is signed in."""
    return signed_in(app, DOCTOR)
