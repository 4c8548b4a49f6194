"""The file of numbers: whole, without small counts, and no formula for a spreadsheet."""

import csv
import io
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.numbers.export import HEAD, FileColumns, as_csv
from screener.numbers.tally import tally
from tests.numbers.forms import DUE, MONDAY, after, form, step

NOW = after(days=20)
COLUMNS = {"fibromyalgia": FileColumns(("pain", "mood"), ("r",), ("en", "es"))}
# Where each split has its total: the same table, or a cell of another one.
TOTALS = {
    "unfinished": ("forms", "unfinished"),
    "language": ("forms", "sent"),
    "last page saved": ("forms", "unfinished"),
    "outcome": ("forms", "sent"),
    "priority": ("forms", "sent"),
}
FORMS = st.builds(
    lambda sent, risk, page, language, priority, outcome, steps: form(
        submitted_at=after() if sent else None,
        raised_at=after() if sent or risk else None,
        risk=risk,
        last_page="" if sent else page,
        language=language,
        priority=priority,
        outcomes={"r": outcome} if sent and outcome else {},
        steps=tuple(step(kind, hours=hour) for hour, kind in enumerate(steps, 1))
        if sent or risk
        else (),
    ),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "pain", "mood", "gone"]),
    st.sampled_from(["en", "es", "de"]),
    st.sampled_from(["emergency", "review", "note"]),
    st.sampled_from(["", "met", "not_met", "unknown"]),
    st.lists(st.sampled_from(["taken", "contact", "left", "again"]), max_size=3),
)
Cells = dict[tuple[str, str, str], int | None]


def read(forms: list[Any], least: int = 11) -> tuple[Cells, list[list[str]]]:
    counted = tally(forms, [MONDAY], DUE, NOW)
    head, *lines = csv.reader(io.StringIO(as_csv(counted, [MONDAY], COLUMNS, least)))
    assert tuple(head) == HEAD
    cells: Cells = {}
    for _, _, table, of, count, number, hidden in lines:
        assert bool(number) != (hidden == "yes")
        assert (table, of, count) not in cells
        cells[table, of, count] = int(number) if number else None
    return cells, lines


def test_every_count_is_there_where_none_is_small() -> None:
    sent = form(outcomes={"r": "unknown"}, steps=(step("taken", minutes=30),))
    unsent = form(submitted_at=None, raised_at=None, last_page="mood")
    cells, _ = read([sent] * 20 + [unsent] * 12)
    assert (cells["forms", "", "sent"], cells["forms", "", "unfinished"]) == (20, 12)
    assert (cells["language", "", "en"], cells["last page saved", "", "mood"]) == (20, 12)
    assert cells["outcome", "r", "unknown"] == 20
    assert cells["acknowledged", "review", "in_time"] == 20
    assert cells["acknowledged", "review", "median minutes"] == 30
    assert cells["acknowledged", "emergency", "median minutes"] is None


def test_small_counts_are_hidden_with_all_beside_and_below_them() -> None:
    met = [form(outcomes={"r": "met"})] * 3
    cells, _ = read([form(outcomes={"r": "unknown"})] * 20 + met + [form(submitted_at=None)] * 3)
    assert cells["forms", "", "sent"] == 23
    hidden = {key for key, number in cells.items() if number is None}
    beside = {("outcome", "r", outcome) for outcome in ("met", "not_met", "unknown")}
    assert {("forms", "", "unfinished"), ("last page saved", "", "none"), *beside} <= hidden


@given(st.lists(FORMS, max_size=40), st.integers(3, 11))
def test_in_no_split_a_hidden_count_follows_from_the_rest(forms: list[Any], least: int) -> None:
    """Where any is hidden, all are, and there are several."""
    cells, _ = read(forms, least)
    splits: dict[tuple[str, str, int | None], list[int | None]] = defaultdict(list)
    for (table, of, count), number in cells.items():
        assert number is None or "minutes" in count or number == 0 or number >= least
        if "minutes" not in count and table != "forms":
            where, name = TOTALS.get(table, ("priority", of))
            splits[table, of, cells[where, "", name]].append(number)
    for (table, of, total), parts in splits.items():
        shown = [number for number in parts if number is not None]
        if total is None:
            assert shown == [], (table, of)
        elif None in parts:
            assert shown == [] and len(parts) > 1, (table, of)
        else:
            assert sum(shown) == total, (table, of)


@given(st.lists(FORMS, max_size=40))
def test_which_lines_there_are_tells_nothing(forms: list[Any]) -> None:
    assert list(read(forms)[0]) == list(read([])[0])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    rule = f"{start}cmd|' /C calc'!A0"
    columns = {"fibromyalgia": replace(COLUMNS["fibromyalgia"], rules=(rule,))}
    text = as_csv(tally([], [MONDAY], DUE, NOW), [MONDAY], columns, 11)
    cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
    assert f"'{rule}" in cells
    assert not [cell for cell in cells if cell.startswith(start)]
