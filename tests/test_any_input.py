"""Whatever is given to `assess` and `batch`: their status says what became of it, and no traceback.

Bytes of all sorts, and text that is nearly right: JSON with numbers, keys and characters that it
should not have, CSV with odd cells, quotation marks and line ends.
"""

import contextlib
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from screener.cli import main
from screener.commands import batch, common
from screener.engine.terms.plan import lower
from tests.engine.answers import RULEBOOK
from tests.population.people_files import outcomes, refusals

pytestmark = pytest.mark.long

PROTOCOL = RULEBOOK.protocols["depression"]
MANY = settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(autouse=True, scope="module")
def _loaded_once() -> Iterator[None]:
    """Run every command with the rulebook that is loaded and lowered already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "rulebook_in", lambda _: RULEBOOK)
        plan = cache(lambda id: lower(RULEBOOK.protocols[id]))
        patch.setattr(batch, "lower", lambda protocol: plan(protocol.id))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the files of every example."""
    return tmp_path_factory.mktemp("any")


# --- text that is nearly right -------------------------------------------------------------------

ODD = [
    "null", "true", "false", "44", "-0", "-0.0", "1e999999999", "1e-999999999", "NaN", "-Infinity",
    "1e99999999999999999999", "9" * 5000, "1." + "0" * 400,
    '"yes"', '"0"', '"none"', '"44"', '""', '"\\ud83d"', '"\\udc00x"', '"\\u0000"',
]  # fmt: skip
SCALARS = st.one_of(
    st.sampled_from(ODD),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
    st.text(max_size=6).map(json.dumps),
)
IDS = st.one_of(
    st.sampled_from(["age", "phq9_9", "pain_areas", "health_conditions", "pain_other_place"]),
    st.sampled_from(["medicines_tried", "sertraline", "dose_mg", "weeks", "asq_1"]),
    st.sampled_from(["case", "answers", "expect", "submitted", "submission", "\ud83d", "a\nb", ""]),
).map(json.dumps)


def _list(parts: list[str]) -> str:
    return f"[{', '.join(parts)}]"


def _object(pairs: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def _containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    # A list of pairs, and no mapping: a key may stand in it twice.
    objects = st.lists(st.tuples(IDS, inner), max_size=4).map(_object)
    return st.one_of(objects, objects, st.lists(inner, max_size=3).map(_list))


NESTED = st.recursive(SCALARS, _containers, max_leaves=8)
DOCUMENTS = st.lists(st.tuples(IDS, NESTED), max_size=4).map(_object)
DEEP = st.integers(1, 3000).map(lambda depth: '{"age": ' * depth + "1" + "}" * depth)
ENDS = st.sampled_from(["\n", "\r", "\r\n", "\n\n", "\n---\n", "\r---\r", " ", ""])
JSON_FILES = st.lists(
    st.tuples(st.one_of(DOCUMENTS, DOCUMENTS, NESTED, DEEP), ENDS), min_size=1, max_size=6
).map(lambda parts: "".join(map("".join, parts)))

YAML_LINES = [
    "age: 44", "age:", "age: ~", "age: 1e999999999", "phq9_9: -0", "pain_areas: [neck, ]",
    "case: [x]", "medicines_tried: {x: }", 'case: "\\ud83d"', "answers: {age: 44}",
    "submitted: y", "---", "...", "# nothing", "%YAML 1.1", "&a b", "*a", "!!int 3",
    "? [a]", "- a", "{", "'", "\t",
]  # fmt: skip
YAML_FILES = st.lists(st.tuples(st.sampled_from(YAML_LINES), ENDS), max_size=8).map(
    lambda parts: "".join(map("".join, parts))
)

CELLS = [
    "", "44", "0", "yes", "none", "neck;none", "NaN", "1e999999999", "-0", "null", "[]", '""', '"',
    'a"b', '"a ""b"""', '"x\ry"', "\0", "\ufeff", "9" * 400, "x" * 131_073,
    '"{""sertraline"": {""dose_mg"": null}}"', '"{""x"": ""\\ud83d""}"',
]  # fmt: skip
CELL = st.one_of(st.sampled_from(CELLS), st.text(max_size=4))
ROWS = st.lists(CELL, min_size=1, max_size=6).map(",".join)
NAMES = [
    "submission,age,phq9_9,medicines_tried", "submission,submitted,health_conditions__none", "age",
    '"age",pain_other_place', "\ufeffage,phq9_9", "age,age", "age,", "agee", 'a"ge', "",
]  # fmt: skip
CSV_FILES = st.tuples(
    st.sampled_from(NAMES),
    st.lists(st.tuples(ENDS, st.one_of(ROWS, st.just(",,,"), st.just(""))), max_size=8),
).map(lambda file: file[0] + "".join(map("".join, file[1])))

BYTES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(["utf-16", "utf-16-le", "utf-32", "cp1252"]).map(
        '{"age": 44, "x": "é"}'.encode
    ),
)


def _bytes(texts: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    """Return the bytes of texts, and such bytes with one of them replaced."""
    whole = texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
    broken = st.tuples(whole, st.integers(0, 300), st.binary(min_size=1, max_size=1)).map(
        lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + 1 :]
    )
    return st.one_of(whole, whole, broken, BYTES)


# --- what must hold ------------------------------------------------------------------------------


def _run(*arguments: Any) -> tuple[int, list[str], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([*map(str, arguments), "--protocol", PROTOCOL.id])
    errors = err.getvalue().split("\n")
    assert errors.pop() == ""
    for line in errors:
        assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & {*map(unicodedata.category, line)}, line
        assert "fault of the program" not in line, line
        assert "Traceback" not in line, line
    return status, out.getvalue().splitlines(), errors


@given(_bytes(st.one_of(JSON_FILES, YAML_FILES)))
@example(b'{"age": [9223372036854775808, null, null]}')
@example(b'{"case":"A1 \\ud83d","answers":{"age":44}}')
@example(b"age: 44\n---\n")
@MANY
def test_assess_screens_everybody_or_says_why_not(folder: Path, content: bytes) -> None:
    source = folder / "in.yaml"
    source.write_bytes(content)
    status, out, errors = _run("assess", source)
    if status == 0:
        assert out
        assert all(json.loads(line)["protocol"] == PROTOCOL.id for line in out)
        assert not errors
    else:
        assert (status, out) == (2, [])
        assert errors
        assert all(line.startswith(str(source)) for line in errors)


@given(_bytes(JSON_FILES))
@example(b'{"age": [9223372036854775808, null, null]}\n')
@FEW
def test_batch_loses_no_line(folder: Path, content: bytes) -> None:
    _loses_nothing(folder / "in.ndjson", content)


@given(_bytes(CSV_FILES))
@FEW
def test_batch_loses_no_row(folder: Path, content: bytes) -> None:
    _loses_nothing(folder / "in.csv", content)


def _loses_nothing(source: Path, content: bytes) -> None:
    out = source.parent / "out.csv"
    source.write_bytes(content)
    out.write_text("of an earlier run")
    before = {path: path.read_bytes() for path in source.parent.iterdir()}
    status, printed, errors = _run("batch", source, out)
    if status == 2:
        assert errors
        assert not printed
        assert {path: path.read_bytes() for path in source.parent.iterdir()} == before
        return
    counted = re.fullmatch(
        r"(\d+) rows read, (\d+) screened, (\d+) refused(?:, (\d+) empty)?", printed[-1]
    )
    assert counted is not None
    read, screened, refused, empty = (int(count or 0) for count in counted.groups())
    assert read == screened + refused + empty
    assert status == (refused > 0)
    rows, refusals_ = set(outcomes(out)), set(refusals(out))
    assert (len(rows), len(refusals_)) == (screened, refused)
    assert not rows & refusals_
    assert all(0 < row <= read + content.count(b"\n") + content.count(b"\r") for row in rows)
    refusals_file = out.with_name("out.csv.refused.ndjson")
    if refusals_file.exists():
        refusals_file.unlink()
