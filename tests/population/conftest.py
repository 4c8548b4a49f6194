"""Fixtures of the tests of files of people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screener.cli import main
from screener.commands import common
from screener.population import csv_files, framing, ndjson, parquet
from tests.engine.answers import RULEBOOK


@pytest.fixture(autouse=True, scope="module")
def loaded_once() -> Iterator[None]:
    """Let every run here have the rulebook that is loaded already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "rulebook_in", lambda _: RULEBOOK)
        yield


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of a few people be read in several parts."""
    for module, name, size in [
        (csv_files, "CHUNK", 7),
        (parquet, "CHUNK", 7),
        (ndjson, "LINES", 7),
        (framing, "READ", 20_000),
    ]:
        monkeypatch.setattr(module, name, size)


@pytest.fixture
def batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run it on a file with this content; return its status, OUT and the lines of its errors."""

    def batch(name: str, content: bytes | str | pl.DataFrame) -> tuple[int, Path, list[str]]:
        source, out = tmp_path / name, tmp_path / "out.csv"
        if isinstance(content, pl.DataFrame):
            content.write_parquet(source)
        else:
            source.write_bytes(content.encode() if isinstance(content, str) else content)
        status = main(["batch", str(source), str(out)])
        return status, out, capsys.readouterr().err.splitlines()

    return batch
