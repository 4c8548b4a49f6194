"""Counts of rows spelt out medicine by medicine, so that terms of two protocols can be mixed.

A `Distinct` says nothing of the medicines: these are the protocol's own, and two versions may
disagree on their doses, their labels, or which there are.
"""

from collections.abc import Callable

from screener.engine.terms import terms as t
from screener.engine.terms.medicines import at_row
from screener.engine.terms.plan import Plan

# What to put for a group of rows (the label's value, the condition), such as one that is equal.
Instead = Callable[[t.Distinct, str, t.Bool], t.Bool]


class Grounding:
    """Terms of one plan without any `Distinct`.

    `instead` may put another condition for a group of a count; it must say the same.
    """

    def __init__(self, plan: Plan, instead: Instead | None = None) -> None:
        self.plan = plan
        self.instead = instead
        self._done: dict[t.Term, t.Term] = {}
        self._groups: dict[t.Distinct, dict[str, t.Bool]] = {}

    def boolean(self, term: t.Bool) -> t.Bool:
        """A condition that says the same for this plan's medicines, spelt out."""
        found = t.rebuilt(term, self._leaf, self._done)
        return found  # type: ignore[return-value]  # a condition stays one

    def groups(self, count: t.Distinct) -> dict[str, t.Bool]:
        """For each value of the label: whether a row of it is there and meets the condition."""
        if count not in self._groups:
            grouped = self.plan.lowering.grouped(count.label)
            self._groups[count] = {
                label: t.any_of(*(self._row(count, medicine.id) for medicine in medicines))
                for label, medicines in grouped.items()
            }
        return self._groups[count]

    def _leaf(self, term: t.Term) -> t.Term:
        if not isinstance(term, t.Distinct):
            return term
        groups = self.groups(term)
        if self.instead is None:
            return t.count_of(groups.values())
        return t.count_of(self.instead(term, label, one) for label, one in groups.items())

    def _row(self, count: t.Distinct, id: str) -> t.Bool:
        medicine = self.plan.protocol.medicines[id]
        meets = t.any_of(
            *(
                at_row(condition, self.plan.protocol, medicine, use)
                for use, condition in count.by_use
                if medicine.trial(use) is not None
            )
        )
        return t.all_of(t.make(t.IsAnswered, f"{count.table}.{id}"), meets)
