"""Hiding small counts, so that none follows from what is shown.

Counts stand in splits: a total that is shown, and parts that make it up. Each part may be the total
of further splits. As every count is part of one split only, what is hidden in a split follows from
nothing outside of it.
"""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def is_small(count: int, least: int) -> bool:
    """Return whether a count may not be shown: below `least`, and not nobody."""
    return 0 < count < least


def shown_total(count: int, least: int) -> int | None:
    """Return a total that is part of nothing, None where it is hidden."""
    return None if is_small(count, least) else count


def shown_parts(total: int | None, parts: Mapping[Key, int], least: int) -> dict[Key, int | None]:
    """Return the parts of a total as they may be shown, None for what is hidden.

    Where one is small, or the total is hidden, all are hidden. To hide only as many as it takes
    would tell more: which ones were hidden follows from their counts, so that whoever knows the
    rule could work some of them out.
    """
    if total is None or any(is_small(count, least) for count in parts.values()):
        return dict.fromkeys(parts)
    return dict(parts)
