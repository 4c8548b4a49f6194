"""Everything that is proved of a protocol, each as one question to the solver.

Either nobody may exist for whom a term holds (an invariant), or somebody must (a rule can be met).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from screener.engine import expressions as ex
from screener.engine import terms as t
from screener.engine.claims import Stated
from screener.engine.conditions import Condition
from screener.engine.lower import Plan, at_row
from screener.engine.proof import stating
from screener.engine.rulebook import PRIORITIES, Rule
from screener.engine.walk import names_in

Sort = Literal["rule", "clause", "overlap", "row", "question", "invariant"]

SORTS: tuple[Sort, ...] = get_args(Sort)

_TRUE, _FALSE = ex.AtLeast(0, ()), ex.AtLeast(1, ())


@dataclass(frozen=True)
class Check:
    """One statement. `term` must hold for somebody (`possible`), or for nobody.

    `says` is the statement; `otherwise` what is wrong where it fails. With `two` the term speaks of
    two persons. `assumed` is the part of the term that says that every row is answered, if it does.
    """

    sort: Sort
    subject: str
    says: str
    otherwise: str
    term: t.Bool
    possible: bool
    two: bool = False
    assumed: t.Bool | None = None


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
        "rule": _rules,
        "clause": _clauses,
        "overlap": lambda plan: _overlaps(plan, met_together()),
        "row": _rows,
        "question": _questions,
        "invariant": _invariants,
    }
    for sort, make in makers.items():
        if sort in sorts:
            yield from make(plan)


# --- rules and their clauses ---------------------------------------------------------------------


def _rules(plan: Plan) -> Iterator[Check]:
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


def _clauses(plan: Plan) -> Iterator[Check]:
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
        case ex.AtLeast(count, parts):
            return ex.AtLeast(count, tuple(_put(part, old, new) for part in parts))
        case ex.Not(part):
            return ex.Not(_put(part, old, new))
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
        case ex.AtLeast(_, parts):
            for part in parts:
                yield from _nodes(part)
        case ex.Not(part):
            yield from _nodes(part)


def _text_of(condition: Condition, node: ex.Boolean) -> str:
    """The text of the leaf that a node stands in, or the names that it reads."""
    for part in condition.walk():
        if part.text and any(one is node for one in _nodes(part.expression)):
            return part.text
    names = names_in(node)
    return "a condition on " + ", ".join(sorted(names.questions | names.scores | names.rules))


# --- overlaps ------------------------------------------------------------------------------------


def _overlaps(plan: Plan, met_together: Sequence[frozenset[str]]) -> Iterator[Check]:
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


# --- rows and questions --------------------------------------------------------------------------


def _rows(plan: Plan) -> Iterator[Check]:
    """Every condition on rows can be met by every medicine that counts for its use."""
    protocol = plan.protocol
    for id, row in protocol.row_conditions.items():
        must, may = plan.lowering.row_condition(id)
        for medicine in protocol.medicines.values():
            if medicine.trial(row.use) is None:
                continue
            there = t.make(t.Given, f"{protocol.table.id}.{medicine.id}")
            for term, words in ((must, "met"), (t.negate(may), "not met")):
                yield Check(
                    "row",
                    id,
                    f"{id} can be {words} by {medicine.id}",
                    f"{id} is dead for {medicine.id}: no row of it can be {words}",
                    t.all_of(there, at_row(term, protocol, medicine, row.use)),
                    possible=True,
                )


def _questions(plan: Plan) -> Iterator[Check]:
    """Every question is asked of somebody, and changes an outcome or has a purpose."""
    yield from _asked(plan)
    yield from _feeding(plan)


def _feeding(plan: Plan) -> Iterator[Check]:
    """Every question that rules read changes an outcome for somebody; others have a purpose."""
    protocol = plan.protocol
    reads = {id: t.paths(*plan.rules[id]) for id in protocol.rules}
    for id, question in protocol.questions.items():
        if question.purpose and id not in {path for one in reads.values() for path in one}:
            continue
        says, otherwise = f"{id} changes an outcome", f"{id} is asked, and changes no outcome"
        if question.kind == "table":
            counts = [score for score in plan.scores if _counts_rows(plan, score, id)]
            yield Check("question", id, says, otherwise, t.truth(bool(counts)), possible=True)
            continue
        rules = [rule for rule in protocol.rules if id in reads[rule]]
        yield Check(
            "question",
            id,
            says,
            otherwise,
            _some_change(plan, rules, id),
            possible=True,
            two=True,
        )


def _asked(plan: Plan) -> Iterator[Check]:
    """Every question with a condition is asked of somebody who has not answered it yet."""
    for id in plan.protocol.asked_when:
        must, _ = plan.lowering.asked(id)
        yield Check(
            "question",
            id,
            f"{id} is asked of somebody",
            f"{id} is never asked: its condition holds for nobody who has not answered it",
            t.all_of(must, t.negate(t.make(t.Given, id))),
            possible=True,
        )


def _counts_rows(plan: Plan, score: str, table: str) -> bool:
    return any(
        isinstance(one, t.Distinct) and one.table == table for one in t.walk(*plan.scores[score])
    )


def _some_change(plan: Plan, rules: list[str], question: str) -> t.Bool:
    """Whether one of the rules differs; the simplest rules alone are asked where they suffice."""
    changed = frozenset({question})
    simplest = sorted(rules, key=lambda rule: len(t.paths(*plan.rules[rule])))[:3]
    return t.any_of(*(stating.differs(plan, rule, changed) for rule in simplest))


# --- invariants ----------------------------------------------------------------------------------


def _invariants(plan: Plan) -> Iterator[Check]:
    """What the rulebook says must always hold."""
    for stated in plan.protocol.invariants:
        yield from _invariant(plan, stated)


def _invariant(plan: Plan, stated: Stated) -> Iterator[Check]:
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


def _broken(plan: Plan, stated: Stated, rules: tuple[str, ...]) -> tuple[t.Bool, t.Bool]:
    """Whether somebody fits `when`, and whether they do so and do not fit `then`."""
    assert stated.then is not None
    when = t.truth(True) if stated.when is None else stating.holds(plan, stated.when, rules)
    return when, t.all_of(when, t.negate(stating.holds(plan, stated.then, rules)))


def _never(id: str, says: str, broken: t.Bool, *, two: bool = False) -> Check:
    return Check(
        "invariant", id, says, f"{id} does not hold: {says}", broken, possible=False, two=two
    )
