"""What a person says in danger stays, whatever goes wrong around it, and help always comes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from screener import store
from screener.forms import shown
from screener.patient import context
from screener.store import connections
from tests.clock import START, Clock
from tests.web import BORN, CONTACT, begin, errors, make_app, send, soup, token_of, visible

ACUTE = {"asq_1": "yes", "asq_5": "yes"}
CALM = {f"asq_{number}": "no" for number in range(1, 5)}
YOUNG = {**BORN, "date_of_birth-year": str(START.year - 10)}


@pytest.fixture
def person(client: FlaskClient) -> FlaskClient:
    """Return a person who has reached the questions."""
    begin(client)
    return client


def questionnaire(client: FlaskClient) -> store.Questionnaire:
    cookie = client.get_cookie(context.COOKIE)
    assert cookie is not None
    with client.application.app_context():
        stored = store.load(cookie.value)
    assert stored is not None
    return stored


def seen_by_staff(app: Flask, reference: str) -> store.Submission:
    with app.app_context():
        submission = store.submission(reference)
    assert submission is not None
    return submission


def kept(submission: store.Submission) -> set[tuple[str, str]]:
    return {(answer.question, str(answer.value)) for answer in submission.risk_answers}


def opened_page(client: FlaskClient, url: str) -> dict[str, str]:
    """Open a page in a tab and return its hidden fields, to be sent later."""
    form = soup(client.get(url)).select_one("main form[method=post]")
    assert form is not None
    return {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")}


@contextmanager
def failing(app: Flask, message: str = "database or disk is full") -> Iterator[None]:
    """Let every statement that changes the database fail as a full disk makes it fail."""

    def refuse(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            raise OperationalError(statement, None, Exception(message))

    with app.app_context():
        engine = store.db.engine
    sa.event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", refuse)


def helps(response: TestResponse) -> bool:
    """Return whether a page gives help: the numbers as large targets, each once in its body."""
    main = soup(response).select_one("main")
    assert main is not None
    return [str(a["href"]) for a in main.select("a[href^=tel\\:988], a[href^=sms\\:988]")] == [
        "tel:988",
        "sms:988",
    ] and len(main.select("a[href='tel:911']")) == 1


# --- the date of birth, starting again -----------------------------------------------------------


def test_a_date_under_18_erases_no_risk_answer(app: Flask, person: FlaskClient) -> None:
    send(person, "/questions/pain_strength", {"pain_average": "7"})
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


# --- two windows ---------------------------------------------------------------------------------

WORRY = {f"gad7_{number}": "2" for number in range(1, 8)}


def test_an_old_tab_erases_nothing(person: FlaskClient) -> None:
    old = opened_page(person, "/questions/worry")
    send(person, "/questions/worry", WORRY)
    assert person.post("/questions/worry", data=old).location == "/questions/energy"
    assert {id: questionnaire(person).answers[id] for id in WORRY} == WORRY


def test_what_two_windows_add_is_put_together(person: FlaskClient) -> None:
    old = opened_page(person, "/questions/worry")
    send(person, "/questions/worry", {"gad7_1": "2"})
    person.post("/questions/worry", data={**old, "gad7_2": "3"})
    answers = questionnaire(person).answers
    assert (answers["gad7_1"], answers["gad7_2"]) == ("2", "3")


def test_a_real_conflict_shows_both_values_and_the_person_chooses(person: FlaskClient) -> None:
    old = opened_page(person, "/questions/worry")
    send(person, "/questions/worry", {"gad7_1": "3"})
    answer = person.post("/questions/worry", data={**old, "gad7_1": "0"})
    assert answer.location == "/questions/worry"
    assert questionnaire(person).answers["gad7_1"] == "3"
    page = person.get("/questions/worry")
    ((message, link),) = errors(page)
    assert link == "#gad7_1"
    assert "There it is now: “Nearly every day”" in message
    assert "Here you entered: “Not at all”" in message
    assert send(person, "/check").status_code == 422
    send(person, "/questions/worry", {"gad7_1": "0"})
    assert questionnaire(person).answers["gad7_1"] == "0"
    assert errors(person.get("/questions/worry")) == []


def test_both_values_of_a_conflict_on_safety_are_kept(app: Flask, person: FlaskClient) -> None:
    """The worse of the two raises help and the priority, before anybody chooses."""
    old = opened_page(person, "/questions/safety")
    send(person, "/questions/safety", CALM)
    answer = person.post("/questions/safety", data={**old, "asq_3": "yes"})
    assert answer.location == "/help?after=safety"
    stored = questionnaire(person)
    assert stored.priority == "emergency"  # a yes, and nothing said about right now
    submission = seen_by_staff(app, stored.reference)
    assert {("asq_3", "no"), ("asq_3", "yes")} <= kept(submission)


def test_an_old_tab_drops_nothing_that_could_not_be_taken(person: FlaskClient) -> None:
    old = opened_page(person, "/questions/pain_strength")
    send(person, "/questions/pain_strength", {"symptoms_months": "seven"})
    person.post("/questions/pain_strength", data={**old, "pain_average": "5"})
    assert questionnaire(person).answers["pain_average"] == 5
    assert "seven" in person.get("/questions/pain_strength").text
    assert send(person, "/check").status_code == 422
    send(person, "/questions/pain_strength", {"symptoms_months": "7", "pain_average": "5"})
    assert send(person, "/check").location == "/results"


def test_an_old_page_overwrites_no_newer_place(person: FlaskClient, at: Clock) -> None:
    at(hours=3)
    old = opened_page(person, "/where")
    send(person, "/where", {"where_now": "Decatur, IL"})
    person.post("/where", data={**old, "where_now": CONTACT["location"]})
    assert questionnaire(person).identity["location"] == "Decatur, IL"


def test_an_old_page_of_the_contact_details_overwrites_none_that_are_newer(
    person: FlaskClient,
) -> None:
    old = opened_page(person, "/contact")
    newer = {**CONTACT, "phone": "(555) 555-0177", "email": "ana@example.com"}
    send(person, "/contact", newer)
    person.post("/contact", data={**old, **CONTACT, "emergency_name": "Bo, brother"})
    identity = questionnaire(person).identity
    assert (identity["phone"], identity["email"]) == (newer["phone"], newer["email"])
    assert identity["emergency_name"] == "Bo, brother"
    answer = person.post("/contact", data={**old, **CONTACT, "phone": "(555) 555-0188"})
    assert answer.status_code == 422
    assert "“(555) 555-0177”" in visible(answer)
    assert "“(555) 555-0188”" in visible(answer)
    assert questionnaire(person).identity["phone"] == newer["phone"]


def test_a_date_that_somebody_typed_before_is_not_shown_to_the_next(client: FlaskClient) -> None:
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", {**BORN, "date_of_birth-month": "4x"})
    send(client, "/consent", {"agree": "y"})
    assert "4x" not in client.get("/date-of-birth").text


def test_a_blank_that_the_person_makes_is_taken(person: FlaskClient) -> None:
    send(person, "/questions/worry", WORRY)
    send(person, "/questions/worry", {**WORRY, "gad7_4": ""})
    assert "gad7_4" not in questionnaire(person).answers


def test_an_old_page_of_the_date_of_birth_overwrites_no_newer_date(person: FlaskClient) -> None:
    old = opened_page(person, "/date-of-birth")
    send(person, "/date-of-birth", {**BORN, "date_of_birth-day": "28"})
    person.post("/date-of-birth", data={**old, **BORN})
    assert questionnaire(person).identity["date_of_birth"] == "1979-04-28"


values = st.lists(st.sampled_from(["yes", "no", "x"]), max_size=2, unique=True)


@given(values, values, values)
def test_what_becomes_of_a_value(showed: list[str], sent: list[str], stands: list[str]) -> None:
    """Of three values, what was not touched is kept, and nothing newer is ever overwritten."""
    page = {"q": shown.fingerprint(showed)}
    verdict = shown.verdict(page, "q", sent, [shown.fingerprint(stands)])
    assert (verdict == "untouched") == (sorted(sent) == sorted(showed))
    if verdict == "changed":
        assert sorted(stands) in (sorted(showed), sorted(sent))
    without = shown.verdict(None, "q", sent, [shown.fingerprint(stands)])
    if not sent:
        assert without == "untouched"
    elif stands:
        assert (without == "changed") == (sorted(sent) == sorted(stands))


# --- what cannot be taken ------------------------------------------------------------------------


def test_a_warning_sign_ticked_with_none_of_these_raises_help(
    app: Flask, person: FlaskClient
) -> None:
    answer = send(person, "/questions/warning_signs", {"warning_signs": ["chest_pain", "none"]})
    assert answer.location == "/help?after=warning_signs"
    stored = questionnaire(person)
    assert stored.priority == "emergency"
    assert ("warning_signs", "['chest_pain']") in kept(seen_by_staff(app, stored.reference))
    assert len(seen_by_staff(app, stored.reference).risk_answers) == 1
    send(person, "/help", {"action": "continue"})
    send(person, "/questions/sleep", {"sleep_signs": "none"})
    assert len(seen_by_staff(app, stored.reference).risk_answers) == 1


def test_sending_stops_at_what_could_not_be_taken(person: FlaskClient) -> None:
    send(person, "/questions/blood_pressure", {"bp_systolic": "high"})
    answer = send(person, "/check")
    assert answer.status_code == 422
    ((message, link),) = errors(answer)
    assert "Blood pressure" in message
    assert "high" in person.get(link).text
    assert questionnaire(person).submitted_at is None
    assert send(person, "/check", {"leave_blank": "blood_pressure"}).location == "/check"
    assert send(person, "/check").location == "/results"
    assert "bp_systolic" not in questionnaire(person).answers


def test_sending_stops_at_contact_details_that_could_not_be_taken(person: FlaskClient) -> None:
    send(person, "/contact", {**CONTACT, "email": "nobody"})
    answer = send(person, "/check")
    assert answer.status_code == 422
    assert [link for _, link in errors(answer)] == ["/contact?from=check"]
    send(person, "/check", {"leave_blank": "contact"})
    assert send(person, "/check").location == "/results"
    assert questionnaire(person).identity["email"] == CONTACT["email"]


# --- when saving fails ---------------------------------------------------------------------------


def test_a_danger_answer_on_a_full_disk_still_gets_help(app: Flask, person: FlaskClient) -> None:
    tab = opened_page(person, "/questions/safety")
    words = "at night, “alone” <b>"
    with failing(app):
        answer = person.post("/questions/safety", data={**tab, **ACUTE, "asq_5_detail": words})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert helps(answer)
    assert "are not saved" in visible(answer)
    assert "Your answers are saved" not in visible(answer)
    form = soup(answer).select_one("main form")
    assert form is not None and form["action"] == "/questions/safety"
    again = {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")}
    assert again["asq_5_detail"] == words
    assert person.post("/questions/safety", data=again).location == "/help?after=safety"
    assert questionnaire(person).answers["asq_5"] == "yes"


def test_other_answers_on_a_full_disk_are_kept_in_the_page(app: Flask, person: FlaskClient) -> None:
    tab = opened_page(person, "/questions/nerve_pain")
    signs = ["burning", "numbness"]
    with failing(app):
        answer = person.post("/questions/nerve_pain", data={**tab, "nerve_pain_signs": signs})
    assert answer.status_code == 503
    assert "This page was not saved" in visible(answer)
    fields = soup(answer).select("main form [name=nerve_pain_signs]")
    assert [field["value"] for field in fields] == signs


def test_a_request_for_a_call_on_a_full_disk_is_not_called_noted(
    app: Flask, person: FlaskClient
) -> None:
    tab = opened_page(person, "/help")
    with failing(app):
        answer = person.post("/help", data={**tab, "action": "call"})
    assert answer.status_code == 503
    assert helps(answer)
    assert "noted" not in visible(answer)


def test_a_lock_that_stays_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(tmp_path)
    person = app.test_client()
    begin(person)
    tab = opened_page(person, "/questions/safety")
    monkeypatch.setattr(connections, "LONG_WAIT", 0.05)
    with app.app_context():
        engine = store.db.engine
        with engine.execution_options(screener_begin="IMMEDIATE").begin():
            answer = person.post("/questions/safety", data={**tab, **ACUTE})
        engine.dispose()
    assert answer.status_code == 503
    assert helps(answer)


@pytest.mark.parametrize("gone", [OperationalError("x", None, Exception("gone")), RuntimeError()])
def test_help_comes_whatever_breaks(
    person: FlaskClient, monkeypatch: pytest.MonkeyPatch, gone: Exception
) -> None:
    """Nothing can be looked up, not even whose form it is."""
    tab = opened_page(person, "/questions/safety")

    def broken(*_given: object, **_more: object) -> None:
        raise store.Unavailable(str(gone)) if isinstance(gone, OperationalError) else gone

    monkeypatch.setattr(store, "load", broken)
    monkeypatch.setattr(store, "save", broken)
    answer = person.post("/questions/safety", data={**tab, **ACUTE})
    assert answer.status_code in (500, 503)
    assert helps(answer)


def test_a_token_that_no_longer_fits_still_brings_help(app: Flask, person: FlaskClient) -> None:
    tab = {**opened_page(person, "/questions/safety"), "csrf_token": "old"}
    answer = person.post("/questions/safety", data={**tab, **ACUTE})
    assert answer.status_code == 400
    assert helps(answer)
    assert questionnaire(person).priority != "emergency"
    form = soup(answer).select_one("main form")
    assert form is not None
    again = {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")}
    assert person.post("/questions/safety", data=again).location == "/help?after=safety"


def test_a_form_that_is_gone_still_brings_help(app: Flask, person: FlaskClient) -> None:
    tab = opened_page(person, "/questions/safety")
    person.delete_cookie(context.COOKIE)
    answer = person.post("/questions/safety", data={**tab, **ACUTE})
    assert answer.status_code == 404
    assert helps(answer)
    assert "are not saved" in visible(answer)


def test_too_many_saves_still_bring_help(tmp_path: Path) -> None:
    app = make_app(tmp_path, limit_save="1/600")
    person = app.test_client()
    begin(person)
    send(person, "/questions/sleep", {"sleep_signs": "none"})
    answer = send(person, "/questions/safety", ACUTE)
    assert answer.status_code == 429
    assert helps(answer)
    assert int(answer.headers["Retry-After"]) > 0


# --- after sending -------------------------------------------------------------------------------


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


# --- words ---------------------------------------------------------------------------------------


def test_who_declines_is_not_thanked_for_telling(person: FlaskClient) -> None:
    send(person, "/questions/safety", {"asq_1": "declined", "asq_5": "declined"})
    text = visible(person.get("/help"))
    assert "That is fine Support is here if you want it." in text
    assert "Thank you for telling us" not in text


def test_help_leads_everywhere_and_promises_only_what_is_true(
    app: Flask, client: FlaskClient
) -> None:
    for path in ("/", "/consent", "/learn/", "/no-such-page"):
        bar = soup(client.get(path)).select_one(".sc-help a[href='/help']")
        assert bar is not None, path
    nobody = client.get("/help")
    assert helps(nobody)
    assert "will try to reach you" not in visible(nobody)
    begin(client)
    calm = visible(client.get("/help"))
    assert "will try to reach you" not in calm
    assert "Please call me" in calm
    send(client, "/questions/safety", ACUTE)
    assert f"will try to reach you at {CONTACT['phone']}" in visible(client.get("/help"))


def test_somebody_without_a_phone_number_is_promised_no_call(client: FlaskClient) -> None:
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    answer = send(client, "/help", {"action": "unsafe"})
    text = visible(client.get(answer.location))
    assert "We do not know how to reach you." in text
    assert "will try to reach you" not in text


def test_not_being_sure_to_be_safe_is_recorded_and_puts_911_first(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/questions/mood", {"phq9_9": "1"})
    page = person.get("/help")
    numbers = [str(a["href"]) for a in soup(page).select("main .sc-help-card__actions a")]
    assert numbers == ["tel:988", "sms:988", "tel:911"]
    answer = send(person, "/help?after=mood", {"action": "unsafe"})
    page = person.get(answer.location)
    numbers = [str(a["href"]) for a in soup(page).select("main .sc-help-card__actions a")]
    assert numbers == ["tel:911", "tel:988", "sms:988"]
    stored = questionnaire(person)
    assert stored.priority == "emergency"
    assert len(stored.progress["unsafe"]) == 1
    assert send(person, "/help?after=mood", {"action": "continue"}).location == "/questions/safety"


def test_a_medical_emergency_shows_911_first(person: FlaskClient) -> None:
    tab = opened_page(person, "/questions/warning_signs")
    send(person, "/questions/safety", {"asq_1": "yes", "asq_5": "yes"})
    person.post("/questions/warning_signs", data={**tab, "warning_signs": ["chest_pain"]})
    page = person.get("/help")
    assert helps(page)
    numbers = [str(a["href"]) for a in soup(page).select("main a[href^=tel]")]
    assert numbers[0] == "tel:911"


def test_reading_help_needs_no_database(
    person: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_more: object) -> None:
        raise store.Unavailable("gone")

    monkeypatch.setattr(store, "load", broken)
    monkeypatch.setattr(store, "signatures", broken)
    page = person.get("/help")
    assert page.status_code == 200
    assert helps(page)
    other = person.get("/questions")
    assert other.status_code == 503
    assert "call or text 988" in visible(other).lower()


def test_help_stays_open_where_patients_are_kept_out(
    tmp_path: Path, make: Callable[..., Flask] = make_app
) -> None:
    client = make(tmp_path, serve="staff").test_client()
    assert client.get("/").status_code == 503
    assert helps(client.get("/help"))


def test_a_double_click_is_one_request(app: Flask, person: FlaskClient) -> None:
    token = token_of(person, "/help")
    for _ in range(2):
        person.post("/help", data={"csrf_token": token, "action": "call"})
    assert len(questionnaire(person).progress["calls"]) <= 2
