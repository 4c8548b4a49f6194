"""Results worth keeping: on paper unfolded, as a PDF, and reading with a way back."""

import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser import steps
from tests.browser.conftest import DESK, PHONE
from tests.every_page import PROTOCOL, case

Window = Callable[..., Tab]
NARROW = 320


def sent(tab: Tab) -> Tab:
    """Send a form with a few answers; the results are next."""
    answers = case("V01")
    steps.begin(tab)
    for page in ("pain_areas", "mood"):
        tab.goto(f"/questions/{page}")
        steps.fill(tab, answers)
        steps.forward(tab)
    tab.goto("/check")
    tab.get_by_role("button", name="Send my answers").click()
    steps.heading(tab, "Received")
    return tab


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_paper_has_every_answer_and_no_name(window: Window, scripts: bool) -> None:
    tab = sent(window(PHONE, scripts=scripts))
    answer = PROTOCOL.questions["pain_areas"].option("shoulder_girdle_left").label
    fold = tab.locator("details")
    expect(fold).not_to_have_attribute("open", "")
    paper = text_of(tab.pdf())
    for text in (answer, "Nearly every day", "What happens next", "Your reference"):
        assert text in paper
    for text in ("Ana Test", "1979", "555-0142", "Keep a copy", "All your answers", "Reading"):
        assert text not in paper
    expect(fold).not_to_have_attribute("open", "")


def test_the_pdf_is_one_press_away(window: Window) -> None:
    tab = sent(window(PHONE, scripts=False, accept_downloads=True))
    for name, named in (("Get a PDF", False), ("Get a PDF with my name and date of birth", True)):
        with tab.expect_download() as waiting:
            tab.get_by_role("button", name=name, exact=True).click()
        download = waiting.value
        assert download.suggested_filename == "copy.pdf"
        content = download.path().read_bytes()
        assert ("Ana Test" in text_of(content)) == named
    steps.heading(tab, "Received")


@pytest.mark.parametrize("width", [NARROW, PHONE, DESK])
def test_a_card_leads_to_its_page_and_the_page_back(window: Window, width: int) -> None:
    tab = sent(window(width, scripts=False))
    steps.fits(tab)
    card = tab.locator(".sc-card", has_text="What fibromyalgia is")
    card.click(position={"x": 8, "y": 8})  # anywhere on it
    steps.heading(tab, "What fibromyalgia is")
    assert "?" not in tab.url
    assert "#" not in tab.url
    steps.fits(tab)
    tab.get_by_role("link", name="Next").click()
    tab.get_by_role("link", name="Back to your form").first.click()
    steps.heading(tab, "Received")


def test_the_drawings_are_for_the_eye_alone(window: Window) -> None:
    tab = sent(window(PHONE))
    tree = tab.locator("main").aria_snapshot()
    assert "not asked" not in tree
    assert "Head, hands and feet are not part of this question." in tree
    assert 'link "What fibromyalgia is"' in tree


def test_the_arrows_of_the_ways_back_stand_beside_their_words(window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/learn/how-it-differs")
    arrow = "link => parseFloat(getComputedStyle(link, '::before').width)"
    free = "link => parseFloat(getComputedStyle(link).paddingLeft)"
    links = tab.locator(".nhsuk-back-link")
    assert links.count() == 2
    for link in links.all():
        assert link.evaluate(free) >= link.evaluate(arrow) > 0
