"""Fixtures of the tests about danger."""

import pytest
from flask.testing import FlaskClient

from tests.web import begin


@pytest.fixture
def person(client: FlaskClient) -> FlaskClient:
    """Return a person who has reached the questions."""
    begin(client)
    return client
