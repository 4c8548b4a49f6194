"""A form that was begun under one edition of the rules is continued under another.

Nothing that the person answered or typed is lost: it is read, or kept for staff as it is.
"""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.adoption import adopt
from screener.archive import kept_rulebook
from screener.engine.expressions import Condition
from screener.engine.language.parser import Scope, parse
from screener.engine.protocol import Page, Protocol, Rulebook
from screener.engine.questions import Question
from screener.patient import context
from screener.patient.record import Record
from screener.presenters.editions import shorter_lists
from tests.editions import edition, of
from tests.engine.answers import PROTOCOL, RULEBOOK
from tests.patient.stored import stored
from tests.staff.clinic import tamper
from tests.web import refused, send, soup, token_of, visible


@pytest.fixture(autouse=True)
def first_edition() -> None:
    kept_rulebook.cache_clear()


def serve(app: Flask, rulebook: Rulebook) -> None:
    app.extensions[context.RULEBOOK] = rulebook


def keep(person: FlaskClient, **answers: Any) -> None:
    """Put answers into the form as an earlier edition left them; None takes one out."""
    form = stored(person)
    kept = {id: value for id, value in (form.answers | answers).items() if value is not None}
    tamper(person.application, form.id, "answers", kept)


def read(person: FlaskClient) -> Record:
    form = stored(person)
    with person.application.app_context():
        return Record.of(form)


def renamed(**changes: dict[str, Any]) -> Rulebook:
    return edition(questions={"sex": {"replaces": ("sex_before",)}, **changes})


def moved(rulebook: Rulebook, old: str, new: str) -> Rulebook:
    """Return the edition with another id for one of its pages."""
    protocol = of(rulebook)
    pages = tuple(
        page.model_copy(update={"id": new}) if page.id == old else page for page in protocol.pages
    )
    return with_protocol(rulebook, replace(protocol, pages=pages))


def with_protocol(rulebook: Rulebook, protocol: Protocol) -> Rulebook:
    return replace(rulebook, protocols={**rulebook.protocols, protocol.id: protocol})


def page_of(question: str) -> Page:
    return PROTOCOL.pages[PROTOCOL.page_of[question]]


def test_an_answer_under_an_old_id_is_shown_and_stored_under_the_new_one(
    app: Flask, person: FlaskClient
) -> None:
    keep(person, sex_before="female")
    serve(app, renamed())
    page = soup(person.get("/questions/about_you"))
    assert page.select_one("input[value=female][checked]") is not None
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    answers = stored(person).answers
    assert (answers["sex"], answers["pain_average"]) == ("female", 7)
    assert "sex_before" not in answers


def test_what_this_edition_cannot_read_stays_through_every_save(
    app: Flask, person: FlaskClient
) -> None:
    tried = {"sertraline": {"weeks": 8, "colour": "blue"}}
    keep(person, gone=["a", "b"], phq9_1="7", medicines_tried=tried)
    serve(app, renamed())
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    answers = stored(person).answers
    assert answers["gone"] == ["a", "b"]
    assert answers["phq9_1"] == "7"
    assert answers["medicines_tried"] == tried
    assert send(person, "/check").status_code in (303, 422)


def test_what_is_answered_anew_sets_the_old_answer_aside(app: Flask, person: FlaskClient) -> None:
    send(person, "/questions/mood", {f"phq9_{i}": "1" for i in range(1, 9)})
    keep(person, phq9_1="7")
    serve(app, renamed())
    send(person, "/questions/mood", {"phq9_1": "2"})
    form = stored(person)
    assert form.answers["phq9_1"] == "2"
    assert form.progress["set_aside"] == {"phq9_1": ["7"]}
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    assert stored(person).progress["set_aside"] == {"phq9_1": ["7"]}


def test_the_cell_of_a_medicine_that_is_no_longer_ticked_is_set_aside(
    app: Flask, person: FlaskClient
) -> None:
    url = f"/questions/{page_of('medicines_tried').id}"
    send(person, url, {"medicines_tried": ["sertraline", "duloxetine"]})
    keep(person, medicines_tried={"sertraline": {"colour": "blue"}, "duloxetine": {}})
    serve(app, renamed())
    send(person, url, {"medicines_tried": ["duloxetine"]})
    form = stored(person)
    assert form.answers["medicines_tried"] == {"duloxetine": {}}
    assert form.progress["set_aside"] == {"medicines_tried.sertraline.colour": ["blue"]}


def test_an_answer_that_is_no_longer_asked_for_stays_and_does_not_count(
    app: Flask, person: FlaskClient
) -> None:
    """Only what the person's own change makes moot is taken out."""
    expression = parse("sex = male", Scope(PROTOCOL.questions))
    condition = Condition("leaf", expression, text="sex = male")
    send(person, "/questions/about_you", {"sex": "female"})
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    serve(app, edition(questions={"pain_average": {"asked_when": condition}}))
    url = f"/questions/{page_of('phq9_1').id}"
    send(person, url, {"phq9_1": "1"})
    assert stored(person).answers["pain_average"] == 7
    record = read(person)
    assert "pain_average" in record.resolved.not_asked
    assert "pain_average" not in record.resolved.answers
    # It counts again where it is asked for again, and goes where the person rules it out.
    send(person, "/questions/about_you", {"sex": "male"})
    assert read(person).resolved.answers["pain_average"] == 7
    send(person, "/questions/about_you", {"sex": "female"})
    assert "pain_average" not in stored(person).answers


def test_what_was_typed_goes_to_the_page_that_asks_it_now(app: Flask, person: FlaskClient) -> None:
    refused(person, "/questions/pain_strength", {"pain_average": "seven"})
    serve(app, moved(edition(), "pain_strength", "pain_now"))
    page = soup(person.get("/questions/pain_now"))
    assert page.select_one("#pain_average")["value"] == "seven"  # type: ignore[index]
    send(person, "/questions/about_you", {"sex": "female"})
    assert stored(person).progress["drafts"] == {"pain_now": {"pain_average": ["seven"]}}


def test_what_was_typed_and_is_asked_nowhere_is_set_aside(app: Flask, person: FlaskClient) -> None:
    refused(person, "/questions/pain_strength", {"pain_average": "seven"})
    form = stored(person)
    drafts = {"gone": {"old": ["x"]}, **form.progress["drafts"]}
    tamper(app, form.id, "progress", {**form.progress, "drafts": drafts})
    send(person, "/questions/about_you", {"sex": "female"})
    progress = stored(person).progress
    assert progress["drafts"] == {"pain_strength": {"pain_average": ["seven"]}}
    assert progress["set_aside"] == {"old": [["x"]]}


def test_typed_on_a_page_that_is_asked_of_nobody_like_them_is_set_aside(
    app: Flask, person: FlaskClient
) -> None:
    expression = parse("sex = male", Scope(PROTOCOL.questions))
    condition = Condition("leaf", expression, text="sex = male")
    send(person, "/questions/about_you", {"sex": "female"})
    refused(person, "/questions/pain_strength", {"pain_average": "seven"})
    changes = {id: {"asked_when": condition} for id in page_of("pain_average").questions}
    serve(app, edition(questions=changes))
    send(person, f"/questions/{page_of('phq9_1').id}", {"phq9_1": "1"})
    progress = stored(person).progress
    assert progress["drafts"] == {}
    assert progress["set_aside"] == {"pain_average": [["seven"]]}


def test_pages_that_ask_something_new_wait_for_the_person_again(
    app: Flask, person: FlaskClient
) -> None:
    """The first edition of the form did not ask two things, and knew fewer signs of danger."""
    warning = page_of("warning_signs")
    for page in PROTOCOL.pages[: PROTOCOL.page_of["warning_signs"] + 1]:
        send(person, f"/questions/{page.id}")
    before = stored(person).progress["pages_saved"]
    assert {"pain_strength", "about_you", warning.id} <= set(before)
    signs = PROTOCOL.questions["warning_signs"]
    new = signs.options[0].model_copy(update={"id": "new_sign", "label": "A new sign"})
    options = (new, *signs.options)
    asked = edition(questions={"warning_signs": {"options": options}})
    protocol = of(asked)
    extra = protocol.questions["pain_average"].model_copy(update={"id": "pain_worst"})
    longer = page_of("pain_average")
    longer = longer.model_copy(update={"questions": (*longer.questions, extra.id)})
    pages = tuple(longer if page.id == longer.id else page for page in protocol.pages)
    questions = {**protocol.questions, extra.id: extra}
    asked = with_protocol(asked, replace(protocol, questions=questions, pages=pages))
    with app.app_context():
        assert sum(form is not None for form in adopt(asked)) == 1
    serve(app, asked)
    assert set(before) - read(person).saved == {"pain_strength", warning.id}
    assert "A new sign" in visible(person.get(f"/questions/{warning.id}"))


def test_the_form_is_sent_under_the_edition_that_is_served(app: Flask, person: FlaskClient) -> None:
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    serve(app, renamed())
    assert send(person, "/check").location == "/results"
    form = stored(person)
    assert form.submitted_at is not None and form.screening is not None
    assert form.screening["rulebook"] == {"version": "9.0.0", "hash": renamed().hash}
    assert form.answers["pain_average"] == 7
    with app.app_context():
        assert store.to_adopt(renamed().hash) == []
        assert len(store.to_adopt(RULEBOOK.hash)) == 1


# --- lists that offer more now -------------------------------------------------------------------


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
        send(person, "/questions/pain_strength", {"pain_average": "7"})
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
        send(person, "/questions/pain_strength", {"pain_average": "7"})
    brought = brought_by(person, url)
    serve(app, with_more())
    post_old(person, url, brought, warning_signs="none")
    assert read(person).unseen == {"warning_signs": ("new_sign",)}
    assert send(person, "/check").location == "/results"
    assert "warning_signs" not in stored(person).answers


def test_an_old_window_does_not_finish_a_page_that_asks_more_now(
    app: Flask, person: FlaskClient
) -> None:
    url = "/questions/pain_strength"
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
    send(person, "/questions/pain_strength", {"pain_average": "7"})
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
    send(person, "/questions/pain_strength", {"pain_average": "7"})
    signs = PROTOCOL.questions["warning_signs"]
    became_a_list = edition(questions={"pain_average": {**dict(signs), "id": "pain_average"}})
    assert shorter_lists(became_a_list, stored(person), RULEBOOK) == ()
