"""Claims as terms: what an invariant says of one person, or of two who are compared."""

from collections.abc import Collection, Iterator

from screener.engine.language import invariants as c
from screener.engine.medicines import Medicine
from screener.engine.priorities import PRIORITIES
from screener.engine.proof.domain import SECOND, limits, second
from screener.engine.questions import Question
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import at_row
from screener.engine.terms.plan import Plan

# The priorities of `safety_priority`: ineligible, emergency, urgent and hold.
SAFETY = PRIORITIES[: PRIORITIES.index("hold") + 1]


# --- one person ----------------------------------------------------------------------------------


def holds(plan: Plan, claim: c.Claim, rules: Collection[str] = ()) -> t.Bool:
    """Return whether a claim holds for a person.

    Where it is about every rule and every question, `rules` are the rules that are looked at (all
    if none are named), and the questions are those that they read.
    """
    rules = rules or tuple(plan.protocol.rules)
    match claim:
        case c.Combined(kind, parts):
            terms = [holds(plan, part, rules) for part in parts]
            if kind == "all":
                return t.all_of(*terms)
            return t.any_of(*terms) if kind == "any" else t.negate(t.any_of(*terms))
        case c.Certain(expression):
            return plan.as_given.boolean(expression)[0]
        case c.IsBlank(question):
            return t.negate(plan.as_given.known(question))
        case c.ComesOut(rule, outcome):
            return plan.outcome(rule, outcome)
        case c.HasPriority(priority, at_least):
            reached = plan.at_least[priority]
            higher = PRIORITIES.index(priority) - 1
            if at_least or higher < 0:
                return reached
            return t.all_of(reached, t.negate(plan.at_least[PRIORITIES[higher]]))
        case c.TopicChosen(topic):
            return plan.topic(topic)
        case c.OnlyDecided(rule):
            return t.all_of(*(plan.unknown(id) for id in plan.protocol.rules if id != rule))
        case c.AllAnswered():
            return all_answered(plan, rules)
        case c.FormSent():
            return t.make(t.Submitted)
        case c.NoneUnknown(priority, excepted):
            high = PRIORITIES[: PRIORITIES.index(priority) + 1]
            every = plan.protocol.rules.items()
            held = [id for id, rule in every if rule.priority in high and id not in excepted]
            return t.negate(t.any_of(*(plan.unknown(id) for id in held)))
        case c.AllDecided():
            return t.negate(t.any_of(*(plan.unknown(id) for id in rules)))


def is_about_every_rule(claim: c.Claim) -> bool:
    """Return whether a claim is about every rule, so that it can be proved rule by rule."""
    if isinstance(claim, c.Combined):
        return claim.kind == "all" and any(is_about_every_rule(part) for part in claim.parts)
    return isinstance(claim, c.AllDecided)


def all_answered(plan: Plan, rules: Collection[str]) -> t.Bool:
    """Return whether every question that the rules read, and that is asked, has an answer that
    counts."""
    protocol = plan.protocol
    terms = [term for id in rules for term in plan.rules[id]]
    read = {path.split(".")[0] for path in t.paths(*terms)}
    answered = [
        t.negate(plan.lowering.missing(id))
        for id, question in protocol.questions.items()
        if id in read and question.kind != "text"
    ]
    if any(isinstance(term, t.Distinct) for term in t.walk(*terms)):
        for medicine in protocol.medicines.values():
            there = t.make(t.IsAnswered, f"{protocol.table.id}.{medicine.id}")
            answered.append(t.any_of(t.negate(there), row_answered(plan, medicine)))
    return t.all_of(*answered)


def row_answered(plan: Plan, medicine: Medicine) -> t.Bool:
    """Return whether every cell that is asked of a medicine has an answer that counts."""
    protocol = plan.protocol
    row = f"{protocol.table.id}.{medicine.id}"
    cells = []
    for column in protocol.table.columns:
        if column.kind == "choices":
            continue  # no rule reads it
        condition = plan.lowering.column_asked(column.id)
        is_asked = at_row(condition, protocol, medicine, "any")
        cells.append(t.any_of(t.negate(is_asked), _cell_answered(row, column)))
    return t.all_of(*cells)


def _cell_answered(row: str, column: Question) -> t.Bool:
    path = f"{row}.{column.id}"
    if any(option.counts_as is not None for option in column.options):
        return t.among(path, [o.id for o in column.options if o.counts_as is None])
    return t.make(t.IsAnswered, path)


# --- two people ----------------------------------------------------------------------------------


def lowered(plan: Plan, what: str, changed: frozenset[str]) -> t.Bool:
    """Return whether a score (either end of it) or the priority is lower for the second person,
    whose answers to the `changed` questions differ."""
    if what in plan.scores:
        ends = plan.scores[what]
        return t.any_of(*(t.negate(t.at_most(end, second(end, changed))) for end in ends))
    priorities = PRIORITIES if what == "priority" else SAFETY
    reached = [plan.at_least[priority] for priority in priorities]
    return t.any_of(*(t.all_of(term, t.negate(second(term, changed))) for term in reached))


def shown_differs(plan: Plan, rule: str, changed: frozenset[str]) -> t.Bool:
    """Return whether a rule shows the second person something that it does not show the first."""
    met = plan.met(rule)
    return t.unlike(met, second(met, changed))


def differs(plan: Plan, what: str, changed: frozenset[str]) -> t.Bool:
    """Return whether a rule, a score or the priority is not the same for the second person."""
    if what in plan.scores:
        ends = plan.scores[what]
        return t.negate(t.all_of(*(t.equal(end, second(end, changed)) for end in ends)))
    outcomes = (
        plan.at_least.values() if what == "priority" else (plan.met(what), plan.not_met(what))
    )
    return t.any_of(*(t.unlike(term, second(term, changed)) for term in outcomes))


def worse(plan: Plan, question: str, order: tuple[str, ...]) -> t.Bool:
    """Return whether the second person's answer to an item is worse: further right in `order`, or
    a number that is not lower (`order` is empty)."""
    if order:
        moves = (
            t.all_of(t.among(question, order[:i]), t.among(question + SECOND, order[i : i + 1]))
            for i in range(1, len(order))
        )
        return t.any_of(*moves)
    item = plan.protocol.questions[question]
    ends = limits(item)
    paths = question, question + SECOND
    before, after = (t.make(t.Amount, path, item.decimals, ends, ends[0]) for path in paths)
    return t.all_of(*(t.make(t.IsAnswered, path) for path in paths), t.at_most(before, after))


def one_more_ticked(plan: Plan, question: str) -> t.Bool:
    """Return whether the second person ticked what the first did, and perhaps more."""
    paths = question, question + SECOND
    options = [id for id in plan.protocol.questions[question].option_ids if id != "none"]
    ticks = ((t.make(t.Ticked, path, (id,)) for path in paths) for id in options)
    return t.all_of(
        *(t.make(t.IsAnswered, path) for path in paths),
        *(t.any_of(t.negate(before), after) for before, after in ticks),
    )


# --- bands ---------------------------------------------------------------------------------------


def band_faults(plan: Plan, score: str) -> Iterator[str]:
    """Yield what is wrong with the bands of a score: a gap, an overlap, an end left out."""
    text = plan.protocol.scores[score]
    covered = text.range[0] - 1
    for band in sorted(text.bands, key=lambda band: band.from_):
        if band.from_ > covered + 1:
            yield f"{covered + 1} to {band.from_ - 1} lie in no band"
        elif band.from_ <= covered:
            yield f"{band.from_} to {min(covered, band.to)} lie in two bands"
        if band.to < band.from_:
            yield f"the band {band.label} ends before it begins"
        covered = max(covered, band.to)
    if covered != text.range[1]:
        yield f"the bands end at {covered}, the score at {text.range[1]}"
