"""Staff on the phone: blanks are completed, and the outcome changes."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, expect
from playwright.sync_api import Page as Tab

from tests.browser import steps
from tests.browser.conftest import DESK, NARROW, PHONE, Live
from tests.every_page import case, person

Window = Callable[..., Tab]
BLANK = ("asq_5", "bp_systolic", "bp_diastolic")


@pytest.mark.parametrize("width", [DESK, PHONE, NARROW])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_blanks_are_completed_on_the_phone_and_the_outcome_changes(
    live: Live, window: Window, width: int, scripts: bool
) -> None:
    answers = {id: answer for id, answer in case("V01").items() if id not in BLANK}
    _, reference = live.do(person, live.app, answers, submit=True)
    tab = window(width, scripts=scripts)
    steps.sign_in(tab, "intake")
    tab.goto(f"/staff/submissions/{reference}")
    tab.get_by_role("link", name="Call script").first.click()
    steps.heading(tab, "Call script")
    steps.fits(tab)
    upper, lower = tab.locator("[name=bp_systolic]"), tab.locator("[name=bp_diastolic]")
    upper.fill("185")
    lower.fill("as always")
    tab.get_by_role("button", name="Save the answers").last.click()
    # Nothing is lost before it is said who answers.
    expect(tab.locator(".nhsuk-error-summary")).to_contain_text("Say who answers")
    expect(upper).to_have_value("185")
    tab.get_by_role("radio", name="The person").check()
    tab.get_by_role("button", name="Save the answers").last.click()
    expect(tab.locator("main")).to_contain_text("1 entry is saved.")
    expect(lower).to_have_value("as always")
    expect(tab.locator("#bp_diastolic-error")).to_be_visible()
    steps.fits(tab)
    lower.fill("95")
    tab.get_by_role("button", name="Save the answers").last.click()
    expect(tab.locator(".nhsuk-error-summary")).to_have_count(0)
    taken = tab.locator("section[aria-labelledby=taken]")
    expect(taken).to_contain_text("Met now: Blood pressure of 180 or more")
    taken.get_by_text("What changed, and because of which answer").click()
    row = taken.locator("tbody tr").filter(has_text="Blood pressure of 180 or more")
    expect(row).to_contain_text(re.compile("Cannot tell.*Met.*185", re.DOTALL))
    steps.fits(tab)
    row.get_by_role("link").click()
    expect(tab.locator("main")).to_contain_text("It reads answers that staff took down")
    tab.goto(f"/staff/submissions/{reference}")
    tab.get_by_role("link", name="Both screenings").click()
    expect(tab.locator("section[aria-labelledby=phoned]")).to_contain_text("By the form alone")
    steps.fits(tab)


def test_danger_that_is_heard_stands_on_top_at_once(live: Live, window: Window) -> None:
    blank = {id: answer for id, answer in case("V01").items() if not id.startswith("asq_")}
    _, reference = live.do(person, live.app, {**blank, "phq9_9": 1}, submit=True)
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    tab.goto(f"/staff/submissions/{reference}/call")
    tab.get_by_role("radio", name="The person").check()
    now = tab.locator("fieldset").filter(has_text="thoughts of killing yourself right now")
    tab.locator("fieldset").filter(has_text="wished you were dead").get_by_label("Yes").check()
    now.get_by_label("Yes").check()
    tab.get_by_role("button", name="Save the answers").first.click()
    card = tab.locator(".nhsuk-card--care--emergency")
    expect(card).to_be_in_viewport()
    expect(card).to_contain_text("the form showed the person no help page")
    tab.goto("/staff/")
    row = tab.locator("tbody tr").filter(has_text=reference)
    expect(row).to_contain_text(re.compile("emergency", re.IGNORECASE))


def test_leaving_what_was_entered_is_asked_about(live: Live, window: Window) -> None:
    _, reference = live.do(person, live.app, {"asq_1": "no"}, submit=True)
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    path = f"/staff/submissions/{reference}/call"
    tab.goto(path)
    dialogs: list[str] = []

    def stay(dialog: Dialog) -> None:
        dialogs.append(dialog.type)
        dialog.dismiss()

    tab.on("dialog", stay)
    tab.get_by_role("radio", name="The person").check()
    upper = tab.locator("[name=bp_systolic]")
    upper.fill("184")
    tab.get_by_role("link", name="Back to the submission").click()
    expect(upper).to_have_value("184")
    assert dialogs == ["beforeunload"]
    tab.get_by_role("button", name="Save the answers").first.click()
    expect(tab.locator("section[aria-labelledby=taken]")).to_contain_text("184")
    assert dialogs == ["beforeunload"], "who saves is not asked"
