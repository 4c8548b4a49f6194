"""Every page, as a browser shows it: nothing that axe finds wrong, nothing too wide."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Show
from tests.every_page import PAGES, STAFF, Page

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


@pytest.mark.parametrize(("page", "width"), CASES)
def test_axe_finds_nothing(show: Show, page: Page, width: int) -> None:
    tab = show(page, width)
    steps.fits(tab)
    results = Axe().run(tab, options=RULES)
    assert results.violations_count == 0, results.generate_report()
