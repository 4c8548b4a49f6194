"""Fixtures of the tests of the presenters."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.web import bare_app


@pytest.fixture(autouse=True)
def clinic(tmp_path: Path) -> Iterator[Flask]:
    """Let presenters have the settings of a clinic in New York, for times and numbers."""
    app = bare_app(tmp_path)
    with app.app_context():
        yield app
