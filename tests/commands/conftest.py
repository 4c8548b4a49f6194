"""Fixtures of the tests of the commands."""

import io
import sys
from typing import Any

import pytest

from screener.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command; give back its status, what it printed and what it complained of."""

    def run(*arguments: str, stdin: str | bytes = "") -> tuple[int, list[str], list[str]]:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        status = main(arguments)
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return run
