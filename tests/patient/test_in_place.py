"""What the server makes of follow-ups, whether a script showed them in place or not."""

import json

from flask.testing import FlaskClient

from tests.patient.stored import stored
from tests.web import send, soup, token_of

URL, NEXT = "/questions/current_medicines", "/questions/medicines_tried"
MORE = f"{URL}?step=more"


def with_script(person: FlaskClient, data: dict[str, str], shown: dict[str, str]) -> str:
    """Post the page as a script does that showed some follow-ups in place; return what follows."""
    marks = {"other_treatments": "", **shown}
    form = {"csrf_token": token_of(person, URL), "page-shown": json.dumps(marks), **data}
    return person.post(URL, data=form).location or ""


def test_the_page_brings_follow_ups_that_no_page_without_scripts_shows(
    person: FlaskClient,
) -> None:
    html = person.get(URL).text
    assert "<template>" in html and 'data-follow-up="ect_sessions"' in html
    assert soup(person.get(URL)).find(id="ect_sessions") is None


def test_what_was_shown_in_place_is_not_asked_on_a_step_again(person: FlaskClient) -> None:
    assert send(person, URL, {"other_treatments": "ect"}).location == MORE
    data = {"other_treatments": "ect", "ect_sessions": "12"}
    assert with_script(person, data, {"ect_sessions": ""}) == NEXT
    assert stored(person).answers["ect_sessions"] == 12


def test_what_was_shown_and_left_blank_is_not_asked_again(person: FlaskClient) -> None:
    assert with_script(person, {"other_treatments": "ect"}, {"ect_sessions": ""}) == NEXT


def test_what_was_not_shown_comes_on_the_next_step(person: FlaskClient) -> None:
    data = {"other_treatments": "ect"}
    assert with_script(person, data, {"tms_sessions": "", "tms_weeks": ""}) == MORE


def test_a_page_that_hides_a_question_drops_its_answer(person: FlaskClient) -> None:
    data = {"other_treatments": "ect", "ect_sessions": "12"}
    with_script(person, data, {"ect_sessions": ""})
    send(person, URL, {"other_treatments": "none"})
    assert "ect_sessions" not in stored(person).answers


def test_what_cannot_be_read_is_dropped_with_the_answer_that_asked_it(person: FlaskClient) -> None:
    data = {"other_treatments": "ect", "ect_sessions": "many"}
    assert with_script(person, data, {"ect_sessions": ""}) == URL
    assert stored(person).progress["drafts"]["current_medicines"] == {"ect_sessions": ["many"]}
    # Without a script both stand on the page: the list says that it is not asked.
    answer = send(person, URL, {"other_treatments": "none", "ect_sessions": "many"})
    assert answer.location == NEXT
    assert stored(person).progress["drafts"] == {}
    assert stored(person).answers["other_treatments"] == ["none"]
