"""Consent, date of birth and contact details: what comes before the questions."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.patient import context
from screener.places import shipped
from screener.store import clock
from tests.patient.stored import SAFE, queue, rows_in_database, stored
from tests.web import (
    BORN,
    CONTACT,
    FIRST,
    begin,
    errors,
    make_app,
    refused,
    send,
    soup,
    visible,
)


def test_start_says_what_it_is(client: FlaskClient) -> None:
    text = visible(client.get("/"))
    assert "Nobody is watching this form in real time" in text
    assert "The clinic may see some answers before you finish." in text
    assert "does not diagnose any condition" in text


def test_nothing_is_stored_before_an_adult_agrees(app: Flask, client: FlaskClient) -> None:
    assert client.get("/date-of-birth").location == "/consent"
    assert errors(refused(client, "/consent")) == [
        (
            "Press the button to go on. If you do not agree, close this page. Nothing is kept.",
            "#agree",
        )
    ]
    assert errors(client.get("/consent")) == []
    send(client, "/consent", {"agree": "y"})
    assert rows_in_database(app) == 0
    assert client.get_cookie(context.COOKIE) is None
    send(client, "/date-of-birth", BORN)
    assert rows_in_database(app) == 1


def test_the_link_says_which_form(app: Flask, client: FlaskClient) -> None:
    protocols = app.extensions["screener_rulebook"].protocols
    for id in protocols:
        browser = app.test_client()
        assert protocols[id].title in visible(browser.get(f"/?form={id}"))
        begin(browser)
        assert stored(browser).protocol == id
    assert client.get("/?form=<script>").status_code == 200
    begin(client)
    assert stored(client).protocol == next(iter(protocols))


def test_a_form_that_was_begun_keeps_its_name(app: Flask, person: FlaskClient) -> None:
    """The link to another form was opened since: both are named, and both can be chosen."""
    mine, other = app.extensions["screener_rulebook"].protocols.values()
    page = person.get(f"/?form={other.id}")
    heading = soup(page).find("h1")
    assert heading is not None and heading.get_text(strip=True) == mine.title
    assert f"Your answers to “{mine.title}” are still here" in visible(page)
    assert f"You opened the link to another form: “{other.title}”" in visible(page)
    assert soup(page).select_one("main a[href='/questions']") is not None
    send(person, "/start-again", {"action": "erase"})
    assert other.title in visible(person.get("/"))
    begin(person)
    assert stored(person).protocol == other.id


def test_under_18_stops_kindly_and_keeps_nothing(app: Flask, client: FlaskClient) -> None:
    send(client, "/consent", {"agree": "y"})
    year = str(clock.now().year - 17)
    answer = send(client, "/date-of-birth", {**BORN, "date_of_birth-year": year})
    assert answer.location == "/adults-only"
    assert rows_in_database(app) == 0
    assert client.get_cookie(context.COOKIE) is None
    assert client.get_cookie("session") is None
    text = visible(client.get("/adults-only"))
    assert "This form is for adults" in text
    assert "Text 988" in text


def test_the_age_gate_stands_in_the_rules_alone(tmp_path: Path) -> None:
    """A clinic that changes the gate changes the rule, and the form stops by that."""
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    gate = rules / "common" / "age.yaml"
    gate.write_text(gate.read_text().replace("age < 18", "age < 21"))
    app = make_app(tmp_path, rules=rules)
    for age, onward in ((20, "/adults-only"), (21, "/contact")):
        client = app.test_client()
        send(client, "/consent", {"agree": "y"})
        # Born on the first of January, so that the age is right whatever the day.
        born = {f"date_of_birth-{part}": "1" for part in ("month", "day")}
        born["date_of_birth-year"] = str(clock.now().year - age)
        assert send(client, "/date-of-birth", born).location == onward
    with app.app_context():
        store.db.engine.dispose()


def test_a_slip_in_the_date_of_birth_does_not_erase(app: Flask, person: FlaskClient) -> None:
    young = {**BORN, "date_of_birth-year": str(clock.now().year - 10)}
    answer = refused(person, "/date-of-birth?from=check", young)
    assert "younger than 18" in answer.text
    assert rows_in_database(app) == 1
    answer = send(person, "/date-of-birth?from=check", {**young, "under_age": "yes"})
    assert answer.location == "/adults-only"
    assert rows_in_database(app) == 0


def test_contact_comes_before_the_questions(client: FlaskClient) -> None:
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    assert client.get("/questions/mood").location == "/contact"
    answer = refused(client, "/contact", {**CONTACT, "name": "مريم 🌸", "phone": "call me"})
    assert "مريم 🌸" in answer.text
    assert "call me" in answer.text
    assert ("#phone" in [link for _, link in errors(answer)]) is True
    assert send(client, "/contact", {**CONTACT, "name": "مريم 🌸"}).location == FIRST
    assert stored(client).identity["name"] == "مريم 🌸"


def test_a_date_that_cannot_be_comes_back_as_it_was_typed(client: FlaskClient) -> None:
    send(client, "/consent", {"agree": "y"})
    answer = refused(client, "/date-of-birth", {**BORN, "date_of_birth-month": "2x"})
    assert errors(answer) == [("Enter the month as a number from 1 to 12.", "#date_of_birth")]
    assert soup(answer).select_one("#date_of_birth")["value"] == "2x"  # type: ignore[index]
    assert send(client, "/date-of-birth", BORN).location == "/contact"


def test_age_follows_from_the_date_of_birth(
    person: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "today", lambda: date(2026, 4, 26))
    send(person, "/questions/about_you", {"sex": "female"})
    assert stored(person).answers == {"sex": "female", "age": 46}
    monkeypatch.setattr(context, "today", lambda: date(2026, 4, 27))
    send(person, "/questions/blood_pressure", {"bp_systolic": "120"})
    assert stored(person).answers["age"] == 47


def test_the_clinics_other_form_is_offered_and_runs_to_its_end(client: FlaskClient) -> None:
    first = client.get("/")
    [link] = soup(first).select("a[href*='form=depression']")
    assert link.get_text() == "Mood and treatments"
    second = client.get(str(link["href"]))
    assert soup(second).select_one("h1").get_text() == "Mood and treatments"  # type: ignore[union-attr]
    begin(client)
    text = visible(client.get("/questions"))
    assert "Mood in the last 2 weeks" in text
    assert "Where it hurts" not in text
    send(client, "/questions/safety", SAFE)
    assert send(client, "/check").location == "/results"
    assert "Received" in visible(client.get("/results"))
    assert stored(client).protocol == "depression"
    assert [row.protocol for row in queue(client.application)] == ["depression"]
