"""Fixtures: the whole app on both databases, and somebody in danger."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from screener import access, store
from tests.every_page import PASSWORD, person
from tests.unwritable.site import DANGER, DOCTOR, NURSE, loaded
from tests.web import make_app


@pytest.fixture
def app(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Yield the whole app with a nurse and a doctor, on both databases."""
    monkeypatch.setattr("screener.app.load", loaded)
    made = make_app(tmp_path, database_url=database_url)
    with made.app_context():
        for email, role in ((NURSE, "intake"), (DOCTOR, "physician")):
            access.create_user(email, PASSWORD, [role])
    yield made
    with made.app_context():
        store.db.engine.dispose()


@pytest.fixture
def reference(app: Flask) -> str:
    """Return an unfinished form of somebody in danger."""
    return person(app, DANGER, last="safety")[1]
