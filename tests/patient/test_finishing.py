"""Sending the form once, the results page, and deleting the answers."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from screener.engine.screen import screen
from screener.patient import context
from tests.patient.stored import protocol_of, queue, rows_in_database, stored
from tests.web import begin, send, soup, token_of, visible


def test_sending_twice_makes_one_submission(app: Flask, person: FlaskClient) -> None:
    send(person, "/questions/about_you", {"pain_average": "7"})
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


def test_a_form_is_screened_as_sent_with_every_question_reached(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/questions/about_you", {"pain_average": "7"})
    before = stored(person).screening or {}
    assert before["flags"]["check_blood_pressure_unknown"] == "unknown"
    send(person, "/check")
    sent = stored(person)
    screening = sent.screening or {}
    answers = protocol_of(app).read_answers(sent.answers)
    expected = screen(protocol_of(app), answers, submitted=True)
    assert screening["flags"] == expected.outcomes
    assert screening["flags"]["check_blood_pressure_unknown"] == "met"


def test_results_say_what_happens_next_in_their_own_terms(person: FlaskClient) -> None:
    places = ["neck", "upper_back", "lower_back", "hip_left", "hip_right", "upper_arm_left"]
    places += ["upper_arm_right", "upper_leg_left"]
    send(person, "/questions/pain_areas", {"pain_areas": places})
    send(person, "/questions/about_you", {"symptoms_3_months": "yes"})
    strong = {"fatigue": "3", "waking_unrefreshed": "3", "trouble_thinking": "3"}
    send(person, "/questions/symptoms", strong)
    send(person, "/check")
    page = person.get("/results")
    text = visible(page)
    assert "Received" in text
    assert "Sending this form does not mean that you will be offered any treatment." in text
    assert "You told us about pain." in text
    assert soup(page).select_one('a[href="/learn/what-fibromyalgia-is"]')
    assert soup(page).select_one("[data-print]")
    assert "text 988" in text
    cookie = person.get_cookie(context.COOKIE)
    assert cookie is not None
    assert cookie.expires is None  # gone when the browser is closed


def test_pages_for_everybody_stand_on_the_results_whatever_was_answered(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/check")
    links = {a["href"] for a in soup(person.get("/results")).select('main a[href^="/learn/"]')}
    for_all = protocol_of(app).head.education_for_all
    assert {"where-ketamine-fits", "ketamine-risks", "taking-medicines-safely"} <= set(for_all)
    assert links == {f"/learn/{topic}" for topic in for_all}


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


def test_support_in_a_crisis_comes_first_for_who_told_us_of_one(app: Flask) -> None:
    first = {}
    for answer in ("0", "1"):
        client = app.test_client()
        begin(client)
        send(client, "/questions/mood", {"phq9_9": answer})
        send(client, "/help", {"action": "continue"}) if answer == "1" else None
        send(client, "/check")
        cards = soup(client.get("/results")).select(".sc-card a")
        first[answer] = cards[0]["href"]
        assert "/learn/support-in-crisis" in {card["href"] for card in cards}
    assert first["1"] == "/learn/support-in-crisis"
    assert first["0"] != "/learn/support-in-crisis"
