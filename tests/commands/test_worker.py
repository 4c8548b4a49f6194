"""`screener worker`: once for cron, and on until it is asked to stop."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from screener import store
from screener.cli import main
from tests.clock import PATIENCE
from tests.conftest import opened
from tests.store.test_review import arrive
from tests.telling.servers import SECRET, Mailbox, clinic, mail_server, webhook

KEY = "k1:" + "a2tr" * 10 + "a2s="


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def environment(
    box: Mailbox, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    with webhook() as hook:
        told = clinic(tmp_path, box, hook)
    given = {
        **{name.upper(): str(value) for name, value in told.items()},
        "MODE": "demonstration",
        "DATABASE_URL": database_url,
        "SECRET_KEY": "s" * 32,
        "PASSWORD_SALT": "p" * 32,
        "ENCRYPTION_KEYS": KEY,
        "AUDIT_SPILL": str(tmp_path / "spill"),
        "STAFFED_HOURS": "Mon-Sun 00:00-24:00",
    }
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(f"SCREENER_{name}", value)
    with opened(database_url, {"k1": b"kkk" * 10 + b"kk"}, tmp_path / "spill"):
        arrive("emergency", 1, risk=True)
    return {name: value for name, value in os.environ.items() if name.startswith("SCREENER_")}


def test_once_does_what_is_due_and_ends(
    environment: dict[str, str], box: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["worker", "--once"]) == 0
    assert capsys.readouterr().out == "1 sent, 0 to be tried again, 0 given up\n"
    assert len(box.mails) == 1
    assert main(["worker", "--once"]) == 0
    assert capsys.readouterr().out == "0 sent, 0 to be tried again, 0 given up\n"


def test_it_says_when_nobody_is_named(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("SCREENER_TELL")
    assert main(["worker", "--once"]) == 0
    assert "SCREENER_TELL is not set: staff are told of nothing" in capsys.readouterr().err


def test_a_faulty_list_stops_it_at_once_with_the_place(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(environment["SCREENER_TELL"])
    file.write_text(file.read_text().replace("hours: any", "hours: night"))
    assert main(["worker", "--once"]) == 1
    said = capsys.readouterr().err
    assert "SCREENER_TELL: tell.yaml:13:12: found night; allowed: 'staffed'" in said
    assert SECRET not in said


def test_asked_to_stop_it_finishes_what_it_is_sending(
    environment: dict[str, str], box: Mailbox, database_url: str, tmp_path: Path
) -> None:
    box.hold.clear()
    root = Path(__file__).parents[2]
    worker = subprocess.Popen(
        [sys.executable, "-m", "screener.cli", "worker"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(root), "PATH": ""},
    )
    assert box.arrived.wait(PATIENCE)
    worker.send_signal(signal.SIGTERM)
    box.hold.set()
    _, said = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0, said
    assert "was sent (alert, mail)" in said and "the worker has stopped" in said
    with opened(database_url, {"k1": b"kkk" * 10 + b"kk"}, tmp_path / "spill"):
        assert store.telling(["desk"]).deliveries["desk"].last_sent
