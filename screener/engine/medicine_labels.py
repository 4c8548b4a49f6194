"""The name by which rows are counted whose medicine is of one of several kinds."""

from collections.abc import Iterable

_START = "kinds__"


def label_of_kinds(kinds: Iterable[str]) -> str:
    """Return the label that every medicine of one of these kinds shares."""
    return _START + "__".join(sorted(kinds))


def kinds_of_label(label: str) -> frozenset[str] | None:
    """Return the kinds in a label that `label_of_kinds` made, or None for any other."""
    return frozenset(label.split("__")[1:]) if label.startswith(_START) else None
