"""A person's questionnaire: saved page by page, submitted once, readable by nobody else."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import Change, Questionnaire
from screener.store.records import ALPHABET
from screener.store.tables import Base, SubmissionRow
from tests.clock import Clock
from tests.conftest import KEY, opened

CANARIES = ("canary-answer", "canary-name", "canary-page", "canary-rule", "canary-risk")


def begin() -> str:
    return store.start("fibromyalgia", "0.1.0", "sha256:" + "a" * 64)


def current(token: str) -> Questionnaire:
    questionnaire = store.load(token)
    assert questionnaire is not None
    return questionnaire


def everything(_: Questionnaire) -> Change:
    answer, name, page, rule, risk = CANARIES
    return Change(
        answers={"pain_areas": [answer]},
        identity={"name": name},
        progress={"pages": [page]},
        screening={"outcomes": {rule: "met"}},
        priority="urgent",
        rank=1,
        risk=True,
        risk_answers=[("phq9_9", risk)],
    )


def _given(change: Change, _: Questionnaire) -> Change:
    return change


def harmless(_: Questionnaire) -> Change:
    return Change(
        answers={"pain_areas": ["neck"]},
        priority="review",
        rank=5,
        risk=False,
        risk_answers=[("asq_1", "no")],
    )


def test_a_new_questionnaire_is_empty(stored: Flask) -> None:
    questionnaire = current(begin())
    assert (questionnaire.answers, questionnaire.identity, questionnaire.progress) == ({}, {}, {})
    assert questionnaire.screening is None and questionnaire.submitted_at is None
    assert questionnaire.created_at.tzinfo is UTC


def test_a_reference_can_be_read_aloud(stored: Flask) -> None:
    reference = current(begin()).reference
    assert len(reference) == 9 and reference[4] == "-"
    assert set(reference.replace("-", "")) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01258BILOSUVZ")


def test_a_wrong_token_finds_nothing(stored: Flask) -> None:
    begin()
    assert store.load("guess") is None
    with pytest.raises(store.UnknownQuestionnaire):
        store.save("guess", answers={"age": 40})
    with pytest.raises(store.UnknownQuestionnaire):
        store.submit("guess")


def test_the_token_is_not_in_the_database(stored: Flask) -> None:
    token = begin()
    with store.db.engine.connect() as connection:
        (row,) = connection.execute(sa.select(SubmissionRow.__table__)).all()
    assert token not in repr(tuple(row))


def test_a_save_replaces_what_the_change_names_and_leaves_the_rest(stored: Flask) -> None:
    token = begin()
    store.save(token, change=everything)
    store.save(token, change=lambda _: Change(answers={"age": 40}))
    questionnaire = current(token)
    assert questionnaire.answers == {"age": 40}
    assert questionnaire.identity == {"name": "canary-name"}
    assert questionnaire.priority == "urgent"


def test_values_given_directly_are_merged_before_the_change_sees_them(stored: Flask) -> None:
    token = begin()
    store.save(token, answers={"age": 40}, progress={"pages": ["you"]})
    seen = []

    def look(now: Questionnaire) -> Change:
        seen.append(now)
        return Change()

    store.save(token, answers={"sex": "female"}, change=look)
    assert seen[0].answers == current(token).answers == {"age": 40, "sex": "female"}


def test_a_change_that_fails_leaves_everything_as_it_was(stored: Flask) -> None:
    token = begin()
    store.save(token, answers={"age": 40})

    def fail(_: Questionnaire) -> Change:
        raise LookupError

    with pytest.raises(LookupError):
        store.save(token, answers={"age": 41}, change=fail)
    assert current(token).answers == {"age": 40}


def test_nothing_a_person_said_shows_when_it_is_printed(stored: Flask) -> None:
    token = begin()
    store.save(token, change=everything)
    shown = [current(token), store.queue(), store.submission(current(token).reference)]
    shown.append(everything(current(token)))
    assert not [word for word in CANARIES if word in repr(shown)]


def test_the_files_of_the_database_hold_nothing_a_person_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'screener.db'}"
    store.upgrade(url)
    with opened(url):
        token = begin()
        store.save(token, change=everything)
        reference = store.submit(token).reference
        store.add_note(reference, "nurse@clinic.example", "canary-note")
        files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {"screener.db", "screener.db-wal"} <= set(files)
    everywhere = b"".join(files.values())
    assert reference.encode() in everywhere, "the search finds what is there"
    for word in (*CANARIES, "canary-note", "pain_areas", "phq9_9"):
        assert word.encode() not in everywhere


def test_no_column_of_any_table_holds_anything_a_person_said(stored: Flask) -> None:
    store.save(begin(), change=everything)
    with store.db.engine.connect() as connection:
        content = [
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(sa.select(table))
        ]
    assert not [word for word in CANARIES if word in "".join(content)]


def test_a_ciphertext_moved_to_another_person_is_refused(stored: Flask) -> None:
    first, second = begin(), begin()
    store.save(first, answers={"age": 40})
    source, target = current(first).id, current(second).id
    table = Base.metadata.tables["submission"]
    with store.db.engine.begin() as connection:
        sealed = connection.scalar(sa.select(table.c.sealed_answers).where(table.c.id == source))
        connection.execute(
            sa.update(table).where(table.c.id == target).values(sealed_answers=sealed)
        )
    with pytest.raises(store.SealError, match=f"submission, row {target}, column sealed_answers"):
        store.load(second)


def test_submitting_twice_makes_one_submission(stored: Flask) -> None:
    token = begin()
    first = store.submit(token, lambda _: Change(priority="review", rank=5))
    second = store.submit(token, lambda _: Change(priority="urgent", rank=1))
    assert first == second == current(token)
    assert store.count_queue() == 1
    with pytest.raises(store.AlreadySubmitted):
        store.save(token, answers={"age": 41})


def test_submitting_from_two_browsers_at_once_makes_one_submission(stored: Flask) -> None:
    token = begin()
    calls: list[int] = []

    def change(_: Questionnaire) -> Change:
        calls.append(1)
        return Change(priority="review", rank=5)

    in_threads(stored, [lambda: store.submit(token, change)] * 4)
    assert len(calls) == 1 and store.count_queue() == 1


def test_saves_at_the_same_time_lose_nothing(stored: Flask) -> None:
    token = begin()

    def saver(name: str) -> Any:
        def save_pages() -> None:
            for number in range(10):
                store.save(token, change=adding(f"{name}_{number}"))

        return save_pages

    in_threads(stored, [saver("a"), saver("b")])
    assert len(current(token).answers) == 20


def adding(question: str) -> Callable[[Questionnaire], Change]:
    return lambda now: Change(answers={**now.answers, question: 1})


def in_threads(app: Flask, jobs: list[Any]) -> None:
    failures: list[BaseException] = []

    def run(job: Any) -> None:
        try:
            with app.app_context():
                job()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def always(change: Change) -> Callable[[Questionnaire], Change]:
    return lambda _: change


def test_every_value_of_a_safety_question_is_kept(stored: Flask) -> None:
    token = begin()
    for value in (3, 3, 0, None, 0):
        change = Change(risk=bool(value), risk_answers=[("q", value)])
        store.save(token, change=always(change))
    submission = store.submission(current(token).reference)
    assert submission is not None and submission.risk, "risk stays once it stood"
    assert [answer.value for answer in submission.risk_answers] == [3, 0, None, 0]
    assert all(answer.question == "q" for answer in submission.risk_answers)
    times = [answer.at for answer in submission.risk_answers]
    assert times == sorted(times)


def test_a_discarded_questionnaire_is_gone_with_all_that_belongs_to_it(stored: Flask) -> None:
    token = begin()
    store.save(token, change=harmless)
    reference = current(token).reference
    assert store.discard(token) is True
    assert store.discard(token) is True
    assert store.load(token) is None and store.submission(reference) is None
    with store.db.engine.connect() as connection:
        for name in ("submission", "risk_answer", "review_event"):
            count = sa.select(sa.func.count()).select_from(Base.metadata.tables[name])
            assert connection.scalar(count) == 0
    assert store.audit_entries()[0].action == "erased"


def test_a_submission_is_not_deleted(stored: Flask) -> None:
    token = begin()
    store.submit(token)
    with pytest.raises(store.AlreadySubmitted):
        store.discard(token)


def test_drafts_expire_unless_they_are_submitted_or_show_a_risk(stored: Flask, at: Clock) -> None:
    draft, risky, submitted = begin(), begin(), begin()
    store.save(risky, change=everything)
    store.submit(submitted)
    at(days=31)
    fresh = begin()
    assert store.expire_drafts(30) == 1
    assert store.load(draft) is None
    assert all(store.load(token) for token in (risky, submitted, fresh))


def test_a_questionnaire_with_a_risk_answer_is_never_discarded(stored: Flask) -> None:
    token = begin()
    store.save(token, change=everything)
    reference = current(token).reference
    assert store.discard(token, "start_again") is False
    seen = store.submission(reference)
    assert seen is not None and seen.risk_answers
    assert [(event.kind, event.actor, event.body) for event in seen.events] == [
        ("left", "person", {"why": "start_again"})
    ]
    assert [row.reference for row in store.queue()] == [reference]


def test_what_staff_wrote_is_never_tidied_away(stored: Flask, at: Clock) -> None:
    """An unfinished emergency that was closed, with its note, outlives every tidying."""
    token = begin()
    store.save(token, change=everything)
    reference = current(token).reference
    store.add_note(reference, "nurse@clinic.example", "Reached by phone; safety plan made.")
    with store.db.engine.begin() as connection:
        connection.execute(sa.update(SubmissionRow).values(status="closed"))
    at(days=4000)
    assert store.expire_drafts(1) == 0
    assert store.submission(reference) is not None


def test_the_time_since_a_priority_was_raised(stored: Flask, at: Clock) -> None:
    """Being unfinished starts no clock, sending resets none, and a higher priority starts one."""
    token = begin()
    store.save(token, change=lambda _: Change(priority="urgent", rank=2))
    assert store.queue() == []
    raised = []
    for hours, priority, rank in ((1, "urgent", 2), (2, "urgent", 2), (3, "emergency", 1)):
        at(hours=hours)
        change = Change(priority=priority, rank=rank, risk=True)
        store.save(token, change=partial(_given, change))
        raised.append(store.queue()[0].waiting_since - at.start)
    at(hours=9)
    store.submit(token)
    raised.append(store.queue()[0].waiting_since - at.start)
    assert [time // timedelta(hours=1) for time in raised] == [1, 1, 3, 3]


@pytest.mark.parametrize("first", ["save", "discard"])
def test_discarding_and_saving_at_the_same_moment_lose_no_risk_answer(
    database_url: str, first: str
) -> None:
    """Whoever comes first, an answer that was acknowledged is there afterwards."""
    for _ in range(5):
        with opened(database_url) as app:
            _race(app, first)


def _race(app: Flask, first: str) -> None:
    token = begin()
    barrier = threading.Barrier(2)
    saved: list[bool] = []

    def save() -> None:
        with app.app_context():
            barrier.wait()
            try:
                store.save(token, change=everything)
                saved.append(True)
            except store.UnknownQuestionnaire:
                saved.append(False)

    def discard() -> None:
        with app.app_context():
            barrier.wait()
            store.discard(token)

    jobs = [save, discard] if first == "save" else [discard, save]
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (store.load(token) is not None) is saved[0]


SAVER = """
import sys
from tests.conftest import opened
from screener import store
with opened(sys.argv[1]):
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    print(token, flush=True)
    for number in range(100_000):
        store.save(token, answers={f"q{number}": "x" * 200})
        print(number, flush=True)
"""


def test_a_process_killed_while_saving_leaves_every_finished_save(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'screener.db'}"
    store.upgrade(url)
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVER, url],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONPATH": ".", "PATH": ""},
        )
        assert process.stdout is not None
        token = process.stdout.readline().strip()
        for _ in range(20):
            last = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with opened(url, {"k1": KEY}):
            assert set(current(token).answers) >= {f"q{number}" for number in range(last + 1)}
            with store.db.engine.connect() as connection:
                assert connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"


def test_a_save_returns_what_was_written(stored: Flask) -> None:
    token = begin()
    written = Change(
        answers={"age": 44},
        identity={"name": "Synthetic"},
        progress={"pages_saved": ["about_you"]},
        screening={"priority": "review"},
        priority="review",
        rank=3,
    )
    assert store.save(token, change=lambda _: written) == store.load(token)
    sent = replace(written, answers={"age": 45}, screening={"priority": "note"}, priority="note")
    assert store.submit(token, lambda _: sent) == store.load(token)
    assert store.alert(token, lambda _: Change(progress={})) == store.load(token)
