"""A date of birth under 18, and starting again: neither erases a risk answer."""

from flask import Flask
from flask.testing import FlaskClient

from screener import store
from tests.danger.pages import (
    ACUTE,
    CALM,
    YOUNG,
    helps,
    kept,
    opened_page,
    questionnaire,
    seen_by_staff,
)
from tests.web import BORN, CONTACT, begin, send, visible


def test_a_date_under_18_erases_no_risk_answer(app: Flask, person: FlaskClient) -> None:
    send(person, "/questions/about_you", {"pain_average": "7"})
    send(person, "/questions/safety", {**ACUTE, "asq_5_detail": "at night"})
    reference = questionnaire(person).reference
    assert send(person, "/date-of-birth", YOUNG).location == "/date-of-birth"
    answer = send(person, "/date-of-birth", {**YOUNG, "under_age": "yes"})
    assert answer.location == "/adults-only"
    page = person.get("/adults-only")
    assert helps(page)
    assert "keeps what you told us about your safety" in visible(page)
    assert CONTACT["phone"] in visible(page)
    submission = seen_by_staff(app, reference)
    stored = submission.questionnaire
    assert (stored.priority, (stored.screening or {})["priority"]) == ("emergency", "ineligible")
    assert stored.identity["phone"] == CONTACT["phone"]
    assert stored.answers.keys() == {"age", "asq_1", "asq_5", "asq_5_detail"}
    assert {("asq_1", "yes"), ("asq_5", "yes")} <= kept(submission)
    assert [event.body["why"] for event in submission.events] == ["under_age"]
    for path in ("/questions", "/questions/sleep", "/check", "/contact"):
        assert person.get(path).location == "/adults-only"


def test_a_mistyped_date_is_corrected(person: FlaskClient) -> None:
    send(person, "/questions/safety", ACUTE)
    send(person, "/date-of-birth", {**YOUNG, "under_age": "yes"})
    assert send(person, "/date-of-birth", BORN).location == "/contact"
    stored = questionnaire(person)
    assert stored.answers["asq_5"] == "yes"
    assert stored.priority == "emergency"
    assert person.get("/questions").location == "/help"  # the emergency still waits for an answer
    send(person, "/help", {"action": "continue"})
    assert person.get("/questions").status_code == 200


def test_somebody_under_18_who_asks_again_is_still_heard(app: Flask, person: FlaskClient) -> None:
    """An old tab of somebody stopped at the date of birth: the new answer is added."""
    tab = opened_page(person, "/questions/warning_signs")
    send(person, "/questions/safety", {"asq_1": "yes", "asq_5": "no"})
    send(person, "/date-of-birth", {**YOUNG, "under_age": "yes"})
    answer = person.post("/questions/warning_signs", data={**tab, "warning_signs": "chest_pain"})
    assert answer.location == "/help"
    assert "Call 911" in visible(person.get("/help"))
    submission = seen_by_staff(app, questionnaire(person).reference)
    assert ("warning_signs", "['chest_pain']") in kept(submission)
    assert submission.questionnaire.priority == "emergency"


def test_without_a_risk_answer_a_date_under_18_keeps_nothing(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/questions/safety", CALM)
    send(person, "/date-of-birth", {**YOUNG, "under_age": "yes"})
    with app.app_context(), store.db.engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from submission").scalar_one() == 0


def test_starting_again_leaves_a_risk_answer_with_the_clinic(
    app: Flask, person: FlaskClient
) -> None:
    page = person.get("/start-again")
    assert "cannot be undone" in visible(page)
    tab = opened_page(person, "/start-again")
    send(person, "/questions/mood", {"phq9_9": "1"})  # told after the page was opened
    reference = questionnaire(person).reference
    answer = person.post("/start-again", data={**tab, "action": "erase"})
    assert answer.location == "/"
    assert "The clinic still has it" in visible(person.get("/"))
    submission = seen_by_staff(app, reference)
    assert ("phq9_9", "1") in kept(submission)
    assert [(event.kind, event.body["why"]) for event in submission.events] == [
        ("left", "start_again")
    ]
    begin(person)
    assert questionnaire(person).reference != reference
