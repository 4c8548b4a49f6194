"""The `screener` command. Each command loads what it needs: `check` and `assess` need no Flask."""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from screener.streams import end_output, open_streams, tell

# Set to anything, it shows where in the program a fault lies.
TRACEBACK = "SCREENER_TRACEBACK"

_REFUSED = 2
# What a shell says of a command that was ended by Ctrl-C, or whose reader went away.
_INTERRUPTED = 130
_NO_READER = 141

_STATUSES = """\
exit status:
  0  done
  1  a faulty rulebook or a failed check; for batch: some rows were refused
  2  refused input, or nothing could be done; for batch: nothing was written
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns the exit status: 0 done, 1 a faulty rulebook or a failed check (for `batch`, rows that
    were refused), 2 refused input or a fault of the program. Above that: 130 interrupted, 141
    nobody reads the output any more. Never raises but for SystemExit, which argparse does for
    `--help` and for wrong usage.
    """
    open_streams()
    try:
        status = _run(arguments)
        sys.stdout.flush()
        return status
    except SystemExit:
        raise
    except BaseException as error:  # a panic of Polars is no Exception
        end_output()
        if isinstance(error, BrokenPipeError):
            return _NO_READER
        if isinstance(error, KeyboardInterrupt):
            tell("stopped")
            return _INTERRUPTED
        _show_traceback(error)
        tell(_cannot(error) if isinstance(error, OSError) else _fault(error))
        return _REFUSED


def _run(arguments: Sequence[str] | None) -> int:
    # Imported here, so that whatever happens from the first moment on ends in one line.
    from screener.commands import (
        assess,
        batch,
        check,
        diff,
        explain,
        prove,
        site,
        sql,
        versions,
    )

    parser = argparse.ArgumentParser(
        prog="screener",
        description=(__doc__ or "").split("\n")[0],
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for subject in (check, assess, explain, prove, diff, versions, batch, sql, site):
        subject.add_to(commands)
    asked = parser.parse_args(arguments)
    status: int = asked.run(asked)
    return status


def _cannot(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    # What has no name is what was printed: files are opened, read and written by theirs.
    return f"{error.filename or 'standard output'}: {reason}" if error.errno else reason


def _fault(error: BaseException) -> str:
    """One line about a fault of the program. No message: it may hold what somebody answered."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(Path(__file__).parent)]
    place = f"{Path(own[-1].filename).name}, line {own[-1].lineno}" if own else "an unknown place"
    return (
        f"stopped by a fault of the program ({type(error).__name__} in {place}). Please report "
        "it, with synthetic answers only, as CONTRIBUTING.md says; "
        f"{TRACEBACK}=1 in the environment shows where it lies"
    )


def _show_traceback(error: BaseException) -> None:
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)


if __name__ == "__main__":
    sys.exit(main())
