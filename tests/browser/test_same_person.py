"""Two forms of one person: compared, confirmed, and in one line of the list."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.browser import steps
from tests.browser.conftest import DESK, NARROW, PHONE, Live
from tests.every_page import case, person

Window = Callable[..., Tab]


@pytest.mark.parametrize(
    ("width", "scripts"), [(DESK, True), (PHONE, True), (NARROW, False)], ids=str
)
def test_two_forms_of_a_day_become_one_line(
    live: Live, window: Window, width: int, scripts: bool
) -> None:
    _, first = live.do(person, live.app, case("V01"), submit=True)
    _, second = live.do(person, live.app, {"asq_1": "yes", "asq_5": "yes"}, last="safety")
    tab = window(width, scripts=scripts)
    steps.sign_in(tab, "intake")
    tab.goto(f"/staff/submissions/{first}")
    expect(tab.locator("#same")).to_contain_text("Perhaps the same person")
    fold = tab.locator("#same summary", has_text="Perhaps the same person")
    if fold.count():  # the others of this site have the same name
        fold.click()
    tab.locator(f'#same a[href$="/with/{second}"]').click()
    steps.heading(tab, "Two forms side by side")
    steps.fits(tab)
    expect(tab.locator("main h2").first).to_have_text("Safety")
    tab.get_by_role("button", name="It is the same person").press("Enter")
    tab.wait_for_url(f"**/submissions/{first}#same")
    expect(tab.locator("#same")).to_contain_text("The same person sent 1 other form")
    steps.fits(tab)
    tab.goto("/staff/")
    row = tab.locator(f'[data-row="{second}"]')
    expect(row).to_contain_text(first)
    expect(tab.locator(f'[data-row="{first}"]')).to_have_count(0)
    steps.fits(tab)
    row.get_by_role("link", name=first).click()
    tab.wait_for_url(f"**/submissions/{first}")
