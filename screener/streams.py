"""Standard output and standard error, when they are closed, full, or cannot write everything."""

import os
import sys
from contextlib import suppress
from typing import TextIO


def open_streams() -> None:
    """Make sure that nothing fails because a stream is closed or cannot write a character."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        # Opened for reading, so that writing fails and is reported like any failed output.
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if reconfigure := getattr(sys.stdout, "reconfigure", None):
        reconfigure(errors="backslashreplace")


def end_output() -> None:
    """Write what was printed, or discard it: Python must not try again when it exits."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            _discard(stream)


def print_error(line: str) -> None:
    """Print a line on standard error, if that is still open."""
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    """Send what a stream still holds nowhere, or Python fails on it when it exits (status 120)."""
    with suppress(OSError, ValueError):  # streams in tests have no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
