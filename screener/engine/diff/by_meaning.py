"""Two versions of a rulebook: what was added, removed, and changed in meaning or only in words.

Rules and scores are compared by their terms, with the medicines spelt out. Terms are in a normal
form: where they are the same, both versions mean the same. Where they differ, both may still mean
the same; a solver can tell (`by_person.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from screener.engine.diff.difference import KINDS, Difference, Kind
from screener.engine.expressions import Condition
from screener.engine.language.invariants import CompiledInvariant, DeclaredOverlap
from screener.engine.protocol import Medicine, Page, Protocol, Rule, Rulebook, Score, Topic
from screener.engine.questions import Question
from screener.engine.terms.grounding import Grounding
from screener.engine.terms.lowering import Pair, Span
from screener.engine.terms.plan import Plan, lower
from screener.engine.words import Words

# What kind of change it is, and what was and is, in words.
_Change = tuple[Kind, str, str] | None
_Groundings = tuple[Grounding, Grounding]

# How a question is asked, and what stands where it is not answered.
_ASKED = ("asked_when", "when_not_asked", "when_missing", "required", "required_when")


def compare(old: Rulebook, new: Rulebook) -> list[Difference]:
    """Return every difference between two rulebooks, those of meaning before those of wording."""
    differences: list[Difference] = []
    for id in sorted({*old.protocols, *new.protocols}):
        if id in old.protocols and id in new.protocols:
            differences += _protocol(old.protocols[id], new.protocols[id])
        else:
            kind: Kind = "added" if id in new.protocols else "removed"
            differences.append(Difference(id, "protocol", id, kind))
    return sorted(differences, key=lambda difference: KINDS.index(difference.kind))


def changes_meaning(differences: list[Difference]) -> bool:
    """Return whether any difference is more than wording."""
    return any(difference.kind != "wording" for difference in differences)


def _protocol(old: Protocol, new: Protocol) -> Iterator[Difference]:
    groundings = Grounding(old), Grounding(new)
    pages, pages_now = ({page.id: page for page in p.pages} for p in (old, new))
    stated, stated_now = ({i.text.id: i for i in p.invariants} for p in (old, new))
    overlaps, overlaps_now = ({o.id: o for o in p.intended_overlaps} for p in (old, new))
    each = partial(_each, old.id)
    yield from each("rule", old.rules, new.rules, partial(_rule, groundings))
    yield from each("score", old.scores, new.scores, partial(_score, groundings))
    yield from each("question", old.questions, new.questions, _question)
    yield from each("medicine", old.medicines, new.medicines, _medicine)
    yield from each("page", pages, pages_now, _page)
    yield from each("topic", old.topics, new.topics, _topic)
    yield from each("statement", stated, stated_now, _statement)
    yield from each("overlap", overlaps, overlaps_now, _overlap)


def _each(
    protocol: str,
    what: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    change: Callable[[Any, Any], _Change],
) -> Iterator[Difference]:
    for id in dict.fromkeys((*old, *new)):
        if id not in new:
            yield Difference(protocol, what, id, "removed")
        elif id not in old:
            yield Difference(protocol, what, id, "added")
        elif (changed := change(old[id], new[id])) is not None:
            yield Difference(protocol, what, id, *changed)


# --- rules and scores ----------------------------------------------------------------------------


def _means_the_same(groundings: _Groundings, terms: Callable[[Plan], Pair | Span]) -> bool:
    old, new = (
        [grounding.grounded(term) for term in terms(lower(grounding.protocol))]
        for grounding in groundings
    )
    return old == new


def _rule(groundings: _Groundings, old: Rule, new: Rule) -> _Change:
    if _means_the_same(groundings, lambda plan: plan.rules[old.id]):
        return apart_from_meaning(old, new)
    before, after = (grounding.protocol for grounding in groundings)
    return "meaning", in_words(before, old), in_words(after, new)


def apart_from_meaning(old: Rule, new: Rule) -> _Change:
    """Return what changed in a rule that means the same: its handling, its wording, or nothing."""
    handling = [
        f"priority {r.priority}, if unknown {r.if_unknown}, help {r.help}" for r in (old, new)
    ]
    if handling[0] != handling[1]:
        return "handling", handling[0], handling[1]
    if old.topics != new.topics:
        return "handling", "topics " + ", ".join(old.topics), "topics " + ", ".join(new.topics)
    return _wording(old, new, "title", "staff", "reported", "reference", "choice", "cases")


def in_words(protocol: Protocol, rule: Rule) -> str:
    """Return the condition of a rule in words, whichever of its three forms it has."""
    words = Words(protocol)
    if rule.unanswered is not None:
        names = ", ".join(words.path(id) for id in rule.unanswered.questions)
        return f"left blank: {names}"
    if rule.undecided is not None:
        return "cannot tell: " + ", ".join((*rule.undecided.all, *rule.undecided.any))
    return words.condition(protocol.condition(rule.id))


def _score(groundings: _Groundings, old: Score, new: Score) -> _Change:
    if _means_the_same(groundings, lambda plan: plan.scores[old.id]):
        return _wording(old, new, "title", "bands", "reference", "choice", "note", "loinc")
    before, after = (Words(grounding.protocol) for grounding in groundings)
    return "meaning", before.number(old.value), after.number(new.value)


def _wording(old: Any, new: Any, *keys: str) -> _Change:
    if all(getattr(old, key) == getattr(new, key) for key in keys):
        return None
    return "wording", old.title, new.title


# --- the rest ------------------------------------------------------------------------------------


def _question(old: Question, new: Question) -> _Change:
    if old == new:
        return None
    keys = [key for key in _ASKED if getattr(old, key) != getattr(new, key)]
    if not keys and (old.kind, old.range, old.option_ids) == (new.kind, new.range, new.option_ids):
        return "wording", old.text, new.text
    return "meaning", _described(old, keys), _described(new, keys)


def _described(question: Question, keys: list[str]) -> str:
    """Return a question in words, with what differs of how it is asked as it is written."""
    how = [f"{key}: {_written(getattr(question, key))}" for key in keys]
    return f"{question.text} ({'; '.join([question.described, *how])})"


def _written(value: Any) -> str:
    """Return a condition as it is written, and any other value as text."""
    if not isinstance(value, Condition):
        return str(value)
    parts = ", ".join(map(_written, value.parts))
    return value.text or f"{value.kind} of ({parts})"


def _medicine(old: Medicine, new: Medicine) -> _Change:
    if old == new:
        return None
    counted, counts = ((m.ingredient, m.classes, m.mood, m.pain) for m in (old, new))
    return "wording" if counted == counts else "meaning", _trials(old), _trials(new)


def _trials(medicine: Medicine) -> str:
    trials = [
        f"{use} {trial.dose_mg} mg for {trial.weeks} weeks"
        for use in ("mood", "pain")
        if (trial := medicine.trial(use)) is not None
    ]
    return "; ".join(trials) or "not counted"


def _page(old: Page, new: Page) -> _Change:
    if old.keep_typing == new.keep_typing:
        return None if old == new else ("wording", old.title, new.title)
    kept, keeps = (f"keep_typing: {'yes' if page.keep_typing else 'no'}" for page in (old, new))
    return "handling", kept, keeps


def _topic(old: Topic, new: Topic) -> _Change:
    return None if old == new else ("wording", old.title, new.title)


def _statement(old: CompiledInvariant, new: CompiledInvariant) -> _Change:
    if old == new:
        return None
    read = {"says", "reference", "choice", "when", "then"}
    before, after = ((i.when, i.then, i.text.model_dump(exclude=read)) for i in (old, new))
    return "wording" if before == after else "proof", old.text.says, new.text.says


def _overlap(old: DeclaredOverlap, new: DeclaredOverlap) -> _Change:
    if old == new:
        return None
    before, after = (overlap.model_dump(exclude={"because"}) for overlap in (old, new))
    return "wording" if before == after else "proof", old.because, new.because
