"""From start to results: by keyboard alone, by touch, without scripts, with a lost line.

Every way leads to the same stored answers.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps, walk
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.hands import Keys, LosesTheLine
from tests.browser.test_coming_back import answers_of
from tests.every_page import PROTOCOL, case

pytestmark = pytest.mark.long

Window = Callable[..., Tab]


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """Return what is stored of the synthetic person V01, whichever way they fill in the form."""
    answers: dict[str, Any] = _plain(case("V01"))
    # She is not tired after effort, so the form does not ask her what follows from that.
    never_asked = {"age", "activity_drop_6_months", "dizzy_on_standing"}
    assert never_asked <= set(answers)
    return {id: answer for id, answer in answers.items() if id not in never_asked}


def must_be_stored(live: Live, tab: Tab, expected: dict[str, Any]) -> None:
    stored = _plain(answers_of(live, tab))
    # What the program counts itself is no answer.
    assert {stored.pop(counted) is None for counted in ("age", "seconds_per_item")} == {False}
    assert stored == expected


def _plain(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items()}
    return sorted(answer) if isinstance(answer, list | tuple | frozenset) else answer


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_by_keyboard_alone(live: Live, window: Window, width: int, expected: Any) -> None:
    keys = Keys(window(width), PROTOCOL, case("V01"))
    keys.begin()
    assert keys.everything() > 15
    keys.finish()
    steps.heading(keys.tab, "Received")
    must_be_stored(live, keys.tab, expected)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_by_touch_alone(live: Live, window: Window, scripts: bool, expected: Any) -> None:
    tab = window(PHONE, scripts=scripts, is_mobile=True)
    cost, _ = walk.walk(tab, PROTOCOL, case("V01"))
    assert cost.pages > 20
    steps.heading(tab, "Received")
    steps.fits(tab)
    must_be_stored(live, tab, expected)


def test_with_a_line_that_is_lost_on_every_page(live: Live, window: Window, expected: Any) -> None:
    keys = LosesTheLine(window(PHONE), PROTOCOL, case("V01"))
    keys.begin()
    keys.everything()
    keys.finish()
    steps.heading(keys.tab, "Received")
    must_be_stored(live, keys.tab, expected)


SAFE = {f"asq_{i}": "no" for i in range(1, 5)}
CRISIS = {**SAFE, "asq_1": "yes", "asq_5": "yes"}
HELP: dict[str, tuple[dict[str, Any], list[str], str, str, dict[str, str]]] = {
    # What is answered, on which pages, the heading of the help, what comes first of the numbers,
    # and the buttons that are pressed there with the heading after each.
    "crisis": (CRISIS, ["safety"], "Thank you for telling us", "Call 988", {}),
    "emergency": (
        {"warning_signs": ("saddle_numbness",)},
        ["warning_signs"],
        "Please get medical help now",
        "Call 911",
        {},
    ),
    "both": (
        {**CRISIS, "warning_signs": ("saddle_numbness",)},
        ["warning_signs", "safety"],
        "Please get medical help now",
        "Call 911",
        {},
    ),
    "not safe": (
        CRISIS,
        ["safety"],
        "Thank you for telling us",
        "Call 988",
        {"I am not sure I am safe": "Please do not stay alone with this"},
    ),
    "call asked": (
        CRISIS,
        ["safety"],
        "Thank you for telling us",
        "Call 988",
        {"Please call me": "We noted that you want a call"},
    ),
    "nothing said": (
        {**SAFE, "asq_3": "declined"},
        ["safety"],
        "That is fine",
        "Call 988",
        {},
    ),
}


@pytest.mark.parametrize("way", ["keyboard", "touch without scripts"])
@pytest.mark.parametrize("path", HELP)
def test_through_help_and_on_to_the_results(
    live: Live, window: Window, path: str, way: str
) -> None:
    answers, pages, heading, first, buttons = HELP[path]
    by_keyboard = way == "keyboard"
    tab = window(PHONE, scripts=by_keyboard, is_mobile=not by_keyboard)
    keys = Keys(tab, PROTOCOL, answers)
    keys.begin()
    # Of two dangers both stand on one page, if the first was told in another window.
    tabs = [tab, *(tab.context.new_page() for _ in pages[1:])]
    for page, tab in zip(pages, tabs, strict=True):
        tab.goto(f"/questions/{page}")
    for tab in tabs:
        keys.tab = tab
        if by_keyboard:
            keys.page()
        else:
            walker = walk.Walker(tab)
            walk.fill(walker, PROTOCOL, answers)
            walker.send()
        steps.heading(tab, heading)
    for button, after in buttons.items():
        _press(keys, by_keyboard, button)
        steps.heading(tab, after)
    steps.fits(tab)
    numbers = tab.locator('main a[href^="tel:"].nhsuk-button')
    expect(numbers.first).to_have_text("Call 911" if path == "not safe" else first)
    if by_keyboard:
        keys.skip_to_main()
        keys.to(lambda stop: stop.text == numbers.first.inner_text())
    _press(keys, by_keyboard, "I want to continue")
    assert "/help" not in tab.url
    tab.goto("/check")
    if by_keyboard:
        keys.finish()
    else:
        walk.Walker(tab).tap(tab.get_by_role("button", name="Send my answers"), moves=True)
        while "/results" not in tab.url:
            _press(keys, by_keyboard, "I want to continue" if "/help" in tab.url else "Continue")
    steps.heading(tab, "Received")
    stored = answers_of(live, tab)
    assert {id: _plain(stored[id]) for id in answers} == _plain(answers)


def _press(keys: Keys, by_keyboard: bool, name: str) -> None:
    if by_keyboard:
        keys.press(name)
    else:
        with keys.tab.expect_navigation():
            keys.tab.get_by_role("button", name=name, exact=True).tap()
