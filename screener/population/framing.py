"""CSV text -> records: lines put together where a quoted cell spans several, and counted.

Polars reads cells quickly, but fills a record that is too short with blanks and stops at one that
is too long. So records are counted and their quotation marks looked at before it reads them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl

from screener.population.rows import InputError, problem_with

# How much is read at once, in bytes; a record that is longer is taken for an open quotation mark.
BLOCK = 1 << 24

_QUOTED = '"[^"]*"'
# Every cell is free of quotation marks, or stands in them whole.
_LEGAL = r'\A(?:[^",]*|"(?:[^"]|"")*")(?:,(?:[^",]*|"(?:[^"]|"")*"))*\z'


def records(path: Path, advance: Callable[[int], None]) -> Iterator[tuple[pl.Series, bool]]:
    """The records of a file, without their line ends, in blocks, and whether the last one ended.

    Blank lines are left out. Raises InputError where the file is no UTF-8 text or ends within
    quotation marks.
    """
    rest = b""
    try:
        with path.open("rb") as file:
            _skip_mark(file)
            while block := file.read(BLOCK):
                whole, mark, rest = (rest + block).rpartition(b"\n")
                if mark:
                    found, open_ = _split(path, whole)
                    rest = open_ + rest
                    yield found, True
                if len(rest) > BLOCK:
                    raise InputError(f"{path}: has a row of more than {BLOCK} bytes")
                advance(len(block))
    except OSError as error:
        raise problem_with(path, error) from None
    found, open_ = _split(path, rest)
    if open_:
        raise InputError(f"{path}: ends within quotation marks; the file is not whole")
    yield found, False


def _skip_mark(file: BinaryIO) -> None:
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)


def _split(path: Path, block: bytes) -> tuple[pl.Series, bytes]:
    """The records of a block of whole lines, and the lines of one that is not at its end."""
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = block[error.start : error.start + 1].hex()
        raise InputError(f"{path}: is not UTF-8 text (found the byte {shown})") from None
    lines = pl.DataFrame({"line": pl.Series(text.split("\n"), dtype=pl.String)})
    quotes = pl.col("line").str.count_matches('"', literal=True)
    lines = lines.with_columns(open=quotes.cast(pl.UInt64).cum_sum() % 2 == 1)
    left = b""
    if lines["open"].any():
        starts = ~pl.col("open").shift(1, fill_value=False)
        lines = lines.group_by(starts.cum_sum().alias("record"), maintain_order=True).agg(
            pl.col("line").str.join("\n"), pl.col("open").last()
        )
        if lines["open"][-1]:
            left = lines["line"][-1].encode() + b"\n"
            lines = lines.head(-1)
    found = lines["line"].str.strip_suffix("\r")
    return found.filter(found != ""), left


def shapes(found: pl.Series) -> tuple[pl.Series, pl.Series]:
    """How many cells each record has, and whether its quotation marks stand as they must."""
    frame = pl.DataFrame({"record": found})
    column = pl.col("record")
    shown = frame.select(
        cells=column.str.replace_all(_QUOTED, "").str.count_matches(",", literal=True) + 1,
        legal=column.str.contains(_LEGAL),
    )
    return shown["cells"], shown["legal"]
