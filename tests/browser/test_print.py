"""What staff print: a submission on two pages at most, everything if asked, the queue at once."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Tab
from pypdf import PdfReader

from tests.browser import steps
from tests.browser.conftest import DESK, Live, windows
from tests.clock import Clock
from tests.every_page import PROTOCOL, case
from tests.staff.clinic import add

Window = Callable[..., Tab]
MANY = list(PROTOCOL.medicines)[:17]
ROW = {"dose_mg": 20, "weeks": 10, "taken_most_days": "yes"}
PEOPLE: dict[str, tuple[dict[str, Any], bool]] = {
    "an emergency": (case("V02"), True),
    "a plain review": (case("V01"), True),
    "unfinished": ({"asq_1": "yes", "asq_5": "yes"}, False),
    "blank": ({}, True),
    "17 medicines": ({**case("V01"), "medicines_tried": dict.fromkeys(MANY, ROW)}, True),
}


def printed(tab: Tab) -> list[str]:
    """Print a page on paper of the country, and return the text of each sheet."""
    tab.evaluate("document.fonts.ready")
    pages = PdfReader(BytesIO(tab.pdf(format="Letter", print_background=False))).pages
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pages]


@pytest.mark.parametrize("who", PEOPLE)
def test_a_submission_prints_its_one_screen_on_two_pages(
    live: Live, window: Window, who: str
) -> None:
    answers, sent = PEOPLE[who]
    reference = live.do(add, live.app, answers, submitted=sent)
    tab = window(DESK)
    steps.sign_in(tab, "physician")
    tab.goto(f"/staff/submissions/{reference}")
    sheets = printed(tab)
    assert len(sheets) <= 2
    assert all(len(text) > 40 for text in sheets)
    text = " ".join(sheets)
    assert reference in text and "Ana Test" in text and "PHQ-9" in text
    assert "Treatment trials" in text and "Ask first" in text
    assert "Add as a note" not in text and "Sign out" not in text


def test_the_first_sheet_of_an_overdue_emergency_is_not_left_empty(
    alone: Live, browser: Browser, at: Clock
) -> None:
    at(hours=0)
    answers = {**case("V01"), "asq_3": "declined", "medicines_tried": {}}
    reference = alone.do(add, alone.app, answers, submitted=False)
    at(hours=6)
    with windows(alone, browser) as (window, _):
        tab = window(DESK)
        steps.sign_in(tab, "intake")
        tab.goto(f"/staff/submissions/{reference}")
        status = tab.locator(".sc-top__lines > p")
        expect(status).to_contain_text("overdue by")
        shown = "tags => tags.map(tag => getComputedStyle(tag).display)"
        assert set(status.locator("strong").evaluate_all(shown)) == {"inline"}
        tab.emulate_media(media="print")
        columns = tab.locator(".sc-screen").evaluate("tag => getComputedStyle(tag).display")
        assert columns == "block", "a sheet is left empty where neither column fits on it"
        first, *more = printed(tab)
        assert len(first) > 1000 and len(more) == 1


def test_everything_prints_if_asked_with_nothing_folded(live: Live, window: Window) -> None:
    answers = {**case("V01"), "pain_other_place": "Behind the left ear. Synthetic."}
    reference = live.do(add, live.app, answers)
    tab = window(DESK)
    steps.sign_in(tab, "physician")
    tab.goto(f"/staff/submissions/{reference}")
    tab.get_by_role("link", name="Everything as given").click()
    folded = printed(tab)
    assert "The rule as a whole" not in " ".join(folded)
    assert len(folded) < 30, "in one narrow column it is far more"
    tab.go_back()
    tab.get_by_role("link", name="Print everything").click()
    sheets = printed(tab)
    text = " ".join(sheets)
    assert len(sheets) > 2
    assert "Behind the left ear" in text
    assert "The rule as a whole" in text and "Safety answers over time" in text
    assert all(len(sheet) > 40 for sheet in sheets)


def test_the_queue_begins_on_the_first_page(live: Live, window: Window) -> None:
    live.do(add, live.app, {"asq_1": "yes", "asq_5": "yes"}, submitted=False)
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    first = tab.locator("[data-row]").first.get_attribute("data-row")
    assert first and first in printed(tab)[0]
