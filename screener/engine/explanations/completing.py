"""Finds open answers, and a value for each, with which a condition would be certain.

It works down the condition: of an "all" every open part, of an "any" the part that needs least.
Parts that share an answer can be in each other's way, so that whoever uses a plan tries it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from screener.engine import expressions as ex
from screener.engine.answer_paths import with_answer
from screener.engine.bounds import Bound, Facts, Range, RowAt
from screener.engine.explanations.equivalence_classes import Values
from screener.engine.explanations.what_if import OneRule
from screener.engine.questions import Answer, Answers, Row

Plan = dict[str, Answer]
_ROUNDS = 12
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass
class Planner:
    """Plans for one rule that cannot be told."""

    one: OneRule
    values: Values

    def __post_init__(self) -> None:
        self.open = set(self.one.open_paths())
        self.table = self.one.protocol.table.id if self.one.protocol.questions else ""

    def plan(self, root: ex.Boolean, holds: bool) -> Plan | None:
        """Values for some open answers with which `root` holds, or does not; None if none is found.

        What it returns has been tried.
        """
        plan: Plan = {}
        for _ in range(_ROUNDS):
            facts = self.one.facts_of(self.filled(plan))
            must, may = facts.boolean(root)
            if must if holds else not may:
                return plan
            step = self.boolean(facts, root, holds, plan) if must or may else None
            if must or not may or not step:
                return None
            plan = {**plan, **step}
        return None

    def filled(self, plan: Mapping[str, Answer]) -> Answers:
        """The answers of the person with those of a plan."""
        answers = self.one.answers
        for path, value in plan.items():
            answers = with_answer(answers, path, value)
        return answers

    # --- conditions --------------------------------------------------------------------------

    def boolean(
        self, facts: Facts, node: ex.Boolean, holds: bool, plan: Plan, row: RowAt | None = None
    ) -> Plan | None:
        must, may = facts.boolean(node, row)
        if must or not may:
            return {} if must == holds else None
        match node:
            case ex.Negation(part):
                return self.boolean(facts, part, not holds, plan, row)
            case ex.RuleMet(rule):
                inner = self.one.protocol.conditions[rule].expression
                return self.boolean(facts, inner, holds, plan)
            case ex.RowMet(condition):
                inner = self.one.protocol.row_conditions[condition].condition.expression
                return self.boolean(facts, inner, holds, plan, row)
            case ex.AtLeastOf(count, parts):
                return self.several(facts, count, parts, holds, plan, row)
            case ex.Comparison(sign, left, right):
                asked = sign if holds else _OPPOSITE[sign]
                return self.compared(facts, asked, left, right, plan, row)
        return self.chosen(node, holds, row)

    def several(
        self,
        facts: Facts,
        count: int,
        parts: tuple[ex.Boolean, ...],
        holds: bool,
        plan: Plan,
        row: RowAt | None,
    ) -> Plan | None:
        pairs = [facts.boolean(part, row) for part in parts]
        if holds:
            needed = count - sum(must for must, _ in pairs)
        else:
            needed = sum(may for _, may in pairs) - count + 1
        open_ = [part for part, (must, may) in zip(parts, pairs, strict=True) if may and not must]
        found = [self.boolean(facts, part, holds, plan, row) for part in open_]
        merged: Plan = {}
        for one in sorted((one for one in found if one), key=len):
            together = _merged(merged, one)
            if needed > 0 and together is not None:
                merged, needed = together, needed - 1
        return merged if merged else None

    def chosen(self, node: ex.Boolean, holds: bool, row: RowAt | None) -> Plan | None:
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
        return (self.values.classes(path) or ()) if path in self.open else ()

    # --- numbers -----------------------------------------------------------------------------

    def compared(
        self,
        facts: Facts,
        sign: str,
        left: ex.Number,
        right: ex.Number,
        plan: Plan,
        row: RowAt | None,
    ) -> Plan | None:
        """Takes the answer that brings a comparison furthest, until it is certain."""
        found: Plan = {}
        while True:
            now = _short(sign, facts.number(left, row), facts.number(right, row))
            if now[0] <= 0:
                return found
            best: tuple[tuple[Bound, Bound, int], Plan, Facts, RowAt | None] | None = None
            for move in self.moves(facts, left, {**plan, **found}, row) + self.moves(
                facts, right, {**plan, **found}, row
            ):
                then = Facts(facts.protocol, self._moved(facts.answers, move))
                at = _row_then(then, row)
                short = _short(sign, then.number(left, at), then.number(right, at))
                key = (max(0, short[0]), max(0, short[1]), len(move))
                if best is None or key < best[0]:
                    best = key, move, then, at
            if best is None:
                return None
            found, facts, row = {**found, **best[1]}, best[2], best[3]

    def _moved(self, answers: Answers, move: Plan) -> Answers:
        for path, value in move.items():
            answers = with_answer(answers, path, value)
        return answers

    def moves(self, facts: Facts, node: ex.Number, plan: Plan, row: RowAt | None) -> list[Plan]:
        """Ways to make a number more certain, each by as few answers as it takes."""
        low, high = facts.number(node, row)
        grows = isinstance(node, ex.CountRows) and node.table in plan
        if low == high and not grows:
            return []
        match node:
            case ex.AnswerValue(id) | ex.CountOptions(id) | ex.CountGroups(id):
                known = id in facts.answers
                return [] if known else [{id: value} for value in self._values(id)]
            case ex.ScoreOf(id):
                return self.moves(facts, self.one.protocol.scores[id].value, plan, None)
            case ex.Sum(parts) | ex.Lowest(parts) | ex.Highest(parts):
                return [move for part in parts for move in self.moves(facts, part, plan, row)]
            case ex.Column(column):
                assert row is not None
                path = f"{self.table}.{row.medicine.id}.{column}"
                return [{path: value} for value in self._values(path)]
            case ex.AdequateTrial():
                assert row is not None
                condition = self.one.protocol.reduced[row.medicine.id, row.use][1]
                both = (self.boolean(facts, condition, holds, plan) for holds in (True, False))
                return [move for move in both if move]
            case ex.CountRows():
                return list(self.rows(facts, node, plan))
        return []

    def rows(self, facts: Facts, node: ex.CountRows, plan: Plan) -> Iterator[Plan]:
        rows = facts.answers.get(node.table)
        if rows is None or node.table in plan:
            # Nobody said which medicines were taken: none, or one more that counts.
            before = rows if isinstance(rows, dict) else {}
            if rows is None and node.table in self.open:
                yield {node.table: {}}
            if node.table in self.open:
                added = self._one_more(facts, node, before)
                if added is not None:
                    yield {node.table: {**before, **added}}
            return
        assert isinstance(rows, dict)
        for id, cells in rows.items():
            medicine = self.one.protocol.medicines[id]
            for name in node.conditions:
                meant = self.one.protocol.row_conditions[name]
                if medicine.trial(meant.use) is None:
                    continue
                at = RowAt(medicine, meant.use, cells)
                for holds in (True, False):
                    move = self.boolean(facts, meant.condition.expression, holds, plan, at)
                    if move:
                        yield move

    def _one_more(
        self, facts: Facts, node: ex.CountRows, before: dict[str, Row]
    ) -> dict[str, Row] | None:
        counted = {self.one.protocol.medicines[id].label(node.label) for id in before}
        for medicine in self.one.protocol.medicines.values():
            if medicine.label(node.label) in (None, *counted) or medicine.id in before:
                continue
            for condition in node.conditions:
                cells = self.values.row_meeting(facts, condition, medicine)
                if cells is not None:
                    return {medicine.id: cells}
        return None


def _row_then(facts: Facts, row: RowAt | None) -> RowAt | None:
    """The same row under other answers."""
    if row is None:
        return None
    rows = facts.answers.get(facts.protocol.table.id)
    assert isinstance(rows, Mapping)
    return RowAt(row.medicine, row.use, rows[row.medicine.id])


def _merged(first: Plan, second: Plan) -> Plan | None:
    """Both plans together; None where they want different answers to one question."""
    merged = dict(first)
    for path, value in second.items():
        before = merged.get(path, value)
        if before != value:
            if not isinstance(before, tuple) or not isinstance(value, tuple):
                return None
            if ("none",) in (before, value):
                return None
            value = (*before, *(one for one in value if one not in before))
        merged[path] = value
    return merged


def _short(sign: str, left: Range, right: Range) -> tuple[Bound, Bound]:
    """How far a comparison is from certain, and from possible; 0 or less where it is."""
    (a, b), (c, d) = left, right
    match sign:
        case ">=":
            return d - a, c - b
        case ">":
            return d - a + 1, c - b + 1
        case "<=":
            return b - c, a - d
        case "<":
            return b - c + 1, a - d + 1
        case "=":
            ends: tuple[Bound, ...] = (b - c, c - b, d - a, a - d)
            beside: tuple[Bound, ...] = (0, a - d, c - b)
            return max(ends), max(beside)
    apart = b < c or d < a
    return (0 if apart else 1 + b - a + d - c), 0
