"""Another edition of the rules: everybody who waits is screened under it once, and nobody else."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.store import Change, Questionnaire
from screener.store.tables import Base
from tests.clock import Clock
from tests.conftest import KEY, OTHER_KEY, opened

FIRST, SECOND = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def screening(edition: str, priority: str) -> dict[str, Any]:
    head = {"version": f"version {edition[7]}", "hash": edition}
    return {"priority": priority, "flags": {"canary-rule": "met"}, "rulebook": head}


def screened(
    priority: str = "review", rank: int = 5, risk: bool = False, edition: str = FIRST
) -> Change:
    kept = screening(edition, priority)
    return Change(answers={"a": 1}, screening=kept, priority=priority, rank=rank, risk=risk)


def save(change: Change, *, sent: bool = False) -> tuple[str, str]:
    """Save a form; return its token and its reference."""
    token = store.start("fibromyalgia", "1", FIRST)
    saved = store.save(token, change=lambda _: change)
    if sent:
        store.submit(token)
    return token, saved.reference


def urgent(_: Questionnaire) -> Change:
    kept = screening(SECOND, "urgent")
    return Change(screening=kept, priority="urgent", rank=2, risk=True, news=True, why="edition")


def same(_: Questionnaire) -> Change:
    return Change(screening=screening(SECOND, "review"))


def adopt_all(look: Any = urgent) -> list[Change | None]:
    return [store.adopt(id, SECOND, look) for id in store.to_adopt(SECOND)]


def submission(reference: str) -> store.Submission:
    kept = store.submission(reference)
    assert kept is not None
    return kept


def kept_rows() -> int:
    with store.db.engine.connect() as connection:
        table = Base.metadata.tables["later_screening"]
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def adopted_entries() -> list[str]:
    entries = store.audit_entries(limit=1000)
    return sorted(entry.object for entry in entries if entry.action == "screened under version b")


def test_who_waits(stored: Flask) -> None:
    sent = [save(screened(), sent=True)[1] for _ in range(3)]
    save(screened("urgent", 2, risk=True))
    save(screened())
    save(screened(edition=SECOND), sent=True)
    store.start("fibromyalgia", "1", FIRST)  # nothing of it was ever screened
    for reference, role, status in (
        (sent[0], "intake", "closed"),
        (sent[1], "physician", "decided"),
        (sent[2], "intake", "in_contact"),
    ):
        revision = submission(reference).revision
        store.set_status(reference, status, "staff", revision, "reason", role=role)
    forms = [store.waiting_form(id) for id in store.to_adopt(SECOND)]
    assert [form is not None and form.submitted_at is not None for form in forms] == [
        True,
        False,
        False,
    ]
    assert forms[0] is not None and forms[0].reference == sent[2]


def test_both_screenings_are_kept_and_the_first_stays(stored: Flask) -> None:
    _, reference = save(screened(), sent=True)
    before = submission(reference).questionnaire
    adopt_all()
    after = submission(reference)
    assert after.questionnaire.screening == before.screening
    assert after.questionnaire.answers == before.answers
    assert after.questionnaire.updated_at == before.updated_at
    assert [kept.screening for kept in after.later] == [screening(SECOND, "urgent")]
    assert store.queue()[0].screening == screening(SECOND, "urgent")


def test_who_is_raised_is_new_again_and_waits_from_now_on(stored: Flask, at: Clock) -> None:
    _, reference = save(screened(), sent=True)
    store.set_status(
        reference, "in_contact", "nurse", submission(reference).revision, role="intake"
    )
    open_page = submission(reference).revision
    at(hours=5)
    adopt_all()
    [row] = store.queue()
    assert (row.priority, row.status, row.risk) == ("urgent", "new", True)
    assert row.waiting_since - at.start == timedelta(hours=5)
    last = submission(reference).events[-1]
    assert (last.actor, last.body) == (
        "program",
        {"from": "in_contact", "to": "new", "note": "", "why": "edition"},
    )
    with pytest.raises(store.Stale):
        store.set_status(reference, "acknowledged", "nurse", open_page, role="intake")


def test_who_stays_keeps_status_place_and_revision(stored: Flask, at: Clock) -> None:
    _, reference = save(screened(), sent=True)
    store.set_status(
        reference, "in_contact", "nurse", submission(reference).revision, role="intake"
    )
    before = store.queue()[0]
    at(hours=5)
    adopt_all(same)
    after = store.queue()[0]
    assert (after.priority, after.status, after.revision, after.waiting_since) == (
        before.priority,
        before.status,
        before.revision,
        before.waiting_since,
    )


def test_a_form_not_sent_enters_the_queue(stored: Flask) -> None:
    _, reference = save(screened())
    assert store.queue() == []
    adopt_all()
    assert [(row.reference, row.priority) for row in store.queue()] == [(reference, "urgent")]


def test_each_once_and_recorded_once(stored: Flask) -> None:
    references = [save(screened(), sent=True)[1] for _ in range(3)]
    assert all(adopt_all())
    assert store.to_adopt(SECOND) == []
    assert adopted_entries() == sorted(references)
    assert store.verify_audit() is None


def test_an_edition_that_is_served_again_screens_nobody_again(stored: Flask) -> None:
    save(screened(), sent=True)
    adopt_all()
    assert store.to_adopt(FIRST) == []
    assert store.to_adopt(SECOND) == []
    assert len(store.to_adopt("sha256:third")) == 1


def test_one_whose_own_screening_is_of_that_edition_is_only_noted(stored: Flask) -> None:
    """Before 1.0 that was kept within the screening alone."""
    save(screened(), sent=True)
    with store.db.engine.begin() as connection:
        table = Base.metadata.tables["submission"]
        connection.execute(sa.update(table).values(screened_under=None))
    [id] = store.to_adopt(FIRST)
    assert store.adopt(id, FIRST, lambda _: None) is None
    assert store.to_adopt(FIRST) == []
    assert (kept_rows(), adopted_entries()) == (0, [])


def test_a_save_after_it_is_of_other_answers(stored: Flask, at: Clock) -> None:
    token, reference = save(screened("urgent", 2, risk=True))
    adopt_all()
    at(minutes=1)
    store.save(token, change=lambda _: screened("urgent", 2))
    assert submission(reference).later == ()
    assert len(store.to_adopt(SECOND)) == 1
    at(minutes=2)
    adopt_all()
    assert [kept.at - at.start for kept in submission(reference).later] == [timedelta(minutes=2)]
    assert kept_rows() == 1


def test_a_clock_that_was_set_back_screens_nobody_twice(stored: Flask, at: Clock) -> None:
    at(hours=5)
    save(screened(), sent=True)
    at(hours=1)
    assert len(adopt_all()) == 1
    assert store.to_adopt(SECOND) == []


def test_a_closed_one_is_screened_when_it_is_reopened(stored: Flask) -> None:
    _, reference = save(screened(), sent=True)

    def take(status: str) -> None:
        revision = submission(reference).revision
        store.set_status(reference, status, "nurse", revision, "reason", role="intake")

    take("closed")
    assert store.to_adopt(SECOND) == []
    take("in_contact")
    assert len(store.to_adopt(SECOND)) == 1


def test_it_goes_with_the_form(stored: Flask, at: Clock) -> None:
    erased, _ = save(screened())
    save(screened())
    adopt_all(same)
    assert kept_rows() == 2
    assert store.discard(erased) is True
    assert kept_rows() == 1
    at(days=40)
    assert store.expire_drafts(30) == 1
    assert kept_rows() == 0


def test_it_is_sealed_and_sealed_anew_with_a_new_key(stored: Flask, database_url: str) -> None:
    _, reference = save(screened(), sent=True)
    adopt_all()
    with store.db.engine.connect() as connection:
        raw = connection.execute(sa.select(Base.metadata.tables["later_screening"])).all()
    assert "canary-rule" not in str(raw)
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        store.reseal()
    with opened(database_url, {"k2": OTHER_KEY}):
        assert submission(reference).later[0].screening == screening(SECOND, "urgent")


def test_one_that_does_not_open_keeps_its_place_in_the_queue(stored: Flask) -> None:
    _, reference = save(screened(), sent=True)
    adopt_all()
    with store.db.engine.begin() as connection:
        table = Base.metadata.tables["later_screening"]
        connection.execute(sa.update(table).values(sealed_screening=b"\x01\x02k1damaged"))
    [row] = store.queue()
    assert (row.reference, row.unreadable, row.priority) == (reference, True, "urgent")


def test_two_at_once_screen_each_once(stored: Flask, database_url: str) -> None:
    references = [save(screened(), sent=True)[1] for _ in range(6)]
    both = threading.Barrier(2)
    written: list[Change | None] = []

    def run() -> None:
        with opened(database_url):
            ids = store.to_adopt(SECOND)
            both.wait()
            for id in ids:
                written.append(store.adopt(id, SECOND, urgent))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(written), len([change for change in written if change])) == (12, 6)
    assert adopted_entries() == sorted(references)
    assert kept_rows() == 6


def test_a_save_at_the_same_moment_is_screened_as_it_stands_then(
    stored: Flask, database_url: str
) -> None:
    token, _ = save(screened())
    [id] = store.to_adopt(SECOND)
    seen: list[dict[str, Any]] = []
    saving, may_end = threading.Event(), threading.Event()

    def slow(_: Questionnaire) -> Change:
        saving.set()
        may_end.wait(60)
        return Change(answers={"a": 2}, screening=screening(FIRST, "review"))

    def other() -> None:
        with opened(database_url):
            store.save(token, change=slow)

    def look(stands: Questionnaire) -> Change:
        seen.append(stands.answers)
        return same(stands)

    thread = threading.Thread(target=other)
    thread.start()
    saving.wait(60)
    threading.Timer(0.3, may_end.set).start()
    store.adopt(id, SECOND, look)
    thread.join()
    assert seen == [{"a": 2}]


_SCRIPT = """
import sys
from screener import store
from tests.conftest import KEY
from tests.store.test_adopting import SECOND, urgent
from flask import Flask

app = Flask("killed")
store.init_app(app, sys.argv[1], {"k1": KEY})
with app.app_context():
    for number, id in enumerate(store.to_adopt(SECOND)):
        def look(form):
            if number == 2:
                print("in the middle", flush=True)
                sys.stdin.read()
            return urgent(form)
        store.adopt(id, SECOND, look)
"""


def test_a_process_killed_in_the_middle_is_gone_on_from(stored: Flask, database_url: str) -> None:
    references = [save(screened(), sent=True)[1] for _ in range(5)]
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, database_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in the middle\n"
        process.send_signal(signal.SIGKILL)
    assert (kept_rows(), len(adopted_entries())) == (2, 2)
    assert [row.priority for row in store.queue()].count("urgent") == 2
    assert len(store.to_adopt(SECOND)) == 3
    assert all(adopt_all())
    assert adopted_entries() == sorted(references)
    assert {row.priority for row in store.queue()} == {"urgent"}


def test_what_gives_the_priority() -> None:
    at = Clock().time
    later = partial(store.LaterScreening, at)
    first = {"priority": "hold"}
    for priorities, chosen in (
        (["urgent"], "urgent"),
        (["review"], "hold"),
        (["ineligible"], "hold"),
        (["urgent", "review"], "urgent"),
    ):
        kept = [later({"priority": priority}) for priority in priorities]
        assert store.governing(first, kept)["priority"] == chosen
    newer = later({"priority": "hold", "newer": True})
    assert store.governing(first, [newer]) == newer.screening
    assert store.governing({"priority": "ineligible"}, [later({"priority": "note"})]) == {
        "priority": "note"
    }
    assert store.governing(first, [later({"problem": "no protocol"})]) == first
