"""JSON read exactly."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine.json_text import JsonError, OddNumber, half_in, read_json, read_json_values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("44", 44),
        (" -0 ", 0),
        ("2.80", Decimal("2.80")),
        ("1e999999999", Decimal("1e999999999")),
        ("9" * 5000, Decimal("9" * 5000)),
        ("1" + "0" * 99, 10**99),
        ('"\\ud83e\\uddb5"', "🦵"),
        ('"\\\\ud83e"', "\\ud83e"),
        ('{"a": [{}, null, true]}', {"a": [{}, None, True]}),
    ],
)
def test_values(text: str, value: Any) -> None:
    read = read_json(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("written", ["NaN", "Infinity", "-Infinity", "1e99999999999999999999"])
def test_numbers_that_are_none_stay_as_written(written: str) -> None:
    read = read_json(written)
    assert isinstance(read, OddNumber)
    assert str(read) == written


@pytest.mark.parametrize(
    ("text", "message", "malformed"),
    [
        ("", "nothing stands there", True),
        ("1 2", "more than one value", True),
        ("{,}", "is not well-formed JSON", True),
        ("[1", "is not well-formed JSON", True),
        ('{"a": 1, "a": 1}', "the key a stands twice in one object", False),
        ('[{"a\\n": {"b": 1, "c": 2, "b": 1}}]', "the key b stands twice in one object", False),
        ("[" * 51 + "]" * 51, "is nested too deeply", False),
        ('{"a":' * 51 + "1" + "}" * 51, "is nested too deeply", False),
        ("[" * 100_000, "is nested too deeply", False),
        ('"\\ud83d"', 'found "\\ud83d"; half of a character is no text', False),
        ('{"a": [1, {"b": "x\\udc00"}]}', 'a.b: found "x\\udc00"; half', False),
        ('{"\\uDFFF": 1}', '\\udfff: found "\\udfff"; half', False),
        ('"\\ud83d\\ud83d"', "half of a character", False),
        ('"\\uddb5\\ud83e"', "half of a character", False),
    ],
)
def test_what_is_refused(text: str, message: str, malformed: bool) -> None:
    with pytest.raises(JsonError) as refused:
        read_json(text)
    assert message in str(refused.value)
    assert refused.value.malformed is malformed
    assert str(refused.value).isprintable()


def test_as_deep_as_it_may_be() -> None:
    text = "[" * 50 + "]" * 50
    assert read_json(text) == json.loads(text)
    assert list(read_json_values(f"{text} {{}} {text}")) == [
        *[json.loads(text)],
        {},
        json.loads(text),
    ]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_it_reads_what_python_reads_but_for_half_characters(value: Any, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped)
    if half_in(value):
        with pytest.raises(JsonError, match="half of a character"):
            read_json(text)
        return
    assert read_json(text) == json.loads(text, parse_float=Decimal)
