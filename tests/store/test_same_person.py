"""Forms of one person: suggested, confirmed or rejected, and in one line of the list."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import Change, Terms, Wanted, clock, waiting
from screener.store.tables import LIST_ORDER, ReviewEventRow, SubmissionRow
from screener.store.wanted import in_order, selecting
from tests.clock import Clock
from tests.conftest import KEY, OTHER_KEY, opened
from tests.store.test_marks import number
from tests.store.test_review import DOCTOR, NURSE, nurse_sets, seen
from tests.store.test_states import at_once
from tests.store.test_wanted import shown

ANA: dict[str, Any] = {"name": "Ana María Example", "date_of_birth": "1979-04-27", **number()}
BERTA: dict[str, Any] = {
    "name": "Berta Sample",
    "date_of_birth": "1960-01-02",
    **number("(555) 555-0111"),
}


def phone(text: str) -> dict[str, Any]:
    return {**number(text)}


def begin(priority: str = "review", rank: int = 5, *, risk: bool = False, **given: Any) -> str:
    """Save Ana's form, with other details where they are given, and return its token."""
    token = store.start("fibromyalgia", "1.0.0", "sha256:x")
    identity = {**ANA, **given}
    change = Change(
        identity=identity,
        priority=priority,
        rank=rank,
        risk=risk,
        screening={"priority": priority, "flags": {priority: "met"}, "rulebook": {"hash": "x"}},
    )
    store.save(token, change=lambda _: change)
    return token


def came(priority: str = "review", rank: int = 5, *, done: bool = True, **more: Any) -> str:
    """Send Ana's form and return its reference; without `done` it is unfinished, with risk."""
    token = begin(priority, rank, risk=not done, **more)
    form = store.submit(token) if done else store.load(token)
    assert form is not None
    return form.reference


def states(reference: str) -> dict[str, str]:
    return {other.form.reference: other.state for other in store.other_forms(seen(reference))}


def say(first: str, second: str, same: bool = True, seen: str = "suggested") -> None:
    store.say_same(first, second, NURSE, same=same, seen=seen)


def lines(wanted: Wanted | None = None) -> list[list[str]]:
    part = store.queue_part(wanted, limit=100)
    assert part.count == len(part.rows)
    return [[form.reference for form in row.line] for row in part.rows]


# --- suggested ------------------------------------------------------------------------------------


def test_a_birth_date_with_a_name_or_a_phone_number_suggests_the_same_person(
    stored: Flask,
) -> None:
    reference = came()
    by_phone = came(name="Somebody Else", **phone("555-0142"))
    by_name = came(name="Example, ana-maria", phone="", preferred_name="Annie")
    shorter = came(name="ANA", **phone("(555) 555-0199"))
    born_alone = came(name="Ana Other", **phone("(555) 555-0198"))
    other_birth = came(date_of_birth="1979-04-28")
    unborn = came(date_of_birth="")
    alike = {o.form.reference: o.same for o in store.other_forms(seen(reference))}
    assert alike == {
        by_phone: ("born", "phone"),
        by_name: ("born", "name"),
        shorter: ("born", "name"),
    }
    assert not {born_alone, other_birth, unborn} & alike.keys()
    assert states(by_name)[reference] == "suggested"
    assert states(unborn) == {}


def test_a_form_that_staff_do_not_see_is_suggested_nowhere(stored: Flask) -> None:
    reference = came()
    token = begin()
    assert states(reference) == {}
    unfinished = came("urgent", 2, done=False)
    assert states(reference) == {unfinished: "suggested"}
    assert store.discard(token)


def test_forms_are_found_across_keys(database_url: str) -> None:
    with opened(database_url):
        old = came()
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        new = came()
        assert states(new) == {old: "suggested"} and states(old) == {new: "suggested"}
        say(new, old)
        store.reseal()
    with opened(database_url, {"k2": OTHER_KEY}):
        assert states(new) == {old: "confirmed"}
        assert seen(old).events[-1].body == {"with": new, "same": True}
        say(old, new, False, "confirmed")
        assert states(new) == {old: "rejected"}


def test_what_does_not_open_is_not_suggested_and_hides_no_page(stored: Flask) -> None:
    reference, other = came(), came()
    with store.db.engine.begin() as connection:
        broken = sa.update(SubmissionRow).where(SubmissionRow.reference == other)
        connection.execute(broken.values(sealed_identity=b"x"))
    assert states(reference) == {}


# --- confirmed and rejected -----------------------------------------------------------------------


def test_what_is_said_stands_in_both_histories_and_nowhere_in_the_open(stored: Flask) -> None:
    first, second = came(), came()
    say(first, second)
    for own, other in ((first, second), (second, first)):
        assert states(own) == {other: "confirmed"}
        [event] = seen(own).events
        assert (event.kind, event.actor) == ("same", NURSE)
        assert event.body == {"with": other, "same": True}
    actions = [(entry.action, entry.object) for entry in store.audit_entries()[:2]]
    assert sorted(actions) == sorted(("same person answered", name) for name in (first, second))
    assert store.verify_audit() is None


def test_what_was_rejected_is_not_suggested_again_and_can_be_taken_back(stored: Flask) -> None:
    first, second = came(), came()
    say(first, second, False)
    assert states(first) == {second: "rejected"} and states(second) == {first: "rejected"}
    assert seen(first).person is None
    say(second, first, True, "rejected")
    assert states(first) == {second: "confirmed"}
    say(first, second, False, "confirmed")
    assert states(second) == {first: "rejected"}
    assert (seen(first).person, seen(second).person) == (None, None)
    assert len(seen(first).events) == 3


def test_a_thief_learns_only_which_rows_are_linked(stored: Flask) -> None:
    pairs = [(came(), came()) for _ in range(2)]
    others = (came(**BERTA), came(**BERTA))
    say(*pairs[0])
    say(*others)
    say(*pairs[1], False)
    words = {ref: seen(ref).person for pair in (*pairs, others) for ref in pair}
    assert words[pairs[0][0]] == words[pairs[0][1]] != words[others[0]] == words[others[1]]
    assert words[pairs[1][0]] is words[pairs[1][1]] is None, "no trace in the open"
    with store.db.engine.connect() as connection:
        bodies = connection.execute(sa.select(ReviewEventRow.sealed_body)).scalars().all()
    assert bodies and not any(ref.encode() in body for body in bodies for ref in words)


def test_only_what_is_suggested_can_be_confirmed(stored: Flask) -> None:
    ana, berta = came(), came(**BERTA)
    token = begin()
    hidden = store.load(token)
    assert hidden is not None
    for other in (berta, ana, hidden.reference, "AAAA-AAAA", ""):
        with pytest.raises(store.UnknownQuestionnaire):
            say(ana, other)
    assert seen(ana).events == ()


def test_what_was_confirmed_may_be_rejected_after_the_person_changed_their_details(
    stored: Flask,
) -> None:
    token = begin("urgent", 2, risk=True)
    first, second = store.load(token), came()
    assert first is not None
    say(first.reference, second)
    store.save(token, change=lambda _: Change(identity=BERTA))
    assert states(second) == {first.reference: "confirmed"}
    say(second, first.reference, False, "confirmed")
    assert states(second) == {first.reference: "rejected"}


@pytest.mark.parametrize("seconds", [True, False])
def test_two_people_at_once_say_it_once(stored: Flask, seconds: bool) -> None:
    for _ in range(3):
        first, second = came(), came()
        results = at_once(
            stored,
            partial(say, first, second),
            partial(store.say_same, second, first, DOCTOR, same=seconds, seen="suggested"),
        )
        assert sorted(results) == (["", ""] if seconds else ["", "Stale"])
        assert len(seen(first).events) == len(seen(second).events) == 1
        assert states(first)[second] == states(second)[first]
    assert store.verify_audit() is None


def test_many_at_once_make_one_person_and_no_deadlock(stored: Flask) -> None:
    forms = [came() for _ in range(5)]
    pairs = [(0, 1), (2, 1), (2, 3), (4, 3)]
    results = at_once(stored, *(partial(say, forms[one], forms[two]) for one, two in pairs))
    assert results == [""] * len(pairs)
    assert len({seen(form).person for form in forms}) == 1


def test_whoever_is_confirmed_with_one_is_confirmed_with_all(stored: Flask) -> None:
    a, b, c = came(), came(), came()
    say(a, b)
    say(b, c)
    assert states(a) == {b: "confirmed", c: "confirmed"}
    with pytest.raises(store.Refused, match="Both are confirmed with"):
        say(a, c, False, "confirmed")
    say(a, b, False, "confirmed")
    assert states(a) == {b: "rejected", c: "suggested"} and states(b) == {
        a: "rejected",
        c: "confirmed",
    }
    with pytest.raises(store.Refused, match="were said not to be the same person"):
        say(a, c)
    assert states(a)[c] == "suggested" and len(seen(a).events) == 2


# --- one line -------------------------------------------------------------------------------------


def due(reference: str, at: datetime | None) -> None:
    with store.db.engine.begin() as connection:
        chosen = sa.update(SubmissionRow).where(SubmissionRow.reference == reference)
        connection.execute(chosen.values(due_at=at))


def test_two_forms_of_a_day_are_one_line_with_the_highest_priority(stored: Flask) -> None:
    review, emergency, alone = came(), came("emergency", 1), came("urgent", 2, **BERTA)
    assert lines() == [[emergency], [alone], [review]]
    say(review, emergency)
    assert lines() == [[emergency, review], [alone]]
    assert store.list_counts(clock.now()).waiting == 2
    nurse_sets(emergency, "acknowledged")
    assert lines() == [[emergency, review], [alone]], "acting on one leaves the other"
    assert seen(review).status == "new"


def test_danger_on_either_is_never_hidden(stored: Flask) -> None:
    first, second = came("emergency", 1), came("emergency", 1)
    say(first, second)
    nurse_sets(first, "acknowledged")
    assert lines() == [[second, first]]
    store.set_status(
        first,
        "closed",
        DOCTOR,
        seen(first).revision,
        "Seen.",
        role="physician",
        dispositions={"suicide": "None now"},
    )
    assert lines() == [[second]]
    assert lines(Wanted("handled")) == [[first]]
    assert sorted(lines(Wanted("all"))) == sorted([[second], [first]])


def test_forms_of_other_days_have_their_own_line_and_say_what_became_of_the_last(
    stored: Flask, at: Clock
) -> None:
    at(hours=0)
    first = came()
    at(hours=30)
    nurse_sets(first, "closed", "x")
    at(hours=60)
    second = came()
    at(hours=90)
    third = came()
    at(hours=91)
    fourth = came("urgent", 2)
    for one, two in ((first, second), (second, third), (third, fourth)):
        say(one, two)
    assert lines() == [[fourth, third], [second]]
    top, last = store.queue_part(limit=9).rows
    assert (top.number, [form.number for form in top.also]) == (4, [3])
    assert top.before == store.EarlierForm(second, "new", at.start + timedelta(hours=60))
    assert (last.number, last.later) == (2, 2)
    assert last.before == store.EarlierForm(first, "closed", at.start + timedelta(hours=30))
    [handled] = store.queue_part(Wanted("handled"), limit=9).rows
    assert (handled.number, handled.before, handled.later) == (1, None, 3)


def test_an_unfinished_form_counts_and_moves_to_the_day_on_which_it_is_sent(
    stored: Flask, at: Clock
) -> None:
    at(hours=0)
    token = begin("urgent", 2, risk=True)
    other = came()
    form = store.load(token)
    assert form is not None
    say(form.reference, other)
    assert lines() == [[form.reference, other]]
    at(hours=40)
    store.submit(token)
    assert lines() == [[form.reference], [other]]
    later = came()
    say(later, form.reference)
    assert lines() == [[form.reference, later], [other]]


def test_the_days_of_a_line_are_the_clinics(database_url: str, at: Clock) -> None:
    app = Flask("zone")
    store.init_app(app, database_url, {"k1": KEY}, zone=ZoneInfo("America/New_York"))
    with app.app_context():
        store.check()
        at(hours=8)  # 6 PM in New York
        first = came()
        at(hours=10)  # 8 PM there, and the next day in UTC
        second = came()
        say(first, second)
        assert lines() == [[first, second]]
        store.db.engine.dispose()


def test_nothing_that_staff_linked_is_erased_by_age_or_by_the_person(
    stored: Flask, at: Clock
) -> None:
    token = begin("urgent", 2, risk=True)
    form = store.load(token)
    assert form is not None
    say(form.reference, came())
    at(hours=24 * 400)
    assert store.expire_drafts(30) == 0
    assert not store.discard(token)
    assert form.reference in states(came())


# --- filters, counts, search and pages ------------------------------------------------------------


@pytest.fixture(params=[500, 1], ids=["few", "many"])
def counted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let the list be read in each of its two ways."""
    monkeypatch.setattr(waiting, "MOST_COUNTED", request.param)
    return int(request.param)


def test_a_line_is_found_by_what_any_of_its_forms_has(stored: Flask, counted: int) -> None:
    review, urgent = came(name="Ana Maria"), came("urgent", 2, name="Ana Other Maria")
    say(review, urgent)
    nurse_sets(review, "acknowledged")
    due(review, clock.now() - timedelta(hours=1))
    both = [urgent, review]
    assert shown(Wanted()) == [urgent]
    for wanted in (
        Wanted(status="acknowledged"),
        Wanted(holder=NURSE),
        Wanted(overdue_at=clock.now()),
        Wanted(rule=("fibromyalgia", "review")),
        Wanted("all", terms=Terms(reference=review)),
    ):
        assert shown(wanted) == [urgent], wanted
        [row] = store.queue_part(wanted, limit=5).rows
        assert [form.reference for form in row.line] == both, "the line shows all, the first first"
    assert shown(Wanted("all", terms=Terms(name="Maria"))) == [urgent]
    assert shown(Wanted(priority="urgent")) == [urgent]
    assert shown(Wanted(priority="review")) == [], "the line has the highest priority"


def place(row: Any) -> tuple[Any, ...]:
    return (row.listed, *(getattr(row, name) for name in LIST_ORDER))


def expected(wanted: Wanted, listed: tuple[int, ...], fits: Callable[[Any], bool]) -> list[str]:
    """Work out the lines of the list, each by the reference of its first form, from all rows."""
    with store.db.engine.connect() as connection:
        rows = sorted(connection.execute(sa.select(SubmissionRow.__table__)).all(), key=place)
    leads: dict[object, Any] = {}
    for row in rows:
        leads.setdefault(line_of(row), row)
    lines: dict[object, str] = {}
    for row in (row for row in rows if row.listed in listed and fits(row)):
        lead = leads[line_of(row)]
        if wanted.priority is None or row.priority_rank == lead.priority_rank:
            lines.setdefault(line_of(row), lead.reference)
    return [*lines.values()]


def line_of(row: Any) -> object:
    return row.reference if row.person is None else (row.person, row.person_day, row.listed)


@pytest.mark.parametrize("seed", [1, 2])
def test_pages_counts_and_filters_agree_with_a_list_worked_out_by_hand(
    stored: Flask, counted: int, at: Clock, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 (people are drawn, not secrets)
    priorities = (("urgent", 2), ("hold", 4), ("review", 5))
    references = []
    for hour in range(0, 60, 3):
        at(hours=hour)
        references.append(came(*chance.choice(priorities), done=chance.random() < 0.8))
    for _ in range(14):
        first, second = chance.sample(references, 2)
        if states(first).get(second) == "suggested":
            say(first, second)
    for reference in chance.sample(references, 8):
        with suppress(store.Refused):  # who is urgent is not closed so
            nurse_sets(reference, chance.choice(["acknowledged", "closed"]), "x")
    now = clock.now()
    for reference in chance.sample(references, 8):
        due(reference, now - timedelta(hours=1))
    cases: list[tuple[Wanted, Callable[[Any], bool]]] = [
        (Wanted(), lambda row: True),
        (Wanted("handled"), lambda row: True),
        (Wanted(status="new"), lambda row: row.status == "new"),
        (Wanted(holder=NURSE), lambda row: row.holder == NURSE),
        (Wanted(overdue_at=now), lambda row: row.due_at is not None and row.due_at <= now),
        (Wanted(unfinished=True), lambda row: row.unfinished == 1),
        (Wanted(priority="hold"), lambda row: row.priority == "hold"),
        (Wanted(priority="urgent"), lambda row: row.priority == "urgent"),
        (Wanted(rule=("fibromyalgia", "hold")), lambda row: row.priority == "hold"),
        (Wanted("all", terms=Terms(born=("1979-04-27",))), lambda row: True),
    ]
    which = {"waiting": (1,), "handled": (2,), "all": (1, 2)}
    for wanted, fits in cases:
        right = expected(wanted, which[wanted.listing], fits)
        assert shown(wanted) == right, wanted
        assert shown(wanted, 1) == shown(wanted, 3) == right, wanted
    counts = store.list_counts(now)
    if counted > 1:
        assert counts.waiting == len(shown(Wanted())) < len(references)
        assert counts.overdue == len(shown(Wanted(overdue_at=now)))


def test_the_other_forms_of_a_line_are_looked_up_by_their_person_alone(stored: Flask) -> None:
    if store.db.engine.dialect.name != "sqlite":
        return  # PostgreSQL decides by what is stored: the benchmark looks at it
    terms = Terms(name="Ana", born=("1979-04-27",), number="5550142")
    for wanted in (
        Wanted(),
        Wanted(status="new", holder="", unfinished=True, overdue_at=clock.now()),
        Wanted("all", rule=("fibromyalgia", "review"), terms=terms),
        Wanted(priority="review", received=(clock.now(), clock.now())),
    ):
        for statement in (in_order(wanted), selecting(wanted, SubmissionRow.reference)):
            with store.db.engine.connect() as connection:
                options = {"render_postcompile": True}
                compiled = statement.compile(connection, compile_kwargs=options)
                values = tuple(compiled.construct_params().values())
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()
            used = [row[3] for row in plan if " other" in row[3]]
            assert used and all("ix_submission_person" in step for step in used), (wanted, used)
