"""Coming back in a real browser: another device, a link, the lock, and a line that is lost."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import Request, expect

from screener import store
from screener.store import clock
from screener.store.devices import row_id
from screener.store.tables import DeviceRow
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.test_axe import RULES

pytestmark = pytest.mark.long

Window = Callable[..., Tab]
COOKIE = "screener_questionnaire"
SAVE, LATER = "Save and continue", "Save and come back later"
SAFE = {f"asq_{i}": "no" for i in range(1, 5)}
STORAGE = "() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }])"


def press(tab: Tab, name: str) -> None:
    tab.get_by_role("button", name=name, exact=True).click()


def enter_date(tab: Tab, year: str = "1979") -> None:
    for part, typed in (("Month", "4"), ("Day", "27"), ("Year", year)):
        tab.get_by_label(part, exact=True).fill(typed)


def token(tab: Tab) -> str:
    return next(c["value"] for c in tab.context.cookies() if c.get("name") == COOKIE)


def let_idle(live: Live, tab: Tab) -> None:
    """Let the device of a window have been idle for an hour."""

    def change(id: str) -> None:
        with live.app.app_context(), store.db.engine.begin() as connection:
            seen = {"seen_at": clock.now() - timedelta(hours=1)}
            connection.execute(sa.update(DeviceRow).where(DeviceRow.id == id).values(**seen))

    live.do(change, row_id(token(tab)))


def answers_of(live: Live, tab: Tab) -> dict[str, object]:
    def read(given: str) -> dict[str, object]:
        with live.app.app_context():
            questionnaire = store.load(given)
            assert questionnaire is not None
            return dict(questionnaire.answers)

    return live.do(read, token(tab))


def make_code(tab: Tab) -> tuple[str, str]:
    """Save a page for later, and return the code and the link."""
    press(tab, "Come back later")
    steps.heading(tab, LATER)
    press(tab, "Make a code and a link")
    steps.heading(tab, "Your code and your link")
    steps.fits(tab)
    code, link = (tab.locator(f"[data-copied={name}]").inner_text() for name in ("code", "link"))
    return code, link


@pytest.mark.parametrize("scripts", [True, False])
def test_the_form_goes_on_on_another_device(live: Live, window: Window, scripts: bool) -> None:
    phone = window(PHONE, scripts=scripts)
    steps.begin(phone)
    phone.goto("/questions/mood")
    steps.fill(phone, {"phq9_1": 2, "phq9_9": 0})
    code, _ = make_code(phone)
    computer = window(DESK, scripts=scripts)
    computer.goto("/")
    computer.get_by_role("link", name="Come back with your code").click()
    computer.get_by_label("Your code").fill(code.lower().replace("-", " "))
    enter_date(computer)
    computer.get_by_role("button", name="Open my form").last.click()
    steps.heading(computer, "Your form")
    computer.goto("/questions/mood")
    expect(computer.locator("main")).to_contain_text("Your answers are hidden")
    expect(computer.locator("main input[type=radio]")).to_have_count(0)
    press(computer, "Show what I answered here")
    expect(computer.locator('input[name="phq9_1"][value="2"]')).to_be_checked()
    assert computer.url.endswith("/questions/mood")
    steps.fill(computer, {"phq9_2": 1})
    press(computer, SAVE)
    steps.heading(computer, "Hard feelings and safety")
    assert answers_of(live, phone)["phq9_2"] == "1"


def test_opening_a_link_uses_nothing_up_and_sending_it_does(live: Live, window: Window) -> None:
    phone = window(PHONE)
    steps.begin(phone)
    phone.goto("/questions/about_you")
    _, link = make_code(phone)
    secret = link.partition("#")[2]
    asked: list[Request] = []
    other = window(PHONE)
    other.on("request", lambda request: asked.append(request))
    for _ in range(2):
        other.goto("about:blank")
        other.goto(link)
        expect(other.get_by_text("Your link is ready.")).to_be_visible()
        assert other.url == f"{live.url}/come-back", "the secret stands in the address no more"
    results = Axe().run(other, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    assert not any(secret in f"{request.url}{request.headers}" for request in asked)
    with other.expect_navigation():
        other.locator("[data-link-form] button").click()
    steps.heading(other, "Your form")
    third = window(PHONE)
    third.goto(link)
    with third.expect_navigation():
        third.locator("[data-link-form] button").click()
    expect(third.locator("[data-error-summary]")).to_contain_text("does not work any more")


def test_code_and_link_are_copied_by_a_button(window: Window) -> None:
    tab = window(PHONE, permissions=["clipboard-read", "clipboard-write"])
    steps.begin(tab)
    tab.goto("/questions/about_you")
    code, link = make_code(tab)
    for name, text in (("code", code), ("link", link)):
        press(tab, f"Copy the {name}")
        expect(tab.get_by_role("status").filter(has_text=f"The {name} is copied.")).to_be_visible()
        assert tab.evaluate("navigator.clipboard.readText()") == text


@pytest.mark.parametrize("scripts", [True, False])
def test_the_lock_loses_nothing_that_was_typed(live: Live, window: Window, scripts: bool) -> None:
    tab = window(PHONE, scripts=scripts)
    steps.begin(tab)
    tab.goto("/questions/safety")
    steps.fill(tab, {**SAFE, "asq_3": "declined"})
    let_idle(live, tab)
    press(tab, SAVE)
    steps.heading(tab, "That is fine")  # help first
    assert answers_of(live, tab)["asq_3"] == "declined"
    press(tab, "I want to continue")
    steps.heading(tab, "Is it you?")
    expect(tab.locator("main")).not_to_contain_text("Ana")
    enter_date(tab, "1980")
    press(tab, "Show my form")
    expect(tab.locator("[data-error-summary]")).to_be_visible()
    enter_date(tab)
    press(tab, "Show my form")
    steps.heading(tab, "That is fine")  # once more: somebody else may have pressed the button
    press(tab, "I want to continue")
    expect(tab).not_to_have_url(re.compile("/help"))
    tab.goto("/questions/safety")
    expect(tab.locator("main")).to_contain_text("Your answers are hidden")


def test_a_page_waits_for_the_line_and_goes_by_itself(live: Live, window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/mood")
    steps.fill(tab, {"phq9_1": 2})
    tab.context.set_offline(True)
    press(tab, SAVE)
    notice = tab.get_by_role("alert")
    expect(notice.locator("h2")).to_have_text("Not saved yet", use_inner_text=True)
    tab.locator(".sc-help a[href$='/help']").click()
    expect(tab.locator("[data-no-line] h2")).to_have_text("You are offline")
    for href in ("tel:988", "sms:988", "tel:911"):
        expect(tab.locator(f"[data-no-line] a[href='{href}']")).to_be_visible()
    assert tab.evaluate(STORAGE) == "[{},{}]"
    tab.context.set_offline(False)
    steps.heading(tab, "Hard feelings and safety")
    assert answers_of(live, tab)["phq9_1"] == "2"
    assert tab.evaluate(STORAGE) == "[{},{}]"


def test_what_is_changed_meanwhile_waits_for_the_person(live: Live, window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/mood")
    steps.fill(tab, {"phq9_1": 2})
    tab.context.set_offline(True)
    press(tab, SAVE)
    expect(tab.get_by_role("alert")).to_be_focused()
    steps.fill(tab, {"phq9_1": 3})
    expect(tab.get_by_role("alert")).to_contain_text("You changed something.")
    with tab.expect_event("console", lambda message: message.text == "online"):
        tab.evaluate("addEventListener('online', () => console.log('online'))")
        tab.context.set_offline(False)
    assert "phq9_1" not in answers_of(live, tab)
    press(tab, SAVE)
    steps.heading(tab, "Hard feelings and safety")
    assert answers_of(live, tab)["phq9_1"] == "3"


def test_a_form_sent_with_a_lost_line_is_received_once(live: Live, window: Window) -> None:
    tab = window(PHONE)
    steps.begin(tab)
    tab.goto("/questions/safety")
    steps.fill(tab, SAFE)
    press(tab, SAVE)
    steps.heading(tab, "Health conditions")
    tab.goto("/check")
    sent: list[str] = []

    def lose_the_answer(route) -> None:  # type: ignore[no-untyped-def]
        if not sent:
            sent.append(str(route.fetch(max_redirects=0).status))
            route.abort("connectionrefused")
        else:
            route.continue_()

    tab.route("**/check", lose_the_answer)
    press(tab, "Send my answers")
    notice = tab.get_by_role("alert")
    expect(notice.locator("h2")).to_contain_text("Not received yet, as far as we know")
    assert sent == ["204"], "it was received, and nobody was told"
    notice.get_by_role("link", name="See whether your form was received").click()
    steps.heading(tab, "Your form was received at")
    tab.go_back()
    tab.unroute_all()
    tab.goto("/results")
    steps.heading(tab, "Received")
