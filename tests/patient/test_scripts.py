"""What the script of the patient's pages is answered, what it may keep, and leaving."""

from pathlib import Path

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from screener import store
from screener.headers import HARMLESS
from screener.patient import scripts
from tests.every_page import person
from tests.web import begin, make_app, send, soup, token_of

BY_SCRIPT = {"X-Screener-Script": "1"}
COOKIE = "screener_questionnaire"
LEFT = "screener_left"


@pytest.fixture
def filling(client: FlaskClient) -> FlaskClient:
    """Return a person who has come to the questions."""
    begin(client)
    return client


def by_script(client: FlaskClient, url: str, **data: str) -> TestResponse:
    form = soup(client.get(url)).select_one("main form[data-send]")
    assert form is not None, url
    hidden = {str(field["name"]): str(field["value"]) for field in form.select("[type=hidden]")}
    return client.post(url, data=hidden | data, headers=BY_SCRIPT)


def form_of(client: FlaskClient, url: str) -> Tag:
    form = soup(client.get(url)).select_one("main form")
    assert form is not None
    return form


def cookies(answer: TestResponse) -> dict[str, str]:
    pairs = (
        header.partition(";")[0].partition("=") for header in answer.headers.getlist("Set-Cookie")
    )
    return {name: value for name, _, value in pairs}


# --- answers --------------------------------------------------------------------------------------


def test_a_redirect_is_told_to_a_script(filling: FlaskClient) -> None:
    answer = by_script(filling, "/questions/about_you", sex="male")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers[scripts.NEXT] == "/questions/pain_areas"
    assert "Location" not in answer.headers and "Content-Type" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert form_of(filling, "/questions/about_you").select_one("[value=male][checked]")


def test_cookies_come_with_it(client: FlaskClient) -> None:
    assert by_script(client, "/consent", agree="y").headers[scripts.NEXT] == "/date-of-birth"
    born = {"date_of_birth-month": "4", "date_of_birth-day": "27", "date_of_birth-year": "1979"}
    answer = by_script(client, "/date-of-birth", **born)
    assert answer.headers[scripts.NEXT] == "/contact"
    assert client.get_cookie(COOKIE) is not None


def test_what_has_to_be_mended_comes_again(filling: FlaskClient) -> None:
    answer = by_script(filling, "/questions/blood_pressure", bp_systolic="high")
    assert answer.headers[scripts.NEXT] == "/questions/blood_pressure"
    assert soup(filling.get("/questions/blood_pressure")).select("[data-error-summary]")


def test_any_other_answer_is_marked_as_ours(filling: FlaskClient, app: Flask) -> None:
    page = filling.post("/questions/mood", data={"csrf_token": "old"}, headers=BY_SCRIPT)
    assert (page.status_code, page.headers[scripts.PAGE]) == (400, "yes")
    token = token_of(filling, "/questions/mood")
    wrong = {"csrf_token": token, "nonsense": "1"}
    page = filling.post("/questions/mood", data=wrong, headers=BY_SCRIPT)
    assert (page.status_code, page.headers[scripts.PAGE]) == (400, "yes")
    filling.delete_cookie(COOKIE)
    page = filling.post("/questions/mood", data={"csrf_token": token}, headers=BY_SCRIPT)
    assert (page.status_code, page.headers[scripts.PAGE]) == (404, "yes")


def test_without_a_script_nothing_changes(filling: FlaskClient) -> None:
    answer = send(filling, "/questions/about_you", {"sex": "male"})
    assert (answer.status_code, answer.location) == (303, "/questions/pain_areas")
    assert scripts.NEXT not in answer.headers and scripts.PAGE not in answer.headers


@pytest.mark.parametrize(
    ("status", "target", "told"),
    [
        (303, "/questions/mood?from=check", True),
        (303, "https://elsewhere.example/", False),
        (303, "//elsewhere.example/", False),
        (303, "/\\elsewhere.example/", False),
        (303, "/a\nb", False),
        (303, "", False),
        (302, "/questions", False),
    ],
)
def test_only_a_place_of_our_own_is_given(app: Flask, status: int, target: str, told: bool) -> None:
    with app.test_request_context("/consent", method="POST", headers=BY_SCRIPT):
        made = Response("elsewhere", status)
        if "\n" not in target:
            made.headers["Location"] = target
        answer = scripts.answer(made)
    assert (answer.status_code == 204) == told
    assert answer.headers.get(scripts.NEXT, "") == (target if told else "")


def test_every_form_of_a_patient_is_sent_by_the_script(app: Flask) -> None:
    client, _ = person(app, {"phq9_9": 1}, last="mood")
    for path in ("/contact", "/help", "/questions/mood", "/check", "/start-again"):
        forms = soup(client.get(path)).select("main form")
        assert forms, path
        assert all("data-send" in form.attrs for form in forms), path


# --- what may be kept -----------------------------------------------------------------------------


def test_marks_tell_forms_and_pages_apart_and_say_nothing(app: Flask) -> None:
    marks = []
    for _ in range(2):
        client, reference = person(app, {})
        cookie = client.get_cookie(COOKIE)
        assert cookie is not None
        for page in ("pain_areas", "sleep"):
            form = form_of(client, f"/questions/{page}")
            marks.append((form["data-questionnaire"], form["data-page"]))
            assert form.attrs == form_of(client, f"/questions/{page}").attrs, "it stays the same"
            text = str(form["data-questionnaire"]) + str(form["data-page"])
            assert not any(word in text for word in (reference, cookie.value, page))
    forms = [questionnaire for questionnaire, _ in marks]
    assert forms[0] == forms[1] != forms[2] == forms[3]
    assert len({page for _, page in marks}) == 4


def test_a_page_that_keeps_nothing_names_no_field(filling: FlaskClient) -> None:
    for page in ("mood", "safety", "alcohol_and_drugs", "symptoms", "health_conditions"):
        form = form_of(filling, f"/questions/{page}")
        assert form["data-questionnaire"]
        assert "data-keeps" not in form.attrs and "data-page" not in form.attrs


def test_of_a_medicine_all_but_mood_may_be_kept(filling: FlaskClient) -> None:
    send(filling, "/questions/medicines_tried", {"medicines_tried": "sertraline"})
    form = form_of(filling, "/questions/medicines_tried/1")
    names = {str(field["name"]) for field in form.select("input:not([type=hidden])")}
    kept = str(form["data-keeps"]).split()
    assert {"mood_benefit", "this_episode"} <= names
    assert set(kept) == names - {"mood_benefit", "this_episode"}


# --- leaving --------------------------------------------------------------------------------------


def test_leaving_forgets_the_form_on_this_device_only(app: Flask) -> None:
    client, reference = person(app, {"asq_1": "yes"}, last="safety")
    answer = client.post("/leave")
    assert (answer.status_code, answer.location) == (303, HARMLESS)
    assert cookies(answer) == {COOKIE: "", LEFT: "", "session": ""}
    assert client.get("/questions").status_code == 404
    with app.app_context():
        submission = store.submission(reference)
        assert submission is not None
        assert submission.questionnaire.answers["asq_1"] == "yes"


def test_a_script_is_not_led_away(filling: FlaskClient) -> None:
    answer = filling.post("/leave", data={"beacon": "yes"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert cookies(answer)[COOKIE] == ""


def test_leaving_offline_is_made_up_for_by_the_next_request(app: Flask) -> None:
    client, _ = person(app, {})
    client.set_cookie(LEFT, "1")
    page = client.get("/")
    assert "Welcome back" not in page.text
    assert cookies(page) == {COOKIE: "", LEFT: "", "session": ""}
    assert client.get("/questions").status_code == 404
    begin(client)  # the next person is not held up
    assert client.get("/questions").status_code == 200


def test_what_is_sent_after_leaving_is_not_taken(app: Flask) -> None:
    client, _ = person(app, {})
    token = token_of(client, "/questions/mood")
    client.set_cookie(LEFT, "1")
    page = client.post("/questions/about_you", data={"csrf_token": token, "sex": "male"})
    assert page.status_code == 404


def test_leaving_never_fails_for_an_old_page_and_not_for_another_site(
    filling: FlaskClient,
) -> None:
    from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert filling.post("/leave", headers=from_elsewhere).status_code == 403
    assert filling.get("/questions").status_code == 200
    assert filling.post("/leave", data={"csrf_token": "old"}).status_code == 303
    assert filling.get("/leave").status_code == 405


def test_storage_is_cleared_where_browsers_allow_it(tmp_path: Path) -> None:
    secure = make_app(tmp_path, https=True).test_client()
    answer = secure.post("/leave", base_url="https://localhost")
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert "Clear-Site-Data" not in secure.get("/", base_url="https://localhost").headers


def test_the_way_out_is_open_while_only_staff_are_served(tmp_path: Path) -> None:
    client = make_app(tmp_path, serve="staff").test_client()
    page = client.get("/")
    assert page.status_code == 503 and soup(page).select('form[action="/leave"]')
    assert client.post("/leave").location == HARMLESS


def test_the_policy_lets_a_form_lead_there(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert f"form-action 'self' {HARMLESS};" in policy
    assert "connect-src 'self';" in policy


def test_the_start_says_what_leaving_means(client: FlaskClient) -> None:
    assert "After that, only a code opens your form here again." in client.get("/").text
    begin(client)
    assert "after it, only a code opens your form" in client.get("/questions").text
