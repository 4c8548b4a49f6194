"""Words that staff read: times, people, sources."""

from datetime import UTC, datetime, timedelta

import pytest

from screener.engine.rulebook import Reference
from screener.presenters.people import person
from screener.presenters.sources import source
from screener.presenters.times import moment, moment_of, waited, without_today
from screener.presenters.words import rank, status_word

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


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


def test_times_name_their_zone_and_know_noon_from_midnight() -> None:
    for hour, shown in ((0, "12:00 AM"), (12, "12:00 PM"), (13, "1:00 PM")):
        local = NOW.astimezone().replace(hour=hour)
        assert moment(local).endswith(f"23 Nov 2026, {shown} {local.tzname()}")


def test_a_time_of_today_leaves_its_day_out() -> None:
    later = NOW + timedelta(minutes=5)
    assert without_today(moment(NOW), later) == moment(NOW).partition(", ")[2]
    assert without_today(moment(NOW), NOW + timedelta(days=7)) == moment(NOW)
    assert without_today("at some time", NOW) == "at some time"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-23T06:00:00"])
def test_a_stored_time_that_is_none_stays_as_it_is(text: str) -> None:
    assert moment_of(text) == text


def test_everything_a_person_gave_is_there() -> None:
    shown = person({"name": " Zoë ", "phone": "+1 (555) 555-0100 x12", "pronouns": "they"}, 46)
    details = {detail.label: detail for detail in shown.details}
    assert shown.name == "Zoë"
    assert details["Age"].value == "46 years"
    assert details["Phone"].href == "tel:+15555550100"
    assert details["E-mail"].value == "Not given"
    assert details["Pronouns"].value == "they"
    assert person({}).name == "Name not given"
    assert not person({"phone": "٠١٢٣٤٥٦٧٨٩"}).details[1].href


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
