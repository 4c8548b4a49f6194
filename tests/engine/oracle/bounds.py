"""An independent reading of expressions: what is certain when some answers are unknown.

The engine reads a rule from its terms. This reads it from the expression itself, one person at a
time, slowly and plainly; the tests hold everything else to it. A number becomes (low, high), a
condition (must, may), as `terms/lowering.py` describes.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from screener.engine import expressions as ex
from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Row

Bound = int | Decimal
Range = tuple[Bound, Bound]
Pair = tuple[bool, bool]
Outcome = Literal["met", "not_met", "unknown"]

NO_DOSE = 10**7  # above every dose that can be answered
NEVER: Pair = (False, False)


@dataclass(frozen=True)
class RowAt:
    """The row that a condition on rows looks at. `cells` holds what is known of it."""

    medicine: Medicine
    use: str
    cells: Row


class Bounds:
    """Scores and conditions over the answers of one person, each computed once.

    `answers` must have been resolved (`resolve.py`): hidden answers dropped, blanks left out.
    """

    def __init__(self, protocol: Protocol, answers: Answers) -> None:
        self.protocol = protocol
        self.answers = answers
        self._scores: dict[str, Range] = {}
        self._rules: dict[str, Pair] = {}

    # --- numbers -----------------------------------------------------------------------------

    def score(self, id: str) -> Range:
        """The lowest and highest value of a score."""
        if id not in self._scores:
            self._scores[id] = self.number(self.protocol.scores[id].value)
        return self._scores[id]

    def number(self, node: ex.Number, row: RowAt | None = None) -> Range:
        """The lowest and highest value of an expression; `row` where it stands in a row."""
        match node:
            case ex.Const(value):
                return value, value
            case ex.AnswerValue(question):
                return self._answered(question)
            case ex.ScoreOf(score):
                return self.score(score)
            case ex.Sum(parts):
                return _fold(sum, [self.number(part, row) for part in parts])
            case ex.Lowest(parts) | ex.Highest(parts):
                highest = isinstance(node, ex.Highest)
                return _fold(max if highest else min, [self.number(part, row) for part in parts])
            case ex.CountOptions(question, options):
                ticked = self._ticked(question)
                if ticked is None:
                    return 0, len(options)
                count = sum(option in ticked for option in options)
                return count, count
            case ex.CountGroups(question, label):
                return self._count_groups(question, label)
            case ex.CountRows(table, label, conditions):
                return self._count_rows(table, label, conditions)
            case ex.Column(column):
                assert row is not None
                answer = row.cells.get(column)
                if answer is None:
                    low, high = self.protocol.table.column(column).reach
                    return low, high if row.use != "any" or self._may_ask(column, row) else low
                assert not isinstance(answer, str | tuple)
                return answer, answer
            case ex.MedicineNumber(what):
                assert row is not None
                return self._adequate(what, row)

    def _answered(self, id: str) -> Range:
        question = self.protocol.questions[id]
        answer = self.answers.get(id)
        if answer is None:
            return question.reach
        if isinstance(answer, str):
            points = question.points(answer)
            return points, points
        assert isinstance(answer, (int, Decimal))
        return answer, answer

    def _ticked(self, id: str) -> tuple[str, ...] | None:
        answer = self.answers.get(id)
        assert answer is None or isinstance(answer, tuple)
        return answer

    def _count_groups(self, id: str, label: str) -> Range:
        question = self.protocol.questions[id]
        ticked = self._ticked(id)
        possible = question.options if ticked is None else [question.option(o) for o in ticked]
        groups = {option.groups[label] for option in possible if label in option.groups}
        return (0 if ticked is None else len(groups)), len(groups)

    def _count_rows(self, table: str, label: str, conditions: Iterable[str]) -> Range:
        pairs: dict[str, list[Pair]] = {}
        for medicine in self.protocol.medicines.values():
            group = medicine.label(label)
            if group is not None:
                pair = _any([self.row_met(table, condition, medicine) for condition in conditions])
                pairs.setdefault(group, []).append(pair)
        groups = [_any(group) for group in pairs.values()]
        return sum(must for must, _ in groups), sum(may for _, may in groups)

    def _adequate(self, what: str, row: RowAt) -> Range:
        if what == "unlikely":
            dose = row.medicine.unlikely_dose
            return (NO_DOSE, NO_DOSE) if dose is None else (dose, dose)
        if what == "label":
            return self._on_label(row.medicine)
        trial = row.medicine.trial(row.use)
        assert trial is not None
        if what == "weeks":
            return trial.weeks, trial.weeks
        if trial.reduced is None:
            return trial.dose_mg, trial.dose_mg
        must, may = self.boolean(trial.reduced.when.expression)
        return (
            trial.reduced.dose_mg if may else trial.dose_mg,
            trial.reduced.dose_mg if must else trial.dose_mg,
        )

    def _on_label(self, medicine: Medicine) -> Range:
        label = medicine.highest_on_label
        if label is None:
            return NO_DOSE, NO_DOSE
        if label.reduced is None:
            return label.dose_mg, label.dose_mg
        must, may = self.boolean(label.reduced.when.expression)
        low = label.reduced.dose_mg if may else label.dose_mg
        return low, label.reduced.dose_mg if must else label.dose_mg

    # --- booleans ----------------------------------------------------------------------------

    def rule(self, id: str) -> Pair:
        """Whether the condition of a rule must hold, and may hold."""
        if id not in self._rules:
            self._rules[id] = self.boolean(self.protocol.condition(id))
        return self._rules[id]

    def row_met(self, table: str, condition: str, medicine: Medicine) -> Pair:
        """Whether the row of a medicine must, and may, meet a condition on rows."""
        named = self.protocol.row_conditions[condition]
        if not medicine.counts_for(named.use):
            return NEVER
        rows = self.answers.get(table)
        if rows is None:
            # Nobody said which medicines were taken: the row may be there, with anything in it.
            _, may = self.boolean(named.condition.expression, RowAt(medicine, named.use, {}))
            return False, may
        assert isinstance(rows, Mapping)
        if medicine.id not in rows:
            return NEVER
        row = RowAt(medicine, named.use, rows[medicine.id])
        return self.boolean(named.condition.expression, row)

    def boolean(self, node: ex.Boolean, row: RowAt | None = None) -> Pair:
        """Whether an expression must hold, and may hold; `row` where it stands in a row."""
        match node:
            case ex.Comparison(sign, left, right):
                return _compare(sign, self.number(left, row), self.number(right, row))
            case ex.Chosen(question, options):
                return _among(self.answers.get(question), options)
            case ex.ColumnChosen(column, options):
                assert row is not None
                return self._cell_among(column, options, row)
            case ex.Includes(question, options):
                ticked = self._ticked(question)
                if ticked is None:
                    return False, True
                holds = any(option in ticked for option in options)
                return holds, holds
            case ex.RuleMet(rule):
                return self.rule(rule)
            case ex.RowMet(condition):
                assert row is not None
                named = self.protocol.row_conditions[condition]
                return self.boolean(named.condition.expression, row)
            case ex.TakesNow(_, part):
                return self.boolean(part, row)
            case ex.EvenIfSwapped((upper, lower), part, swapped):
                given = self.boolean(part, row)
                first, second = self.answers.get(upper), self.answers.get(lower)
                if first is None or second is None or first > second:  # type: ignore[operator]
                    return given
                other = self.boolean(swapped, row)
                return given[0] and other[0], given[1] or other[1]
            case ex.AtLeastOf(count, parts):
                pairs = [self.boolean(part, row) for part in parts]
                return (
                    sum(must for must, _ in pairs) >= count,
                    sum(may for _, may in pairs) >= count,
                )
            case ex.Negation(part):
                must, may = self.boolean(part, row)
                return not may, not must
        raise AssertionError(node)

    def _may_ask(self, id: str, row: RowAt) -> bool:
        """Whether a column may be asked of a row."""
        column, medicine = self.protocol.table.column(id), row.medicine
        if column.asked_of and column.asked_of not in medicine.marks:
            return False
        if column.asked_when and not self.boolean(column.asked_when.expression, row)[1]:
            return False
        return not column.uses or any(
            self._may_be_for(RowAt(medicine, use, row.cells))
            for use in column.uses
            if medicine.counts_for(use)
        )

    def _may_be_for(self, row: RowAt) -> bool:
        """Whether a medicine may have been taken for the use of the row."""
        for column in self.protocol.table.columns:
            options = tuple(option.id for option in column.options if row.use in option.uses)
            if options and not self._cell_among(column.id, options, row)[1]:
                return False
        return True

    def _cell_among(self, id: str, options: tuple[str, ...], row: RowAt) -> Pair:
        column, cell = self.protocol.table.column(id), row.cells.get(id)
        if cell is None and column.asked_of and column.asked_of not in row.medicine.marks:
            # It is not asked of this medicine, which was taken for the one use it counts for.
            stands = any(row.use in column.option(option).uses for option in options)
            return stands, stands
        return _among(cell, options)


def _fold(fold: Callable[[list[Bound]], Bound], ranges: list[Range]) -> Range:
    return fold([low for low, _ in ranges]), fold([high for _, high in ranges])


def _any(pairs: list[Pair]) -> Pair:
    return any(must for must, _ in pairs), any(may for _, may in pairs)


def _among(answer: object, options: tuple[str, ...]) -> Pair:
    if answer is None:
        return False, True
    return answer in options, answer in options


def _compare(sign: str, left: Range, right: Range) -> Pair:
    (a, b), (c, d) = left, right
    match sign:
        case "=":
            return a == b == c == d, a <= d and c <= b
        case "!=":
            must, may = _compare("=", left, right)
            return not may, not must
        case "<" | "<=":
            test = operator.lt if sign == "<" else operator.le
            return test(b, c), test(a, d)
        case _:
            return _compare("<" if sign == ">" else "<=", right, left)
