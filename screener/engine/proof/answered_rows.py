"""Counts of rows where every cell is answered: the least and the most of them are one number.

A solver does not see by itself that two sums over fifty medicines are equal. So it is proved
medicine by medicine that a row whose cells are all answered certainly meets a condition wherever
it may meet it; then the two counts are one, and one is put for the other.
"""

from screener.engine.proof import claims as stating
from screener.engine.proof.solver import Solver
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import at_row
from screener.engine.terms.plan import Plan


def settled(plan: Plan, solver: Solver, term: t.Bool, assumed: t.Bool) -> t.Bool:
    """A term that says the same as `term` for whoever fits `assumed`: all rows are answered.

    Raises TimeOut.
    """
    same: dict[t.Term, t.Term] = {}
    counted = {one for one in t.walk(term) if isinstance(one, t.Distinct)}
    for low, high in plan.scores.values():
        must, may = _distinct(low), _distinct(high)
        if must is None or may is None or not {must, may} <= counted:
            continue
        if _one_count(plan, solver, must, may, assumed):
            same[may] = must
    if not same:
        return term
    found = t.rebuilt(term, lambda one: same.get(one, one), {})
    return found  # type: ignore[return-value]  # a condition stays one


def _distinct(number: t.Int) -> t.Distinct | None:
    """The count of rows that a score is, if it is one."""
    counts = [one for one in t.walk(number) if isinstance(one, t.Distinct)]
    return counts[0] if len(counts) == 1 else None


def _one_count(
    plan: Plan, solver: Solver, must: t.Distinct, may: t.Distinct, assumed: t.Bool
) -> bool:
    """Whether every answered row of every medicine certainly meets what it may meet."""
    lower, upper = dict(must.by_use), dict(may.by_use)
    for medicine in plan.protocol.medicines.values():
        there = t.all_of(
            t.make(t.IsAnswered, f"{must.table}.{medicine.id}"),
            stating.row_answered(plan.protocol, medicine.id),
        )
        for use, condition in upper.items():
            if medicine.trial(use) is None:
                continue
            certain = at_row(lower[use], plan.protocol, medicine, use)
            possible = at_row(condition, plan.protocol, medicine, use)
            # Only the row and what it hangs on: the rest of the assumption is not needed.
            on = {path for path in t.paths(possible) if "." not in path}
            outside = t.all_of(*(part for part in _parts(assumed) if t.paths(part) <= on))
            if solver.exists(outside, there, possible, t.negate(certain)):
                return False
    return True


def _parts(term: t.Bool) -> tuple[t.Bool, ...]:
    return term.parts if isinstance(term, t.And) else (term,)
