"""The `screener` command. Each command loads what it needs: `check` and `assess` need no Flask."""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from screener.streams import end_output, open_streams, print_error

# If this is set to anything, a fault prints its traceback.
TRACEBACK = "SCREENER_TRACEBACK"

_REFUSED = 2
# The statuses that a shell gives a command ended by Ctrl-C, or by a closed pipe.
_INTERRUPTED = 130
_NO_READER = 141

_STATUSES = """\
exit status:
  0  done
  1  a faulty rulebook or a failed check; for batch: some rows were refused
  2  refused input, or nothing could be done; for batch: nothing was written
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0 done, 1 a faulty rulebook or a failed check (for `batch`, rows that
    were refused), 2 refused input or a fault of the program, 130 interrupted, 141 the reader of the
    output is gone. Raise only SystemExit, as argparse does for `--help` and wrong usage.
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
            print_error("stopped")
            return _INTERRUPTED
        _show_traceback(error)
        print_error(_cannot(error) if isinstance(error, OSError) else _fault(error))
        return _REFUSED


def _run(arguments: Sequence[str] | None) -> int:
    # Imported here, so that even a fault in an import ends in one line.
    from screener.commands import (
        assess,
        batch,
        burden,
        check,
        diff,
        explain,
        new,
        prove,
        site,
        sources,
        sql,
        translation,
        versions,
        worker,
    )

    parser = argparse.ArgumentParser(
        prog="screener",
        description=(__doc__ or "").split("\n")[0],
        epilog=_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    subjects = (
        *(new, check, assess, explain, prove, diff, versions, translation),
        *(sources, burden, batch, sql, site, worker),
    )
    for subject in subjects:
        subject.add_to(commands)
    parsed = parser.parse_args(arguments)
    status: int = parsed.run(parsed)
    return status


def _cannot(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    # An error without a file name comes from standard output: other files have names.
    return f"{error.filename or 'standard output'}: {reason}" if error.errno else reason


def _fault(error: BaseException) -> str:
    """Return one line about a fault, without its message, which may quote an answer."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(Path(__file__).parent)]
    place = f"{Path(own[-1].filename).name}, line {own[-1].lineno}" if own else "an unknown place"
    return (
        f"stopped by a fault of the program ({type(error).__name__} in {place}). Please report "
        "it, with synthetic answers only, as CONTRIBUTING.md says; "
        f"{TRACEBACK}=1 in the environment prints the traceback"
    )


def _show_traceback(error: BaseException) -> None:
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)


if __name__ == "__main__":
    sys.exit(main())
