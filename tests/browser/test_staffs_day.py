"""A day of the staff in a browser: told, called, asked, decided, and two people at once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from screener import store
from screener.telling.work import Worker
from tests.browser import steps
from tests.browser.conftest import DESK, PHONE, Live, served
from tests.clock import Clock
from tests.every_page import PROTOCOL, add_staff, case
from tests.staff.clinic import add, store_page
from tests.telling.servers import Hook, Mailbox, clinic, mail_server, webhook
from tests.web import make_app

Window = Callable[..., Tab]
DANGER = {"asq_1": "yes", "asq_5": "yes"}
NURSE, DOCTOR = "intake@demo.example", "physician@demo.example"
DAY = 40  # submissions
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"  # as a tab that is shown again


@dataclass
class Told:
    """What the clinic's mail server and webhook were sent."""

    box: Mailbox
    hook: Hook


@pytest.fixture
def told() -> Iterator[Told]:
    """Yield a mail server and a webhook."""
    with mail_server() as box, webhook() as hook:
        yield Told(box, hook)


@pytest.fixture
def live(tmp_path: Path, told: Told) -> Iterator[Live]:
    """Yield a site of its own, so that its list holds nobody else; it tells a desk and a pager."""
    app = make_app(tmp_path, limit_start="1000/60", **clinic(tmp_path, told.box, told.hook))
    add_staff(app)
    with served(app) as live:
        yield live


def test_an_emergency_is_told_called_twice_recorded_and_decided(
    live: Live, window: Window, told: Told
) -> None:
    nurse, person, doctor = window(DESK), window(PHONE), window(PHONE)
    steps.sign_in(nurse, "intake")
    expect(nurse.locator("main")).to_contain_text("Nobody is waiting")
    _say_so_on_the_form(person)
    with nurse.expect_response("**/staff/refreshed*"):
        nurse.evaluate(LOOK)
    row = nurse.locator("[data-row]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Emergency")
    expect(row).to_contain_text(re.compile("Due in 1[45] min"))
    expect(row).to_contain_text("Nobody has it")
    _work(live)
    assert [str(mail["To"]) for mail in told.box.mails] == ["desk@clinic.example"]
    assert "Ana" not in told.box.mails[0].as_string()

    row.get_by_role("link").first.click()
    expect(nurse.locator(".sc-headline")).to_contain_text("Yes")
    nurse.locator(".sc-act").get_by_role("button", name="Acknowledge").click()
    expect(nurse.locator(".sc-top__lines > p")).to_contain_text("Acknowledged")
    nurse.locator("summary", has_text="Log a contact").click()
    nurse.locator("summary", has_text="If the person cannot be reached").click()
    expect(nurse.locator(".sc-act")).to_contain_text("Call the second number.")
    _log_call(nurse, "Rang out. Synthetic.", reached=False, next_try="2026-03-02T11:30")
    expect(nurse.locator(".sc-history li").first).to_contain_text("Phone call: not reached")
    expect(nurse.locator(".sc-history li").first).to_contain_text("11:30 AM")
    _log_call(nurse, "Her brother is with her. Synthetic.", reached=True)
    expect(nurse.locator(".sc-history li").first).to_contain_text("Phone call: reached")
    nurse.get_by_role("button", name="Set to in contact").click()
    expect(nurse.get_by_role("button", name="Decide")).to_have_count(0)

    steps.sign_in(doctor, "physician")
    row = doctor.locator("[data-row]")
    expect(row).to_contain_text("In contact")
    expect(row).to_contain_text("Last contact")
    expect(row.locator(".sc-tag--overdue")).to_have_count(0)
    row.get_by_role("link").first.click()
    # What happened stands on the page, both calls with their words.
    expect(doctor.locator(".sc-history")).to_contain_text("Rang out.")
    expect(doctor.locator(".sc-history")).to_contain_text("Her brother is with her.")
    doctor.get_by_role("link", name="Act on it").click()
    doctor.get_by_label("Your words").fill("Seen today at 2 PM. Synthetic.")
    doctor.locator("summary", has_text="Decide or close").click()
    doctor.locator("[name=act-suicide]").last.check()
    doctor.get_by_role("button", name="Decide").click()
    expect(doctor.locator(".sc-done")).to_contain_text("Seen today at 2 PM.")
    expect(doctor.locator(".sc-top__lines > p")).to_contain_text("Decided")
    doctor.goto("/staff/")
    expect(doctor.locator("main")).to_contain_text("Nobody is waiting")
    with nurse.expect_navigation():
        nurse.reload()
    expect(nurse.locator(".sc-act")).to_contain_text("A physician decided this.")


def test_a_notification_is_sent_retried_and_goes_on_to_the_next(
    live: Live, window: Window, told: Told, at: Clock
) -> None:
    told.box.mails.clear()
    told.box.answers = ["451 later"]
    tab = window(DESK)
    steps.sign_in(tab, "intake")
    reference = live.do(add, live.app, DANGER, submitted=False)
    _work(live)
    assert told.box.mails == [] and told.hook.posts == []
    desk = _told_line(tab, "The desk")
    expect(desk).to_contain_text("1 waiting")
    expect(desk).to_contain_text("Last sent: Never")
    at(minutes=1)
    _work(live)
    assert len(told.box.mails) == 1
    desk = _told_line(tab, "The desk")
    expect(desk).not_to_contain_text("waiting")
    expect(desk).not_to_contain_text("Never")
    at(minutes=9)
    _work(live)
    assert told.hook.posts == []
    at(minutes=11)  # nobody acknowledged it: the next one is told
    _work(live)
    assert len(told.box.mails) == 1 and len(told.hook.posts) == 1
    assert reference.encode() not in told.hook.posts[0][1]
    expect(_told_line(tab, "Physician on call")).not_to_contain_text("Never")
    tab.goto(f"/staff/submissions/{reference}")
    tab.locator(".sc-act").get_by_role("button", name="Acknowledge").click()
    expect(tab.locator(".sc-top__lines > p")).to_contain_text("Acknowledged")
    at(minutes=60)
    _work(live)
    assert len(told.box.mails) == 1 and len(told.hook.posts) == 1
    steps.sign_in(tab, "intake")  # nobody was there for an hour
    tab.goto("/staff/notifications")
    tab.get_by_role("button", name="Send a test to The desk").click()
    _work(live)
    tab.get_by_role("link", name="Look again").click()
    expect(tab.locator("table").last).to_contain_text("Sent")
    steps.fits(tab)


def test_what_a_role_may_not_do_is_not_offered_and_is_refused(live: Live, window: Window) -> None:
    reference = live.do(add, live.app, case("V01"))
    path = f"/staff/submissions/{reference}"
    nurse, nobody = window(DESK), window(DESK)
    nobody.goto(path)
    steps.heading(nobody, "Staff sign-in")
    steps.sign_in(nurse, "intake")
    nurse.goto(path)
    expect(nurse.get_by_role("button", name="Decide")).to_have_count(0)
    expect(nurse.locator(".sc-act")).to_contain_text("Only a physician can set it to Decided.")
    # Whoever changes the button in the page gets the page back, with what was typed.
    nurse.get_by_label("Your words").fill("Looks fine. Synthetic.")
    note = nurse.get_by_role("button", name="Add as a note")
    note.evaluate("button => { button.value = 'decided' }")
    note.click()
    summary = nurse.locator(".nhsuk-error-summary")
    expect(summary).to_contain_text("Only a physician")
    expect(nurse.get_by_label("Your words")).to_have_value("Looks fine. Synthetic.")
    expect(nurse.locator(".sc-top__lines > p")).to_contain_text("New")
    nurse.goto(f"{path}/all")
    form = nurse.evaluate(
        "path => fetch(path, {method: 'POST'}).then(answer => answer.status)", f"{path}/trials"
    )
    assert form in (400, 403)
    stored = live.do(store_page, live.app, reference)
    assert stored.status == "new"


@pytest.mark.long
def test_a_day_of_forty_by_two_people_at_once(live: Live, window: Window) -> None:
    references = live.do(_forty, live)
    nurse, doctor = window(DESK), window(DESK, scripts=False)
    steps.sign_in(nurse, "intake")
    steps.sign_in(doctor, "physician")
    both = 0
    for turn in range(DAY):
        nurse.goto("/staff/")
        mine = _first_new(nurse)
        if not mine:
            break
        nurse.goto(f"/staff/submissions/{mine}")
        doctor.goto("/staff/?status=new")
        theirs = _first_new(doctor, besides="" if turn % 5 == 0 else mine)
        if not theirs:
            _acknowledge(nurse)
            break
        if theirs == mine:
            both += 1
            expect(doctor.locator(f'[data-row="{mine}"]')).to_contain_text(f"Open now at {NURSE}")
        doctor.goto(f"/staff/submissions/{theirs}")
        doctor.get_by_label("Your words").fill(f"Read in turn {turn}. Synthetic.")
        _acknowledge(nurse)
        _log_call(nurse, f"Called in turn {turn}. Synthetic.", reached=turn % 3 > 0)
        if theirs == mine:
            # The nurse was faster: nothing is overwritten, and nothing typed is lost.
            expect(doctor.locator(".sc-since")).to_contain_text(NURSE)
            _acknowledge(doctor, was_faster=False)
            expect(doctor.locator(".sc-act__changed")).to_contain_text("Acknowledged")
            expect(doctor.locator(".sc-act__changed")).to_contain_text(f"Called in turn {turn}.")
            expect(doctor.get_by_label("Your words")).to_have_value(
                f"Read in turn {turn}. Synthetic."
            )
            doctor.get_by_role("button", name="Add as a note").click()
        else:
            _acknowledge(doctor)
        _decide(doctor)
    assert both >= 4
    # What the nurse called is left to the physician.
    while True:
        doctor.goto("/staff/")
        rows = doctor.locator("[data-row]")
        if not rows.count():
            break
        doctor.goto(f"/staff/submissions/{rows.first.get_attribute('data-row')}")
        if doctor.locator(".sc-act").get_by_role("button", name="Acknowledge").count():
            _acknowledge(doctor)
        _decide(doctor)
    for reference in references:
        stored = live.do(store_page, live.app, reference)
        assert stored.status == "decided"
        taken = [event for event in stored.events if event.kind == "status"]
        acknowledged = [event for event in taken if event.body["to"] == "acknowledged"]
        decided = [event for event in taken if event.body["to"] == "decided"]
        assert len(acknowledged) == 1, [event.body for event in taken]
        assert [event.actor for event in decided] == [DOCTOR]
    assert live.do(_audit_is_whole, live)


def _say_so_on_the_form(tab: Tab) -> None:
    """Answer as somebody in danger does, up to the help page."""
    tab.goto("/")
    steps.begin(tab)
    tab.goto("/questions/safety")
    steps.fill(tab, DANGER)
    steps.forward(tab)
    expect(tab.locator("main")).to_contain_text("988")


def _log_call(tab: Tab, words: str, *, reached: bool, next_try: str = "") -> None:
    tab.get_by_label("Your words").fill(words)
    fold = tab.locator("details", has=tab.locator("summary", has_text="Log a contact")).first
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()
    tab.get_by_label("Phone call").check()
    tab.get_by_label("Yes" if reached else "No", exact=True).check()
    if next_try:
        tab.get_by_label("Next try").fill(next_try)
    tab.get_by_role("button", name="Log the contact").click()
    expect(tab.locator(".sc-history").first).to_contain_text(words)
    expect(tab.get_by_label("Your words")).to_have_value("")


def _acknowledge(tab: Tab, *, was_faster: bool = True) -> None:
    tab.locator(".sc-act").get_by_role("button", name="Acknowledge").click()
    if was_faster:
        expect(tab.locator(".sc-top__lines > p")).to_contain_text("Acknowledged")
    else:
        expect(tab.locator(".nhsuk-error-summary")).to_contain_text("was changed while you had it")


def _decide(tab: Tab) -> None:
    fold = tab.locator("details", has=tab.locator("button[value=decided]")).last
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()
    for kind in ("suicide", "medical"):
        choices = tab.locator(f"[name=act-{kind}]")
        if choices.count():
            choices.last.check()
    if not tab.get_by_label("Your words").input_value():
        tab.get_by_label("Your words").fill("Seen. Synthetic.")
    tab.get_by_role("button", name="Decide").click()
    expect(tab.locator(".sc-top__lines > p")).to_contain_text("Decided")


def _first_new(tab: Tab, besides: str = "") -> str:
    """Return the first row that is new; "" where there is none."""
    for row in tab.locator("[data-row]").all():
        reference = row.get_attribute("data-row") or ""
        if reference != besides and row.locator("strong", has_text=re.compile("^New$")).count():
            return reference
    return ""


def _told_line(tab: Tab, name: str) -> Any:
    tab.goto("/staff/notifications")
    return tab.locator(".sc-told tbody tr").filter(has_text=name)


def _work(live: Live) -> None:
    """Let a worker do what is due."""

    def work() -> None:
        with live.app.app_context():
            Worker(live.app.extensions["screener_settings"]).round()

    live.do(work)


def _forty(live: Live) -> list[str]:
    """Add forty people, as the cases of the rulebook have them; every eighth is in danger."""
    cases = [candidate.answers for candidate in PROTOCOL.cases]
    references = []
    for number in range(DAY):
        identity = {
            "name": f"Person {number} Test",
            "phone": f"555-555-01{number:02}",
            "date_of_birth": f"19{50 + number}-04-27",
        }
        in_danger = number % 8 == 0
        answers = DANGER if in_danger else dict(cases[number * 7 % len(cases)])
        references.append(add(live.app, answers, submitted=not in_danger, identity=identity))
    return references


def _audit_is_whole(live: Live) -> bool:
    with live.app.app_context():
        return store.verify_audit() is None
