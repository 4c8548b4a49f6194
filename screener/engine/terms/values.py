"""The values of terms with one person's answers put in: a plain interpreter."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Row
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import needed

# Cells to take in place of those of a row, by medicine and use.
Judged = Mapping[tuple[str, str], Row]


@dataclass(frozen=True)
class RowAt:
    """A row of the treatment table as a condition on rows looks at it, for one use."""

    medicine: Medicine
    use: str
    cells: Row


class Values:
    """The value of each term, worked out once.

    `answers` are as typed by `Protocol.read_answers`. `row` is the row at hand, for terms that
    read its cells; `judged` has cells that are taken in place of the answered ones for one use.
    """

    def __init__(
        self,
        protocol: Protocol,
        answers: Answers,
        submitted: bool = False,
        row: RowAt | None = None,
        judged: Judged | None = None,
    ) -> None:
        self.protocol = protocol
        self.answers = answers
        self.submitted = submitted
        self.row = row
        self.judged = judged or {}
        self._values: dict[t.Term, Any] = {}
        self._rows: dict[tuple[Any, ...], Values] = {}  # a page asks of a row again and again

    def of(self, term: t.Term) -> Any:
        """Return the value of a term: a truth, or a whole number in the units of the term."""
        if term not in self._values:
            self._values[term] = self._value(term)
        return self._values[term]

    def _value(self, term: t.Term) -> Any:
        match term:
            case t.Truth(value) | t.Whole(value):
                return value
            case t.Submitted():
                return self.submitted
            case t.And(parts):
                return all(map(self.of, parts))
            case t.Or(parts):
                return any(map(self.of, parts))
            case t.Not(part):
                return not self.of(part)
            case t.Compare(sign, left, right):
                a, b = self.of(left), self.of(right)
                return a <= b if sign == "<=" else a == b
            case t.Plus(numbers):
                return sum(map(self.of, numbers))
            case t.Extreme(highest, numbers):
                return (max if highest else min)(map(self.of, numbers))
            case t.Choose(condition, then, otherwise):
                return self.of(then if self.of(condition) else otherwise)
            case t.OfMedicine(id):
                assert self.row is not None
                return id == self.row.medicine.id
            case t.MedicineAmount():
                assert self.row is not None
                return needed(self.row.medicine, term)
            case t.Distinct():
                return self._distinct(term)
        return _of_answer(term, self._answer(term.path))

    def _answer(self, path: str) -> Any:
        id, *rest = path.split(".")
        if not id:
            assert self.row is not None
            return self.row.cells.get(rest[0])
        answer: Any = self.answers.get(id)
        for key in rest:
            answer = None if answer is None else answer.get(key)
        return answer

    def _distinct(self, term: t.Distinct) -> int:
        rows = self.answers.get(term.table) or {}
        assert isinstance(rows, Mapping)
        labels = set()
        for id, cells in rows.items():
            medicine = self.protocol.medicines[id]
            for use, condition in term.by_use:
                row = RowAt(medicine, use, cells)
                if medicine.counts_for(use) and self.at(row).of(condition):
                    labels.add(medicine.label(term.label))
        return len(labels - {None})

    def at(self, row: RowAt) -> "Values":
        """Return the values of terms on one row."""
        cells = self.judged.get((row.medicine.id, row.use), row.cells)
        key = (row.medicine.id, row.use, tuple(cells.items()))
        if key not in self._rows:
            row = replace(row, cells=cells)
            values = Values(self.protocol, self.answers, self.submitted, row, self.judged)
            self._rows[key] = values
        return self._rows[key]


def _of_answer(term: t.Term, answer: Any) -> Any:
    match term:
        case t.IsAnswered():
            return answer is not None
        case t.Among(_, options):
            return answer in options
        case t.Ticked(_, options):
            return not set(options).isdisjoint(answer or ())
        case t.Ticks(_, options):
            return len(set(options).intersection(answer or ()))
        case t.Points(_, points, default):
            return dict(points).get(answer, default)
        case t.Amount(_, decimals, _, default):
            return default if answer is None else int(answer * 10**decimals)
    raise AssertionError(f"{term} has no value")
