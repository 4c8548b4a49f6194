"""Rules on ticks: most people tick "none", and whole groups of rules are decided by that at once.

A rule that says no more than "one of these is ticked" is not looked at by itself: every tick names
the rules that are met by it, so that a person costs what they ticked, not what could be ticked. A
rule that cannot be met where "none" is ticked stands in a block that is passed over then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan

NONE = ("none",)
# How many rules a block must save before it is worth asking for it.
LEAST = 2


@dataclass(frozen=True)
class Alone:
    """The rules that look at the ticks of one question alone."""

    question: str
    rules: tuple[str, ...]
    met_by: Mapping[str, tuple[str, ...]]


def alone(plan: Plan) -> list[Alone]:
    """The rules that say that some options are ticked and nothing else, by question."""
    found = []
    for question in _with_ticks(plan):
        given = t.make(t.IsAnswered, question)
        options: dict[str, tuple[str, ...]] = {}
        for id, (must, may) in plan.rules.items():
            # Equal terms are one object.
            blank_or = t.any_of(must, t.negate(given))
            if isinstance(must, t.Ticked) and must.path == question and may is blank_or:
                options[id] = must.options
        met_by: dict[str, tuple[str, ...]] = {}
        for id, ticks in options.items():
            for option in ticks:
                met_by[option] = (*met_by.get(option, ()), id)
        if options:
            found.append(Alone(question, tuple(options), met_by))
    return found


def void_without_ticks(plan: Plan, rules: Iterable[str]) -> dict[str, list[str]]:
    """The rules that nobody meets who ticks "none", by question; each rule once."""
    open_ = {id: t.paths(plan.rules[id][1]) for id in rules}
    groups: dict[str, list[str]] = {}
    for question in _with_ticks(plan):
        done: dict[t.Term, t.Term] = {}
        groups[question] = [
            id
            for id, looked_at in open_.items()
            if question in looked_at and _is_void(plan.rules[id][1], question, done)
        ]
    found: dict[str, list[str]] = {}
    for question, group in sorted(groups.items(), key=lambda one: -len(one[1])):
        left = [id for id in group if id in open_]
        if len(left) >= LEAST:
            found[question] = left
            for id in left:
                del open_[id]
    return found


def _with_ticks(plan: Plan) -> list[str]:
    questions = plan.protocol.questions.values()
    return [one.id for one in questions if one.kind == "choices" and "none" in one.option_ids]


def _is_void(may: t.Bool, question: str, done: dict[t.Term, t.Term]) -> bool:
    """Whether a condition is false, whatever else was answered, where "none" is ticked."""

    def leaf(term: t.Term) -> t.Term:
        match term:
            case t.IsAnswered(path) if path == question:
                return t.truth(True)
            case t.Ticked(path, options) if path == question:
                return t.truth("none" in options)
            case t.Ticks(path, options) if path == question:
                return t.whole(int("none" in options))
        return term

    return t.rebuilt(may, leaf, done) is t.truth(False)
