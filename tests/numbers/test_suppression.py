"""No count that is hidden follows from those that are shown: tried by whoever knows how we hide."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.numbers.suppression import shown_parts, shown_total

Parts = tuple[int, ...]
Shown = tuple[int | None, ...]


def shown(parts: Parts, least: int) -> tuple[int | None, Shown]:
    """Return what is shown of some parts and of their total."""
    total = shown_total(sum(parts), least)
    return total, tuple(shown_parts(total, dict(enumerate(parts)), least).values())


def possible(total: int | None, seen: Shown, least: int) -> Iterator[Parts]:
    """Yield every table that would look exactly like this."""
    if total is None:  # nothing is seen at all, but that it is not nobody
        tables: Iterator[Parts] = product(range(least), repeat=len(seen))
    else:
        open_places = [place for place, count in enumerate(seen) if count is None]
        left = total - sum(count for count in seen if count is not None)
        tables = iter(
            tuple(
                dict(zip(open_places, filled, strict=True)).get(place, count or 0)
                for place, count in enumerate(seen)
            )
            for filled in product(range(left + 1), repeat=len(open_places))
            if sum(filled) == left
        )
    yield from (table for table in tables if shown(table, least) == (total, seen))


def assert_several(total: int | None, seen: Shown, least: int) -> set[Parts]:
    """Refuse what tells a hidden count; return all that it may be."""
    tables = set(possible(total, seen, least))
    for place, count in enumerate(seen):
        if count is None:
            assert len({table[place] for table in tables}) > 1, (total, seen, tables)
    return tables


@pytest.mark.parametrize("least", [3, 4, 5])
@pytest.mark.parametrize("places", [2, 3, 4])
def test_whatever_the_counts_a_hidden_one_may_be_several(least: int, places: int) -> None:
    tried = set()
    for parts in product(range(2 * least), repeat=places):
        total, seen = shown(parts, least)
        if None in seen and (total, seen) not in tried:
            tried.add((total, seen))
            assert_several(total, seen, least)
    assert tried


@given(st.lists(st.integers(0, 14), min_size=2, max_size=4).map(tuple))
def test_with_the_usual_least_too(parts: Parts) -> None:
    total, seen = shown(parts, 11)
    if None in seen:
        assert parts in assert_several(total, seen, 11)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=20).map(tuple), st.integers(3, 20))
def test_nothing_small_is_shown_and_what_is_hidden_together_is_not_small(
    parts: Parts, least: int
) -> None:
    total, seen = shown(parts, least)
    for count in (total, *seen):
        assert count is None or count == 0 or count >= least
    if total is None:
        assert set(seen) == {None}
    elif None in seen:
        left = total - sum(count for count in seen if count is not None)
        assert left >= least
        assert seen.count(None) > 1
    else:
        assert seen == parts


def test_nobody_is_shown_where_nothing_is_small() -> None:
    assert shown((0, 40, 11), 11) == (51, (0, 40, 11))


def test_with_a_small_one_all_are_hidden_but_their_total() -> None:
    # With the smallest other alone hidden too, 12 and 3 could be nothing else: an 11 would be
    # hidden before a 12, and what is below 11 with all others below it.
    assert shown((3, 40, 12, 12), 11) == (67, (None, None, None, None))
