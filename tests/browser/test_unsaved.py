"""Nothing that was entered is lost: no network, a refresh, Back, two windows; and leaving."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Page as Tab
from playwright.sync_api import Request, Route, expect

from screener import store
from screener.forms.steps import MORE
from screener.headers import HARMLESS
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Live
from tests.browser.test_axe import RULES
from tests.every_page import RULEBOOK, case, fill_page
from tests.web import begin, send

pytestmark = pytest.mark.long

Window = Callable[..., Tab]
COOKIE = "screener_questionnaire"
SAVE = "Save and continue"
KEPT = "We kept what you had entered here. It is not saved yet."
# Written out on purpose: what is kept on a phone that others use is decided page by page.
ORDINARY = {
    "fibromyalgia": {
        "about_you", "pain_areas", "sleep", "medicines_tried", "exercise_and_therapy",
        "blood_pressure", "blood_pressure_again",
    },
    "depression": {"about_you", "medicines_tried", "blood_pressure", "blood_pressure_again"},
}  # fmt: skip
# A medicine that is asked about on one page, and one whose first page asks what it was for.
MEDICINES = {"sertraline": {"dose_mg": 50}, "duloxetine": {"taken_for": "both"}}
MEDICINE_PAGES = {
    "medicines_tried/1": {"dose_mg", "weeks", "taken_most_days"},
    "medicines_tried/2": {"stopped_because", "stopped_also"},
    f"medicines_tried/2?step={MORE}": {"dose_mg", "weeks", "taken_most_days"},
}
ABOUT_MOOD = {"taken_for", "mood_benefit", "this_episode"}


@pytest.fixture
def somebody(live: Live) -> Callable[..., FlaskClient]:
    """Return a function that makes a person who has begun a form and filled in some pages."""

    def make(answers: dict[str, Any], *pages: str, form: str = "fibromyalgia") -> FlaskClient:
        client = live.app.test_client()
        client.get(f"/?form={form}")
        begin(client)
        for page in pages:
            fill_page(client, page, answers)
        return client

    return lambda *given, **more: live.do(make, *given, **more)


def token(client: FlaskClient) -> str:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def take_over(tab: Tab, live: Live, client: FlaskClient) -> None:
    """Give a window the form of this person."""
    cookie = {"name": COOKIE, "value": token(client), "url": live.url, "httpOnly": True}
    tab.context.add_cookies([cookie])  # type: ignore[list-item]


def answers_of(live: Live, client: FlaskClient) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        with live.app.app_context():
            questionnaire = store.load(token(client))
            assert questionnaire is not None
            return dict(questionnaire.answers)

    return live.do(read)


def in_storage(tab: Tab) -> str:
    """Return everything that this window could keep on the device, as one text; "" for nothing."""
    tab.wait_for_load_state()  # the script of the page has run
    return str(
        tab.evaluate(
            """async () => {
              const stores = [sessionStorage, localStorage].map((kept) => ({ ...kept }));
              const named = [...(await indexedDB.databases()), ...(await caches.keys())];
              const kept = [...stores.filter((store) => Object.keys(store).length), ...named];
              return kept.map((one) => JSON.stringify(one)).join() + document.cookie;
            }"""
        )
    )


def press(tab: Tab, name: str = SAVE) -> None:
    tab.get_by_role("button", name=name).click()


# --- a save that fails ----------------------------------------------------------------------------


def test_offline_a_page_on_safety_stays_and_is_saved_later(
    live: Live, window: Window, somebody: Callable[..., FlaskClient]
) -> None:
    tab, client = window(PHONE), somebody({})
    take_over(tab, live, client)
    tab.goto("/questions/safety")
    answers = {"asq_1": "no", "asq_2": "no", "asq_3": "declined", "asq_4": "no"}
    steps.fill(tab, answers)
    tab.context.set_offline(True)
    press(tab)
    notice = tab.get_by_role("alert")
    expect(notice).to_be_focused()
    expect(notice.locator("h2")).to_have_text("Not saved yet", use_inner_text=True)
    expect(notice).to_contain_text("Everything you entered is still on this page.")
    expect(notice).to_contain_text("We send it by itself when the line is back.")
    for href in ("tel:988", "sms:988", "tel:911"):
        box = notice.locator(f'a[href="{href}"]').bounding_box()
        assert box is not None and box["height"] >= 44
    for width in (PHONE, DESK):
        tab.set_viewport_size({"width": width, "height": 844})
        steps.fits(tab)
        results = Axe().run(tab, options=RULES)
        assert results.violations_count == 0, results.generate_report()
    for name, answer in answers.items():
        expect(tab.locator(f'input[name="{name}"][value="{answer}"]')).to_be_checked()
    assert in_storage(tab) == ""
    tab.context.set_offline(False)
    expect(tab).to_have_url(re.compile("/help"))
    steps.heading(tab, "That is fine")
    assert answers_of(live, client)["asq_3"] == "declined"


def _refuse(route: Route) -> None:
    route.abort("connectionrefused")


def _gateway(route: Route) -> None:
    route.fulfill(status=502, body="Bad gateway")


def _sign_in_page(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="Welcome to our hotel")


def _no_answer(route: Route) -> None:
    """Leave the request as it is."""


def test_without_our_server_the_page_stays_and_can_be_sent_again(
    live: Live, window: Window, somebody: Callable[..., FlaskClient]
) -> None:
    tab, client = window(PHONE), somebody({})
    take_over(tab, live, client)
    tab.clock.install()
    tab.goto("/questions/blood_pressure")
    steps.fill(tab, {"bp_systolic": "131", "bp_diastolic": "84"})
    notice = tab.get_by_role("alert")
    for fault in (_refuse, _gateway, _sign_in_page, _no_answer):
        tab.route("**/questions/blood_pressure", fault)
        press(tab)
        if fault is _no_answer:
            tab.clock.run_for(2_000)
            expect(tab.get_by_text("Please wait. This takes longer than usual.")).to_be_visible()
            tab.clock.run_for(30_000)
        expect(notice).to_be_focused()
        title = "Not saved yet, as far as we know"
        expect(notice.locator("h2")).to_have_text(title, use_inner_text=True)
        expect(tab.locator("#bp_systolic")).to_have_value("131")
        tab.unroute_all(behavior="ignoreErrors")
        tab.clock.run_for(100)
        tab.evaluate("document.activeElement.blur()")
    press(tab)  # the button of the page does the same as "Try again"
    steps.heading(tab, "Mood in the past")
    assert answers_of(live, client)["bp_systolic"] == 131
    assert in_storage(tab) == ""


def test_when_our_server_cannot_store_help_comes_and_the_answer_can_be_sent_again(
    live: Live,
    window: Window,
    somebody: Callable[..., FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise store.Unavailable("the disk is full")

    tab, client = window(PHONE), somebody({})
    take_over(tab, live, client)
    tab.goto("/questions/warning_signs")
    steps.fill(tab, {"warning_signs": ["chest_pain"]})
    with monkeypatch.context() as broken:
        broken.setattr(store, "save", fail)
        press(tab)
        steps.heading(tab, "Please get medical help now")
        expect(tab.locator("main")).to_contain_text("Your answers on this page are not saved")
    press(tab, "Try again")
    expect(tab).to_have_url(re.compile("/help"))
    assert answers_of(live, client)["warning_signs"] == ["chest_pain"]


def test_two_clicks_send_once_and_back_leads_to_the_page_before(
    live: Live, window: Window, somebody: Callable[..., FlaskClient]
) -> None:
    tab = window(PHONE)
    take_over(tab, live, somebody({}))
    posts: list[Request] = []
    tab.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    tab.goto("/questions/health_conditions")
    steps.fill(tab, {"health_conditions": ["glaucoma"]})
    tab.get_by_role("button", name=SAVE).dblclick()
    steps.heading(tab, "Blood pressure and size")
    assert len(posts) == 1
    steps.fill(tab, {"bp_systolic": "many"})
    press(tab)
    expect(tab.locator("[data-error-summary]")).to_be_visible()
    # The page that came again stands in the history once.
    tab.go_back()
    steps.heading(tab, "Health conditions")
    expect(tab.locator('input[value="glaucoma"]')).to_be_checked()
    tab.go_forward()
    expect(tab.locator("#bp_systolic")).to_have_value("many")


# --- typing that is not saved yet -----------------------------------------------------------------


def test_typing_on_an_ordinary_page_survives_refresh_back_and_forward(
    live: Live, window: Window, somebody: Callable[..., FlaskClient]
) -> None:
    tab, client = window(PHONE), somebody({"pain_areas": ["neck"]}, "pain_areas")
    take_over(tab, live, client)
    tab.goto("/questions/pain_areas")
    expect(tab.get_by_text(KEPT)).to_have_count(0)
    steps.fill(tab, {"pain_areas": ["chest"], "pain_other_place": "left thumb"})
    tab.reload()
    notice = tab.get_by_role("status").filter(has_text=KEPT)
    expect(notice).to_be_visible()
    expect(tab.locator("#pain_other_place")).to_have_value("left thumb")
    tab.goto("/questions")
    tab.go_back()
    expect(tab.locator("#pain_other_place")).to_have_value("left thumb")
    tab.go_forward()
    tab.go_back()
    expect(notice).to_be_visible()
    results = Axe().run(tab, options=RULES)
    assert results.violations_count == 0, results.generate_report()
    tab.get_by_role("button", name="Go back to what is saved").click()
    expect(notice).to_have_count(0)
    expect(tab.locator("#main")).to_be_focused()
    expect(tab.locator("input:checked")).to_have_count(1)
    assert in_storage(tab) == ""
    steps.fill(tab, {"pain_other_place": "left thumb"})
    tab.reload()
    expect(notice).to_be_visible()
    press(tab)
    steps.heading(tab, "Other symptoms")
    assert in_storage(tab) == ""
    assert answers_of(live, client)["pain_other_place"] == "left thumb"


# Fills in whatever a page asks, as a person would.
EVERYTHING = """() => {
  for (const input of document.querySelectorAll("main form :is(input, textarea)")) {
    if (input.type === "hidden") continue;
    if (input.type === "radio" || input.type === "checkbox") {
      if (input.value !== "none" && input.value !== "") input.click();
    } else {
      input.value = input.inputMode ? "7" : "something private";
    }
    for (const happening of ["input", "change"]) {
      input.dispatchEvent(new Event(happening, { bubbles: true }));
    }
  }
}"""


def _keeps(storage: str, field: str) -> bool:
    """Return whether a field of this very name is kept: `weeks`, not `exercise_weeks`."""
    return f'\\"{field}\\":' in storage


@pytest.mark.parametrize("form", ["fibromyalgia", "depression"])
def test_of_safety_mood_and_substances_nothing_is_ever_kept(
    live: Live, window: Window, somebody: Callable[..., FlaskClient], form: str
) -> None:
    tab = window(PHONE)
    # Two readings the wrong way round: the page that asks about them again is shown.
    answers = {"medicines_tried": MEDICINES, "bp_systolic": 80, "bp_diastolic": 130}
    client = somebody(answers, "medicines_tried", "blood_pressure", form=form)
    take_over(tab, live, client)
    protocol = RULEBOOK.protocols[form]
    assert {page.id for page in protocol.pages if page.keep_typing} == ORDINARY[form]
    kept, shown = set(), set()
    for page in [*(page.id for page in protocol.pages), *MEDICINE_PAGES]:
        tab.goto(f"/questions/{page}")
        tab.evaluate("sessionStorage.clear()")
        tab.evaluate(EVERYTHING)
        tab.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
        storage = in_storage(tab)
        if storage:
            kept.add(page)
        fields = {column.id for column in protocol.table.columns if _keeps(storage, column.id)}
        if page in MEDICINE_PAGES:
            shown |= {id for id in ABOUT_MOOD if tab.locator(f'main form [name="{id}"]').count()}
            assert MEDICINE_PAGES[page] <= fields
        assert not fields & ABOUT_MOOD
    assert shown == ABOUT_MOOD, "what must not be kept was there to be kept"
    assert kept == ORDINARY[form] | MEDICINE_PAGES.keys()
    tab.goto("/contact")
    tab.evaluate("sessionStorage.clear()")
    tab.evaluate(EVERYTHING)
    assert in_storage(tab) == ""


def test_typing_over_newer_answers_of_another_window_is_shown_with_both(
    live: Live, window: Window, somebody: Callable[..., FlaskClient]
) -> None:
    tab = window(PHONE)
    client = somebody({"bp_systolic": 120, "bp_diastolic": 80}, "blood_pressure")
    take_over(tab, live, client)
    tab.goto("/questions/blood_pressure")
    steps.fill(tab, {"bp_systolic": "131"})
    live.do(fill_page, client, "blood_pressure", {"bp_systolic": 142, "bp_diastolic": 90})
    tab.reload()
    expect(tab.get_by_text(KEPT)).to_be_visible()
    expect(tab.locator("#bp_systolic")).to_have_value("131")
    expect(tab.locator("#bp_diastolic")).to_have_value("90")  # not typed here: the newest stands
    press(tab)
    notice = tab.locator("[data-error-summary]")
    expect(notice).to_contain_text("There it is now: “142”")
    expect(notice).to_contain_text("Here you entered: “131”")
    assert answers_of(live, client)["bp_systolic"] == 142
    press(tab)
    steps.heading(tab, "Mood in the past")
    stored = answers_of(live, client)
    assert (stored["bp_systolic"], stored["bp_diastolic"]) == (131, 90)


@pytest.mark.parametrize("ending", ["sent", "removed", "another form"])
def test_typing_goes_with_the_form(
    live: Live, window: Window, somebody: Callable[..., FlaskClient], ending: str
) -> None:
    tab, client = window(PHONE), somebody(case("V01"), "safety")
    take_over(tab, live, client)
    tab.goto("/questions/pain_areas")
    steps.fill(tab, {"pain_other_place": "left thumb"})
    assert "left thumb" in in_storage(tab)
    if ending == "sent":
        tab.goto("/check")
        press(tab, "Send my answers")
        steps.heading(tab, "Received")
    elif ending == "removed":
        tab.goto("/start-again")
        press(tab, "Yes, delete my answers")
        expect(tab.get_by_role("link", name="Start now")).to_be_visible()
    else:
        take_over(tab, live, somebody({}))
        tab.goto("/questions/mood")
    assert in_storage(tab) == ""


def test_a_page_of_the_page_cache_is_loaded_again_unless_only_it_holds_what_was_typed(
    live: Live, window: Window, somebody: Callable[..., FlaskClient]
) -> None:
    restored = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    tab, client = window(PHONE), somebody({})
    take_over(tab, live, client)
    tab.goto("/questions/pain_areas")
    steps.fill(tab, {"pain_other_place": "left thumb"})
    live.do(fill_page, client, "pain_areas", {"pain_areas": ["neck"]})
    with tab.expect_navigation():
        tab.evaluate(restored)
    expect(tab.locator('input[value="neck"]')).to_be_checked()
    expect(tab.locator("#pain_other_place")).to_have_value("left thumb")
    # What was typed on mood lies nowhere but in the page itself.
    tab.goto("/questions/mood")
    steps.fill(tab, {"phq9_1": 2})
    with tab.expect_response("**/questions/mood"):
        tab.evaluate(restored)
    expect(tab.locator('input[name="phq9_1"][value="2"]')).to_be_checked()
    expect(tab.locator("body")).to_be_visible()
    live.do(fill_page, client, "mood", {"phq9_2": 1})
    with tab.expect_navigation():
        tab.evaluate(restored)
    expect(tab.locator('input[name="phq9_2"][value="1"]')).to_be_checked()
    expect(tab.locator("input:checked")).to_have_count(1)


# --- leaving --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["scripts", "no scripts", "offline"])
def test_leaving_ends_the_session_of_this_device_and_erases_nothing(
    live: Live, window: Window, somebody: Callable[..., FlaskClient], how: str
) -> None:
    tab, client = window(PHONE, scripts=how != "no scripts"), somebody({})
    live.do(send, client, "/questions/safety", {"asq_1": "yes", "asq_5": "no"})
    before = answers_of(live, client)
    take_over(tab, live, client)
    tab.goto("/questions")
    tab.goto("/help")
    tab.goto("/questions/pain_areas")
    steps.fill(tab, {"pain_other_place": "left thumb"})
    tab.context.set_offline(how == "offline")
    press(tab, "Leave")
    expect(tab).to_have_url(HARMLESS)
    tab.context.set_offline(False)
    # The page that was left is not in the history; the one before it shows nothing of the form.
    tab.go_back()
    expect(tab).to_have_url(re.compile("/pain_areas" if how == "no scripts" else "/help"))
    names = [cookie["name"] for cookie in tab.context.cookies() if "name" in cookie]
    assert [name for name in names if name.startswith("screener_")] == []
    tab.goto("/questions/pain_areas")
    steps.heading(tab, "We cannot find your form on this device")
    if how != "no scripts":
        assert in_storage(tab) == ""
    assert answers_of(live, client) == before
    assert live.do(_waits, live, client)


def _waits(live: Live, client: FlaskClient) -> bool:
    """Return whether staff see the form of this person in the queue."""
    with live.app.app_context():
        questionnaire = store.load(token(client))
        assert questionnaire is not None
        rows = store.queue(statuses=store.OPEN, limit=1000)
        return questionnaire.reference in [row.reference for row in rows]
