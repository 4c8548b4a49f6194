"""Rate limits and staff sessions in the database."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import store
from screener.settings import Limit
from screener.store.tables import RateLimitRow
from tests.clock import PATIENCE, Clock
from tests.conftest import opened

LIMIT = Limit(3, 30)
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)


def test_a_bucket_empties_and_fills_evenly(stored: Flask, at: Clock) -> None:
    assert [store.take("start", "a", LIMIT) for _ in range(5)] == [0, 0, 0, 10, 10]
    at(seconds=4)
    assert store.take("start", "a", LIMIT) == pytest.approx(6)
    at(seconds=10)
    assert store.take("start", "a", LIMIT) == 0
    at(seconds=1000)
    assert [store.take("start", "a", LIMIT) for _ in range(4)] == [0, 0, 0, 10], "no more than full"


def test_buckets_do_not_share_tokens(stored: Flask, at: Clock) -> None:
    single = Limit(1, 60)
    assert store.take("start", "a", single) == 0
    assert store.take("start", "b", single) == 0
    assert store.take("save", "a", single) == 0
    assert store.take("start", "a", single) > 0


def test_a_token_can_be_given_back(stored: Flask, at: Clock) -> None:
    single = Limit(1, 60)
    store.take("start", "a", single)
    store.give_back("start", "a", single)
    store.give_back("start", "a", single)
    assert store.take("start", "a", single) == 0
    assert store.take("start", "a", single) > 0


def test_a_clock_set_back_does_not_empty_a_bucket(stored: Flask, at: Clock) -> None:
    store.take("start", "a", LIMIT)
    at(days=-1)
    assert store.take("start", "a", LIMIT) == 0


def test_the_address_is_not_kept(stored: Flask) -> None:
    store.take("start", "192.0.2.77", LIMIT)
    with store.db.engine.connect() as connection:
        assert "192.0.2.77" not in repr(connection.execute(sa.select(RateLimitRow.__table__)).all())


def test_unused_buckets_are_forgotten(stored: Flask, at: Clock) -> None:
    store.take("start", "a", LIMIT)
    at(hours=20)
    store.take("start", "b", LIMIT)
    at(hours=30)
    assert store.forget_limits(days=1) == 1


TAKER = """
import sys
from tests.conftest import opened
from screener import store
from screener.settings import Limit
with opened(sys.argv[1]):
    print(sum(store.take("start", "a", Limit(10, 100_000)) == 0 for _ in range(20)))
"""


def test_a_limit_holds_across_processes(database_url: str) -> None:
    with opened(database_url):
        pass
    folder = Path(__file__).parents[1]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER, database_url],
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder.parent,
            env={"PYTHONPATH": ".", "PATH": ""},
        )
        for _ in range(2)
    ]
    taken = [int(process.communicate(timeout=PATIENCE)[0]) for process in processes]
    assert sum(taken) == 10


@pytest.fixture
def nurse(stored: Flask) -> int:
    return store.add_user("nurse@clinic.example", "hash", ["intake"])


def test_a_session_is_good_until_it_is_idle_for_too_long(nurse: int, at: Clock) -> None:
    token = store.begin_session(nurse)
    for minutes in (25, 50, 75):
        at(minutes=minutes)
        assert store.session_user(token, idle=IDLE, absolute=ABSOLUTE) == nurse
    at(minutes=106)
    assert store.session_user(token, idle=IDLE, absolute=ABSOLUTE) is None
    at(minutes=80)
    assert store.session_user(token, idle=IDLE, absolute=ABSOLUTE) is None, "over for good"


def test_a_session_ends_however_busy_it_is(nurse: int, at: Clock) -> None:
    token = store.begin_session(nurse)
    for minutes in range(0, 720, 20):
        at(minutes=minutes)
        assert store.session_user(token, idle=IDLE, absolute=ABSOLUTE) == nurse
    at(minutes=721)
    assert store.session_user(token, idle=IDLE, absolute=ABSOLUTE) is None


def test_sessions_are_revoked_one_by_one_or_all(nurse: int) -> None:
    first, second, third = (store.begin_session(nurse) for _ in range(3))
    store.end_session(first)
    good = [store.session_user(t, idle=IDLE, absolute=ABSOLUTE) for t in (first, second, third)]
    assert good == [None, nurse, nurse]
    store.end_sessions(nurse)
    assert store.session_user(second, idle=IDLE, absolute=ABSOLUTE) is None
    assert store.session_user("guess", idle=IDLE, absolute=ABSOLUTE) is None


def test_old_sessions_are_forgotten(nurse: int, at: Clock) -> None:
    store.begin_session(nurse)
    at(days=31)
    store.begin_session(nurse)
    assert store.forget_sessions(days=30) == 1


def test_a_second_factor_code_works_once(nurse: int) -> None:
    assert store.last_code(nurse) is None
    assert [store.use_code(nurse, code) for code in (7, 7, 6, 8)] == [True, False, False, True]
    assert store.last_code(nurse) == 8


def test_an_e_mail_has_one_account_in_any_case(nurse: int) -> None:
    with pytest.raises(ValueError, match="has an account already"):
        store.add_user("Nurse@Clinic.example", "hash", ["physician"])
