"""Everything that is proved of a protocol."""

from collections.abc import Callable, Collection, Iterator, Sequence

from screener.engine.proof.check import SORTS, Check
from screener.engine.proof.form_checks import question_checks, row_checks
from screener.engine.proof.invariant_checks import invariant_checks
from screener.engine.proof.rule_checks import clause_checks, overlap_checks, rule_checks
from screener.engine.terms.plan import Plan


def checks(
    plan: Plan,
    met_together: Callable[[], Sequence[frozenset[str]]],
    sorts: Collection[str] = SORTS,
) -> Iterator[Check]:
    """Every check of a protocol, of the sorts that are wanted.

    `met_together` gives the rules met for some persons: pairs of which one is seen to be met
    without the other need no solver.
    """
    makers: dict[str, Callable[[Plan], Iterator[Check]]] = {
        "rule": rule_checks,
        "clause": clause_checks,
        "overlap": lambda plan: overlap_checks(plan, met_together()),
        "row": row_checks,
        "question": question_checks,
        "invariant": invariant_checks,
    }
    for sort, make in makers.items():
        if sort in sorts:
            yield from make(plan)
