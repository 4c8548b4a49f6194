"""What the rules say of one person, expression by expression, with every blank left open."""

from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Literal

from screener.engine import expressions as ex
from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question, Row
from screener.engine.terms import terms as t
from screener.engine.terms.lowering import Pair, lowering_of
from screener.engine.terms.put_in import put_in
from screener.engine.terms.values import Judged, RowAt, Values

Bound = int | Decimal
Range = tuple[Bound, Bound]
Outcome = Literal["met", "not_met", "unknown"]


class Reading:
    """The terms of a protocol with one person's answers put in.

    `answers` are as typed by `Protocol.read_answers`; which of them count is read from the terms
    too. `set_aside` names questions whose blank is unknown (see `Lowering`). `judged` has cells of
    rows as somebody else judged them, by medicine and use, which are read in place of the answers.
    `row` is the row of the treatment table in which an expression stands.
    """

    def __init__(
        self,
        protocol: Protocol,
        answers: Answers,
        submitted: bool = False,
        *,
        set_aside: frozenset[str] = frozenset(),
        judged: Judged | None = None,
    ) -> None:
        self.protocol = protocol
        self.answers = answers
        self._lowering = lowering_of(protocol, set_aside)
        self._values = Values(protocol, answers, submitted, judged=judged)

    def asked(self, question: str) -> tuple[bool, bool]:
        """Return whether a question must, and may, be asked."""
        return self._truths(self._lowering.asked(question))

    def has_answer(self, question: str) -> bool:
        """Whether a question has an answer that counts, given or standing for it."""
        answered: bool = self._values.of(self._lowering.known(question))
        return answered

    def rows(self) -> Mapping[str, Row] | None:
        """Return the rows of the treatment table, or None where it has no answer that counts."""
        table = self.protocol.table.id
        rows = self.answers.get(table) if self.has_answer(table) else None
        assert rows is None or isinstance(rows, Mapping)
        return rows

    def rule(self, id: str) -> tuple[bool, bool]:
        """Return whether the condition of a rule must, and may, hold. Raise KeyError."""
        return self._truths(self._lowering.rule(id))

    def score(self, id: str) -> tuple[int, int]:
        """Return the lowest and the highest value of a score. Raise KeyError."""
        low, high = self._lowering.score(id)
        return self._values.of(low), self._values.of(high)

    def boolean(self, node: ex.Boolean, row: RowAt | None = None) -> tuple[bool, bool]:
        """Return whether a condition must, and may, hold."""
        return self._truths(self._lowering.boolean(node, _use(row)), row)

    def outcome(self, node: ex.Boolean, row: RowAt | None = None) -> Outcome:
        """Return what a condition comes out as."""
        must, may = self.boolean(node, row)
        if must:
            return "met"
        return "unknown" if may else "not_met"

    def number(self, node: ex.Number, row: RowAt | None = None) -> Range:
        """Return the lowest and the highest value of a number."""
        decimals = self._lowering.decimals(node)
        ends = self._lowering.number(node, _use(row), decimals)
        values = self._values if row is None else self._values.at(row)
        low, high = (values.of(end) for end in ends)
        if decimals:
            return Decimal(low) / 10**decimals, Decimal(high) / 10**decimals
        return low, high

    def is_decided(self, node: ex.Expression, row: RowAt | None = None) -> bool:
        """Whether a condition certainly holds or not, or a number is one value."""
        if isinstance(node, ex.Number):
            low, high = self.number(node, row)
            return low == high
        assert isinstance(node, ex.Boolean), node
        must, may = self.boolean(node, row)
        return must == may

    def column_asked(self, medicine: Medicine, column: Question, cells: Row) -> bool:
        """Whether a column of the treatment table may be asked of a medicine's row as it is."""
        row = self._values.at(RowAt(medicine, "any", cells))
        is_asked: bool = row.of(self._lowering.column_asked(column.id))
        return is_asked

    def may_be_asked(self, question: str, left_open: Container[str]) -> t.Bool | None:
        """Return when a question may be asked, as a condition on the answers `left_open`.

        Return None where that depends on rows of the table.
        """
        return put_in(self._lowering.asked(question)[1], self._values, left_open)

    def column_may_be_asked(
        self, medicine: Medicine, column: Question, cells: Row, left_open: Container[str]
    ) -> t.Bool | None:
        """Return when a column may be asked of a medicine, as a condition on cells `left_open`.

        Cells are named by their paths in the row, such as `.taken_for`.
        """
        values = self._values.at(RowAt(medicine, "any", cells))
        return put_in(self._lowering.column_asked(column.id), values, left_open)

    def _truths(self, pair: Pair, row: RowAt | None = None) -> tuple[bool, bool]:
        values = self._values if row is None else self._values.at(row)
        must, may = pair
        return values.of(must), values.of(may)


def _use(row: RowAt | None) -> str | None:
    return None if row is None else row.use
