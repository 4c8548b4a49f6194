"""The file that says who is told: what is right, and every fault with its place."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from screener.engine.problems import RulebookError
from screener.hours import StaffedHours, read_week
from screener.roster import Roster, read_roster
from screener.zones import zone

RIGHT = """\
tell:
  - id: desk
    name: The desk
    mail: desk@clinic.example
    priorities: [emergency, urgent]
    hours: staffed
  - id: second
    name: The second
    mail: second@clinic.example
    priorities: emergency
    hours: any
    minutes: 15
  - id: pager
    name: On call
    webhook: https://pager.example/hook?team=1
    secret: pager
    priorities: [emergency]
    hours: closed
steps_when_not_reached:
  - Call the second
    number.
"""
HOURS = StaffedHours(read_week("Mon-Fri 09:00-17:00"), frozenset(), zone("America/New_York"))
FRIDAY_EVENING = datetime(2026, 3, 6, 23, 0, tzinfo=UTC)
FRIDAY_NOON = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)


def read(folder: Path, text: str = RIGHT) -> Roster:
    file = folder / "tell.yaml"
    file.write_text(text, encoding="utf-8")
    return read_roster(file, {"pager"})


def test_a_file_that_is_right_says_who_is_told(tmp_path: Path) -> None:
    roster = read(tmp_path)
    assert [(r.id, r.channel, r.minutes) for r in roster.recipients] == [
        ("desk", "mail", 10),
        ("second", "mail", 15),
        ("pager", "webhook", 10),
    ]
    assert roster.steps_when_not_reached == ("Call the second number.",)


@pytest.mark.parametrize(
    ("staffed", "told", "turn"),
    [
        (True, "", "desk"),
        (True, "desk", "second"),
        (True, "second", "desk"),
        (False, "", "second"),
        (False, "second", "pager"),
        (False, "pager", "second"),
        (False, "desk", "second"),  # the clinic closed meanwhile
        (True, "pager", "desk"),  # it opened
        (True, "nobody_any_more", "desk"),
    ],
)
def test_emergencies_go_round_by_those_on_duty(
    tmp_path: Path, staffed: bool, told: str, turn: str
) -> None:
    recipient = read(tmp_path).next_for_emergency(staffed, told)
    assert recipient and recipient.id == turn


def test_other_priorities_wait_for_who_is_there_in_staffed_hours(tmp_path: Path) -> None:
    roster = read(tmp_path)
    (told,) = roster.told_at("urgent", FRIDAY_EVENING, HOURS)
    assert (told[0].id, told[1].astimezone(UTC)) == ("desk", MONDAY_MORNING)
    assert roster.told_at("urgent", FRIDAY_NOON, HOURS) == [(told[0], FRIDAY_NOON)]
    assert roster.told_at("review", FRIDAY_NOON, HOURS) == []


def test_nobody_is_told_where_the_list_is_empty(tmp_path: Path) -> None:
    roster = read(tmp_path, "steps_when_not_reached: [Call again.]\n")
    assert roster.recipients == () and roster.next_for_emergency(True, "") is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("tell:", "tel:", "tell.yaml:2:3: the key tel has no meaning here; did you mean tell?"),
        ("mail: desk@clinic", "mial: desk@clinic", "4:11: the key mial has no meaning here"),
        ("desk@clinic.example", "desk", "4:11: mail: an address is expected, found desk"),
        ("hours: staffed", "hours: night", "6:12: found night; allowed: 'staffed', 'closed' or"),
        ("    hours: staffed\n", "", "2:5: hours is missing"),
        ("[emergency, urgent]", "[emergancy]", "5:18: found emergancy; allowed: 'emergency'"),
        ("[emergency, urgent]", "[]", "5:17: priorities: a list of priorities is expected"),
        ("minutes: 15", "minutes: soon", "12:14: minutes: a whole number is expected, found soon"),
        ("minutes: 15", "minutes: 0", "12:14: minutes: 1 to 240 are expected, found 0"),
        ("id: second", "id: desk", "7:9: the id desk is given twice"),
        ("id: second", "id: The Second", "an id has lower-case letters, digits and _"),
        ("name: The desk", 'name: " "', "3:12: name: is empty: write who this is"),
        ("https://pager", "http://pager", "15:14: webhook: an address that begins with https://"),
        ("https://pager", "https://me:word@pager", "15:14: webhook: an address that begins with"),
        ("https://pager.example", "https://[", "15:14: webhook: an address that begins with"),
        ("secret: pager", "secret: pagers", "no secret of SCREENER_WEBHOOK_SECRETS is called"),
        ("    secret: pager\n", "", "pager: secret is missing: name one of SCREENER_WEBHOOK"),
        (
            "    mail: second@clinic.example\n",
            "",
            "7:5: second has neither mail nor webhook: write one of them",
        ),
        (
            "    secret: pager\n",
            "    secret: pager\n    mail: a@clinic.example\n",
            "pager has both mail and webhook: write one of them",
        ),
        ("  - Call the second\n    number.\n", "  - [a]\n", "20:5: a sentence is expected"),
        ("  - Call the second\n    number.\n", "  a: b\n", "a list of sentences is expected"),
        (RIGHT, "tell: desk\n", "1:7: a list of tell is expected"),
        (RIGHT, "- a\n", "1:1: a mapping is expected"),
        (RIGHT, "a: [\n", "is not well-formed YAML"),
        (RIGHT, "", "one YAML document expected, 0 found"),
    ],
)
def test_every_fault_has_its_place_and_what_would_be_right(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in RIGHT
    with pytest.raises(RulebookError) as error:
        read(tmp_path, RIGHT.replace(old, new, 1))
    assert any(says in str(problem) for problem in error.value.problems), str(error.value)


def test_all_faults_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(RulebookError) as error:
        read(tmp_path, RIGHT.replace("hours: ", "hours: x"))
    assert [problem.line for problem in error.value.problems] == [6, 11, 18]
