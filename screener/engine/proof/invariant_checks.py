"""The invariants of a protocol as checks: one for each item, score or rule that they name."""

from collections.abc import Iterator
from dataclasses import replace

from screener.engine.language.invariants import CompiledInvariant
from screener.engine.proof import claims
from screener.engine.proof.check import Check
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan


def invariant_checks(plan: Plan) -> Iterator[Check]:
    """Yield checks of what the rulebook says must always hold."""
    for invariant in plan.protocol.invariants:
        yield from _CHECKS[invariant.text.form](plan, invariant)


def _then(plan: Plan, invariant: CompiledInvariant) -> Iterator[Check]:
    when, then = invariant.when, invariant.then
    assert then is not None
    by_rule = claims.is_about_every_rule(then)
    for rule in plan.protocol.rules if by_rule else ("",):
        rules = (rule,) if by_rule else ()
        fits = t.truth(True) if when is None else claims.holds(plan, when, rules)
        broken = t.all_of(fits, t.negate(claims.holds(plan, then, rules)))
        yield replace(_never(invariant, rule, broken), assumed=fits if by_rule else None)


def _keeps(plan: Plan, invariant: CompiledInvariant) -> Iterator[Check]:
    changed = frozenset(invariant.text.change)
    for what in invariant.text.keeps:
        yield _never(invariant, what, claims.differs(plan, what, changed), two=True)


def _shown(plan: Plan, invariant: CompiledInvariant) -> Iterator[Check]:
    protocol = plan.protocol
    changed = frozenset({*protocol.questions} - {*invariant.text.shown})
    for id, rule in protocol.rules.items():
        if rule.topics or rule.reported:
            yield _never(invariant, id, claims.shown_differs(plan, id, changed), two=True)


def _never_lowers(plan: Plan, invariant: CompiledInvariant) -> Iterator[Check]:
    text = invariant.text
    moves = [(id, claims.worse(plan, id, order)) for id, order in text.worse.items()]
    moves += [(id, claims.one_more_ticked(plan, id)) for id in text.tick]
    fits = t.truth(True) if invariant.when is None else claims.holds(plan, invariant.when)
    for id, move in moves:
        for what in text.never_lowers:
            broken = t.all_of(fits, move, claims.lowered(plan, what, frozenset({id})))
            yield _never(invariant, f"{id}, {what}", broken, two=True)


def _safety(plan: Plan, invariant: CompiledInvariant) -> Iterator[Check]:
    for id, rule in plan.protocol.rules.items():
        if rule.priority in invariant.text.safety:
            lower = t.negate(plan.at_least[rule.priority])
            yield _never(invariant, id, t.all_of(plan.met(id), lower))


def _bands(plan: Plan, invariant: CompiledInvariant) -> Iterator[Check]:
    for score in invariant.text.bands:
        faults = "; ".join(claims.band_faults(plan, score))
        check = _never(invariant, score, t.truth(bool(faults)))
        yield replace(check, otherwise=f"{score}: {faults}")


_CHECKS = {
    "then": _then,
    "keeps": _keeps,
    "never_lowers": _never_lowers,
    "safety": _safety,
    "bands": _bands,
    "shown": _shown,
}


def _never(invariant: CompiledInvariant, of: str, broken: t.Bool, *, two: bool = False) -> Check:
    """Return the check that nobody breaks an invariant, in what it says of `of`."""
    id, says = invariant.text.id, invariant.text.says
    says = f"{of}: {says}" if of else says
    return Check("invariant", id, broken, says, f"{id} does not hold: {says}", False, two)
