"""Consent, date of birth and contact details: what is taken, and what is asked about."""

import calendar
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from screener import phones
from screener.forms.birth_date import age_on
from screener.forms.fields import TextField
from screener.forms.identity import BirthForm, ConsentForm, ContactForm
from screener.texts import tidy
from tests.forms.posted import taken
from tests.web import CONTACT

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
    assert taken("about_you", {"pain_average": "\u200e7\u202c"}) == {"pain_average": 7}
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
