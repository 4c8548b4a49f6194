"""No rule is dead, no clause of it idle, and none hides behind another."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from screener.engine import expressions as ex
from screener.engine.expressions import Condition, names_in
from screener.engine.proof.check import Check
from screener.engine.protocol import PRIORITIES, Rule
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan

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
    spare = {(overlap.spare, overlap.clause) for overlap in plan.protocol.intended_overlaps}
    for id, rule in plan.protocol.rules.items():
        for part in rule.when.walk() if rule.when else ():
            if part is rule.when:
                continue
            words = part.text or f"the {part.kind} of {len(part.parts)} clauses"
            changes = [_replaced(plan, rule, part, by) for by in (_TRUE, _FALSE)]
            if (id, part.text) in spare:
                yield Check(
                    "clause",
                    id,
                    f"the clause “{words}” of {id} is spare, as intended",
                    f"the clause “{words}” of {id} is called spare in `intended_overlaps`, "
                    "and is not",
                    t.all_of(*changes),
                    possible=False,
                )
                continue
            for term, value in zip(changes, ("true", "false"), strict=True):
                yield Check(
                    "clause",
                    id,
                    f"{id} depends on its clause “{words}” ({value})",
                    f"the clause “{words}” of {id} changes nothing: {id} is the same if it is "
                    f"always {value}",
                    term,
                    possible=True,
                )


def _replaced(plan: Plan, rule: Rule, part: Condition, by: ex.Boolean) -> t.Bool:
    """Return whether a rule comes out otherwise where one clause is always true, or false."""
    changed = _put(plan.protocol.condition(rule.id), part.expression, by)
    pairs = zip(plan.rules[rule.id], plan.lowering.boolean(changed), strict=True)
    return t.any_of(*(t.unlike(term, other) for term, other in pairs))


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
    rules, questions = protocol.rules.items(), protocol.questions.items()
    conditions = {f"the rule {id}": rule.when for id, rule in rules}
    for id, rule in rules:
        excuse = None if rule.unanswered is None else rule.unanswered.unless
        conditions[f"the exception of {id}"] = excuse
    conditions |= {f"the condition to ask {id}": q.asked_when for id, q in questions}
    conditions |= {f"the condition to require {id}": q.required_when for id, q in questions}
    seen: set[t.Bool] = set()
    for where, condition in conditions.items():
        if condition is None:
            continue
        for node in _booleans(condition.expression):
            must, may = plan.lowering.boolean(node)
            for term, words in ((must, "true"), (t.negate(may), "false")):
                if term in seen:
                    continue
                seen.add(term)
                text = _text_of(condition, node)
                yield Check(
                    "clause",
                    where.split()[-1],
                    f"“{text}” in {where} can be {words}",
                    f"“{text}” in {where} is dead: nobody can answer so that it is {words}",
                    term,
                    possible=True,
                )


def _booleans(node: ex.Boolean) -> Iterator[ex.Boolean]:
    return (part for part in ex.walk(node) if isinstance(part, ex.Boolean))


def _text_of(condition: Condition, node: ex.Boolean) -> str:
    """Return the text of the leaf that a node stands in, or the names that it reads."""
    for clause in condition.walk():
        if clause.text and any(part is node for part in ex.walk(clause.expression)):
            return clause.text
    names = names_in(node)
    return "a condition on " + ", ".join(sorted(names.questions | names.scores | names.rules))


# --- overlaps ------------------------------------------------------------------------------------


def overlap_checks(plan: Plan, met_together: Sequence[frozenset[str]]) -> Iterator[Check]:
    """No rule is equal to another, or shadowed by it, unless that is intended."""
    protocol = plan.protocol
    intended = {(o.shadowed, by) for o in protocol.intended_overlaps for by in o.by}
    intended |= {pair for o in protocol.intended_overlaps for pair in permutations(o.equal, 2)}
    for a, b in sorted(intended):
        yield Check(
            "overlap",
            a,
            f"{a} is met only where {b} is met, as intended",
            f"{a} is called shadowed by or equal to {b} in `intended_overlaps`, and can be met "
            "without it",
            t.all_of(plan.met(a), t.negate(plan.met(b))),
            possible=False,
        )
    above = {id: _built_on(plan, id) for id in protocol.rules}
    for a, rule in protocol.rules.items():
        witnesses = [met for met in met_together if a in met]
        for b, other in protocol.rules.items():
            if a == b or (a, b) in intended or b in above[a] or not _outranks(other, rule):
                continue
            if any(b not in met for met in witnesses):
                continue
            yield Check(
                "overlap",
                a,
                f"{a} can be met without {b}",
                f"{a} is shadowed by {b}: whoever meets it meets {b} too, which has priority "
                f"{other.priority}; say in `intended_overlaps` why that is intended",
                t.all_of(plan.met(a), t.negate(plan.met(b))),
                possible=True,
            )


def _outranks(other: Rule, rule: Rule) -> bool:
    return PRIORITIES.index(other.priority) <= PRIORITIES.index(rule.priority)


def _built_on(plan: Plan, id: str) -> set[str]:
    """The rules that a rule names, and those that these name."""
    rules: set[str] = set()
    when = plan.protocol.rules[id].when
    for named in names_in(when.expression).rules if when else ():
        rules |= {named} | _built_on(plan, named)
    return rules
