"""Filters of the list, with few stored and with more than are counted."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import Wanted, clock, waiting
from screener.store.tables import SubmissionRow
from tests.clock import Clock
from tests.store.test_marks import sent
from tests.store.test_review import NURSE, arrive, nurse_sets, seen


def shown(wanted: Wanted, limit: int = 100) -> list[str]:
    """Return everybody who is wanted, page after page, and hold it against the way back."""
    pages, at = [], ""
    for _ in range(200):
        part = store.queue_part(wanted, limit=limit, at=at)
        pages.append([row.reference for row in part.rows])
        if not part.after:
            break
        at = part.after
    forward = [reference for page in pages for reference in page]
    last = store.queue_part(wanted, limit=limit, at=store.LAST)
    assert [row.reference for row in last.rows] == forward[-limit:]
    backward, part = [row.reference for row in last.rows], last
    while part.before:
        part = store.queue_part(wanted, limit=limit, at=part.before)
        backward = [row.reference for row in part.rows] + backward
    assert [each for each in forward if each in backward] == forward
    return forward


@pytest.fixture(params=[500, 1], ids=["few", "many"])
def counted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let the list be read in each of its two ways."""
    monkeypatch.setattr(waiting, "MOST_COUNTED", request.param)
    return int(request.param)


def test_filters_narrow_the_list(stored: Flask, counted: int, at: Clock) -> None:
    at(hours=0)
    old = [arrive("hold", 4) for _ in range(3)]
    at(hours=48)
    urgent = [arrive("urgent", 2) for _ in range(3)]
    unfinished = [arrive("review", 5, risk=True, done=False) for _ in range(3)]
    for reference in old[:2]:
        nurse_sets(reference, "acknowledged")
    store.assign(old[2], "other@clinic.example", NURSE, seen(old[2]).revision, role="intake")
    day = at.start + timedelta(hours=24)
    expected: dict[Wanted, list[str]] = {
        Wanted(priority="urgent"): urgent,
        Wanted(status="acknowledged"): old[:2],
        Wanted(holder=NURSE): old[:2],
        Wanted(holder="other@clinic.example"): old[2:],
        Wanted(holder=""): [*urgent, *unfinished],
        Wanted(unfinished=True): unfinished,
        Wanted(received=(None, day)): [old[2], *old[:2]],
        Wanted(received=(day, None)): [*urgent, *unfinished],
        Wanted(received=(day, day)): [],
        Wanted(protocol="fibromyalgia", priority="hold", holder=NURSE): old[:2],
        Wanted(protocol="other"): [],
        Wanted(language="en", priority="urgent"): urgent,
        Wanted(language="es"): [],
        Wanted(rule=("fibromyalgia", "none")): [],
        Wanted("handled"): [],
    }
    for wanted, references in expected.items():
        whole = shown(wanted)
        assert sorted(whole) == sorted(references), wanted
        assert shown(wanted, 1) == shown(wanted, 2) == whole, wanted


def test_a_rule_is_found_with_other_filters_too(stored: Flask, counted: int) -> None:
    both = [sent("Ana", flags={"a": "met", "b": "met"}) for _ in range(3)]
    one = [sent("Berta", flags={"a": "met"}) for _ in range(3)]
    nurse_sets(both[0], "closed", "wrong number")
    assert shown(Wanted(rule=("fibromyalgia", "b")), 1) == both[1:]
    assert shown(Wanted(rule=("fibromyalgia", "a")), 2) == [*both[1:], *one]
    assert shown(Wanted("handled", rule=("fibromyalgia", "a"))) == both[:1]
    assert shown(Wanted(rule=("fibromyalgia", "a"), holder=NURSE)) == []
    assert shown(Wanted(rule=("depression", "a"))) == []


def test_a_search_shows_who_waits_before_who_does_not(stored: Flask, counted: int) -> None:
    people = [sent("Ana Test") for _ in range(4)]
    nurse_sets(people[0], "closed", "wrong number")
    wanted = Wanted("all", terms=store.Terms(name="ana"))
    for limit in (1, 2, 100):
        assert shown(wanted, limit) == [*people[1:], people[0]]


def test_counts_say_when_there_are_more(stored: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST_COUNTED", 2)
    for _ in range(4):
        arrive()
    part = store.queue_part(limit=1)
    assert (part.count, part.first) == (3, 1)
    assert store.queue_part(limit=1, at=part.after).first == 0
    assert store.list_counts(clock.now()).waiting == 3


def test_new_ones_since_a_time_are_counted(stored: Flask, at: Clock) -> None:
    at(hours=0)
    arrive()
    at(hours=1)
    opened = clock.now()
    at(hours=2)
    acknowledged, _ = arrive(), arrive()
    nurse_sets(acknowledged, "acknowledged")
    assert store.list_counts(clock.now(), opened).new == 1
    assert store.list_counts(clock.now()).new == 0


def test_computed_columns_are_what_the_program_says(stored: Flask) -> None:
    reference = arrive("urgent", 2)
    arrive("review", 5, done=False)
    nurse_sets(reference, "acknowledged")
    with store.db.engine.connect() as connection:
        every: list[Any] = list(connection.execute(sa.select(SubmissionRow.__table__)))
    for row in every:
        visible = row.submitted_at is not None or row.risk
        assert row.listed == int(visible)
        assert row.urgency == row.priority_rank * 2 + (row.status != "new")
        assert row.since == (row.raised_at or row.submitted_at or row.created_at)
        assert (row.holder, row.unfinished) == (row.assigned_to or "", row.submitted_at is None)
