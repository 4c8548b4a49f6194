"""Everything that a patient presses is large enough, and the help bar covers nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab

from tests.browser import targets
from tests.browser.conftest import NARROW, PHONE, Show
from tests.every_page import PAGES, STAFF, Page

# Add pages to PAGES: each is measured here.
CASES = [
    pytest.param(page, width, id=f"{page} {width}")
    for page in PAGES
    for width in (PHONE, NARROW)
    if page.side != STAFF
]
BAR = ".sc-help"


@pytest.mark.parametrize(("page", "width"), CASES)
def test_targets_are_large_enough(show: Show, page: Page, width: int) -> None:
    tab = show(page, width)
    assert targets.too_small(tab) == []
    assert tab.locator(f"{BAR} a, {BAR} button").count() == 5
    assert targets.too_small(tab, BAR, targets.IN_DANGER, spaced=False) == []


@pytest.mark.parametrize(
    ("page", "small"),
    [
        ('<a href="/">a</a>', 0),  # far from all others
        ('<a href="/">a</a> <a href="/">b</a>', 2),
        ('<a href="/">a</a> and <a href="/">b</a>', 0),  # in a line of text
        ('<input id="x" type="checkbox"><input type="checkbox">', 2),
        ('<label for="x">Twelve words of a label</label><input id="x" type="checkbox">', 0),
        ('<span class="drawn"><label for="x"></label></span><input id="x">', 2),
        ("<button>a</button><button>bb</button>", 2),
    ],
)
def test_what_is_too_small_is_seen(window: Callable[..., Tab], page: str, small: int) -> None:
    tab = window(PHONE)
    tab.goto("/learn/")
    style = "label { display: inline-block; min-height: 24px } .drawn label { width: 20px }"
    tab.evaluate("page => { document.body.innerHTML = page }", f"<main>{page}</main>")
    tab.evaluate(
        "text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text);"
        " document.adoptedStyleSheets = [sheet] }",
        f"{style} button, input {{ width: 15px; height: 15px; padding: 0; margin: 0 }}",
    )
    assert len(targets.too_small(tab)) == small
    assert len(targets.too_small(tab, "header")) == 0


@pytest.mark.parametrize("width", [PHONE, NARROW])
def test_the_bar_stays_in_view_and_covers_nothing_that_has_the_focus(
    window: Callable[..., Tab], width: int
) -> None:
    tab = window(width)
    tab.goto("/learn/")
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    tab.locator("footer a").last.focus()
    for _ in range(40):
        tab.keyboard.press("Shift+Tab")
        focused, covered = tab.evaluate(_FOCUS, BAR)
        assert not covered, focused
    help_page = tab.locator(f"{BAR} a", has_text="Help")
    assert help_page.bounding_box() is not None
    tab.evaluate("scrollTo(0, 700)")
    box = help_page.bounding_box()
    assert box is not None
    assert box["y"] >= 0, "the targets do not scroll away"


# Words of what has the focus, and whether the bar lies over any of it.
_FOCUS = """
(bar) => {
  const focused = document.activeElement;
  if (focused === document.body || focused.closest(bar)) return ["", false];
  const top = focused.getBoundingClientRect().top;
  const under = document.querySelector(bar).getBoundingClientRect().bottom;
  const skip = focused.matches(".nhsuk-skip-link");
  return [focused.innerText, !skip && top < under - 0.5];
}
"""
