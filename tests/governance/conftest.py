"""Fixtures: the app with its staff, a copy of the rules, and apps to be closed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.access import create_user
from screener.places import shipped
from tests.governance.signing import DOCTOR, NURSE, PASSWORD, signed_in


@pytest.fixture
def app(app: Flask) -> Flask:
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
        create_user(DOCTOR, PASSWORD, ["physician"])
    return app


@pytest.fixture
def doctor(app: Flask) -> FlaskClient:
    return signed_in(app, DOCTOR)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


@pytest.fixture
def closing() -> Iterator[list[Flask]]:
    made: list[Flask] = []
    yield made
    for app in made:
        with app.app_context():
            store.db.engine.dispose()
