"""A person's way through the site: order, saving, safety, sending once, and what is never said."""

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from screener import store
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Question
from screener.patient import context
from screener.patient.record import Progress, as_json
from screener.places import shipped
from screener.store import clock
from tests.web import (
    BORN,
    CONTACT,
    begin,
    errors,
    make_app,
    refused,
    send,
    soup,
    token_of,
    visible,
)

SAFE = {f"asq_{i}": "no" for i in range(1, 5)}


@pytest.fixture
def person(client: FlaskClient) -> FlaskClient:
    """A person who has reached the questions."""
    begin(client)
    return client


def protocol_of(app: Flask) -> Protocol:
    rulebook: Rulebook = app.extensions["screener_rulebook"]
    return rulebook.protocols["fibromyalgia"]


def stored(client: FlaskClient) -> store.Questionnaire:
    cookie = client.get_cookie(context.COOKIE)
    assert cookie is not None
    with client.application.app_context():
        found = store.load(cookie.value)
    assert found is not None
    return found


def staff_view(client: FlaskClient) -> store.Submission:
    reference = stored(client).reference
    with client.application.app_context():
        found = store.submission(reference)
    assert found is not None
    return found


def queue(app: Flask) -> list[store.QueueRow]:
    with app.app_context():
        return store.queue(statuses=store.OPEN, limit=50)


def rows_in_database(app: Flask) -> int:
    with app.app_context(), store.db.engine.connect() as connection:
        return int(connection.exec_driver_sql("select count(*) from submission").scalar_one())


# --- before the questions ------------------------------------------------------------------------


def test_start_says_what_it_is(client: FlaskClient) -> None:
    text = visible(client.get("/"))
    assert "Nobody is watching this form in real time" in text
    assert "The clinic may see some answers before you finish." in text
    assert "does not diagnose any condition" in text


def test_nothing_is_stored_before_an_adult_agrees(app: Flask, client: FlaskClient) -> None:
    assert client.get("/date-of-birth").location == "/consent"
    assert errors(refused(client, "/consent")) == [
        (
            "Tick the box to go on. If you do not agree, close this page. Nothing is kept.",
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
    assert "text 988" in text


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
    assert send(client, "/contact", {**CONTACT, "name": "مريم 🌸"}).location == "/questions"
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


# --- the questions -------------------------------------------------------------------------------


def test_every_page_blank_leads_to_the_end(app: Flask, person: FlaskClient) -> None:
    url, seen = "/questions/about_you", 0
    while url.startswith("/questions/"):
        seen += 1
        page = person.get(url)
        assert f"Part {seen} of " in visible(page)
        assert soup(page).select_one(".nhsuk-back-link")
        url = send(person, url).location or ""
    assert url == "/check"
    assert seen == len(protocol_of(app).pages)
    assert "23 of 23 parts completed" in visible(person.get("/questions"))
    assert "left blank" in visible(person.get("/check"))


def test_back_and_change_lose_nothing(person: FlaskClient) -> None:
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    page = soup(person.get("/questions/pain_strength"))
    assert page.select_one("#pain_average")["value"] == "7"  # type: ignore[index]
    answer = send(person, "/questions/pain_strength?from=check", {"pain_average": "8"})
    assert answer.location == "/check"
    assert "8 of 10" in visible(person.get("/check"))


def test_wrong_answers_leave_the_right_ones_saved_and_stay_in_their_boxes(
    person: FlaskClient,
) -> None:
    send(person, "/questions/pain_strength", {"pain_average": "5"})
    answer = refused(
        person,
        "/questions/pain_strength",
        {"pain_average": "seven", "symptoms_3_months": "yes", "symptoms_months": "14"},
    )
    assert [link for _, link in errors(answer)] == ["#pain_average"]
    assert soup(answer).title.get_text().startswith("Error: ")  # type: ignore[union-attr]
    kept = stored(person).answers
    assert kept["symptoms_3_months"] == "yes"
    assert kept["symptoms_months"] == 14
    assert kept["pain_average"] == 5  # what was right before stays until it is mended
    # The tab may be closed: what was typed is still there.
    again = soup(person.get("/questions/pain_strength"))
    assert again.select_one("#pain_average")["value"] == "seven"  # type: ignore[index]
    assert "still needs your attention" in visible(person.get("/questions"))
    assert "still needs your attention" in visible(person.get("/check"))
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    assert stored(person).answers["pain_average"] == 7
    assert stored(person).progress["drafts"] == {}


def test_medicines_are_asked_one_by_one(person: FlaskClient) -> None:
    answer = send(
        person, "/questions/medicines_tried", {"medicines_tried": ["sertraline", "pregabalin"]}
    )
    assert answer.location == "/questions/medicines_tried/sertraline"
    page = visible(person.get(answer.location))
    assert "Sertraline" in page
    assert "Zoloft" in page
    answer = send(person, answer.location, {"dose_mg": "37.5", "weeks": "8", "mood_benefit": ""})
    assert answer.location == "/questions/medicines_tried/pregabalin"
    assert send(person, answer.location).location == "/questions/other_treatments"
    rows = stored(person).answers["medicines_tried"]
    assert rows == {"sertraline": {"dose_mg": 37.5, "weeks": 8}, "pregabalin": {}}
    # The rulebook's own order, and a tick taken away takes its row away.
    send(person, "/questions/medicines_tried", {"medicines_tried": ["pregabalin"]})
    assert stored(person).answers["medicines_tried"] == {"pregabalin": {}}
    assert person.get("/questions/medicines_tried/sertraline").location == "/questions"
    send(person, "/questions/medicines_tried", {"medicines_tried": "none"})
    assert stored(person).answers["medicines_tried"] == {}
    send(person, "/questions/medicines_tried")
    assert "medicines_tried" not in stored(person).answers


def test_from_the_check_page_new_medicines_are_asked_first(person: FlaskClient) -> None:
    answer = send(
        person, "/questions/medicines_tried?from=check", {"medicines_tried": "sertraline"}
    )
    assert answer.location == "/questions/medicines_tried/sertraline?from=check"
    assert send(person, answer.location).location == "/check"


def test_a_row_whose_tick_another_tab_took_away_stays_away(person: FlaskClient) -> None:
    send(person, "/questions/medicines_tried", {"medicines_tried": "sertraline"})
    token = token_of(person, "/questions/medicines_tried/sertraline")
    send(person, "/questions/medicines_tried", {"medicines_tried": "none"})
    answer = person.post(
        "/questions/medicines_tried/sertraline", data={"csrf_token": token, "weeks": "8"}
    )
    assert answer.location == "/questions"
    assert "no longer asked" in visible(person.get("/questions"))
    assert stored(person).answers["medicines_tried"] == {}


def test_hidden_answers_are_dropped_and_their_pages_skipped(person: FlaskClient) -> None:
    send(person, "/questions/pregnancy", {"pregnancy": "possible"})
    send(person, "/questions/about_you", {"sex": "male"})
    assert "pregnancy" not in stored(person).answers
    assert person.get("/questions/pregnancy").location == "/questions"
    assert send(person, "/questions/mood_history").location == "/questions/alcohol_and_drugs"


def test_two_tabs_on_different_pages(person: FlaskClient) -> None:
    tokens = [token_of(person, f"/questions/{page}") for page in ("sleep", "energy")]
    person.post("/questions/sleep", data={"csrf_token": tokens[0], "sleep_signs": "none"})
    person.post("/questions/energy", data={"csrf_token": tokens[1], "dizzy_on_standing": "yes"})
    kept = stored(person).answers
    assert kept["sleep_signs"] == ["none"]
    assert kept["dizzy_on_standing"] == "yes"


# --- nonsense ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extra",
    [
        {"priority": "note"},
        {"asq_9": "yes"},
        {"phq9_1": "1"},
        {"asq_1": ["yes", "no"]},
        {"csrf_token2": "x"},
    ],
)
def test_unknown_fields_are_refused(person: FlaskClient, extra: dict[str, Any]) -> None:
    before = stored(person).answers
    answer = send(person, "/questions/safety", {**SAFE, **extra})
    assert answer.status_code == 400
    # Two answers to one question cannot be read; that one of them is a yes still brings help.
    told = "asq_1" in extra
    assert ("not saved" if told else "We could not read that") in answer.text
    assert stored(person).answers == before


def test_options_out_of_the_list_are_a_field_error(person: FlaskClient) -> None:
    answer = send(person, "/questions/safety", {"asq_1": "<script>", "asq_2": "no"})
    assert answer.status_code == 422
    assert "<script>" not in answer.text
    assert "asq_1" not in stored(person).answers
    assert stored(person).answers["asq_2"] == "no"


def test_a_very_long_text_is_kept_and_explained(person: FlaskClient) -> None:
    long = "pain everywhere 🌸 " * 600
    answer = refused(person, "/questions/pain_areas", {"pain_other_place": long})
    assert "Use 500 characters or fewer" in answer.text
    assert long.strip() in soup(answer).select_one("textarea").get_text()  # type: ignore[union-attr]
    assert "pain_other_place" not in stored(person).answers


def test_a_megabyte_is_too_much(person: FlaskClient) -> None:
    answer = send(person, "/questions/pain_areas", {"pain_other_place": "x" * 1_000_000})
    assert answer.status_code == 413
    assert "too much at once" in answer.text
    assert "988" in answer.text


@pytest.mark.parametrize(
    "path", ["/questions/nothing", "/questions/medicines_tried/water", "/questions/a/b/c", "/x"]
)
def test_pages_that_are_not_there(person: FlaskClient, path: str) -> None:
    answer = person.get(path)
    assert answer.status_code == 404
    assert "988" in answer.text


def test_a_lost_cookie_is_explained(person: FlaskClient) -> None:
    token = token_of(person, "/questions/getting_home")
    person.delete_cookie(context.COOKIE)
    for answer in (
        person.post("/questions/getting_home", data={"csrf_token": token}),
        person.post("/check", data={"csrf_token": token}),
        person.get("/check"),
        person.get("/results"),
    ):
        assert answer.status_code == 404
        assert "We cannot find your form on this device" in answer.text


def test_a_forged_cookie_opens_nothing(client: FlaskClient) -> None:
    client.set_cookie(context.COOKIE, "x" * 43)
    assert client.get("/questions").status_code == 404


def test_without_csrf_token_the_page_comes_back_with_what_was_typed(person: FlaskClient) -> None:
    answer = person.post("/questions/pain_areas", data={"pain_other_place": "my left foot"})
    assert answer.status_code == 400
    assert "This page was open for a long time." in visible(answer)
    assert "my left foot" in answer.text
    assert "pain_other_place" not in stored(person).answers
    # The browser was closed overnight: the session is gone, the questionnaire is not.
    old = token_of(person, "/questions/pain_areas")
    person.delete_cookie("session")
    answer = person.post(
        "/questions/pain_areas", data={"csrf_token": old, "pain_other_place": "my left foot"}
    )
    assert answer.status_code == 400
    fresh = soup(answer).find("input", {"name": "csrf_token"})["value"]  # type: ignore[index]
    answer = person.post(
        "/questions/pain_areas", data={"csrf_token": fresh, "pain_other_place": "my left foot"}
    )
    assert answer.status_code == 303
    assert stored(person).answers["pain_other_place"] == "my left foot"


@pytest.mark.parametrize("path", ["/consent", "/contact", "/check", "/start-again", "/help"])
def test_no_form_is_acted_on_without_csrf_token(app: Flask, person: FlaskClient, path: str) -> None:
    answer = person.post(path, data={"agree": "y", "action": "erase", **CONTACT, "name": "Other"})
    assert answer.status_code == 400
    assert rows_in_database(app) == 1
    assert stored(person).submitted_at is None
    assert stored(person).identity["name"] == CONTACT["name"]


def test_posts_from_elsewhere_are_refused(person: FlaskClient) -> None:
    answer = person.post("/check", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert stored(person).submitted_at is None


def test_too_many_saves_are_slowed_down(tmp_path: Any) -> None:
    from tests.web import make_app

    client = make_app(tmp_path, limit_save="2/600").test_client()
    begin(client)
    answers = [send(client, "/questions/sleep").status_code for _ in range(3)]
    assert answers == [303, 303, 429]


# --- safety --------------------------------------------------------------------------------------


def test_item_9_shows_help_at_once_and_lets_go_on(app: Flask, person: FlaskClient) -> None:
    answer = send(person, "/questions/mood", {"phq9_9": "1"})
    assert answer.location == "/help?after=mood"
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
    assert answer.location == "/help?after=safety"
    for path in ("/questions", "/questions/worry", "/check"):
        assert person.get(path).location == "/help"
    text = visible(person.get("/help"))
    for choice in ("Please call me", "I am not sure I am safe", "I want to continue"):
        assert choice in text
    assert stored(person).priority == "emergency"
    answer = send(person, "/help?after=safety", {"action": "call"})
    noted = visible(person.get(answer.location))
    assert f"We noted that you want a call at {CONTACT['phone']}" in noted
    assert "We cannot promise when the call will come" in noted
    assert len(stored(person).progress["calls"]) == 1
    assert person.get("/questions/worry").location == "/help"
    assert send(person, "/help?after=safety", {"action": "continue"}).location == "/questions/worry"
    assert person.get("/questions/worry").status_code == 200


def test_a_paused_form_still_saves_what_another_tab_sends(person: FlaskClient) -> None:
    token = token_of(person, "/questions/sleep")
    send(person, "/questions/safety", {"asq_3": "yes", "asq_5": "yes"})
    answer = person.post("/questions/sleep", data={"csrf_token": token, "sleep_signs": "none"})
    assert answer.location == "/help?after=sleep"
    assert stored(person).answers["sleep_signs"] == ["none"]
    assert person.post("/check", data={"csrf_token": token}).location == "/help"
    assert stored(person).submitted_at is None


def test_help_comes_before_field_errors_and_nothing_typed_is_lost(person: FlaskClient) -> None:
    send(person, "/questions/mood", {"phq9_9": "2"})
    send(person, "/help?after=mood", {"action": "continue"})
    long = "x" * 3000
    answer = send(
        person, "/questions/safety", {"asq_4": "yes", "asq_4_detail": long, "asq_5": "no"}
    )
    assert answer.location == "/help?after=safety"
    assert stored(person).answers["asq_4"] == "yes"
    answer = send(person, answer.location, {"action": "continue"})
    assert answer.location == "/questions/safety"
    assert long in person.get(answer.location).text


def test_a_taken_back_answer_stays_known_and_keeps_its_priority(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/questions/safety", {"asq_3": "yes", "asq_5": "yes"})
    send(person, "/help", {"action": "continue"})
    assert send(person, "/questions/safety", SAFE).location == "/questions/worry"
    assert "asq_5" not in stored(person).answers
    kept = [(one.question, one.value) for one in staff_view(person).risk_answers]
    assert ("asq_5", "yes") in kept
    assert ("asq_3", "no") in kept
    assert stored(person).priority == "emergency"
    # Met again after it was taken back: shown again.
    answer = send(person, "/questions/safety", {"asq_3": "yes", "asq_5": "yes"})
    assert answer.location == "/help?after=safety"
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
    kept = {(one.question, one.value) for one in staff_view(person).risk_answers}
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
    send(person, "/help?after=mood", {"action": "continue"})
    answer = refused(person, "/questions/safety")
    assert len(errors(answer)) == 4
    assert person.get("/questions/worry").status_code == 200
    assert person.get("/check").status_code == 200


# --- the end -------------------------------------------------------------------------------------


def test_sending_twice_makes_one_submission(app: Flask, person: FlaskClient) -> None:
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    page_token, token = token_of(person, "/questions/sleep"), token_of(person, "/check")
    answers = [person.post("/check", data={"csrf_token": token}) for _ in range(3)]
    assert {answer.location for answer in answers} == {"/results"}
    first = stored(person)
    assert [row.reference for row in queue(app)] == [first.reference]
    assert person.get("/check").location == "/results"
    assert person.get("/questions/mood").location == "/results"
    late = person.post("/questions/sleep", data={"csrf_token": page_token, "sleep_signs": "none"})
    assert late.location == "/results"
    text = visible(person.get("/results"))
    assert "What you entered after that was not added" in text
    assert first.reference in text
    assert stored(person).answers == first.answers


def test_results_say_what_happens_next_in_their_own_terms(person: FlaskClient) -> None:
    places = ["neck", "upper_back", "lower_back", "hip_left", "hip_right", "upper_arm_left"]
    places += ["upper_arm_right", "upper_leg_left"]
    send(person, "/questions/pain_areas", {"pain_areas": places})
    send(person, "/questions/pain_strength", {"symptoms_3_months": "yes"})
    strong = {"fatigue": "3", "waking_unrefreshed": "3", "trouble_thinking": "3"}
    send(person, "/questions/symptoms", strong)
    send(person, "/check")
    page = person.get("/results")
    text = visible(page)
    assert "Received" in text
    assert "Sending this form does not mean that you will be offered any treatment." in text
    assert "You told us about pain in many parts of your body" in text
    assert soup(page).select_one('a[href="/learn/what-fibromyalgia-is"]')
    assert soup(page).select_one("[data-print]")
    assert "text 988" in text
    cookie = person.get_cookie(context.COOKIE)
    assert cookie is not None
    assert cookie.expires is None  # gone when the browser is closed


def test_every_topic_is_shown_where_the_clinic_wants_that(tmp_path: Any) -> None:
    from tests.web import make_app

    app = make_app(tmp_path, topics="all")
    client = app.test_client()
    begin(client)
    send(client, "/check")
    links = soup(client.get("/results")).select('main a[href^="/learn/"]')
    assert len(links) == len(protocol_of(app).topics)


def test_answers_can_be_deleted(app: Flask, person: FlaskClient) -> None:
    assert "cannot be undone" in visible(person.get("/start-again"))
    assert send(person, "/start-again", {"action": "erase"}).location == "/"
    assert rows_in_database(app) == 0
    assert "Your answers were deleted" in visible(person.get("/"))
    assert "Start now" in visible(person.get("/"))


def test_a_safety_answer_cannot_be_deleted_but_the_device_forgets_it(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/questions/mood", {"phq9_9": "1"})
    assert "The clinic keeps this form, even if you start a new one" in visible(
        person.get("/start-again")
    )
    send(person, "/start-again", {"action": "erase"})
    assert rows_in_database(app) == 1
    assert person.get_cookie(context.COOKIE) is None
    assert person.get("/questions").status_code == 404


def test_answers_of_another_rulebook_never_stop_the_person(person: FlaskClient) -> None:
    cookie = person.get_cookie(context.COOKIE)
    assert cookie is not None
    with person.application.app_context():
        store.save(cookie.value, answers={"pain_average": 99, "gone": "x", "fatigue": "2"})
    for path in ("/questions", "/questions/pain_strength", "/check"):
        assert person.get(path).status_code == 200
    send(person, "/questions/sleep", {"sleep_signs": "none"})
    kept = stored(person).answers
    assert (kept["gone"], kept["pain_average"], kept["fatigue"]) == ("x", 99, "2")


# --- what is never said --------------------------------------------------------------------------

# clinical.md 9.3: assertions about the person. Question texts, answers and titles of education
# are taken out before; denials are allowed.
DENIALS = (
    "this is not a diagnosis",
    "is not a diagnosis",
    "does not diagnose any condition",
)
FORBIDDEN = (
    r"diagnos",
    r"you have (?:fibromyalgia|depress|anxiety|bipolar|a condition)",
    r"fibromyalgia",
    r"you (?:may )?(?:qualif|match|meet)",
    r"eligib|qualif|candidate|approved",
    r"treatment.resistant|refractory",
    r"ketamine (?:will|can|may|might)",
    r"safe for you",
    r"(?:low|high|moderate) risk",
    r"\bscores?\b|\bpoints\b|\bpattern\b|\bcriteria\b|\bthreshold\b",
    r"phq|gad-7|\bwpi\b|\bsss\b|audit-c|\basq\b",
    r"minimal|moderate|moderately severe",
    r"\b(?:urgent|hold|flagged|priority|incomplete)\b",
    r"other (?:patients|people who)|compared (?:to|with)",
)


def told(protocol: Protocol) -> set[str]:
    """Everything that stands on pages for everyone alike."""
    said: set[str] = set()
    questions = [*protocol.questions.values(), *protocol.table.columns]
    for question in questions:
        said |= {question.text, question.short, question.stem, question.hint}
        for option in question.options:
            said |= {option.label, option.hint, option.heading}
    for page in protocol.pages:
        said |= {page.title, page.intro}
    for topic in protocol.topics.values():
        said |= {topic.title, topic.summary}
    for medicine in protocol.medicines.values():
        said |= {medicine.name, medicine.group, ", ".join(medicine.brands)}
    return {re.sub(r"\s+", " ", text).strip() for text in said}


def said_of_the_person(page: TestResponse, alike: set[str]) -> str:
    """The text of a page without what stands there for everyone alike, and without denials."""
    html = BeautifulSoup(page.text, "html.parser")
    for answer in html.select("label, dd, dd li"):
        if not answer.decomposed and answer.get_text(" ", strip=True) in alike:
            answer.decompose()
    text = re.sub(r"\s+", " ", html.get_text(" "))
    # Short words such as "Yes" would tear holes into sentences that must be looked at.
    for known in sorted((one for one in alike if len(one) > 12), key=len, reverse=True):
        text = text.replace(known, " ")
    text = text.lower()
    for denial in DENIALS:
        text = text.replace(denial, " ")
    return text


def answers_of(protocol: Protocol) -> st.SearchStrategy[dict[str, Any]]:
    """Arbitrary partial answers, as the store keeps them."""

    def value(question: Question) -> st.SearchStrategy[Any]:
        match question.kind:
            case "choice":
                return st.sampled_from(question.option_ids)
            case "choices":
                several = [id for id in question.option_ids if id != "none"]
                return st.just(["none"]) | st.lists(
                    st.sampled_from(several), min_size=1, unique=True
                )
            case "number":
                assert question.range is not None
                return st.integers(*question.range)
            case "text":
                return st.just("words of their own")
        row = st.fixed_dictionaries(
            {}, optional={column.id: value(column) for column in question.columns}
        )
        return st.dictionaries(st.sampled_from(list(protocol.medicines)), row, max_size=4)

    asked = {id: value(q) for id, q in protocol.questions.items() if id != "age"}
    return st.fixed_dictionaries({}, optional=asked)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    from tests.web import make_app

    app = make_app(tmp_path_factory.mktemp("site"))
    yield app
    with app.app_context():
        store.db.engine.dispose()


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],  # making an example smaller takes minutes here and adds little
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_page_ever_says_what_the_rules_found(site: Flask, data: st.DataObject) -> None:
    """Question, help, check and results pages for arbitrary answers (clinical.md 9.3)."""
    protocol = protocol_of(site)
    answers = data.draw(answers_of(protocol))
    client = site.test_client()
    with site.app_context():
        token = store.start("fibromyalgia", "1", "sha256:0")
        identity = {"date_of_birth": "1979-04-27", "name": "Ana Test", "phone": "555-555-0142"}
        store.save(
            token, answers=as_json(answers), identity=identity, progress=Progress().as_json()
        )
    client.set_cookie(context.COOKIE, token)
    pages = [client.get("/help")]
    if 'name="action"' in pages[0].text:
        send(client, "/help", {"action": "continue"})
    send(client, "/contact", CONTACT)  # a save, which screens
    pages.append(client.get("/help"))
    some = data.draw(st.sampled_from([page.id for page in protocol.pages]))
    pages += [client.get(path) for path in (f"/questions/{some}", "/questions", "/check", "/")]
    send(client, "/check")
    pages += [client.get("/results"), client.get("/")]
    assert "Received" in pages[-2].text
    alike = told(protocol)
    # Some rules bear the name of a question; names of fields are no secret.
    ids = {*protocol.rules, *protocol.scores} - set(protocol.questions)
    titles = {rule.title for rule in protocol.rules.values()} - {
        topic.title for topic in protocol.topics.values()
    }
    bands = {band.label for score in protocol.scores.values() for band in score.bands}
    for page in pages:
        assert page.status_code in (200, 303)
        html = page.text
        assert not [id for id in ids if re.search(rf"\b{id}\b", html) and "_" in id]
        text = said_of_the_person(page, alike)
        assert not [title for title in titles if title.lower() in text]
        for pattern in (*FORBIDDEN, *(rf"\b{re.escape(band)} (?:depress|anx)" for band in bands)):
            found = re.search(pattern, text)
            assert found is None, text[max(0, found.start() - 80) : found.end() + 80]


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
