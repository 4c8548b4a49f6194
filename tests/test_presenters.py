"""Words that staff read: times, people, sources."""

from datetime import UTC, datetime, timedelta

import pytest

from screener.engine.rulebook import Reference
from screener.presenters.history import steps
from screener.presenters.people import person
from screener.presenters.sources import source
from screener.presenters.times import moment, moment_of, waited
from screener.presenters.words import rank, status_word
from screener.store import Event

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


def test_a_step_says_who_did_what() -> None:
    events = [
        Event(NOW, "a@b.example", "status", {"from": "new", "to": "acknowledged", "note": "x\ny"}),
        Event(NOW, "a@b.example", "assignment", {"from": None, "to": "c@d.example"}),
        Event(NOW, "a@b.example", "assignment", {"from": "c@d.example", "to": None}),
        Event(NOW, "a@b.example", "note", {"text": "hello"}),
        Event(NOW, "program", "status", {"from": "acknowledged", "to": "new", "note": ""}),
    ]
    said = [(step.actor, step.what, step.note) for step in reversed(steps(events))]
    assert said[0] == ("a@b.example", "Status changed from New to Acknowledged", ("x", "y"))
    assert said[1][1] == "Assigned to c@d.example"
    assert said[2][1] == "No longer assigned to c@d.example"
    assert said[3][1:] == ("Note added", ("hello",))
    assert said[4][0] == "The program"
    assert said[4][1].endswith("the person answered again after it was looked at")


def test_words_of_what_is_not_known() -> None:
    assert status_word("on_ice") == "On ice"
    assert rank(None) > rank("note") > rank("emergency")
