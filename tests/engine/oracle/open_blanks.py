"""Which blanks lie below undecided parts, read from the expressions."""

from collections.abc import Iterable, Mapping

from screener.engine import expressions as ex
from screener.engine.medicines import Medicine
from tests.engine.oracle.bounds import Bounds, RowAt


class OpenBlanks:
    """Finds the unanswered questions on which an undecided expression hangs.

    A part that is decided either way is not followed: answers below it would change nothing.
    Answers are named by path: `phq9_9`, or `medicines_tried.sertraline.dose_mg`.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds

    def below(self, node: ex.Boolean, row: RowAt | None = None) -> list[str]:
        """The open answers below a condition, in order, each once; none where it is decided."""
        must, may = self.bounds.boolean(node, row)
        if must or not may:
            return []
        match node:
            case ex.Comparison(_, left, right):
                return _once([*self.number(left, row), *self.number(right, row)])
            case ex.Chosen(question) | ex.Includes(question):
                return [question]
            case ex.ColumnChosen(column):
                assert row is not None
                return self._cell(column, row)
            case ex.RuleMet(rule):
                return self.below(self.bounds.protocol.condition(rule))
            case ex.RowMet(condition):
                named = self.bounds.protocol.row_conditions[condition]
                return self.below(named.condition.expression, row)
            case ex.AtLeastOf(_, parts):
                return _once(path for part in parts for path in self.below(part, row))
            case ex.Negation(part) | ex.TakesNow(_, part):
                return self.below(part, row)
            case ex.EvenIfSwapped(questions, part, _):
                return self.below(part, row) or list(questions)
        raise AssertionError(node)

    def number(self, node: ex.Number, row: RowAt | None = None) -> list[str]:
        """The open answers below a number; none where it is one value."""
        low, high = self.bounds.number(node, row)
        if low == high:
            return []
        match node:
            case ex.AnswerValue(question) | ex.CountOptions(question) | ex.CountGroups(question):
                return [question]
            case ex.ScoreOf(score):
                return self.number(self.bounds.protocol.scores[score].value)
            case ex.Sum(parts) | ex.Lowest(parts) | ex.Highest(parts):
                return _once(path for part in parts for path in self.number(part, row))
            case ex.CountRows(table, label, conditions):
                return self._rows(table, label, conditions)
            case ex.Column(column):
                assert row is not None
                return self._cell(column, row)
            case ex.MedicineNumber(what):
                assert row is not None
                reduced = row.medicine.reduced(what, row.use)
                assert reduced is not None
                return self.below(reduced.when.expression)
            case ex.Const():
                return []

    def _rows(self, table: str, label: str, conditions: Iterable[str]) -> list[str]:
        rows = self.bounds.answers.get(table)
        if rows is None:
            return [table]
        assert isinstance(rows, Mapping)
        paths: list[str] = []
        for id in rows:
            medicine: Medicine = self.bounds.protocol.medicines[id]
            if medicine.label(label) is None:
                continue
            for condition in conditions:
                named = self.bounds.protocol.row_conditions[condition]
                if medicine.counts_for(named.use):
                    row = RowAt(medicine, named.use, rows[id])
                    paths += self.below(named.condition.expression, row)
        return _once(paths)

    def _cell(self, column: str, row: RowAt) -> list[str]:
        """The cell; while it is open whether it is asked at all, what that hangs on."""
        table = self.bounds.protocol.table
        asked_when = table.column(column).asked_when
        open_first = [] if asked_when is None else self.below(asked_when.expression, row)
        return open_first or [f"{table.id}.{row.medicine.id}.{column}"]


def _once(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(paths))
