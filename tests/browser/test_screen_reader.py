"""What a screen reader is told: the accessibility tree of what is not plain text."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.long

Window = Callable[..., Tab]


def at(window: Window, path: str) -> Tab:
    """Return a window of somebody who has begun a form, on one of its pages."""
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto(path)
    return tab


def test_body_map_is_one_named_group_of_boxes(window: Window) -> None:
    tab = at(window, "/questions/pain_areas")
    steps.fill(tab, {"pain_areas": ["neck"]})
    group = tab.get_by_role("group", name="Where have you had pain")
    print(group.aria_snapshot())
    assert 0


def test_a_scale_is_a_named_group_of_named_answers(window: Window) -> None:
    tab = at(window, "/questions/mood")
    steps.fill(tab, {"phq9_1": 2})
    print(tab.locator("main form").aria_snapshot()[:2500])
    assert 0


def test_errors(window: Window) -> None:
    tab = at(window, "/questions/blood_pressure")
    steps.fill(tab, {"bp_systolic": "high", "bp_diastolic": "80"})
    steps.forward(tab)
    print(tab.locator("main").aria_snapshot())
    box = tab.locator("#bp_systolic")
    print(box.evaluate("b => b.outerHTML"), box.get_attribute("aria-describedby"))
    assert 0


def test_reveals(window: Window) -> None:
    tab = at(window, "/questions/current_medicines")
    steps.fill(tab, {"other_treatments": ["ect"]})
    print(tab.url, tab.locator("main").aria_snapshot())
    assert 0


def test_type_ahead(window: Window) -> None:
    tab = at(window, "/questions/current_medicines")
    box = tab.get_by_role("combobox")
    print(tab.locator("main form").aria_snapshot()[:1500])
    box.press_sequentially("tri")
    expect(tab.get_by_role("option").first).to_be_visible()
    tab.keyboard.press("ArrowDown")
    tab.wait_for_timeout(1800)
    print(tab.locator("main form").aria_snapshot()[:3000])
    print(tab.locator(".sc-finder").first.evaluate("b => b.outerHTML")[:3000])
    assert 0


def test_sections(window: Window) -> None:
    tab = at(window, "/check")
    print(tab.locator("main").aria_snapshot()[:3000])
    tab.goto("/questions")
    print(tab.locator("main").aria_snapshot()[:2000])
    assert 0
