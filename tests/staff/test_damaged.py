"""Submissions of another rulebook, and stored data that are not as they should be."""

from dataclasses import replace

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.engine.protocol import Rulebook
from screener.patient import context
from tests.staff.clinic import NO_RISK, add, case, everything, part, store_page, tamper
from tests.web import soup, visible


def test_under_another_rulebook_only_stored_outcomes_are_shown(
    app: Flask, nurse: FlaskClient
) -> None:
    book: Rulebook = app.extensions[context.RULEBOOK]
    # One that was never kept: what an app has served, it keeps.
    app.extensions[context.RULEBOOK] = replace(book, hash="sha256:" + "0" * 64)
    reference = add(app, case(app, "V02"))
    app.extensions[context.RULEBOOK] = book
    answer = everything(nurse, reference)
    text = visible(answer)
    assert "Screened under another rulebook" in text
    assert "Emergency: Thoughts of suicide right now" in text
    assert not soup(answer).select(".sc-evidence")
    assert "PHQ-9 total: 22" in text
    assert "Not answered" not in part(answer, "section[aria-labelledby=answers]").get_text()
    app.extensions[context.RULEBOOK] = replace(book, protocols={})
    text = visible(everything(nurse, reference))
    assert "no programme called “fibromyalgia”" in text
    assert "suicide_risk_acute" in text
    assert "asq_5" in text


def test_what_would_settle_a_rule_is_shown_as_the_first_edition_stored_it(
    app: Flask, nurse: FlaskClient
) -> None:
    """Without the rules it cannot be worked out: what was stored is shown, else it is said."""
    book: Rulebook = app.extensions[context.RULEBOOK]
    app.extensions[context.RULEBOOK] = replace(book, hash="sha256:" + "0" * 64)
    reference = add(app, {**NO_RISK, "age": 40})
    app.extensions[context.RULEBOOK] = book
    unknown = "nor which answers would settle the rules that cannot tell"
    assert unknown in visible(everything(nurse, reference))
    with app.app_context():
        row = store_page(app, reference).questionnaire
    screening = dict(row.screening or {})
    assert screening["flags"]["hold_pregnant"] == "unknown" and "needed" not in screening
    tamper(app, row.id, "screening", {**screening, "needed": {"hold_pregnant": ["pregnancy"]}})
    answer = everything(nurse, reference)
    assert unknown not in visible(answer)
    question = book.protocols["fibromyalgia"].questions["pregnancy"].text
    assert question in part(answer, "section[aria-labelledby=open]").get_text()


def test_stored_outcomes_that_do_not_fit_are_named(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01"))
    with app.app_context():
        row = store_page(app, reference).questionnaire
        screening = dict(row.screening or {})
        screening["flags"] = {**screening["flags"], "fibromyalgia_pattern": "not_met"}
        tamper(app, row.id, "screening", screening)
    text = visible(everything(nurse, reference))
    assert "fit the 2016 criteria” was not met, is now met" in text


def test_a_stored_answer_that_is_not_known_is_shown_as_it_is(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case(app, "V01"))
    row = store_page(app, reference).questionnaire
    tamper(app, row.id, "answers", {**row.answers, "pain_average": 99, "gone": "old words"})
    text = visible(everything(nurse, reference))
    assert "Some stored answers do not fit the rulebook" in text
    assert "gone; pain_average" in text
    assert "old words" in text


def test_what_does_not_open_says_so_without_content(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01"))
    with app.app_context(), store.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE submission SET sealed_answers = sealed_identity"))
    answer = nurse.get(f"/staff/submissions/{reference}")
    assert answer.status_code == 500
    assert "This cannot be opened" in visible(answer)
    assert "sealed_answers" in answer.text
    assert "Ana Test" not in answer.text


def test_one_unreadable_row_keeps_its_place_and_hides_nobody_else(
    app: Flask, nurse: FlaskClient
) -> None:
    broken, sound = add(app, case(app, "V02")), add(app, case(app, "V05"))
    with app.app_context(), store.db.engine.begin() as connection:
        statement = sa.text("UPDATE submission SET sealed_identity = x'00' WHERE reference = :one")
        connection.execute(statement, {"one": broken})
    text = visible(nurse.get("/staff/"))
    assert "Cannot be opened" in text
    assert text.index(broken) < text.index(sound)
