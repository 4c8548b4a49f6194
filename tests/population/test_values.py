"""`screener batch`: nulls, numbers and texts, the same in every format."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screener.cli import main
from tests.population.batches import strictly
from tests.population.people_files import Row, outcomes

pytestmark = pytest.mark.long

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
        assert all("dose_mg: found " in refusal["problems"][0] for refusal in strictly(out))


def test_zero_with_a_minus_is_zero(batch: Any) -> None:
    _, out, _ = batch("in.ndjson", '{"age": 0}\n{"age": -0}\n{"age": -0.0}\n')
    first = outcomes(out)[1]
    assert list(outcomes(out).values()) == [first] * 3
    _, out, _ = batch("in.csv", "submission,age\n,0\n,-0\n,-0.0\n")
    assert list(outcomes(out).values()) == [first] * 3
    _, out, _ = batch("in.parquet", pl.DataFrame({"age": [0.0, -0.0]}))
    assert [outcome["under_18"] for outcome in outcomes(out).values()] == ["met", "met"]


def test_a_list_is_no_number(batch: Any) -> None:
    """Python takes a list of three for a number: a sign, digits and an exponent."""
    lines = ['{"age": [9223372036854775808, null, null]}', '{"age": [0, [4, 4], 0]}']
    status, out, _ = batch("in.ndjson", "\n".join(lines) + "\n")
    assert status == 1
    assert [refusal["problems"][0][:17] for refusal in strictly(out)] == ["age: found a list"] * 2
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
    names = {row: outcome["submission"] for row, outcome in outcomes(out).items()}
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
    assert [refusal["problems"][0].partition(":")[0] for refusal in strictly(out)] == [
        "phq9_9",
        "age",
    ]
    assert all(line.isprintable() for line in err)
    status, out, _ = batch("in.ndjson", b'{"age": 4\x004}\n{"age": 44}\n')
    assert status == 1
    assert list(outcomes(out)) == [2]


# --- columns under retired ids -------------------------------------------------------------------


def test_a_column_under_a_retired_id_is_read_and_named(batch: Any) -> None:
    rows: list[Row] = [
        {"submission": "a", "other_treatments": ["ketamine"], "ketamine_mood_benefit": "under_25"},
        {"submission": "b", "other_treatments": ["ketamine"]},
    ]
    status, out, _ = batch("in.ndjson", "".join(f"{json.dumps(row)}\n" for row in rows))
    assert status == 0
    expected = outcomes(out)
    text = "submission,other_treatments,{}\na,ketamine,under_25\nb,ketamine,\n"
    status, out, err = batch("in.csv", text.format("ketamine_response"))
    told = "in.csv: ketamine_response is retired; it is read as ketamine_mood_benefit"
    assert status == 0 and [line.rpartition("/")[2] for line in err] == [told]
    assert outcomes(out) == expected
    frame = pl.DataFrame(
        {
            "submission": ["a", "b"],
            "other_treatments": [["ketamine"], ["ketamine"]],
            "ketamine_response": ["under_25", None],
        }
    )
    status, out, err = batch("in.parquet", frame)
    assert status == 0 and "is read as ketamine_mood_benefit" in err[0]
    assert outcomes(out) == expected


def test_a_question_has_no_column_beside_that_of_its_retired_id(batch: Any) -> None:
    text = "submission,ketamine_mood_benefit,ketamine_response\na,under_25,under_25\n"
    status, _, err = batch("in.csv", text)
    assert status == 2
    assert "is the retired name of ketamine_mood_benefit, which has a column too" in err[0]


@pytest.mark.parametrize("doubtful", [{"phq9_9": 1}, {"ketamine_response": "under_25"}])
def test_a_doubtful_row_may_have_other_reasons_for_stopping(
    doubtful: Row, tmp_path: Path, batch: Any
) -> None:
    """It is typed one by one, and no rule reads those reasons."""
    row = {"stopped_because": "no_benefit", "stopped_also": ["side_effects"]}
    person = {"age": 44, "medicines_tried": {"sertraline": row}, **doubtful}
    status, out, err = batch("in.ndjson", f"{json.dumps(person)}\n")
    assert (status, err) == (0, [])
    assert len(outcomes(out)) == 1
