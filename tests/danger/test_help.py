"""The help page: always open, and it promises only what is true."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from tests.danger.pages import ACUTE, helps, opened_page, questionnaire
from tests.every_page import PAGES, STAFF, Site, add_staff
from tests.web import BORN, CONTACT, begin, make_app, send, soup, token_of, visible


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


def test_not_being_sure_of_being_safe_is_recorded_and_puts_911_first(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/questions/mood", {"phq9_9": "1"})
    page = person.get("/help")
    numbers = [str(a["href"]) for a in soup(page).select("main .sc-help-card__actions a")]
    assert numbers == ["tel:988", "sms:988", "tel:911"]
    answer = send(person, "/help", {"action": "unsafe"})
    page = person.get(answer.location)
    numbers = [str(a["href"]) for a in soup(page).select("main .sc-help-card__actions a")]
    assert numbers == ["tel:911", "tel:988", "sms:988"]
    stored = questionnaire(person)
    assert stored.priority == "emergency"
    assert len(stored.progress["unsafe"]) == 1
    assert send(person, "/help", {"action": "continue"}).location == "/questions/safety"


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


def test_whoever_is_outside_the_us_finds_a_line_on_every_page(app: Flask) -> None:
    add_staff(app)
    site, abroad = Site(app), 'a[href="https://findahelpline.com"]'
    helping = 0
    for page in (page for page in PAGES if page.side != STAFF):
        html = soup(site.open(page))
        assert html.select_one(f"footer {abroad}"), page
        helps_now = html.select_one(
            "main .sc-help-card__actions, main a[href^='tel:911'].nhsuk-button"
        )
        if helps_now or page.name == "topic support-in-crisis":
            helping += 1
            assert html.select_one(f"main {abroad}"), page
    assert helping >= 8
