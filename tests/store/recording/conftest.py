"""Fixtures: a store whose views can be kept aside."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from screener.store import spill as spill_files
from tests.conftest import opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the spill's folder; the spill makes it when it needs one."""
    return tmp_path / "other volume"


@pytest.fixture
def app(database_url: str, folder: Path) -> Iterator[Flask]:
    """Yield an open store with its spill in `folder`."""
    with opened(database_url, spill=folder) as app:
        yield app


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """About nine views in each file, so that few make several."""
    monkeypatch.setattr(spill_files, "_LARGEST", 4096)
