"""The pages of questions: their order, what is saved, what is dropped."""

import re

from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.patient import context
from tests.patient.stored import protocol_of, stored
from tests.web import errors, refused, send, soup, token_of, visible


def test_every_page_blank_leads_to_the_end(app: Flask, person: FlaskClient) -> None:
    url, seen = "/questions/about_you", 0
    while url.startswith("/questions/"):
        seen += 1
        page = person.get(url)
        assert re.search(r"Section [1-6] of 6, page \d+: [A-Z]", visible(page))
        assert soup(page).select_one(".nhsuk-back-link")
        url = send(person, url).location or ""
    assert url == "/check"
    # No reading is there to be looked at again.
    assert seen == len(protocol_of(app).pages) - 1
    assert "6 of 6 sections done" in visible(person.get("/questions"))
    assert "left blank" in visible(person.get("/check"))


def test_a_folded_list_opens_where_something_is_chosen(person: FlaskClient) -> None:
    def groups() -> dict[str, bool]:
        page = soup(person.get("/questions/current_medicines"))
        details = page.select("#current_medicines-group-1")[0].find_parents("details")[0].parent
        assert details is not None
        return {
            d.select("summary")[0].get_text(): d.has_attr("open") for d in details.select("details")
        }

    assert len(groups()) == 7
    assert not any(groups().values())
    send(person, "/questions/current_medicines", {"current_medicines": ["tramadol", "lithium"]})
    opened = [heading for heading, is_open in groups().items() if is_open]
    listed = protocol_of(person.application).questions["current_medicines"]
    assert opened == [listed.option(id).heading for id in ("tramadol", "lithium")]


def test_a_folded_list_is_open_where_something_has_to_be_mended(person: FlaskClient) -> None:
    both = {"current_medicines": ["tramadol", "none"]}
    page = soup(refused(person, "/questions/current_medicines", both))
    assert page.select("#current_medicines")
    assert not page.select("fieldset details")


def test_back_and_change_lose_nothing(person: FlaskClient) -> None:
    send(person, "/questions/about_you", {"pain_average": "7"})
    page = soup(person.get("/questions/about_you"))
    assert page.select_one("#pain_average")["value"] == "7"  # type: ignore[index]
    answer = send(person, "/questions/about_you?from=check", {"pain_average": "8"})
    assert answer.location == "/check?section=1#about_you"
    assert "8 of 10" in visible(person.get("/check"))


def test_wrong_answers_leave_the_right_ones_saved_and_stay_in_their_boxes(
    person: FlaskClient,
) -> None:
    send(person, "/questions/about_you", {"pain_average": "5"})
    answer = refused(
        person,
        "/questions/about_you",
        {"pain_average": "seven", "symptoms_3_months": "yes", "symptoms_months": "14"},
    )
    assert [link for _, link in errors(answer)] == ["#pain_average"]
    assert soup(answer).title.get_text().startswith("Error: ")  # type: ignore[union-attr]
    kept = stored(person).answers
    assert kept["symptoms_3_months"] == "yes"
    assert kept["symptoms_months"] == 14
    assert kept["pain_average"] == 5  # what was right before stays until it is mended
    # The tab may be closed: what was typed is still there.
    again = soup(person.get("/questions/about_you"))
    assert again.select_one("#pain_average")["value"] == "seven"  # type: ignore[index]
    assert "still needs your attention" in visible(person.get("/questions"))
    assert "still needs your attention" in visible(person.get("/check"))
    send(person, "/questions/about_you", {"pain_average": "7"})
    assert stored(person).answers["pain_average"] == 7
    assert stored(person).progress["drafts"] == {}


def test_medicines_are_asked_one_by_one(person: FlaskClient) -> None:
    answer = send(
        person, "/questions/medicines_tried", {"medicines_tried": ["sertraline", "pregabalin"]}
    )
    assert answer.location == "/questions/medicines_tried/1"
    page = visible(person.get(answer.location))
    assert "Sertraline" in page
    assert "Zoloft" in page
    answer = send(
        person, answer.location, {"dose_mg": "37.5", "weeks": "8 weeks", "mood_benefit": ""}
    )
    assert answer.location == "/questions/medicines_tried/2"
    assert send(person, answer.location).location == "/questions/exercise_and_therapy"
    rows = stored(person).answers["medicines_tried"]
    assert rows == {"sertraline": {"dose_mg": 37.5, "weeks": 8}, "pregabalin": {}}
    # The rulebook's own order, and a tick taken away takes its row away.
    send(person, "/questions/medicines_tried", {"medicines_tried": ["pregabalin"]})
    assert stored(person).answers["medicines_tried"] == {"pregabalin": {}}
    assert person.get("/questions/medicines_tried/2").location == "/questions"
    send(person, "/questions/medicines_tried", {"medicines_tried": "none"})
    assert stored(person).answers["medicines_tried"] == {}
    send(person, "/questions/medicines_tried")
    assert "medicines_tried" not in stored(person).answers


def test_from_the_check_page_new_medicines_are_asked_first(person: FlaskClient) -> None:
    answer = send(
        person, "/questions/medicines_tried?from=check", {"medicines_tried": "sertraline"}
    )
    assert answer.location == "/questions/medicines_tried/1?from=check"
    assert send(person, answer.location).location == "/check?section=4#medicines_tried-1"


def test_a_row_whose_tick_another_tab_took_away_stays_away(person: FlaskClient) -> None:
    send(person, "/questions/medicines_tried", {"medicines_tried": "sertraline"})
    token = token_of(person, "/questions/medicines_tried/1")
    send(person, "/questions/medicines_tried", {"medicines_tried": "none"})
    answer = person.post(
        "/questions/medicines_tried/1", data={"csrf_token": token, "weeks": "8 weeks"}
    )
    assert answer.location == "/questions"
    assert "no longer asked" in visible(person.get("/questions"))
    assert stored(person).answers["medicines_tried"] == {}


def test_hidden_answers_are_dropped_and_their_pages_skipped(person: FlaskClient) -> None:
    can = send(person, "/questions/health_conditions", {"can_become_pregnant": "yes"})
    assert can.location == "/questions/health_conditions?step=more"
    send(person, can.location, {"pregnancy": "possible"})
    assert stored(person).answers["pregnancy"] == ["possible"]
    send(person, "/questions/health_conditions", {"can_become_pregnant": "no"})
    assert "pregnancy" not in stored(person).answers
    swapped = {"bp_systolic": "78", "bp_diastolic": "124"}
    again = "/questions/blood_pressure_again"
    assert send(person, "/questions/blood_pressure", swapped).location == again
    send(person, again, {"bp_as_written": "yes"})
    right = {"bp_systolic": "124", "bp_diastolic": "78"}
    after = send(person, "/questions/blood_pressure", right).location
    assert after == "/questions/alcohol_and_drugs"
    assert "bp_as_written" not in stored(person).answers
    assert person.get(again).location == "/questions"


def test_two_tabs_on_different_pages(person: FlaskClient) -> None:
    tokens = [token_of(person, f"/questions/{page}") for page in ("sleep", "worry")]
    person.post("/questions/sleep", data={"csrf_token": tokens[0], "sleep_signs": "none"})
    person.post("/questions/worry", data={"csrf_token": tokens[1], "gad7_1": "2"})
    kept = stored(person).answers
    assert kept["sleep_signs"] == ["none"]
    assert kept["gad7_1"] == "2"


def test_answers_of_another_rulebook_never_stop_the_person(person: FlaskClient) -> None:
    cookie = person.get_cookie(context.COOKIE)
    assert cookie is not None
    with person.application.app_context():
        store.save(cookie.value, answers={"pain_average": 99, "gone": "x", "fatigue": "2"})
    for path in ("/questions", "/questions/about_you", "/check"):
        assert person.get(path).status_code == 200
    send(person, "/questions/sleep", {"sleep_signs": "none"})
    kept = stored(person).answers
    assert (kept["gone"], kept["pain_average"], kept["fatigue"]) == ("x", 99, "2")
