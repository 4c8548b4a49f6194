"""States of a page that only a browser has: nothing that axe finds wrong, and large targets.

What a server answers is in tests/every_page.py, and looked at in test_axe.py and test_targets.py.
"""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps, targets
from tests.browser.conftest import NARROW, PHONE, Live
from tests.browser.test_axe import RULES
from tests.browser.test_coming_back import let_idle, make_code, press

pytestmark = pytest.mark.long

Window = Callable[..., Tab]
SAVE = "Save and continue"


def open_folds(tab: Tab) -> None:
    folded = tab.locator("details:not([open]) > summary")
    while folded.count():
        folded.first.click()


def follow_ups_open(live: Live, tab: Tab) -> None:
    tab.goto("/questions/current_medicines")
    boxes = tab.locator('input[name="other_treatments"]:not([data-exclusive])')
    for box in boxes.all():
        box.check()
    expect(tab.locator("[data-follow-up]:not([hidden])").first).to_be_visible()


def names_offered(live: Live, tab: Tab) -> None:
    tab.goto("/questions/medicines_tried")
    tab.get_by_label("Type a name").press_sequentially("zoloft")
    tab.keyboard.press("Enter")
    tab.get_by_label("Type a name").press_sequentially("pre")
    expect(tab.get_by_role("option").first).to_be_visible()


def whole_list_shown(live: Live, tab: Tab) -> None:
    tab.goto("/questions/medicines_tried")
    tab.get_by_role("button", name="Show the whole list").click()
    for fold in tab.locator("main summary").all():
        fold.click()


def name_left_in_the_box(live: Live, tab: Tab) -> None:
    tab.goto("/questions/medicines_tried")
    tab.get_by_label("Type a name").press_sequentially("zoloft")
    press(tab, SAVE)
    expect(tab.locator(".sc-finder__hold")).to_be_visible()


def buttons_pressed(live: Live, tab: Tab) -> None:
    tab.goto("/questions/medicines_tried")
    tab.get_by_label("Type a name").press_sequentially("zoloft")
    tab.keyboard.press("Enter")
    steps.forward(tab)
    tab.get_by_role("button", name="50 mg").click()
    tab.locator("#weeks").fill("6 months")
    expect(tab.get_by_text("about 26 weeks")).to_be_visible()


def errors_in_follow_ups(live: Live, tab: Tab) -> None:
    follow_ups_open(live, tab)
    tab.locator("#ect_sessions").fill("many")
    steps.forward(tab)
    expect(tab.locator("[data-error-summary]")).to_be_visible()


def kept_by_the_browser(live: Live, tab: Tab) -> None:
    tab.goto("/questions/blood_pressure")
    tab.locator("#bp_systolic").fill("120")
    tab.reload()
    expect(tab.get_by_text("We kept what you had entered here.")).to_be_visible()


def not_saved(live: Live, tab: Tab) -> None:
    tab.goto("/questions/mood")
    tab.context.set_offline(True)
    press(tab, SAVE)
    expect(tab.locator("[data-not-saved]")).to_be_focused()


def no_line_for_help(live: Live, tab: Tab) -> None:
    tab.goto("/questions/mood")
    tab.context.set_offline(True)
    tab.locator(".sc-help a[href$='/help']").click()
    expect(tab.locator("[data-no-line]")).to_be_focused()


def hidden_answers_and_all_folds(live: Live, tab: Tab) -> None:
    tab.goto("/questions/mood")
    steps.fill(tab, {"phq9_1": 2})
    let_idle(live, tab)
    tab.goto("/unlock")
    for part, typed in (("Month", "4"), ("Day", "27"), ("Year", "1979")):
        tab.get_by_label(part, exact=True).fill(typed)
    press(tab, "Show my form")
    tab.goto("/check")
    open_folds(tab)


def sections_open(live: Live, tab: Tab) -> None:
    tab.goto("/questions")
    open_folds(tab)


def code_copied(live: Live, tab: Tab) -> None:
    tab.goto("/questions/about_you")
    make_code(tab)


def _spanish(path: str) -> Callable[[Live, Tab], None]:
    def show(live: Live, tab: Tab) -> None:
        tab.goto("/?language=es")
        tab.goto(path)
        expect(tab.locator("html")).to_have_attribute("lang", "es")

    return show


STATES = {
    state.__name__: state
    for state in (
        follow_ups_open,
        names_offered,
        whole_list_shown,
        name_left_in_the_box,
        buttons_pressed,
        errors_in_follow_ups,
        kept_by_the_browser,
        not_saved,
        no_line_for_help,
        hidden_answers_and_all_folds,
        sections_open,
        code_copied,
    )
} | {
    f"spanish {path}": _spanish(path)
    for path in ("/", "/questions", "/questions/mood", "/questions/pain_areas",
                 "/questions/medicines_tried", "/check", "/help", "/learn/accessibility")
}  # fmt: skip


@pytest.mark.parametrize("width", [PHONE, NARROW])
@pytest.mark.parametrize("state", STATES)
def test_a_state_has_no_fault(live: Live, window: Window, state: str, width: int) -> None:
    tab = window(width, permissions=["clipboard-read", "clipboard-write"])
    steps.begin(tab)
    STATES[state](live, tab)
    steps.fits(tab)
    assert targets.too_small(tab) == []
    if width == PHONE:
        results = Axe().run(tab, options=RULES)
        assert results.violations_count == 0, results.generate_report()
