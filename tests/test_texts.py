"""What people type, tidied: one way of writing it, nothing invisible around it."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.texts import is_invisible, is_visible, tidy

# Visible although their category (Cf) says that they only format: Arabic and Kaithi number signs,
# the Syriac abbreviation mark, the joiners of hieroglyphs.
SEEN = {
    *range(0x0600, 0x0606),
    0x06DD,
    0x070F,
    0x0890,
    0x0891,
    0x08E2,
    0x110BD,
    0x110CD,
    *range(0x13430, 0x13440),
}
BLANK = [
    "",
    " ",
    "\u00a0\u3000\t\n",
    "\u200b",
    "\u3164",
    "\uffa0",
    "\u115f\u1160",
    "\u2800",
    "\u00ad",
    "\u034f",
    "\ufe0f",
    "\ufeff\u2060",
    "\u202a\u202c",
    "\u2066\u2069",
    "\u180e",
    "\u061c",
    "\ufffc",
    "\U000e0041",
    "\U0001d159",
    "\U00013441",
    "\0\x07\x1b",
    "\ufdd0\uffff",
    "\u0301",  # a mark without a letter
    "\u0301" * 200,
    "\u093e",
    " \u200b\u3164\u0301\u2800 ",
]


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_a_text_without_a_visible_character_is_blank(text: str) -> None:
    assert tidy(text) == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202dAna\u202c", "Ana"),
        ("\u200fשלום\u200f", "שלום"),
        ("Zoe\u0308", "Zoë"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # the joiner belongs to the word
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("a\u200bb", "a\u200bb"),
        ("I ❤\ufe0f", "I ❤\ufe0f"),  # belongs to the heart
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("Ana \ufe0f", "Ana"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\0\x07b", "ab"),
        ("\ud800", "\ufffd"),
        ("\u1100\u1161", "가"),
    ],
    ids=ascii,
)
def test_what_is_kept(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_one_line_has_no_line_ends() -> None:
    assert tidy(" a\r\n\tb\n", one_line=True) == "a  b"


def test_every_character_that_only_formats_is_known() -> None:
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        if unicodedata.category(letter) == "Cf":
            assert is_invisible(letter) != (code in SEEN), hex(code)
        if letter.isalnum() and code not in (0x115F, 0x1160, 0x3164, 0xFFA0, 0x13441, 0x13442):
            assert is_visible(letter), hex(code)


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_is_tidied_once_and_for_all(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\0" not in once
    once.encode()
    assert (once == "") == (not any(map(is_visible, unicodedata.normalize("NFC", text))))
    assert "\n" not in tidy(text, one_line=True)
