"""Tables of numbers whose rows are drawn as bars: the geometry, and the words beside it.

The parts of a bar differ by filling, so that they are told apart without colour. The numbers stand
in the same row, so that a bar tells nothing to whoever does not see it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDE = 200.0  # of the longest bar, in the units of the drawing
# The fillings, in the order in which parts are drawn.
FILLINGS = ("solid", "hatched", "open")


@dataclass(frozen=True)
class BarPart:
    """One part of a bar: how it is filled, where it begins, and how wide it is."""

    filling: str
    x: float
    width: float


@dataclass(frozen=True)
class NumbersRow:
    """One row: what it is about, its bar, and its cells in words. `args` lead to more of it."""

    label: str
    bar: tuple[BarPart, ...]
    cells: tuple[str, ...]
    args: Mapping[str, str] | None = None


@dataclass(frozen=True)
class NumbersTable:
    """A table with a bar in each row; `key` says what each filling stands for."""

    id: str
    caption: str
    head: tuple[str, ...]
    key: tuple[tuple[str, str], ...]
    rows: tuple[NumbersRow, ...]


def key_of(*names: str) -> tuple[tuple[str, str], ...]:
    """Return the fillings of parts with their names, in order."""
    return tuple(zip(FILLINGS, names, strict=False))


def bar(counts: Sequence[int], most: int) -> tuple[BarPart, ...]:
    """Return the parts of a bar, where a bar of `most` is as long as there is room."""
    parts, x = [], 0.0
    for filling, count in zip(FILLINGS, counts, strict=False):
        width = WIDE * count / most if most else 0.0
        if count:
            parts.append(BarPart(filling, round(x, 1), round(width, 1)))
        x += width
    return tuple(parts)


def share(count: int, of: int) -> str:
    """Return a share in percent, and that there is none of nobody."""
    return f"{round(100 * count / of)} %" if of else "–"


def with_share(count: int, of: int) -> str:
    """Return a count with its share."""
    return f"{count:,} ({share(count, of)})" if of else f"{count:,}"


def duration(minutes: float) -> str:
    """Return a time on the clock in one unit: 12 min, 5.2 h, 3.1 days."""
    if minutes < 1:
        return "under 1 min"
    if minutes < 90:
        return f"{round(minutes)} min"
    hours = minutes / 60
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
