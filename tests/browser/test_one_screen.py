"""The one screen of a submission: what matters is in sight, and what is typed is kept."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.test_print import PEOPLE
from tests.every_page import PROTOCOL, case
from tests.staff.clinic import add

Window = Callable[..., Tab]
HEIGHT = 800  # pixels of a small desk screen
MOST = 60_000  # bytes as sent
IN_SIGHT = (".sc-top", ".sc-headline", ".sc-patterns", ".sc-gauges", "#holds", "#act", "#ask-first")
OPENED = "/staff/submissions/{}"


def open_page(live: Live, window: Window, who: str, width: int = DESK, **more: Any) -> Tab:
    """Return the window in which a physician has just opened somebody."""
    answers, sent = PEOPLE[who]
    reference = live.do(add, live.app, answers, submitted=sent)
    tab = window(width, **more)
    steps.sign_in(tab, "physician")
    if width == DESK:
        tab.set_viewport_size({"width": DESK, "height": HEIGHT})
    tab.goto(OPENED.format(reference))
    tab.evaluate("document.fonts.ready")
    return tab


@pytest.mark.parametrize("who", PEOPLE)
def test_what_matters_is_in_sight_without_scrolling(live: Live, window: Window, who: str) -> None:
    tab = open_page(live, window, who)
    for part in IN_SIGHT:
        box = tab.locator(part).first.bounding_box()
        assert box is not None and box["y"] + box["height"] <= HEIGHT, (part, box)
    steps.fits(tab)


def test_all_of_a_submission_that_was_sent_is_in_sight(live: Live, window: Window) -> None:
    tab = open_page(live, window, "a plain review")
    for part in (".sc-measures", ".sc-trials", ".sc-act", ".sc-body"):
        box = tab.locator(part).first.bounding_box()
        assert box is not None and box["y"] + box["height"] <= HEIGHT, (part, box)


@pytest.mark.parametrize("who", PEOPLE)
def test_it_is_light(live: Live, window: Window, who: str) -> None:
    tab = open_page(live, window, who)
    answer = tab.reload()
    assert answer is not None
    assert len(answer.body()) <= MOST, "not even compressed"
    link = tab.get_by_role("link", name="Everything as given").bounding_box()
    assert link is not None
    assert link["y"] <= 3 * HEIGHT


def test_on_a_phone_the_form_is_one_link_away(live: Live, window: Window) -> None:
    tab = open_page(live, window, "an emergency", PHONE)
    steps.fits(tab)
    link = tab.get_by_role("link", name="Act on it")
    expect(link).to_be_in_viewport()
    expect(tab.get_by_role("button", name="Acknowledge")).to_be_in_viewport()
    link.click()
    expect(tab.get_by_role("button", name="Add as a note")).to_be_in_viewport()


def test_scores_are_read_out_with_their_thresholds(live: Live, window: Window) -> None:
    tab = open_page(live, window, "a plain review")
    drawn = tab.locator(".sc-gauge")
    names = [drawn.nth(at).get_attribute("aria-label") for at in range(drawn.count())]
    assert names[0] == "PHQ-9: 17 of 27, moderately severe. at or above 10."
    assert names[2] == "WPI: 12 of 19. at or above 4; at or above 7."


def test_scores_that_cannot_tell_say_so(live: Live, window: Window) -> None:
    answers = {id: value for id, value in case("V01").items() if id not in ("phq9_1", "phq9_2")}
    reference = live.do(add, live.app, answers)
    tab = window(DESK)
    steps.sign_in(tab, "physician")
    tab.goto(OPENED.format(reference))
    name = tab.locator(".sc-gauge").first.get_attribute("aria-label") or ""
    assert re.match(r"PHQ-9: \d+ to \d+ of 27, ", name)
    assert tab.locator(".sc-gauge__open").count() == 1
    assert "phq9" in PROTOCOL.scores


def test_what_is_typed_is_offered_again_after_leaving(live: Live, window: Window) -> None:
    tab = open_page(live, window, "a plain review")
    box = tab.get_by_label("Your words")
    box.fill("Half a sentence. Synthetic.")
    expect(tab.locator("[data-saved]")).to_contain_text("What you typed is kept")
    tab.locator("summary", has_text="Log a contact").click()
    tab.get_by_label("Text message").check()
    address = tab.url
    tab.goto("/staff/")  # at once: it goes with the page
    tab.goto(address)
    expect(tab.get_by_label("Your words")).to_have_value("Half a sentence. Synthetic.")
    expect(tab.get_by_label("Text message")).to_be_checked()
    tab.get_by_role("button", name="Add as a note").click()
    expect(tab.locator(".sc-history")).to_contain_text("Half a sentence.")
    expect(tab.get_by_label("Your words")).to_have_value("")


def test_enter_in_a_field_presses_no_button(live: Live, window: Window) -> None:
    tab = open_page(live, window, "a plain review")
    tab.locator("summary", has_text="Log a contact").click()
    tab.get_by_label("Next try").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("main")).to_contain_text("Choose what to do by a button of the page.")
    expect(tab.get_by_role("button", name="Acknowledge")).to_be_visible()
