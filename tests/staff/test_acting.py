"""The one form: contacts, assigning, asking; nothing typed is lost, all that happened is told."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from tests.clock import Clock
from tests.every_page import person
from tests.outages import READ_ONLY, outage
from tests.staff.clinic import (
    DOCTOR,
    NO_RISK,
    NURSE,
    PASSWORD,
    actions,
    add,
    case,
    does,
    everything,
    fields,
    opened,
    part,
    store_page,
)
from tests.web import errors, send, soup, visible

DANGER = {"asq_1": "yes", "asq_5": "yes"}
WORDS = "She will come on Monday.\nHer sister brings her. Synthetic."


def box(page: Any) -> str:
    """Return what stands in the box."""
    return part(page, "#act-text").get_text().strip()


def chosen(page: Any) -> set[str]:
    """Return what is chosen in the form."""
    marked = soup(page).select("#act ~ form [checked], #act ~ form [selected]")
    return {str(field["value"]) for field in marked} - {""}


# --- contact attempts -----------------------------------------------------------------------------


def test_an_attempt_is_logged_with_all_that_was_said(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, NO_RISK)
    more = {"how": "phone", "reached": "yes", "next_try": "2026-03-05T14:30"}
    answer = does(nurse, opened(nurse, reference), "contact", WORDS, **more)
    assert (answer.status_code, answer.location) == (303, f"/staff/submissions/{reference}#act")
    [event] = store_page(app, reference).events
    assert (event.kind, event.actor) == ("contact", NURSE)
    assert event.body == {
        "how": "phone",
        "reached": True,
        "agreed": WORDS,
        "next_try": "2026-03-05T19:30:00+00:00",  # half past two at the clinic
    }
    assert store_page(app, reference).status == "new", "a fact changes no status"
    text = visible(opened(nurse, reference))
    assert "Phone call: reached. Next try: Thu 5 Mar 2026, 2:30 PM EST" in text
    assert "Her sister brings her." in text
    assert (NURSE, "contact logged", reference) in actions(app)
    assert not any("Monday" in word for entry in actions(app) for word in entry)


def test_an_attempt_may_be_logged_before_anything_else_and_after_a_decision(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    calm, pressing = add(app, NO_RISK), add(app, DANGER, submitted=False)
    does(doctor, opened(doctor, calm), "decided")
    for reference in (calm, pressing):
        page = opened(nurse, reference)
        assert does(nurse, page, "contact", how="text", reached="no").status_code == 303
        assert store_page(app, reference).events[-1].body["reached"] is False


def test_what_an_attempt_lacks_is_said_at_its_place(app: Flask, nurse: FlaskClient) -> None:
    page = opened(nurse, add(app, NO_RISK))
    answer = does(nurse, page, "contact", WORDS)
    assert answer.status_code == 400
    assert [href for _, href in errors(answer)] == ["#act-how", "#act-reached"]
    assert box(answer) == WORDS
    no_time = ("soon", "2026-13-01T10:00", "9999-01-01T00:00", "2026-01-01T10:00+02:00")
    # Over already, far off, and an hour that the clocks pass over in spring.
    for when in (*no_time, "2026-03-01T09:00", "2028-03-01T09:00", "2026-03-08T02:30"):
        answer = does(nurse, page, "contact", WORDS, how="mail", reached="no", next_try=when)
        assert [href for _, href in errors(answer)] == ["#act-next_try"]
        assert (box(answer), chosen(answer)) == (WORDS, {"mail", "no"})
        assert part(answer, "#act-next_try")["value"] == when


def test_a_button_that_is_pressed_twice_does_it_once(
    app: Flask, nurse: FlaskClient, at: Clock
) -> None:
    reference = add(app, NO_RISK)
    for do, more in (
        ("note", {}),
        ("contact", {"how": "phone", "reached": "no"}),
        ("needs_information", {}),
        ("assign", {"to": DOCTOR}),
    ):
        before = len(store_page(app, reference).events)
        page = opened(nurse, reference)
        for _ in range(2):
            assert does(nurse, page, do, f"{WORDS} {do}", **more).status_code == 303
        assert len(store_page(app, reference).events) == before + 1, do
    # A second attempt of the same kind is another one.
    for _ in range(2):
        does(nurse, opened(nurse, reference), "contact", how="phone", reached="no")
    assert len(store_page(app, reference).events) == 6


# --- assigning and asking -------------------------------------------------------------------------


def test_it_is_assigned_to_a_colleague_me_or_nobody(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, NO_RISK)
    options = [option["value"] for option in soup(opened(nurse, reference)).select("option")]
    assert options == ["", NURSE, "-", DOCTOR]
    for to, holder, line in (
        (DOCTOR, DOCTOR, f"Assigned to {DOCTOR}"),
        (NURSE, NURSE, f"Assigned to {NURSE}"),
        ("-", None, f"No longer assigned to {NURSE}"),
    ):
        answer = does(nurse, opened(nurse, reference), "assign", f"For {to}", to=to)
        assert answer.status_code == 303
        assert store_page(app, reference).assigned_to == holder
        assert line in visible(opened(nurse, reference))
        assert f"For {to}" in visible(opened(nurse, reference))
    for wrong in ("", "stranger@clinic.example", "<b>"):
        answer = does(nurse, opened(nurse, reference), "assign", WORDS, to=wrong)
        assert errors(answer) == [("Choose somebody from the list.", "#act-to")]
        assert box(answer) == WORDS


def test_what_to_ask_stands_with_the_questions_and_may_be_added_to(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, NO_RISK)
    answer = does(nurse, opened(nurse, reference), "needs_information", " ? ")
    assert errors(answer) == [("Write what to ask the person.", "#act-text")]
    for question in ("Which dose of sertraline?", "Since when?"):
        answer = does(nurse, opened(nurse, reference), "needs_information", question)
        assert answer.status_code == 303
        page = opened(nurse, reference)
        assert question in part(page, "section[aria-labelledby=ask-first]").get_text()
    stored = store_page(app, reference)
    assert stored.status == "needs_information"
    assert [event.kind for event in stored.events] == ["ask", "ask"]
    assert "Which dose of sertraline?" in visible(everything(nurse, reference))


def test_an_emergency_is_acknowledged_before_it_waits_for_an_answer(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, DANGER, submitted=False)
    answer = does(nurse, opened(nurse, reference), "needs_information", "How are you?")
    assert answer.status_code == 400
    assert "Acknowledge it first." in errors(answer)[0][0]
    assert box(answer) == "How are you?"
    assert store_page(app, reference).status == "new"


# --- nothing typed is lost ------------------------------------------------------------------------


def test_the_wrong_button_loses_nothing(app: Flask, nurse: FlaskClient) -> None:
    """What was chosen for another button is kept, offered again, and not recorded."""
    reference = add(app, NO_RISK)
    more = {"how": "person", "reached": "yes", "next_try": "2026-03-05T14:30", "to": DOCTOR}
    assert does(nurse, opened(nurse, reference), "note", WORDS, **more).status_code == 303
    [event] = store_page(app, reference).events
    assert (event.kind, event.body) == ("note", {"text": WORDS})
    page = opened(nurse, reference)
    assert "what you typed and have not used yet" in visible(page)
    assert (box(page), chosen(page)) == ("", {"person", "yes", DOCTOR})
    sent = {"how": "person", "reached": "yes", "to": DOCTOR}
    assert does(nurse, page, "contact", **sent).status_code == 303
    page = opened(nurse, reference)
    assert chosen(page) == {DOCTOR}
    assert does(nurse, page, "discard").status_code == 303
    assert chosen(opened(nurse, reference)) == set()


def test_a_disposition_is_never_passed_over_nor_kept(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    reference = add(app, DANGER, submitted=False)
    does(nurse, opened(nurse, reference), "acknowledged")
    for do, more in (
        ("note", {}),
        ("contact", {"how": "phone", "reached": "yes"}),
        ("assign", {"to": NURSE}),
        ("needs_information", {}),
        ("in_contact", {}),
    ):
        page = opened(doctor, reference)
        answer = does(doctor, page, do, WORDS, suicide="None now", **more)
        assert answer.status_code == 400, do
        message = "A disposition for suicide risk is not recorded with this step."
        assert errors(answer) == [(message, "#act-suicide")]
        assert box(answer) == WORDS
        assert "None now" not in chosen(answer), "it is chosen again by whoever means it"
        assert "None now" not in chosen(opened(doctor, reference))
        assert box(opened(doctor, reference)) == WORDS
    assert len(store_page(app, reference).events) == 1


def test_a_refused_post_is_kept_for_its_author_alone(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    reference = add(app, NO_RISK)
    does(nurse, opened(nurse, reference), "contact", WORDS, how="phone")
    for client, kept in ((nurse, WORDS), (doctor, "")):
        assert box(opened(client, reference)) == kept
    page = opened(nurse, reference)
    assert does(nurse, page, "note", box(page)).status_code == 303
    assert box(opened(nurse, reference)) == "", "used is used"


def test_what_is_typed_is_kept_while_it_is_typed(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, NO_RISK)
    sent = {**fields(opened(nurse, reference), "/act"), "act-text": WORDS, "act-how": "text"}
    path = f"/staff/submissions/{reference}/draft"
    assert nurse.post(path, data=sent).status_code == 204
    page = opened(nurse, reference)
    assert (box(page), chosen(page)) == (WORDS, {"text"})
    assert store_page(app, reference).events == ()
    assert nurse.post(path, data={**sent, "act-text": "", "act-how": ""}).status_code == 204
    assert "have not used yet" not in visible(opened(nurse, reference))
    assert nurse.post(path, data={**sent, "csrf_token": "old"}).status_code == 400
    assert nurse.post("/staff/submissions/AAAA-AAAA/draft", data=sent).status_code == 404


def test_a_session_that_ended_loses_nothing(app: Flask, at: Clock) -> None:
    client = app.test_client()
    account = {"email": NURSE, "password": PASSWORD}
    send(client, "/staff/login", account)
    reference = add(app, NO_RISK)
    page = opened(client, reference)
    at(hours=3)
    answer = does(client, page, "note", WORDS)
    assert answer.status_code == 302
    assert answer.location == f"/staff/login?next=/staff/submissions/{reference}"
    assert store_page(app, reference).events == ()
    send(client, "/staff/login", account)
    assert box(opened(client, reference)) == WORDS


def test_only_a_session_of_this_browser_that_ended_of_itself_is_kept_for(
    app: Flask, at: Clock
) -> None:
    reference = add(app, NO_RISK)
    path = f"/staff/submissions/{reference}/act"
    sent = {"act-do": "note", "act-text": WORDS}
    assert app.test_client().post(path, data=sent).location == "/staff/login"
    client = app.test_client()
    send(client, "/staff/login", {"email": NURSE, "password": PASSWORD})
    page = opened(client, reference)
    at(hours=3)
    forged = client.post(path, data={**fields(page, "/act"), **sent, "csrf_token": "forged"})
    assert forged.location == "/staff/login"
    with app.app_context():
        assert store.draft(reference, NURSE) is None


def test_a_page_left_open_too_long_is_kept_where_it_is_surely_ours(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, NO_RISK)
    sent = {**fields(opened(nurse, reference), "/act"), "act-do": "note", "act-text": WORDS}
    path = f"/staff/submissions/{reference}/act"
    for headers, kept in (({}, ""), ({"Sec-Fetch-Site": "same-origin"}, WORDS)):
        answer = nurse.post(path, data={**sent, "csrf_token": "old"}, headers=headers)
        assert (answer.status_code, box(answer)) == (400, WORDS)
        assert box(opened(nurse, reference)) == kept


def test_a_draft_that_cannot_be_kept_or_opened_hides_nothing(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, NO_RISK)
    page = opened(nurse, reference)
    with outage(app, READ_ONLY):
        answer = does(nurse, page, "contact", WORDS)
        assert (answer.status_code, box(answer)) == (400, WORDS)
    does(nurse, page, "contact", WORDS)
    with app.app_context(), store.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE draft SET sealed_typed = x'00'")
    assert "Ana Test" in visible(opened(nurse, reference))


# --- who does what at the same time ---------------------------------------------------------------


def test_all_that_happened_since_is_told_with_who_did_it(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    browser, reference = person(app, {"asq_1": "yes", "asq_5": "no"}, last="safety")
    mine = opened(nurse, reference)
    does(doctor, opened(doctor, reference), "acknowledged", "I call her.")
    does(doctor, opened(doctor, reference), "contact", "No answer.", how="phone", reached="no")
    does(doctor, opened(doctor, reference), "note", "Left a message.")
    send(browser, "/help", {"action": "call"})
    send(browser, "/questions/safety", {"asq_1": "yes", "asq_5": "yes"})
    answer = does(nurse, mine, "acknowledged", WORDS)
    assert answer.status_code == 409
    told = part(answer, ".sc-act__changed").get_text(" ", strip=True)
    for line in (
        "Status changed from New to Acknowledged",
        "I call her.",
        "Phone call: not reached",
        "No answer.",
        "Note added",
        "The person asked for a call",
        "Back to New from Acknowledged",
        "The person answered on safety: Thoughts of killing yourself right now: Yes",
    ):
        assert line in told, line
    assert told.count(DOCTOR) == 3
    assert "You had chosen Acknowledged ." in told
    assert box(answer) == WORDS
    assert does(nurse, answer, "acknowledged", WORDS).status_code == 303


@pytest.mark.parametrize("mark", ["", "x", "1.2", "9" * 40, "-1.0.0.0.0.0", "0.0.0.0.0.0"])
def test_a_page_that_says_nothing_of_what_it_showed_is_told_everything(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient, mark: str
) -> None:
    reference = add(app, NO_RISK)
    mine = opened(nurse, reference)
    does(doctor, opened(doctor, reference), "acknowledged", "Mine.")
    answer = does(nurse, mine, "in_contact", WORDS, seen=mark)
    assert answer.status_code == 409
    assert "Mine." in part(answer, ".sc-act__changed").get_text()


def test_who_has_it_open_is_shown_until_they_leave(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient, at: Clock
) -> None:
    reference = add(app, NO_RISK)
    page = opened(nurse, reference)
    assert "has this open" not in visible(page), "not to oneself"
    [(since, _)] = _open_since(opened(doctor, reference))
    for minutes in (2, 4, 6):
        at(minutes=minutes)
        news = nurse.post(f"/staff/submissions/{reference}/open", data=fields(page, "/act"))
        assert news.status_code == 200
        for shown in (opened(doctor, reference), everything(doctor, reference)):
            assert _open_since(shown) == [(since, NURSE)]
    with app.app_context():
        assert store.looking_at([reference, "AAAA-AAAA"]) == {reference: [DOCTOR, NURSE]}
    at(minutes=10)
    assert _open_since(opened(doctor, reference)) == []
    opened(nurse, reference)
    [(again, _)] = _open_since(opened(doctor, reference))
    assert again != since


def _open_since(page: TestResponse) -> list[tuple[str, str]]:
    """Return since when who else has a submission open."""
    line = r"(\S+@\S+) has this open since (\d+:\d\d [AP]M E[SD]T)\."
    return [(since, who) for who, since in re.findall(line, visible(page))]


def test_an_open_page_learns_that_something_happened_and_not_what(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    reference = add(app, NO_RISK)
    page = opened(nurse, reference)
    path = f"/staff/submissions/{reference}/open"
    quiet = nurse.post(path, data=fields(page, "/act"))
    assert "happened" not in visible(quiet)
    before = len(actions(app))
    does(doctor, opened(doctor, reference), "note", WORDS)
    news = nurse.post(path, data=fields(page, "/act"))
    assert "Something happened since you opened this page." in visible(news)
    assert "Monday" not in news.text and "Ana" not in news.text
    log = actions(app)[before:]
    assert [entry for entry in log if entry[0] == NURSE] == [], "it is no view"
    unknown = nurse.post("/staff/submissions/AAAA-AAAA/open", data=fields(page, "/act"))
    assert unknown.status_code == 404


def test_an_open_page_does_not_prolong_a_session(app: Flask, nurse: FlaskClient, at: Clock) -> None:
    reference = add(app, NO_RISK)
    sent = fields(opened(nurse, reference), "/act")
    path = f"/staff/submissions/{reference}/open"
    statuses = []
    for minutes in range(5, 45, 5):
        at(minutes=minutes)
        statuses.append(nurse.post(path, data=sent).status_code)
    assert statuses[0] == 200 and statuses[-1] == 302


def test_presence_and_drafts_go_with_the_submission(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, NO_RISK)
    does(nurse, opened(nurse, reference), "contact", WORDS)
    tables = ("draft", "looking")
    with app.app_context(), store.db.engine.begin() as connection:
        for table in tables:
            count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            assert count == 1
        connection.exec_driver_sql("DELETE FROM submission")
        for table in tables:
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_a_draft_is_sealed_and_sealed_anew(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V17"))
    does(nurse, opened(nurse, reference), "contact", WORDS)
    with app.app_context():
        with store.db.engine.begin() as connection:
            sealed = connection.exec_driver_sql("SELECT sealed_typed FROM draft").scalar()
        assert sealed is not None and b"Monday" not in sealed
        kept = store.draft(reference, NURSE)
    assert kept is not None and kept.typed["text"] == WORDS
    assert "Monday" not in repr(kept)
