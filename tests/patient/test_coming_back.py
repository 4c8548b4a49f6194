"""Coming back: codes and links, the idle lock, answers that wait, and a second form."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.patient import context
from tests.clock import Clock
from tests.outages import READ_ONLY, outage
from tests.patient.stored import SAFE, queue, staff_view, stored
from tests.web import BORN, begin, errors, make_app, send, soup, token_of, visible

OTHER_DAY = {**BORN, "date_of_birth-year": "1980"}
MOOD = {f"phq9_{i}": "2" for i in range(1, 9)} | {"phq9_9": "0"}


@pytest.fixture
def elsewhere(app: Flask) -> FlaskClient:
    """Return another browser."""
    return app.test_client()


def post(client: FlaskClient, url: str, **data: str) -> TestResponse:
    """Send a form of a page that has several."""
    return client.post(url, data={"csrf_token": token_of(client, url), **data})


def made(client: FlaskClient) -> tuple[str, str]:
    """Make a code and a link, and return the code and the secret of the link."""
    page = soup(post(client, "/later", action="make"))
    code, link = (page.select_one(f"[data-copied={name}]") for name in ("code", "link"))
    assert code is not None and link is not None
    return code.get_text(strip=True), link.get_text(strip=True).partition("#")[2]


def enter(client: FlaskClient, code: str, **born: str) -> TestResponse:
    return client.post(
        "/come-back",
        data={"csrf_token": token_of(client, "/come-back"), "code": code, **(born or BORN)},
    )


def use(client: FlaskClient, link: str) -> TestResponse:
    return post(client, "/come-back", link=link)


def actions(app: Flask) -> list[str]:
    with app.app_context():
        return [entry.action for entry in store.audit_entries()]


# --- code and link --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/questions/about_you", {"sex": "male"}),
        ("/questions/safety", SAFE),
        ("/contact", {}),
        ("/where", {"where_now": "Decatur, IL"}),
    ],
)
def test_every_page_of_the_form_can_be_saved_for_later(
    person: FlaskClient, url: str, data: dict[str, str]
) -> None:
    form = soup(person.get(url)).select_one("main form")
    assert form is not None
    first, second = form.select("button")
    assert second["name"] == "save-later" and "name" not in first.attrs, "Enter saves and goes on"
    assert [box["name"] for box in form.select("input[name]") if box.get("checked")] == []
    contact = {"name": "Ana Test", "phone": "(555) 555-0142", "location": "Springfield, IL"}
    extra = contact if url == "/contact" else {}
    assert send(person, url, {**extra, **data, "save-later": "yes"}).location == "/later"
    kept = stored(person)
    assert data.items() <= {**kept.answers, "where_now": kept.identity["location"]}.items()


def test_what_cannot_be_taken_waits_and_does_not_stand_in_the_way(person: FlaskClient) -> None:
    posted = {"bp_systolic": "high", "save-later": "yes"}
    assert send(person, "/questions/blood_pressure", posted).location == "/later"
    assert "high" in person.get("/questions/blood_pressure").text


def test_danger_comes_before_coming_back(person: FlaskClient) -> None:
    answer = send(person, "/questions/safety", {"asq_1": "yes", "save-later": "yes"})
    assert answer.location.startswith("/help")
    assert stored(person).priority is not None


def test_the_code_opens_the_form_on_another_device(
    app: Flask, person: FlaskClient, elsewhere: FlaskClient
) -> None:
    send(person, "/questions/about_you", {"sex": "male"})
    code, link = made(person)
    assert code not in visible(person.get("/later")), "shown once"
    answer = enter(elsewhere, code)
    assert answer.location == "/questions"
    send(elsewhere, "/questions/pain_areas", {"pain_areas": ["neck"]})
    assert stored(person).answers == stored(elsewhere).answers
    assert stored(person).answers["pain_areas"] == ["neck"]
    assert actions(app)[:2] == ["opened with a code", "return code made"]
    assert link not in answer.text


def test_a_scanner_does_not_use_a_link_up(
    app: Flask, person: FlaskClient, elsewhere: FlaskClient
) -> None:
    _, link = made(person)
    for _ in range(3):
        scanner = app.test_client()
        page = scanner.get("/come-back")  # what stands behind the # is never sent
        assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
        assert scanner.get(f"/come-back?link={link}").status_code == 200
        assert scanner.get("/questions").status_code == 404
    assert use(elsewhere, link).location == "/questions"
    again = use(app.test_client(), link)
    assert again.status_code == 422
    assert errors(again)[0][0].startswith("This link does not work any more.")


def test_a_wrong_code_and_a_wrong_date_are_answered_alike(app: Flask, person: FlaskClient) -> None:
    code, _ = made(person)
    pages = []
    for typed, born in (("ACDE-FGHJ-KMNP", BORN), (code, OTHER_DAY), ("x", BORN)):
        answer = enter(app.test_client(), typed, **born)
        assert answer.status_code == 422
        pages.append(errors(answer))
        assert "screener_questionnaire" not in str(answer.headers)
    assert pages[0] == pages[1] == pages[2]
    for _ in range(4):
        enter(app.test_client(), code, **OTHER_DAY)
    assert errors(enter(app.test_client(), code)) == pages[0], "nor is it told that tries ran out"


def test_tries_come_back(
    app: Flask, person: FlaskClient, elsewhere: FlaskClient, at: Clock
) -> None:
    at()
    code, _ = made(person)
    for _ in range(5):
        enter(elsewhere, code, **OTHER_DAY)
    assert enter(elsewhere, code).status_code == 422
    at(hours=2)
    assert enter(elsewhere, code).location == "/questions"


def test_nothing_left_out_uses_up_a_try(person: FlaskClient, elsewhere: FlaskClient) -> None:
    code, _ = made(person)
    for _ in range(30):
        assert errors(enter(elsewhere, "")) == [
            ("Enter the code, for example ACDE-FGHJ-KMNP.", "#code")
        ]
    assert enter(elsewhere, code).location == "/questions"


def test_a_code_is_stopped_from_the_form(person: FlaskClient, elsewhere: FlaskClient) -> None:
    code, _ = made(person)
    enter(elsewhere, code)
    answer = post(person, "/later", action="revoke")
    assert answer.location == "/later"
    assert "do not work any more" in visible(person.get("/later"))
    assert elsewhere.get("/questions").status_code == 404
    assert enter(elsewhere, code).status_code == 422


def test_codes_last_as_long_as_the_clinic_says(tmp_path: Path, at: Clock) -> None:
    app = make_app(tmp_path, return_code_days=2)
    at()
    person = app.test_client()
    begin(person)
    code, link = made(person)
    assert "until March 4, 2026" in visible(person.get("/later"))
    at(days=2.1)
    assert enter(app.test_client(), code).status_code == 422
    assert use(app.test_client(), link).status_code == 422
    with app.app_context():
        store.db.engine.dispose()


def test_a_form_that_was_sent_is_named_and_not_shown(
    person: FlaskClient, elsewhere: FlaskClient
) -> None:
    code, link = made(person)
    send(person, "/questions/safety", SAFE)
    send(person, "/check")
    for answer in (enter(elsewhere, code), use(elsewhere, link)):
        text = visible(answer)
        assert "This form was sent" in text and "was received on" in text
        assert soup(answer).select_one("main a[href='/']") is not None
        assert "Ana Test" not in answer.text
    assert elsewhere.get_cookie(context.COOKIE) is None


def test_whoever_uses_a_device_with_a_form_of_its_own_is_told(
    app: Flask, person: FlaskClient, elsewhere: FlaskClient
) -> None:
    code, _ = made(person)
    begin(elsewhere)
    page = elsewhere.get("/come-back")
    assert "This phone or computer has a form now" in visible(page)
    assert soup(page).select_one("main a[href='/questions']") is not None
    mine = stored(elsewhere).reference
    enter(elsewhere, code)
    assert stored(elsewhere).reference == stored(person).reference != mine


# --- earlier answers wait -------------------------------------------------------------------------


@pytest.fixture
def returned(person: FlaskClient, elsewhere: FlaskClient) -> FlaskClient:
    """Return a device on which somebody came back who has answered about mood and safety."""
    send(person, "/questions/pain_areas", {"pain_areas": ["neck"]})
    send(person, "/questions/mood", MOOD)
    send(person, "/questions/safety", {**SAFE, "asq_2": "declined"})
    send(person, "/help", {"action": "continue"})
    code, _ = made(person)
    assert enter(elsewhere, code).location == "/questions"
    return elsewhere


def test_ordinary_answers_are_shown(returned: FlaskClient) -> None:
    page = soup(returned.get("/questions/pain_areas"))
    assert page.select_one("[value=neck][checked]") is not None


@pytest.mark.parametrize("page", ["mood", "safety"])
def test_answers_wait_until_the_person_asks_to_see_them(returned: FlaskClient, page: str) -> None:
    url = f"/questions/{page}"
    answer = returned.get(url)
    assert "Your answers are hidden" in visible(answer)
    assert soup(answer).select("main [checked], main [type=radio]") == []
    assert soup(answer).select("main dl div")
    shown = send(returned, url, {"show-answers": page})
    assert shown.location == url, "no query tells of it"
    assert soup(returned.get(url)).select("main [checked]")
    other = "safety" if page == "mood" else "mood"
    assert not soup(returned.get(f"/questions/{other}")).select("main [checked]")


def test_a_follow_up_on_safety_is_not_named_while_answers_wait(
    person: FlaskClient, elsewhere: FlaskClient
) -> None:
    send(person, "/questions/safety", {"asq_1": "yes", "asq_5": "yes", "asq_5_detail": "secret"})
    send(person, "/help", {"action": "continue"})
    enter(elsewhere, made(person)[0])
    send(elsewhere, "/help", {"action": "continue"})
    protocol = next(iter(elsewhere.application.extensions["screener_rulebook"].protocols.values()))
    for url in ("/questions/safety", "/check"):
        answer = elsewhere.get(url)
        assert answer.status_code == 200
        assert protocol.questions["asq_1"].text in visible(answer)
        assert protocol.questions["asq_5"].text not in visible(answer)
        assert "secret" not in answer.text


def test_the_check_page_and_the_results_wait_too(returned: FlaskClient) -> None:
    text = visible(returned.get("/check"))
    assert "Neck" in text and "More than half the days" not in text
    assert "Prefer not to answer" not in text
    post(returned, "/check", **{"show-answers": "mood"})
    text = visible(returned.get("/check"))
    assert "More than half the days" in text and "Prefer not to answer" not in text
    assert post(returned, "/check").location == "/results"
    text = visible(returned.get("/results"))
    assert "Your answers are hidden" in text and "More than half the days" not in text
    assert send(returned, "/results", {"show-answers": "all"}).location == "/results"
    assert "Prefer not to answer" in visible(returned.get("/results"))


def test_what_is_saved_now_is_not_hidden(returned: FlaskClient) -> None:
    send(returned, "/questions/worry", {f"gad7_{i}": "1" for i in range(1, 8)})
    assert soup(returned.get("/questions/worry")).select("main [checked]")


def test_on_the_device_where_it_was_begun_nothing_is_hidden(
    returned: FlaskClient, person: FlaskClient
) -> None:
    assert soup(person.get("/questions/mood")).select("main [checked]")


# --- the lock -------------------------------------------------------------------------------------

CLOSED = ["/questions", "/questions/mood", "/check", "/contact", "/where", "/date-of-birth",
          "/start-again", "/later", "/received", "/adults-only"]  # fmt: skip


def test_an_idle_device_asks_for_the_date_of_birth(person: FlaskClient, at: Clock) -> None:
    at()
    send(person, "/questions/mood", MOOD)
    at(minutes=19)
    assert person.get("/questions/mood").status_code == 200
    at(minutes=38)
    assert person.get("/questions/mood").status_code == 200
    at(minutes=59)
    for url in CLOSED:
        assert person.get(url).location == "/unlock", url
    assert person.get("/help").status_code == person.get("/").status_code == 200
    person.get("/questions/mood")
    wrong = send(person, "/unlock", OTHER_DAY)
    assert wrong.status_code == 422
    assert errors(wrong)[0][1] == "#date_of_birth"
    assert person.get("/questions/mood").location == "/unlock"
    assert send(person, "/unlock", BORN).location == "/questions/mood"
    assert "Your answers are hidden" in visible(person.get("/questions/mood"))
    assert person.get("/unlock").location == "/questions"


def test_tries_to_unlock_run_out_and_come_back(person: FlaskClient, at: Clock) -> None:
    at(minutes=30)
    answers = [errors(send(person, "/unlock", OTHER_DAY)) for _ in range(6)]
    assert answers[0] == answers[-1] == errors(send(person, "/unlock", BORN))
    at(hours=3)
    assert send(person, "/unlock", BORN).location == "/questions"


def test_what_an_open_page_sends_is_saved_before_the_date_is_asked(
    person: FlaskClient, at: Clock
) -> None:
    at()
    token = token_of(person, "/questions/mood")
    at(minutes=40)
    page = {"csrf_token": token, "page-shown": "{}"}
    answer = person.post("/questions/mood", data={**page, **MOOD})
    assert stored(person).answers["phq9_1"] == "2"
    assert person.get(answer.location).location == "/unlock"
    assert send(person, "/unlock", BORN).location == answer.location


def test_danger_is_heard_on_a_locked_device_and_help_tells_it_once(
    app: Flask, person: FlaskClient, at: Clock
) -> None:
    at()
    token = token_of(person, "/questions/safety")
    at(minutes=40)
    posted = {"csrf_token": token, "page-shown": "{}", "asq_1": "yes", "asq_5": "yes"}
    answer = person.post("/questions/safety", data=posted)
    assert answer.location.startswith("/help")
    assert "You deserve support right now" in visible(person.get(answer.location))
    assert [row.priority for row in queue(app)] == ["emergency"]
    text = visible(person.get("/help"))
    assert "Help in a crisis" in text and "Support is there" in text
    assert "555-0142" not in text and "You deserve" not in text
    send(person, "/help", {"action": "call"})
    assert staff_view(person).questionnaire.progress["calls"]
    assert "555-0142" not in visible(person.get("/help"))


@pytest.mark.parametrize("url", ["/check", "/start-again"])
def test_the_buttons_of_an_open_page_wait_for_the_date(
    person: FlaskClient, at: Clock, url: str
) -> None:
    at()
    send(person, "/questions/safety", SAFE)
    token = token_of(person, url)
    at(minutes=40)
    answer = person.post(url, data={"csrf_token": token, "action": "erase"})
    assert answer.location == "/unlock"
    assert stored(person).submitted_at is None


def test_a_date_of_birth_that_is_sent_then_opens_nothing(person: FlaskClient, at: Clock) -> None:
    at()
    token = token_of(person, "/date-of-birth")
    at(minutes=40)
    answer = person.post("/date-of-birth", data={"csrf_token": token, **OTHER_DAY})
    assert person.get(answer.location).location == "/unlock"
    assert stored(person).identity["date_of_birth"] == "1979-04-27"
    assert send(person, "/unlock", OTHER_DAY).status_code == 422
    assert send(person, "/unlock", BORN).location == "/date-of-birth"
    year = soup(person.get("/date-of-birth")).select_one("#date_of_birth-year")
    assert year is not None and year["value"] == "1980", "what was typed is still there"


def test_a_page_whose_token_is_old_is_not_shown_on_a_locked_device(
    person: FlaskClient, at: Clock
) -> None:
    at()
    send(person, "/questions/mood", MOOD)
    at(minutes=40)
    answer = person.post("/check", data={"csrf_token": "old"})
    assert answer.location == "/unlock"


def test_whoever_cannot_unlock_takes_the_form_off(person: FlaskClient, at: Clock) -> None:
    send(person, "/questions/safety", {"asq_1": "yes"})
    at(minutes=40)
    assert send(person, "/unlock", {"action": "forget"}).location == "/"
    assert "Start now" in visible(person.get("/"))
    assert len(queue(person.application)) == 1, "the clinic still has it"


def test_the_clinic_sets_how_long_a_device_may_be_idle(tmp_path: Path, at: Clock) -> None:
    app = make_app(tmp_path, patient_idle_minutes=3)
    at()
    person = app.test_client()
    begin(person)
    at(minutes=4)
    assert person.get("/questions").location == "/unlock"
    with app.app_context():
        store.db.engine.dispose()


# --- sending, and a second form -------------------------------------------------------------------


def test_sending_again_after_a_lost_answer_says_that_it_was_received(
    app: Flask, person: FlaskClient, at: Clock
) -> None:
    at()
    send(person, "/questions/safety", SAFE)
    text = visible(person.get("/received"))
    assert "Not received yet" in text and "Send my answers" in text
    token = token_of(person, "/check")
    for _ in range(2):  # the answer to the first one never came
        assert person.post("/check", data={"csrf_token": token}).location == "/results"
    text = visible(person.get("/results"))
    assert re.search(r"You sent your answers on .*, 10:00 am EST\.", text)
    assert "was not added" not in text
    assert "Your form was received at 10:00 am EST" in visible(person.get("/received"))
    assert actions(app).count("submitted") == 1


@pytest.mark.parametrize("sent", [False, True])
def test_a_second_form_is_named_with_both_ways_on(
    app: Flask, person: FlaskClient, sent: bool
) -> None:
    mine, other = app.extensions["screener_rulebook"].protocols.values()
    first = stored(person).reference
    if sent:
        send(person, "/questions/safety", SAFE)
        send(person, "/check")
    start = person.get(f"/?form={other.id}")
    assert ("was received on" in visible(start)) is sent
    way = "/results" if sent else "/questions"
    assert {way, "/another"} <= {str(a["href"]) for a in soup(start).select("main a[href]")}
    page = person.get("/another")
    assert mine.title in visible(page) and f"Begin “{other.title}”" in visible(page)
    assert soup(page).select_one(f"main a[href='{way}']") is not None
    assert send(person, "/another").location == "/consent"
    begin(person)
    assert stored(person).protocol == other.id
    assert stored(person).reference != first


def test_the_same_form_can_be_begun_again(person: FlaskClient) -> None:
    protocol, first = stored(person).protocol, stored(person).reference
    send(person, "/another")
    begin(person)
    assert stored(person).protocol == protocol
    assert stored(person).reference != first


def test_a_device_in_use_stays_open_while_nothing_can_be_written(
    app: Flask, person: FlaskClient, at: Clock
) -> None:
    at(minutes=10)
    with outage(app, READ_ONLY):
        assert person.get("/questions").status_code == 200
