"""Every page, as a browser shows it: nothing that axe finds wrong, nothing too wide."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route
from playwright.sync_api import Page as Tab

from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Live, Watch, windows
from tests.every_page import PAGES, STAFF, Page, Site

# Staff pages also wide; their errors look the same there.
CASES = [
    pytest.param(page, width, id=f"{page} {width}")
    for page in PAGES
    for width in ((PHONE, DESK) if page.side == STAFF and ", " not in page.name else (PHONE,))
]
# Only what is wrong is looked at: to collect what is right takes longer than to find it.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@pytest.fixture(scope="module")
def site(live: Live) -> Site:
    """Return people in every state."""
    return live.do(Site, live.app)


@pytest.fixture(scope="module")
def looked_through(live: Live, browser: Browser) -> Iterator[tuple[dict[int, Tab], Watch]]:
    """Yield one window of each width for all pages: opening one is slower than checking a page."""
    with windows(live, browser) as (open_window, watch):
        yield {width: open_window(width) for width in (PHONE, DESK)}, watch


@pytest.fixture
def window(looked_through: tuple[dict[int, Tab], Watch]) -> Iterator[Callable[[int], Tab]]:
    """Return a function that gives the window of a width. No page leaves anything to the next."""
    tabs, watch = looked_through
    yield tabs.__getitem__
    watch.check()
    for tab in tabs.values():
        tab.unroute_all()
        tab.evaluate("if (location.host) { localStorage.clear(); sessionStorage.clear() }")
        tab.context.clear_cookies()


@pytest.mark.parametrize(("page", "width"), CASES)
def test_axe_finds_nothing(
    site: Site, live: Live, window: Callable[[int], Tab], page: Page, width: int
) -> None:
    answer = live.do(site.open, page)
    tab = window(width)

    def show(route: Route) -> None:
        route.fulfill(status=200, headers=dict(answer.headers), body=answer.text)

    # What this person was answered, with the real styles and scripts around it.
    shown = f"{live.url}/shown"
    tab.route(shown, show)
    tab.goto(shown)
    tab.evaluate("document.fonts.ready")
    steps.fits(tab)
    results = Axe().run(tab, options=RULES)
    assert results.violations_count == 0, results.generate_report()
