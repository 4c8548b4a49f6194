"""What one request does: it works out once what counts, screens once, opens a value once.

The counts hold whatever the machine is busy with; times are measured by `make bench-pages`.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.engine.questions import Answers
from screener.engine.resolve import resolve
from screener.engine.screen import screen
from screener.patient.record import Record
from screener.store import rulebooks
from screener.store.keyring import Keyring
from tests.clock import PATIENCE
from tests.every_page import PASSWORD, add_staff, case, fill_page, person
from tests.web import forms, send

# They put one answer after the other in the place of the person's own.
_WHAT_IF = "screener.engine.explanations"


@dataclass
class Done:
    """What was done: answers resolved, screenings, openings by value, statements of SQL."""

    resolved: list[Answers] = field(default_factory=list)
    screened: int = 0
    opened: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    statements: list[str] = field(default_factory=list)

    def check(self, *, resolved: int = 1, screened: int = 1, statements: int) -> None:
        """Fail where more was done, or a value was opened twice."""
        assert len(self.resolved) <= resolved
        assert self.screened <= screened
        assert [place for (place, _), times in self.opened.items() if times > 1] == []
        assert len(self.statements) <= statements, "\n".join(self.statements)


@contextmanager
def counted(app: Flask) -> Iterator[Done]:
    """Count what this thread does meanwhile, from wherever it is called."""
    done = Done()

    def called(frame: FrameType, event: str, _argument: object) -> None:
        if event != "call":
            return
        if frame.f_code is resolve.__code__:
            done.resolved.append(dict(frame.f_locals["answers"]))
        elif frame.f_code is screen.__code__:
            assert frame.f_back is not None
            done.screened += not frame.f_back.f_globals["__name__"].startswith(_WHAT_IF)
        elif frame.f_code is Keyring.unseal.__code__:
            done.opened[str(frame.f_locals["place"]), frame.f_locals["sealed"]] += 1

    def executed(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        done.statements.append(statement)

    with app.app_context():
        engine = store.db.engine
    sa.event.listen(engine, "before_cursor_execute", executed)
    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield done
    finally:
        sys.setprofile(before)
        sa.event.remove(engine, "before_cursor_execute", executed)


@pytest.fixture(autouse=True)
def signature_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the last signature be looked up once, so that no count hangs on the time of a test."""
    monkeypatch.setattr(rulebooks, "_KEPT_SECONDS", PATIENCE)


@pytest.fixture
def filling(app: Flask) -> FlaskClient:
    """Somebody who has answered everything and has not sent it."""
    return person(app, case("V01"))[0]


@pytest.fixture
def nurse(app: Flask) -> FlaskClient:
    """A member of staff, signed in."""
    add_staff(app)
    client = app.test_client()
    account = {"email": "intake@demo.example", "password": PASSWORD}
    assert send(client, "/staff/login", account).location == "/staff/"
    return client


def opened(app: Flask, client: FlaskClient, path: str) -> Done:
    """What opening a page does."""
    client.get(path)  # templates and statements are compiled once
    with counted(app) as done:
        assert client.get(path).status_code == 200
    return done


def saved(app: Flask, client: FlaskClient, fatigue: str) -> Done:
    """What saving a page does."""
    form = forms(client.get("/questions/symptoms")).find("form", attrs={"data-send": True})
    assert form is not None
    data: dict[str, Any] = {
        str(tag["name"]): str(tag["value"]) for tag in form.select("[type=hidden], [checked]")
    }
    data["fatigue"] = fatigue
    with counted(app) as done:
        answer = client.post("/questions/symptoms", data=data)
    assert answer.location == "/questions/warning_signs"
    return done


def test_a_save_is_one_transaction(app: Flask, filling: FlaskClient) -> None:
    done = saved(app, filling, "2")
    # Twice: what the page shows follows from the answers before, what it needs from those after.
    done.check(resolved=2, statements=6)
    assert [text for text in done.statements if text.startswith("BEGIN")] == ["BEGIN IMMEDIATE"]
    with app.app_context():
        cookie = filling.get_cookie("screener_questionnaire")
        assert cookie is not None
        stored = store.load(cookie.value)
    assert stored is not None and stored.answers["fatigue"] == "2"
    assert "needed" not in (stored.screening or {}), "it is worked out when a page shows it"


def test_a_save_costs_no_more_for_who_has_answered_much(app: Flask, filling: FlaskClient) -> None:
    new, _ = person(app, {"fatigue": 1})
    few, many = saved(app, new, "3"), saved(app, filling, "2")
    assert len(few.statements) == len(many.statements)


@pytest.mark.parametrize(
    "path", ["/questions/symptoms", "/questions/sleep", "/questions/medicines_tried/1"]
)
def test_a_question_page_reads_once(app: Flask, filling: FlaskClient, path: str) -> None:
    opened(app, filling, path).check(statements=4)


@pytest.mark.parametrize("path", ["/questions", "/check"])
def test_what_lists_everything_reads_once(app: Flask, filling: FlaskClient, path: str) -> None:
    opened(app, filling, path).check(statements=4)


def test_the_start_page_screens_nobody(app: Flask, filling: FlaskClient) -> None:
    opened(app, app.test_client(), "/").check(resolved=0, screened=0, statements=0)
    opened(app, filling, "/").check(resolved=0, screened=0, statements=2)


def test_the_queue_asks_the_same_of_many_as_of_few(app: Flask, nurse: FlaskClient) -> None:
    person(app, {"phq9_9": 1}, last="mood")
    few = opened(app, nurse, "/staff/")
    for _ in range(4):
        person(app, {"phq9_9": 1}, last="mood")
    many = opened(app, nurse, "/staff/")
    few.check(resolved=0, screened=0, statements=22)
    many.check(resolved=0, screened=0, statements=22)
    assert len(few.statements) == len(many.statements)
    assert any("INSERT INTO audit" in text for text in many.statements), "the view is noted"


def test_a_submission_asks_the_same_whatever_happened(app: Flask, nurse: FlaskClient) -> None:
    client, reference = person(app, {"phq9_9": 1}, last="mood")
    path = f"/staff/submissions/{reference}"
    few = opened(app, nurse, path)
    for answer in (2, 3, 0, 1):  # each value of it is kept
        fill_page(client, "mood", {"phq9_9": answer})
    many = opened(app, nurse, path)
    for done in (few, many):
        # The person's own answers come first; the others are asked "what if" about.
        assert done.resolved.count(done.resolved[0]) == 1
        done.check(resolved=len(done.resolved), statements=30)
    assert len(few.statements) == len(many.statements)
    assert any("INSERT INTO audit" in text for text in many.statements), "the view is noted"


def test_working_it_out_twice_is_noticed(
    app: Flask, filling: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Record, "resolved", property(lambda record: resolve(record.protocol, record.answers))
    )
    with pytest.raises(AssertionError):
        opened(app, filling, "/check").check(statements=4)


def test_opening_a_value_twice_is_noticed(
    app: Flask, filling: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = store.load

    def twice(token: str) -> store.Questionnaire | None:
        original(token)
        return original(token)

    monkeypatch.setattr(store, "load", twice)
    with pytest.raises(AssertionError):
        opened(app, filling, "/check").check(statements=11)
