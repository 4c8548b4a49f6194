"""Pages of questions: what is shown, taken and refused, and that nothing typed is lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from screener.engine.questions import Answers
from screener.engine.terms.reading import Reading
from screener.forms.in_place import arranged
from screener.forms.pages import (
    PageForm,
    Stored,
    page_answers,
    required,
    row_answers,
    typed,
    unexpected,
)
from screener.forms.steps import row_questions
from screener.texts import tidy
from tests.forms.posted import PAGES, PROTOCOL, form_of, shown_on, taken

# --- what a page shows ---------------------------------------------------------------------------


@pytest.mark.parametrize(("standing", "shown"), [("yes", True), ("no", False)])
def test_a_question_is_shown_with_its_own_standing_answer(standing: str, shown: bool) -> None:
    """The answers that it depends on may be on another page: here it has a page of its own."""
    page = PAGES["safety"].model_copy(update={"questions": ("asq_5",)})
    stored: Answers = {f"asq_{i}": "no" for i in range(1, 5)}
    stored["asq_5"] = standing
    assert [question.id for question in shown_on(page, stored)] == ["asq_5"] * shown


# --- answers -------------------------------------------------------------------------------------


def test_a_page_becomes_typed_answers() -> None:
    answers = taken("about_you", {"symptoms_3_months": "unsure", "pain_average": " 7 "})
    assert answers == {"symptoms_3_months": "unsure", "pain_average": 7}


def test_blank_stays_absent() -> None:
    form = form_of("about_you", {"pain_average": "", "symptoms_months": "  "})
    assert not form.errors
    assert form.values() == {}
    assert "pain_average" in form.blank()
    assert form_of("pain_areas", {}).values() == {}


def test_nothing_is_chosen_beforehand() -> None:
    form = PageForm(PROTOCOL, shown_on(PAGES["mood"], {}))
    form.fill(Stored({}, {}, {}))
    assert not any(chosen for field in form.fields for _, _, chosen in field.iter_choices())  # type: ignore[attr-defined]


@pytest.mark.parametrize("typed", ["seven", "7.5", "11", "-1", "1e1", "٧", "0x7", "+7"])
def test_a_number_is_never_guessed(typed: str) -> None:
    form = form_of("about_you", {"pain_average": typed})
    assert form.errors["pain_average"] == [
        "Average pain, past 7 days: Enter a whole number from 0 to 10. Or leave it blank."
    ]
    assert form["pain_average"]._value() == typed  # type: ignore[attr-defined]
    assert form.drafts() == {"pain_average": [typed]}
    assert form.values() == {}


def test_doses_may_have_a_fraction() -> None:
    sertraline = PROTOCOL.medicines["cyclobenzaprine_sl"]
    form = PageForm(PROTOCOL, row_questions(Reading(PROTOCOL, {}), sertraline, {}))
    form.take(MultiDict({"dose_mg": "5.6", "weeks": "12 weeks"}))
    assert row_answers(PROTOCOL, form, sertraline) == {"dose_mg": Decimal("5.6"), "weeks": 12}
    form.take(MultiDict({"dose_mg": "5.678"}))
    assert form.errors["dose_mg"]


def test_none_stands_alone() -> None:
    form = form_of("warning_signs", {"warning_signs": ["fever", "none"]})
    assert form.errors["warning_signs"] == ["Choose “None of these” or the others, not both."]
    assert form.drafts() == {"warning_signs": ["fever", "none"]}
    assert taken("warning_signs", {"warning_signs": ["fever", "fever"]}) == {
        "warning_signs": ("fever",)
    }


def test_an_option_that_is_not_offered_is_refused() -> None:
    assert form_of("safety", {"asq_1": "perhaps"}).errors["asq_1"]
    form = form_of("warning_signs", {"warning_signs": ["fever", "<b>"]})
    assert form.errors["warning_signs"]
    assert form.drafts() == {"warning_signs": ["fever"]}


def test_a_long_text_is_kept_and_says_how_much_too_long() -> None:
    form = form_of("pain_areas", {"pain_other_place": "x" * 10_000})
    assert form.errors["pain_other_place"] == [
        "Use 500 characters or fewer. Please shorten it by 9,500."
    ]
    assert form.drafts()["pain_other_place"] == ["x" * 10_000]


def test_line_ends_count_once_and_nul_is_dropped() -> None:
    answers = taken("pain_areas", {"pain_other_place": "a\r\n" * 200 + "\0b"})
    assert answers["pain_other_place"] == "a\n" * 200 + "b"


def test_medicines_keep_what_is_known_of_them() -> None:
    stored = {"medicines_tried": {"sertraline": {"weeks": 8}, "duloxetine": {}}}
    answers = taken("medicines_tried", {"medicines_tried": ["sertraline", "pregabalin"]}, stored)
    assert answers["medicines_tried"] == {"sertraline": {"weeks": 8}, "pregabalin": {}}
    assert taken("medicines_tried", {"medicines_tried": "none"})["medicines_tried"] == {}
    assert "medicines_tried" not in taken("medicines_tried", {})


def test_a_medicine_is_asked_only_for_its_uses() -> None:
    pregabalin = PROTOCOL.medicines["pregabalin"]
    questions = [q.id for q in row_questions(Reading(PROTOCOL, {}), pregabalin, {})]
    assert "pain_benefit" in questions
    assert "mood_benefit" not in questions


def test_an_answer_can_be_taken_back() -> None:
    form = form_of("mood", {"phq9_1": "2"})
    labels = [label for _, label, _ in form["phq9_1"].iter_choices()]  # type: ignore[attr-defined]
    assert labels[-1] == "Leave this unanswered"
    assert "phq9_1" in form_of("mood", {"phq9_1": ""}).blank()


# --- what is asked -------------------------------------------------------------------------------


def asks_pregnancy(answers: Answers) -> bool:
    return "pregnancy" in [q.id for q in shown_on(PAGES["health_conditions"], answers)]


def test_what_an_answer_rules_out_is_not_asked() -> None:
    cannot = PROTOCOL.read_answers({"can_become_pregnant": "no"})
    assert not asks_pregnancy(cannot)
    older = PROTOCOL.read_answers({"age": 60, "sex": "female"})
    assert not asks_pregnancy(older)
    unsure = PROTOCOL.read_answers({"age": 59, "sex": "male", "can_become_pregnant": "unsure"})
    assert asks_pregnancy(unsure)
    # A blank keeps the submission incomplete; the question is for those whom it is about.
    assert not asks_pregnancy({})


def test_conditions_within_a_page_show_its_questions() -> None:
    answers = PROTOCOL.read_answers({f"asq_{i}": "no" for i in range(1, 5)})
    shown = [question.id for question in shown_on(PAGES["safety"], answers)]
    assert "asq_5" in shown


def test_age_is_never_asked() -> None:
    for page in PROTOCOL.pages:
        assert "age" not in [question.id for question in shown_on(page, {})]


def test_safety_questions_are_needed_after_item_9() -> None:
    questions = shown_on(PAGES["safety"], {})
    assert required(questions, Reading(PROTOCOL, {})) == set()
    must = required(questions, Reading(PROTOCOL, PROTOCOL.read_answers({"phq9_9": 1})))
    assert must == {"asq_1", "asq_2", "asq_3", "asq_4"}
    form = form_of("safety", {"asq_1": "declined"})
    form.require(must)
    assert set(form.errors) == {"asq_2", "asq_3", "asq_4"}
    assert "“Prefer not to answer” is fine too." in form["asq_3"].errors[0]
    assert form.values() == {"asq_1": "declined"}


def test_stems_are_shown_once() -> None:
    form = form_of("mood", {})
    sections = arranged(form, PAGES["mood"].questions, {}, Stored({}, {}, {}))
    assert [bool(section.stem) for section in sections] == [True, False]


def test_unknown_fields_are_noticed() -> None:
    page = [PROTOCOL.questions[id] for id in PAGES["safety"].questions]
    assert not unexpected(MultiDict({"csrf_token": "x", "asq_1": "no"}), page)
    assert unexpected(MultiDict({"asq_1": "no", "priority": "note"}), page)
    assert unexpected(MultiDict([("asq_1", "no"), ("asq_1", "yes")]), page)


@given(st.dictionaries(st.sampled_from(sorted(PROTOCOL.questions)), st.text(), max_size=8))
def test_nothing_typed_is_lost(posted: dict[str, str]) -> None:
    """Whatever is typed into a page is an answer, or stays in its box, or is no option."""
    for page in PROTOCOL.pages:
        form = form_of(page.id, posted)
        for field in form.fields:
            kind = PROTOCOL.questions[field.name].kind
            text = tidy(posted.get(field.name, ""))
            if kind not in ("text", "number") or not text:
                continue
            assert (field.name in form.values()) != (field.name in form.drafts())


@given(st.data())
def test_stored_answers_come_back_as_they_were(data: st.DataObject) -> None:
    """What a page shows of stored answers is what it would store when sent unchanged."""
    page = PAGES[data.draw(st.sampled_from(["mood", "safety", "symptoms", "sleep"]))]
    choices = [q for id in page.questions if (q := PROTOCOL.questions[id]).kind == "choice"]
    raw = {q.id: data.draw(st.sampled_from(q.option_ids)) for q in choices}
    answers = PROTOCOL.read_answers(raw)
    form = PageForm(PROTOCOL, shown_on(page, answers))
    form.fill(Stored({q.id: typed(q, answers[q.id]) for q in choices}, {}, {}))
    posted: MultiDict[str, str] = MultiDict(
        (field.name, value) for field in form.fields for value in field.typed()
    )
    form.take(posted)
    again = page_answers(PROTOCOL, form, answers)
    assert again == {id: answers[id] for id in again}
    assert set(again) == {q.id for q in choices if q.id in form}
