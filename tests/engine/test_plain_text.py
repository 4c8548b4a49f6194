"""Text as it is read from bytes, and as it may stand in a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.engine.plain_text import TextError, decoded, has_half, printable, shortened


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbfa", "a"),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", "\ufeffa"),
        (b"a\r\nb\rc\n\rd", "a\nb\nc\n\nd"),
        ("é\u2028\x85\x0b".encode(), "é\u2028\x85\x0b"),
        (b"a\0b", "a\0b"),
    ],
)
def test_text_of_bytes(raw: bytes, text: str) -> None:
    assert decoded(raw) == text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"ab\xff", "is not UTF-8 text (byte 2)"),
        (b"\xed\xa0\xbd", "is not UTF-8 text (byte 0)"),
        (b"\xff\xfea\0", "is UTF-16 text, not UTF-8 text; save it as UTF-8"),
        (b"\xfe\xff\0a", "is UTF-16 text, not UTF-8 text; save it as UTF-8"),
        (b"\xff\xfe\0\0", "is UTF-32 text, not UTF-8 text; save it as UTF-8"),
    ],
)
def test_bytes_that_are_no_text(raw: bytes, message: str) -> None:
    with pytest.raises(TextError) as refused:
        decoded(raw)
    assert str(refused.value) == message


@given(st.binary())
def test_bytes_are_text_that_can_be_written_again_or_refused(raw: bytes) -> None:
    try:
        text = decoded(raw)
    except TextError:
        return
    assert "\r" not in text
    assert not has_half(text)
    assert text.encode() == raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(
        b"\r", b"\n"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("é “x” ≥ 7\u00a0mg 🦵", "é “x” ≥ 7\u00a0mg 🦵"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\ud83d\u200b\u202e\u2028", "\\ud83d\\u200b\\u202e\\u2028"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_is_not_seen_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_any_text_stands_in_one_line_that_any_stream_of_utf_8_takes(text: str) -> None:
    assert len(printable(text).splitlines()) <= 1
    printable(text).encode()
    assert printable(printable(text)) == printable(text)
    assert len(shortened(text)) <= 60
