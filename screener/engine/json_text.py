"""JSON read exactly: no number is rounded, no key may stand twice in one object."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from screener.engine.plain_text import has_half, printable, shortened

# As deep as YAML is read here. What is deeper is no answer, and would be a danger to whoever walks
# through it by recursion.
_DEEPEST = 50

_GAP = re.compile(r"[ \t\r\n]*")
# Escapes of the halves that UTF-16 writes some characters with.
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
# Python reads no whole number of some thousand digits; these are out of every range anyway.
_LONGEST_WHOLE = 100


class JsonError(ValueError):
    """Text that is no JSON, or an object in which a key stands twice.

    `malformed` says that it is no JSON at all, and `at` where in the text that is seen.
    """

    def __init__(self, message: str, *, malformed: bool = False, at: int = 0) -> None:
        self.malformed = malformed
        self.at = at
        super().__init__(message)


class OddNumber:
    """A number as written to which no number of Python's is equal, such as NaN."""

    def __init__(self, written: str) -> None:
        self.written = written

    def __str__(self) -> str:
        return self.written


def decoder(fraction: Callable[[str], Any]) -> json.JSONDecoder:
    """Return a reader of JSON; `fraction` makes the number of a text that is no whole number."""
    return json.JSONDecoder(
        parse_float=fraction,
        parse_int=_whole,
        parse_constant=OddNumber,
        object_pairs_hook=_unique,
    )


def exact(text: str) -> Decimal | OddNumber:
    """Return the number of a text, exactly as it is written."""
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of twenty digits
        return OddNumber(text)


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= _LONGEST_WHOLE else Decimal(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise JsonError(f"the key {printable(shortened(key))} stands twice in one object")
            seen.add(key)
    return members


EXACT = decoder(exact)


def read_json(text: str, reader: json.JSONDecoder = EXACT) -> Any:
    """Return the one value of a JSON text, without half characters. Raise JsonError."""
    values = list(islice(read_json_values(text, reader), 2))
    if len(values) != 1:
        count = "more than one value" if values else "nothing stands there"
        raise JsonError(f"is not well-formed JSON: {count}", malformed=True)
    if may_hold_halves(text) and (fault := half_in(values[0])):
        raise JsonError(fault)
    return values[0]


def read_json_values(text: str, reader: json.JSONDecoder = EXACT) -> Iterator[Any]:
    """Yield the values of a text in which JSON values follow each other. Raise JsonError."""
    at = _after_gap(text, 0)
    may_be_deep = text.count("[") + text.count("{") > _DEEPEST
    while at < len(text):
        try:
            value, at = reader.raw_decode(text, at)
        except json.JSONDecodeError as error:
            message = f"is not well-formed JSON: {error.msg}"
            raise JsonError(message, malformed=True, at=error.pos) from None
        except RecursionError:
            raise JsonError("is nested too deeply") from None
        if may_be_deep and _is_too_deep(value):
            raise JsonError("is nested too deeply")
        yield value
        at = _after_gap(text, at)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for part in level
            if isinstance(part, (dict, list))
            for inner in (part.values() if isinstance(part, dict) else part)
        ]
        if not level:
            return False
    return any(isinstance(part, (dict, list)) for part in level)


def may_hold_halves(text: str) -> bool:
    """Whether `half_in` has to look at what a JSON text holds."""
    return has_half(text) or _ESCAPED_HALF.search(text) is not None


def half_in(value: Any) -> str:
    """Return what is wrong where a value holds half a character, or "" where none does.

    UTF-16 writes some characters as two halves; one of them alone is in no text.
    """
    # Without recursion: a value can be nested deeply.
    waiting = [("", value)]
    while waiting:
        path, part = waiting.pop()
        if isinstance(part, dict):
            for key, inner in part.items():
                below = f"{path}.{key}" if path else key
                waiting += [(below, key), (below, inner)]
        elif isinstance(part, list):
            waiting += [(path, inner) for inner in part]
        elif isinstance(part, str) and has_half(part):
            fault = f'found "{shortened(part)}"; half of a character is no text'
            return printable(f"{shortened(path)}: {fault}" if path else fault)
    return ""


def _after_gap(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    assert gap is not None
    return gap.end()
