"""Finds open answers, and a value for each, with which a condition would be certain.

It works down the condition: of an "all" every open part, of an "any" the part that needs least.
Parts that share an answer can be in each other's way, so a completion must be tried before use.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from screener.engine import expressions as ex
from screener.engine.answer_paths import with_answer
from screener.engine.explanations.equivalence_classes import EquivalenceClasses
from screener.engine.explanations.near_miss import shortfall
from screener.engine.explanations.what_if import WhatIf
from screener.engine.questions import Answer, Answers, Row
from screener.engine.terms.reading import Bound, Reading
from screener.engine.terms.values import RowAt

Completion = dict[str, Answer]
_ROUNDS = 12


@dataclass
class Completer:
    """Finds completions for one rule that cannot tell."""

    what_if: WhatIf
    classes: EquivalenceClasses

    def __post_init__(self) -> None:
        self.protocol = self.what_if.protocol
        self.open = set(self.what_if.open_paths())
        self.table = self.protocol.table.id

    def complete(self, root: ex.Boolean, holds: bool) -> Completion | None:
        """Return values for some open answers with which `root` holds, or does not.

        They have been tried. None if none are found.
        """
        completion: Completion = {}
        for _ in range(_ROUNDS):
            reading = self.what_if.reading_of(self.filled(completion))
            must, may = reading.boolean(root)
            if must if holds else not may:
                return completion
            step = None if must or not may else _Step(self, reading, completion).way(root, holds)
            if not step:
                return None
            completion = {**completion, **step}
        return None

    def filled(self, completion: Mapping[str, Answer]) -> Answers:
        """Return the answers of the person with those of a completion."""
        return _with_answers(self.what_if.answers, completion)

    def values(self, path: str) -> tuple[Answer, ...]:
        """Return what an open answer can be; nothing for an answer that is not open."""
        return (self.classes.of(path) or ()) if path in self.open else ()


@dataclass
class _Step:
    """One step of a search: what to answer next, where `completion` is answered already.

    `row` is the row of the treatment table in which an expression stands.
    """

    search: Completer
    reading: Reading
    completion: Completion

    # --- conditions --------------------------------------------------------------------------

    def way(self, node: ex.Boolean, holds: bool, row: RowAt | None = None) -> Completion | None:
        """Return answers with which a condition holds, or does not, as far as one step can say."""
        must, may = self.reading.boolean(node, row)
        if must or not may:
            return {} if must == holds else None
        match node:
            case ex.Negation(part):
                return self.way(part, not holds, row)
            case ex.RuleMet() | ex.RowMet():
                (inner,) = self.search.protocol.below(node)
                assert isinstance(inner, ex.Boolean)
                return self.way(inner, holds, row)
            case ex.AtLeastOf(count, parts):
                return self.several(count, parts, holds, row)
            case ex.TakesNow(_, part):
                return self.way(part, holds, row)
            case ex.EvenIfSwapped(_, part, _):
                # No further answer settles a reading that may have been swapped.
                return self.way(part, holds, row) or None
            case ex.Comparison(sign, left, right):
                wanted = ex.Comparison(sign if holds else ex.OPPOSITE[sign], left, right)
                return self.compared(wanted, row)
        assert isinstance(node, ex.Chosen | ex.Includes | ex.ColumnChosen), node
        path = self.cell(node.column, row) if isinstance(node, ex.ColumnChosen) else node.question
        for value in self.search.values(path):
            ticked = value if isinstance(value, tuple) else (value,)
            if any(option in node.options for option in ticked) == holds:
                return {path: value}
        return None

    def several(
        self, count: int, parts: tuple[ex.Boolean, ...], holds: bool, row: RowAt | None
    ) -> Completion | None:
        pairs = [self.reading.boolean(part, row) for part in parts]
        if holds:
            needed = count - sum(must for must, _ in pairs)
        else:
            needed = sum(may for _, may in pairs) - count + 1
        open_ = [part for part, (must, may) in zip(parts, pairs, strict=True) if may and not must]
        ways = [self.way(part, holds, row) for part in open_]
        merged: Completion = {}
        for way in sorted((way for way in ways if way), key=len):
            together = _merged(merged, way)
            if needed > 0 and together is not None:
                merged, needed = together, needed - 1
        return merged if merged else None

    # --- numbers -----------------------------------------------------------------------------

    def compared(self, wanted: ex.Comparison, row: RowAt | None) -> Completion | None:
        """Take the answer that brings a comparison furthest, until it is certain."""
        step, taken = self, Completion()
        while _short(step.reading, wanted, row)[0] > 0:
            best: tuple[tuple[Bound, Bound, int], Completion, Reading, RowAt | None] | None = None
            for move in [*step.moves(wanted.left, row), *step.moves(wanted.right, row)]:
                answers = _with_answers(step.reading.answers, move)
                after = Reading(self.search.protocol, answers)
                at = _row_after(after, row)
                certain, possible = _short(after, wanted, at)
                key = (max(0, certain), max(0, possible), len(move))
                if best is None or key < best[0]:
                    best = key, move, after, at
            if best is None:
                return None
            _, move, reading, row = best
            taken |= move
            step = _Step(self.search, reading, {**self.completion, **taken})
        return taken

    def moves(self, node: ex.Expression, row: RowAt | None) -> list[Completion]:
        """Return ways to make a number more certain, each by as few answers as it takes."""
        grows = isinstance(node, ex.CountRows) and node.table in self.completion
        if self.reading.is_decided(node, row) and not grows:
            return []
        match node:
            case ex.CountRows():
                return list(self.rows(node))
            case ex.Column(column):
                path = self.cell(column, row)
                return [{path: value} for value in self.search.values(path)]
            case ex.MedicineNumber(what):
                assert row is not None
                reduced = row.medicine.reduced(what, row.use)
                assert reduced is not None
                both = (self.way(reduced.when.expression, holds) for holds in (True, False))
                return [move for move in both if move]
        question = ex.question_of(node)
        if question is not None:
            values = () if self.reading.has_answer(question) else self.search.values(question)
            return [{question: value} for value in values]
        parts = self.search.protocol.below(node)
        return [move for part in parts for move in self.moves(part, row)]

    def cell(self, column: str, row: RowAt | None) -> str:
        assert row is not None
        return f"{self.search.table}.{row.medicine.id}.{column}"

    def rows(self, node: ex.CountRows) -> Iterator[Completion]:
        rows = self.reading.rows()
        if rows is None or node.table in self.completion:
            # Nobody said which medicines were taken: none, or one more that counts.
            if node.table in self.search.open:
                if rows is None:
                    yield {node.table: {}}
                before = dict(rows or {})
                added = self._one_more(node, before)
                if added is not None:
                    yield {node.table: {**before, **added}}
            return
        for id, cells in rows.items():
            medicine = self.search.protocol.medicines[id]
            for name in node.conditions:
                condition = self.search.protocol.row_conditions[name]
                if not medicine.counts_for(condition.use):
                    continue
                at = RowAt(medicine, condition.use, cells)
                for holds in (True, False):
                    move = self.way(condition.condition.expression, holds, at)
                    if move:
                        yield move

    def _one_more(self, node: ex.CountRows, before: dict[str, Row]) -> dict[str, Row] | None:
        medicines = self.search.protocol.medicines
        counted = {None, *(medicines[id].label(node.label) for id in before)}
        for medicine in medicines.values():
            if medicine.label(node.label) in counted or medicine.id in before:
                continue
            for condition in node.conditions:
                cells = self.search.classes.row_meeting(self.reading, condition, medicine)
                if cells is not None:
                    return {medicine.id: cells}
        return None


def _with_answers(answers: Answers, completion: Mapping[str, Answer]) -> Answers:
    for path, value in completion.items():
        answers = with_answer(answers, path, value)
    return answers


def _row_after(reading: Reading, row: RowAt | None) -> RowAt | None:
    """Return the same row under other answers."""
    if row is None:
        return None
    rows = reading.rows()
    assert rows is not None
    return RowAt(row.medicine, row.use, rows[row.medicine.id])


def _short(reading: Reading, wanted: ex.Comparison, row: RowAt | None) -> tuple[Bound, Bound]:
    """Return how far a comparison is from certain, and from possible."""
    left, right = reading.number(wanted.left, row), reading.number(wanted.right, row)
    return shortfall(wanted.operator, left, right)


def _merged(first: Completion, second: Completion) -> Completion | None:
    """Return both together; None where they want different answers to one question."""
    merged = dict(first)
    for path, value in second.items():
        before = merged.get(path, value)
        if before != value:
            if not isinstance(before, tuple) or not isinstance(value, tuple):
                return None
            if ("none",) in (before, value):
                return None
            value = (*before, *(tick for tick in value if tick not in before))
        merged[path] = value
    return merged
