"""Which answers would settle what cannot be told: the blanks below undecided parts."""

from collections.abc import Iterable, Mapping

from screener.engine import expressions as ex
from screener.engine.bounds import Facts, RowAt
from screener.engine.protocol import Medicine


class OpenAnswers:
    """Finds the unanswered questions on which an undecided expression hangs.

    A part that is decided either way is not followed: answers below it would change nothing.
    Answers are named by path: `phq9_9`, or `medicines_tried.sertraline.dose_mg`.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def below(self, node: ex.Boolean, row: RowAt | None = None) -> list[str]:
        """The open answers below a condition, in order, each once; none where it is decided."""
        must, may = self.facts.boolean(node, row)
        if must or not may:
            return []
        match node:
            case ex.Comparison(_, left, right):
                return _once([*self.number(left, row), *self.number(right, row)])
            case ex.Chosen(question) | ex.Includes(question):
                return [question]
            case ex.ColumnChosen(column):
                assert row is not None
                return [self._cell(column, row)]
            case ex.RuleMet(rule):
                return self.below(self.facts.protocol.conditions[rule].expression)
            case ex.RowMet(condition):
                meant = self.facts.protocol.row_conditions[condition]
                return self.below(meant.condition.expression, row)
            case ex.AtLeastOf(_, parts):
                return _once(path for part in parts for path in self.below(part, row))
            case ex.Negation(part):
                return self.below(part, row)

    def number(self, node: ex.Number, row: RowAt | None = None) -> list[str]:
        """The open answers below a number; none where it is one value."""
        low, high = self.facts.number(node, row)
        if low == high:
            return []
        match node:
            case ex.AnswerValue(question) | ex.CountOptions(question) | ex.CountGroups(question):
                return [question]
            case ex.ScoreOf(score):
                return self.number(self.facts.protocol.scores[score].value)
            case ex.Sum(parts) | ex.Lowest(parts) | ex.Highest(parts):
                return _once(path for part in parts for path in self.number(part, row))
            case ex.CountRows(table, _, conditions):
                return self._rows(table, conditions)
            case ex.Column(column):
                assert row is not None
                return [self._cell(column, row)]
            case ex.AdequateTrial():
                assert row is not None
                return self.below(self.facts.protocol.reduced[row.medicine.id, row.use][1])
            case ex.Const():
                return []

    def _rows(self, table: str, conditions: Iterable[str]) -> list[str]:
        rows = self.facts.answers.get(table)
        if rows is None:
            return [table]
        assert isinstance(rows, Mapping)
        found: list[str] = []
        for id in rows:
            medicine: Medicine = self.facts.protocol.medicines[id]
            for condition in conditions:
                meant = self.facts.protocol.row_conditions[condition]
                if medicine.trial(meant.use) is not None:
                    row = RowAt(medicine, meant.use, rows[id])
                    found += self.below(meant.condition.expression, row)
        return _once(found)

    def _cell(self, column: str, row: RowAt) -> str:
        return f"{self.facts.protocol.table.id}.{row.medicine.id}.{column}"


def _once(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(paths))
