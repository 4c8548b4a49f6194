"""Two versions of a rulebook: what was added, removed, and changed in meaning or only in words.

Rules and scores are compared by their terms, with the medicines spelt out. Terms are in a normal
form: where they are the same, both versions mean the same. Where they differ, both may still mean
the same; a solver can tell (`by_counterexample.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from screener.engine.diff.difference import CHANGE_KINDS, ChangeKind, Difference
from screener.engine.expressions import Condition
from screener.engine.language.invariants import CompiledInvariant
from screener.engine.medicines import Trial
from screener.engine.protocol import Protocol, Rule, Rulebook, Score
from screener.engine.terms.grounding import Grounding
from screener.engine.terms.lowering import Pair, Span
from screener.engine.terms.plan import Plan, lower
from screener.engine.words import Words

# What kind of change it is, and what was and is, in words.
_Change = tuple[ChangeKind, str, str] | None
_Groundings = tuple[Grounding, Grounding]


def compare(old: Rulebook, new: Rulebook) -> list[Difference]:
    """Return every difference between two rulebooks, those of meaning before those of wording."""
    differences: list[Difference] = []
    for id in sorted({*old.protocols, *new.protocols}):
        if id in old.protocols and id in new.protocols:
            differences += _protocol(old.protocols[id], new.protocols[id])
        else:
            kind: ChangeKind = "added" if id in new.protocols else "removed"
            differences.append(Difference(id, "protocol", id, kind))
    return sorted(differences, key=lambda difference: CHANGE_KINDS.index(difference.kind))


def changes_meaning(differences: list[Difference]) -> bool:
    """Return whether any difference is more than wording."""
    return any(difference.kind != "wording" for difference in differences)


def _protocol(old: Protocol, new: Protocol) -> Iterator[Difference]:
    groundings = Grounding(old), Grounding(new)
    pages, pages_now = ({page.id: page for page in p.pages} for p in (old, new))
    sections, sections_now = ({s.id: s for s in p.sections} for p in (old, new))
    stated, stated_now = ({i.text.id: i for i in p.invariants} for p in (old, new))
    overlaps, overlaps_now = ({o.id: o for o in p.intended_overlaps} for p in (old, new))
    each = partial(_each, old.id)
    yield from each("rule", old.rules, new.rules, partial(_rule, groundings))
    yield from each("score", old.scores, new.scores, partial(_score, groundings))
    yield from each("question", old.questions, new.questions, _QUESTION.change)
    yield from each("medicine", old.medicines, new.medicines, _MEDICINE.change)
    yield from each("page", pages, pages_now, _PAGE.change)
    yield from each("section", sections, sections_now, _SECTION.change)
    yield from each("topic", old.topics, new.topics, _TOPIC.change)
    yield from each("statement", stated, stated_now, _statement)
    yield from each("overlap", overlaps, overlaps_now, _OVERLAP.change)


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
        return RULE.change(old, new)
    before, after = (grounding.protocol for grounding in groundings)
    return "meaning", in_words(before, old), in_words(after, new)


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
        return _SCORE.change(old, new)
    before, after = (Words(grounding.protocol) for grounding in groundings)
    return "meaning", before.number(old.value), after.number(new.value)


# --- the rest ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Parts:
    """Parts of a rulebook that are compared by their attributes.

    A difference at `keys` is of that kind. One at `read` is of wording; if it is empty, any other.
    """

    title: str = "title"
    kind: ChangeKind = "meaning"
    keys: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    def change(self, old: Any, new: Any) -> _Change:
        """Return how a part has changed, or None."""
        differing = [key for key in self.keys if getattr(old, key) != getattr(new, key)]
        if differing:
            before, after = (
                "; ".join(f"{key}: {_written(getattr(part, key))}" for key in differing)
                for part in (old, new)
            )
            return self.kind, before, after
        if old == new or (self.read and all(getattr(old, k) == getattr(new, k) for k in self.read)):
            return None
        return "wording", getattr(old, self.title), getattr(new, self.title)


# What changed in a rule that means the same: its handling, its wording, or nothing.
RULE = _Parts(
    "title",
    "handling",
    ("priority", "if_unknown", "help", "topics"),
    read=("title", "staff", "reported", "reference", "choice", "cases"),
)
_SCORE = _Parts(read=("title", "bands", "reference", "choice", "note", "loinc"))
_ANSWERS = ("kind", "range", "option_ids")
_ASKED = ("asked_when", "when_not_asked", "when_missing", "required", "required_when")
_QUESTION = _Parts("text", "meaning", _ANSWERS + _ASKED)
_MEDICINE = _Parts("name", "meaning", ("ingredient", "classes", "mood", "pain"))
_PAGE = _Parts("title", "handling", ("keep_typing",))
_SECTION = _Parts()
_TOPIC = _Parts()
_OVERLAP = _Parts("because", "proof", ("equal", "shadowed", "by", "spare", "clause"))


def _written(value: Any) -> str:
    """Return a condition, a trial or any other value much as it is written."""
    match value:
        case Condition():
            parts = ", ".join(map(_written, value.parts))
            return value.text or f"{value.kind} of ({parts})"
        case Trial():
            reduced = f", reduced to {value.reduced.dose_mg} mg" if value.reduced else ""
            return f"{value.dose_mg} mg for {value.weeks} weeks{reduced}"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(map(_written, value))
    return str(value)


def _statement(old: CompiledInvariant, new: CompiledInvariant) -> _Change:
    if old == new:
        return None
    read = {"says", "reference", "choice", "when", "then"}
    before, after = ((i.when, i.then, i.text.model_dump(exclude=read)) for i in (old, new))
    return "wording" if before == after else "proof", old.text.says, new.text.says
