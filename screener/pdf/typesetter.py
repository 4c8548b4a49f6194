"""The program that sets one PDF: `typesetter.py TEMPLATE FONTS`, data as JSON in, the PDF out.

It runs by itself and imports nothing of ours.
"""

import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

# Our fonts have it (see assets/ttf.py). It stands for a character that they do not have.
BOX = "\u25a1"
# A break every so many letters, or a word of thousands runs off the page.
_LONG_WORD = re.compile(r"\S{24}(?=\S)")
_BREAK = "\u200b"
# Drawings are ours, and so are ids.
_AS_IT_IS = frozenset({"drawings", "lang"})


def printable(text: str, letters: frozenset[str]) -> str:
    """Return a text of which every character can be printed: others are replaced by BOX."""
    text = unicodedata.normalize("NFC", re.sub(r"[ \t\r\f\v]+", " ", text))
    boxed = "".join(char if char in letters or char == "\n" else BOX for char in text)
    return _LONG_WORD.sub(lambda part: part[0] + _BREAK, boxed)


def prepared(value: Any, letters: frozenset[str]) -> Any:
    """Return data with every text in it made printable."""
    if isinstance(value, str):
        return printable(value, letters)
    if isinstance(value, list):
        return [prepared(part, letters) for part in value]
    if isinstance(value, dict):
        return {
            key: part if key in _AS_IT_IS else prepared(part, letters)
            for key, part in value.items()
        }
    return value


def letters_of(fonts: Path) -> frozenset[str]:
    """Return the characters that every font in a folder has."""
    from fontTools.ttLib import TTFont

    maps = []
    for file in sorted(fonts.glob("*.ttf")):
        with TTFont(file, lazy=True) as font:
            maps.append(frozenset(font.getBestCmap()))
    shared = frozenset.intersection(*maps)
    # Not those that print nothing: bidirectional marks would turn what stands beside them around.
    return frozenset(char for char in map(chr, shared) if unicodedata.category(char)[0] != "C")


def typeset(template: Path, fonts: Path, data: dict[str, Any]) -> bytes:
    """Return the PDF."""
    import typst

    data = prepared(data, letters_of(fonts))
    text = json.dumps(data, ensure_ascii=False)
    made = typst.compile(
        template.read_bytes(),
        font_paths=typst.Fonts(False, False, [fonts]),
        sys_inputs={"data": json.dumps({**data, "boxed": BOX in text})},
        pdf_standards=["ua-1"],
    )
    assert isinstance(made, bytes)
    return made


if __name__ == "__main__":
    sys.stdout.buffer.write(
        typeset(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.stdin.buffer.read()))
    )
