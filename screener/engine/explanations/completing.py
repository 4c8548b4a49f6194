"""Finds open answers, and a value for each, with which a condition would be certain.

It works down the condition: of an "all" every open part, of an "any" the part that needs least.
Parts that share an answer can be in each other's way, so that whoever uses a completion tries it.
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
            step = None if must or not may else self.boolean(reading, root, holds, completion)
            if not step:
                return None
            completion = {**completion, **step}
        return None

    def filled(self, completion: Mapping[str, Answer]) -> Answers:
        """Return the answers of the person with those of a completion."""
        return _with_answers(self.what_if.answers, completion)

    # --- conditions --------------------------------------------------------------------------

    def boolean(
        self,
        reading: Reading,
        node: ex.Boolean,
        holds: bool,
        completion: Completion,
        row: RowAt | None = None,
    ) -> Completion | None:
        must, may = reading.boolean(node, row)
        if must or not may:
            return {} if must == holds else None
        match node:
            case ex.Negation(part):
                return self.boolean(reading, part, not holds, completion, row)
            case ex.RuleMet() | ex.RowMet():
                (inner,) = self.protocol.below(node)
                assert isinstance(inner, ex.Boolean)
                return self.boolean(reading, inner, holds, completion, row)
            case ex.AtLeastOf(count, parts):
                return self.several(reading, count, parts, holds, completion, row)
            case ex.Comparison(sign, left, right):
                wanted = ex.Comparison(sign if holds else ex.OPPOSITE[sign], left, right)
                return self.compared(reading, wanted, completion, row)
        return self.chosen(node, holds, row)

    def several(
        self,
        reading: Reading,
        count: int,
        parts: tuple[ex.Boolean, ...],
        holds: bool,
        completion: Completion,
        row: RowAt | None,
    ) -> Completion | None:
        pairs = [reading.boolean(part, row) for part in parts]
        if holds:
            needed = count - sum(must for must, _ in pairs)
        else:
            needed = sum(may for _, may in pairs) - count + 1
        open_ = [part for part, (must, may) in zip(parts, pairs, strict=True) if may and not must]
        ways = [self.boolean(reading, part, holds, completion, row) for part in open_]
        merged: Completion = {}
        for way in sorted((way for way in ways if way), key=len):
            together = _merged(merged, way)
            if needed > 0 and together is not None:
                merged, needed = together, needed - 1
        return merged if merged else None

    def chosen(self, node: ex.Boolean, holds: bool, row: RowAt | None) -> Completion | None:
        if isinstance(node, ex.ColumnChosen):
            assert row is not None
            path = f"{self.table}.{row.medicine.id}.{node.column}"
            options: tuple[str, ...] = node.options
        else:
            assert isinstance(node, ex.Chosen | ex.Includes)
            path, options = node.question, node.options
        for value in self._values(path):
            ticked = value if isinstance(value, tuple) else (value,)
            if any(option in options for option in ticked) == holds:
                return {path: value}
        return None

    def _values(self, path: str) -> tuple[Answer, ...]:
        return (self.classes.of(path) or ()) if path in self.open else ()

    # --- numbers -----------------------------------------------------------------------------

    def compared(
        self, reading: Reading, wanted: ex.Comparison, completion: Completion, row: RowAt | None
    ) -> Completion | None:
        """Take the answer that brings a comparison furthest, until it is certain."""
        taken: Completion = {}
        while _short(reading, wanted, row)[0] > 0:
            best: tuple[tuple[Bound, Bound, int], Completion, Reading, RowAt | None] | None = None
            so_far = {**completion, **taken}
            for move in [
                *self.moves(reading, wanted.left, so_far, row),
                *self.moves(reading, wanted.right, so_far, row),
            ]:
                after = Reading(self.protocol, _with_answers(reading.answers, move))
                at = _row_after(after, row)
                certain, possible = _short(after, wanted, at)
                key = (max(0, certain), max(0, possible), len(move))
                if best is None or key < best[0]:
                    best = key, move, after, at
            if best is None:
                return None
            taken, reading, row = {**taken, **best[1]}, best[2], best[3]
        return taken

    def moves(
        self, reading: Reading, node: ex.Expression, completion: Completion, row: RowAt | None
    ) -> list[Completion]:
        """Return ways to make a number more certain, each by as few answers as it takes."""
        grows = isinstance(node, ex.CountRows) and node.table in completion
        if reading.is_decided(node, row) and not grows:
            return []
        match node:
            case ex.CountRows():
                return list(self.rows(reading, node, completion))
            case ex.Column(column):
                assert row is not None
                path = f"{self.table}.{row.medicine.id}.{column}"
                return [{path: value} for value in self._values(path)]
            case ex.AdequateTrial():
                assert row is not None
                trial = row.medicine.trial(row.use)
                assert trial is not None and trial.reduced is not None
                when = trial.reduced.when.expression
                both = (self.boolean(reading, when, holds, completion) for holds in (True, False))
                return [move for move in both if move]
        question = ex.question_of(node)
        if question is not None:
            answered = reading.has_answer(question)
            return [] if answered else [{question: value} for value in self._values(question)]
        parts = self.protocol.below(node)
        return [move for part in parts for move in self.moves(reading, part, completion, row)]

    def rows(
        self, reading: Reading, node: ex.CountRows, completion: Completion
    ) -> Iterator[Completion]:
        rows = reading.rows()
        if rows is None or node.table in completion:
            # Nobody said which medicines were taken: none, or one more that counts.
            if rows is None and node.table in self.open:
                yield {node.table: {}}
            if node.table in self.open:
                before = dict(rows or {})
                added = self._one_more(reading, node, before)
                if added is not None:
                    yield {node.table: {**before, **added}}
            return
        for id, cells in rows.items():
            medicine = self.protocol.medicines[id]
            for condition in (self.protocol.row_conditions[name] for name in node.conditions):
                if medicine.trial(condition.use) is None:
                    continue
                at, expression = (
                    RowAt(medicine, condition.use, cells),
                    condition.condition.expression,
                )
                for holds in (True, False):
                    move = self.boolean(reading, expression, holds, completion, at)
                    if move:
                        yield move

    def _one_more(
        self, reading: Reading, node: ex.CountRows, before: dict[str, Row]
    ) -> dict[str, Row] | None:
        counted = {self.protocol.medicines[id].label(node.label) for id in before}
        for medicine in self.protocol.medicines.values():
            if medicine.label(node.label) in (None, *counted) or medicine.id in before:
                continue
            for condition in node.conditions:
                cells = self.classes.row_meeting(reading, condition, medicine)
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
