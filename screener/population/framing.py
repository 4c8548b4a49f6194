"""CSV text -> records: lines put together where a quoted cell spans several, and counted.

Polars reads cells quickly, but fills a record that is too short with blanks and stops at one that
is too long. So records are counted and their quotation marks looked at before it reads them.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl

from screener.engine.plain_text import TextError, refuse_other_encodings
from screener.population.rows import InputError, problem_with

# In bytes. A record that is longer is taken for an open quotation mark.
BLOCK = 1 << 24
# So much is read at once.
READ = BLOCK

# Files that come from far have each of these, sometimes in one file.
LINE_END = re.compile("(\r\n|\r|\n)")

_MARK = b"\xef\xbb\xbf"
_QUOTED = '"[^"]*"'
# Every cell is free of quotation marks, or stands in them whole.
_LEGAL = r'\A(?:[^",]*|"(?:[^"]|"")*")(?:,(?:[^",]*|"(?:[^"]|"")*"))*\z'
_EMPTY = r'\A(?:"")?(?:,(?:"")?)*\z'
_CELL = re.compile(r',(?:"([^"]*(?:""[^"]*)*)"|([^,"]*))')


def records(path: Path, advance: Callable[[int], None]) -> Iterator[tuple[pl.Series, bool]]:
    """The records of a file, without their line ends, in blocks, and whether the last one ended.

    Blank lines are left out. Raises InputError where the file is no UTF-8 text or ends within
    quotation marks.
    """
    rest = b""
    for block in blocks(path):
        whole, rest = whole_lines(rest + block)
        if whole:
            lines, unfinished = _split(path, whole)
            rest = unfinished + rest
            yield lines, True
        if len(rest) > BLOCK:
            raise InputError(f"{path}: has a row of more than {BLOCK} bytes")
        advance(len(block))
    ended = rest.endswith(b"\r")
    lines, unfinished = _split(path, rest)
    if unfinished:
        raise InputError(f"{path}: ends within quotation marks; the file is not whole")
    yield lines, ended


def blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, without its byte order mark. Raises InputError."""
    try:
        with path.open("rb") as file:
            _skip_mark(file, path)
            while block := file.read(READ):
                yield block
    except OSError as error:
        raise problem_with(path, error) from None


def _skip_mark(file: BinaryIO, path: Path) -> None:
    first = file.read(4)
    try:
        refuse_other_encodings(first)
    except TextError as error:
        raise InputError(f"{path}: {error}") from None
    file.seek(len(_MARK) if first.startswith(_MARK) else 0)


def whole_lines(text: bytes) -> tuple[bytes, bytes]:
    """The lines that have ended, with their ends, and what stands behind them."""
    # The last byte may be the first half of a line end that goes on in the next block.
    end = max(text.rfind(b"\n"), text.rfind(b"\r", 0, -1)) + 1
    return text[:end], text[end:]


def _split(path: Path, block: bytes) -> tuple[pl.Series, bytes]:
    """The records of a block of whole lines, and the lines of one that is not at its end."""
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = block[error.start : error.start + 1].hex()
        raise InputError(f"{path}: is not UTF-8 text (found the byte {shown})") from None
    parts = LINE_END.split(text)
    frame = pl.DataFrame(
        {"line": parts[0::2], "end": [*parts[1::2], ""]},
        schema={"line": pl.String, "end": pl.String},
    )
    quotes = pl.col("line").str.count_matches('"', literal=True)
    frame = frame.with_columns(open=quotes.cast(pl.UInt64).cum_sum() % 2 == 1)
    left = b""
    if frame["open"].any():
        starts = ~pl.col("open").shift(1, fill_value=False)
        frame = (
            frame.with_columns(line=pl.concat_str("line", "end"))
            .group_by(starts.cum_sum().alias("record"), maintain_order=True)
            .agg(pl.col("line").str.join(""), pl.col("end", "open").last())
        )
        if frame["open"][-1]:
            left = frame["line"][-1].encode()
            frame = frame.head(-1)
        frame = frame.with_columns(pl.col("line").str.strip_suffix(pl.col("end")))
    lines = frame["line"]
    return lines.filter(lines != ""), left


def shapes(lines: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Of each record: how many cells, whether its quotation marks stand as they must, emptiness.

    A record is empty when no cell of it holds anything.
    """
    frame = pl.DataFrame({"record": lines})
    column = pl.col("record")
    counted = frame.select(
        cells=column.str.replace_all(_QUOTED, "").str.count_matches(",", literal=True) + 1,
        legal=column.str.contains(_LEGAL),
        empty=column.str.contains(_EMPTY),
    )
    return counted["cells"], counted["legal"], counted["empty"]


def cells_of(record: str) -> list[str]:
    """The cells of a record whose quotation marks stand as they must, of any length."""
    # Python's own reader of CSV stops at a cell of 128 KiB, and at a lone carriage return.
    return [
        plain if quoted is None else quoted.replace('""', '"')
        for quoted, plain in (cell.groups() for cell in _CELL.finditer("," + record))
    ]
