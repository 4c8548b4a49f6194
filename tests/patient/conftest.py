"""Fixtures of the tests of the patient's pages."""

import pytest
from flask.testing import FlaskClient

from tests.web import begin


@pytest.fixture
def person(client: FlaskClient) -> FlaskClient:
    """Return a person who has reached the questions."""
    begin(client)
    return client
