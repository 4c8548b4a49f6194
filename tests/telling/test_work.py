"""A worker: who is told, tried again, given up, and told next, on both databases."""

import json
import logging
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.settings import Settings
from screener.store import clock
from screener.store.tables import AlertRow, MessageRow
from screener.telling import work
from screener.telling.work import TRIES, Worked, Worker
from tests.clock import PATIENCE, Clock
from tests.conftest import KEY, OTHER_KEY, opened
from tests.store.test_review import arrive, nurse_sets
from tests.telling.servers import Hook, Mailbox, clinic, mail_server, webhook
from tests.web import make_settings

CANARY = "Ada Example"  # the name of whoever arrives
BODY = "A submission needs you. Sign in:\nhttps://forms.clinic.example/staff/\n"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def settings(tmp_path: Path, box: Mailbox, hook: Hook) -> Settings:
    return make_settings(tmp_path, **clinic(tmp_path, box, hook))


@pytest.fixture
def worker(stored: Flask, settings: Settings) -> Worker:
    return Worker(settings)


def emergency() -> str:
    return arrive("emergency", 1, risk=True)


def alerts() -> int:
    with store.db.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(AlertRow)) or 0


def states() -> list[str]:
    with store.db.engine.connect() as connection:
        rows = connection.execute(sa.select(MessageRow.state).order_by(MessageRow.created_at))
        return [state for (state,) in rows]


def test_an_emergency_goes_from_one_to_the_next_until_it_is_acknowledged(
    worker: Worker, box: Mailbox, hook: Hook, at: Clock
) -> None:
    reference = emergency()
    assert worker.round() == Worked(sent=1)
    assert (len(box.mails), len(hook.posts)) == (1, 0)
    at(minutes=9)
    assert worker.round() == Worked()
    at(minutes=10)
    assert worker.round() == Worked(sent=1)
    assert (len(box.mails), len(hook.posts)) == (1, 1)
    at(minutes=24)
    assert worker.round() == Worked()
    at(minutes=25)
    worker.round()
    assert (len(box.mails), len(hook.posts)) == (2, 1), "round by round"
    assert len(set(box.ids)) == 2, "each is a message of its own"
    nurse_sets(reference, "acknowledged")
    at(hours=5)
    assert worker.round() == Worked()
    assert alerts() == 0


def test_a_message_holds_nothing_of_the_person(
    worker: Worker, box: Mailbox, hook: Hook, at: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        reference = emergency()
        worker.round()
        at(minutes=10)
        hook.statuses = [500]
        worker.round()
        at(minutes=12)
        worker.round()
    mail = box.mails[0]
    assert mail["Subject"] == "A submission needs you"
    assert (mail["From"], mail["To"]) == ("notify@clinic.example", "desk@clinic.example")
    assert mail.get_content() == BODY
    (_, first), (_, body) = hook.posts
    assert first == body
    assert json.loads(body) == {
        "type": "submission.waiting",
        "timestamp": json.loads(body)["timestamp"],
        "data": {
            "text": "A submission needs you. Sign in:",
            "url": "https://forms.clinic.example/staff/",
        },
    }
    everything = mail.as_string() + body.decode() + caplog.text
    for private in (CANARY, "Ada", reference, "emergency", "fibromyalgia", "desk@clinic"):
        assert private not in everything.replace("To: desk@clinic.example", ""), private
    assert "was sent" in caplog.text and "is tried again" in caplog.text


def test_without_a_list_alerts_stay_until_there_is_one(
    stored: Flask, settings: Settings, tmp_path: Path, box: Mailbox
) -> None:
    arrive("review", 1)
    emergency()
    Worker(make_settings(tmp_path)).round()
    assert alerts() == 2
    Worker(settings).round()
    assert len(box.mails) == 2


def test_the_clinics_name_is_said_where_the_clinic_wants_it(
    stored: Flask, tmp_path: Path, box: Mailbox, hook: Hook, at: Clock
) -> None:
    given = clinic(tmp_path, box, hook)
    settings = make_settings(tmp_path, **given, clinic_name="Hill Street", tell_clinic_name=True)
    emergency()
    Worker(settings).round()
    assert box.mails[0].get_content() == f"Hill Street: {BODY}"


def test_outside_of_staffed_hours_the_one_on_call_is_told(
    worker: Worker, box: Mailbox, hook: Hook, at: Clock
) -> None:
    at(hours=9)  # 7 PM in New York
    emergency()
    worker.round()
    at(hours=9, minutes=15)
    worker.round()
    assert (len(box.mails), len(hook.posts)) == (0, 2), "again the only one on duty"
    at(days=1)
    worker.round()
    at(days=1, minutes=10)
    worker.round()
    assert (len(box.mails), len(hook.posts)) == (1, 3), "the day begins with the first in turn"


def test_with_nobody_on_duty_it_waits_for_who_is_next(
    stored: Flask, tmp_path: Path, box: Mailbox, hook: Hook, at: Clock
) -> None:
    given = clinic(tmp_path, box, hook)
    text = given["tell"].read_text().replace("hours: any", "hours: staffed")
    given["tell"].write_text(text)
    worker = Worker(make_settings(tmp_path, **given))
    at(hours=9)
    emergency()
    assert worker.round() == Worked()
    assert store.telling(["desk"]).untold_emergencies == 1
    at(hours=22, minutes=59)
    worker.round()
    assert states() == []
    at(hours=23)  # 9 AM
    assert worker.round() == Worked(sent=1)
    assert store.telling(["desk"]).untold_emergencies == 0


def test_other_priorities_are_told_once_and_when_the_clinic_opens(
    worker: Worker, box: Mailbox, hook: Hook, at: Clock
) -> None:
    at(hours=9)
    first, second = arrive("urgent", 2), arrive("review", 5)
    arrive("hold", 3)  # nobody wants to know
    assert worker.round() == Worked()
    nurse_sets(second, "acknowledged")
    at(hours=23)
    assert worker.round() == Worked(sent=1)
    assert sorted(states()) == ["dropped", "sent"], "who was seen to meanwhile needs nobody"
    at(days=5)
    assert worker.round() == Worked()
    assert (len(box.mails), len(hook.posts), alerts()) == (1, 0, 0)
    assert store.submission(first)


def test_raised_again_it_is_told_again(worker: Worker, box: Mailbox, at: Clock) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")
    store.save(token, change=lambda _: store.Change(priority="urgent", rank=2, risk=True))
    worker.round()
    nurse_sets(store.load(token).reference, "acknowledged")  # type: ignore[union-attr]
    at(minutes=30)
    raise_it = store.Change(priority="emergency", rank=1, risk=True)
    store.save(token, change=lambda _: raise_it)
    assert worker.round() == Worked(), "it is acknowledged still: nothing new was said"
    news = store.Change(priority="emergency", rank=1, risk=True, news=True)
    store.save(token, change=lambda _: news)
    assert worker.round() == Worked(sent=1)


def test_an_alert_is_written_with_what_raises_it_or_not_at_all(stored: Flask) -> None:
    token = store.start("fibromyalgia", "0.1.0", "sha256:x")

    def fails(_: store.Questionnaire) -> store.Change:
        raise ValueError("the save fails")

    with pytest.raises(ValueError, match="the save fails"):
        store.save(token, change=fails)
    assert alerts() == 0
    store.save(token, change=lambda _: store.Change(priority="emergency", rank=1, risk=True))
    assert alerts() == 1
    store.discard(token)
    assert alerts() == 1, "somebody in danger stays, and so does the alert"


def test_what_is_erased_takes_its_messages_along(
    worker: Worker, box: Mailbox, stored: Flask
) -> None:
    emergency()
    worker.round()
    with store.db.engine.begin() as connection:
        if stored and connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.execute(sa.text("DELETE FROM submission"))
    assert (alerts(), states()) == (0, [])


def test_a_failure_is_tried_again_later_with_the_same_id_until_it_is_given_up(
    worker: Worker, hook: Hook, box: Mailbox, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda _low, high: high)
    emergency()
    box.answers = ["451 later"] * 3
    passed = [0, 15, 45]
    for seconds in passed:
        at(seconds=seconds)
        assert worker.round() == Worked(again=1)
        at(seconds=seconds + 14)
        assert worker.round() == Worked(), "it waits longer each time"
    at(seconds=105)
    assert worker.round() == Worked(sent=1)
    assert len(box.mails) == 1


def test_after_the_last_try_it_is_dead_and_the_next_person_is_told_at_once(
    worker: Worker, hook: Hook, box: Mailbox, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "TRIES", 2)
    emergency()
    box.answers = ["451 later"] * 2
    assert worker.round() == Worked(again=1)
    at(seconds=30)
    assert worker.round() == Worked(dead=1)
    delivery = store.telling(["desk"]).deliveries["desk"]
    assert delivery.failing and delivery.failing.reason == (
        "the mail server refuses the recipient (451)"
    )
    assert worker.round() == Worked(sent=1), "not ten minutes later"
    assert len(hook.posts) == 1
    assert TRIES >= 8


def test_a_refusal_for_good_is_not_tried_again(
    worker: Worker, hook: Hook, box: Mailbox, at: Clock
) -> None:
    emergency()
    box.answers = ["550 nobody of that name"]
    assert worker.round() == Worked(dead=1)
    hook.statuses = [410]
    assert worker.round() == Worked(dead=1)
    at(minutes=20)
    assert worker.round() == Worked(sent=1), "an emergency goes on to the next all the same"


def test_a_test_that_arrives_ends_the_failing(worker: Worker, box: Mailbox, at: Clock) -> None:
    emergency()
    box.answers = ["550 nobody of that name"]
    worker.round()
    assert store.telling(["desk"]).deliveries["desk"].failing
    at(minutes=1)
    desk = worker.settings.roster.recipients[0]
    store.send_test(work.draft(desk, clock.now()), "nurse@clinic.example")
    worker.round()
    assert store.telling(["desk"]).deliveries["desk"].failing is None
    assert box.mails[0]["Subject"] == "Test message"
    assert [outcome.state for outcome in store.test_messages()] == ["sent"]


def test_an_emergency_goes_before_what_waits_longer(
    worker: Worker, box: Mailbox, hook: Hook, at: Clock
) -> None:
    arrive("review", 5)
    at(minutes=1)
    emergency()
    taken: list[str] = []
    while store.tell_next(worker._next_step):
        pass
    while message := store.take_message():
        taken.append(message.id)
    with store.db.engine.connect() as connection:
        ranks = dict(connection.execute(sa.select(MessageRow.id, MessageRow.rank)).all())
    assert [ranks[id] for id in taken] == [0, 1]


def test_a_message_that_is_taken_is_free_again_when_its_worker_is_gone(
    worker: Worker, box: Mailbox, at: Clock
) -> None:
    emergency()
    store.tell_next(worker._next_step)
    lost = store.take_message()
    assert lost and store.take_message() is None
    at(minutes=5)
    again = store.take_message()
    assert again and (again.id, again.tries) == (lost.id, 2)
    assert not store.was_sent(lost), "it is another worker's now"
    assert store.was_sent(again)


def test_sent_messages_are_forgotten_and_hold_no_address_meanwhile(
    worker: Worker, box: Mailbox, at: Clock
) -> None:
    emergency()
    worker.round()
    at(days=29)
    assert store.forget_messages() == 0
    at(days=31)
    assert store.forget_messages() == 1


def test_an_edition_that_raises_somebody_tells_of_them(worker: Worker, box: Mailbox) -> None:
    reference = arrive("urgent", 2)
    nobody_yet = worker.round()
    id = store.submission(reference).questionnaire.id  # type: ignore[union-attr]
    edition = {"rulebook": {"version": "2", "hash": "sha256:y"}}
    change = store.Change(screening=edition, priority="emergency", rank=1, risk=True)
    assert store.adopt(id, "sha256:y", lambda _: change)
    assert worker.round() == nobody_yet == Worked(sent=1)
    assert alerts() == 1, "it goes on to the next until it is acknowledged"


def test_one_that_does_not_open_holds_up_nobody(worker: Worker, box: Mailbox) -> None:
    arrive("urgent", 2)
    arrive("urgent", 2)
    while store.tell_next(worker._next_step):
        pass
    with store.db.engine.begin() as connection:
        first = connection.scalar(sa.select(MessageRow.id).order_by(MessageRow.id).limit(1))
        broken = sa.update(MessageRow).where(MessageRow.id == first)
        connection.execute(broken.values(sealed_content=b"broken"))
    assert worker.round() == Worked(sent=1)
    assert sorted(states()) == ["dead", "sent"]


def test_a_database_of_before_tells_of_emergencies_that_wait(empty_database_url: str) -> None:
    store.upgrade(empty_database_url)
    with opened(empty_database_url):
        new, seen = emergency(), emergency()
        arrive("review", 5)
        nurse_sets(seen, "acknowledged")
    store.downgrade(empty_database_url, "0009")
    store.upgrade(empty_database_url)
    with opened(empty_database_url):
        assert store.telling([]).untold_emergencies == 1
        assert store.submission(new)


def test_a_new_key_seals_what_waits_and_it_is_sent_all_the_same(
    database_url: str, settings: Settings, box: Mailbox
) -> None:
    with opened(database_url):
        emergency()
        store.tell_next(Worker(settings)._next_step)
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        store.reseal()
    with opened(database_url, {"k2": OTHER_KEY}):
        assert Worker(settings).round() == Worked(sent=1)
    assert box.mails[0]["To"] == "desk@clinic.example"


# --- workers in processes of their own -----------------------------------------------------------

WORKER = """
import json, sys
from tests.clock import stand
from tests.conftest import KEY, OTHER_KEY, opened
from tests.web import make_settings
from pathlib import Path
from screener.telling.work import Worker
url, folder, now, given = sys.argv[1:]
stand(now)
given = json.loads(given)
given["tell"] = Path(given["tell"])
with opened(url):
    print("ready", flush=True)
    sys.stdin.readline()
    print(Worker(make_settings(Path(folder), **given)).round().sent, flush=True)
"""


def process(url: str, folder: Path, given: dict[str, Any], now: str) -> subprocess.Popen[str]:
    """Start a worker that works once when it is sent a line."""
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(folder), now, json.dumps(given, default=str)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": ".", "PATH": ""},
    )
    assert child.stdout and child.stdout.readline() == "ready\n"
    return child


def test_of_two_workers_only_one_sends_each(
    stored: Flask, database_url: str, tmp_path: Path, box: Mailbox, hook: Hook, at: Clock
) -> None:
    for _ in range(8):
        arrive("urgent", 2)
    given, now = clinic(tmp_path, box, hook), clock.now().isoformat()
    workers = [process(database_url, tmp_path, given, now) for _ in range(2)]
    for child in workers:
        assert child.stdin
        child.stdin.write("\n")
        child.stdin.flush()
    sent = [int(child.communicate(timeout=PATIENCE)[0]) for child in workers]
    assert sum(sent) == 8
    assert len(box.ids) == len(set(box.ids)) == 8


def test_what_a_killed_worker_was_sending_goes_again_with_the_same_id(
    stored: Flask,
    database_url: str,
    tmp_path: Path,
    settings: Settings,
    box: Mailbox,
    hook: Hook,
    at: Clock,
) -> None:
    emergency()
    box.hold.clear()
    given = clinic(tmp_path, box, hook)
    child = process(database_url, tmp_path, given, clock.now().isoformat())
    assert child.stdin
    child.stdin.write("\n")
    child.stdin.flush()
    assert box.arrived.wait(PATIENCE)
    child.send_signal(signal.SIGKILL)
    child.communicate(timeout=PATIENCE)
    box.hold.set()
    other = Worker(settings)
    at(minutes=4)
    assert other.round() == Worked(), "it may still be at work"
    at(minutes=5)
    assert other.round() == Worked(sent=1)
    assert len(box.ids) == 2 and len(set(box.ids)) == 1
