"""Every treatment can count, and every question is asked of somebody and changes something."""

from collections.abc import Iterator

from screener.engine.proof import claims
from screener.engine.proof.check import Check
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import NO_LIMIT, at_row, needed
from screener.engine.terms.plan import Plan

# So many of the rules that read a question, the simplest first, are tried: they suffice.
_TRIED = 3


def row_checks(plan: Plan) -> Iterator[Check]:
    """Yield checks that each medicine can meet, and not meet, each condition on rows of its use."""
    protocol = plan.protocol
    for id, row in protocol.row_conditions.items():
        must, may = plan.lowering.row_condition(id)
        for medicine in protocol.medicines.values():
            if not medicine.counts_for(row.use):
                continue
            there = t.make(t.IsAnswered, f"{protocol.table.id}.{medicine.id}")
            numbers = (term for term in t.walk(must, may) if isinstance(term, t.MedicineAmount))
            lacks_number = any(needed(medicine, number) == NO_LIMIT for number in numbers)
            for condition, words in ((must, "met"), (t.negate(may), "not met")):
                if lacks_number and words == "met":
                    continue  # no dose is above a number that the medicine does not have
                term = t.all_of(there, at_row(condition, protocol, medicine, row.use))
                says = f"{id} can be {words} by {medicine.id}"
                otherwise = f"{id} is dead for {medicine.id}: no row of it can be {words}"
                yield Check("row", id, term, says, otherwise)


def question_checks(plan: Plan) -> Iterator[Check]:
    """Yield checks that each question is asked of somebody, and changes an outcome.

    A question that no rule reads needs a purpose instead.
    """
    protocol = plan.protocol
    for id, question in protocol.questions.items():
        if question.asked_when is None:
            continue
        must, _ = plan.lowering.asked(id)
        term = t.all_of(must, t.negate(t.make(t.IsAnswered, id)))
        otherwise = f"{id} is never asked: its condition holds for nobody who has not answered it"
        yield Check("question", id, term, f"{id} is asked of somebody", otherwise)
    reads = {id: t.paths(*plan.rules[id]) for id in protocol.rules}
    for id, question in protocol.questions.items():
        readers = [rule for rule in protocol.rules if id in reads[rule]]
        if question.purpose and not readers:
            continue
        rows = question.kind == "table"
        term = _rows_matter(plan, id) if rows else _answer_matters(plan, id, readers)
        otherwise = f"{id} is asked, and changes no outcome"
        yield Check("question", id, term, f"{id} changes an outcome", otherwise, two=not rows)


def _answer_matters(plan: Plan, question: str, rules: list[str]) -> t.Bool:
    """Return whether one of the simplest rules differs for another answer to a question."""
    changed = frozenset({question})
    simplest = sorted(rules, key=lambda rule: len(t.paths(*plan.rules[rule])))[:_TRIED]
    return t.any_of(*(claims.differs(plan, rule, changed) for rule in simplest))


def _rows_matter(plan: Plan, table: str) -> t.Bool:
    """Return whether a rule is met by the rows of a table, and would not be met without any."""

    def leaf(term: t.Term) -> t.Term:
        return t.whole(0) if isinstance(term, t.Distinct) and term.table == table else term

    without_rows = {must: t.rebuilt(must, leaf, {}) for must, _ in plan.rules.values()}
    changed = [(must, other) for must, other in without_rows.items() if other is not must]
    simplest = sorted(changed, key=lambda pair: len(t.paths(pair[0])))[:_TRIED]
    return t.any_of(*(t.all_of(must, t.negate(other)) for must, other in simplest))  # type: ignore[arg-type]
