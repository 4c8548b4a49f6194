"""Standard output and standard error, when they are closed, full, or cannot write everything."""

import os
import sys
from contextlib import suppress


def open_streams() -> None:
    """Let nothing fail because a stream was closed, or cannot write every character."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        # Opened for reading: what would be lost is told as any output that cannot be written.
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")


def end_output() -> None:
    """Write what was printed already, or let it go: Python must not try once more at its end."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):  # a stream of a test has no file
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(line: str) -> None:
    """Print a line on standard error, if there is anybody left to tell."""
    with suppress(OSError, ValueError):
        print(line, file=sys.stderr, flush=True)
