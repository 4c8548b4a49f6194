"""Which answers would settle a rule that cannot tell: the blanks below its undecided parts."""

from collections.abc import Iterable

from screener.engine import expressions as ex
from screener.engine.protocol import Rule
from screener.engine.resolve import Resolved
from screener.engine.terms.reading import Reading
from screener.engine.terms.values import RowAt


class OpenAnswers:
    """Finds the unanswered questions on which an undecided expression depends.

    A part that is decided either way is not followed: answers below it would change nothing.
    Answers are named by path: `phq9_9`, or `medicines_tried.sertraline.dose_mg`.
    """

    def __init__(self, reading: Reading, resolved: Resolved) -> None:
        self.reading = reading
        self.resolved = resolved
        self.protocol = reading.protocol

    def needed(self, rule: Rule) -> list[str]:
        """Return the answers that would settle a rule, by path."""
        if rule.unanswered is not None:
            return self.missing(rule.unanswered.questions)
        if rule.undecided is not None:
            return self.below(*map(self.protocol.condition, rule.undecided.any))
        return self.below(self.protocol.condition(rule.id))

    def missing(self, questions: Iterable[str]) -> list[str]:
        """Return those of the questions that may be asked and have no answer that counts."""
        answered = self.resolved.answers.keys() | self.resolved.not_asked
        return [id for id in questions if id not in answered]

    def below(self, *nodes: ex.Expression, row: RowAt | None = None) -> list[str]:
        """Return the open answers below expressions, in order, each once.

        `row` is the row of the treatment table in which they stand.
        """
        paths: dict[str, None] = {}
        for node in nodes:
            if not self.reading.is_decided(node, row):
                paths |= dict.fromkeys(self._below(node, row))
        return list(paths)

    def _below(self, node: ex.Expression, row: RowAt | None) -> list[str]:
        match node:
            case ex.CountRows(table, label, conditions):
                return self._rows(table, label, conditions)
            case ex.Column(column) | ex.ColumnChosen(column):
                assert row is not None
                return self._cell(column, row)
            case ex.MedicineNumber(what):
                assert row is not None
                reduced = row.medicine.reduced(what, row.use)
                assert reduced is not None
                return self.below(reduced.when.expression)
            case ex.EvenIfSwapped(questions, part, _):
                # Where the part is decided, the two numbers are asked again.
                return self.below(part) or list(questions)
        question = ex.question_of(node)
        own = [] if question is None else [question]
        return own + self.below(*self.protocol.below(node), row=row)

    def _cell(self, id: str, row: RowAt) -> list[str]:
        """Return the path of a cell; of a follow-up that may not be asked, what it waits for."""
        table = self.protocol.table
        when = table.column(id).asked_when
        waits = self.below(when.expression, row=row) if when is not None else []
        return waits or [f"{table.id}.{row.medicine.id}.{id}"]

    def _rows(self, table: str, label: str, conditions: Iterable[str]) -> list[str]:
        rows = self.reading.rows()
        if rows is None:
            return [table]
        paths: dict[str, None] = {}
        for id, cells in rows.items():
            medicine = self.protocol.medicines[id]
            if medicine.label(label) is None:
                continue  # it is never counted, such as a medicine of another kind
            for condition in (self.protocol.row_conditions[name] for name in conditions):
                if medicine.counts_for(condition.use):
                    row = RowAt(medicine, condition.use, cells)
                    paths |= dict.fromkeys(self.below(condition.condition.expression, row=row))
        return list(paths)
