"""Answers about danger: help at once, and a form that goes on."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.patient.stored import SAFE, queue, staff_view, stored
from tests.web import CONTACT, errors, refused, send, token_of, visible


def test_item_9_shows_help_at_once_and_lets_go_on(app: Flask, person: FlaskClient) -> None:
    answer = send(person, "/questions/mood", {"phq9_9": "1"})
    assert answer.location == "/help"
    text = visible(person.get(answer.location))
    assert "Thank you for telling us" in text
    assert "Call 988" in text
    assert CONTACT["phone"] in text
    # Closing the page here does not hide the answer from staff.
    (row,) = queue(app)
    assert row.unfinished
    assert row.risk
    assert row.priority == "urgent"
    answer = send(person, answer.location, {"action": "continue"})
    assert answer.location == "/questions/safety"
    assert send(person, "/questions/mood", {"phq9_9": "1"}).location == "/questions/safety"


def test_an_emergency_pauses_the_form_until_it_is_answered(person: FlaskClient) -> None:
    answer = send(person, "/questions/safety", {"asq_3": "yes", "asq_5": "yes"})
    assert answer.location == "/help"
    for path in ("/questions", "/questions/health_conditions", "/check"):
        assert person.get(path).location == "/help"
    text = visible(person.get("/help"))
    for choice in ("Please call me", "I am not sure I am safe", "I want to continue"):
        assert choice in text
    assert stored(person).priority == "emergency"
    answer = send(person, "/help", {"action": "call"})
    noted = visible(person.get(answer.location))
    assert f"We noted that you want a call at {CONTACT['phone']}" in noted
    assert "We cannot promise when the call will come" in noted
    assert len(stored(person).progress["calls"]) == 1
    assert person.get("/questions/health_conditions").location == "/help"
    assert send(person, "/help", {"action": "continue"}).location == "/questions/health_conditions"
    assert person.get("/questions/health_conditions").status_code == 200


def test_a_paused_form_still_saves_what_another_tab_sends(person: FlaskClient) -> None:
    token = token_of(person, "/questions/sleep")
    send(person, "/questions/safety", {"asq_3": "yes", "asq_5": "yes"})
    answer = person.post("/questions/sleep", data={"csrf_token": token, "sleep_signs": "none"})
    assert answer.location == "/help"
    assert stored(person).answers["sleep_signs"] == ["none"]
    assert person.post("/check", data={"csrf_token": token}).location == "/help"
    assert stored(person).submitted_at is None


def test_help_comes_before_field_errors_and_nothing_typed_is_lost(person: FlaskClient) -> None:
    send(person, "/questions/mood", {"phq9_9": "2"})
    send(person, "/help", {"action": "continue"})
    long = "x" * 3000
    answer = send(
        person, "/questions/safety", {"asq_4": "yes", "asq_4_detail": long, "asq_5": "no"}
    )
    assert answer.location == "/help"
    assert stored(person).answers["asq_4"] == "yes"
    answer = send(person, answer.location, {"action": "continue"})
    assert answer.location == "/questions/safety"
    assert long in person.get(answer.location).text


def test_a_taken_back_answer_stays_known_and_keeps_its_priority(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/questions/safety", {"asq_3": "yes", "asq_5": "yes"})
    send(person, "/help", {"action": "continue"})
    assert send(person, "/questions/safety", SAFE).location == "/questions/health_conditions"
    assert "asq_5" not in stored(person).answers
    kept = [(answer.question, answer.value) for answer in staff_view(person).risk_answers]
    assert ("asq_5", "yes") in kept
    assert ("asq_3", "no") in kept
    assert stored(person).priority == "emergency"
    # Met again after it was taken back: shown again.
    answer = send(person, "/questions/safety", {"asq_3": "yes", "asq_5": "yes"})
    assert answer.location == "/help"
    assert person.get("/questions").location == "/help"
    send(person, "/help", {"action": "continue"})
    send(person, "/questions/mood", {"phq9_9": "0"})
    send(person, "/questions/safety", SAFE)
    send(person, "/check")
    assert stored(person).submitted_at is not None
    assert stored(person).priority == "emergency"


def test_words_beside_a_taken_back_answer_are_not_lost(person: FlaskClient) -> None:
    send(
        person,
        "/questions/safety",
        {**SAFE, "asq_4": "no", "asq_4_detail": "when I was 15"},
    )
    assert "asq_4_detail" not in stored(person).answers
    kept = {(answer.question, answer.value) for answer in staff_view(person).risk_answers}
    assert ("asq_4_detail", "when I was 15") in kept


def test_warning_signs_send_to_emergency_care(person: FlaskClient) -> None:
    answer = send(person, "/questions/warning_signs", {"warning_signs": ["chest_pain"]})
    text = visible(person.get(answer.location))
    assert "Please get medical help now" in text
    assert "This form cannot judge how serious it is." in text
    answer = send(person, answer.location, {"action": "change"})
    assert answer.location == "/questions/warning_signs"
    assert send(person, answer.location, {"warning_signs": "none"}).location == "/questions/mood"


def test_the_help_page_is_open_to_everyone(client: FlaskClient) -> None:
    answer = client.get("/help")
    assert answer.status_code == 200
    assert "Call 988" in visible(answer)


def test_required_safety_questions_do_not_trap_anyone(person: FlaskClient) -> None:
    send(person, "/questions/mood", {"phq9_9": "1"})
    send(person, "/help", {"action": "continue"})
    answer = refused(person, "/questions/safety")
    assert len(errors(answer)) == 4
    assert person.get("/questions/health_conditions").status_code == 200
    assert person.get("/check").status_code == 200


# --- asked for from a page, with the bar ----------------------------------------------------------


def test_help_asked_for_on_an_earlier_page_leads_back_to_it(person: FlaskClient) -> None:
    for page in ("about_you", "pain_areas", "symptoms"):
        send(person, f"/questions/{page}", {})
    person.get("/questions/about_you")
    assert send(person, "/help", {"action": "continue"}).location == "/questions/about_you"


@pytest.mark.parametrize(
    "page",
    [
        "/questions",
        "/contact",
        "/contact?from=check",
        "/check",
        "/questions/mood?from=check",
        "/later",
        "/start-again",
    ],
)
def test_help_leads_back_to_a_page_beside_the_questions_too(person: FlaskClient, page: str) -> None:
    person.get("/questions/about_you")
    person.get(page)
    assert send(person, "/help", {"action": "continue"}).location == page


def test_help_from_the_check_page_leads_there_after_a_change_that_raised_help(
    person: FlaskClient,
) -> None:
    answer = send(person, "/questions/mood?from=check", {"phq9_9": "1"})
    assert "/check" in send(person, answer.location, {"action": "continue"}).location
    person.get("/check?section=2")
    assert send(person, "/help", {"action": "continue"}).location == "/check"


def test_help_that_was_raised_leads_past_its_page_until_another_is_opened(
    person: FlaskClient,
) -> None:
    url = "/questions/mood"
    assert send(person, url, {"phq9_9": "1"}).location == "/help"
    assert send(person, "/help", {"action": "continue"}).location == "/questions/safety"
    person.get("/questions/pain_areas")
    assert send(person, "/help", {"action": "continue"}).location == "/questions/pain_areas"


def test_what_was_opened_names_no_medicine_in_the_browser(person: FlaskClient) -> None:
    send(person, "/questions/medicines_tried", {"medicines_tried": ["sertraline", "tramadol"]})
    person.get("/questions/medicines_tried/2")
    with person.session_transaction() as session:
        assert "/questions/medicines_tried/2" in session.values()
        assert "tramadol" not in str(dict(session))
    assert send(person, "/help", {"action": "continue"}).location == "/questions/medicines_tried/2"
