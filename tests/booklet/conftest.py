"""The booklet of the rulebook that ships, printed once for all tests."""

import pytest
from bs4 import BeautifulSoup

from screener.booklet.html import printed
from tests.engine.answers import RULEBOOK


@pytest.fixture(scope="module")
def page() -> BeautifulSoup:
    return BeautifulSoup(printed(RULEBOOK, []), "html.parser")
