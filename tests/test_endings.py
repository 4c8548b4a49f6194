"""How commands end: in a status and in one line, whatever happens to them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from screener.cli import main
from screener.commands import check as checking
from screener.engine import plain_text
from tests.clock import PATIENCE

COMMAND = [sys.executable, "-m", "screener.cli"]


def run(*arguments: str, **streams: Any) -> tuple[int, str, str]:
    """Run the program with real streams; return its status, its output and its errors."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    done = subprocess.run([*COMMAND, *arguments], check=False, timeout=PATIENCE, **streams)
    return done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode()


def faulty(error: BaseException) -> Any:
    """Return a command that ends with this error."""

    def command(*_: Any) -> int:
        raise error

    return command


# --- faults of the program -----------------------------------------------------------------------


class Panic(BaseException):
    """As Polars has it: no Exception."""


@pytest.mark.parametrize(
    "error", [IndexError("what she said"), RecursionError(), MemoryError(), Panic("what she said")]
)
def test_a_fault_of_the_program_is_one_line_and_status_2(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SCREENER_TRACEBACK", raising=False)
    monkeypatch.setattr(checking, "_check", faulty(error))
    assert main(["check"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert output.err.startswith(
        f"stopped by a fault of the program ({type(error).__name__} in cli"
    )
    assert "report it, with synthetic answers only, as CONTRIBUTING.md says" in output.err
    # The message of an error may hold an answer.
    assert "she said" not in output.err


def test_the_traceback_is_shown_to_whoever_asks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCREENER_TRACEBACK", "1")
    monkeypatch.setattr(checking, "_check", faulty(IndexError("here")))
    assert main(["check"]) == 2
    output = capsys.readouterr().err
    assert output.startswith("Traceback (most recent call last)")
    assert "IndexError: here" in output


def test_ctrl_c_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checking, "_check", faulty(KeyboardInterrupt()))
    assert main(["check"]) == 130
    assert capsys.readouterr().err == "stopped\n"


def test_ctrl_c_while_it_waits() -> None:
    with subprocess.Popen(
        [*COMMAND, "assess", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as waiting:
        assert waiting.stdin is not None
        # So much does not fit into the pipe: when it is written, the program is reading.
        waiting.stdin.write(b" " * 300_000)
        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=PATIENCE)
    assert (waiting.returncode, out, err) == (130, b"", b"stopped\n")


def test_wrong_usage_is_status_2() -> None:
    status, out, err = run("assess")
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    for command in (["prove"], ["diff", "rules", "rules"]):
        status, _, err = run(*command, "--seconds", "nan")
        assert status == 2
        assert "found nan; allowed: seconds above 0" in err


# --- standard streams ----------------------------------------------------------------------------


def test_nobody_reads_any_more(tmp_path: Path) -> None:
    source = tmp_path / "in.json"
    source.write_text('{"age": 44}\n' * 30)
    with subprocess.Popen(
        [*COMMAND, "assess", str(source)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run_:
        assert run_.stdout is not None
        assert run_.stderr is not None
        run_.stdout.read(1)
        run_.stdout.close()
        assert run_.stderr.read() == b""
    assert run_.returncode == 141


def test_output_that_cannot_be_written_is_reported() -> None:
    with open("/dev/full", "w") as full:
        status, _, err = run("assess", "-", input=b"age: 44", stdout=full)
    assert (status, err) == (2, "standard output: No space left on device\n")
    closed = f"exec {' '.join(COMMAND)} assess - >&-"
    done = subprocess.run(
        ["sh", "-c", closed], input=b"age: 44", stderr=subprocess.PIPE, check=False
    )
    assert (done.returncode, done.stderr) == (2, b"standard output: Bad file descriptor\n")


def test_standard_input_that_is_closed() -> None:
    done = subprocess.run(
        ["sh", "-c", f"exec {' '.join(COMMAND)} assess - <&-"], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"standard input: is closed\n"


def test_what_a_stream_cannot_write_is_escaped() -> None:
    ascii_ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    document = "case: é 🦵\nanswers: {age: 44}".encode()
    status, out, err = run("assess", "-", input=document, env=ascii_)
    assert (status, err) == (0, "")
    assert out.startswith('{"case": "\\u00e9 \\ud83e\\uddb5", ')
    status, out, err = run("explain", "-", input=document, env=ascii_)
    assert (status, err) == (0, "")
    assert out.startswith("# \\xe9 \\U0001f9b5\n")
    status, out, err = run("assess", "-", input=document)
    assert out.startswith('{"case": "é 🦵", ')


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command here; give back the status and the one line of what it complained of."""

    def refused(*arguments: object) -> tuple[int, str]:
        status = main([*map(str, arguments)])
        out, err = capsys.readouterr()
        assert out == ""
        return status, err.splitlines()[0]

    return refused


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path: Path, refused: Any) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for command in ("assess", "explain"):
        status, line = refused(command, pipe)
        assert status == 2
        assert line.startswith(f"{pipe}: is a pipe; give what it holds on standard input")
    rules = tmp_path / "rules"
    (rules / "x").mkdir(parents=True)
    (rules / "x" / "protocol.yaml").write_text("")
    os.mkfifo(rules / "medicines.yaml")
    status = main(["check", "--rules", str(rules)])
    assert status == 1


def test_a_pipe_of_the_shell_is_read() -> None:
    read, write = os.pipe()
    os.write(write, b"age: 44")
    os.close(write)
    status, out, err = run("assess", f"/dev/fd/{read}", pass_fds=[read])
    os.close(read)
    assert (status, err) == (0, "")
    assert out.startswith('{"case": null')


def test_what_never_ends_is_refused(refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_text, "LARGEST", 1 << 20)
    assert refused("assess", "/dev/zero") == (2, "/dev/zero: is larger than 1 MiB")
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        assert endless.stdout is not None
        monkeypatch.setattr(sys, "stdin", endless.stdout)
        monkeypatch.setattr(endless.stdout, "buffer", endless.stdout, raising=False)
        assert refused("assess", "-") == (2, "standard input: is larger than 1 MiB")
        endless.kill()


def test_files_that_cannot_be_read(tmp_path: Path, refused: Any) -> None:
    assert refused("assess", tmp_path) == (2, f"{tmp_path}: cannot be read: Is a directory")
    assert refused("assess", "no\0file") == (2, "no\\x00file: cannot be read: embedded null byte")
    status, line = refused("assess", "x" * 300)
    assert status == 2
    assert line.endswith(": cannot be read: File name too long")
    strange = os.fsdecode(b"\xff.yaml")
    assert refused("assess", strange) == (
        2,
        "\\udcff.yaml: cannot be read: No such file or directory",
    )


@pytest.mark.parametrize("command", [["check"], ["prove"], ["sql", "--dialect", "duckdb"]])
@pytest.mark.parametrize(
    "folder", ["nowhere", "x" * 300, "file.yaml", "no\0folder", os.fsdecode(b"\xff")]
)
def test_rules_that_are_no_folder(
    command: list[str], folder: str, tmp_path: Path, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file.yaml").write_text("age: 44")
    status, line = refused(*command, "--rules", folder)
    assert status == 1
    assert line.isprintable()
    assert "is not a folder" in line or "cannot be read: File name too long" in line


def test_rules_that_nobody_may_read(
    tmp_path: Path, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "is_dir", faulty(PermissionError(13, "Permission denied")))
    assert refused("check", "--rules", tmp_path) == (
        1,
        f"{tmp_path}: cannot be read: Permission denied",
    )
