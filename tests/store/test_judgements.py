"""What a physician says of a trial: sealed, numbered, never changed, and no answer."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import Change, Judgement
from screener.store.resealing import reseal
from tests.conftest import KEY, OTHER_KEY, opened

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
ROW = {"dose_mg": 40, "weeks": 10}
KIDNEYS = Judgement("duloxetine", "Duloxetine", "pain", True, "kidneys", "", ROW)
OTHER = Judgement("duloxetine", "Duloxetine", "pain", False, "other", "canary words", ROW)
BACK = Judgement("duloxetine", "Duloxetine", "pain", None, row=ROW)


def arrive(**answers: Any) -> tuple[str, str]:
    """Return token and reference of somebody in danger, who is still at the form."""
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    change = Change(priority="urgent", rank=1, risk=True, risk_answers=[("asq_1", "yes")])
    saved = store.save(token, answers=answers, change=lambda _: change)
    return token, saved.reference


def seen(reference: str) -> store.Submission:
    submission = store.submission(reference)
    assert submission is not None
    return submission


def judge(reference: str, judgement: Judgement, role: str = "physician", mark: str = "") -> None:
    """Record a judgement as from a page that shows the trial as it is."""
    mark = mark or store.trial_mark(seen(reference), judgement.medicine, judgement.use)
    store.judge_trial(reference, judgement, DOCTOR, role=role, seen=mark)


def test_a_judgement_stands_until_it_is_taken_back_and_stays_in_the_history(stored: Flask) -> None:
    _, reference = arrive()
    before = seen(reference)
    judge(reference, KIDNEYS)
    judge(reference, OTHER)
    after = seen(reference)
    assert after.questionnaire == before.questionnaire
    assert (after.status, after.revision, after.assigned_to) == ("new", before.revision, None)
    standing = store.standing_judgements(after)
    assert [store.judgement_of(event) for event in standing.values()] == [OTHER]
    judge(reference, BACK)
    events = seen(reference).events
    assert [store.judgement_of(event) for event in events] == [KIDNEYS, OTHER, BACK]
    assert {(event.actor, event.kind) for event in events} == {(DOCTOR, "trial")}
    assert not store.standing_judgements(seen(reference))
    log = [(entry.actor, entry.action, entry.object) for entry in store.audit_entries()]
    assert log[:3] == [
        (DOCTOR, "trial judgement taken back", reference),
        (DOCTOR, "trial judged", reference),
        (DOCTOR, "trial judged", reference),
    ]
    assert store.verify_audit() is None


def test_each_use_of_each_medicine_has_its_own(stored: Flask) -> None:
    _, reference = arrive()
    judge(reference, KIDNEYS)
    judge(reference, Judgement("duloxetine", "Duloxetine", "mood", False, "age", "", ROW))
    judge(reference, Judgement("gabapentin", "Gabapentin", "pain", True, "kidneys", "", ROW))
    judge(reference, BACK)
    assert set(store.standing_judgements(seen(reference))) == {
        ("duloxetine", "mood"),
        ("gabapentin", "pain"),
    }


def test_the_second_of_two_is_stale_and_so_is_one_on_answers_that_changed(stored: Flask) -> None:
    token, reference = arrive()
    mark = store.trial_mark(seen(reference), "duloxetine", "pain")
    judge(reference, KIDNEYS, mark=mark)
    with pytest.raises(store.Stale):
        judge(reference, OTHER, mark=mark)
    mark = store.trial_mark(seen(reference), "duloxetine", "pain")
    store.save(token, answers={"medicines_tried": {"duloxetine": {"dose_mg": 20}}})
    for wrong in (mark, "", "0", "nonsense"):
        with pytest.raises(store.Stale):
            store.judge_trial(reference, OTHER, DOCTOR, role="physician", seen=wrong)
    assert len(seen(reference).events) == 1


def test_another_step_of_the_review_is_no_conflict(stored: Flask) -> None:
    _, reference = arrive()
    mark = store.trial_mark(seen(reference), "duloxetine", "pain")
    revision = seen(reference).revision
    store.add_note(reference, NURSE, "Called")
    judge(reference, KIDNEYS, mark=mark)
    store.set_status(reference, "acknowledged", NURSE, revision, role="intake")
    assert [event.kind for event in seen(reference).events] == ["note", "trial", "status"]


@pytest.mark.parametrize(
    "judgement, role, field",
    [
        (KIDNEYS, "intake", "adequate"),
        (BACK, "physician", "adequate"),
        (Judgement("a", "A", "pain", True), "physician", "reason"),
        (Judgement("a", "A", "pain", True, "cost"), "physician", "reason"),
        (Judgement("a", "A", "pain", True, "other", " - "), "physician", "words"),
    ],
)
def test_what_may_not_be_recorded_is_refused_at_its_field(
    stored: Flask, judgement: Judgement, role: str, field: str
) -> None:
    _, reference = arrive()
    with pytest.raises(store.Refused) as refused:
        judge(reference, judgement, role)
    assert set(refused.value.problems) == {field}
    assert not seen(reference).events
    with pytest.raises(store.UnknownQuestionnaire):
        store.judge_trial("AAAA-AAAA", KIDNEYS, DOCTOR, role="physician", seen="")


def test_it_is_sealed_and_sealed_anew_with_everything_else(database_url: str) -> None:
    with opened(database_url, {"k1": KEY}):
        _, reference = arrive()
        judge(reference, OTHER)
        with store.db.engine.connect() as connection:
            bodies = connection.scalars(sa.text("SELECT sealed_body FROM review_event")).all()
        assert bodies and not any(b"canary" in bytes(body) for body in bodies)
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        assert reseal() > 0
    with opened(database_url, {"k2": OTHER_KEY}):
        [event] = seen(reference).events
        assert store.judgement_of(event) == OTHER


def test_what_a_physician_judged_is_not_erased_by_time(stored: Flask, at: Any) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    reference = store.save(
        token, change=lambda _: Change(priority="urgent", rank=1, risk=True)
    ).reference
    judge(reference, KIDNEYS)
    at(days=400)
    assert store.expire_drafts(30) == 0
    assert not store.discard(token, "start_again")
    assert len(seen(reference).events) == 2, "the judgement, and that the person left"
