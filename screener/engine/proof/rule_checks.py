"""No rule is dead, no clause of it idle, and none hides behind another."""

from collections.abc import Iterator, Sequence

from screener.engine import expressions as ex
from screener.engine.language.conditions import Condition
from screener.engine.proof.check import Check
from screener.engine.protocol import PRIORITIES, Rule
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan
from screener.engine.walk import names_in

_TRUE, _FALSE = ex.AtLeastOf(0, ()), ex.AtLeastOf(1, ())


def rule_checks(plan: Plan) -> Iterator[Check]:
    """Every rule can be met, and can be not met."""
    for id in plan.protocol.rules:
        for outcome, words in (("met", "met"), ("not_met", "not met")):
            yield Check(
                "rule",
                id,
                f"{id} can be {words}",
                f"{id} is dead: nobody can answer so that it is {words}",
                plan.outcome(id, outcome),
                possible=True,
            )


def clause_checks(plan: Plan) -> Iterator[Check]:
    """Every clause changes the rule that it stands in, and no part of it is dead in itself."""
    yield from _mattering(plan)
    yield from _parts(plan)


def _mattering(plan: Plan) -> Iterator[Check]:
    """Every clause changes the rule that it stands in for somebody."""
    spare = {(one.spare, one.clause) for one in plan.protocol.meant if one.spare}
    for id, condition in plan.protocol.conditions.items():
        for part in condition.walk():
            if part is condition:
                continue
            words = part.text or f"the {part.kind} of {len(part.parts)} clauses"
            meant = (id, part.text) in spare
            changes = [_replaced(plan, id, condition, part, by) for by in (_TRUE, _FALSE)]
            if meant:
                yield Check(
                    "clause",
                    id,
                    f"the clause “{words}” of {id} is spare, as meant",
                    f"the clause “{words}” of {id} is called spare in `meant`, and is not",
                    t.all_of(*changes),
                    possible=False,
                )
                continue
            for term, value in zip(changes, ("true", "false"), strict=True):
                yield Check(
                    "clause",
                    id,
                    f"{id} hangs on its clause “{words}” ({value})",
                    f"the clause “{words}” of {id} changes nothing: {id} is the same if it is "
                    f"always {value}",
                    term,
                    possible=True,
                )


def _replaced(plan: Plan, id: str, condition: Condition, part: Condition, by: ex.Boolean) -> t.Bool:
    """Whether a rule comes out otherwise where one clause of it is always true, or false."""
    must, may = plan.rules[id]
    other = plan.lowering.boolean(_put(condition.expression, part.expression, by))
    return t.any_of(
        *(
            t.any_of(t.all_of(one, t.negate(two)), t.all_of(two, t.negate(one)))
            for one, two in ((must, other[0]), (may, other[1]))
        )
    )


def _put(node: ex.Boolean, old: ex.Boolean, new: ex.Boolean) -> ex.Boolean:
    if node is old:
        return new
    match node:
        case ex.AtLeastOf(count, parts):
            return ex.AtLeastOf(count, tuple(_put(part, old, new) for part in parts))
        case ex.Negation(part):
            return ex.Negation(_put(part, old, new))
    return node


def _parts(plan: Plan) -> Iterator[Check]:
    """No part of any condition is dead in itself, such as five regions with at most four areas."""
    protocol = plan.protocol
    conditions = {
        **{f"the rule {id}": one for id, one in protocol.conditions.items()},
        **{f"the exception of {id}": one for id, one in protocol.unless.items()},
        **{f"the condition to ask {id}": one for id, one in protocol.asked_when.items()},
        **{f"the condition to require {id}": one for id, one in protocol.required_when.items()},
    }
    seen: set[t.Bool] = set()
    for where, condition in conditions.items():
        for node in _nodes(condition.expression):
            must, may = plan.lowering.boolean(node)
            for term, words in ((must, "true"), (t.negate(may), "false")):
                if term in seen:
                    continue
                seen.add(term)
                said = _text_of(condition, node)
                yield Check(
                    "clause",
                    where.split()[-1],
                    f"“{said}” in {where} can be {words}",
                    f"“{said}” in {where} is dead: nobody can answer so that it is {words}",
                    term,
                    possible=True,
                )


def _nodes(node: ex.Boolean) -> Iterator[ex.Boolean]:
    yield node
    match node:
        case ex.AtLeastOf(_, parts):
            for part in parts:
                yield from _nodes(part)
        case ex.Negation(part):
            yield from _nodes(part)


def _text_of(condition: Condition, node: ex.Boolean) -> str:
    """The text of the leaf that a node stands in, or the names that it reads."""
    for part in condition.walk():
        if part.text and any(one is node for one in _nodes(part.expression)):
            return part.text
    names = names_in(node)
    return "a condition on " + ", ".join(sorted(names.questions | names.scores | names.rules))


# --- overlaps ------------------------------------------------------------------------------------


def overlap_checks(plan: Plan, met_together: Sequence[frozenset[str]]) -> Iterator[Check]:
    """No rule is equal to another, or shadowed by it, unless that is meant."""
    protocol = plan.protocol
    meant = {(one.shadowed, by) for one in protocol.meant for by in one.by}
    meant |= {(a, b) for one in protocol.meant for a in one.equal for b in one.equal if a != b}
    for a, b in sorted(meant):
        yield Check(
            "overlap",
            a,
            f"{a} is met only where {b} is met, as meant",
            f"{a} is called shadowed by or equal to {b} in `meant`, and can be met without it",
            t.all_of(plan.met(a), t.negate(plan.met(b))),
            possible=False,
        )
    above = {id: _built_on(plan, id) for id in protocol.rules}
    for a, rule in protocol.rules.items():
        witnesses = [met for met in met_together if a in met]
        for b, other in protocol.rules.items():
            if a == b or (a, b) in meant or b in above[a] or not _outranks(other, rule):
                continue
            if any(b not in met for met in witnesses):
                continue
            yield Check(
                "overlap",
                a,
                f"{a} can be met without {b}",
                f"{a} is shadowed by {b}: whoever meets it meets {b} too, which has priority "
                f"{other.priority}; say in `meant` why that is meant",
                t.all_of(plan.met(a), t.negate(plan.met(b))),
                possible=True,
            )


def _outranks(other: Rule, rule: Rule) -> bool:
    return PRIORITIES.index(other.priority) <= PRIORITIES.index(rule.priority)


def _built_on(plan: Plan, id: str) -> set[str]:
    """The rules that a rule names, and those that these name."""
    found: set[str] = set()
    condition = plan.protocol.conditions.get(id)
    if condition is not None:
        for named in names_in(condition.expression).rules:
            found |= {named} | _built_on(plan, named)
    return found
