"""Many submissions at once: `screener batch` screens a file.

Polars is imported only when it runs; it comes with the extra `population`.
"""

import argparse
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screener.commands import common
from screener.engine.plain_text import printable
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.terms.plan import lower
from screener.streams import end_output

if TYPE_CHECKING:
    from screener.commands.common import Commands
    from screener.population.outcomes import Tally

# So many problems are printed; all of them are in the file of refusals.
PRINTED = 20


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    batch = commands.add_parser("batch", help="screen a file of many submissions")
    batch.add_argument("source", type=Path, metavar="IN", help=".parquet, .csv or .ndjson")
    batch.add_argument("out", type=Path, metavar="OUT", help=".parquet, .csv or .ndjson")
    batch.add_argument(
        "--format", choices=("parquet", "csv", "ndjson"), help="of IN, whatever its ending"
    )
    common.protocol_option(batch)
    common.rules_option(batch)
    # Status 1 is for rows that were refused, and for nothing else.
    run = common.with_protocol(_batch, faulty=common.REFUSED)
    batch.set_defaults(run=_naming_what_is_left(common.with_population_extra(run)))


def _naming_what_is_left(
    run: Callable[[argparse.Namespace], int],
) -> Callable[[argparse.Namespace], int]:
    """A command that says, when it wrote nothing, that the output there is of an earlier run."""

    def guarded(arguments: argparse.Namespace) -> int:
        status = common.REFUSED
        try:
            status = run(arguments)
        except KeyboardInterrupt:
            common.say([f"stopped; {arguments.out} was not written"])
        finally:
            if status == common.REFUSED:
                _name_what_is_left(arguments.out, arguments.source)
        return status

    return guarded


def _name_what_is_left(out: Path, source: Path) -> None:
    from screener.population.names import refusals_beside

    paths = [path for path in (out, refusals_beside(out)) if path.is_file()]
    if paths and not (source.exists() and out.exists() and out.samefile(source)):
        names = " and ".join(map(str, paths))
        common.say([f"nothing was written; {names}: left as an earlier run wrote it"])


def _batch(arguments: argparse.Namespace, rulebook: Rulebook, protocol: Protocol) -> int:
    from screener.population.files import OutputError, screen_file
    from screener.population.rows import InputError

    refusals = _Refusals()
    try:
        with _stopped_by_signals() as no_more:
            reader = _opened(arguments, protocol)
            common.say(
                f"{arguments.source}: {old} is retired; it is read as {new}"
                for old, new in reader.retired.items()
            )
            with _progress(reader) as advance:
                tally = screen_file(
                    lower(protocol),
                    f"{protocol.version} {rulebook.hash}",
                    reader,
                    arguments.out,
                    print_problem=refusals,
                    advance=advance,
                    finishing=no_more,
                )
            # The output stands there whole: whatever fails from here on, the status says so.
            try:
                _sum_up(refusals, tally)
            except OSError:
                end_output()
    except (InputError, OutputError) as error:
        common.say([error])
        return common.REFUSED
    return common.FAULTY if tally.refused else 0


def _sum_up(refusals: "_Refusals", tally: "Tally") -> None:
    refusals.count_rest()
    empty = ""
    if tally.empty.count:
        empty = f", {tally.empty.count} empty"
        common.say([f"empty rows, which are nobody: {tally.empty}"])
    print(f"{tally.read} rows read, {tally.screened} screened, {tally.refused} refused{empty}")
    sys.stdout.flush()


def _opened(arguments: argparse.Namespace, protocol: Any) -> Any:
    """The file to read, after the file to write was looked at. Raises InputError, OutputError."""
    from screener.population.files import OutputError, format_of, reader_of

    format_of(arguments.out)
    if arguments.out.is_dir():
        raise OutputError(f"{arguments.out}: is a folder")
    if not arguments.out.parent.is_dir():
        raise OutputError(f"{arguments.out}: there is no folder {arguments.out.parent}")
    if (
        arguments.out.exists()
        and arguments.source.exists()
        and arguments.out.samefile(arguments.source)
    ):
        raise OutputError(f"{arguments.out}: is the file that is read")
    return reader_of(protocol, arguments.source, arguments.format or format_of(arguments.source))


class _Refusals:
    """Prints the first problems of refused rows, and counts the rest."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, line: str) -> None:
        from tqdm import tqdm

        self.count += 1
        if self.count <= PRINTED:
            # All of them are in the file of refusals: nothing is lost where nobody reads these.
            with suppress(OSError):
                tqdm.write(printable(line), file=sys.stderr)

    def count_rest(self) -> None:
        """Print how many problems were not printed."""
        if self.count > PRINTED:
            print(f"… and {self.count - PRINTED} problems more", file=sys.stderr)


@contextmanager
def _progress(reader: Any) -> Iterator[Callable[[int], None]]:
    from tqdm import tqdm

    shown = {"unit": reader.unit, "unit_scale": True, "file": sys.stderr, "disable": None}
    with tqdm(total=reader.size, **shown) as bar:

        def advance(done: int) -> None:
            bar.update(done)

        yield advance


@contextmanager
def _stopped_by_signals() -> Iterator[Callable[[], None]]:
    """Let a plain `kill` end the run as Ctrl-C does, so that no part of a file stays behind.

    While Polars runs, Python's own handlers wait, and only Ctrl-C is seen; so a thread passes it
    on. Yields what lets neither end the run any more: for the moment in which files take their
    names, and one of them alone would be half an output.
    """
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    terminated = signal.signal(signal.SIGTERM, lambda *_: None)
    interrupted = signal.getsignal(signal.SIGINT)
    noted = signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)

    def pass_on() -> None:
        while number := woken.recv(1):
            if number[0] == signal.SIGTERM:
                os.kill(os.getpid(), signal.SIGINT)

    def no_more() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    thread = threading.Thread(target=pass_on, daemon=True)
    thread.start()
    try:
        yield no_more
    finally:
        signal.set_wakeup_fd(noted)
        signal.signal(signal.SIGTERM, terminated)
        wake.close()
        thread.join()
        woken.close()
        signal.signal(signal.SIGINT, interrupted)
