"""`screener batch` on files as they come: odd line ends, long cells, empty rows, nulls, no text.

Status 0 means that everybody was screened, 1 that the output is whole and some rows were refused,
2 that nothing was written.
"""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screener.cli import main
from screener.commands import common
from screener.places import shipped
from screener.population import framing
from screener.population.csv_files import CsvReader
from screener.population.framing import cells_of
from tests.engine.answers import RULEBOOK
from tests.population.people_files import Row, outcomes, refusals

pytestmark = pytest.mark.long

LIMIT = csv.field_size_limit()  # 128 KiB


@pytest.fixture(autouse=True, scope="module")
def loaded_once() -> Iterator[None]:
    """Every run here is with the rulebook that is loaded already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "rulebook_in", lambda _: RULEBOOK)
        yield


@pytest.fixture
def batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run it on a file with this content; give back the status, OUT, and what was complained of."""

    def batch(name: str, content: bytes | str | pl.DataFrame) -> tuple[int, Path, list[str]]:
        source, out = tmp_path / name, tmp_path / "out.csv"
        if isinstance(content, pl.DataFrame):
            content.write_parquet(source)
        else:
            source.write_bytes(content.encode() if isinstance(content, str) else content)
        status = main(["batch", str(source), str(out)])
        return status, out, capsys.readouterr().err.splitlines()

    return batch


def strictly(path: Path) -> list[Row]:
    """The refused rows, read as strictly as JSON is defined."""

    def no_number(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    lines = path.with_name(path.name + ".refused.ndjson").read_text("utf-8").split("\n")
    return [json.loads(line, parse_constant=no_number) for line in lines[:-1]]


# --- line ends -----------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 2, 7, 1 << 24])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\r", "\r\r", "\r\n\n\r"])
@pytest.mark.parametrize("last", [True, False])
def test_any_line_end_ends_a_line(
    end: str, block: int, last: bool, batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["age,phq9_9,pain_other_place", '44,1,"left\r\nand ""right"""', "50,0,"]
    # A block is longer than a row; so the parts in which it is read are made short on their own.
    monkeypatch.setattr(framing, "BLOCK", 100)
    monkeypatch.setattr(framing, "READ", block)
    status, out, err = batch("in.csv", end.join(lines) + end * last)
    assert (status, err) == (0, [])
    assert list(outcomes(out)) == [1, 2]


def test_different_line_ends_in_one_file(batch: Any) -> None:
    status, out, _ = batch("in.csv", "age,phq9_9\r\n44,1\r50,0\n51,\r\n52,1\r")
    assert status == 0
    assert list(outcomes(out)) == [1, 2, 3, 4]


@pytest.mark.parametrize("block", [1, 3, 1 << 24])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_any_line_end_ends_a_document(
    end: str, block: int, batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "READ", block)
    text = end.join(['{"submission": "a", "age": 44}', '{"submission": "b", "age": 50}', ""])
    status, out, err = batch("in.ndjson", text)
    assert (status, err) == (0, [])
    assert {row: found["submission"] for row, found in outcomes(out).items()} == {1: "a", 2: "b"}


def test_a_short_row_that_has_ended_is_refused_alone(batch: Any) -> None:
    """Without a line end it might be a row that was cut off."""
    for end in ("\r", "\n", "\r\n"):
        status, out, _ = batch("in.csv", end.join(["age,phq9_9", "44,1", "50", ""]))
        assert status == 1
        assert strictly(out)[0]["problems"] == ["the row: it has 1 cells; the names are 2"]
    assert batch("in.csv", "age,phq9_9\r44,1\r50")[0] == 2


def test_a_line_end_within_a_document_is_none_in_its_text(batch: Any) -> None:
    """U+2028 and its like end no line, whatever Python calls a line."""
    text = '{"submission": "a\u2028b\u0085c\x0bd"}\n'.replace("\x0b", "\\u000b")
    status, out, _ = batch("in.ndjson", text)
    assert status == 0
    assert outcomes(out)[1]["submission"] == "a\u2028b\u0085c\x0bd"


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


# --- nulls ---------------------------------------------------------------------------------------

NULLS: list[Row] = [
    {"submission": "a", "age": 44, "phq9_9": None},
    {"submission": "b", "age": None, "phq9_9": "1", "pain_areas": None, "submitted": None},
    {"submission": "c", "pain_other_place": None, "medicines_tried": None},
    {"submission": "d", "medicines_tried": {"sertraline": {"weeks": None, "dose_mg": 50}}},
]


def test_null_is_not_answered_in_any_format(tmp_path: Path, batch: Any) -> None:
    status, out, err = batch("in.ndjson", "".join(f"{json.dumps(row)}\n" for row in NULLS))
    assert (status, err) == (0, [])
    lines = outcomes(out)
    without = [
        {name: value for name, value in row.items() if value is not None} for row in NULLS[:3]
    ]
    without.append({"submission": "d", "medicines_tried": {"sertraline": {"dose_mg": 50}}})
    assert batch("in.ndjson", "".join(f"{json.dumps(row)}\n" for row in without))[0] == 0
    assert outcomes(out) == lines
    table = '"{""sertraline"": {""weeks"": null, ""dose_mg"": 50}}"'
    text = f"submission,age,phq9_9,medicines_tried\na,44,,\nb,,1,\nc,,,null\nd,,,{table}\n"
    assert batch("in.csv", text)[0] == 0
    assert outcomes(out) == lines
    frame = pl.DataFrame(
        {
            "submission": ["a", "b", "c", "d"],
            "age": [44, None, None, None],
            "phq9_9": [None, "1", None, None],
            "medicines_tried": [
                None, None, None, [{"medicine": "sertraline", "weeks": None, "dose_mg": 50.0}],
            ],
        }
    )  # fmt: skip
    assert batch("in.parquet", frame)[0] == 0
    assert outcomes(out) == lines


def test_lines_say_what_assess_says_of_them(
    batch: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents: list[Row] = [
        {"age": 44, "phq9_9": None},
        {"case": "A1", "answers": {"age": 44, "asq_1": "yes"}},
        {"case": None, "answers": {"age": 44}, "submitted": True},
        {"age": 44, "submitted": False},
    ]
    text = "".join(f"{json.dumps(document)}\n" for document in documents)
    status, out, _ = batch("in.ndjson", text)
    assert status == 0
    assert main(["assess", str(tmp_path / "in.ndjson")]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for row, assessed in enumerate(printed, 1):
        written = outcomes(out)[row]
        assert written["priority"] == assessed["priority"]
        assert written == written | assessed["flags"]
        assert written["submission"] == assessed["case"]


# --- numbers -------------------------------------------------------------------------------------

NUMBERS = [
    "1e999999999", "-1e999999999", "1e-999999999", "1e-400", "1e-7", "1e400", "1E400",
    "1e99999999999999999999", "NaN", "Infinity", "-Infinity", "9" * 400, "9" * 5000,
    "44.0" + "0" * 20 + "1", "0." + "0" * 5000 + "1", "9223372036854775808", "-1", "-0.0001",
]  # fmt: skip


def test_numbers_that_no_question_takes(batch: Any) -> None:
    """None of them is rounded to one that it does, in one read of the file or the other."""
    for name, lines in (
        ("in.ndjson", [f'{{"age": {number}}}' for number in NUMBERS]),
        ("in.csv", ["age", *NUMBERS]),
    ):
        status, out, _ = batch(name, "\n".join([*lines, ""]))
        assert status == 1
        assert outcomes(out) == {}
        for refused in strictly(out):
            [problem] = refused["problems"]
            assert problem.startswith("age: found ")
            assert problem.endswith("; allowed: a whole number from 0 to 120")


def test_numbers_of_the_treatment_table(batch: Any) -> None:
    cells = [f'{{"sertraline": {{"dose_mg": {number}}}}}' for number in NUMBERS]
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    for name, lines in (
        ("in.ndjson", [f'{{"medicines_tried": {cell}}}' for cell in cells]),
        ("in.csv", ["medicines_tried", *quoted]),
    ):
        status, out, _ = batch(name, "\n".join([*lines, ""]))
        assert status == 1
        assert outcomes(out) == {}
        assert all("dose_mg: found " in one["problems"][0] for one in strictly(out))


def test_zero_with_a_minus_is_zero(batch: Any) -> None:
    _, out, _ = batch("in.ndjson", '{"age": 0}\n{"age": -0}\n{"age": -0.0}\n')
    first = outcomes(out)[1]
    assert list(outcomes(out).values()) == [first] * 3
    _, out, _ = batch("in.csv", "submission,age\n,0\n,-0\n,-0.0\n")
    assert list(outcomes(out).values()) == [first] * 3
    _, out, _ = batch("in.parquet", pl.DataFrame({"age": [0.0, -0.0]}))
    assert [found["under_18"] for found in outcomes(out).values()] == ["met", "met"]


def test_a_list_is_no_number(batch: Any) -> None:
    """Python takes a list of three for a number: a sign, digits and an exponent."""
    lines = ['{"age": [9223372036854775808, null, null]}', '{"age": [0, [4, 4], 0]}']
    status, out, _ = batch("in.ndjson", "\n".join(lines) + "\n")
    assert status == 1
    assert [one["problems"][0][:17] for one in strictly(out)] == ["age: found a list"] * 2
    frame = pl.DataFrame({"age": [[9223372036854775808, None, None]]})
    status, _, err = batch("in.parquet", frame)
    assert status == 2
    assert "the column age holds List" in err[0]


def test_long_decimals_of_parquet_are_not_rounded(batch: Any) -> None:
    doses = ["2.85", "2.850000000000000000000000001", "44.00"]
    kind = pl.Decimal(36, 30)
    table = [[{"medicine": "sertraline", "dose_mg": Decimal(dose)}] for dose in doses]
    schema = {"medicines_tried": pl.List(pl.Struct({"medicine": pl.String, "dose_mg": kind}))}
    status, out, _ = batch("in.parquet", pl.DataFrame({"medicines_tried": table}, schema=schema))
    assert status == 1
    assert list(outcomes(out)) == [1, 3]
    [refused] = strictly(out)
    assert "dose_mg: found 2.85000000000000000000000000" in refused["problems"][0]


def test_refused_rows_are_json_whatever_was_read(batch: Any) -> None:
    doses = [float("nan"), float("inf"), 50.0]
    table = [[{"medicine": "sertraline", "dose_mg": dose}] for dose in doses]
    status, out, _ = batch("in.parquet", pl.DataFrame({"medicines_tried": table}))
    assert status == 1
    shown = [refused["read"]["medicines_tried"][0]["dose_mg"] for refused in strictly(out)]
    assert shown == ["nan", "inf"]
    lines = ['{"age": 1e999999999}', '{"age": 44.000000000000000000001}', '{"age": NaN}']
    assert batch("in.ndjson", "\n".join(lines))[0] == 1
    shown = [refused["read"]["age"] for refused in strictly(out)]
    assert shown == ["1E+999999999", "44.000000000000000000001", "NaN"]


# --- text that is none ---------------------------------------------------------------------------


def test_half_characters_are_refused_where_they_stand(batch: Any) -> None:
    lines = [
        b'{"submission": "\\ud83d", "age": 44}',
        b'{"submission": "\xed\xa0\xbd", "age": 44}',
        b'{"case": "A \\udc00", "answers": {"age": 44}}',
        b'{"pain_other_place": "\\ud83d"}',
        b'{"\\ud83d": 1}',
        b'{"pain_areas": ["\\ud83d"]}',
        b'{"medicines_tried": {"\\ud83d": {}}}',
        b'{"submission": "\\ud83e\\uddb5", "age": 44}',
        b'{"submission": "\\\\ud83d", "age": 44}',
    ]
    status, out, err = batch("in.ndjson", b"\n".join(lines))
    assert status == 1
    names = {row: found["submission"] for row, found in outcomes(out).items()}
    assert names == {8: "🦵", 9: "\\ud83d"}
    refused = strictly(out)
    assert refused[0]["problems"] == [
        'the line: submission: found "\\ud83d"; half of a character is no text'
    ]
    assert refused[1]["problems"] == ["the line: is not UTF-8 text"]
    assert refused[1]["read"] == '{"submission": "\\xed\\xa0\\xbd", "age": 44}'
    assert len(err) == len(refused) == 7
    cell = '"{""sertraline"": {""\\ud83d"": 1}}"'
    status, out, _ = batch("in.csv", f"submission,medicines_tried\nA1,{cell}\n")
    assert status == 1
    assert "half of a character" in strictly(out)[0]["problems"][0]


def test_what_is_nested_deeply_is_refused(batch: Any) -> None:
    depths = [40, 60, 900, 990, 5000, 100_000]
    lines = ['{"age": ' + "[" * depth + "]" * depth + "}" for depth in depths]
    status, out, err = batch("in.ndjson", "\n".join(lines))
    assert status == 1, err
    problems = [refused["problems"][0] for refused in strictly(out)]
    assert problems[0].startswith("age: found a list")
    assert problems[1:] == ["the line: is nested too deeply"] * 5


@pytest.mark.parametrize("name", ["in.csv", "in.ndjson"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_are_called_by_their_name(name: str, encoding: str, batch: Any) -> None:
    status, _, err = batch(name, "age\n44\n".encode(encoding))
    assert status == 2
    assert f"is {encoding.upper()} text, not UTF-8 text; save it as UTF-8" in err[0]


def test_nul_bytes(batch: Any) -> None:
    status, _, err = batch("in.csv", "age,phq9_9\n44,1\n".encode("utf-16-le"))
    assert status == 2
    assert err[0].isprintable()
    status, out, err = batch("in.csv", "submission,age,phq9_9\n\0,44,\0\n\0,\0,1\n")
    assert status == 1
    assert [one["problems"][0].partition(":")[0] for one in strictly(out)] == ["phq9_9", "age"]
    assert all(line.isprintable() for line in err)
    status, out, _ = batch("in.ndjson", b'{"age": 4\x004}\n{"age": 44}\n')
    assert status == 1
    assert list(outcomes(out)) == [2]


# --- files that are none, and outputs that stand there -------------------------------------------


@pytest.mark.parametrize("name", ["in.csv", "in.ndjson", "in.parquet"])
def test_a_pipe_or_a_device_is_refused_at_once(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / name)
    assert main(["batch", str(tmp_path / name), str(tmp_path / "out.csv")]) == 2
    assert "is no ordinary file" in capsys.readouterr().err
    kind = name.partition(".")[2]
    assert main(["batch", "/dev/zero", str(tmp_path / "out.csv"), "--format", kind]) == 2
    assert "is no ordinary file" in capsys.readouterr().err


def test_a_broken_parquet_file_ends_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Polars panics on a file without its middle, and each of its threads would print where."""
    source, out = tmp_path / "in.parquet", tmp_path / "out.csv"
    pl.DataFrame({"age": range(3000)}).write_parquet(source, row_group_size=100)
    raw = source.read_bytes()
    source.write_bytes(raw[:4] + raw[-int.from_bytes(raw[-8:-4], "little") - 8 :])
    assert main(["batch", str(source), str(out)]) == 2
    printed = capfd.readouterr().err.splitlines()
    assert [line for line in printed if "rows/s" not in line and "row/s" not in line and line] == [
        line for line in printed if line.startswith(f"{source}: cannot be read: ")
    ]
    assert len([line for line in printed if line.startswith(f"{source}: cannot be read: ")]) == 1
    assert not out.exists()


def test_a_panic_of_polars_is_a_file_that_cannot_be_read(
    batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panicking(*_: Any, **__: Any) -> None:
        raise pl.exceptions.PanicException("range end index 9 out of range\nfor slice")

    frame = pl.DataFrame({"age": [44]})
    monkeypatch.setattr(pl.LazyFrame, "collect", panicking)
    status, out, [message] = batch("in.parquet", frame)
    assert status == 2
    assert message.endswith("in.parquet: cannot be read: range end index 9 out of range for slice")
    assert not out.exists()


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
