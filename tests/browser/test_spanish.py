"""The whole form in Spanish on a phone, from the start page to the results."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps, walk
from tests.browser.conftest import PHONE, Live
from tests.browser.hands import PERSON
from tests.browser.test_whole_journey import expected, must_be_stored  # noqa: F401
from tests.every_page import PROTOCOL, RULEBOOK, SPANISH, case

pytestmark = pytest.mark.long

SAID = SPANISH.of(RULEBOOK).protocols[PROTOCOL.id]
ENGLISH = {page.title for page in PROTOCOL.pages} - {page.title for page in SAID.pages}


def look(tab: Tab) -> None:
    """Look at a page: it is in Spanish, fits, and has no English heading."""
    steps.fits(tab)
    expect(tab.locator("html")).to_have_attribute("lang", "es")
    assert tab.locator("h1").first.inner_text().strip() not in ENGLISH


def test_the_whole_form_in_spanish(
    live: Live,
    window: Callable[..., Tab],
    expected: Any,  # noqa: F811
) -> None:
    tab = window(PHONE, is_mobile=True)
    walker = walk.Walker(tab)
    tab.goto("/?language=es")
    look(tab)
    expect(tab.get_by_text("AYUDA").first).to_be_attached()
    walker.tap(tab.locator("main a.nhsuk-button").first, moves=True)
    while "/results" not in tab.url:
        assert walker.cost.pages < walk.MOST_PAGES, walker.cost.headings
        look(tab)
        if "/questions/" in tab.url:
            walk.fill(walker, SAID, case("V01"))
        for name, text in PERSON.items():
            box = tab.locator(f'main form [name="{name}"]:visible')
            if box.count() and not box.input_value():
                walker.write(box, text)
        walker.send()
    look(tab)
    must_be_stored(live, tab, expected)
