"""The synthetic staff and submissions of a demonstration."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from screener import samples, store
from screener.store import clock
from tests.web import make_app, soup, visible


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Yield the whole app on an empty database."""
    app = make_app(tmp_path)
    yield app
    with app.app_context():
        store.db.engine.dispose()


@pytest.fixture
def opened(app: Flask) -> Iterator[None]:
    """Yield the app's context, for tests that look into the store."""
    with app.app_context():
        yield


def test_it_is_filled_once_and_everybody_in_it_is_plainly_synthetic(opened: None) -> None:
    before = clock.now
    accounts = samples.fill()
    assert clock.now == before
    assert [account.email for account in accounts] == [
        "intake@demo.example",
        "physician@demo.example",
    ]
    assert len({account.password for account in accounts}) == 2
    assert all(len(account.password) >= 16 for account in accounts)

    rows = store.queue(statuses=store.STATUSES, limit=100)
    assert len(rows) == len(samples.SAMPLES) >= 14
    for row in rows:
        assert row.identity["name"].startswith("Synthetic Person ")
        assert row.identity["name"].endswith("(demo)")
        assert row.identity["phone"].startswith("(555) 555-01")
        assert row.identity["email"].endswith("@demo.example")
        assert row.waiting_since < clock.now()
    assert {row.priority for row in rows} == {
        "emergency",
        "urgent",
        "hold",
        "incomplete",
        "review",
    }
    assert {row.status for row in rows} >= {
        "new",
        "acknowledged",
        "needs_information",
        "in_contact",
        "ready_for_physician",
        "decided",
        "closed",
    }
    assert sum(row.unfinished for row in rows) == 2
    assert all(row.risk for row in rows if row.unfinished)

    assert samples.fill() == []
    assert store.count_queue(statuses=store.STATUSES) == len(rows)


def test_whoever_was_in_danger_left_the_list_only_with_dispositions(opened: None) -> None:
    samples.fill()
    left = store.queue(statuses=["decided", "closed"])
    pressing = [row for row in left if row.priority in ("emergency", "urgent")]
    assert len(pressing) == 1
    closed = store.submission(pressing[0].reference)
    assert closed is not None
    lists = store.disposition_lists()
    recorded = closed.events[-1].body["dispositions"]
    assert set(recorded) == {"suicide", "medical"}
    assert all(words in lists[kind] for kind, words in recorded.items())


def test_an_earlier_answer_on_safety_is_among_them(opened: None) -> None:
    samples.fill()
    submissions = [store.submission(row.reference) for row in store.queue(limit=100)]
    changed = [
        form
        for form in submissions
        if form and len(form.risk_answers) > len({answer.question for answer in form.risk_answers})
    ]
    assert len(changed) == 1
    assert changed[0].questionnaire.priority == "urgent"


def test_the_audit_log_is_whole_and_runs_forward(opened: None) -> None:
    samples.fill()
    assert store.verify_audit() is None
    times = [entry.at for entry in reversed(store.audit_entries(limit=1000))]
    assert times == sorted(times)


def test_both_can_sign_in_and_see_the_queue(app: Flask) -> None:
    with app.app_context():
        accounts = samples.fill()
    for account in accounts:
        client = app.test_client()
        fields = soup(client.get("/staff/login")).select("main input")
        data = {str(field["name"]): str(field.get("value", "")) for field in fields}
        data |= {"email": account.email, "password": account.password}
        assert client.post("/staff/login", data=data).location.endswith("/staff/")
        assert "Synthetic Person 01 (demo)" in visible(client.get("/staff/"))


def test_an_account_that_is_there_already_keeps_its_password(opened: None) -> None:
    from screener.access import create_user

    create_user("intake@demo.example", "a password of my own", ["intake"])
    assert [account.email for account in samples.fill()] == ["physician@demo.example"]


def test_somebody_was_called_answered_on_the_phone_and_sent_two_forms(opened: None) -> None:
    samples.fill()
    forms = [store.submission(row.reference) for row in store.queue(statuses=store.STATUSES)]
    kinds = [event.kind for form in forms if form for event in form.events]
    assert kinds.count("contact") == 3 and kinds.count("phone") == 1
    [told] = [form for form in forms if form and store.phone_events(form)]
    assert "phq9_2" not in told.questionnaire.answers
    assert store.answers_with_phone(told)["phq9_2"] == 2
    others = [store.other_forms(form) for form in forms if form]
    assert sum(1 for suggested in others if suggested) == 2
