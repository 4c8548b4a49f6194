"""`screener audit`, `tidy` and `reseal` with views that wait to enter the audit log."""

import base64
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from screener import store
from screener.cli import main
from screener.store import database
from screener.store.spill import Spill
from tests.conftest import opened
from tests.outages import READ_ONLY, outage

K1, K2 = (base64.b64encode(letter * 32).decode() for letter in (b"k", b"n"))
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command with the settings of a demonstration; status, what it printed and told."""
    monkeypatch.chdir(tmp_path)
    given = {
        "MODE": "demonstration",
        "DATABASE_URL": database_url,
        "SECRET_KEY": "s" * 32,
        "PASSWORD_SALT": "p" * 32,
        "ENCRYPTION_KEYS": f"k1:{K1}",
        "AUDIT_SPILL": str(tmp_path / "spill"),
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SCREENER_{name}", value)

    def run(command: str, **changes: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            for name, value in changes.items():
                patch.setenv(f"SCREENER_{name.upper()}", value)
            status = main([command])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Yield the store that the commands open."""
    with opened(database_url, {"k1": b"k" * 32}, tmp_path / "spill") as app:
        yield app


def see(app: Flask, *references: str) -> None:
    """Let views be seen while nothing can be written."""
    with outage(app, READ_ONLY):
        for reference in references:
            store.record_view("nurse@clinic.example", "viewed", reference)


def test_audit_enters_what_waits_and_says_how_many(site: Flask, run: Run) -> None:
    assert run("audit") == (0, "the audit log is whole\n", "")
    see(site, "AAAA-AAA3", "AAAA-AAA4")
    status, out, _ = run("audit")
    assert (status, out) == (0, "2 views entered the audit log late\nthe audit log is whole\n")
    assert run("audit") == (0, "the audit log is whole\n", "")


def test_audit_says_how_many_wait_and_why(site: Flask, run: Run) -> None:
    see(site, "AAAA-AAA3", "AAAA-AAA4")
    with database.spill().draining():
        status, out, err = run("audit")
    assert (status, out) == (0, "the audit log is whole\n")
    assert "2 views wait to enter the audit log: another process is entering them" in err


def test_audit_tells_of_a_line_that_does_not_open(site: Flask, run: Run, tmp_path: Path) -> None:
    see(site, "AAAA-AAA3")
    with (tmp_path / "spill" / "views.spill").open("ab") as file:
        file.write(b"forged\n")
    for entered in ("1 views entered the audit log late\n", ""):
        status, out, err = run("audit")
        assert (status, out) == (1, f"{entered}the audit log is whole\n")
        assert f"{tmp_path}/spill/unopened.spill, line 1: this is not a sealed view" in err


def test_tidy_enters_what_waits(site: Flask, run: Run) -> None:
    see(site, "AAAA-AAA3")
    status, out, _ = run("tidy")
    assert status == 0
    assert out.startswith("1 views entered the audit log late\n")


def test_reseal_enters_what_waits_before_a_key_is_taken_out(site: Flask, run: Run) -> None:
    see(site, "AAAA-AAA3")
    keys = f"k2:{K2},k1:{K1}"
    with database.spill().draining():
        status, _, err = run("reseal", encryption_keys=keys)
        assert status == 1
        assert "keep the older keys" in err
    status, _, err = run("reseal", encryption_keys=keys)
    assert (status, err.count("keep")) == (0, 0)
    assert run("audit", encryption_keys=f"k2:{K2}")[:2] == (0, "the audit log is whole\n")


# --- the folder ----------------------------------------------------------------------------------


def test_without_a_setting_it_is_a_folder_of_this_database_alone() -> None:
    first, second = (Spill.at(None, f"sqlite:////srv/{name}.db") for name in "ab")
    assert first.folder != second.folder
    assert first.folder == Spill.at(None, "sqlite:////srv/a.db").folder
    assert first.folder.parent == Path("/var/tmp")  # noqa: S108
    assert not first.folder.exists(), "it is made when it is needed"


@pytest.mark.parametrize("fault", ["open to others", "a link", "a file"])
def test_a_folder_that_others_could_have_made_is_not_used(tmp_path: Path, fault: str) -> None:
    folder = tmp_path / "shared"
    if fault == "open to others":
        folder.mkdir()
        folder.chmod(0o777)
    elif fault == "a link":
        (tmp_path / "theirs").mkdir(0o700)
        folder.symlink_to(tmp_path / "theirs")
    else:
        folder.touch()
    with pytest.raises(store.SpillError, match=r"SCREENER_AUDIT_SPILL: the folder .*shared"):
        Spill(folder, private=True).check()
    with pytest.raises(OSError, match="shared"):
        Spill(folder, private=True).add(b"x")


def test_a_folder_without_room_does_not_keep_the_queue_from_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite:///{tmp_path / 'screener.db'}"
    store.upgrade(url)

    def no_room(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with opened(url, spill=tmp_path / "spill"):
        store.check_spill()
        assert list((tmp_path / "spill").iterdir()) == []
        monkeypatch.setattr(os, "fsync", no_room)
        store.check_spill()
        assert list((tmp_path / "spill").iterdir()) == []
    assert any("there is no room in" in line for line in caplog.messages)


def test_a_spill_on_the_databases_volume_is_noticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'screener.db'}"
    store.upgrade(url)
    with opened(url, spill=tmp_path / "spill"):
        store.check_spill()
        assert store.spill_shares_volume()
        assert not database.spill().shares_volume(Path(os.devnull)), "that is a volume of its own"
