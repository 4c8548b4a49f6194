"""Each form and each wait counts once, in its week."""

from datetime import timedelta

from screener.numbers.tally import tally
from screener.numbers.weeks import last_weeks
from tests.numbers.forms import DUE, MONDAY, ZONE, after, form, step

NEXT = MONDAY + timedelta(weeks=1)
NOW = after(days=8)
WEEKS = last_weeks(2, NOW, ZONE)


def test_a_form_counts_in_the_week_in_which_it_was_begun() -> None:
    late = form(submitted_at=after(days=7), raised_at=after(days=7), outcomes={"r": "unknown"})
    counted = tally([form(outcomes={"r": "met"}), late], WEEKS, DUE, NOW)
    assert counted.forms == {("fibromyalgia", MONDAY, "sent"): 2}
    assert counted.outcomes == {
        ("fibromyalgia", MONDAY): {("r", "met"): 1, ("r", "unknown"): 1},
    }
    # It waits from the week in which it was sent.
    assert counted.reactions.waits == {
        ("fibromyalgia", MONDAY, "review"): 1,
        ("fibromyalgia", NEXT, "review"): 1,
    }


def test_where_people_stop_is_counted_of_forms_that_were_not_sent() -> None:
    unsent = {"submitted_at": None, "raised_at": None}
    forms = [
        form(),
        form(**unsent, last_page="pain"),
        form(**unsent, last_page="pain"),
        form(**unsent),
        form(submitted_at=None, risk=True, priority="urgent", last_page="mood"),
    ]
    counted = tally(forms, WEEKS, DUE, NOW)
    stops = {page: n for (_, _, page), n in counted.stops.items()}
    assert stops == {"pain": 2, "": 1, "mood": 1}
    became = {name: n for (_, _, name), n in counted.forms.items()}
    assert became == {"sent": 1, "other": 3, "risk": 1}


def test_a_form_from_before_counts_only_for_what_waits_now() -> None:
    old = form(created_at=after(days=-30), submitted_at=after(days=-30), raised_at=after(days=1))
    counted = tally([old], WEEKS, DUE, NOW)
    assert not counted.forms
    assert counted.reactions.waits == {("fibromyalgia", MONDAY, "review"): 1}


def test_reactions_and_their_minutes_stand_by_priority() -> None:
    emergency = form(priority="emergency", steps=(step("taken", minutes=3),))
    counted = tally([emergency], WEEKS, DUE, NOW)
    key = ("fibromyalgia", MONDAY, "emergency")
    assert counted.reactions.states == {
        (*key, "acknowledged", "in_time"): 1,
        (*key, "contacted", "late"): 1,
        (*key, "decided", "late"): 1,
    }
    assert counted.reactions.minutes == {(*key, "acknowledged"): [3.0]}


def test_the_first_wait_of_each_form_that_was_sent_is_counted_apart() -> None:
    again = form(steps=(step("taken", minutes=3), step("again", days=7)))
    risk = form(submitted_at=None, risk=True)
    counted = tally([again, risk], WEEKS, DUE, NOW)
    assert sum(counted.reactions.waits.values()) == 3
    assert counted.first.waits == {("fibromyalgia", MONDAY, "review"): 1}
    assert counted.first.minutes == {("fibromyalgia", MONDAY, "review", "acknowledged"): [3.0]}


def test_one_form_and_one_language_can_be_chosen() -> None:
    forms = [form(), form(language="es"), form(protocol="depression")]
    spanish = tally(forms, WEEKS, DUE, NOW, language="es")
    assert sum(spanish.forms.values()) == sum(spanish.reactions.waits.values()) == 1
    other = tally(forms, WEEKS, DUE, NOW, protocol="depression")
    assert {protocol for protocol, *_ in other.forms} == {"depression"}


def test_what_does_not_open_is_only_said_to_be_there() -> None:
    counted = tally([form(unreadable=True)], WEEKS, DUE, NOW)
    assert (counted.unreadable, counted.empty, dict(counted.forms)) == (1, False, {})
    assert tally([], WEEKS, DUE, NOW).empty
