"""The check page: folded by section, each answer a link to its question and back to its place."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import PHONE

Window = Callable[..., Tab]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_change_returns_to_the_very_answer(window: Window, scripts: bool) -> None:
    tab = window(PHONE, scripts=scripts)
    steps.begin(tab)
    tab.goto("/questions/mood")
    steps.fill(tab, {f"phq9_{i}": "1" for i in range(1, 9)})
    steps.forward(tab)
    tab.goto("/check")
    steps.fits(tab)
    row = tab.locator('[id="mood.phq9_7"]')
    fold = tab.locator("details", has=row)
    if fold.get_attribute("open") is None:
        fold.locator("summary").focus()
        tab.keyboard.press("Enter")
    row.get_by_role("link", name="Change").focus()
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"/questions/mood\?from=check#phq9_7$"))
    question = tab.locator("fieldset", has=tab.locator("#phq9_7"))
    expect(question).to_be_in_viewport()
    if scripts:
        expect(tab.locator("#phq9_7")).to_be_focused()
        expect(question.locator("legend")).to_be_in_viewport(ratio=1)
    tab.locator('input[name="phq9_7"][value="2"]').check()
    steps.forward(tab)
    steps.heading(tab, "Check your answers")
    expect(row).to_contain_text("More than half the days")
    if scripts:
        expect(row).to_be_focused()
        expect(row).to_be_in_viewport()
    else:
        expect(tab.locator("#mood")).to_be_in_viewport()
