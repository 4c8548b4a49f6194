"""Files of synthetic people, in every format that `screener batch` reads, and its outcomes."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.tabular.layout import option_column
from tests.engine.tabular.population_samples import Person

Row = dict[str, Any]


def document(answers: Answers) -> Row:
    """Return the answers of one person as JSON has them."""
    return {id: _json(answer) for id, answer in answers.items()}


def _json(answer: Any) -> Any:
    if isinstance(answer, Mapping):
        return {key: _json(value) for key, value in answer.items()}
    if isinstance(answer, Decimal):
        return int(answer) if answer == answer.to_integral() else float(answer)
    return list(answer) if isinstance(answer, tuple) else answer


def write_ndjson(path: Path, people: Sequence[Person]) -> None:
    """Write a line for each person."""
    lines = [
        json.dumps({"submission": f"s{i}", "submitted": sent, **document(answers)})
        for i, (answers, sent) in enumerate(people, 1)
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def write_csv(path: Path, protocol: Protocol, people: Sequence[Person], *, wide: bool) -> None:
    """Write a row for each person; `wide` has a column for each option."""
    rows = [
        {"submission": f"s{i}", "submitted": str(sent).lower(), **_cells(protocol, answers, wide)}
        for i, (answers, sent) in enumerate(people, 1)
    ]
    write_rows(path, columns(protocol, wide=wide), rows)


def write_rows(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a CSV file with these columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def columns(protocol: Protocol, *, wide: bool) -> list[str]:
    """Return the names of the columns of a file with every question."""
    names = ["submission", "submitted"]
    for question in protocol.questions.values():
        if question.kind == "choices" and wide:
            names += [option_column(question.id, option) for option in question.option_ids]
        else:
            names.append(question.id)
    return names


def _cells(protocol: Protocol, answers: Answers, wide: bool) -> Row:
    cells: Row = {}
    for id, answer in document(answers).items():
        if isinstance(answer, dict):
            cells[id] = json.dumps(answer)
        elif not isinstance(answer, list):
            cells[id] = answer
        elif not wide:
            cells[id] = ";".join(answer)
        else:
            for option in protocol.questions[id].option_ids:
                cells[option_column(id, option)] = "true" if option in answer else "false"
    return cells


def parquet_schema(protocol: Protocol, *, wide: bool) -> dict[str, Any]:
    """Return the columns of a Parquet file with every question, with their types."""
    kinds: dict[str, Any] = {"submission": pl.String, "submitted": pl.Boolean}
    for name in columns(protocol, wide=wide)[2:]:
        question = protocol.questions.get(name)
        kinds[name] = _kind(protocol, question.kind, question.decimals) if question else pl.Boolean
    return kinds


def _kind(protocol: Protocol, kind: str, decimals: int) -> Any:
    if kind == "table":
        cells = {c.id: _kind(protocol, c.kind, c.decimals) for c in protocol.table.columns}
        return pl.List(pl.Struct({"medicine": pl.String, **cells}))
    if kind == "number":
        return pl.Float64 if decimals else pl.Int64
    return pl.List(pl.String) if kind == "choices" else pl.String


def write_parquet(path: Path, protocol: Protocol, people: Sequence[Person], *, wide: bool) -> None:
    """Write a row for each person; `wide` has a column for each option."""
    rows = []
    for i, (answers, sent) in enumerate(people, 1):
        row: Row = {"submission": f"s{i}", "submitted": sent}
        for id, answer in document(answers).items():
            if isinstance(answer, dict):
                row[id] = [{"medicine": key, **cells} for key, cells in answer.items()]
            elif isinstance(answer, list) and wide:
                options = protocol.questions[id].option_ids
                row |= {option_column(id, option): option in answer for option in options}
            else:
                row[id] = answer
        rows.append(row)
    # Not strict: a dose that is a whole number goes into a column of fractions.
    schema = parquet_schema(protocol, wide=wide)
    pl.DataFrame(rows, schema=schema, strict=False).write_parquet(path)


def outcomes(path: Path) -> dict[int, Row]:
    """Return what was written, by the number of the row."""
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        rows = frame.to_dicts()
    elif path.suffix == ".csv":
        rows = pl.read_csv(path).to_dicts()
    else:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    by_row = {row.pop("row"): row for row in rows}
    assert len(by_row) == len(rows), "a row stands there twice"
    return by_row


def refusals(path: Path) -> dict[int, Row]:
    """Return what was refused, by the number of the row."""
    beside = path.with_name(path.name + ".refused.ndjson")
    if not beside.exists():
        return {}
    rows = [json.loads(line) for line in beside.read_text("utf-8").splitlines()]
    assert rows, "an empty file of refusals"
    return {row["row"]: row for row in rows}
