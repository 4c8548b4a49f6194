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
from screener.engine.protocol import Rulebook
from tests.editions import edition, of
from tests.engine.answers import PROTOCOL, RULEBOOK
from tests.patient.continuing import keep, page_of, read, serve, with_protocol
from tests.patient.stored import stored
from tests.staff.clinic import tamper
from tests.web import refused, send, soup, visible


@pytest.fixture(autouse=True)
def first_edition() -> None:
    kept_rulebook.cache_clear()


def renamed(**changes: dict[str, Any]) -> Rulebook:
    return edition(questions={"sex": {"replaces": ("sex_before",)}, **changes})


def moved(rulebook: Rulebook, old: str, new: str) -> Rulebook:
    """Return the edition with another id for one of its pages."""
    protocol = of(rulebook)
    pages = tuple(
        page.model_copy(update={"id": new}) if page.id == old else page for page in protocol.pages
    )
    return with_protocol(rulebook, replace(protocol, pages=pages))


def test_an_answer_under_an_old_id_is_shown_and_stored_under_the_new_one(
    app: Flask, person: FlaskClient
) -> None:
    keep(person, sex_before="female")
    serve(app, renamed())
    page = soup(person.get("/questions/about_you"))
    assert page.select_one("input[value=female][checked]") is not None
    send(person, "/questions/symptoms", {"fatigue": "2"})
    answers = stored(person).answers
    assert (answers["sex"], answers["fatigue"]) == ("female", "2")
    assert "sex_before" not in answers


def test_what_this_edition_cannot_read_stays_through_every_save(
    app: Flask, person: FlaskClient
) -> None:
    tried = {"sertraline": {"weeks": 8, "colour": "blue"}}
    keep(person, gone=["a", "b"], phq9_1="7", medicines_tried=tried)
    serve(app, renamed())
    send(person, "/questions/about_you", {"pain_average": "7"})
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
    send(person, "/questions/about_you", {"pain_average": "7"})
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
    send(person, "/questions/about_you", {"sex": "female", "pain_average": "7"})
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
    send(person, "/questions/about_you", {"sex": "female", "pain_average": "7"})
    assert "pain_average" not in stored(person).answers


def test_what_was_typed_goes_to_the_page_that_asks_it_now(app: Flask, person: FlaskClient) -> None:
    refused(person, "/questions/about_you", {"pain_average": "seven"})
    serve(app, moved(edition(), "about_you", "pain_now"))
    page = soup(person.get("/questions/pain_now"))
    assert page.select_one("#pain_average")["value"] == "seven"  # type: ignore[index]
    send(person, "/questions/symptoms", {"fatigue": "2"})
    assert stored(person).progress["drafts"] == {"pain_now": {"pain_average": ["seven"]}}


def test_what_was_typed_and_is_asked_nowhere_is_set_aside(app: Flask, person: FlaskClient) -> None:
    refused(person, "/questions/about_you", {"pain_average": "seven"})
    form = stored(person)
    drafts = {"gone": {"old": ["x"]}, **form.progress["drafts"]}
    tamper(app, form.id, "progress", {**form.progress, "drafts": drafts})
    send(person, "/questions/symptoms", {"fatigue": "2"})
    progress = stored(person).progress
    assert progress["drafts"] == {"about_you": {"pain_average": ["seven"]}}
    assert progress["set_aside"] == {"old": [["x"]]}


def test_typed_on_a_page_that_is_asked_of_nobody_like_them_is_set_aside(
    app: Flask, person: FlaskClient
) -> None:
    expression = parse("sex = male", Scope(PROTOCOL.questions))
    condition = Condition("leaf", expression, text="sex = male")
    send(person, "/questions/about_you", {"sex": "female"})
    refused(person, "/questions/blood_pressure", {"bp_systolic": "high"})
    changes = {id: {"asked_when": condition} for id in page_of("bp_systolic").questions}
    serve(app, edition(questions=changes))
    send(person, f"/questions/{page_of('phq9_1').id}", {"phq9_1": "1"})
    progress = stored(person).progress
    assert progress["drafts"] == {}
    assert progress["set_aside"] == {"bp_systolic": [["high"]]}


def test_pages_that_ask_something_new_wait_for_the_person_again(
    app: Flask, person: FlaskClient
) -> None:
    """The first edition of the form did not ask two things, and knew fewer signs of danger."""
    warning = page_of("warning_signs")
    for page in PROTOCOL.pages[: PROTOCOL.page_of["warning_signs"] + 1]:
        send(person, f"/questions/{page.id}")
    before = stored(person).progress["pages_saved"]
    assert {"about_you", warning.id} <= set(before)
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
    assert set(before) - read(person).saved == {"about_you", warning.id}
    assert "A new sign" in visible(person.get(f"/questions/{warning.id}"))


def test_the_form_is_sent_under_the_edition_that_is_served(app: Flask, person: FlaskClient) -> None:
    send(person, "/questions/about_you", {"pain_average": "7"})
    serve(app, renamed())
    assert send(person, "/check").location == "/results"
    form = stored(person)
    assert form.submitted_at is not None and form.screening is not None
    assert form.screening["rulebook"] == {"version": "9.0.0", "hash": renamed().hash}
    assert form.answers["pain_average"] == 7
    with app.app_context():
        assert store.to_adopt(renamed().hash) == []
        assert len(store.to_adopt(RULEBOOK.hash)) == 1
