"""Claims as terms: what an invariant says of one person, or of two that are held together."""

from collections.abc import Collection, Iterator

from screener.engine.language import invariants as c
from screener.engine.proof.domain import SECOND, second
from screener.engine.protocol import PRIORITIES, Protocol
from screener.engine.questions import Question
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan

SAFETY = PRIORITIES[: PRIORITIES.index("hold") + 1]


def holds(plan: Plan, claim: c.Claim, rules: Collection[str] = ()) -> t.Bool:
    """Whether a claim holds for a person.

    Where it speaks of every rule and every question, `rules` are the rules that are looked at (all
    where none are named), and the questions are those on which they stand.
    """
    protocol = plan.protocol
    rules = rules or tuple(protocol.rules)
    match claim:
        case c.Combined(kind, parts):
            every = [holds(plan, part, rules) for part in parts]
            if kind == "all":
                return t.all_of(*every)
            found = t.any_of(*every)
            return found if kind == "any" else t.negate(found)
        case c.Certain(expression):
            return plan.as_given.boolean(expression)[0]
        case c.IsBlank(question):
            return t.negate(plan.as_given.known(question))
        case c.ComesOut(rule, outcome):
            return plan.outcome(rule, outcome)
        case c.HasPriority(priority, at_least):
            found = plan.at_least[priority]
            higher = PRIORITIES.index(priority) - 1
            if at_least or higher < 0:
                return found
            return t.all_of(found, t.negate(plan.at_least[PRIORITIES[higher]]))
        case c.TopicChosen(topic):
            return plan.topic(topic)
        case c.OnlyDecided(rule):
            return t.all_of(*(plan.unknown(id) for id in protocol.rules if id != rule))
        case c.AllAnswered():
            return answered_for(plan, rules)
        case c.AllDecided():
            return t.negate(t.any_of(*(plan.unknown(id) for id in rules)))


def speaks_of_every_rule(claim: c.Claim) -> bool:
    """Whether a claim is about every rule, so that it can be proved rule by rule."""
    if isinstance(claim, c.Combined):
        return claim.kind == "all" and any(speaks_of_every_rule(part) for part in claim.parts)
    return isinstance(claim, c.AllDecided)


def answered_for(plan: Plan, rules: Collection[str]) -> t.Bool:
    """Every question on which the rules stand, and that is asked, has an answer that counts."""
    protocol = plan.protocol
    table = protocol.table
    terms = [term for id in rules for term in plan.rules[id]]
    looked_at = {path.split(".")[0] for path in t.paths(*terms)}
    answered = [
        t.negate(plan.lowering.missing(id))
        for id, question in protocol.questions.items()
        if id in looked_at and question.kind != "text"
    ]
    if not any(isinstance(one, t.Distinct) for one in t.walk(*terms)):
        return t.all_of(*answered)
    for medicine in protocol.medicines:
        there = t.make(t.IsAnswered, f"{table.id}.{medicine}")
        answered.append(t.any_of(t.negate(there), row_answered(protocol, medicine)))
    return t.all_of(*answered)


def row_answered(protocol: Protocol, medicine: str) -> t.Bool:
    """Every cell of a medicine's row has an answer that counts."""
    row = f"{protocol.table.id}.{medicine}"
    return t.all_of(*(_cell_answered(row, column) for column in protocol.table.columns))


def _cell_answered(row: str, column: Question) -> t.Bool:
    path = f"{row}.{column.id}"
    if any(option.counts_as is not None for option in column.options):
        return t.among(path, [o.id for o in column.options if o.counts_as is None])
    return t.make(t.IsAnswered, path)


def lowered_by(plan: Plan, what: str, changed: frozenset[str]) -> t.Bool:
    """Whether a score (either end of it) or the priority is lower for the second person.

    `safety_priority` looks at ineligible, emergency, urgent and hold alone.
    """
    if what in ("priority", "safety_priority"):
        looked_at = PRIORITIES if what == "priority" else SAFETY
        return t.any_of(
            *(
                t.all_of(found, t.negate(_second(found, changed)))
                for found in (plan.at_least[priority] for priority in looked_at)
            )
        )
    low, high = plan.scores[what]
    return t.any_of(
        *(
            t.negate(t.at_most(end, second(end, changed)))  # type: ignore[arg-type]
            for end in (low, high)
        )
    )


def differs(plan: Plan, what: str, changed: frozenset[str]) -> t.Bool:
    """Whether a rule, a score or the priority is not the same for the second person."""
    if what == "priority":
        return t.any_of(*(_unlike(one, _second(one, changed)) for one in plan.at_least.values()))
    if what in plan.scores:
        ends = plan.scores[what]
        return t.negate(t.all_of(*(t.equal(one, second(one, changed)) for one in ends)))  # type: ignore[arg-type]
    return t.any_of(
        *(_unlike(one, _second(one, changed)) for one in (plan.met(what), plan.not_met(what)))
    )


def worse(plan: Plan, question: str, order: tuple[str, ...]) -> t.Bool:
    """The second person's answer to an item is the worse one: further right, or a higher number."""
    if not order:
        asked = plan.protocol.questions[question]
        given = t.make(t.IsAnswered, question)
        here, there = (
            t.make(t.Amount, path, asked.decimals, _ends(asked), _ends(asked)[0])
            for path in (question, question + SECOND)
        )
        return t.all_of(given, t.make(t.IsAnswered, question + SECOND), t.at_most(here, there))
    return t.any_of(
        *(
            t.all_of(t.among(question, order[:i]), t.among(question + SECOND, order[i : i + 1]))
            for i in range(1, len(order))
        )
    )


def one_more_ticked(plan: Plan, question: str) -> t.Bool:
    """The second person ticked what the first did, and perhaps more."""
    options = [id for id in plan.protocol.questions[question].option_ids if id != "none"]
    return t.all_of(
        t.make(t.IsAnswered, question),
        t.make(t.IsAnswered, question + SECOND),
        *(
            t.any_of(
                t.negate(t.make(t.Ticked, question, (id,))),
                t.make(t.Ticked, question + SECOND, (id,)),
            )
            for id in options
        ),
    )


def band_faults(plan: Plan, score: str) -> Iterator[str]:
    """What is wrong with the bands of a score: a gap, an overlap, or an end that is not covered."""
    text = plan.protocol.scores[score]
    reached = text.range[0] - 1
    for band in sorted(text.bands, key=lambda one: one.from_):
        if band.from_ > reached + 1:
            yield f"{reached + 1} to {band.from_ - 1} lie in no band"
        elif band.from_ <= reached:
            yield f"{band.from_} to {min(reached, band.to)} lie in two bands"
        if band.to < band.from_:
            yield f"the band {band.label} ends before it begins"
        reached = max(reached, band.to)
    if reached != text.range[1]:
        yield f"the bands end at {reached}, the score at {text.range[1]}"


def _ends(question: Question) -> tuple[int, int]:
    assert question.range is not None
    scale = 10**question.decimals
    return question.range[0] * scale, question.range[1] * scale


def _second(term: t.Bool, changed: frozenset[str]) -> t.Bool:
    return second(term, changed)  # type: ignore[return-value]  # a condition stays one


def _unlike(one: t.Bool, other: t.Bool) -> t.Bool:
    return t.any_of(t.all_of(one, t.negate(other)), t.all_of(other, t.negate(one)))
