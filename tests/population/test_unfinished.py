"""`screener batch`: a run that cannot be finished leaves everything as it was."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from screener.cli import main
from screener.commands import common
from screener.places import shipped
from screener.population.csv_files import CsvReader
from tests.clock import PATIENCE
from tests.population.batches import run_batch
from tests.population.people_files import outcomes, refusals

pytestmark = pytest.mark.long


@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson"])
@pytest.mark.parametrize("full", ["", ".refused.ndjson"])
def test_a_full_disk(
    ending: str, full: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / f"out.{ending}"
    source.write_text("age\n44\n" + "300\n" * 500)
    out.write_text("of an earlier run")
    # Whatever is written there fails as it does where no space is left.
    out.with_name(f"{out.name}{full}.part").symlink_to("/dev/full")
    assert run_batch(source, out) == 2
    printed = capsys.readouterr().err.splitlines()
    assert printed[-2] == f"{out}{full}: cannot be written: No space left on device"
    assert printed[-1] == f"nothing was written; {out}: left as an earlier run wrote it"
    assert out.read_text() == "of an earlier run"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", out.name}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(sent: int, tmp_path: Path) -> None:
    source, out = tmp_path / "in.ndjson", tmp_path / "out.parquet"
    source.write_text('{"age": 44}\n' * 1_000_000)
    command = [sys.executable, "-m", "screener.cli", "batch", str(source), str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        while not out.with_name("out.parquet.part").exists():
            assert run.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        run.send_signal(sent)
        output, printed = run.communicate(timeout=PATIENCE)
    assert run.returncode == 2, printed
    assert printed.decode() == f"stopped; {out} was not written\n"
    assert output == b""
    assert [path.name for path in tmp_path.iterdir()] == ["in.ndjson"]


@pytest.mark.parametrize(
    ("package", "command"),
    [("polars", ["batch", "in.csv", "out.csv"]), ("sqlglot", ["sql", "--dialect", "duckdb"])],
)
def test_packages_that_are_not_installed(
    package: str,
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in list(sys.modules):
        if name.startswith(("screener.population", "screener.engine.tabular.sql")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    assert main(command) == 2
    printed = capsys.readouterr().err
    assert printed == f'{package} is not installed: pip install "screener[population]"\n'


def test_a_fault_of_the_program_is_no_refused_row(
    batch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert batch("in.csv", "age\n44\n300\n")[0] == 1
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def faulty(*_: Any) -> None:
        raise IndexError("somebody's answer")

    monkeypatch.setattr(CsvReader, "chunks", faulty)
    status, out, err = batch("in.csv", "age\n44\n300\n")
    assert status == 2
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    stands, fault = err
    assert stands == (
        f"nothing was written; {out} and {out}.refused.ndjson: left as an earlier run wrote it"
    )
    assert fault.startswith("stopped by a fault of the program (IndexError in ")
    assert "somebody" not in fault


def test_a_faulty_rulebook_is_no_refused_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(common, "rulebook_in", lambda _: None)
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("age\n44\n")
    out.write_text("of an earlier run")
    assert main(["batch", str(source), str(out)]) == 2
    assert f"nothing was written; {out}: left as an earlier" in capsys.readouterr().err
    assert out.read_text() == "of an earlier run"


def test_what_cannot_take_its_place_leaves_both_files(
    batch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert batch("in.csv", "age\n44\n300\n")[0] == 1
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target.name == "out.csv":
            raise PermissionError(1, "Operation not permitted")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    for text in ("age\n44\n301\n", "age\n44\n30\n"):
        status, out, err = batch("in.csv", text)
        assert status == 2
        assert err[-2] == f"{out}: cannot be written: Operation not permitted"
        (tmp_path / "in.csv").write_bytes(before["in.csv"])
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_cannot_be_stopped_between_its_files(
    sent: int, batch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A moment before, it can; and then both are as they were."""
    assert batch("in.csv", "age\n44\n300\n")[0] == 1
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    replace, handler = Path.replace, signal.getsignal(signal.SIGINT)

    def stopping(self: Path, target: Path) -> Path:
        replaced = replace(self, target)
        os.kill(os.getpid(), sent)
        time.sleep(0.1)
        return replaced

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stopping)
        status, out, err = batch("in.csv", "age\n30\n301\n45\n")
    assert (status, len(err)) == (1, 1)
    assert list(outcomes(out)) == [1, 3]
    assert refusals(out)[2]["read"] == {"age": "301"}
    assert {path.name for path in tmp_path.iterdir()} == before.keys()
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("stream", ["full", "closed", "unread"])
def test_an_output_that_nobody_reads_changes_no_status(stream: str, tmp_path: Path) -> None:
    """The files are whole by then. This is the real program, with real streams."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("age\n44\n300\n")
    run, status = f"{sys.executable} -m screener.cli batch {source} {out}", tmp_path / "status"
    script = {
        "full": f"exec {run} >/dev/full",
        "closed": f"exec {run} >&- 2>&-",
        "unread": f"{{ {run} 2>&1; echo $? >{status}; }} | true; exit $(cat {status})",
    }[stream]
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    problem = "row 2: age: found 300; allowed: a whole number from 0 to 120\n"
    assert (done.returncode, done.stderr) == (1, problem if stream == "full" else "")
    assert list(outcomes(out)) == [1]
    assert list(refusals(out)) == [2]


def test_rules_that_are_no_folder(tmp_path: Path) -> None:
    """With the rules read anew: a copy with a trailing separator is whole, a cut one is not."""
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    for path in rules.rglob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r") + b"---\r# the end\r---\r")
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("age\n44\n")
    command = [sys.executable, "-m", "screener.cli"]
    options = ["--rules", str(rules)]
    checked = subprocess.run([*command, "check", *options], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    (rules / "medicines.yaml").write_bytes(b"---\n---\n# nothing\n")
    run = subprocess.run(
        [*command, "batch", str(source), str(out), *options], capture_output=True, check=False
    )
    assert run.returncode == 2
    assert b"medicines.yaml:1:1: one YAML document expected, 0 found" in run.stderr
    assert not out.exists()


def test_a_read_only_file_system_is_named_with_a_file_that_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("age\n44\n")

    read = Path.open

    def refuse(self: Path, mode: str = "", **options: Any) -> Any:
        if self.name.startswith(out.name):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))
        return read(self, mode, **options)

    # There even taking away what is not there is refused.
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    assert run_batch(source, out, "--protocol", "depression") == 2
    printed = capsys.readouterr().err
    assert printed == f"{out}.refused.ndjson: cannot be written: Read-only file system\n"
