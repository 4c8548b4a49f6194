"""Who is told, tests of it, and the warning while emergencies have nowhere to go."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.access import create_user
from screener.settings import Limit
from screener.telling.work import Worker
from tests.clock import Clock
from tests.outages import READ_ONLY, outage
from tests.staff.clinic import DOCTOR, NURSE, PASSWORD, actions, add, signed_in
from tests.telling.servers import Hook, Mailbox, clinic, mail_server, webhook
from tests.web import make_app, soup, token_of, visible

PAGE = "/staff/notifications"
NOBODY = "Nobody is told of emergencies."
STOPPED = "No notifications are sent now."


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook() as hook:
        yield hook


@pytest.fixture
def app(tmp_path: Path, box: Mailbox, hook: Hook) -> Iterator[Flask]:
    told = clinic(tmp_path, box, hook)
    app = make_app(tmp_path, **told, limit_test_message=Limit(3, 3600))
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
        create_user(DOCTOR, PASSWORD, ["physician"])
    yield app
    with app.app_context():
        store.db.engine.dispose()


def work(app: Flask) -> None:
    with app.app_context():
        Worker(app.extensions["screener_settings"]).round()


def send_test(client: FlaskClient, entry: str = "") -> TestResponse:
    path = f"{PAGE}/test/{entry}" if entry else f"{PAGE}/test"
    return client.post(path, data={"csrf_token": token_of(client, PAGE)})


def warning(client: FlaskClient, path: str = "/staff/") -> str:
    """Return the warning above a staff page, "" where there is none."""
    part = soup(client.get(path)).select_one('section[aria-label="Notifications"]')
    return part.get_text(" ", strip=True) if part else ""


def test_the_page_says_who_is_told_of_what_and_when(
    app: Flask, nurse: FlaskClient, at: Clock
) -> None:
    shown = visible(nurse.get(PAGE))
    assert "The desk, at once" in shown and "Physician on call, after 10 minutes" in shown
    assert "desk@clinic.example" in shown and "Webhook at 127.0.0.1" in shown
    assert "Emergency, urgent, for review" in shown
    assert "Call the second number." in shown
    assert "/hook" not in shown, "an address of a webhook may hold a secret"
    at(hours=9)
    night = visible(signed_in(app, NURSE).get(PAGE))
    assert "Physician on call, at once" in night and "The desk, at once" not in night


def test_a_test_shows_what_became_of_it(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient, box: Mailbox, hook: Hook
) -> None:
    for client, entry in ((nurse, "desk"), (doctor, "pager"), (nurse, "")):
        assert send_test(client, entry).location == PAGE
    assert visible(nurse.get(PAGE)).count("Waits") == 3
    hook.statuses = [410]
    work(app)
    shown = visible(nurse.get(PAGE))
    assert shown.count("Sent") == 2
    assert "Given up: the webhook answers 410" in shown
    assert sorted(str(mail["To"]) for mail in box.mails) == ["desk@clinic.example", NURSE]
    asked = [entry for entry in actions(app) if entry[1] == "test notification"]
    assert asked == [
        (NURSE, "test notification", "desk"),
        (DOCTOR, "test notification", "pager"),
        (NURSE, "test notification", "oneself"),
    ]
    assert "Messages to Physician on call do not arrive: the webhook answers 410." in shown


def test_tests_are_limited(nurse: FlaskClient) -> None:
    assert [send_test(nurse, "desk").status_code for _ in range(4)] == [303, 303, 303, 429]
    assert "too many tests" in visible(send_test(nurse, "desk"))


def test_a_test_from_a_page_that_was_open_too_long_says_so(nurse: FlaskClient) -> None:
    nurse.get(PAGE)
    answer = nurse.post(f"{PAGE}/test/desk", data={"csrf_token": "old"})
    assert answer.status_code == 400 and "open for too long" in visible(answer)


def test_a_test_to_nobody_of_the_list_is_refused(nurse: FlaskClient) -> None:
    assert send_test(nurse, "somebody").status_code == 404


def test_a_test_that_cannot_be_stored_says_so(app: Flask, nurse: FlaskClient) -> None:
    data = {"csrf_token": token_of(nurse, PAGE)}
    with outage(app, READ_ONLY):
        assert nurse.post(f"{PAGE}/test/desk", data=data).status_code == 503
        assert nurse.get(PAGE).status_code == 200


def test_whoever_is_not_signed_in_sees_and_sends_nothing(app: Flask) -> None:
    client = app.test_client()
    assert "/staff/login" in str(client.get(PAGE).location)
    data = {"csrf_token": token_of(client)}
    assert "/staff/login" in str(client.post(f"{PAGE}/test/desk", data=data).location)


def test_every_staff_page_warns_while_the_worker_is_not_at_work(
    app: Flask, nurse: FlaskClient, at: Clock
) -> None:
    reference = add(app, {"phq9_9": 1})
    pages = ("/staff/", f"/staff/submissions/{reference}", "/staff/rulebook")
    assert all(STOPPED in warning(nurse, path) for path in pages)
    assert "which has never run" in visible(nurse.get(PAGE))
    work(app)
    assert [warning(nurse, path) for path in pages] == ["", "", ""]
    at(minutes=4)
    assert warning(nurse) == ""
    at(minutes=6)
    assert STOPPED in warning(nurse)
    assert "was last at work 6 minutes ago" in visible(nurse.get(PAGE))


def test_a_message_that_is_given_up_warns_until_one_arrives(
    app: Flask, nurse: FlaskClient, box: Mailbox, at: Clock
) -> None:
    box.answers = ["550 no"]
    send_test(nurse, "desk")
    work(app)
    assert "Messages to The desk do not arrive" in warning(nurse)
    at(seconds=1)
    send_test(nurse, "desk")
    work(app)
    assert warning(nurse) == ""


def test_a_message_that_fails_again_and_again_warns_before_it_is_given_up(
    app: Flask, nurse: FlaskClient, box: Mailbox, at: Clock
) -> None:
    box.answers = ["451 later"] * 3
    send_test(nurse, "desk")
    for seconds, warns in ((0, False), (20, False), (60, True)):
        at(seconds=seconds)
        work(app)
        assert ("Messages to The desk do not arrive" in warning(nurse)) is warns
    at(seconds=200)
    work(app)
    assert warning(nurse) == "" and len(box.mails) == 1


def test_a_clinic_that_tells_nobody_is_warned(tmp_path: Path) -> None:
    app = make_app(tmp_path / "other", database_url=f"sqlite:///{tmp_path / 'other.db'}")
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
    nurse = signed_in(app, NURSE)
    assert NOBODY in warning(nurse)
    page = visible(nurse.get(PAGE))
    assert "SCREENER_TELL" in page and "Send a test" not in page
    assert send_test(nurse).status_code == 404, "no mail can be sent"
    with app.app_context():
        store.db.engine.dispose()


def test_hours_at_which_nobody_is_told_are_warned_of(app: Flask, tmp_path: Path, at: Clock) -> None:
    file = tmp_path / "tell.yaml"
    file.write_text(file.read_text().replace("hours: any", "hours: staffed"))
    app.extensions["screener_settings"].__dict__.pop("roster")
    work(app)
    assert warning(signed_in(app, NURSE)) == ""
    at(hours=9)
    work(app)
    assert "Nobody is told of an emergency at this hour." in warning(signed_in(app, NURSE))


def test_no_warning_is_shown_to_whoever_is_signed_out(app: Flask) -> None:
    assert warning(app.test_client(), "/staff/login") == ""


def test_the_steps_are_there_for_every_staff_page(app: Flask, nurse: FlaskClient) -> None:
    with app.test_request_context():
        shared: dict[str, object] = {}
        app.update_template_context(shared)
    assert shared["steps_when_not_reached"] == (
        "Call the second number.",
        "Ask the physician what is next.",
    )
