"""A person's way through the form on a phone: with scripts, without, by keyboard, in a crisis."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import PHONE
from tests.every_page import PROTOCOL, RULEBOOK, case

Window = Callable[..., Tab]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_start_to_results(window: Window, scripts: bool) -> None:
    tab = window(PHONE, scripts=scripts)
    steps.begin(tab)
    answers = case("V01")
    seen = steps.answer_everything(tab, answers)
    missed = [page.title for page in PROTOCOL.pages if page.title not in seen]
    assert missed == ["Blood pressure, once more"], "every other part was passed"
    assert {"Medicine 1", "Medicine 2", "Medicine 3"} <= set(seen)
    steps.heading(tab, "Check your answers")
    steps.fits(tab)
    expect(tab.locator("main")).to_contain_text("Ana Test")
    expect(tab.locator("main")).to_contain_text("Left shoulder")
    tab.get_by_role("button", name="Send my answers").click()
    steps.heading(tab, "Received")
    steps.fits(tab)
    reference = tab.locator("main").inner_text()
    assert re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", reference)
    tab.get_by_text("All your answers", exact=True).click()
    # Going back and sending again changes nothing.
    tab.goto("/check")
    steps.heading(tab, "Received")


def test_the_second_form_runs_too_and_both_stand_in_one_queue(window: Window) -> None:
    depression = RULEBOOK.protocols["depression"]
    person = next(case for case in depression.cases if case.name.startswith("D01"))
    tab = window(PHONE, scripts=False)
    steps.begin(tab, "/?form=depression")
    answers = {id: answer for id, answer in person.answers.items() if id != "age"}
    seen = steps.answer_everything(tab, answers, depression)
    # His reading is not unusual.
    passed_over = [page.title for page in depression.pages if page.title not in seen]
    assert passed_over == ["Blood pressure, once more"]
    assert {"Medicine 1", "Medicine 2"} <= set(seen)
    tab.get_by_role("button", name="Send my answers").click()
    steps.heading(tab, "Received")
    steps.fits(tab)
    desk = window(1280, scripts=False)
    steps.sign_in(desk, "intake")
    desk.goto("/staff/?form=depression")
    expect(desk.locator("tbody")).to_contain_text(depression.title)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_errors_lead_to_the_question_and_keep_what_was_typed(window: Window, scripts: bool) -> None:
    tab = window(PHONE, scripts=scripts)
    steps.begin(tab)
    tab.goto("/questions/blood_pressure")
    steps.fill(tab, {"bp_systolic": "high", "bp_diastolic": "80"})
    steps.forward(tab)
    summary = tab.locator("[data-error-summary]")
    expect(summary).to_be_visible()
    if scripts:
        expect(summary).to_be_focused()
        summary.locator("a").first.click()
        expect(tab.locator("#bp_systolic")).to_be_focused()
    expect(tab.locator("#bp_systolic")).to_have_value("high")
    expect(tab.locator("#bp_diastolic")).to_have_value("80")
    steps.fits(tab)


def test_a_number_that_cannot_be_read_is_asked_about_once(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/contact")
    phone = tab.get_by_label("Phone number", exact=True)
    phone.fill("555-555-0100/0101")
    steps.forward(tab)
    expect(tab.locator("[data-error-summary]")).to_contain_text("555-555-0100/0101")
    expect(phone).to_have_value("555-555-0100/0101")
    steps.fits(tab)
    steps.forward(tab)
    steps.heading(tab, "You and your pain")


def test_where_they_are_now_stands_beside_the_safety_questions(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/safety")
    place = tab.get_by_label("Where are you right now?")
    expect(place).to_have_value("Springfield, IL")
    place.fill("Decatur, IL")
    steps.forward(tab)
    tab.goto("/questions/mood")
    expect(place).to_have_value("Decatur, IL")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_danger_now_shows_help_and_leads_on_only_by_a_choice(window: Window, scripts: bool) -> None:
    tab = window(PHONE, scripts=scripts)
    steps.begin(tab)
    tab.goto("/questions/safety")
    steps.fill(tab, {"asq_1": "yes", "asq_2": "no", "asq_3": "yes", "asq_4": "no", "asq_5": "yes"})
    steps.forward(tab)
    steps.heading(tab, "Thank you for telling us")
    steps.fits(tab)
    call = tab.locator("main").get_by_role("link", name="Call 988")
    expect(call).to_have_attribute("href", "tel:988")
    expect(call).to_be_in_viewport()  # without scrolling
    expect(tab.locator("main").get_by_role("link", name="Call 911")).to_be_visible()
    tab.goto("/questions/worry")
    steps.heading(tab, "Thank you for telling us")
    tab.get_by_role("button", name="Please call me").click()
    steps.heading(tab, "We noted that you want a call")
    tab.get_by_role("button", name="I want to continue").click()
    expect(tab).to_have_url(re.compile("/questions"))
    # The answers are kept.
    tab.goto("/questions/safety")
    expect(tab.locator('input[name="asq_5"][value="yes"]')).to_be_checked()


def test_a_sign_that_needs_care_now_shows_medical_help(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/warning_signs")
    steps.fill(tab, {"warning_signs": ["saddle_numbness"]})
    steps.forward(tab)
    steps.heading(tab, "Please get medical help now")
    steps.fits(tab)
    tab.get_by_role("button", name="Change my answer").click()
    expect(tab).to_have_url(re.compile("/questions/warning_signs"))


def test_two_pages_by_keyboard_alone(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/about_you")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to main content")).to_be_focused()
    tab.keyboard.press("Enter")
    _tab_to(tab, 'input[name="sex"]')
    tab.keyboard.press("Space")
    tab.keyboard.press("ArrowDown")
    expect(tab.locator('input[name="sex"]').nth(1)).to_be_checked()
    _tab_to(tab, "main button")
    tab.keyboard.press("Enter")
    steps.heading(tab, "Where it hurts")
    for place in ("neck", "chest"):
        _tab_to(tab, f'input[name="pain_areas"][value="{place}"]')
        tab.keyboard.press("Space")
    # "None of these" takes the others away, and another takes it away again.
    _tab_to(tab, 'input[name="pain_areas"][value="none"]')
    tab.keyboard.press("Space")
    expect(tab.locator('input[name="pain_areas"]:checked')).to_have_count(1)
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Space")
    expect(tab.locator('input[value="none"]')).not_to_be_checked()
    _tab_to(tab, "main button")
    tab.keyboard.press("Enter")
    steps.heading(tab, "Other symptoms")


def _tab_to(tab: Tab, selector: str) -> None:
    """Press Tab until it has the focus; every stop on the way must be seen to have it."""
    for _ in range(60):
        tab.keyboard.press("Tab")
        assert tab.evaluate(FOCUS_SHOWS), tab.evaluate("document.activeElement.outerHTML")
        if tab.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")


# The ring may be drawn on the control itself or on the label beside it.
FOCUS_SHOWS = """() => {
  const at = document.activeElement;
  const drawn = [at, at.nextElementSibling].filter(Boolean).flatMap((one) =>
    [getComputedStyle(one), getComputedStyle(one, "::before")]);
  return drawn.some((style) =>
    (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) ||
    style.boxShadow !== "none");
}"""


def test_answers_are_still_there_in_another_window(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/pain_areas")
    steps.fill(tab, {"pain_areas": ["neck"]})
    steps.forward(tab)
    later = tab.context.new_page()
    tab.close()
    later.goto("/")
    expect(later.locator("main")).to_contain_text("Welcome back")
    later.goto("/questions/pain_areas")
    expect(later.locator('input[value="neck"]')).to_be_checked()
