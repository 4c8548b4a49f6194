"""Views that the audit log could not take: helpers."""

from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from screener import store
from tests.outages import READ_ONLY, outage

NURSE = "nurse@clinic.example"
THEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def late() -> list[tuple[str, str]]:
    """Action and object of the late entries, the oldest first."""
    assert store.verify_audit() is None
    entries = reversed(store.audit_entries(limit=10_000))
    return [(entry.action, entry.object) for entry in entries if entry.late]


def spilled(app: Flask, *references: str, kind: str = READ_ONLY) -> None:
    """Let views be seen while nothing can be written."""
    with outage(app, kind):
        for reference in references:
            assert store.record_view(NURSE, "viewed", reference) == "spill"


def the_file(folder: Path) -> Path:
    return folder / "views.spill"
