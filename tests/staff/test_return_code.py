"""Staff see that a person can come back with a code, and stop it."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.settings import Limit
from tests.staff.clinic import IDENTITY, NURSE, actions, opened, post
from tests.web import begin, send, soup, visible

MANY = Limit(1000, 60)


def in_danger(app: Flask) -> tuple[FlaskClient, str, str]:
    """Return somebody whose unfinished form staff see: their browser, reference and code."""
    person = app.test_client()
    begin(person)
    send(person, "/questions/safety", {"asq_1": "yes", "asq_5": "no"})
    cookie = person.get_cookie("screener_questionnaire")
    assert cookie is not None
    with app.app_context():
        questionnaire = store.load(cookie.value)
        made = store.make_return_code(cookie.value, timedelta(days=30))
    assert questionnaire is not None
    return person, questionnaire.reference, made.code


def test_staff_stop_a_code_and_the_log_says_who(app: Flask, nurse: FlaskClient) -> None:
    person, reference, code = in_danger(app)
    page = opened(nurse, reference)
    assert "Coming back with a code" in visible(page)
    assert code not in page.text
    answer = post(nurse, page, "code")
    assert answer.location == f"/staff/submissions/{reference}#act"
    assert "Coming back with a code" not in visible(opened(nurse, reference))
    assert (NURSE, "return code revoked", reference) in actions(app)
    with app.app_context():
        born = IDENTITY["date_of_birth"]
        refused = store.open_with_code(code, born, "a", per_code=MANY, per_address=MANY)
        assert refused is None
    assert person.get("/help").status_code == 200
    assert soup(person.get("/later")).select("[value=make]"), "the person can make another one"


def test_a_form_that_was_sent_has_no_code_to_stop(app: Flask, nurse: FlaskClient) -> None:
    person, reference, _ = in_danger(app)
    send(person, "/help", {"action": "continue"})
    send(person, "/check")
    assert "Coming back with a code" not in visible(opened(nurse, reference))


def test_a_form_that_staff_cannot_see_has_none_either(app: Flask, nurse: FlaskClient) -> None:
    _, reference, _ = in_danger(app)
    token = soup(opened(nurse, reference)).select_one("[name=csrf_token]")
    assert token is not None
    posted = {"csrf_token": str(token["value"])}
    assert nurse.post("/staff/submissions/3333-3333/code", data=posted).status_code == 404
    visitor = app.test_client().post(f"/staff/submissions/{reference}/code", data=posted)
    assert visitor.status_code in (302, 400)
    assert "Coming back with a code" in visible(opened(nurse, reference))
