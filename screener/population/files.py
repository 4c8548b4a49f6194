"""Files in, files out: by their ending, written under another name and renamed when whole."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from screener.engine.protocol import Protocol
from screener.engine.terms.plan import Plan
from screener.population.csv_files import CsvReader
from screener.population.names import refusals_beside
from screener.population.ndjson import NdjsonReader
from screener.population.outcomes import Screener, Tally
from screener.population.parquet import ParquetReader
from screener.population.rows import InputError, Reader, in_one_line

FORMATS = ("parquet", "csv", "ndjson")


class OutputError(Exception):
    """A file that cannot be written. The message is one line."""


def format_of(path: Path) -> str:
    """The format of a file by its ending. Raises InputError."""
    ending = path.suffix.removeprefix(".").lower()
    kind = "ndjson" if ending == "jsonl" else ending
    if kind not in FORMATS:
        raise InputError(f"{path}: the ending says no format; .parquet, .csv and .ndjson do")
    return kind


def reader_of(protocol: Protocol, path: Path, kind: str) -> Reader:
    """A file of answers, its columns checked. Raises InputError."""
    readers: dict[str, Callable[[Protocol, Path], Reader]] = {
        "parquet": ParquetReader,
        "csv": CsvReader,
        "ndjson": NdjsonReader,
    }
    return readers[kind](protocol, path)


def screen_file(
    plan: Plan,
    rulebook: str,
    reader: Reader,
    out: Path,
    *,
    print_problem: Callable[[str], None],
    advance: Callable[[int], None],
    finishing: Callable[[], None] = lambda: None,
) -> Tally:
    """Write the outcomes of a file to `out`, and its refused rows beside it.

    Both are there when everything was written, or neither, and then what stood there before still
    does. `finishing` is called when everything is written, before the files take their names.
    Raises InputError and OutputError.
    """
    beside = refusals_beside(out)
    with _part(out) as part, _part(beside) as refused_part:
        with refused_part.open("w", encoding="utf-8") as refused:

            def refuse(line: str) -> None:
                try:
                    print(line, file=refused)
                except OSError as error:
                    raise _failed(beside, error) from None

            screener = Screener(plan, reader, rulebook, refuse, print_problem)
            _sink(screener, out, part, advance)
        finishing()
        # None of an earlier run may stay beside outcomes of which nothing was refused.
        with _put_back_on_failure(beside):
            if screener.tally.refused:
                refused_part.replace(beside)
            try:
                part.replace(out)
            except OSError as error:
                raise _failed(out, error) from None
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
    reason = in_one_line(error)
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror
    return OutputError(f"{path}: cannot be written: {reason}")


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """A name to write to, beside the file whose place it shall take. It is gone in the end."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        with suppress(OSError):  # a file system that is read-only refuses this too
            part.unlink()


@contextmanager
def _put_back_on_failure(path: Path) -> Iterator[None]:
    """Take away what stands at a path; it stands there again when something fails."""
    kept = path.with_name(path.name + ".kept")
    was_there = path.exists()
    if was_there:
        path.replace(kept)
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        if was_there:
            kept.replace(path)
        raise
    if was_there:
        kept.unlink()
