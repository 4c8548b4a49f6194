"""Danger that a person reports after sending is kept beside the form."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from tests.danger.pages import CALM, helps, kept, opened_page, questionnaire, seen_by_staff
from tests.web import send, visible


@pytest.fixture
def sent(person: FlaskClient) -> tuple[FlaskClient, dict[str, str]]:
    """Return a person who has sent a form, and a page of it that is still open in another tab."""
    tab = opened_page(person, "/questions/safety")
    send(person, "/questions/mood", {f"phq9_{number}": "0" for number in range(1, 10)})
    send(person, "/questions/safety", CALM)
    assert send(person, "/check").location == "/results"
    return person, tab


def test_danger_told_after_sending_is_added_beside_the_form(
    app: Flask, sent: tuple[FlaskClient, dict[str, str]]
) -> None:
    person, tab = sent
    before = questionnaire(person)
    assert before.priority not in ("emergency", "urgent")
    answer = person.post("/questions/safety", data={**tab, "asq_3": "yes", "asq_5": "yes"})
    assert answer.location == "/help"
    page = person.get("/help")
    assert helps(page)
    assert "Your answer about your safety was added" in visible(page)
    stored = questionnaire(person)
    assert (stored.answers, stored.screening) == (before.answers, before.screening)
    assert stored.priority == "emergency"
    assert ("asq_5", "yes") in kept(seen_by_staff(app, stored.reference))


@pytest.mark.parametrize(
    ("action", "priority", "words"),
    [
        ("call", "urgent", "We noted that you want a call"),
        ("unsafe", "emergency", "We noted that you are not sure you are safe"),
    ],
)
def test_help_can_be_asked_for_after_sending(
    app: Flask,
    sent: tuple[FlaskClient, dict[str, str]],
    action: str,
    priority: str,
    words: str,
) -> None:
    person, _ = sent
    reference = questionnaire(person).reference
    with app.app_context():
        submission = store.submission(reference)
        assert submission is not None
        store.set_status(
            reference, "acknowledged", "nurse@demo.example", submission.revision, role="intake"
        )
    answer = send(person, "/help", {"action": action})
    assert words in visible(person.get(answer.location))
    submission = seen_by_staff(app, reference)
    assert (submission.questionnaire.priority, submission.status) == (priority, "new")
    assert submission.risk
    assert send(person, "/help", {"action": "continue"}).location == "/results"
