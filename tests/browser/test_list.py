"""The staff's list in a browser: keys, and a list that refreshes itself."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Live
from tests.every_page import case, person

Window = Callable[..., Tab]
FOCUSED = "() => document.activeElement.closest('[data-row]')?.dataset.row"
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"  # as a tab that is shown again


@pytest.fixture
def live(alone: Live) -> Live:
    """Return a site of each test's own."""
    return alone


def test_keys_go_from_row_to_row_and_open(live: Live, window: Window) -> None:
    for _ in range(2):
        live.do(person, live.app, case("V01"), submit=True)
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    rows = [row.get_attribute("data-row") for row in tab.locator("[data-row]").all()]
    for key, place in (("j", 0), ("j", 1), ("k", 0), ("k", 0), ("j", 1)):
        tab.keyboard.press(key)
        assert tab.evaluate(FOCUSED) == rows[place]
    tab.keyboard.press("/")
    expect(tab.locator("#search")).to_be_focused()
    tab.keyboard.type("jk/")
    expect(tab.locator("#search")).to_have_value("jk/")
    tab.locator("h1").click()
    tab.keyboard.press("k")
    assert tab.evaluate(FOCUSED) == rows[-1]
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/submissions/{rows[-1]}")


def test_keys_can_be_turned_off_and_stay_so(live: Live, window: Window) -> None:
    live.do(person, live.app, case("V01"), submit=True)
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    tab.get_by_role("button", name="Turn keys off").click()
    tab.reload()
    tab.keyboard.press("j")
    assert tab.evaluate(FOCUSED) is None
    tab.get_by_role("button", name="Turn keys on").click()
    tab.keyboard.press("j")
    assert tab.evaluate(FOCUSED)


def test_the_list_refreshes_itself_and_keeps_the_place(live: Live, window: Window) -> None:
    live.do(person, live.app, case("V01"), submit=True)
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    tab.keyboard.press("j")
    focused = tab.evaluate(FOCUSED)
    _, reference = live.do(person, live.app, {"asq_1": "yes", "asq_5": "yes"}, last="safety")
    with tab.expect_response("**/staff/refreshed*"):
        tab.evaluate(LOOK)
    expect(tab.locator(f'[data-row="{reference}"]')).to_be_visible()
    expect(tab.get_by_role("status")).to_have_text("1 new in the list.")
    assert tab.evaluate(FOCUSED) == focused
    steps.fits(tab)


def test_it_asks_every_half_minute_and_not_while_nobody_looks(live: Live, window: Window) -> None:
    tab = window(PHONE)
    tab.clock.install()
    steps.sign_in(tab, "intake")
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.clock.run_for(29_000)
    assert not [url for url in asked if "refreshed" in url]
    with tab.expect_response("**/staff/refreshed*"):
        tab.clock.run_for(2_000)
    tab.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    asked.clear()
    tab.clock.run_for(120_000)
    assert not asked


def test_when_the_session_is_over_no_name_stays_on_the_screen(live: Live, window: Window) -> None:
    live.do(person, live.app, case("V01"), submit=True)
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    expect(tab.locator("[data-row]").first).to_be_visible()
    tab.context.clear_cookies()
    tab.evaluate(LOOK)
    tab.wait_for_url(re.compile("/staff/login"))
    expect(tab.locator("main")).not_to_contain_text("Ana Test")


def test_a_search_by_keyboard_leaves_nothing_in_the_address_or_the_browser(
    live: Live, window: Window
) -> None:
    _, reference = live.do(person, live.app, case("V01"), submit=True)
    tab = window(PHONE)
    steps.sign_in(tab, "intake")
    tab.keyboard.press("/")
    tab.keyboard.type("ana test")
    tab.keyboard.press("Enter")
    expect(tab.locator(f'[data-row="{reference}"]')).to_be_visible()
    steps.fits(tab)
    assert "ana" not in tab.url and "ana" not in tab.title().casefold()
    kept = tab.evaluate("() => [{ ...localStorage }, { ...sessionStorage }]")
    assert "ana" not in json.dumps(kept).casefold()
    tab.locator(f'[data-row="{reference}"] a').click()
    tab.get_by_role("link", name="Back to the search results").click()
    expect(tab.locator(f'[data-row="{reference}"]')).to_be_visible()


def test_without_scripts_a_link_shows_what_came_in(live: Live, window: Window) -> None:
    tab = window(DESK, scripts=False)
    steps.sign_in(tab, "intake")
    _, reference = live.do(person, live.app, case("V01"), submit=True)
    tab.get_by_role("link", name="Show what came in since").click()
    expect(tab.locator(f'[data-row="{reference}"]')).to_be_visible()
    expect(tab.locator("[data-keys]")).to_be_hidden()
