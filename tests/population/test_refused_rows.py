"""`screener batch`: rows that are refused, with their number and the reason."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.engine.questions import AnswersError
from screener.engine.yaml_text import Text
from screener.population.checking import Checks
from screener.population.rows import Chunk, RawRow
from tests.population.batches import PROTOCOL, run_batch
from tests.population.people_files import Row, outcomes, parquet_schema, refusals, write_rows

pytestmark = pytest.mark.long

WRONG: list[tuple[Row, str]] = [
    ({"age": 300}, "age: found 300; allowed: a whole number from 0 to 120"),
    ({"age": 44.5}, "age: found 44.5; allowed: a whole number from 0 to 120"),
    ({"age": "44"}, 'age: found "44"; allowed'),
    ({"age": True}, "age: found true; allowed"),
    ({"phq9_9": "4"}, 'phq9_9: found "4"; allowed: one of 0, 1, 2, 3'),
    ({"phq9_9": ["1"]}, "phq9_9: found a list"),
    ({"pain_areas": "neck"}, 'pain_areas: found "neck"; allowed: a list of'),
    ({"pain_areas": ["nek"]}, "did you mean neck?"),
    ({"pain_areas": []}, "pain_areas: found an empty list"),
    ({"pain_areas": ["none", "neck"]}, "pain_areas: found none together with others"),
    ({"pain_areas": [["neck"]]}, "pain_areas: found a list"),
    ({"pain_areas": ["neck;chest"]}, 'found "neck;chest"'),
    ({"medicines_tried": ["sertraline"]}, "medicines_tried: found a list"),
    ({"medicines_tried": {"sertralin": {}}}, "did you mean sertraline?"),
    ({"medicines_tried": {"sertraline": 5}}, "medicines_tried.sertraline: found 5"),
    ({"medicines_tried": {"sertraline": {"dose": 5}}}, "sertraline.dose: is no column"),
    ({"medicines_tried": {"sertraline": {"weeks": -1}}}, "sertraline.weeks: found -1"),
    ({"medicines_tried": {"sertraline": None}}, "sertraline: found nothing (null); allowed: a ma"),
    ({"pain_areas": ["neck", None]}, "pain_areas: found nothing (null); allowed: a list"),
    ({"agee": None}, "agee: is no question of this protocol"),
    ({"medicines_tried": {"sertraline": {"dose_mg": 0.005}}}, "sertraline.dose_mg: found 0.005"),
    ({"agee": 44}, "agee: is no question of this protocol; did you mean age?"),
    ({"pain_other_place": "x" * 5000}, "pain_other_place: found 5000 characters"),
    ({"submitted": "yes"}, 'submitted: found "yes"; allowed: true or false'),
    ({"submission": True, "age": 4}, "submission: found true; allowed: text or a whole number"),
    ({"case": ["V1"], "answers": {}}, "case: found a list; allowed: text"),
    ({"case": "V1", "age": 4}, "a case has case, answers and expect; found also age"),
]


@pytest.mark.usefixtures("small_chunks")
def test_a_bad_line_is_refused_with_its_number_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.ndjson", tmp_path / "out.csv"
    lines = [json.dumps(row) for row, _ in WRONG]
    # Rows that are right stand between them, and are screened.
    source.write_text("".join(f'{line}\n{{"age": 44}}\n' for line in lines))
    assert run_batch(source, out) == 1
    refused = refusals(out)
    assert list(refused) == list(range(1, 2 * len(WRONG), 2))
    assert list(outcomes(out)) == list(range(2, 2 * len(WRONG) + 1, 2))
    for (row, message), refusal in zip(WRONG, refused.values(), strict=True):
        assert message in "; ".join(refusal["problems"])
        assert refusal["read"] == row
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 21
    assert "row 1: age: found 300; allowed: a whole number from 0 to 120\n" in printed.err
    assert "problems more" in printed.err
    count = len(WRONG)
    assert f"{2 * count} rows read, {count} screened, {count} refused" in printed.out


def test_lines_that_are_no_documents(tmp_path: Path) -> None:
    source, out = tmp_path / "in.ndjson", tmp_path / "out.csv"
    lines = [
        b'\xef\xbb\xbf{"age": 44}',
        b"{age: 44}",
        b"[1]",
        b'{"age": 4, "age": 5}',
        b'{"age": NaN}',
        b'{"age": \xe9}',
        b"",
        b"[" * 100_000,
        b'{"age": 1' + b"0" * 5000 + b"}",
        b'{"case": "V1"}',
        '{"pain_other_place": "דאָ 🦵 هنا"}'.encode(),
        b'{"age": 44}',
    ]
    source.write_bytes(b"\r\n".join(lines))
    assert run_batch(source, out) == 1
    assert list(outcomes(out)) == [1, 11, 12]
    refused = refusals(out)
    assert list(refused) == [2, 3, 4, 5, 6, 8, 9, 10]
    assert refused[4]["problems"] == ["the line: the key age stands twice in one object"]
    assert refused[2]["read"] == "{age: 44}"


def test_a_bad_cell_of_csv_is_refused(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(
        "submission,submitted,age,pain_areas,health_conditions__none,pain_other_place,"
        "medicines_tried\r\n"
        'a,true,44,neck;chest,TRUE,"links, ""oben""\r\n🦵 هنا",'
        '"{""sertraline"": {""weeks"": 8}}"\r\n'
        "b,yes,44,,,,\r\n"
        "c,,044,,,,\r\n"
        "d,,,neck;,,,\r\n"
        "e,,,,maybe,,\r\n"
        "f,,,,false,,\r\n"
        "g,,,,,,{sertraline}\r\n"
        'h,,,,,,"{""sertraline"": {}, ""sertraline"": {}}"\r\n'
        "i,,,\r\n"
        "j,,,,,,,,\r\n"
        'k,,,,,x"y",\r\n'
        "\r\n"
        '"l","","1","none","","",""\r\n'
        "m,,1e1,,,,[]".encode("utf-8-sig"),
    )
    assert run_batch(source, out) == 1
    assert {row: written["submission"] for row, written in outcomes(out).items()} == {
        1: "a",
        12: "l",
    }
    problems = {row: "; ".join(refusal["problems"]) for row, refusal in refusals(out).items()}
    assert problems.pop(2) == 'submitted: found "yes"; allowed: true or false'
    assert problems.pop(3) == "age: found 044; allowed: a whole number from 0 to 120"
    assert problems.pop(4).startswith('pain_areas: found ""; allowed: a list of')
    assert problems.pop(5) == 'health_conditions__none: found "maybe"; allowed: true or false'
    assert problems.pop(6).startswith("health_conditions: found an empty list")
    assert problems.pop(7).startswith("medicines_tried: is not well-formed JSON")
    assert problems.pop(8) == "medicines_tried: the key sertraline stands twice in one object"
    assert problems.pop(9) == "the row: it has 4 cells; the names are 7"
    assert problems.pop(10) == "the row: it has 9 cells; the names are 7"
    assert problems.pop(11) == "the row: its quotation marks do not stand around whole cells"
    assert problems.pop(13).startswith("age: found 1e1")
    assert not problems


def test_a_bad_row_of_parquet_is_refused(tmp_path: Path) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.ndjson"
    kinds = parquet_schema(PROTOCOL, wide=False)
    rows: list[Row] = [
        {"age": 44, "pain_areas": ["neck", "neck"]},
        {"age": 121},
        {"pain_areas": ["neck", None]},
        {"pain_areas": []},
        {"phq9_1": "5"},
        {"medicines_tried": [{"medicine": "sertraline"}, {"medicine": "sertraline"}]},
        {"medicines_tried": [{"weeks": 5}]},
        {"medicines_tried": [None]},
        {"medicines_tried": [{"medicine": "sertraline", "dose_mg": float("nan")}]},
        {"medicines_tried": []},
    ]
    pl.DataFrame(rows, schema=kinds).write_parquet(source)
    assert run_batch(source, out) == 1
    assert list(outcomes(out)) == [1, 10]
    problems = {row: "; ".join(refusal["problems"]) for row, refusal in refusals(out).items()}
    assert problems[6] == "medicines_tried.sertraline: stands there twice"
    assert problems[7] == problems[8] == "medicines_tried: found a row without a medicine"
    assert len(problems) == 8
    assert refusals(out)[2]["read"] == {"age": 121}


def test_every_dose_to_the_hundredth_is_right_at_once() -> None:
    """None of them has to be read again on its own, which would be slow."""
    checks = Checks(PROTOCOL, [], ["dose_mg"])
    doses = [dose / 100 for dose in range(1_000_001)]
    table = pl.DataFrame({"#at": range(len(doses)), "medicine": "sertraline", "dose_mg": doses})
    chunk = Chunk(pl.DataFrame({"#row": [1]}), table, frozenset(), lambda _: RawRow({}, {}))
    _, typed, doubtful = checks.typed_frames(chunk)
    assert not doubtful
    assert typed["dose_mg"].to_list() == doses


# Values of all sorts, some right: what the columns let pass is what `read_answers` takes.
SCALARS = st.one_of(
    st.sampled_from(["yes", "no", "0", "1", "neck", "none", "", " yes", "1.0", "2.85", "true"]),
    st.integers(-2, 12),
    st.sampled_from([0.5, 2.85, 2.855, 1e300, 10**30, 44.0, -0.0, 2.800000000000000001]),
    st.booleans(),
    st.none(),
)
CELLS = st.dictionaries(
    st.sampled_from([column.id for column in PROTOCOL.table.columns] + ["dose"]),
    st.one_of(st.sampled_from(["yes", "under_25", 8, 2.5]), SCALARS),
    max_size=3,
)
TABLES = st.dictionaries(
    st.sampled_from(["sertraline", "duloxetine", "sertralin"]),
    st.one_of(CELLS, SCALARS),
    max_size=2,
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), TABLES)
ASKED = ["age", "phq9_1", "pain_areas", "pregnancy", "symptoms_3_months", "medicines_tried"]
ASKED += ["pain_other_place", "bp_systolic", "unknown_question"]


def _refused(raw: Any) -> bool:
    try:
        PROTOCOL.read_answers(raw)
    except AnswersError:
        return True
    return False


@given(
    st.lists(st.dictionaries(st.sampled_from(ASKED), VALUES, max_size=3), min_size=1, max_size=60)
)
@settings(max_examples=30)
def test_lines_are_refused_as_read_answers_does(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Row]
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    source, out = folder / "in.ndjson", folder / "out.parquet"
    source.write_text("".join(f"{json.dumps(document)}\n" for document in documents))
    wrong = [
        _refused(json.loads(json.dumps(document), parse_float=Decimal)) for document in documents
    ]
    nobody = {row for row, document in enumerate(documents, 1) if not _says_anything(document)}
    assert run_batch(source, out) == any(wrong)
    refused = {row for row, is_wrong in enumerate(wrong, 1) if is_wrong}
    assert set(refusals(out)) == refused
    assert set(outcomes(out)) == set(range(1, len(wrong) + 1)) - refused - nobody


def _says_anything(document: Row) -> bool:
    return not PROTOCOL.questions.keys() >= document.keys() or any(
        value is not None for value in document.values()
    )


TEXTS = st.one_of(
    st.sampled_from(["yes", "no", "0", "1", "neck", "none", "neck;chest", "neck;none", "none;"]),
    st.sampled_from(["44", "44.0", "044", "1e1", "+4", "-1", "2.85", "0.285", ".5", "5.", " 5"]),
    st.sampled_from(["9" * 30, "1." + "0" * 30 + "1", "٤٤", "neck;neck", ";", "NaN", "inf"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4),
    TABLES.map(json.dumps),
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(ASKED[:-1]), TEXTS, max_size=3), min_size=1, max_size=60
    )
)
@settings(max_examples=30)
def test_cells_are_refused_as_read_answers_does(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("cells")
    source, out = folder / "in.csv", folder / "out.parquet"
    write_rows(source, ["submission", *ASKED[:-1]], [{"submission": "s", **row} for row in rows])
    wrong = [_refused({id: _typed(id, cell) for id, cell in row.items() if cell}) for row in rows]
    assert run_batch(source, out) == any(wrong)
    assert set(refusals(out)) == {row for row, is_wrong in enumerate(wrong, 1) if is_wrong}
    assert set(outcomes(out)) == {row for row, is_wrong in enumerate(wrong, 1) if not is_wrong}


def _typed(id: str, cell: str) -> Any:
    match PROTOCOL.questions[id].kind:
        case "number":
            return Text(cell)
        case "choices":
            return cell.split(";")
        case "table":
            try:
                return json.loads(cell, parse_float=Decimal)
            except ValueError:
                return "no JSON"
    return cell
