"""`screener batch`: cells that are long, and rows of empty cells."""

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screener.cli import main
from screener.population.framing import cells_of
from tests.population.batches import strictly
from tests.population.people_files import outcomes, refusals

pytestmark = pytest.mark.long

LIMIT = csv.field_size_limit()  # 128 KiB


# --- long cells ----------------------------------------------------------------------------------


def test_a_cell_over_the_limit_costs_its_row_alone(batch: Any) -> None:
    long = "vitamin D " * 14_000
    text = f'submission,age,current_medicines_other\nA1,44,"{long}"\nA2,50,"vitamin D"\n'
    status, out, err = batch("in.csv", text)
    assert status == 1
    assert outcomes(out)[2]["submission"] == "A2"
    assert list(outcomes(out)) == [2]
    problem = f"current_medicines_other: found 140000 characters; a cell has {LIMIT} at most"
    assert err == [f"row 1: {problem}"]
    [refused] = strictly(out)
    assert refused["problems"] == [problem]
    assert refused["read"]["current_medicines_other"] == long


@pytest.mark.parametrize("name", ["submission", "age", "phq9_9", "pain_areas", "medicines_tried"])
def test_a_long_cell_of_any_column(name: str, batch: Any) -> None:
    # The column's own reason to refuse it is not asked: it must be the length.
    cell = "9" * (LIMIT + 1) if name != "medicines_tried" else "{" + " " * LIMIT + "}"
    status, out, _ = batch("in.csv", f"{name}\n{cell}\n")
    assert status == 1
    [refused] = strictly(out)
    problem = f"{name}: found {len(cell)} characters; a cell has {LIMIT} at most"
    assert refused["problems"] == [problem]


def test_a_cell_of_just_the_limit_is_read(batch: Any) -> None:
    status, out, err = batch("in.csv", f"submission,age\n{'x' * LIMIT},44\n")
    assert (status, err) == (0, [])
    assert len(outcomes(out)[1]["submission"]) == LIMIT


def test_a_long_name_of_a_column(batch: Any) -> None:
    status, _, err = batch("in.csv", f"age,{'x' * (LIMIT + 1)}\n44,\n")
    assert status == 2
    assert "is no question" in err[0]
    assert len(err[0]) < 300


@pytest.mark.parametrize(
    ("record", "cells"),
    [
        ("", [""]),
        (",", ["", ""]),
        ('""', [""]),
        ('"",a,""', ["", "a", ""]),
        ('"a ""b"", c",d', ['a "b", c', "d"]),
        ('"a\r\nb"', ["a\r\nb"]),
        ('"""",""""""', ['"', '""']),
        (f'"{"x" * 200_000}",y', ["x" * 200_000, "y"]),
    ],
)
def test_cells_of_a_record(record: str, cells: list[str]) -> None:
    assert cells_of(record) == cells


@pytest.mark.parametrize("header", ['a"g"e,phq9_9', '"age"x,phq9_9'])
def test_names_with_loose_quotation_marks(header: str, batch: Any) -> None:
    status, _, err = batch("in.csv", f'{header}\n"44",1\n')
    assert status == 2
    assert "the row with the names of the columns: its quotation marks" in err[0]


# --- rows of empty cells -------------------------------------------------------------------------


EMPTY: list[tuple[str, bytes | str | pl.DataFrame]] = [
    ("in.csv", "submission,age,phq9_9\nA1,44,0\n,,\n,,\nA2,50,\n"),
    ("in.csv", 'submission,age,phq9_9\r\n"A1",44,0\r\n"","",""\r\n,"",\r\nA2,50,\r\n'),
    ("in.csv", "submission,age,phq9_9\rA1,44,0\r,,,,,,\r,\rA2,50,\r"),
    (
        "in.ndjson",
        '{"submission": "A1", "age": 44}\n{}\n{"answers": {}}\n{"case": "A2", "answers": {}}',
    ),
    (
        "in.ndjson",
        '{"submission": "A1", "age": 44}\n{"age": null, "pain_areas": null}\n'
        '{"case": null, "answers": {"age": null}, "expect": {}}\n{"submission": "A2"}\n',
    ),
    (
        "in.parquet",
        pl.DataFrame(
            {
                "submission": ["A1", None, None, "A2"],
                "age": [44, None, None, None],
                "pain_areas": [["neck"], None, None, None],
                "medicines_tried": [[], None, None, [{"medicine": "sertraline", "weeks": None}]],
            }
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), EMPTY)
def test_a_row_of_empty_cells_is_nobody(name: str, content: Any, batch: Any) -> None:
    status, out, err = batch(name, content)
    assert status == 0
    assert {row: written["submission"] for row, written in outcomes(out).items()} == {
        1: "A1",
        4: "A2",
    }
    assert err == ["empty rows, which are nobody: 2 to 3"]
    assert refusals(out) == {}


def test_empty_rows_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("age,phq9_9\n,\n44,\n" + ",\n300,\n" * 30 + ",\n" * 200_000)
    assert main(["batch", str(source), str(out)]) == 1
    printed = capsys.readouterr()
    assert printed.out == "200062 rows read, 1 screened, 30 refused, 200031 empty\n"
    lines = [line for line in printed.err.splitlines() if line.startswith("empty rows")]
    odd = ", ".join(str(row) for row in range(1, 40, 2))
    assert lines == [f"empty rows, which are nobody: {odd} and 200011 more"]


def test_a_file_of_nobody(batch: Any) -> None:
    for name, content in (
        ("in.csv", "age,phq9_9\n,\n,\n"),
        ("in.ndjson", "{}\n{}\n"),
        ("in.parquet", pl.DataFrame({"age": [None, None]}, schema={"age": pl.Int64})),
    ):
        status, out, err = batch(name, content)
        assert (status, err) == (0, ["empty rows, which are nobody: 1 to 2"])
        assert outcomes(out) == {}


def test_who_is_named_or_sent_a_form_is_somebody(batch: Any) -> None:
    frame = {"submission": ["A1", None, None], "submitted": [None, True, False], "age": [None] * 3}
    lines = '{"case": "A1", "answers": {}}\n{"submitted": true}\n{"submitted": false}\n'
    for name, content in (
        ("in.csv", "submission,submitted,age\nA1,,\n,true,\n,false,\n"),
        ("in.ndjson", lines),
        ("in.parquet", pl.DataFrame(frame)),
    ):
        status, out, _ = batch(name, content)
        assert status == 0
        assert list(outcomes(out)) == [1, 2, 3]


def test_a_row_that_may_be_cut_is_not_taken_for_an_empty_one(batch: Any) -> None:
    status, _, err = batch("in.csv", "submission,age,phq9_9\nA1,44,0\n,")
    assert status == 2
    assert "ends within row 2; the file is not whole" in err[0]
