"""YAML read as text with positions."""

from pathlib import Path

import pytest
import yaml

from screener.engine import yaml_text as reader
from screener.engine.problems import RulebookError
from screener.engine.yaml_text import Blank, Text, read_file, read_text


def test_scalars_stay_text() -> None:
    [document] = read_text("a: yes\nb: 012\nc: 1.50\nd: null\ne: 2026-01-01\n", "x.yaml")
    assert document.data == {"a": "yes", "b": "012", "c": "1.50", "d": "null", "e": "2026-01-01"}
    assert all(isinstance(value, Text) for value in document.data.values())


def test_positions_count_from_one_and_look_inside_quotes() -> None:
    [document] = read_text("a:\n  - b: 'c'\n  - d\n", "x.yaml")
    assert document.positions[("a", 0, "b")] == (2, 9)
    assert document.positions[("a", 1)] == (3, 5)


def test_a_problem_below_a_missing_key_points_at_the_nearest_place() -> None:
    [document] = read_text("a:\n  b: c\n", "x.yaml")
    problem = document.problem(("a", "b", "zzz"), "wrong")
    assert (problem.line, problem.column) == (2, 6)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n---\n",
        "a: 1\n---",
        "---\na: 1\n---\n---\n",
        "---\n---\na: 1\n",
        "a: 1\n---\n# only a comment\n",
        "# only a comment\n---\na: 1\n...\n---\n...\n",
        "a: 1\r---\r",
        "a: 1\r\n---\r\n",
        "a: 1\u2028---\u2029",
        "a: 1\x85---\x85",
        "\n\n---\n\n\na: 1\n---\n\n",
    ],
)
def test_a_document_in_which_nothing_is_written_is_none(text: str) -> None:
    [document] = read_text(text, "x.yaml")
    assert document.data == {"a": "1"}


@pytest.mark.parametrize("text", ["", "\n", "---", "---\n---\n", "# nothing", "---\n...\n# x\n"])
def test_no_document_at_all(text: str) -> None:
    assert read_text(text, "x.yaml") == []


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("? \n", {"": ""}),
        ("? a\n", {"a": ""}),
        ("a:\n", {"a": ""}),
        ("-\n", [""]),
        ("[a,\n]\n", ["a"]),
    ],
)
def test_nothing_at_the_end_of_a_text(text: str, data: object) -> None:
    """It stands on a line that is not there."""
    [document] = read_text(text, "x.yaml")
    assert document.data == data


def test_quotation_marks_and_null_are_written() -> None:
    assert [document.data for document in read_text("--- ''\n--- ~\n--- null\n", "x")] == [
        "", "~", "null",
    ]  # fmt: skip


def test_null_is_told_apart_from_the_word() -> None:
    text = "- \n- ~\n- null\n- NULL\n- 'null'\n- ''\n- nil\n- |\n"
    [document] = read_text(text, "x.yaml")
    kinds = [type(value) for value in document.data]
    assert kinds == [Blank] * 4 + [Text] * 4


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_lines_are_counted_as_yaml_does(end: str) -> None:
    """U+000C and its like end a line to Python, and none to YAML."""
    [document] = read_text(end.join(["a: 1", "b: 2 # x", "c: 3", ""]), "x.yaml")
    assert document.positions[("c",)] == (3, 4)
    assert document.commented == {("b",)}


def test_half_a_character_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RulebookError, match="holds half of a character"):
        read_text("a: \ud83d\n", "x.yaml")
    # The parser that is there without libyaml takes it where it is escaped.
    monkeypatch.setattr(reader, "_Loader", yaml.SafeLoader)
    for text, place in (('a: "\\ud83d"\n', "1:4"), ('"\\ud83d": a\n', "1:1")):
        with pytest.raises(RulebookError, match=f"x.yaml:{place}: holds half of a character"):
            read_text(text, "x.yaml")


def test_a_file_is_read_whatever_ends_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\rb: |\r  x\r  y\r---\r")
    assert read_file(path, "x.yaml").data == {"a": "1", "b": "x\ny\n"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: \xff", "x.yaml: is not UTF-8 text (byte 3)"),
        ("a: 1".encode("utf-16"), "x.yaml: is UTF-16 text, not UTF-8 text; save it as UTF-8"),
        (b"---\n---\n", "x.yaml:1:1: one YAML document expected, 0 found"),
        (b"# nothing\n", "x.yaml:1:1: one YAML document expected, 0 found"),
        (b"a: 1\n---\nb: 1\n", "x.yaml:1:1: one YAML document expected, 2 found"),
    ],
)
def test_files_that_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(RulebookError) as refused:
        read_file(path, "x.yaml")
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "x.yaml:2:1: the key a stands here twice"),
        ("? [a]\n: 1\n", "a key must be a word"),
        ("a: &b c\n", "anchors, aliases and tags"),
        ("a: !!int 3\n", "anchors, aliases and tags"),
        ("a: !python/object:os.system x\n", "anchors, aliases and tags"),
        ("a: [1\n", "is not well-formed YAML"),
        ("a: b: c\n", "x.yaml:1:5: is not well-formed YAML"),
        ("a: \x00\n", "is not well-formed YAML"),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(RulebookError) as refused:
        read_text(text, "x.yaml")
    assert message in str(refused.value)
