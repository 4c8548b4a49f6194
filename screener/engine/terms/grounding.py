"""Counts of rows written out medicine by medicine, so that terms of two protocols can be mixed.

A `Distinct` says nothing of the medicines: these are the protocol's own, and two versions may
disagree on their doses, their labels, or which there are. A solver needs them written out as well.
"""

from collections.abc import Callable

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import grouped, meets

# What to put for a group of rows (the label's value, the condition), such as one that is equal.
Instead = Callable[[t.Distinct, str, t.Bool], t.Bool]


class Grounding:
    """Terms of one protocol without any `Distinct`.

    `instead` may put another condition for a group of a count; it must say the same.
    """

    def __init__(self, protocol: Protocol, instead: Instead | None = None) -> None:
        self.protocol = protocol
        self.instead = instead
        self._done: dict[t.Term, t.Term] = {}
        self._groups: dict[t.Distinct, dict[str, t.Bool]] = {}

    def boolean(self, term: t.Bool) -> t.Bool:
        """Return a condition that says the same for this protocol's medicines, written out."""
        return self.grounded(term)  # type: ignore[return-value]  # a condition stays one

    def count(self, count: t.Distinct) -> t.Int:
        """Return a count of rows as the number of groups with a row that counts."""
        return self.grounded(count)  # type: ignore[return-value]  # a number stays one

    def grounded(self, term: t.Term) -> t.Term:
        """Return a term that says the same for this protocol's medicines, written out."""
        return t.rebuilt(term, self._leaf, self._done)

    def groups(self, count: t.Distinct) -> dict[str, t.Bool]:
        """Return by value of the label whether a row of it is there and meets the condition."""
        if count not in self._groups:
            self._groups[count] = {
                label: t.any_of(*(self._row(count, medicine) for medicine in medicines))
                for label, medicines in grouped(self.protocol, count.label).items()
            }
        return self._groups[count]

    def _leaf(self, term: t.Term) -> t.Term:
        if not isinstance(term, t.Distinct):
            return term
        groups = self.groups(term)
        if self.instead is None:
            return t.count_of(groups.values())
        return t.count_of(self.instead(term, label, group) for label, group in groups.items())

    def _row(self, count: t.Distinct, medicine: Medicine) -> t.Bool:
        there = t.make(t.IsAnswered, f"{count.table}.{medicine.id}")
        return t.all_of(there, meets(count.by_use, self.protocol, medicine))
