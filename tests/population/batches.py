"""Runs of `screener batch` on files of synthetic people: helpers."""

import json
from pathlib import Path
from typing import Any

from screener.cli import main
from screener.engine.terms.plan import lower
from tests.engine.answers import RULEBOOK
from tests.population.people_files import Row, write_csv, write_ndjson, write_parquet

PROTOCOL = RULEBOOK.protocols["fibromyalgia"]
PLANS = {id: lower(protocol) for id, protocol in RULEBOOK.protocols.items()}
PLAN = PLANS["fibromyalgia"]
KINDS = ["ndjson", "csv", "csv wide", "parquet", "parquet wide"]


def run_batch(*arguments: object) -> int:
    return main(["batch", *map(str, arguments)])


def write_people(path: Path, kind: str, protocol: Any, people: Any) -> Path:
    name, _, wide = kind.partition(" ")
    made = path / f"people.{name}"
    if name == "ndjson":
        write_ndjson(made, people)
    elif name == "csv":
        write_csv(made, protocol, people, wide=bool(wide))
    else:
        write_parquet(made, protocol, people, wide=bool(wide))
    return made


def strictly(path: Path) -> list[Row]:
    """Return the refused rows, read as strictly as JSON is defined."""

    def no_number(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    lines = path.with_name(path.name + ".refused.ndjson").read_text("utf-8").split("\n")
    return [json.loads(line, parse_constant=no_number) for line in lines[:-1]]
