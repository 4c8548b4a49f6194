"""The pages of the queue: nobody is passed over, whatever happens between two looks."""

import base64
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screener import store
from screener.store import clock
from tests.clock import Clock
from tests.conftest import KEY, OTHER_KEY, opened
from tests.store.test_review import arrive, nurse_sets


def names(part: store.QueuePart) -> list[str]:
    return [row.reference for row in part.rows]


def pages(limit: int, between: Callable[[int], None] = lambda _: None) -> list[list[str]]:
    """Return every page, one after the other; `between` happens after each."""
    shown, at = [], ""
    for number in range(100):
        part = store.queue_part(limit=limit, at=at)
        shown.append(names(part))
        if not part.after:
            return shown
        between(number)
        at = part.after
    raise AssertionError("no end")


def test_pages_follow_each_other_there_and_back(stored: Flask) -> None:
    people = [arrive() for _ in range(7)]
    assert pages(3) == [people[:3], people[3:6], people[6:]]
    first = store.queue_part(limit=3)
    assert (first.first, first.count, first.before) == (1, 7, "")
    second = store.queue_part(limit=3, at=first.after)
    assert (second.first, second.count) == (4, 7)
    last = store.queue_part(limit=3, at=second.after)
    assert (last.first, last.after) == (7, "")
    assert names(store.queue_part(limit=3, at=last.before)) == people[3:6]
    assert names(store.queue_part(limit=3, at=second.before)) == people[:3]


def test_closing_on_the_first_page_hides_nobody_on_the_second(stored: Flask) -> None:
    people = [arrive() for _ in range(6)]

    def close_two(page: int) -> None:
        if page == 0:
            for reference in people[:2]:
                nurse_sets(reference, "closed", "wrong number")

    assert pages(3, close_two) == [people[:3], people[3:]]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whoever_waits_all_the_while_and_does_not_move_is_shown(
    stored: Flask, at: Clock, data: st.DataObject
) -> None:
    for reference in [row.reference for row in store.queue(limit=100)]:
        nurse_sets(reference, "closed", "the example before")
    at.run(minutes=1)
    people = [arrive("hold", data.draw(st.integers(3, 4))) for _ in range(9)]
    moved: set[str] = set()

    def happens(_page: int) -> None:
        what = data.draw(st.sampled_from(["nothing", "close", "acknowledge", "arrive"]))
        waiting = [row.reference for row in store.queue(limit=100)]
        if what == "arrive":
            arrive("hold", 3)
        elif what != "nothing" and waiting:
            chosen = data.draw(st.sampled_from(waiting))
            moved.add(chosen)
            status = "closed" if what == "close" else "in_contact"
            if status not in (row.status for row in store.queue() if row.reference == chosen):
                nurse_sets(chosen, status, "why")

    shown = {reference for page in pages(3, happens) for reference in page}
    assert set(people) - moved <= shown


def test_a_page_whose_rows_are_gone_shows_the_nearest(stored: Flask) -> None:
    people = [arrive() for _ in range(5)]
    second = store.queue_part(limit=2, at=store.queue_part(limit=2).after)
    for reference in people[4:]:
        nurse_sets(reference, "closed", "x")
    assert names(store.queue_part(limit=2, at=second.after)) == people[2:4]
    for reference in people[:3]:
        nurse_sets(reference, "closed", "x")
    part = store.queue_part(limit=2, at=second.before)
    assert (names(part), part.first, part.before, part.after) == (people[3:4], 1, "", "")
    nurse_sets(people[3], "closed", "x")
    assert store.queue_part(limit=2, at=second.after) == store.QueuePart((), 0, 0, "", "")
    assert store.list_counts(clock.now()) == store.ListCounts(0, 5, 0, 0)


def test_what_was_handled_has_pages_too(stored: Flask) -> None:
    people = [arrive() for _ in range(3)]
    for reference in people:
        nurse_sets(reference, "closed", "x")
    handled = store.Wanted("handled")
    part = store.queue_part(handled, limit=2)
    assert names(part) == people[:2]
    assert names(store.queue_part(handled, limit=2, at=part.after)) == people[2:]


def test_a_place_in_the_queue_names_nobody(stored: Flask) -> None:
    for _ in range(3):
        arrive("emergency", 1, risk=True)
    first = store.queue_part(limit=2)
    raw = base64.urlsafe_b64decode(first.after + "=" * (-len(first.after) % 4))
    for row in first.rows:
        assert row.reference not in first.after and row.reference.encode() not in raw
    assert b"after" not in raw and b"2026" not in raw


@pytest.mark.parametrize(
    "nonsense", ["x", "%", "0", "é", "AAAA", "A" * 5000, "-1", "null", "🙂", "=", "[]"]
)
def test_nonsense_shows_the_beginning(stored: Flask, nonsense: str) -> None:
    people = [arrive() for _ in range(3)]
    assert names(store.queue_part(limit=2, at=nonsense)) == people[:2]


def test_a_place_of_another_key_shows_the_beginning(database_url: str) -> None:
    with opened(database_url, {"k1": KEY}):
        people = [arrive() for _ in range(3)]
        at = store.queue_part(limit=2).after
        assert names(store.queue_part(limit=2, at=at[:-6] + "AAAAAA")) == people[:2], "altered"
        store.reseal()
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        assert names(store.queue_part(limit=2, at=at)) == people[2:]
        store.reseal()
    with opened(database_url, {"k2": OTHER_KEY}):
        assert names(store.queue_part(limit=2, at=at)) == people[:2]


def test_whoever_was_not_screened_stands_last_and_is_shown(stored: Flask) -> None:
    token = store.start("fibromyalgia", "0.3.0", "sha256:x")
    bare = store.submit(token).reference
    people = [arrive() for _ in range(2)]
    assert pages(1) == [people[:1], people[1:], [bare]]
