"""Counts of rows where every cell is answered: the least and the most of them are one number.

A solver does not see by itself that two sums over fifty medicines are equal. So it is proved
medicine by medicine that a row whose cells are all answered certainly meets a condition wherever
it may meet it. Then the two counts are one, and one is put in place of the other.
"""

from screener.engine.proof import claims
from screener.engine.proof.solver import Solver
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import at_row
from screener.engine.terms.plan import Plan


def with_one_count(plan: Plan, solver: Solver, term: t.Bool, assumed: t.Bool) -> t.Bool:
    """Return a term that says the same as `term` for whoever fits `assumed`: all rows are answered.

    Raises TimeOut.
    """
    counts = {part for part in t.walk(term) if isinstance(part, t.Distinct)}
    same: dict[t.Term, t.Term] = {}
    for low, high in plan.scores.values():
        must, may = _distinct(low), _distinct(high)
        if must in counts and may in counts and _equal(plan, solver, must, may, assumed):
            same[may] = must
    return t.rebuilt(term, lambda part: same.get(part, part), {})  # type: ignore[return-value]


def _distinct(number: t.Int) -> t.Distinct | None:
    """Return the count of rows that a score is, if it is one."""
    counts = [part for part in t.walk(number) if isinstance(part, t.Distinct)]
    return counts[0] if len(counts) == 1 else None


def _equal(plan: Plan, solver: Solver, must: t.Distinct, may: t.Distinct, assumed: t.Bool) -> bool:
    """Return whether every answered row certainly meets what it may meet, of each medicine."""
    protocol, certain = plan.protocol, dict(must.by_use)
    parts = assumed.parts if isinstance(assumed, t.And) else (assumed,)
    for medicine in protocol.medicines.values():
        there = t.make(t.IsAnswered, f"{must.table}.{medicine.id}")
        answered = t.all_of(there, claims.row_answered(plan, medicine))
        for use, condition in may.by_use:
            if not medicine.counts_for(use):
                continue
            meets = at_row(certain[use], protocol, medicine, use)
            may_meet = at_row(condition, protocol, medicine, use)
            # Only the row and the answers that its condition reads: no more of what is assumed.
            read = {path for path in t.paths(may_meet) if "." not in path}
            outside = t.all_of(*(part for part in parts if t.paths(part) <= read))
            if solver.exists(outside, answered, may_meet, t.negate(meets)):
                return False
    return True
