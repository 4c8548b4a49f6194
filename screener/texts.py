"""Tidy what people type: one Unicode form, and no invisible characters around it.

A phone's keyboard, a copied contact and a web page add invisible characters: direction marks,
spaces without width, fillers. Inside a word they can be needed (Persian, emoji), so they stay; at
the ends they only make equal names differ. A text without a visible character is blank.
"""

import unicodedata
from bisect import bisect_right

# Unicode's Default_Ignorable_Code_Point, first and last of each run, and others that show
# nothing although their category is letter or symbol: blanks of Braille, music and hieroglyphs,
# the marks around annotations, and the placeholder for an object that was not copied.
_INVISIBLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFC),
    (0x13441, 0x13442),
    (0x1BCA0, 0x1BCA3),
    (0x1D159, 0x1D159),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
_FIRST = [first for first, _ in _INVISIBLE]

# They belong to the character before them: without its selector a heart turns black, and without
# its tags a flag of Scotland is a plain flag.
_BELONGING = ((0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0020, 0xE01EF))

_LINE_ENDS = ("\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029")


def tidy(text: str, *, one_line: bool = False) -> str:
    """Return a text in Unicode's composed form, without invisible characters at its ends.

    Line ends become one character, with `one_line` a space. Control characters are removed:
    databases refuse NUL, documents the others. A text without a visible character becomes "".
    """
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    if one_line:
        text = text.replace("\n", " ").replace("\t", " ")
    text = unicodedata.normalize("NFC", "".join(map(_storable, text)))
    if not any(map(is_visible, text)):
        return ""
    return _without_edges(text)


def is_invisible(letter: str) -> bool:
    """Return whether a character shows nothing: spaces, direction marks, fillers."""
    return letter.isspace() or _lies_in(ord(letter)) or unicodedata.category(letter) == "Cc"


def is_visible(letter: str) -> bool:
    """Return whether a character is visible by itself. A combining mark alone is not."""
    return not is_invisible(letter) and unicodedata.category(letter)[0] != "M" and not _none(letter)


def _storable(letter: str) -> str:
    if letter in "\n\t":
        return letter
    category = unicodedata.category(letter)
    if category == "Cs":  # half of a pair: it cannot be written in any encoding
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category == "Cc" else letter


def _without_edges(text: str) -> str:
    start, end = 0, len(text)
    while is_invisible(text[start]):
        start += 1
    while is_invisible(text[end - 1]):
        end -= 1
    while end < len(text) and any(a <= ord(text[end]) <= b for a, b in _BELONGING):
        end += 1
    return text[start:end]


def _lies_in(code: int) -> bool:
    place = bisect_right(_FIRST, code) - 1
    return place >= 0 and code <= _INVISIBLE[place][1]


def _none(letter: str) -> bool:
    """Return whether this is one of the 66 code points that are never a character."""
    code = ord(letter)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
