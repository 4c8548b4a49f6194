"""A list offers more under a new edition: what the person never saw is not taken as answered."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener.adoption import adopt
from screener.archive import kept_rulebook
from screener.engine.expressions import Condition
from screener.engine.language.parser import Scope, parse
from screener.engine.protocol import Rulebook
from screener.engine.questions import Question
from screener.patient import context
from screener.presenters.editions import shorter_lists
from tests.editions import edition, of
from tests.engine.answers import PROTOCOL, RULEBOOK
from tests.patient.continuing import page_of, read, serve, with_protocol
from tests.patient.stored import stored
from tests.staff.clinic import tamper
from tests.web import send, soup, token_of, visible


@pytest.fixture(autouse=True)
def first_edition() -> None:
    kept_rulebook.cache_clear()


def with_more(id: str = "warning_signs", **changes: Any) -> Rulebook:
    """Return an edition in which a list has an option more, and whatever else is changed of it."""
    question = PROTOCOL.questions[id]
    new = question.options[0].model_copy(update={"id": "new_sign", "label": "A new sign"})
    return edition(questions={id: {"options": (new, *question.options), **changes}})


def under_new_id(rulebook: Rulebook, old: str, new: str) -> Rulebook:
    """Return the edition with another id for one of its questions."""
    protocol = of(rulebook)
    changed = {**dict(protocol.questions[old]), "id": new, "replaces": (old,)}
    questions = {id: q for id, q in protocol.questions.items() if id != old}
    questions[new] = Question.model_construct(**changed)
    pages = tuple(
        page.model_copy(
            update={"questions": tuple(new if id == old else id for id in page.questions)}
        )
        for page in protocol.pages
    )
    hash_ = "sha256:" + "3" * 64
    return replace(
        with_protocol(rulebook, replace(protocol, questions=questions, pages=pages)), hash=hash_
    )


def brought_by(person: FlaskClient, url: str) -> str:
    """Return what a page that is open brings back of what it showed."""
    return str(soup(person.get(url)).select("[name=page-shown]")[0]["value"])


def post_old(person: FlaskClient, url: str, brought: str, **answers: str) -> None:
    data = {**answers, "page-shown": brought, "csrf_token": token_of(person)}
    assert person.post(url, data=data).status_code == 303


def adopted(app: Flask, rulebook: Rulebook) -> None:
    with app.app_context():
        assert sum(form is not None for form in adopt(rulebook)) == 1


@pytest.mark.parametrize("looked", [False, True], ids=["sent at once", "looked at again"])
@pytest.mark.parametrize("first", ["adopted", "saved", "opened"])
def test_none_of_these_says_nothing_about_what_a_list_did_not_have(
    app: Flask, person: FlaskClient, looked: bool, first: str
) -> None:
    """Whichever comes first under the new edition: its adoption, a save, or sending."""
    send(person, "/questions/warning_signs", {"warning_signs": "none"})
    if first == "adopted":
        adopted(app, with_more())
        assert stored(person).answers["warning_signs"] == ["none"], "adopting changes no answer"
    serve(app, with_more())
    if first == "saved":
        send(person, "/questions/about_you", {"pain_average": "7"})
    if looked:
        send(person, "/questions/warning_signs", {"warning_signs": "none"})
    else:
        assert "There is more to choose from now" in visible(person.get("/questions"))
        assert "Please look at it again." in visible(person.get("/check"))
    assert send(person, "/check").location == "/results"
    form = stored(person)
    assert form.screening is not None
    flags = form.screening["flags"]
    if looked:
        assert form.answers["warning_signs"] == ["none"]
        assert flags["check_warning_signs_unanswered"] == "not_met"
    else:
        assert "warning_signs" not in form.answers
        assert form.progress["set_aside"] == {"warning_signs": [["none"]]}
        assert flags["check_warning_signs_unanswered"] == "met"
        assert flags["red_flag_cauda_equina"] == "unknown"


def test_a_page_of_the_earlier_edition_is_no_look_at_the_new_one(
    app: Flask, person: FlaskClient
) -> None:
    page = soup(person.get("/questions/warning_signs"))
    brought = str(page.select("[name=page-shown]")[0]["value"])
    data = {"warning_signs": "none", "page-shown": brought, "csrf_token": token_of(person)}
    assert person.post("/questions/warning_signs", data=data).status_code == 303
    assert read(person).unseen == {}
    serve(app, with_more())
    assert person.post("/questions/warning_signs", data=data).status_code == 303
    assert read(person).unseen == {"warning_signs": ("new_sign",)}
    send(person, "/questions/warning_signs", {"warning_signs": "none"})
    assert read(person).unseen == {}


def test_without_the_earlier_edition_every_list_comes_again(
    app: Flask, person: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(person, "/questions/warning_signs", {"warning_signs": "none"})
    send(person, "/questions/medicines_tried", {"medicines_tried": "none"})
    form = stored(person)
    kept = {id: value for id, value in form.progress.items() if id != "offered"}
    tamper(app, form.id, "progress", kept)
    assert read(person).unseen == {}, "of this edition"
    serve(app, edition())
    monkeypatch.setattr("screener.patient.record.kept_rulebook", lambda _: None)
    assert read(person).unseen.keys() == {"warning_signs", "medicines_tried"}
    assert send(person, "/check").location == "/results"
    assert stored(person).answers.keys() & {"warning_signs", "medicines_tried"} == set()


def test_ticks_stay_and_staff_read_what_was_not_seen(app: Flask, person: FlaskClient) -> None:
    send(person, "/questions/health_conditions", {"health_conditions": "glaucoma"})
    serve(app, with_more("health_conditions"))
    assert send(person, "/check").location == "/results"
    form = stored(person)
    assert form.answers["health_conditions"] == ["glaucoma"]
    with app.app_context():
        [shorter] = shorter_lists(context.rulebook(), form, None)
    assert (shorter.question, shorter.missing) == ("Health conditions", ("A new sign",))


@pytest.mark.parametrize("begun", [False, True], ids=["nothing saved", "a page saved"])
def test_a_first_answer_from_an_old_window_is_no_look_at_the_new_list(
    app: Flask, person: FlaskClient, begun: bool
) -> None:
    url = "/questions/warning_signs"
    if begun:
        send(person, "/questions/about_you", {"pain_average": "7"})
    brought = brought_by(person, url)
    serve(app, with_more())
    post_old(person, url, brought, warning_signs="none")
    assert read(person).unseen == {"warning_signs": ("new_sign",)}
    assert send(person, "/check").location == "/results"
    assert "warning_signs" not in stored(person).answers


def test_an_old_window_does_not_finish_a_page_that_asks_more_now(
    app: Flask, person: FlaskClient
) -> None:
    url = "/questions/about_you"
    send(person, url, {"pain_average": "7"})
    brought = brought_by(person, url)
    worst = PROTOCOL.questions["pain_average"].model_copy(update={"id": "pain_worst"})
    page = page_of("pain_average")
    longer = page.model_copy(update={"questions": (*page.questions, worst.id)})
    later = of(edition())
    pages = tuple(longer if each.id == page.id else each for each in later.pages)
    asked = {**later.questions, worst.id: worst}
    serve(app, with_protocol(edition(), replace(later, questions=asked, pages=pages)))
    post_old(person, url, brought, pain_average="6")
    assert stored(person).answers["pain_average"] == 6
    assert page.id not in read(person).saved
    send(person, url, {"pain_average": "6"})
    assert page.id in read(person).saved


def test_a_list_on_a_later_step_can_be_looked_at_again(app: Flask, person: FlaskClient) -> None:
    url = "/questions/exercise_and_therapy"
    more = send(person, url, {"therapy_sessions": "0"}).location
    send(person, more, {"therapy_barriers": "none"})
    serve(app, with_more("therapy_barriers"))
    assert read(person).unseen.keys() == {"therapy_barriers"}
    assert "A new sign" in visible(person.get(url))
    send(person, url, {"therapy_sessions": "0", "therapy_barriers": "none"})
    assert read(person).unseen == {}
    assert "exercise_and_therapy" in read(person).saved


def test_what_was_seen_goes_with_a_list_to_its_new_id(
    app: Flask, person: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = with_more()
    books = {book.hash: book for book in (RULEBOOK, second)}
    monkeypatch.setattr("screener.patient.record.kept_rulebook", books.get)
    send(person, "/questions/warning_signs", {"warning_signs": "none"})
    serve(app, second)
    send(person, "/questions/about_you", {"pain_average": "7"})
    third = under_new_id(second, "warning_signs", "signs_now")
    serve(app, third)
    assert read(person).unseen == {"signs_now": ("new_sign",)}
    [shorter] = shorter_lists(third, stored(person), None)
    assert shorter.missing == ("A new sign",)


def test_a_list_that_is_not_asked_now_comes_to_nobody(app: Flask, person: FlaskClient) -> None:
    url = "/questions/health_conditions"
    send(person, "/questions/about_you", {"sex": "female"})
    send(person, url, {"health_conditions": "none"})
    expression = parse("sex = male", Scope(PROTOCOL.questions))
    condition = Condition("leaf", expression, text="sex = male")
    serve(app, with_more("health_conditions", asked_when=condition))
    assert read(person).unseen == {}
    send(person, url)
    assert "health_conditions" in read(person).saved


def test_without_the_earlier_edition_blank_pages_come_again_too(
    app: Flask, person: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(person, "/questions/warning_signs")
    assert "warning_signs" in read(person).saved
    monkeypatch.setattr("screener.patient.record.kept_rulebook", lambda _: None)
    serve(app, with_more())
    assert "warning_signs" not in read(person).saved


def test_staff_are_told_nothing_of_what_is_no_list_or_cannot_be_read(
    app: Flask, person: FlaskClient
) -> None:
    send(person, "/questions/about_you", {"pain_average": "7"})
    signs = PROTOCOL.questions["warning_signs"]
    became_a_list = edition(questions={"pain_average": {**dict(signs), "id": "pain_average"}})
    assert shorter_lists(became_a_list, stored(person), RULEBOOK) == ()
