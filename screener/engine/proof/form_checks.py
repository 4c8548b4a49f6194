"""Every treatment can count, and every question is asked of somebody and feeds something."""

from collections.abc import Iterator

from screener.engine.proof import claims as stating
from screener.engine.proof.check import Check
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import at_row
from screener.engine.terms.plan import Plan


def row_checks(plan: Plan) -> Iterator[Check]:
    """Every condition on rows can be met by every medicine that counts for its use."""
    protocol = plan.protocol
    for id, row in protocol.row_conditions.items():
        must, may = plan.lowering.row_condition(id)
        for medicine in protocol.medicines.values():
            if medicine.trial(row.use) is None:
                continue
            there = t.make(t.IsAnswered, f"{protocol.table.id}.{medicine.id}")
            for term, words in ((must, "met"), (t.negate(may), "not met")):
                yield Check(
                    "row",
                    id,
                    f"{id} can be {words} by {medicine.id}",
                    f"{id} is dead for {medicine.id}: no row of it can be {words}",
                    t.all_of(there, at_row(term, protocol, medicine, row.use)),
                    possible=True,
                )


def question_checks(plan: Plan) -> Iterator[Check]:
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
            yield Check("question", id, says, otherwise, _rows_matter(plan, id), possible=True)
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
    for id, question in plan.protocol.questions.items():
        if question.asked_when is None:
            continue
        must, _ = plan.lowering.asked(id)
        yield Check(
            "question",
            id,
            f"{id} is asked of somebody",
            f"{id} is never asked: its condition holds for nobody who has not answered it",
            t.all_of(must, t.negate(t.make(t.IsAnswered, id))),
            possible=True,
        )


def _rows_matter(plan: Plan, table: str) -> t.Bool:
    """Whether a rule is met by the rows of a table, and would not be met without any."""

    def without(one: t.Term) -> t.Term:
        return t.whole(0) if isinstance(one, t.Distinct) and one.table == table else one

    met = [must for must, _ in plan.rules.values() if t.rebuilt(must, without, {}) is not must]
    simplest = sorted(met, key=lambda must: len(t.paths(must)))[:3]
    return t.any_of(
        *(
            t.all_of(must, t.negate(t.rebuilt(must, without, {})))  # type: ignore[arg-type]
            for must in simplest
        )
    )


def _some_change(plan: Plan, rules: list[str], question: str) -> t.Bool:
    """Whether one of the rules differs; the simplest rules alone are asked where they suffice."""
    changed = frozenset({question})
    simplest = sorted(rules, key=lambda rule: len(t.paths(*plan.rules[rule])))[:3]
    return t.any_of(*(stating.differs(plan, rule, changed) for rule in simplest))
