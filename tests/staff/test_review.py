"""The steps of the review on the staff's pages: what is offered, refused, kept and told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from tests.every_page import PASSWORD, add_staff, person
from tests.staff.clinic import add, case, everything, fields, opened, part, store_page
from tests.web import errors, make_app, send, soup, visible

LEAVE = '.sc-act details:has([value="closed"])'
DANGER = {"asq_1": "yes", "asq_5": "yes"}
SUICIDE, MEDICAL = "None now", "Seen today"
LISTS = {"medical_dispositions": "Sent to emergency care|Seen today"}


class Clinic:
    """A running site with a nurse and a doctor, and people in danger."""

    def __init__(self, folder: Path) -> None:
        self.app = make_app(folder, limit_start="1000/60", **LISTS)
        add_staff(self.app)
        self.nurse, self.doctor = self._in("intake"), self._in("physician")

    def in_danger(self, **answers: Any) -> str:
        """Return a new person in danger with few other flags: their page is short."""
        return add(self.app, {**case(self.app, "V17"), **DANGER, **answers})

    def acknowledged(self, **answers: Any) -> str:
        """Return a new person in danger whom the nurse has acknowledged."""
        reference = self.in_danger(**answers)
        self.acknowledge(reference)
        return reference

    def with_browser(self, answers: dict[str, Any]) -> tuple[FlaskClient, str]:
        """Return the browser and reference of a person in danger who is still at the form."""
        return person(self.app, answers, last="safety")

    def acknowledge(self, reference: str) -> None:
        """Let the nurse press the button."""
        assert self.sets(self.nurse, reference, "acknowledged").status_code == 303

    def sets(
        self,
        client: FlaskClient,
        reference: str,
        status: str,
        page: TestResponse | None = None,
        **more: str,
    ) -> TestResponse:
        """Post a step as somebody's browser would from a page, or as nobody's would."""
        page = page or opened(client, reference)
        data = {
            **fields(page, "act"),
            "act-do": status,
            **{f"act-{name}": value for name, value in more.items()},
        }
        return client.post(f"/staff/submissions/{reference}/act", data=data)

    def stored(self, reference: str) -> store.Submission:
        return store_page(self.app, reference)

    def _in(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        account = {"email": f"{role}@demo.example", "password": PASSWORD}
        assert send(client, "/staff/login", account).location == "/staff/"
        return client


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """Yield one site for the file."""
    made = Clinic(tmp_path_factory.mktemp("clinic"))
    yield made
    with made.app.app_context():
        store.db.engine.dispose()


def offered(page: TestResponse) -> set[str]:
    """Return the statuses that a page offers by buttons."""
    buttons = soup(page).select("button[name=act-do]")
    return {str(button["value"]) for button in buttons} & set(store.STATUSES)


def texts(page: TestResponse) -> list[str]:
    """Return what was typed into the boxes."""
    boxes = [box.get_text().strip() for box in soup(page).select("textarea")]
    return [text for text in boxes if text]


def anchored(page: TestResponse) -> list[str]:
    """Return the messages of the error summary; each leads to something on the page."""
    problems = errors(page)
    ids = {str(tag["id"]) for tag in soup(page).select("[id]")}
    assert {href[1:] for _, href in problems} <= ids
    return [message for message, _ in problems]


# --- what is offered ------------------------------------------------------------------------------


def test_a_new_emergency_has_one_button_and_says_why_no_more(clinic: Clinic) -> None:
    reference = clinic.in_danger()
    for client in (clinic.nurse, clinic.doctor):
        page = opened(client, reference)
        assert offered(page) == {"acknowledged"}
        assert part(page, ".sc-acknowledge button").get_text() == "Acknowledge"
        assert not soup(page).select("input[name=act-suicide]")
        assert "Acknowledge it first, with the button at the top." in visible(page)


def test_intake_keeps_an_emergency_in_the_list_and_a_physician_may_take_it_off(
    clinic: Clinic,
) -> None:
    reference = clinic.acknowledged()
    page = opened(clinic.nurse, reference)
    assert offered(page) == {"in_contact", "needs_information", "ready_for_physician"}
    line = "A physician records the disposition and takes it off the waiting list."
    assert line in visible(page)
    assert not soup(page).select("input[name=act-suicide]")
    page = opened(clinic.doctor, reference)
    assert {"decided", "closed"} < offered(page)
    assert line not in visible(page)
    group = part(page, "#act-suicide").find_parent("fieldset")
    assert isinstance(group, Tag)
    labels = [label.get_text() for label in group.select("label")]
    assert labels == [
        "Emergency psychiatric evaluation",
        "Further evaluation needed (referral, preferably within 72 hours)",
        "Non-urgent follow-up",
        "None now",
    ]
    assert "The clinic’s own list." in group.get_text()
    assert not soup(page).select("input[checked]"), "nothing is chosen beforehand"
    assert not soup(page).select("input[name=act-medical]")


def test_each_kind_of_danger_has_its_own_list_from_the_settings(clinic: Clinic) -> None:
    reference = clinic.acknowledged(warning_signs=["saddle_numbness"])
    page = soup(opened(clinic.doctor, reference))
    values = [field["value"] for field in page.select("input[name=act-medical]")]
    assert values == ["Sent to emergency care", "Seen today"]
    assert len(page.select("input[name=act-suicide]")) == 4


def test_one_that_does_not_press_needs_no_disposition(clinic: Clinic) -> None:
    reference = add(clinic.app, case(clinic.app, "V17"))
    page = opened(clinic.nurse, reference)
    assert offered(page) == {
        "acknowledged",
        "in_contact",
        "needs_information",
        "ready_for_physician",
        "closed",
    }
    assert "Only a physician can set it to Decided." in visible(page)
    assert part(page, LEAVE + " button").get_text() == "Close it"
    page = opened(clinic.doctor, reference)
    assert "decided" in offered(page)
    assert not soup(page).select("input[name=act-suicide], input[name=act-medical]")


# --- acknowledging --------------------------------------------------------------------------------


def test_acknowledging_twice_is_once(clinic: Clinic) -> None:
    reference = clinic.in_danger()
    page = opened(clinic.nurse, reference)
    for _ in range(2):
        answer = clinic.nurse.post(
            f"/staff/submissions/{reference}/act",
            data={**fields(page, "act"), "act-do": "acknowledged"},
        )
        assert (answer.status_code, answer.location) == (303, f"/staff/submissions/{reference}")
    stored = clinic.stored(reference)
    assert (stored.status, len(stored.events)) == ("acknowledged", 1)
    assert stored.assigned_to == "intake@demo.example"
    text = visible(opened(clinic.nurse, reference))
    assert "Acknowledged , due in 14 minutes , with intake@demo.example" in text
    assert "Nobody has acknowledged this yet." not in text


def test_two_who_acknowledge_at_once_learn_of_each_other(clinic: Clinic) -> None:
    reference = clinic.in_danger()
    mine, theirs = opened(clinic.nurse, reference), opened(clinic.doctor, reference)
    assert clinic.sets(clinic.nurse, reference, "acknowledged", mine).status_code == 303
    answer = clinic.sets(clinic.doctor, reference, "acknowledged", theirs)
    assert answer.status_code == 409
    assert "Status changed from New to Acknowledged intake@demo.example," in visible(answer)
    assert len(clinic.stored(reference).events) == 1


def test_an_answer_that_came_meanwhile_is_not_acknowledged_unseen(clinic: Clinic) -> None:
    browser, reference = clinic.with_browser({"asq_1": "yes", "asq_5": "no"})
    page = opened(clinic.nurse, reference)
    send(browser, "/help", {"action": "call"})
    answer = clinic.sets(clinic.nurse, reference, "acknowledged", page)
    assert answer.status_code == 409
    assert "The person asked for a call" in visible(answer)
    assert clinic.stored(reference).status == "new"
    assert clinic.sets(clinic.nurse, reference, "acknowledged", answer).status_code == 303


# --- leaving the waiting list ---------------------------------------------------------------------


def test_everything_that_is_missing_is_said_at_its_place_and_what_was_typed_stays(
    clinic: Clinic,
) -> None:
    reference = clinic.acknowledged(warning_signs=["saddle_numbness"])
    answer = clinic.sets(clinic.doctor, reference, "closed", medical=MEDICAL, text="  ")
    assert answer.status_code == 400
    assert errors(answer) == [
        ("Write why it is closed.", "#act-text"),
        ("Choose a disposition for suicide risk.", "#act-suicide"),
    ]
    assert str(part(answer, "title").get_text()).startswith("Error: ")
    checked = {field["value"] for field in soup(answer).select("input[checked]")}
    assert checked == {MEDICAL}
    answer = clinic.sets(clinic.doctor, reference, "closed", text="Seen, in many words")
    assert len(anchored(answer)) == 2
    assert texts(answer) == ["Seen, in many words"]
    assert clinic.stored(reference).status == "acknowledged"


def test_a_physician_takes_it_off_with_everything_and_the_history_tells(clinic: Clinic) -> None:
    reference = clinic.acknowledged(warning_signs=["saddle_numbness"])
    answer = clinic.sets(
        clinic.doctor,
        reference,
        "closed",
        text="Seen at the clinic.\nWith his sister.",
        suicide=SUICIDE,
        medical=MEDICAL,
    )
    assert (answer.status_code, answer.location[-4:]) == (303, "#act")
    step = part(opened(clinic.nurse, reference), ".sc-history li").get_text(" ", strip=True)
    assert step.startswith("Status changed from Acknowledged to Closed physician@demo.example")
    assert "Disposition, suicide risk: None now" in step
    assert "Disposition, medical danger: Seen today" in step
    assert "Seen at the clinic." in step
    waiting, closed = clinic.nurse.get("/staff/"), clinic.nurse.get("/staff/?show=closed")
    assert reference not in waiting.text and reference in closed.text
    with clinic.app.app_context():
        done = [(entry.actor, entry.action, entry.object) for entry in store.audit_entries(limit=9)]
        assert ("physician@demo.example", "status closed", reference) in done
        assert store.verify_audit() is None


def test_nothing_that_intake_sends_takes_an_emergency_off(clinic: Clinic) -> None:
    reference = clinic.acknowledged()
    for status in ("closed", "decided", "new", "acknowledged"):
        answer = clinic.sets(
            clinic.nurse, reference, status, text="My words stay", suicide=SUICIDE, medical=MEDICAL
        )
        assert answer.status_code == 400
        assert anchored(answer)
        assert texts(answer) == ["My words stay"]
    assert clinic.stored(reference).status == "acknowledged"
    assert len(clinic.stored(reference).events) == 1


NONSENSE = [
    {"suicide": "Fine"},
    {"suicide": "none now"},
    {"suicide": "<script>alert(1)</script>"},
    {"suicide": "x" * 10_000},
    {"suicide": SUICIDE, "medical": MEDICAL},
    {"suicide": "\x00"},
    {"suicide": "Emergency psychiatric evaluation|None now"},
]


def test_a_disposition_that_is_none_is_refused(clinic: Clinic) -> None:
    reference = clinic.acknowledged()
    page = opened(clinic.doctor, reference)
    for more in NONSENSE:
        answer = clinic.sets(clinic.doctor, reference, "closed", page, text="Seen.", **more)
        assert answer.status_code == 400, more
        assert anchored(answer)
        assert texts(answer) == ["Seen."]
        assert "<script>alert" not in answer.text
    assert clinic.stored(reference).status == "acknowledged"


def test_a_disposition_with_another_step_is_refused_and_not_swallowed(clinic: Clinic) -> None:
    reference = clinic.acknowledged()
    answer = clinic.sets(clinic.doctor, reference, "in_contact", suicide=SUICIDE, text="Called")
    assert answer.status_code == 400
    assert anchored(answer) == ["A disposition for suicide risk is not recorded with this step."]
    assert texts(answer) == ["Called"]


def test_a_status_that_is_none_is_refused(clinic: Clinic) -> None:
    for reference in (clinic.in_danger(), clinic.acknowledged()):
        page = opened(clinic.nurse, reference)
        for status in ("", "nonsense", "NEW", "<b>", "closed,decided"):
            sent = {"text": "What I wrote"}
            answer = clinic.sets(clinic.nurse, reference, status, page, **sent)
            assert answer.status_code == 400
            assert "Choose what to do by a button of the page." in anchored(answer)[0]
            assert texts(answer) == ["What I wrote"]


# --- decisions ------------------------------------------------------------------------------------


def test_only_a_physician_decides_and_only_a_physician_touches_a_decision(clinic: Clinic) -> None:
    reference = add(clinic.app, case(clinic.app, "V17"))
    answer = clinic.sets(clinic.nurse, reference, "decided", text="mine")
    assert answer.status_code == 400
    kept = "Nothing was saved. What you wrote is in its box."
    assert anchored(answer) == [f"Only a physician decides. {kept}"]
    assert texts(answer) == ["mine"]
    assert clinic.sets(clinic.doctor, reference, "decided").status_code == 303
    page = opened(clinic.nurse, reference)
    assert offered(page) == set()
    assert "A physician decided this. Only a physician can change or reopen it." in visible(page)
    for status in ("new", "in_contact", "decided", "closed"):
        answer = clinic.sets(clinic.nurse, reference, status, text="I think otherwise")
        assert answer.status_code == 400
        assert "What you wrote is in its box." in anchored(answer)[0]
        assert part(answer, "#act-text").get_text().strip() == "I think otherwise"
    assert clinic.stored(reference).status == "decided"
    token = {**fields(page, "act"), "act-do": "note"}
    note = {**token, "note-note": "The person called."}
    path = f"/staff/submissions/{reference}/act"
    assert clinic.nurse.post(path, data=note).status_code == 303
    answer = clinic.sets(clinic.doctor, reference, "ready_for_physician")
    assert errors(answer) == [("Write why it is reopened.", "#act-text")]
    answer = clinic.sets(clinic.doctor, reference, "ready_for_physician", text="New letter.")
    assert answer.status_code == 303


# --- two people, and old pages --------------------------------------------------------------------


def test_the_second_of_two_is_told_what_changed_and_keeps_everything(clinic: Clinic) -> None:
    reference = clinic.acknowledged()
    theirs = opened(clinic.doctor, reference)
    assert clinic.sets(clinic.nurse, reference, "in_contact").status_code == 303
    sent = {"text": "My words", "suicide": SUICIDE}
    answer = clinic.sets(clinic.doctor, reference, "closed", theirs, **sent)
    assert answer.status_code == 409
    text = visible(answer)
    assert "What you sent was not saved" in text
    assert "Status changed from Acknowledged to In contact intake@demo.example," in text
    assert "You had chosen Closed (None now)" in text
    assert texts(answer) == ["My words"]
    assert [field["value"] for field in soup(answer).select("input[checked]")] == [SUICIDE]
    assert part(answer, LEAVE).has_attr("open")
    assert clinic.stored(reference).status == "in_contact"
    # Sent again from the page that shows what changed, it is taken.
    assert clinic.sets(clinic.doctor, reference, "closed", answer, **sent).status_code == 303


def test_what_the_person_tells_while_it_is_closed_stops_the_closing(clinic: Clinic) -> None:
    browser, reference = clinic.with_browser(DANGER)
    clinic.acknowledge(reference)
    theirs = opened(clinic.doctor, reference)
    send(browser, "/help", {"action": "unsafe"})
    sent = {"text": "My words", "suicide": SUICIDE}
    answer = clinic.sets(clinic.doctor, reference, "closed", theirs, **sent)
    assert answer.status_code == 409
    text = visible(answer)
    assert "The person was not sure they are safe" in text
    assert "The status is now New . You had chosen Closed (None now) ." in text
    assert part(answer, "#act-text").get_text().strip() == "My words"
    assert offered(answer) == {"acknowledged"}, "the old disposition is not at hand any more"
    again = clinic.sets(clinic.doctor, reference, "closed", answer, **sent)
    assert again.status_code == 400
    assert "Acknowledge it first." in anchored(again)[0]
    assert clinic.stored(reference).status == "new"


def test_an_old_page_cannot_use_an_old_disposition_again(clinic: Clinic) -> None:
    reference = clinic.acknowledged()
    old = opened(clinic.doctor, reference)
    sent = {"text": "Seen.", "suicide": SUICIDE}
    assert clinic.sets(clinic.doctor, reference, "closed", old, **sent).status_code == 303
    assert clinic.sets(clinic.doctor, reference, "closed", old, **sent).status_code == 303, "twice"
    assert len(clinic.stored(reference).events) == 2
    back = clinic.sets(clinic.nurse, reference, "in_contact", text="Called again.")
    assert back.status_code == 303
    assert clinic.sets(clinic.doctor, reference, "closed", old, **sent).status_code == 409
    page = opened(clinic.doctor, reference)
    assert not soup(page).select("input[checked]")
    assert clinic.sets(clinic.doctor, reference, "closed", page, text="Seen.").status_code == 400


def test_a_page_left_open_too_long_keeps_what_was_chosen(clinic: Clinic) -> None:
    reference = clinic.acknowledged()
    data = {
        "csrf_token": "old",
        "act-revision": str(clinic.stored(reference).revision),
        "act-do": "closed",
        "act-suicide": SUICIDE,
        "act-text": "Typed long ago",
    }
    answer = clinic.doctor.post(f"/staff/submissions/{reference}/act", data=data)
    assert answer.status_code == 400
    assert texts(answer) == ["Typed long ago"]
    assert [field["value"] for field in soup(answer).select("input[checked]")] == [SUICIDE]
    assert part(answer, LEAVE).has_attr("open")
    assert clinic.stored(reference).status == "acknowledged"


def test_a_note_for_what_no_longer_opens_is_shown_to_be_kept(clinic: Clinic) -> None:
    reference = clinic.acknowledged()
    page = opened(clinic.nurse, reference)
    with clinic.app.app_context(), store.db.engine.begin() as connection:
        statement = "UPDATE submission SET sealed_answers = x'00' WHERE reference = :this"
        connection.execute(sa.text(statement), {"this": reference})
    sent = {**{**fields(page, "act"), "act-do": "acknowledged"}, "act-text": "Reached by phone"}
    answer = clinic.nurse.post(f"/staff/submissions/{reference}/act", data=sent)
    assert answer.status_code == 500
    assert "Reached by phone" in visible(answer)


# --- what the person did --------------------------------------------------------------------------


def test_the_history_tells_what_the_person_did(clinic: Clinic) -> None:
    browser, reference = clinic.with_browser(DANGER)
    clinic.acknowledge(reference)
    send(browser, "/help", {"action": "call"})
    send(browser, "/help", {"action": "unsafe"})
    text = visible(everything(clinic.nurse, reference))
    assert "The person asked for a call" in text
    assert "The person was not sure they are safe" in text
    assert "Back to New from Acknowledged: the person answered, asked for something" in text
    assert "Not sure they are safe" in part(opened(clinic.nurse, reference), ".sc-facts").get_text()
