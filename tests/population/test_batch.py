"""`screener batch`: every row comes out as `screen` says, or is refused with its reason."""

import json
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
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.cli import main
from screener.commands import common
from screener.engine.questions import Answers, AnswersError
from screener.engine.terms.plan import lower
from screener.engine.yaml_text import Text
from screener.population import csv_files, framing, ndjson, parquet
from screener.population.checking import Checks
from screener.population.rows import Chunk, RawRow
from tests.clock import PATIENCE
from tests.engine.answers import RULEBOOK
from tests.engine.tabular.population_samples import expected, random_people
from tests.population.people_files import (
    Row,
    columns,
    outcomes,
    parquet_schema,
    refusals,
    write_csv,
    write_ndjson,
    write_parquet,
    write_rows,
)

pytestmark = pytest.mark.long

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


@pytest.fixture(autouse=True, scope="module")
def loaded_once() -> Iterator[None]:
    """Every run here is with the rulebook that is loaded already."""
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


# --- outcomes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PLANS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_person_comes_out_as_one_by_one(protocol: str, kind: str, tmp_path: Path) -> None:
    plan = PLANS[protocol]
    people = random_people(plan.protocol, 300, seed=5)
    source = write_people(tmp_path, kind, plan.protocol, people)
    out = tmp_path / "out.parquet"
    assert run_batch(source, out, "--protocol", protocol) == 0
    written = outcomes(out)
    version = f"{plan.protocol.version} {RULEBOOK.hash}"
    for row, person in enumerate(people, 1):
        about = {"submission": f"s{row}", "rulebook": version}
        assert written.pop(row) == expected(plan, person) | about
    assert not written
    assert not refusals(out)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson"])
def test_parts_of_a_file_make_one_file(kind: str, ending: str, tmp_path: Path) -> None:
    people = random_people(PROTOCOL, 50, seed=6)
    out = tmp_path / f"out.{ending}"
    assert run_batch(write_people(tmp_path, kind, PROTOCOL, people), out) == 0
    written = outcomes(out)
    assert list(written) == list(range(1, 51))
    for row, person in enumerate(people, 1):
        assert written[row] == written[row] | expected(PLAN, person)


def test_outcomes_in_parquet_have_their_categories(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert (
        run_batch(write_people(tmp_path, "csv", PROTOCOL, random_people(PROTOCOL, 3, seed=1)), out)
        == 0
    )
    schema = pl.read_parquet_schema(out)
    assert schema["under_18"] == pl.Enum(["met", "not_met", "unknown"])
    assert schema["phq9_low"] == pl.Int32


# --- rows that are refused -----------------------------------------------------------------------

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


# --- files that are refused ----------------------------------------------------------------------


def refuses_file(
    source: Path, message: str, capsys: pytest.CaptureFixture[str], *options: str
) -> None:
    """Nothing is written, what stood there before stays, and one line says why."""
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


# --- when it cannot be finished ------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson"])
@pytest.mark.parametrize("full", ["", ".refused.ndjson"])
def test_a_full_disk(
    ending: str, full: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / f"out.{ending}"
    source.write_text("age\n44\n" + "300\n" * 500)
    out.write_text("of an earlier run")
    # Whatever is written there fails as it does where no space is left.
    out.with_name(f"{out.name}{full}.part").symlink_to("/dev/full")
    assert run_batch(source, out) == 2
    printed = capsys.readouterr().err.splitlines()
    assert printed[-2] == f"{out}{full}: cannot be written: No space left on device"
    assert printed[-1] == f"nothing was written; {out}: left as an earlier run wrote it"
    assert out.read_text() == "of an earlier run"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", out.name}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(sent: int, tmp_path: Path) -> None:
    source, out = tmp_path / "in.ndjson", tmp_path / "out.parquet"
    source.write_text('{"age": 44}\n' * 1_000_000)
    command = [sys.executable, "-m", "screener.cli", "batch", str(source), str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        while not out.with_name("out.parquet.part").exists():
            assert run.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        run.send_signal(sent)
        output, printed = run.communicate(timeout=PATIENCE)
    assert run.returncode == 2, printed
    assert printed.decode() == f"stopped; {out} was not written\n"
    assert output == b""
    assert [path.name for path in tmp_path.iterdir()] == ["in.ndjson"]


@pytest.mark.parametrize(
    ("package", "command"),
    [("polars", ["batch", "in.csv", "out.csv"]), ("sqlglot", ["sql", "--dialect", "duckdb"])],
)
def test_packages_that_are_not_installed(
    package: str,
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in list(sys.modules):
        if name.startswith(("screener.population", "screener.engine.tabular.sql")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    assert main(command) == 2
    printed = capsys.readouterr().err
    assert printed == f'{package} is not installed: pip install "screener[population]"\n'
