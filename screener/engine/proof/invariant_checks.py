"""The invariants of a protocol as checks: one for each item, score or rule that they name."""

from collections.abc import Iterator
from dataclasses import replace

from screener.engine.language.invariants import CompiledInvariant
from screener.engine.proof import claims as stating
from screener.engine.proof.check import Check
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan


def invariant_checks(plan: Plan) -> Iterator[Check]:
    """What the rulebook says must always hold."""
    for stated in plan.protocol.invariants:
        yield from _invariant(plan, stated)


def _invariant(plan: Plan, stated: CompiledInvariant) -> Iterator[Check]:
    """The checks that an invariant comes to: one for each item, score or rule that it names."""
    text = stated.text
    match text.form:
        case "then":
            assert stated.then is not None
            by_rule = stating.speaks_of_every_rule(stated.then)
            for one in plan.protocol.rules if by_rule else ("",):
                when, broken = _broken(plan, stated, (one,) if one else ())
                says = f"{one}: {text.says}" if one else text.says
                yield replace(_never(text.id, says, broken), assumed=when if one else None)
        case "keeps":
            changed = frozenset(text.change)
            for what in text.keeps:
                broken = stating.differs(plan, what, changed)
                yield _never(text.id, f"{what}: {text.says}", broken, two=True)
        case "never_lowers":
            moves = [(id, stating.worse(plan, id, order)) for id, order in text.worse.items()]
            moves += [(id, stating.one_more_ticked(plan, id)) for id in text.tick]
            for id, move in moves:
                for what in text.never_lowers:
                    broken = t.all_of(move, stating.lowered_by(plan, what, frozenset({id})))
                    yield _never(text.id, f"{id}, {what}: {text.says}", broken, two=True)
        case "safety":
            for id, rule in plan.protocol.rules.items():
                if rule.priority in text.safety:
                    lower = t.negate(plan.at_least[rule.priority])
                    broken = t.all_of(plan.met(id), lower)
                    yield _never(text.id, f"{id}: {text.says}", broken)
        case "bands":
            for score in text.bands:
                faults = list(stating.band_faults(plan, score))
                says = f"{score}: {text.says}"
                otherwise = f"{score}: {'; '.join(faults)}"
                yield Check(
                    "invariant", text.id, says, otherwise, t.truth(bool(faults)), possible=False
                )


def _broken(plan: Plan, stated: CompiledInvariant, rules: tuple[str, ...]) -> tuple[t.Bool, t.Bool]:
    """Whether somebody fits `when`, and whether they do so and do not fit `then`."""
    assert stated.then is not None
    when = t.truth(True) if stated.when is None else stating.holds(plan, stated.when, rules)
    return when, t.all_of(when, t.negate(stating.holds(plan, stated.then, rules)))


def _never(id: str, says: str, broken: t.Bool, *, two: bool = False) -> Check:
    return Check(
        "invariant", id, says, f"{id} does not hold: {says}", broken, possible=False, two=two
    )
