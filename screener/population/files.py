"""Files in, files out: by their ending, written under another name and renamed when whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from screener.engine.plan import Plan
from screener.engine.rulebook import Protocol
from screener.population.csv_files import CsvReader
from screener.population.ndjson import NdjsonReader
from screener.population.outcomes import Screener, Tally
from screener.population.parquet import ParquetReader
from screener.population.rows import InputError, Reader

FORMATS = ("parquet", "csv", "ndjson")


class OutputError(Exception):
    """A file that cannot be written. The message is one line."""


def format_of(path: Path) -> str:
    """The format of a file by its ending. Raises InputError."""
    ending = path.suffix.removeprefix(".").lower()
    found = "ndjson" if ending == "jsonl" else ending
    if found not in FORMATS:
        raise InputError(f"{path}: the ending says no format; .parquet, .csv and .ndjson do")
    return found


def reader_of(protocol: Protocol, path: Path, kind: str) -> Reader:
    """A file of answers, its columns checked. Raises InputError."""
    readers: dict[str, Callable[[Protocol, Path], Reader]] = {
        "parquet": ParquetReader,
        "csv": CsvReader,
        "ndjson": NdjsonReader,
    }
    return readers[kind](protocol, path)


def refusals_beside(out: Path) -> Path:
    """Where the rows that are refused are written."""
    return out.with_name(out.name + ".refused.ndjson")


def screen_file(
    plan: Plan,
    rulebook: str,
    reader: Reader,
    out: Path,
    *,
    told: Callable[[str], None],
    advance: Callable[[int], None],
) -> Tally:
    """Write the outcomes of a file to `out`, and its refused rows beside it.

    Both are there when everything was written, or neither, and then what stood there before still
    does. Raises InputError and OutputError.
    """
    beside = refusals_beside(out)
    with _whole(out) as part, _whole(beside) as refused_part:
        with refused_part.open("w", encoding="utf-8") as refused:

            def refuse(line: str) -> None:
                try:
                    print(line, file=refused)
                except OSError as error:
                    raise _failed(beside, error) from None

            screener = Screener(plan, reader, rulebook, refuse, told)
            _sink(screener, out, part, advance)
        if not screener.tally.refused:
            # None of an earlier run may stay beside outcomes of which nothing was refused.
            refused_part.unlink()
            beside.unlink(missing_ok=True)
    return screener.tally


def _sink(screener: Screener, out: Path, part: Path, advance: Callable[[int], None]) -> None:
    kind = format_of(out)

    def source(*_: Any) -> Iterator[pl.DataFrame]:
        return screener.outcomes(advance)

    # A lazy frame that takes chunks as they come writes them as they come.
    frame = register_io_source(source, schema=screener.schema)
    try:
        with part.open("wb") as file:
            if kind == "parquet":
                frame.sink_parquet(file)
            elif kind == "csv":
                frame.sink_csv(file)
            else:
                frame.sink_ndjson(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _failed(out, _reason(part) or error) from None


def _reason(part: Path) -> OSError | None:
    """Why no more can be written to a file; Polars does not always say so."""
    try:
        with part.open("ab") as file:
            file.write(bytes(1 << 16))
    except OSError as error:
        return error
    return None


def _failed(path: Path, error: Exception) -> OutputError:
    """What to say of a file that cannot be written, in one line."""
    said = " ".join(str(error).split())[:200]
    if isinstance(error, OSError) and error.strerror:
        said = error.strerror
    return OutputError(f"{path}: cannot be written: {said}")


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A name to write to; the file takes its own name when all went well, or is gone."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        if part.exists():
            part.replace(path)
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        part.unlink(missing_ok=True)
