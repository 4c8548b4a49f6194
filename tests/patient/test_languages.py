"""The language that a person reads: chosen, kept with the form, and never guessed over a choice."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import spoken, store
from screener.access import create_user
from tests.governance.signing import NURSE, PASSWORD, PRODUCTION, hidden, signed_in
from tests.patient.stored import queue, stored
from tests.shipped import RULEBOOK
from tests.web import begin, make_app, send, soup, visible

NOT_REVIEWED = "This translation has not been reviewed by a qualified translator."
SPANISH_TITLE = "Dolor, estado de ánimo y tratamientos"


def language_of(client: FlaskClient, path: str, **more: Any) -> str:
    page = client.get(path, **more)
    html = soup(page).html
    assert html is not None
    return str(html["lang"])


def choose(client: FlaskClient, code: str, path: str = "/") -> None:
    answer = client.get(f"{path}?language={code}")
    assert (answer.status_code, answer.location) == (303, path)


def test_english_is_read_until_another_language_is_chosen(client: FlaskClient) -> None:
    assert language_of(client, "/") == "en"
    choose(client, "es")
    assert language_of(client, "/") == "es"
    assert SPANISH_TITLE in client.get("/").text
    choose(client, "en")
    assert language_of(client, "/") == "en"


def test_each_language_is_named_by_its_own_name(client: FlaskClient) -> None:
    links = soup(client.get("/")).select(".sc-languages a")
    assert [(a.text, a["href"], a["lang"]) for a in links] == [("Español", "/?language=es", "es")]
    choose(client, "es")
    links = soup(client.get("/")).select(".sc-languages a")
    assert [(a.text, a["href"], a["lang"]) for a in links] == [("English", "/?language=en", "en")]


def test_what_the_browser_asks_for_proposes_and_never_chooses(client: FlaskClient) -> None:
    spanish = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
    assert language_of(client, "/", headers=spanish) == "en"
    assert soup(client.get("/", headers=spanish)).select(".sc-languages--proposed")
    choose(client, "en")
    assert not soup(client.get("/", headers=spanish)).select(".sc-languages--proposed")


@pytest.mark.parametrize("code", ["fr", "xx", "", "es'", "../es"])
def test_a_language_that_is_not_offered_changes_nothing(client: FlaskClient, code: str) -> None:
    page = client.get("/", query_string={"language": code})
    assert page.status_code == 200 and '<html lang="en"' in page.text
    client.set_cookie(spoken.COOKIE, code)
    assert language_of(client, "/") == "en"


def test_the_rest_of_an_address_is_kept(client: FlaskClient) -> None:
    answer = client.get("/?form=depression&language=es&form=a+b")
    assert answer.location == "/?form=depression&form=a+b"


def test_the_language_is_kept_with_the_form(client: FlaskClient) -> None:
    choose(client, "es")
    begin(client)
    assert stored(client).language == "es"
    assert SPANISH_TITLE in client.get("/").text
    choose(client, "en")
    assert stored(client).language == "es"  # looking at a page writes nothing
    send(client, "/questions/about_you", {"sex": "female"})
    assert stored(client).language == "en"


def test_a_form_goes_on_in_its_language_on_a_device_where_none_was_chosen(
    client: FlaskClient,
) -> None:
    choose(client, "es")
    begin(client)
    client.delete_cookie(spoken.COOKIE)
    page = client.get("/questions/pain_areas")
    assert '<html lang="es"' in page.text and "Brazo derecho" in page.text
    choose(client, "en")
    assert "Right upper arm" in client.get("/questions/pain_areas").text


def test_answers_are_the_same_in_every_language(client: FlaskClient) -> None:
    choose(client, "es")
    begin(client)
    send(client, "/questions/pain_areas", {"pain_areas": ["neck", "jaw_left"]})
    send(client, "/questions/mood", {f"phq9_{i}": "1" for i in range(1, 10)})
    assert stored(client).answers["pain_areas"] == ["jaw_left", "neck"]
    screening = stored(client).screening
    assert screening is not None and screening["scores"]["phq9"][0] == 9
    shown = client.get("/check").text
    assert "Lado izquierdo de la mandíbula" in shown and "Left side of jaw" not in shown


def test_a_page_is_not_taken_as_changed_because_its_words_are_others(client: FlaskClient) -> None:
    """What a page showed is compared by ids: it may come back in another language."""
    begin(client)
    page = client.get("/questions/pain_areas")
    data = hidden(page)
    choose(client, "es")
    answer = client.post("/questions/pain_areas", data={**data, "pain_areas": ["neck"]})
    assert answer.status_code == 303
    assert stored(client).answers["pain_areas"] == ["neck"]


def test_education_is_read_in_the_language_and_kept_apart_by_caches(client: FlaskClient) -> None:
    assert "Sleep" in client.get("/learn/sleep").text
    choose(client, "es", "/learn/sleep")
    page = client.get("/learn/sleep")
    assert "CBT-I: volver a aprender a dormir" in page.text
    assert "Cookie" in page.headers["Vary"]
    assert '<a href="#reference-' in page.text


def test_a_demonstration_says_that_no_translator_reviewed_it(client: FlaskClient) -> None:
    assert NOT_REVIEWED not in client.get("/").text
    choose(client, "es")
    begin(client)
    for path in ("/", "/questions", "/questions/safety", "/check", "/learn/", "/help", "/nowhere"):
        page = client.get(path).text
        assert NOT_REVIEWED in page, path
        assert "Esta traducción no ha sido revisada por un traductor calificado." in page, path


def test_staff_pages_are_english(client: FlaskClient) -> None:
    choose(client, "es")
    assert language_of(client, "/staff/login") == "en"
    assert NOT_REVIEWED not in client.get("/staff/login").text


def test_staff_see_the_language_of_a_form(app: Flask, client: FlaskClient) -> None:
    choose(client, "es")
    begin(client)
    send(client, "/questions/mood", {"phq9_9": "1"})
    send(client, "/questions/safety", {"asq_4": "yes", "asq_4_detail": "Hace dos años"})
    [row] = queue(app)
    assert row.language == "es"
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
    nurse = signed_in(app, NURSE)
    assert "Form in Spanish" in visible(nurse.get("/staff/"))
    page = nurse.get(f"/staff/submissions/{row.reference}")
    assert "Language of the form Spanish" in visible(page)
    assert "Hace dos años (typed in a form in Spanish)" in visible(page)
    [typed, *_] = soup(page).select("[lang=es]")
    assert typed.text == "Hace dos años"
    whole = nurse.get(f"/staff/submissions/{row.reference}/all")
    assert "Have you ever tried to kill yourself?" in visible(whole)
    assert "intentado suicidarse" not in whole.text
    assert "intentado suicidarse" not in page.text


def test_staff_are_told_nothing_more_of_a_form_in_english(app: Flask, client: FlaskClient) -> None:
    begin(client)
    send(client, "/questions/safety", {"asq_4": "yes", "asq_4_detail": "Two years ago"})
    [row] = queue(app)
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
    nurse = signed_in(app, NURSE)
    assert "Form in" not in visible(nurse.get("/staff/"))
    page = nurse.get(f"/staff/submissions/{row.reference}")
    assert "Language of the form English" in visible(page)
    assert "typed in a form in" not in page.text


def test_production_offers_a_translation_once_it_is_signed(tmp_path: Path) -> None:
    app = make_app(tmp_path, **{**PRODUCTION, "signed_rulebook": RULEBOOK.hash})
    client, base = app.test_client(), "https://localhost"
    assert not soup(client.get("/", base_url=base)).select(".sc-languages")
    client.set_cookie(spoken.COOKIE, "es", domain="localhost")
    assert '<html lang="en"' in client.get("/", base_url=base).text
    assert client.get("/?language=es", base_url=base).status_code == 200
    with app.app_context():
        translation = spoken.translation("es")
        assert translation is not None
        sign_as_translator("sha256:" + "0" * 64)  # another text
        assert not is_offered(app)
        app.extensions.pop("screener_last_signature", None)
        sign_as_translator(translation.hash)
    page = client.get("/", base_url=base).text
    assert '<html lang="es"' in page and NOT_REVIEWED not in page
    assert re.search(r'<a href="/\?language=en"', page)
    with app.app_context():
        store.db.engine.dispose()


def is_offered(app: Flask) -> bool:
    with app.test_request_context():
        return "es" in [language.code for language in spoken.offered()]


def sign_as_translator(hash: str) -> None:
    store.sign_translation(
        "es", hash, name="Luz Test", credential="Certified", recorder="doctor@clinic.example"
    )


def test_a_page_comes_although_no_signature_can_be_looked_up(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_hash: str) -> None:
        raise store.Unavailable("no database")

    monkeypatch.setattr(store, "last_translation_signature", down)
    assert client.get("/nowhere").status_code == 404
    choose(client, "es")
    assert client.get("/nowhere").status_code == 404
