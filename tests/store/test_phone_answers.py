"""Answers that staff take down: sealed events beside the person's own, which never change."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import Change, Heard, Submission, TakenDown
from screener.store.resealing import reseal
from tests.conftest import KEY, OTHER_KEY, opened

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
TRIED: dict[str, Any] = {"medicines_tried": {"sertraline": {"dose_mg": 50}}}


def arrive(priority: str = "review", *, sent: bool = True, **answers: Any) -> tuple[str, str]:
    """Return token and reference of somebody's form."""
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    change = Change(priority=priority, rank=5, risk=not sent)
    saved = store.save(token, answers=answers, change=lambda _: change)
    if sent:
        store.submit(token)
    return token, saved.reference


def seen(reference: str) -> Submission:
    submission = store.submission(reference)
    assert submission is not None
    return submission


def take(
    reference: str, answers: dict[str, Any], actor: str = NURSE, *, shown: int = 99, **more: Any
) -> bool:
    """Take answers down; `more` are fields of the change that follows."""

    def hear(stored: Submission, taken: TakenDown, now: datetime) -> Heard:
        return Heard({"priority": "review", "flags": {}}, Change(**more))

    taken = TakenDown("phone", "person", answers, {"asq_4": "declined"}, shown)
    return store.take_down(reference, taken, actor, hear)


def test_what_staff_take_down_lies_over_the_answers_and_changes_none(stored: Flask) -> None:
    _, reference = arrive(asq_1="no", **TRIED)
    before = seen(reference)
    take(reference, {"asq_1": "yes", "medicines_tried.sertraline.weeks": 12})
    after = seen(reference)
    assert after.questionnaire == before.questionnaire
    assert store.answers_with_phone(after) == {
        "asq_1": "yes",
        "medicines_tried": {"sertraline": {"dose_mg": 50, "weeks": 12}},
    }
    (event,) = store.phone_events(after)
    assert event.body["answers"]["asq_1"] == {"value": "yes", "own": "no"}
    assert event.body["none"] == {"asq_4": "declined"}
    assert after.revision > before.revision
    log = [(entry.actor, entry.action, entry.object) for entry in store.audit_entries()]
    assert log[0] == (NURSE, "answers taken down", reference)
    assert store.verify_audit() is None


def test_medicines_that_were_named_bring_their_rows_and_keep_what_was_known(stored: Flask) -> None:
    _, reference = arrive(**TRIED)
    named: dict[str, Any] = {"medicines_tried": {"sertraline": {}, "duloxetine": {}}}
    take(reference, named)
    take(reference, {"medicines_tried.duloxetine.weeks": 8, "medicines_tried.gone.weeks": 8})
    assert store.answers_with_phone(seen(reference))["medicines_tried"] == {
        "sertraline": {"dose_mg": 50},
        "duloxetine": {"weeks": 8},
    }


def test_the_later_answer_stands_and_all_are_kept(stored: Flask) -> None:
    _, reference = arrive()
    take(reference, {"asq_1": "yes"})
    take(reference, {"asq_1": "no"}, DOCTOR)
    assert store.phone_answers_of(seen(reference))["asq_1"].value == "no"
    every = store.taken_down(seen(reference))["asq_1"]
    assert [(answer.value, answer.actor) for answer in every] == [("yes", NURSE), ("no", DOCTOR)]


def test_what_the_person_answers_later_stands(stored: Flask) -> None:
    token, reference = arrive("urgent", sent=False, asq_1="no")
    take(reference, {"asq_1": "yes", "asq_2": "no"})
    store.save(token, answers={"asq_1": "declined"})
    assert store.answers_with_phone(seen(reference)) == {"asq_1": "declined", "asq_2": "no"}
    assert len(store.taken_down(seen(reference))["asq_1"]) == 1
    screening = store.phone_screening(seen(reference))
    assert screening is not None and "flags" not in screening  # it was of other answers


def test_a_save_that_is_sent_twice_is_kept_once(stored: Flask) -> None:
    _, reference = arrive()
    assert take(reference, {"asq_1": "no"}, shown=0)
    assert not take(reference, {"asq_1": "no"}, shown=0)
    assert take(reference, {"asq_1": "no"}, DOCTOR, shown=0)
    assert take(reference, {"asq_1": "no"}, shown=2)  # asked once more
    assert len(store.phone_events(seen(reference))) == 3


def test_a_raised_priority_and_danger_reopen_it_as_a_save_does(stored: Flask) -> None:
    _, reference = arrive()
    before = seen(reference)
    store.set_status(reference, "closed", NURSE, before.revision, "moved away", role="intake")
    risk = [("asq_1", "yes")]
    raised: dict[str, Any] = {
        "priority": "urgent",
        "rank": 1,
        "risk": True,
        "risk_answers": risk,
        "news": True,
    }
    take(reference, {"asq_1": "yes"}, **raised, why="phone")
    after = seen(reference)
    assert (after.status, after.risk, after.questionnaire.priority) == ("new", True, "urgent")
    assert after.waiting_since > before.waiting_since
    assert after.events[-1].body["why"] == "phone"
    assert [(a.question, a.value, a.taken_by) for a in after.risk_answers] == [
        ("asq_1", "yes", NURSE)
    ]


def test_what_the_person_saves_is_not_held_against_what_staff_took_down(stored: Flask) -> None:
    token, reference = arrive("urgent", sent=False, asq_1="no")
    own = Change(risk_answers=[("asq_1", "no")])
    store.save(token, change=lambda _: own)
    take(reference, {"asq_1": "yes"}, risk_answers=[("asq_1", "yes")])
    revision = seen(reference).revision
    store.save(token, change=lambda _: own)
    assert seen(reference).revision == revision  # the person told nothing new
    said = [(answer.value, answer.taken_by) for answer in seen(reference).risk_answers]
    assert said == [("no", ""), ("yes", NURSE)]


def test_two_at_once_both_keep_theirs(stored: Flask) -> None:
    _, reference = arrive()

    def taking(number: int) -> bool:
        with stored.app_context():
            return take(reference, {"bp_systolic": 100 + number}, f"{number}@clinic.example")

    with ThreadPoolExecutor(4) as several:
        assert all(several.map(taking, range(8)))
    values = [answer.value for answer in store.taken_down(seen(reference))["bp_systolic"]]
    assert sorted(values) == list(range(100, 108))


def test_nobody_takes_down_what_is_not_to_be_seen_or_in_other_words(stored: Flask) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    own = store.save(token, answers={"asq_1": "no"})
    for reference in (own.reference, "AAAA-AAAA"):
        with pytest.raises(store.UnknownQuestionnaire):
            take(reference, {"asq_1": "no"})
    _, reference = arrive()
    for taken in (
        TakenDown("letter", "person", {}),
        TakenDown("phone", "cousin", {}),
        TakenDown("phone", "person", {}, {"asq_1": "busy"}),
    ):
        with pytest.raises(ValueError, match="taken down"):
            store.take_down(reference, taken, NURSE, lambda *_: Heard({}, Change()))
    assert not seen(reference).events


def test_it_is_sealed_and_survives_new_keys(database_url: str) -> None:
    with opened(database_url) as app, app.app_context():
        _, reference = arrive()
        take(reference, {"notes": "canary words"})
        with store.db.engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT * FROM review_event")).all()
        assert rows and b"canary" not in repr(rows).encode()
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        reseal()
    with opened(database_url, {"k2": OTHER_KEY}):
        assert store.answers_with_phone(seen(reference))["notes"] == "canary words"
