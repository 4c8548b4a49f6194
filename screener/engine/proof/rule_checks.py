"""No rule is dead, no clause of it idle, and none hides behind another."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from screener.engine import expressions as ex
from screener.engine.expressions import Condition, names_in
from screener.engine.priorities import PRIORITIES
from screener.engine.proof.check import Check, Sort
from screener.engine.protocol import Rule
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan

_TRUE, _FALSE = ex.AtLeastOf(0, ()), ex.AtLeastOf(1, ())


def rule_checks(plan: Plan) -> Iterator[Check]:
    """Yield checks that each rule can be met, and can be not met."""
    for id in plan.protocol.rules:
        yield _not_dead("rule", id, plan.outcome(id, "met"), id, "met")
        yield _not_dead("rule", id, plan.outcome(id, "not_met"), id, "not met")


def _not_dead(sort: Sort, subject: str, term: t.Bool, what: str, words: str) -> Check:
    says = f"{what} can be {words}"
    return Check(
        sort, subject, term, says, f"{what} is dead: nobody can answer so that it is {words}"
    )


# --- clauses -------------------------------------------------------------------------------------


def clause_checks(plan: Plan) -> Iterator[Check]:
    """Yield checks that each clause changes its rule, and that no part of it is dead in itself."""
    spare = {(overlap.spare, overlap.clause) for overlap in plan.protocol.intended_overlaps}
    for id, rule in plan.protocol.rules.items():
        clauses = rule.when.walk() if rule.when else ()
        for clause in (clause for clause in clauses if clause is not rule.when):
            yield from _changes(plan, rule, clause, spare=(id, clause.text) in spare)
    yield from _parts(plan)


def _changes(plan: Plan, rule: Rule, clause: Condition, *, spare: bool) -> Iterator[Check]:
    """Yield checks that a clause changes the rule for somebody; for nobody, if it is spare."""
    id, words = rule.id, clause.text or f"the {clause.kind} of {len(clause.parts)} clauses"
    changes = {
        value: _replaced(plan, rule, clause, by)
        for value, by in (("true", _TRUE), ("false", _FALSE))
    }
    subject = f"the clause “{words}” of {id}"
    if spare:
        says = f"{subject} is spare, as intended"
        otherwise = f"{subject} is called spare in `intended_overlaps`, and is not"
        yield Check("clause", id, t.all_of(*changes.values()), says, otherwise, possible=False)
        return
    for value, term in changes.items():
        says = f"{id} depends on its clause “{words}” ({value})"
        otherwise = f"{subject} changes nothing: {id} is the same if it is always {value}"
        yield Check("clause", id, term, says, otherwise)


def _replaced(plan: Plan, rule: Rule, clause: Condition, by: ex.Boolean) -> t.Bool:
    """Return whether a rule comes out otherwise where one clause is always true, or false."""
    changed = _put(plan.protocol.condition(rule.id), clause.expression, by)
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
        case ex.EvenIfSwapped(numbers, part):
            put = _put(part, old, new)
            return ex.EvenIfSwapped(numbers, put, ex.exchanged(put, *numbers))
    return node


def _parts(plan: Plan) -> Iterator[Check]:
    """Yield checks that each part of a condition can be true and false, each term once.

    Five regions together with at most four areas are dead in themselves.
    """
    checked: set[t.Bool] = set()
    for subject, where, condition in _conditions(plan):
        for node in ex.walk(condition.expression):
            if not isinstance(node, ex.Boolean):
                continue
            must, may = plan.lowering.boolean(node)
            for term, words in ((must, "true"), (t.negate(may), "false")):
                if term not in checked:
                    checked.add(term)
                    what = f"“{_text_of(condition, node)}” in {where}"
                    yield _not_dead("clause", subject, term, what, words)


def _conditions(plan: Plan) -> Iterator[tuple[str, str, Condition]]:
    """Yield each condition of a protocol: whose it is, where it stands, and the condition."""
    rules, questions = plan.protocol.rules.items(), plan.protocol.questions.items()
    every = [(id, "the rule", rule.when) for id, rule in rules]
    every += [(id, "the exception of", r.unanswered.unless) for id, r in rules if r.unanswered]
    every += [(id, "the condition to ask", q.asked_when) for id, q in questions]
    every += [(id, "the condition to require", q.required_when) for id, q in questions]
    for id, where, condition in every:
        if condition is not None:
            yield id, f"{where} {id}", condition


def _text_of(condition: Condition, node: ex.Boolean) -> str:
    """Return the text of the leaf that a node stands in, or the names that it reads."""
    for clause in condition.walk():
        if clause.text and any(part is node for part in ex.walk(clause.expression)):
            return clause.text
    names = names_in(node)
    return "a condition on " + ", ".join(sorted(names.questions | names.scores | names.rules))


# --- overlaps ------------------------------------------------------------------------------------


def overlap_checks(plan: Plan, met_together: Sequence[frozenset[str]]) -> Iterator[Check]:
    """Yield checks that no rule is equal to another, or shadowed by it, unless that is intended.

    `met_together` are the rules met for some people: a pair of which one is met there without the
    other needs no check.
    """
    protocol = plan.protocol
    intended = {(o.shadowed, by) for o in protocol.intended_overlaps for by in o.by}
    intended |= {pair for o in protocol.intended_overlaps for pair in permutations(o.equal, 2)}
    for a, b in sorted(intended):
        apart = t.all_of(plan.met(a), t.negate(plan.met(b)))
        says = f"{a} is met only where {b} is met, as intended"
        called = f"{a} is called shadowed by or equal to {b} in `intended_overlaps`"
        otherwise = f"{called}, and can be met without it"
        yield Check("overlap", a, apart, says, otherwise, possible=False)
    for a, rule in protocol.rules.items():
        witnesses = [met for met in met_together if a in met]
        excused = {b for first, b in intended if first == a} | _built_on(plan, a) | {a}
        for b, other in protocol.rules.items():
            if b in excused or any(b not in met for met in witnesses):
                continue
            if PRIORITIES.index(other.priority) > PRIORITIES.index(rule.priority):
                continue
            apart = t.all_of(plan.met(a), t.negate(plan.met(b)))
            otherwise = (
                f"{a} is shadowed by {b}: whoever meets it meets {b} too, which has priority "
                f"{other.priority}; say in `intended_overlaps` why that is intended"
            )
            yield Check("overlap", a, apart, f"{a} can be met without {b}", otherwise)


def _built_on(plan: Plan, id: str) -> set[str]:
    """Return the rules that a rule names, and those that these name."""
    rules: set[str] = set()
    when = plan.protocol.rules[id].when
    for name in names_in(when.expression).rules if when else ():
        rules |= {name} | _built_on(plan, name)
    return rules
