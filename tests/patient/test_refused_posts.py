"""Posts that no page of the form would send: refused, with nothing lost."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener.patient import context
from tests.patient.stored import SAFE, rows_in_database, stored
from tests.web import CONTACT, begin, refused, send, soup, token_of, visible


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
