"""Plain text: bytes read as UTF-8 or refused, and text made fit for one line of a message."""

import codecs
import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import BinaryIO

# What is read whole: in bytes. It ends what would never end, such as a device or a pipe.
LARGEST = 1 << 26

# One half of a pair that UTF-16 writes some characters with. Alone it is no character, and no
# UTF-8 file can hold it.
_HALF = re.compile(r"[\ud800-\udfff]")

_OTHERS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}

# Characters that break a line, steer a terminal or are not seen.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class TextError(Exception):
    """Bytes that are no text, or cannot be read. The message leaves out the name of the file."""


def text_of(path: Path) -> str:
    """Return the text of a file, as `decoded` gives it. Raise TextError."""
    try:
        if path.is_fifo() and not _lent_by_the_shell(path):
            # To wait for somebody who may never write would look like a hang.
            raise TextError("is a pipe; give what it holds on standard input, with - for the file")
        with path.open("rb") as file:
            return decoded(read_whole(file))
    except OSError as error:
        raise TextError(f"cannot be read: {error.strerror}") from None
    except ValueError as error:  # a name that no file can have
        raise TextError(f"cannot be read: {error}") from None


def standard_input() -> str:
    """Return the text of standard input, as `decoded` gives it. Raise TextError."""
    if sys.stdin is None:
        raise TextError("is closed")
    try:
        return decoded(read_whole(sys.stdin.buffer))
    except OSError as error:
        raise TextError(f"cannot be read: {error.strerror}") from None


def read_whole(file: BinaryIO) -> bytes:
    """Return everything in a file. Raise TextError where that is more than LARGEST bytes."""
    raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise TextError(f"is larger than {LARGEST >> 20} MiB")
    return raw


def decoded(raw: bytes) -> str:
    r"""Return UTF-8 text without its byte order mark; every line ends with `\n`.

    Raise TextError for any other encoding.
    """
    refuse_other_encodings(raw)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(f"is not UTF-8 text (byte {error.start})") from None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def refuse_other_encodings(raw: bytes) -> None:
    """Raise TextError where the first bytes say that a text is not UTF-8."""
    for mark, name in _OTHERS.items():
        if raw.startswith(mark):
            raise TextError(f"is {name} text, not UTF-8 text; save it as UTF-8")


def has_half(text: str) -> bool:
    """Whether half of a character stands in a text (see `_HALF`)."""
    return not text.isascii() and _HALF.search(text) is not None


def printable(text: str) -> str:
    """Return the text in one line, with what cannot be seen written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        c.encode("unicode_escape").decode("ascii") if unicodedata.category(c) in _UNSEEN else c
        for c in text
    )


def shortened(text: str) -> str:
    """Return the beginning of a text, at most 60 characters, as much as fits into a message."""
    return text if len(text) <= 60 else text[:57] + "…"


def _lent_by_the_shell(path: Path) -> bool:
    """Whether a pipe has no name but its descriptor, as in `screener assess <(command)`."""
    parts = Path(os.path.realpath(path)).parts
    return parts[:2] in (("/", "proc"), ("/", "dev")) and parts[-2] == "fd"
