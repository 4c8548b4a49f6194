"""`screener batch`: files that are refused as a whole, and their cure."""

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screener.cli import main
from screener.engine.questions import Answers
from screener.population import framing
from tests.engine.tabular.population_samples import expected, random_people
from tests.population.batches import KINDS, PLAN, PROTOCOL, run_batch, write_people
from tests.population.people_files import columns, outcomes, refusals, write_rows

pytestmark = pytest.mark.long


def refuses_file(
    source: Path, message: str, capsys: pytest.CaptureFixture[str], *options: str
) -> None:
    """Assert that nothing is written, an earlier file stays, and one line says why."""
    out = source.parent / "out.parquet"
    out.write_text("of an earlier run")
    assert run_batch(source, out, *options) == 2
    printed = capsys.readouterr()
    output, stands = printed.err.splitlines()
    assert message in output
    assert stands == f"nothing was written; {out}: left as an earlier run wrote it"
    assert printed.out == ""
    assert out.read_text() == "of an earlier run"
    assert {path.name for path in source.parent.iterdir()} <= {source.name, out.name}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("age,phq9_10", "the column phq9_10 is no question; did you mean phq9_1?"),
        ("age,pain_areas__nek", "the column pain_areas__nek is no question; did you mean"),
        ("age,age", "the column age stands there twice"),
        ("pain_areas,pain_areas__neck", "pain_areas stands there both as one column and"),
        ("age;phq9_1", "the column age;phq9_1 is no question"),
        ("age,", "the column (without a name) is no question"),
        ("", "is empty; a row with the names of the columns is needed"),
        ("\n\n", "is empty"),
    ],
)
def test_columns_that_nobody_asked_for(
    header: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(header)
    refuses_file(source, message, capsys)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("agee", [1], "the column agee is no question; did you mean age?"),
        ("age", ["44"], "the column age holds String; numbers are needed"),
        ("age", [True], "the column age holds Boolean; numbers are needed"),
        ("phq9_1", [1.0], "the column phq9_1 holds Float64; the text of an option is needed"),
        ("pain_areas", ["neck"], "the column pain_areas holds String; a list of text is needed"),
        ("pain_areas__neck", [1], "pain_areas__neck holds Int64; true or false is needed"),
        ("submitted", ["yes"], "the column submitted holds String; true or false is needed"),
        ("medicines_tried", [["sertraline"]], "a list of {medicine: text, …} is needed"),
        ("medicines_tried", [[{"weeks": 8}]], "a list of {medicine: text, …} is needed"),
        (
            "medicines_tried",
            [[{"medicine": "sertraline", "week": 8}]],
            "medicines_tried.week is no column; did you mean weeks?",
        ),
        (
            "medicines_tried",
            [[{"medicine": "sertraline", "weeks": "8"}]],
            "medicines_tried.weeks holds String; numbers are needed",
        ),
    ],
)
def test_columns_of_the_wrong_type(
    name: str, values: list[Any], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.parquet"
    pl.DataFrame({name: values}).write_parquet(source)
    refuses_file(source, message, capsys)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_cut_off(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_people(tmp_path, kind, PROTOCOL, random_people(PROTOCOL, 30, seed=3))
    whole = source.read_bytes()
    source.write_bytes(whole[: -len(whole) // 3])
    message = "cannot be read" if "parquet" in kind else "the file is not whole"
    refuses_file(source, message, capsys)


@pytest.mark.usefixtures("small_chunks")
def test_a_file_that_is_broken_further_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_people(tmp_path, "parquet", PROTOCOL, random_people(PROTOCOL, 3000, seed=3))
    raw = bytearray(source.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 2000] = bytes(2000)
    source.write_bytes(raw)
    refuses_file(source, "cannot be read", capsys)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"age\n44\n\xe9\n", "is not UTF-8 text (found the byte e9)"),
        (b'age\n44\n"44\n45\n', "ends within quotation marks; the file is not whole"),
        (b"age,phq9_1\n44,1\n45", "ends within row 2; the file is not whole"),
    ],
)
def test_text_that_is_no_csv(
    content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    refuses_file(source, message, capsys)


def test_a_row_without_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "BLOCK", 1000)
    source = tmp_path / "in.csv"
    source.write_text('age\n"' + "44\n" * 1000)
    refuses_file(source, "has a row of more than 1000 bytes", capsys)
    source.unlink()
    source = tmp_path / "in.ndjson"
    source.write_text('{"age": 4}' + " " * 2000)
    refuses_file(source, "has a line of more than 1000 bytes", capsys)


def test_files_that_are_no_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("no.csv", "no.parquet", "no.ndjson"):
        refuses_file(tmp_path / name, "cannot be read: No such file or directory", capsys)
    refuses_file(tmp_path / "in.xlsx", "the ending says no format", capsys)
    (tmp_path / "out.parquet").unlink()
    for ending in ("csv", "parquet", "ndjson"):
        folder = tmp_path / f"folder.{ending}"
        folder.mkdir()
        assert run_batch(folder, tmp_path / "out.csv") == 2
        assert "cannot be read: Is a directory" in capsys.readouterr().err
        assert run_batch(tmp_path / "no.csv", folder) == 2
        assert "is a folder" in capsys.readouterr().err
    assert run_batch(tmp_path / "no.csv", tmp_path / "nowhere" / "out.csv") == 2
    assert "there is no folder" in capsys.readouterr().err
    same = tmp_path / "same.csv"
    same.write_text("age\n44\n")
    assert run_batch(same, same) == 2
    assert "is the file that is read" in capsys.readouterr().err
    assert same.read_text() == "age\n44\n"


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_in_a_file(kind: str, tmp_path: Path) -> None:
    source = write_people(tmp_path, kind, PROTOCOL, [])
    for ending in ("csv", "ndjson", "parquet"):
        out = tmp_path / f"out.{ending}"
        assert run_batch(source, out) == 0
        assert outcomes(out) == {}
    assert "under_18" in pl.read_parquet_schema(tmp_path / "out.parquet")


def test_the_format_can_be_named(tmp_path: Path) -> None:
    source = tmp_path / "people.txt"
    source.write_text("age\n44\n")
    assert run_batch(source, tmp_path / "out.csv", "--format", "csv") == 0
    assert list(outcomes(tmp_path / "out.csv")) == [1]


def test_refusals_of_an_earlier_run_do_not_stay(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("age\n300\n")
    assert run_batch(source, out) == 1
    assert list(refusals(out)) == [1]
    source.write_text("age\n30\n")
    assert run_batch(source, out) == 0
    assert refusals(out) == {}


def test_columns_of_one_survey_alone(tmp_path: Path) -> None:
    """What a file does not ask is not answered by anyone."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    write_rows(source, ["age", *(f"phq9_{i}" for i in range(1, 10))], [{"age": 44, "phq9_9": 1}])
    assert run_batch(source, out) == 0
    answers: Answers = {"age": 44, "phq9_9": "1"}
    assert outcomes(out)[1] == outcomes(out)[1] | expected(PLAN, (answers, False))
    assert len(columns(PROTOCOL, wide=True)) > 200


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
