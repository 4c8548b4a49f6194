"""A submission that was screened under two editions of the rules: both are shown."""

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.adoption import adopt
from screener.archive import kept_rulebook
from screener.engine.protocol import Rulebook
from screener.patient import context
from tests.editions import edition, quiet_rule
from tests.engine.answers import PROTOCOL, RULEBOOK, case
from tests.staff.clinic import add, everything, part, tamper
from tests.web import soup, visible

QUIET = quiet_rule()
TITLE = PROTOCOL.rules[QUIET].title
URGENT = edition(raised={QUIET: "urgent"})
LOWER = edition("9.2.0", raised={id: "note" for id in list(PROTOCOL.rules)[1:]})


@pytest.fixture(autouse=True)
def kept_rulebooks() -> None:
    kept_rulebook.cache_clear()


def adopt_and_serve(app: Flask, rulebook: Rulebook) -> None:
    with app.app_context():
        assert all(adopt(rulebook))
    app.extensions[context.RULEBOOK] = rulebook


def form_of(app: Flask, reference: str) -> store.Questionnaire:
    with app.app_context():
        stored = store.submission(reference)
    assert stored is not None
    return stored.questionnaire


def panel(page: Tag) -> str:
    return part(page, "section[aria-labelledby=editions]").get_text(" ", strip=True)


def test_the_page_rests_on_what_gives_the_priority_and_names_both(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case("V01"))
    adopt_and_serve(app, URGENT)
    answer = everything(nurse, reference)
    page = soup(answer)
    head = part(page, ".sc-headline").get_text(" ", strip=True)
    assert head.startswith(f"Urgent: {TITLE}")
    assert PROTOCOL.rules[QUIET].staff in head
    words = panel(page)
    assert f"Version {PROTOCOL.version} , when the answers were saved: Review" in words
    assert "Version 9.0.0 ," in words and ": Urgent This page rests on it." in words
    assert "rule set v9.0.0." in visible(answer)
    assert "Read this first" not in visible(answer)
    history = part(page, ".sc-history").get_text(" ", strip=True)
    assert "Screened under version 9.0.0 of the rules too: urgent The program" in history


def test_the_other_screening_is_one_step_away_and_says_that_it_is_outweighed(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case("V01"))
    adopt_and_serve(app, URGENT)
    link = part(soup(everything(nurse, reference)), "section[aria-labelledby=editions] a")
    screen = nurse.get(str(link["href"]))
    more = part(screen, ".sc-behind a")
    first = nurse.get(str(more["href"]))
    page = soup(first)
    for shown in (screen, first):
        head = part(shown, ".sc-headline").get_text(" ", strip=True)
        assert head.startswith("Urgent: more pressing under another version of the rules")
    assert f"Screened under version {PROTOCOL.version} of the rules" in visible(first)
    assert "9.0.0" in panel(page)
    # The rules of that page are explained under the same edition.
    rule = part(page, f"#flag-{QUIET} a[href*=rules]")
    explained = nurse.get(str(rule["href"]))
    assert f"v{PROTOCOL.version}" in visible(explained)
    assert "under=" in str(part(soup(explained), ".nhsuk-back-link")["href"])


def test_an_unknown_key_shows_the_one_that_counts(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case("V01"))
    adopt_and_serve(app, URGENT)
    page = nurse.get(f"/staff/submissions/{reference}?under=nonsense")
    assert part(soup(page), ".sc-headline").get_text(" ", strip=True).startswith("Urgent: ")


def test_an_edition_that_would_lower_it_does_not(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case("V02"))
    adopt_and_serve(app, LOWER)
    page = soup(everything(nurse, reference))
    assert part(page, ".sc-headline h2").get_text(" ", strip=True).startswith("Emergency: ")
    words = panel(page)
    assert f"Version {PROTOCOL.version} , when the answers were saved: Emergency" in words
    assert "Show the page under version 9.2.0" in words
    assert "The queue has the higher priority, emergency ." in words


def test_what_differs_is_listed(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case("V01"))
    changed = edition(questions={"age": {"range": (0, 20)}})  # her age is not read any more
    adopt_and_serve(app, changed)
    words = panel(soup(everything(nurse, reference)))
    with app.app_context():
        stored = store.submission(reference)
    assert stored is not None
    before = (stored.questionnaire.screening or {})["flags"]
    after = stored.later[0].screening["flags"]
    differ = [id for id in before if before[id] != after[id]]
    assert differ
    assert f"What differs under version 9.0.0 ({len(differ)})" in words
    assert f"{PROTOCOL.rules[differ[0]].title} : cannot tell now, not met before." in words


def test_answers_that_cannot_be_read_and_those_set_aside_are_shown(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case("V01"))
    form = form_of(app, reference)
    tried = {**form.answers["medicines_tried"], "duloxetine": {"colour": "blue"}}
    tamper(app, form.id, "answers", {**form.answers, "gone": ["a"], "medicines_tried": tried})
    aside = {"phq9_1": ["7"]}
    tamper(app, form.id, "progress", {**form.progress, "set_aside": aside})
    text = visible(everything(nurse, reference))
    assert "Some stored answers do not fit the rulebook" in text
    assert "gone; medicines_tried.duloxetine.colour. They stand below" in text
    assert "Stored answers that the rulebook in use does not know gone a" in text
    assert "medicines_tried.duloxetine.colour blue" in text
    assert (
        "Answers set aside: of another edition, or to a list that had fewer options phq9_1 7"
        in text
    )


def test_an_answer_under_an_old_id_is_shown_as_the_questions_own(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case("V01"))
    form = form_of(app, reference)
    answers = {"sex_before" if id == "sex" else id: value for id, value in form.answers.items()}
    tamper(app, form.id, "answers", answers)
    adopt_and_serve(app, edition(questions={"sex": {"replaces": ("sex_before",)}}))
    text = visible(everything(nurse, reference))
    assert "sex_before" not in text
    assert "does not know" not in text


def test_the_queue_gives_the_reason_of_the_screening_that_counts(
    app: Flask, nurse: FlaskClient
) -> None:
    add(app, case("V01"))
    adopt_and_serve(app, URGENT)
    text = visible(nurse.get("/staff/"))
    assert TITLE in text
    assert "Urgent" in text


def test_one_edition_needs_no_panel(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case("V01"))
    assert soup(everything(nurse, reference)).select_one("#editions") is None
    with app.app_context():
        assert not any(adopt(RULEBOOK))


def test_what_a_list_did_not_have_then_is_to_be_asked(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case("V01") | {"current_medicines": ["muscle_relaxant"]})
    signs, listed = (PROTOCOL.questions[id] for id in ("warning_signs", "current_medicines"))
    new = signs.options[0].model_copy(update={"id": "new_sign", "label": "A new sign"})
    renamed = tuple(
        option.model_copy(update={"label": "Baclofen alone"})
        if option.id == "muscle_relaxant"
        else option
        for option in listed.options
    )
    later = edition(
        "9.5.0",
        questions={
            "warning_signs": {"options": (new, *signs.options)},
            "current_medicines": {"options": renamed},
        },
    )
    adopt_and_serve(app, later)
    page = soup(everything(nurse, reference))
    words = part(page, "section[aria-labelledby=shorter]").get_text(" ", strip=True)
    assert "Warning signs: 1 option not seen A new sign" in words
    was = listed.option("muscle_relaxant").label
    assert f"Current medicines: “{was}” then, “Baclofen alone” now." in words
    assert "Health conditions" not in words
