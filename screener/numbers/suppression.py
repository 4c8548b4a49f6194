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

    Where a part is small, all parts below `least` are hidden, nobody included, and then the
    smallest others until the hidden ones together are not small: otherwise the total less the
    parts shown would tell. Of a hidden total all parts are hidden.
    """
    if total is None:
        return dict.fromkeys(parts)
    if not any(is_small(count, least) for count in parts.values()):
        return dict(parts)
    hidden = {key for key, count in parts.items() if count < least}
    together = sum(parts[key] for key in hidden)
    others = sorted((key for key in parts if key not in hidden), key=lambda key: parts[key])
    for key in others:
        if together >= least:
            break
        hidden.add(key)
        together += parts[key]
    return {key: None if key in hidden else count for key, count in parts.items()}
