"""Codes and links to come back with: what is stored, who may use them, and how long."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.settings import Limit
from screener.store import Change, clock
from screener.store.keyring import Keyring
from screener.store.records import ALPHABET
from screener.store.tables import DeviceRow, ReturnCodeRow
from tests.clock import PATIENCE, Clock
from tests.conftest import KEY, OTHER_KEY, opened

BORN = "1979-04-27"
MONTH = timedelta(days=30)
IDLE = timedelta(minutes=20)
FEW, MANY = Limit(3, 3600), Limit(1000, 3600)


@pytest.fixture
def token(stored: Flask) -> str:
    """Return the token of somebody who has begun a form."""
    return begin()


def begin() -> str:
    token = store.start("fibromyalgia", "1.0.0", "sha256:x")
    store.save(token, identity={"date_of_birth": BORN}, answers={"sex": "male"})
    return token


def with_code(code: str, born: str = BORN, address: str = "a", **limits: Limit) -> Any:
    rates: dict[str, Limit] = {"per_code": MANY, "per_address": MANY, **limits}
    return store.open_with_code(code, born, address, **rates)


def with_link(link: str) -> Any:
    return store.open_with_link(link, "a", per_address=MANY)


def everything_stored() -> str:
    with store.db.engine.connect() as connection:
        tables = (ReturnCodeRow, DeviceRow)
        return repr([connection.execute(sa.select(t.__table__)).all() for t in tables])


def test_a_code_can_be_read_aloud_and_only_hashes_are_kept(token: str) -> None:
    made = store.make_return_code(token, MONTH)
    groups = made.code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET) and not set("".join(groups)) & set("01258BILOSUVZ")
    assert len(ALPHABET) ** 12 > 2**54
    kept = everything_stored()
    opened = with_code(made.code)
    for secret in (made.code, store.plain_code(made.code), made.link, token, opened.token):
        assert secret not in kept + everything_stored()
        assert secret not in repr(made) + repr(opened)


def test_a_code_opens_the_same_form_on_another_device(token: str) -> None:
    made = store.make_return_code(token, MONTH)
    opened = with_code(f" {made.code.lower().replace('-', ' ')} ")
    assert opened.token != token
    store.save(opened.token, answers={"sex": "female"})
    assert store.load(token) == store.load(opened.token)
    assert store.load(token).answers == {"sex": "female"}  # type: ignore[union-attr]
    second, first = store.device(opened.token, IDLE), store.device(token, IDLE)
    assert second is not None and second.resumed_at is not None
    assert first is not None and first.resumed_at is None
    assert with_code(made.code) is not None, "a code can be used again"


def test_a_link_works_once(token: str) -> None:
    made = store.make_return_code(token, MONTH)
    assert with_link("guess" * 8) is None
    assert store.load(with_link(made.link).token) == store.load(token)
    assert with_link(made.link) is None
    assert with_code(made.code) is not None, "the code still works"


@pytest.mark.parametrize("days", [29.9, 30.1])
def test_both_expire(token: str, at: Clock, days: float) -> None:
    at()
    made = store.make_return_code(token, MONTH)
    at(days=days)
    good = days < 30
    assert (with_link(made.link) is not None) is good
    assert (with_code(made.code) is not None) is good
    assert (store.return_code(token) is not None) is good
    assert store.forget_codes() == (0 if good else 1)


def test_a_new_code_takes_the_place_of_the_old_one(token: str) -> None:
    old, new = (store.make_return_code(token, MONTH) for _ in range(2))
    assert with_code(old.code) is None and with_link(old.link) is None
    assert with_code(new.code) is not None and with_link(new.link) is not None


def test_the_person_takes_a_code_back_and_keeps_the_device_in_hand(token: str) -> None:
    made = store.make_return_code(token, MONTH)
    mine, other = with_code(made.code).token, with_link(made.link).token
    store.revoke_return_code(mine)
    assert with_code(made.code) is None and store.return_code(token) is None
    assert store.load(other) is None, "whoever came with them is out"
    assert store.load(mine) == store.load(token) is not None


def test_staff_take_a_code_back(token: str) -> None:
    made = store.make_return_code(token, MONTH)
    other = with_code(made.code).token
    reference = store.load(token).reference  # type: ignore[union-attr]
    with pytest.raises(store.UnknownQuestionnaire):  # the person's own: not for staff to see
        store.revoke_return_code_of(reference, "nurse@clinic.example")
    store.save(token, change=lambda _: Change(risk=True, priority="urgent", rank=1))
    seen = store.submission(reference)
    assert seen is not None and seen.return_code is not None
    store.revoke_return_code_of(reference, "nurse@clinic.example")
    assert with_code(made.code) is None and store.load(other) is None
    assert store.load(token) is not None
    seen = store.submission(reference)
    assert seen is not None and seen.return_code is None
    entries = [(entry.actor, entry.action, entry.object) for entry in store.audit_entries()]
    assert entries[:3] == [
        ("nurse@clinic.example", "return code revoked", reference),
        ("person", "opened with a code", reference),
        ("person", "return code made", reference),
    ]


def test_tries_with_a_code_run_out_and_come_back(token: str, at: Clock) -> None:
    at()
    made = store.make_return_code(token, MONTH)
    for _ in range(3):
        assert with_code(made.code, "1980-01-01", per_code=FEW) is None
    assert with_code(made.code, per_code=FEW) is None, "even with the right date"
    at(minutes=20)
    assert with_code(made.code, per_code=FEW) is not None
    assert with_code(made.code, per_code=FEW) is not None, "what succeeds uses up nothing"


def test_tries_from_an_address_run_out_whatever_is_tried(token: str) -> None:
    made = store.make_return_code(token, MONTH)
    for guess in ("ACDE", "FGHJ", "KMNP"):
        assert with_code(guess * 3, per_address=FEW) is None
    assert with_code(made.code, per_address=FEW) is None
    assert store.open_with_link(made.link, "a", per_address=FEW) is None
    assert with_code(made.code, address="b", per_address=FEW) is not None


def test_a_wrong_code_takes_the_same_steps_as_a_wrong_date(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.make_return_code(token, MONTH)
    with_code("ACDEACDEACDE", address="warm")  # what is made once is made
    steps: list[str] = []
    unseal = Keyring.unseal

    def counted(self: Keyring, sealed: bytes, place: Any) -> Any:
        steps.append("unseal")
        return unseal(self, sealed, place)

    monkeypatch.setattr(Keyring, "unseal", counted)
    engine = store.db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: steps.append(given[2]))
    taken = []
    for code, born in (("ACDFACDFACDF", BORN), (made.code, "1980-01-01")):
        steps.clear()
        assert with_code(code, born, address=code) is None
        taken.append(list(steps))
    assert taken[0] == taken[1]
    assert taken[0].count("unseal") == 1


def test_a_sent_form_is_named_and_not_opened(token: str) -> None:
    made = store.make_return_code(token, MONTH)
    sent = store.submit(token)
    for named in (with_code(made.code), with_link(made.link), with_link(made.link)):
        assert named.token == ""
        assert named.questionnaire.submitted_at == sent.submitted_at
    with pytest.raises(store.AlreadySubmitted):
        store.make_return_code(token, MONTH)


def test_erasing_a_draft_erases_its_codes_and_devices(token: str, at: Clock) -> None:
    made = store.make_return_code(token, MONTH)
    elsewhere = with_code(made.code).token
    assert store.discard(elsewhere) is True
    assert store.load(token) is None
    begun = begin()
    store.make_return_code(begun, timedelta(days=90))
    at(days=31)
    assert store.expire_drafts(30) == 1
    assert everything_stored() == "[[], []]"


def test_a_form_that_is_given_up_and_kept_is_opened_by_no_code(token: str) -> None:
    made = store.make_return_code(token, MONTH)
    store.save(token, change=lambda _: Change(risk=True, priority="urgent", rank=1))
    assert store.discard(token) is False
    assert with_code(made.code) is None


def test_a_device_is_noted_as_used_until_it_was_idle(token: str, at: Clock) -> None:
    at()
    started = store.device(token, IDLE)
    assert started is not None
    for minutes in (19, 38, 57):
        at(minutes=minutes)
        store.device(token, IDLE)
    at(minutes=78)
    idle = store.device(token, IDLE)
    assert idle is not None
    assert round((idle.seen_at - started.seen_at) / timedelta(minutes=1)) == 57
    assert store.device(token, IDLE) == idle, "looking does not open it"
    assert store.device("guess", IDLE) is None


def test_an_idle_device_opens_with_the_date_of_birth(token: str, at: Clock) -> None:
    at(minutes=30)
    rates = {"per_form": FEW, "per_address": MANY}
    for _ in range(3):
        assert not store.unlock(token, "1980-01-01", "a", **rates)
    assert not store.unlock(token, BORN, "a", **rates), "tries run out"
    at(minutes=60)
    assert store.unlock(token, BORN, "a", **rates)
    open_again = store.device(token, IDLE)
    assert open_again is not None and open_again.seen_at == open_again.resumed_at


def test_a_code_survives_a_change_of_keys(database_url: str) -> None:
    with opened(database_url):
        made = store.make_return_code(begin(), MONTH)
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        assert with_code(made.code) is not None and with_link(made.link) is not None


OPENER = """
import sys
from tests.conftest import opened
from screener import store
from screener.settings import Limit
from tests.clock import stand
url, link, code, now = sys.argv[1:]
stand(now)
few, many = Limit(10, 1_000_000), Limit(1000, 3600)
with opened(url):
    tries = [
        store.open_with_code(code, "1980-01-01", "a", per_code=few, per_address=many)
        for _ in range(20)
    ]
    print(sum(store.open_with_link(link, "a", per_address=many) is not None for _ in range(5)))
"""


def test_links_and_tries_hold_across_processes(database_url: str) -> None:
    with opened(database_url):
        made = store.make_return_code(begin(), MONTH)
    now = clock.now().isoformat()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPENER, database_url, made.link, made.code, now],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONPATH": ".", "PATH": ""},
        )
        for _ in range(2)
    ]
    opened_there = [int(process.communicate(timeout=PATIENCE)[0]) for process in processes]
    assert sum(opened_there) == 1, "a link works once, whoever is faster"
    with opened(database_url):
        few = Limit(10, 1_000_000)
        assert with_code(made.code, per_code=few) is None, "the other processes used up the tries"
        assert with_code(made.code, per_code=Limit(1000, 1)) is not None


def test_migration_gives_a_form_to_the_device_on_which_it_was_begun(
    empty_database_url: str,
) -> None:
    store.upgrade(empty_database_url)
    with opened(empty_database_url):
        token = begin()
    store.downgrade(empty_database_url, "0005")
    store.upgrade(empty_database_url)
    with opened(empty_database_url):
        assert store.load(token) is not None
