"""Names and contact details, as staff read them."""

import re

import pytest
from flask import Flask

from screener.phones import entries
from screener.presenters.people import Detail, Note, name_of, person


def test_everything_a_person_gave_is_there(clinic: Flask) -> None:
    identity = {"name": " Zoë ", "phone": "+1 (555) 555-0100 x12", "pronouns": "they"}
    shown = person(identity, 46)
    details = {detail.label: detail for detail in shown.details}
    assert shown.name == "Zoë"
    assert details["Age"].value == "46 years"
    assert details["Phone"].value == "(555) 555-0100 ext. 12"
    assert details["Phone"].href == "tel:+1-555-555-0100;ext=12"
    assert details["Phone"].notes == ()
    assert details["E-mail"].value == "Not given"
    assert details["Pronouns"].value == "they"
    assert "Second phone" not in details
    assert person({}).name == "Name not given"


@pytest.mark.parametrize("name", ["", "\u200b", "\u3164", "\u0301" * 200, "\u2800\u00ad"])
def test_a_name_that_was_stored_and_nobody_can_see_is_none(name: str) -> None:
    assert name_of({"name": name}) == "Name not given"


@pytest.mark.parametrize("stored", [{}, entries("phone", "555-555-0100/0101", "US")], ids=str)
def test_two_numbers_in_one_field_dial_nothing(clinic: Flask, stored: dict[str, str]) -> None:
    shown = person({"phone": "555-555-0100/0101", **stored})
    phone = shown.details[1]
    assert (phone.label, phone.value, phone.href) == ("Phone", "555-555-0100/0101", "")
    assert phone.warning == "Could not be read as a phone number; as typed:"


def test_what_was_typed_stands_beside_a_number_that_says_it_otherwise(clinic: Flask) -> None:
    identity = entries("phone", "1-800-FLOWERS", "US")
    identity |= entries("phone_2", "+44 (0)20 7946 0958", "US")
    identity |= entries("emergency_phone", "٥٥٥٥٥٥٠١٠٠", "US")
    details = {detail.label: detail for detail in person(identity).details}
    assert details["Phone"] == Detail(
        "Phone", "(800) 356-9377", "tel:+1-800-356-9377", "", (Note("as typed:", "1-800-FLOWERS"),)
    )
    assert details["Second phone"].value == "+44 20 7946 0958"
    assert details["Second phone"].href == "tel:+44-20-7946-0958"
    assert details["Emergency contact’s phone"].href == "tel:+1-555-555-0100"
    # What only tells the program how to read the others is no line of its own.
    assert not [label for label in details if re.search("e164|extension|read from", label)]


def test_places_are_shown_with_the_time_they_were_given(clinic: Flask) -> None:
    identity = {
        "location": "Springfield, IL",
        "location_at": "2026-11-23T14:12:00+00:00",
        "locations_before": [
            {"place": "Peoria", "at": ""},
            {"place": "Decatur", "at": "2026-11-22T23:00:00+00:00"},
        ],
    }
    details = {detail.label: detail for detail in person(identity).details}
    assert details["Stated location"].value == "Springfield, IL"
    assert details["Stated location"].notes == (
        Note(after="said Mon 23 Nov 2026, 9:12 AM EST"),
        Note("before:", "Decatur", "said Sun 22 Nov 2026, 6:00 PM EST"),
        Note("before:", "Peoria", ""),
    )
    assert not [label for label in details if label.startswith("Location")]
    # From before times were kept.
    assert person({"location": "Peoria"}).details[3].notes == ()


def test_contact_details_that_the_form_has_not_taken_are_shown(clinic: Flask) -> None:
    typed = {"name": "Zoë", "phone": "555-555-0142", "email": "no address", "voicemail": ""}
    shown = person({"name": "Zoë", "phone": "555-555-0100"}, 46, typed)
    warnings = [(detail.label, detail.value) for detail in shown.details if detail.warning]
    assert warnings == [("Phone", "555-555-0142"), ("E-mail", "no address")]
    assert not any(detail.href for detail in shown.details if detail.warning)
