"""Words that staff read: times, people, sources."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from screener.engine.protocol import Reference
from screener.phones import entries
from screener.presenters.people import Detail, Note, name_of, person
from screener.presenters.sources import source
from screener.presenters.times import moment, moment_of, waited, without_today
from screener.presenters.words import rank, status_word
from tests.web import bare_app

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Flask]:
    """Yield the settings of a clinic in New York, for times and numbers."""
    app = bare_app(tmp_path)
    with app.app_context():
        yield app


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (-5, "less than a minute"),
        (0.9, "less than a minute"),
        (1, "1 minute"),
        (59, "59 minutes"),
        (60, "1 hour"),
        (61, "1 hour 1 minute"),
        (24 * 60, "1 day"),
        (24 * 60 + 59, "1 day"),
        (49 * 60 + 30, "2 days 1 hour"),
    ],
)
def test_waiting_is_said_in_its_two_largest_units(minutes: float, words: str) -> None:
    assert waited(NOW - timedelta(minutes=minutes), NOW) == words


@pytest.mark.parametrize(("hour", "shown"), [(5, "12:00 AM"), (17, "12:00 PM"), (18, "1:00 PM")])
def test_times_know_noon_from_midnight(clinic: Flask, hour: int, shown: str) -> None:
    assert moment(NOW.replace(hour=hour)) == f"Mon 23 Nov 2026, {shown} EST"


def test_a_time_of_today_leaves_its_day_out(clinic: Flask) -> None:
    later = NOW + timedelta(minutes=5)
    assert without_today(moment(NOW), later) == moment(NOW).partition(", ")[2]
    assert without_today(moment(NOW), NOW + timedelta(days=7)) == moment(NOW)
    assert without_today("at some time", NOW) == "at some time"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-23T06:00:00"])
def test_a_stored_time_that_is_none_stays_as_it_is(text: str) -> None:
    assert moment_of(text) == text


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


def test_places_are_told_with_the_time_they_were_said(clinic: Flask) -> None:
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


def test_contact_details_that_the_form_has_not_taken_are_told(clinic: Flask) -> None:
    typed = {"name": "Zoë", "phone": "555-555-0142", "email": "no address", "voicemail": ""}
    shown = person({"name": "Zoë", "phone": "555-555-0100"}, 46, typed)
    warnings = [(detail.label, detail.value) for detail in shown.details if detail.warning]
    assert warnings == [("Phone", "555-555-0142"), ("E-mail", "no address")]
    assert not any(detail.href for detail in shown.details if detail.warning)


@pytest.mark.parametrize(
    ("citation", "short"),
    [
        (
            "Wolfe F, Clauw DJ, et al. 2016 revisions to the 2010/2011 criteria. "
            "Semin Arthritis Rheum 2016;46:319-29.",
            "Wolfe 2016",
        ),
        ("van der Feltz-Cornelis CM, Hoedeman R. Faces. Pain 2012;1:1.", "van der Feltz-Cornelis"),
        ("O'Connor AB. Title of 1999. J Pain 2009;3:4.", "O'Connor 2009"),
        ("US Food and Drug Administration. Announcement, 2019.", "US Food and Drug Administration"),
    ],
)
def test_a_source_is_short_beside_a_clause(citation: str, short: str) -> None:
    made = source(Reference(id="x", citation=citation, supports="y", read="abstract"))
    assert made.short.startswith(short)
    assert not made.href


def test_only_web_addresses_become_links() -> None:
    made = source(
        Reference(id="x", citation="A B.", supports="y", read="recalled", url="javascript:alert(1)")
    )
    assert not made.href
    assert made.checked == "recalled, still to be checked"


def test_words_of_what_is_not_known() -> None:
    assert status_word("on_ice") == "On ice"
    assert rank(None) > rank("note") > rank("emergency")
