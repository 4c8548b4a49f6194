"""Staff at the queue: from sign-in to the reason of a flag, wide and narrow."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from screener import store
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Live
from tests.every_page import PROTOCOL, case, person
from tests.web import CONTACT

Window = Callable[..., Tab]


@pytest.fixture
def live(alone: Live) -> Live:
    """Return a site of each test's own."""
    return alone


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_sign_in_to_the_reason_of_a_flag(
    live: Live, window: Window, width: int, scripts: bool
) -> None:
    _, reference = live.do(person, live.app, case("V01"), submit=True)
    tab = window(width, scripts=scripts)
    steps.sign_in(tab, "intake")
    steps.fits(tab)
    tab.locator("tbody tr").filter(has_text=reference).get_by_role("link").click()
    steps.heading(tab, "Ana Test")
    steps.fits(tab)
    expect(tab.locator("main")).to_contain_text("Not a diagnosis")
    tab.get_by_role("link", name="Flags with their reasons").click()
    steps.heading(tab, "Ana Test")
    steps.fits(tab)
    flag = tab.locator("#flag-fibromyalgia_pattern")
    expect(flag.locator("h4")).to_have_text(PROTOCOL.rules["fibromyalgia_pattern"].title)
    flag.locator("summary").first.click()
    # The answers that raised it, the threshold, the published source.
    expect(flag).to_contain_text(re.compile(r"at least 7|7 or more|≥ ?7"))
    expect(flag.locator(".sc-values > li", has_text="12").first).to_be_visible()
    expect(flag.locator(".sc-tag", has_text="Met").first).to_be_visible()
    source = flag.get_by_role("link", name=re.compile("Wolfe")).first
    expect(source).to_be_visible()
    steps.fits(tab)
    source.click()
    expect(tab.locator(":target")).to_contain_text("2016 revisions")


def test_danger_in_an_unfinished_form_stands_on_top(live: Live, window: Window) -> None:
    live.do(person, live.app, case("V01"), submit=True)
    _, reference = live.do(person, live.app, {"asq_1": "yes", "asq_5": "yes"}, last="safety")
    tab = window(DESK)
    steps.sign_in(tab, "physician")
    row = tab.locator("tbody tr").filter(has_text=reference)
    expect(row).to_contain_text(re.compile("emergency", re.IGNORECASE))
    expect(row).to_contain_text(re.compile("unfinished|not sent", re.IGNORECASE))
    expect(tab.locator("tbody tr").first).to_contain_text(re.compile("emergency", re.IGNORECASE))
    row.get_by_role("link").click()
    expect(tab.locator(".sc-headline")).to_contain_text("Yes")
    expect(tab.locator(".sc-subject")).to_contain_text(CONTACT["phone"])
    expect(tab.locator(".sc-subject")).to_contain_text(CONTACT["location"])


NAMES = ["\u200b", "Z" + "\u0310\u0336" * 90, "م" + "\u0650" * 100, "W" * 200, "N" * 10_000]


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_whatever_the_name_its_row_can_be_opened_and_breaks_nothing(
    live: Live, window: Window, width: int
) -> None:
    references = []
    for name in NAMES:
        client, reference = live.do(person, live.app, {"asq_1": "yes"}, last="safety")
        references.append(reference)
        live.do(_rename, live, client, name)
    tab = window(width)
    steps.sign_in(tab, "intake")
    steps.fits(tab)
    for reference in references:
        tab.goto("/staff/")
        row = tab.locator("tbody tr").filter(has_text=reference)
        # Marks may be stacked as high as the page: what sticks out of the line is cut off.
        assert row.locator(".sc-name").evaluate("e => getComputedStyle(e).overflowY") == "clip"
        box = row.bounding_box()
        assert box is not None and box["height"] < 844
        row.get_by_role("link", name=reference).click()
        expect(tab.locator(".sc-subject__marks")).to_contain_text(reference)
        steps.fits(tab)


def _rename(live: Live, client: FlaskClient, name: str) -> None:
    cookie = client.get_cookie("screener_questionnaire")
    assert cookie is not None
    with live.app.app_context():
        store.save(cookie.value, identity={"name": name})


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_emergency_from_new_to_closed(live: Live, window: Window, scripts: bool) -> None:
    danger = {"asq_1": "yes", "asq_5": "yes"}
    _, reference = live.do(person, live.app, danger, last="safety")
    nurse, doctor = window(PHONE, scripts=scripts), window(DESK, scripts=scripts)
    steps.sign_in(nurse, "intake")
    nurse.goto(f"/staff/submissions/{reference}")
    button = nurse.get_by_role("button", name="Acknowledge")
    expect(button).to_be_in_viewport()
    expect(nurse.get_by_role("button", name="Set to in contact")).to_have_count(0)
    button.focus()
    nurse.keyboard.press("Enter")
    expect(button).to_have_count(0)
    expect(nurse.locator("main")).to_contain_text("A physician records the disposition")
    steps.fits(nurse)
    nurse.get_by_role("link", name="Act on it").click()
    nurse.get_by_label("Your words").fill("Called, no answer. Synthetic.")
    nurse.locator("summary", has_text="Log a contact").click()
    nurse.get_by_label("Phone call").check()
    nurse.get_by_label("No", exact=True).check()
    nurse.get_by_role("button", name="Log the contact").click()
    expect(nurse.locator(".sc-history")).to_contain_text("Phone call: not reached")
    expect(nurse.locator(".sc-history")).to_contain_text("Called, no answer.")
    nurse.get_by_label("Your words").fill("Called, will call again. Synthetic.")
    nurse.get_by_role("button", name="Set to in contact").click()
    expect(nurse.locator(".sc-history")).to_contain_text("Called, will call again.")
    steps.fits(nurse)

    steps.sign_in(doctor, "physician")
    row = doctor.locator("tbody tr").filter(has_text=reference)
    expect(row).to_contain_text("In contact")
    expect(row).to_contain_text("with intake@demo.example")
    doctor.goto(f"/staff/submissions/{reference}")
    expect(doctor.locator("input:checked")).to_have_count(0)
    doctor.get_by_label("Your words").fill("Seen by us. Synthetic.")
    doctor.locator("summary", has_text="Decide or close").click()
    doctor.get_by_role("button", name="Close it").click()
    link = doctor.get_by_role("link", name="Choose a disposition for suicide risk.")
    link.click()
    expect(doctor.locator("#act-suicide")).to_be_in_viewport()
    expect(doctor.get_by_label("Your words")).to_have_value("Seen by us. Synthetic.")
    doctor.get_by_label("Non-urgent follow-up").check()
    doctor.get_by_role("button", name="Close it").click()
    for part in (".sc-history", ".sc-done"):
        expect(doctor.locator(part)).to_contain_text("Non-urgent follow-up")
        expect(doctor.locator(part)).to_contain_text("Seen by us. Synthetic.")
    expect(doctor.locator(".sc-done")).to_be_in_viewport()
    doctor.goto("/staff/")
    expect(doctor.locator("tbody tr").filter(has_text=reference)).to_have_count(0)


def test_what_to_ask_first_is_reached_by_keyboard(live: Live, window: Window) -> None:
    blank = {"asq_1": "no", "asq_2": "declined"}
    _, reference = live.do(person, live.app, blank, last="safety")
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    tab.goto(f"/staff/submissions/{reference}")
    expect(tab.locator("#ask-first")).to_be_in_viewport()
    tab.locator(".sc-headline").get_by_role("link", name="See what to ask").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#ask-first")).to_be_attached()
    first = tab.locator("#ask-first ~ ol").first.locator("li").first
    expect(first).to_contain_text("better off dead or of hurting yourself")
    expect(first).to_contain_text("Why: left blank.")


def test_signing_out_closes_the_door(window: Window) -> None:
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    tab.get_by_role("button", name="Sign out").click()
    steps.heading(tab, "Staff sign-in")
    tab.go_back()
    tab.goto("/staff/")
    steps.heading(tab, "Staff sign-in")
