"""Reaching the person: numbers that cannot be read hold nobody up, and the place is known."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from screener import store
from screener.patient import context, locking, whereabouts
from tests.clock import Clock
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
    token_of,
    visible,
)

TWO = "555-555-0100/0101"
DANGER = {"asq_1": "yes", "asq_5": "yes"}


@pytest.fixture(autouse=True)
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask nobody for a date of birth after a while: the lock has tests of its own."""
    monkeypatch.setattr(locking, "idle", lambda: timedelta(days=365))


@pytest.fixture
def person(client: FlaskClient) -> FlaskClient:
    """Return a person who has reached the questions."""
    begin(client)
    return client


def stored(client: FlaskClient) -> store.Questionnaire:
    cookie = client.get_cookie(context.COOKIE)
    assert cookie is not None
    with client.application.app_context():
        kept = store.load(cookie.value)
    assert kept is not None
    return kept


def later(at: Clock, **passed: float) -> datetime:
    """Let the program's clock run ahead."""
    at(**passed)
    return at.now()


def box(client: FlaskClient, url: str, id: str) -> str:
    """Return the text in a text box."""
    field = soup(client.get(url)).find(id=id)
    assert field is not None, id
    return str(field["value"])


# --- the phone -----------------------------------------------------------------------------------


def test_two_numbers_in_one_box_are_asked_about_once_and_kept_as_typed(client: FlaskClient) -> None:
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    contact = {**CONTACT, "phone": TWO}
    answer = refused(client, "/contact", contact)
    ((message, link),) = errors(answer)
    assert link == "#phone"
    assert TWO in message
    assert "It looks like two numbers." in message
    assert box(client, "/contact", "phone") == TWO
    assert send(client, "/contact", contact).location == FIRST
    kept = stored(client)
    assert (kept.identity["phone"], kept.identity["phone_e164"]) == (TWO, "")
    assert kept.progress["contact_typed"] == {}
    # Nothing is promised that the clinic cannot do: there is no number to call.
    send(client, "/questions/safety", DANGER)
    text = visible(client.get("/help"))
    assert "0101" not in text
    assert "Give a phone number" in text


def test_the_second_number_has_a_box_of_its_own(client: FlaskClient) -> None:
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    refused(client, "/contact", {**CONTACT, "phone": TWO})
    mended = {**CONTACT, "phone": "555-555-0100", "phone_2": "555‑555‑0101 ext. 7"}
    assert send(client, "/contact", mended).location == FIRST
    kept = stored(client).identity
    assert (kept["phone_e164"], kept["phone_2_e164"]) == ("+15555550100", "+15555550101")
    assert kept["phone_2_extension"] == "7"
    assert "555‑555‑0101 ext. 7" in visible(client.get("/check"))


def test_whoever_leaves_when_asked_can_go_on_and_can_be_called(client: FlaskClient) -> None:
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    refused(client, "/contact", {**CONTACT, "phone": "call the shelter", "emergency_phone": "12"})
    # They do not press again, but open the questions.
    assert client.get("/questions/safety").status_code == 200
    kept = stored(client).identity
    assert kept["phone"] == "call the shelter"
    assert kept["emergency_phone"] == "12"
    assert kept["name"] == CONTACT["name"]


def test_another_fault_on_the_page_does_not_make_the_number_be_asked_about_twice(
    client: FlaskClient,
) -> None:
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    answer = refused(client, "/contact", {**CONTACT, "phone": TWO, "email": "none"})
    assert [link for _, link in errors(answer)] == ["#phone", "#email"]
    assert stored(client).identity.get("phone") is None
    answer = refused(client, "/contact", {**CONTACT, "phone": TWO, "email": "still none"})
    assert [link for _, link in errors(answer)] == ["#email"]
    assert send(client, "/contact", {**CONTACT, "phone": TWO}).location == FIRST


def test_nobody_in_danger_is_stopped_by_a_phone_field(person: FlaskClient) -> None:
    send(person, "/questions/safety", DANGER)
    answer = send(person, "/contact", {**CONTACT, "phone": TWO, "phone_2": "x" * 500})
    assert answer.location == "/contact"
    assert person.get("/help").status_code == 200
    answer = send(person, "/contact", {**CONTACT, "phone": TWO, "phone_2": "x" * 500})
    assert answer.location == "/help"
    assert stored(person).identity["phone"] == TWO
    assert stored(person).identity["phone_2"] == "x" * 200 + "…"
    assert stored(person).priority == "emergency"


def test_what_was_typed_is_not_cut_while_it_has_to_be_mended(person: FlaskClient) -> None:
    long = "n" * 10_000
    answer = send(person, "/contact", {**CONTACT, "name": long})
    assert answer.status_code == 422
    assert ("Use 200 characters or fewer. Please shorten it by 9,800.", "#name") in errors(answer)
    assert str(soup(answer).find(id="name")["value"]) == long  # type: ignore[index]
    assert stored(person).identity["name"] == CONTACT["name"]


@pytest.mark.parametrize("name", ["\u200b", "\u3164", "\u0301" * 200])
def test_a_name_that_nobody_sees_is_asked_for(client: FlaskClient, name: str) -> None:
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    answer = refused(client, "/contact", {**CONTACT, "name": name})
    assert errors(answer) == [("Enter your full name.", "#name")]


def test_numbers_are_read_in_the_clinics_region(tmp_path: Path) -> None:
    client = make_app(tmp_path, clinic_region="GB").test_client()
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    send(client, "/contact", {**CONTACT, "phone": "020 7946 0958"})
    assert stored(client).identity["phone_e164"] == "+442079460958"


def test_a_number_from_before_is_still_shown_to_the_person(person: FlaskClient) -> None:
    cookie = person.get_cookie(context.COOKIE)
    assert cookie is not None
    with person.application.app_context():
        old = {"name": "Ana", "phone": "555-555-0107", "location": "Peoria"}
        kept = store.load(cookie.value)
        assert kept is not None
        store.save(cookie.value, change=lambda _: store.Change(identity=old))
    send(person, "/questions/mood", {"phq9_9": "1"})
    assert "at 555-555-0107" in visible(person.get("/help"))


# --- where they are ------------------------------------------------------------------------------


def test_the_place_is_asked_beside_the_safety_questions_and_is_no_answer(
    person: FlaskClient,
) -> None:
    for page in ("mood", "safety"):
        assert box(person, f"/questions/{page}", "where_now") == CONTACT["location"]
    assert soup(person.get("/questions/sleep")).find(id="where_now") is None
    send(person, "/questions/safety", {**DANGER, "where_now": " Route 66,\u200b mile 3 "})
    kept = stored(person)
    assert kept.identity["location"] == "Route 66,\u200b mile 3"
    assert [place["place"] for place in kept.identity["locations_before"]] == [CONTACT["location"]]
    assert "where_now" not in kept.answers
    assert kept.priority == "emergency"


@pytest.mark.parametrize(
    "typed", [CONTACT["location"], f" {CONTACT['location']}\u200e", "", "\u200b"]
)
def test_a_place_left_alone_keeps_its_time(person: FlaskClient, at: Clock, typed: str) -> None:
    before = stored(person).identity
    later(at, hours=1)
    answer = send(person, "/questions/safety", {"asq_1": "no", "where_now": typed})
    assert answer.location == "/questions/health_conditions"
    assert stored(person).identity == before
    assert stored(person).answers["asq_1"] == "no"


def test_a_place_never_holds_up_an_answer(person: FlaskClient) -> None:
    answer = send(person, "/questions/safety", {**DANGER, "where_now": "w" * 9000})
    assert answer.location == "/help"
    place = stored(person).identity["location"]
    assert len(place) == 500
    assert place.endswith("w…")
    # What was kept can be sent again as it is.
    assert send(person, "/contact", {**CONTACT, "location": place}).location == "/help"


@pytest.mark.parametrize(
    ("page", "extra"),
    [("sleep", "Peoria"), ("medicines_tried", "Peoria"), ("safety", ["Peoria", "Decatur"])],
)
def test_a_place_is_taken_only_where_it_is_asked_and_once(
    person: FlaskClient, page: str, extra: Any
) -> None:
    answer = send(person, f"/questions/{page}", {"where_now": extra})
    assert answer.status_code == 400
    assert stored(person).identity["location"] == CONTACT["location"]


def test_a_page_open_too_long_keeps_the_place_that_was_typed(person: FlaskClient) -> None:
    answer = person.post("/questions/safety", data={"csrf_token": "old", "where_now": "Decatur"})
    assert answer.status_code == 400
    assert str(soup(answer).find(id="where_now")["value"]) == "Decatur"  # type: ignore[index]
    assert stored(person).identity["location"] == CONTACT["location"]


def test_earlier_places_are_kept_and_do_not_grow_without_end(person: FlaskClient) -> None:
    for i in range(40):
        send(person, "/questions/safety", {"where_now": f"mile {i}"})
    kept = stored(person).identity
    assert kept["location"] == "mile 39"
    places = [place["place"] for place in kept["locations_before"]]
    assert places == [f"mile {i}" for i in range(9, 39)]
    assert all(place["at"] for place in kept["locations_before"])


# --- a new sitting -------------------------------------------------------------------------------


def test_a_new_sitting_asks_where_the_person_is_now(person: FlaskClient, at: Clock) -> None:
    first = stored(person).identity["location_at"]
    later(at, hours=1.9)
    assert person.get("/questions").status_code == 200
    then = later(at, hours=2.1)
    (button,) = soup(person.get("/")).select('main a[href="/questions"]')
    answer = person.get(str(button["href"]))
    assert answer.location == "/where?to=/questions"
    page = person.get(answer.location)
    assert "Where are you now?" in visible(page)
    assert box(person, answer.location, "where_now") == CONTACT["location"]
    # The same place, said anew.
    same = send(person, answer.location, {"where_now": CONTACT["location"]})
    assert same.location == "/questions"
    assert person.get("/questions").status_code == 200
    kept = stored(person).identity
    assert kept["location_at"] == then.isoformat(timespec="seconds") != first
    assert kept["locations_before"] == []


@pytest.mark.parametrize(
    "path", ["/questions/mood", "/check", "/questions/medicines_tried?from=check"]
)
def test_it_leads_on_to_where_the_person_was_going(
    person: FlaskClient, at: Clock, path: str
) -> None:
    later(at, hours=3)
    answer = person.get(path)
    assert str(answer.location).startswith("/where?")
    assert send(person, str(answer.location), {"where_now": "Decatur"}).location == path
    assert stored(person).identity["location"] == "Decatur"


@pytest.mark.parametrize(
    "to", ["", "//evil.example", "https://evil.example", "/staff/", "/questions/../x", "/where"]
)
def test_it_leads_nowhere_else(person: FlaskClient, to: str) -> None:
    answer = send(person, f"/where?to={to}", {"where_now": "Decatur"})
    assert answer.location == "/questions"


@pytest.mark.parametrize("typed", ["", "\u3164"])
def test_a_blank_keeps_the_last_place_and_is_enough(
    person: FlaskClient, at: Clock, typed: str
) -> None:
    later(at, days=3)
    assert send(person, "/where", {"where_now": typed}).location == "/questions"
    assert person.get("/questions").status_code == 200
    assert stored(person).identity["location"] == CONTACT["location"]


def test_whoever_has_no_place_is_not_asked_for_ever(person: FlaskClient, at: Clock) -> None:
    cookie = person.get_cookie(context.COOKIE)
    assert cookie is not None
    with person.application.app_context():
        old = {"name": "Ana", "phone": "555-555-0107"}
        store.save(cookie.value, change=lambda _: store.Change(identity=old))
    later(at, days=3)
    assert send(person, "/where").location == "/questions"
    assert person.get("/questions").status_code == 200


def test_what_is_sent_after_a_while_is_saved_first_and_the_place_asked_then(
    person: FlaskClient, at: Clock
) -> None:
    token = token_of(person, "/questions/safety")
    later(at, hours=30)
    answer = person.post("/questions/safety", data={"csrf_token": token, **DANGER})
    assert answer.location == "/help"
    assert stored(person).answers["asq_5"] == "yes"
    # Help first, then the place; the save has not made it forgotten.
    assert person.get("/questions").location == "/help"
    assert send(person, "/help", {"action": "continue"}).location
    assert person.get("/questions").location == "/where?to=/questions"
    send(person, "/where", {"where_now": "Decatur"})
    assert person.get("/questions").status_code == 200


def test_a_place_said_beside_the_safety_questions_is_not_asked_again(
    person: FlaskClient, at: Clock
) -> None:
    token = token_of(person, "/questions/safety")
    later(at, hours=30)
    person.post("/questions/safety", data={"csrf_token": token, "where_now": "Decatur"})
    assert person.get("/questions").status_code == 200


def test_a_place_filled_in_among_other_details_is_not_said_anew(
    person: FlaskClient, at: Clock
) -> None:
    before = stored(person).identity["location_at"]
    later(at, hours=30)
    send(person, "/contact", {**CONTACT, "email": "ana@example.com"})
    kept = stored(person).identity
    assert (kept["email"], kept["location_at"]) == ("ana@example.com", before)
    assert person.get("/questions").location == "/where?to=/questions"
    send(person, "/contact", {**CONTACT, "location": "Decatur"})
    assert person.get("/questions").status_code == 200


def test_too_long_a_place_is_explained(person: FlaskClient) -> None:
    answer = send(person, "/where", {"where_now": "w" * 501})
    assert answer.status_code == 422
    assert errors(answer) == [
        ("Use 500 characters or fewer. Please shorten it by 1.", "#where_now")
    ]
    assert str(soup(answer).find(id="where_now")["value"]) == "w" * 501  # type: ignore[index]


def test_a_form_that_was_sent_asks_for_no_place(person: FlaskClient, at: Clock) -> None:
    send(person, "/check")
    later(at, hours=30)
    assert person.get("/where").location == "/results"
    assert person.get("/results").status_code == 200
    assert CONTACT["phone"] in visible(person.get("/results"))


def test_a_sitting_is_two_hours() -> None:
    assert timedelta(hours=2) == whereabouts.SITTING
