"""Two windows at one form: an old page overwrites nothing that is newer."""

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from screener.forms import shown
from tests.clock import Clock
from tests.danger.pages import CALM, kept, opened_page, questionnaire, seen_by_staff
from tests.web import BORN, CONTACT, errors, send, visible

WORRY = {f"gad7_{number}": "2" for number in range(1, 8)}


def test_an_old_tab_erases_nothing(person: FlaskClient) -> None:
    old = opened_page(person, "/questions/worry")
    send(person, "/questions/worry", WORRY)
    assert person.post("/questions/worry", data=old).location == "/questions/sleep"
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
    assert answer.location == "/help"
    stored = questionnaire(person)
    assert stored.priority == "emergency"  # a yes, and nothing said about right now
    submission = seen_by_staff(app, stored.reference)
    assert {("asq_3", "no"), ("asq_3", "yes")} <= kept(submission)


def test_an_old_tab_drops_nothing_that_could_not_be_taken(person: FlaskClient) -> None:
    old = opened_page(person, "/questions/about_you")
    send(person, "/questions/about_you", {"symptoms_months": "seven"})
    person.post("/questions/about_you", data={**old, "pain_average": "5"})
    assert questionnaire(person).answers["pain_average"] == 5
    assert "seven" in person.get("/questions/about_you").text
    assert send(person, "/check").status_code == 422
    send(person, "/questions/about_you", {"symptoms_months": "7", "pain_average": "5"})
    assert send(person, "/check").location == "/results"


def test_an_old_page_overwrites_no_newer_place(person: FlaskClient, at: Clock) -> None:
    at(hours=3)
    send(person, "/unlock", BORN)
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
    send(client, "/date-of-birth", {**BORN, "date_of_birth-month": "4 or 5"})
    send(client, "/consent", {"agree": "y"})
    assert "4 or 5" not in client.get("/date-of-birth").text


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
