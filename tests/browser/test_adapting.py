"""Pages as people set them: enlarged, with wide spacing, with colours of their own, without motion.

WCAG 1.4.4, 1.4.10, 1.4.12, 1.4.11, 2.3.3.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator
from playwright.sync_api import Page as Tab

from tests.browser import chromium, steps
from tests.browser.conftest import DESK, NARROW, PHONE, Live, Show, windows
from tests.browser.hands import Keys
from tests.clock import PATIENCE
from tests.every_page import PAGES, PROTOCOL, STAFF, Page, Site, case

pytestmark = pytest.mark.long

Window = Callable[..., Tab]
EVERY = [pytest.param(page, id=str(page)) for page in PAGES if page.side != STAFF]
# The values of WCAG 1.4.12.
SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important }
* { word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }
"""
WEAR = """text => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [sheet];
}"""
# Words that stick out of the window, that their own box cuts off, or that lie over other words.
_SPOILT = """() => {
  const wrong = [], lines = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode, element = text.parentElement;
    if (!text.data.trim() || element.closest("svg, option, script, template")) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest(".nhsuk-u-visually-hidden, .nhsuk-skip-link, .sc-help")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const line of range.getClientRects()) {
      if (line.width < 2 || line.height < 2) continue;
      // Hidden as far as the eye goes, and read aloud.
      let box = element, clipped = false;
      for (; box && !clipped; box = box.parentElement) {
        const { position, clip, clipPath } = getComputedStyle(box);
        clipped = position === "absolute" && (clip !== "auto" || clipPath !== "none");
      }
      if (clipped) break;
      const said = text.data.trim().slice(0, 40);
      if (line.left < -0.5 || line.right > innerWidth + 0.5) wrong.push(`outside: ${said}`);
      for (let around = element; around !== document.body; around = around.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(around);
        const { left, right, top, bottom } = around.getBoundingClientRect();
        const cutX = overflowX === "hidden" && (line.left < left - 1 || line.right > right + 1);
        const cutY = overflowY === "hidden" && (line.top < top - 3 || line.bottom > bottom + 3);
        if (cutX || cutY) wrong.push(`cut: ${said}`);
      }
      lines.push({ line, text, said });
    }
  }
  lines.sort((a, b) => a.line.top - b.line.top);
  lines.forEach(({ line, text, said }, at) => {
    for (const other of lines.slice(at + 1)) {
      if (other.line.top > line.bottom) break;
      if (other.text === text) continue;
      const x = Math.min(line.right, other.line.right) - Math.max(line.left, other.line.left);
      const y = Math.min(line.bottom, other.line.bottom) - Math.max(line.top, other.line.top);
      // A line box is higher than its letters.
      if (x > 2 && y > 0.35 * Math.min(line.height, other.line.height)) {
        wrong.push(`one over the other: ${said} / ${other.said}`);
      }
    }
  });
  return wrong;
}"""


def spoilt(tab: Tab) -> list[str]:
    """Return what cannot be read on this page as it stands."""
    wrong: list[str] = tab.evaluate(_SPOILT)
    return wrong


def open_folds(tab: Tab) -> None:
    tab.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")


@pytest.mark.parametrize("page", EVERY)
def test_at_400_percent_and_with_wide_spacing_all_can_be_read(show: Show, page: Page) -> None:
    tab = show(page, NARROW)  # 1280 pixels at 400 %
    open_folds(tab)
    steps.fits(tab)
    assert spoilt(tab) == []
    tab.evaluate(WEAR, SPACING)
    steps.fits(tab)
    assert spoilt(tab) == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("<p>Words</p><p>More words</p>", 0),
        ("<p>Words</p><p style-of='up'>More words</p>", 1),
        ("<p style-of='low'>Words that are cut off at the bottom of their own box</p>", 1),
        ("<p style-of='off'>Words that stick out</p>", 1),
    ],
)
def test_what_cannot_be_read_is_seen(window: Window, body: str, wrong: int) -> None:
    tab = window(NARROW)
    tab.goto("/learn/")
    tab.evaluate("body => { document.body.innerHTML = body }", body)
    tab.evaluate(
        WEAR,
        "p { margin: 0 } [style-of=up] { margin-top: -20px } [style-of=off] { margin-left: -9px }"
        "[style-of=low] { height: 12px; overflow: hidden; width: 90px }",
    )
    assert bool(spoilt(tab)) == bool(wrong)


@pytest.fixture(scope="module")
def large(live: Live, browser: Browser) -> Iterator[Browser]:
    """Yield a browser whose letters are set to twice their usual size, and nothing else."""
    twice = browser.browser_type.launch(
        executable_path=chromium.find(),
        args=[*chromium.FLAGS, "--blink-settings=defaultFontSize=32"],
        timeout=PATIENCE * 1000,
    )
    yield twice
    twice.close()


@pytest.fixture(scope="module")
def large_window(live: Live, large: Browser) -> Iterator[Tab]:
    """Yield one window for all pages in large letters."""
    with windows(live, large) as (open_window, _):
        yield open_window(DESK)


@pytest.mark.parametrize("page", EVERY)
def test_with_letters_of_twice_the_size_all_can_be_read(
    site: Site, live: Live, large_window: Tab, page: Page
) -> None:
    tab, answer = large_window, live.do(site.open, page)
    shown = f"{live.url}/shown"
    tab.unroute_all()
    tab.route(
        shown,
        lambda route: route.fulfill(status=200, headers=dict(answer.headers), body=answer.text),
    )
    tab.goto(shown)
    assert tab.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    open_folds(tab)
    steps.fits(tab)
    assert spoilt(tab) == []


COLOURS = pytest.mark.parametrize("scheme", ["light", "dark"])
# How a control is drawn, and what stands for it.
_DRAWN = """control => [control, control.labels?.[0]].filter(Boolean)
  .flatMap((part) => ["", "::before", "::after"].map((pseudo) => getComputedStyle(part, pseudo)))
  .map((style) => [style.outline, style.border, style.opacity, style.backgroundColor].join())
  .join("|")"""


@COLOURS
@pytest.mark.parametrize(
    ("path", "selector"),
    [
        ("/questions/mood", 'input[name="phq9_1"]'),  # a scale
        ("/questions/about_you", 'input[name="sex"]'),  # radios
        ("/questions/pain_areas", 'input[name="pain_areas"]'),
    ],
)
def test_in_colours_of_ones_own_what_is_chosen_and_what_has_the_focus_differ(
    window: Window, scheme: str, path: str, selector: str
) -> None:
    tab = window(PHONE, forced_colors="active", color_scheme=scheme)
    steps.begin(tab)
    tab.goto(path)
    first, second = (tab.locator(selector).nth(place) for place in (0, 1))
    plain = first.evaluate(_DRAWN)
    assert second.evaluate(_DRAWN) == plain
    second.check()
    second.evaluate("control => control.blur()")
    assert second.evaluate(_DRAWN) != plain
    assert first.evaluate(_DRAWN) == plain
    # Pixels, too: what is chosen is not only drawn in another way, it looks different.
    looks = [_label(tab, selector, place).screenshot() for place in (0, 1)]
    assert looks[0] != looks[1]
    tab.keyboard.press("Tab")
    first.focus()
    assert first.evaluate(_DRAWN) != plain


def _label(tab: Tab, selector: str, place: int) -> Locator:
    return tab.locator(selector).nth(place).locator("..")


@COLOURS
def test_in_colours_of_ones_own_every_stop_of_the_keyboard_is_seen(
    window: Window, scheme: str
) -> None:
    keys = Keys(window(PHONE, forced_colors="active", color_scheme=scheme), PROTOCOL, case("V01"))
    keys.begin()
    for _ in range(5):
        keys.page()
    assert keys.stops > 80


def test_who_wants_no_motion_has_none(window: Window) -> None:
    tab = window(PHONE, reduced_motion="reduce")
    steps.begin(tab)
    for path in ("/questions", "/questions/pain_areas", "/questions/current_medicines", "/help"):
        tab.goto(path)
        moving = tab.evaluate(
            """[...document.querySelectorAll("*")].filter((element) => {
              const style = getComputedStyle(element);
              const longest = (text) => Math.max(...text.split(",").map(parseFloat));
              return longest(style.transitionDuration) > 0.01 || style.scrollBehavior === "smooth"
                || (style.animationName !== "none" && longest(style.animationDuration) > 0.01);
            }).map((element) => element.outerHTML.slice(0, 120))"""
        )
        assert moving == []
