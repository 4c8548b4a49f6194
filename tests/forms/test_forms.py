"""Forms: what is asked, what is taken, what is refused, and that nothing typed is lost."""

import calendar
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from screener import phones
from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Answers, Question
from screener.engine.terms.reading import Reading
from screener.forms.fields import TextField, age_on
from screener.forms.identity import BirthForm, ConsentForm, ContactForm
from screener.forms.pages import (
    PageForm,
    Stored,
    page_answers,
    page_questions,
    required,
    row_answers,
    row_questions,
    typed,
    unexpected,
)
from screener.texts import tidy
from tests.shipped import RULEBOOK
from tests.web import CONTACT

PROTOCOL: Protocol = RULEBOOK.protocols["fibromyalgia"]
PAGES = {page.id: page for page in PROTOCOL.pages}


def shown_on(page: Page, answers: Answers) -> list[Question]:
    """The questions that a page shows to somebody with these answers."""
    return page_questions(PROTOCOL, page, answers)


def form_of(page: str, posted: dict[str, Any], stored: dict[str, Any] | None = None) -> PageForm:
    answers = PROTOCOL.read_answers(stored or {})
    form = PageForm(PROTOCOL, shown_on(PAGES[page], answers))
    form.take(MultiDict(posted))
    return form


def taken(page: str, posted: dict[str, Any], stored: dict[str, Any] | None = None) -> Any:
    form = form_of(page, posted, stored)
    assert not form.errors
    return page_answers(PROTOCOL, form, PROTOCOL.read_answers(stored or {}))


# --- answers -------------------------------------------------------------------------------------


def test_a_page_becomes_typed_answers() -> None:
    answers = taken("pain_strength", {"symptoms_3_months": "unsure", "pain_average": " 7 "})
    assert answers == {"symptoms_3_months": "unsure", "pain_average": 7}


def test_blank_stays_absent() -> None:
    form = form_of("pain_strength", {"pain_average": "", "symptoms_months": "  "})
    assert not form.errors
    assert form.values() == {}
    assert "pain_average" in form.blank()
    assert form_of("pain_areas", {}).values() == {}


def test_nothing_is_chosen_beforehand() -> None:
    form = PageForm(PROTOCOL, shown_on(PAGES["mood"], {}))
    form.fill(Stored({}, {}, {}))
    assert not any(chosen for field in form.fields for _, _, chosen in field.iter_choices())  # type: ignore[attr-defined]


@pytest.mark.parametrize("typed", ["seven", "7.5", "11", "-1", "1e1", "٧", "7 of 10", "0x7", "+7"])
def test_a_number_is_never_guessed(typed: str) -> None:
    form = form_of("pain_strength", {"pain_average": typed})
    assert form.errors["pain_average"] == [
        "Average pain, past 7 days: enter a whole number from 0 to 10, or leave it blank."
    ]
    assert form["pain_average"]._value() == typed  # type: ignore[attr-defined]
    assert form.drafts() == {"pain_average": [typed]}
    assert form.values() == {}


def test_doses_may_have_a_fraction() -> None:
    sertraline = PROTOCOL.medicines["cyclobenzaprine_sl"]
    form = PageForm(PROTOCOL, row_questions(PROTOCOL, sertraline))
    form.take(MultiDict({"dose_mg": "5.6", "weeks": "12"}))
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
    asked = [q.id for q in row_questions(PROTOCOL, PROTOCOL.medicines["pregabalin"])]
    assert "pain_benefit" in asked
    assert "mood_benefit" not in asked


def test_an_answer_can_be_taken_back() -> None:
    form = form_of("mood", {"phq9_1": "2"})
    labels = [label for _, label, _ in form["phq9_1"].iter_choices()]  # type: ignore[attr-defined]
    assert labels[-1] == "Leave this unanswered"
    assert "phq9_1" in form_of("mood", {"phq9_1": ""}).blank()


# --- what is asked -------------------------------------------------------------------------------


def test_conditions_of_other_pages_hide_a_question() -> None:
    male = PROTOCOL.read_answers({"sex": "male"})
    assert shown_on(PAGES["pregnancy"], male) == []
    assert shown_on(PAGES["pregnancy"], {}) != []


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
    assert [bool(section.stem) for section in form.sections] == [True, False]


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
    page = PAGES[data.draw(st.sampled_from(["mood", "safety", "symptoms", "joints"]))]
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


# --- identity ------------------------------------------------------------------------------------


def birth(month: str, day: str, year: str) -> BirthForm:
    names = ("date_of_birth-month", "date_of_birth-day", "date_of_birth-year")
    posted = MultiDict(zip(names, (month, day, year), strict=True))
    form = BirthForm(posted, today=date(2026, 11, 23))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("parts", "born"),
    [
        (("4", "27", "1979"), date(1979, 4, 27)),
        (("02", "29", "2004"), date(2004, 2, 29)),
        (("Apr", " 5 ", "1979"), date(1979, 4, 5)),
        (("september", "1", "1950"), date(1950, 9, 1)),
        (("Sept.", "1", "1950"), date(1950, 9, 1)),
        (("MAY", "1", "1950"), date(1950, 5, 1)),
        (("11", "23", "2026"), date(2026, 11, 23)),
        (("11", "23", "1906"), date(1906, 11, 23)),
    ],
)
def test_dates_of_birth(parts: tuple[str, str, str], born: date) -> None:
    assert birth(*parts).date_of_birth.data == born


@pytest.mark.parametrize(
    ("parts", "message", "wrong"),
    [
        (("", "", ""), "Enter your date of birth, for example 4 27 1979.", 3),
        (("4", "27", ""), "Enter your date of birth, for example 4 27 1979.", 1),
        (("13", "1", "1980"), "Enter the month as a number from 1 to 12.", 1),
        (("Mayhem!", "1", "1980"), "Enter the month as a number from 1 to 12.", 1),
        # March to whoever reads three letters alone, November to a Finn; and others of that kind.
        (("Marraskuu", "1", "1980"), "Enter the month as a number from 1 to 12.", 1),
        (("Augusto", "1", "1980"), "Enter the month as a number from 1 to 12.", 1),
        (("mayo", "1", "1980"), "Enter the month as a number from 1 to 12.", 1),
        (("Decimal", "1", "1980"), "Enter the month as a number from 1 to 12.", 1),
        (("septe", "1", "1980"), "Enter the month as a number from 1 to 12.", 1),
        (("jan..", "1", "1980"), "Enter the month as a number from 1 to 12.", 1),
        (("2", "30", "1980"), "Check the day and the month: there is no such date.", 1),
        (("2", "0", "1980"), "Check the day and the month: there is no such date.", 1),
        (("4", "27", "79"), "Enter the year with four digits, for example 1979.", 1),
        (("4", "27", "1900"), "Check the year: it would make you older than 120.", 1),
        (("4", "27", "0000"), "Check the day and the month: there is no such date.", 1),
        (("11", "24", "2026"), "Enter a date that lies in the past.", 0),
        (("4", "x", "1979"), "Enter the day as a number from 1 to 31.", 1),
    ],
)
def test_dates_that_cannot_be(parts: tuple[str, str, str], message: str, wrong: int) -> None:
    form = birth(*parts)
    assert form.errors == {"date_of_birth": [message]}
    assert len(form.date_of_birth.wrong_parts) == wrong
    assert (form.date_of_birth.month, form.date_of_birth.year) == (parts[0], parts[2])
    assert form.date_of_birth.data is None


@pytest.mark.parametrize("number", range(1, 13))
def test_every_month_by_its_name_and_short_name(number: int) -> None:
    for spelling in (calendar.month_name[number], calendar.month_abbr[number] + "."):
        assert birth(spelling, "1", "1980").date_of_birth.data == date(1980, number, 1)


def test_age_in_whole_years() -> None:
    assert age_on(date(2008, 11, 24), date(2026, 11, 23)) == 17
    assert age_on(date(2008, 11, 23), date(2026, 11, 23)) == 18
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


def contact(**typed: str) -> ContactForm:
    return ContactForm(MultiDict({**CONTACT, **typed}), region="US")


@pytest.mark.parametrize("name", ["مريم بنت علي", "Zoë 🌸", "O’Neil-Świątek", "李小龍", "X"])
def test_names_of_the_world(name: str) -> None:
    form = contact(name=name)
    assert form.validate(), form.errors
    assert form.identity()["name"] == name


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u3164", "\u0301\u0301", "\u2800", "\0"])
def test_a_name_that_nobody_can_see_is_blank(name: str) -> None:
    form = contact(name=name)
    assert not form.validate()
    assert form.errors == {"name": ["Enter your full name."]}


def test_text_is_tidied_and_the_inside_of_a_word_is_left_alone() -> None:
    form = contact(
        name="\u202eAmir\u200c\u200dza Zoe\u0308\u202c ", location="\u200fHaifa\r\nIsrael"
    )
    assert form.validate()
    assert form.identity()["name"] == "Amir\u200c\u200dza Zoë"
    assert form.identity()["location"] == "Haifa Israel"
    story = taken("pain_areas", {"pain_other_place": "\ufeffjaw\r\nand ear\x00\u200b\n"})
    assert story == {"pain_other_place": "jaw\nand ear"}
    assert taken("pain_areas", {"pain_other_place": "\u3164"}) == {}
    assert taken("pain_strength", {"pain_average": "\u200e7\u202c"}) == {"pain_average": 7}
    assert birth("\u200e4", "27\u200b", "1979").date_of_birth.data == date(1979, 4, 27)


@pytest.mark.parametrize("field", ["name", "location", "emergency_name"])
def test_ten_thousand_characters_are_told_and_stay_in_their_box(field: str) -> None:
    form = contact(**{field: "n" * 10_000})
    assert not form.validate()
    box = form[field]
    assert isinstance(box, TextField)
    assert "characters or fewer. Please shorten it by 9," in str(box.errors[0])
    assert box.typed() == ["n" * 10_000]
    assert not form.keeps_all


# --- phone numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", ["(555) 555-0100", "+44 20 7946 0958 x12", "555‑555‑0100"])
def test_a_number_is_kept_as_typed_and_as_it_is_dialled(phone: str) -> None:
    form = contact(phone=phone)
    assert form.validate()
    given = form.identity()
    assert given["phone"] == phone
    assert given["phone_e164"] in ("+15555550100", "+442079460958")
    assert given["phone_extension"] == ("12" if "x12" in phone else "")
    assert (given["phone_2"], given["phone_2_e164"]) == ("", "")


@pytest.mark.parametrize("phone", ["555-555-0100/0101", "555-01", "call me", "0000000", "9" * 300])
@pytest.mark.parametrize("field", ["phone", "phone_2", "emergency_phone"])
def test_a_number_that_cannot_be_read_is_asked_about_once_and_then_kept(
    field: str, phone: str
) -> None:
    form = contact(**{field: phone})
    form.settle({}, {})
    assert not form.validate()
    assert form.only_asks
    (message,) = form.errors[field]
    assert message.endswith("Or save again to keep it as it is.")
    assert ("Second phone number" in message) == (field == "phone")
    again = contact(**{field: phone})
    again.settle({}, form.typed())
    assert again.validate()
    kept = again.identity()
    assert kept[field] == (phone if len(phone) < 200 else "9" * 200 + "…")
    assert (kept[f"{field}_e164"], kept[f"{field}_extension"]) == ("", "")
    # Opened later, to change something else, it is not asked about again.
    later = contact(**{field: kept[field]}, email="a@b.example")
    later.settle(kept, {})
    assert later.validate()


def test_whoever_presses_on_with_another_text_is_not_asked_again() -> None:
    form = contact(phone="555-55-010")
    form.settle({}, {"phone": "555-01"})
    assert form.validate()
    # What was right before is asked about: it may be a slip.
    form = contact(phone="555-55-010")
    form.settle({"phone": "555-555-0100"}, {"phone": "555-555-0100"})
    assert not form.validate()


def test_a_message_shows_what_was_typed_and_what_is_wrong_with_it() -> None:
    form = contact(phone="555-555-0100/0101")
    form.validate()
    assert form.errors["phone"] == [
        "We could not read “555-555-0100/0101” as one phone number. It looks like two numbers. "
        "A second number goes under “Second phone number”. Or save again to keep it as it is."
    ]


def test_a_blank_number_is_needed_and_none_is_an_answer() -> None:
    form = contact(phone="\u200b")
    assert not form.validate()
    assert not form.only_asks
    assert form.errors["phone"] == [
        "Enter a phone number with area code. If you have none, write “none”."
    ]
    form = contact(phone="none")
    form.settle({}, {"phone": "none"})
    assert form.validate()


@given(
    st.text() | st.from_regex(r"[-+0-9 ().x#/]{0,40}"), st.sampled_from(["US", "GB", "DE", "IT"])
)
def test_any_number_is_one_certain_number_or_kept_as_typed(text: str, region: str) -> None:
    posted = MultiDict({**CONTACT, "phone": text})
    form = ContactForm(posted, region=region)
    if not form.validate():
        again = ContactForm(posted, region=region)
        again.settle({}, form.typed())
        # Only a blank stops the person, for whoever has no number can say so.
        assert again.validate() == bool(tidy(text, one_line=True))
        if again.errors:
            return
        assert again.identity()["phone_e164"] == ""
        form = again
    kept = form.identity()
    shown = phones.given(kept, "phone", region)
    assert shown is not None
    assert kept["phone"].startswith(tidy(text, one_line=True)[:200])
    if kept["phone_e164"]:
        assert shown.phone is not None
        assert re.fullmatch(r"tel:\+[0-9-]+(;ext=[0-9]{1,8})?", shown.phone.link)
        assert shown.phone.e164 == kept["phone_e164"]
    else:
        assert shown.phone is None
        assert shown.shown(region) == shown.typed


def test_what_may_be_left_out() -> None:
    assert contact().validate()
    form = contact(email="no address", emergency_phone="12")
    assert not form.validate()
    assert set(form.errors) == {"email", "emergency_phone"}
    assert not form.only_asks


def test_consent_needs_its_tick() -> None:
    assert not ConsentForm(MultiDict()).validate()
    assert not ConsentForm(MultiDict({"agree": "no"})).validate()
    assert ConsentForm(MultiDict({"agree": "y"})).validate()
