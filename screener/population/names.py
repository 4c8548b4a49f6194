"""What the files of a run are called. Needs no Polars."""

from pathlib import Path


def refusals_beside(out: Path) -> Path:
    """Where the rows that are refused are written."""
    return out.with_name(out.name + ".refused.ndjson")
