"""YAML read as text with positions."""

import pytest

from screener.engine.problems import RulebookError
from screener.engine.reader import Text, read_text


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
    ("text", "said"),
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
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(RulebookError) as refused:
        read_text(text, "x.yaml")
    assert said in str(refused.value)
