"""Paper copies as tagged PDF (PDF/UA-1), made by Typst where that is installed.

A document is a template in `templates/pdf/` and data. The data goes to Typst as JSON and is never
formatted into its source, so whatever a person typed is printed as text. Typst runs in a process of
its own, which gets the data through a pipe: it can be stopped, and no file holds an answer.
"""

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from screener.places import shipped

SECONDS = 10
_HERE = Path(__file__).parent
_PACKAGES = ("typst", "fontTools")
_one_at_a_time = threading.Lock()


class NotRendered(Exception):
    """No PDF was made: it took too long, or Typst refused. It quotes nothing of the data."""


def available() -> bool:
    """Return whether the packages of the extra `pdf` are installed."""
    return all(importlib.util.find_spec(name) for name in _PACKAGES)


def render(template: str, data: Mapping[str, Any], *, seconds: float = SECONDS) -> bytes:
    """Return the PDF of a template and its data.

    Each process of the server makes one at a time, and each may take so many seconds. A character
    that our fonts do not have becomes a marked box. Raise NotRendered.
    """
    source = shipped("templates") / "pdf" / template
    command: list[str | Path] = [sys.executable, "-I", _HERE / "typesetter.py"]
    command += [source, _HERE / "fonts"]
    if not _one_at_a_time.acquire(timeout=seconds):
        raise NotRendered("another PDF took too long")
    try:
        # Without our environment: it holds secrets that Typst has no use for.
        done = subprocess.run(  # noqa: S603 (our own program, with paths of ours)
            command, input=json.dumps(data).encode(), capture_output=True, timeout=seconds, env={}
        )
    except subprocess.TimeoutExpired:
        raise NotRendered(f"it took more than {seconds:g} seconds") from None
    finally:
        _one_at_a_time.release()
    if done.returncode != 0:
        raise NotRendered(f"Typst stopped with {done.returncode}")
    return done.stdout
