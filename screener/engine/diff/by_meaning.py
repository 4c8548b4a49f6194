"""Two versions of a rulebook: what was added, removed, and changed in meaning or only in words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from screener.engine.expressions import Condition
from screener.engine.language.invariants import CompiledInvariant, DeclaredOverlap
from screener.engine.protocol import Medicine, Page, Protocol, Rule, Rulebook, Score
from screener.engine.questions import Question
from screener.engine.terms import terms as t
from screener.engine.terms.grounding import Grounding
from screener.engine.terms.plan import lower
from screener.engine.words import Words

Sort = Literal["added", "removed", "meaning", "handling", "proof", "wording"]
_Change = tuple[Sort, str, str] | None

# How a question is asked, and what stands where it is not answered.
_ASKED = ("asked_when", "when_not_asked", "when_missing", "required", "required_when")

ORDER: tuple[Sort, ...] = ("added", "removed", "meaning", "handling", "proof", "wording")


@dataclass(frozen=True)
class Difference:
    """One difference. `what` is rule, question, score, medicine, page, topic, or a statement or
    overlap that is proved; `old`, `new` in words.

    `meaning`: other people are flagged. `handling`: the same people, another priority, outcome of
    a blank or help page, or what the browser keeps of a page. `proof`: something else is proved of
    the same rules. `wording`: only what people read.
    """

    protocol: str
    what: str
    id: str
    sort: Sort
    old: str = ""
    new: str = ""


def compare(old: Rulebook, new: Rulebook) -> list[Difference]:
    """Every difference between two rulebooks, those of meaning first."""
    found: list[Difference] = []
    for id in sorted({*old.protocols, *new.protocols}):
        if id not in new.protocols or id not in old.protocols:
            sort: Sort = "added" if id in new.protocols else "removed"
            found.append(Difference(id, "protocol", id, sort))
        else:
            found += _compare(old.protocols[id], new.protocols[id])
    return sorted(found, key=lambda difference: ORDER.index(difference.sort))


def changes_meaning(differences: list[Difference]) -> bool:
    """Whether any difference is more than wording."""
    return any(difference.sort != "wording" for difference in differences)


def _compare(old: Protocol, new: Protocol) -> Iterator[Difference]:
    versions = Meanings(old), Meanings(new)
    yield from _each(old.id, "rule", old.rules, new.rules, lambda a, b: _rule(versions, a, b))
    yield from _each(old.id, "score", old.scores, new.scores, lambda a, b: _score(versions, a, b))
    yield from _each(old.id, "question", old.questions, new.questions, _question)
    yield from _each(old.id, "medicine", old.medicines, new.medicines, _medicine)
    pages, pages_now = ({page.id: page for page in p.pages} for p in (old, new))
    yield from _each(old.id, "page", pages, pages_now, _page)
    yield from _each(old.id, "topic", old.topics, new.topics, _topic)
    stated, stated_now = ({s.text.id: s for s in p.invariants} for p in (old, new))
    yield from _each(old.id, "statement", stated, stated_now, _statement)
    overlaps, overlaps_now = ({o.id: o for o in p.intended_overlaps} for p in (old, new))
    yield from _each(old.id, "overlap", overlaps, overlaps_now, _overlap)


def _each(
    protocol: str,
    what: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    both: Callable[[Any, Any], _Change],
) -> Iterator[Difference]:
    for id in (*old, *(id for id in new if id not in old)):
        if id not in new:
            yield Difference(protocol, what, id, "removed")
        elif id not in old:
            yield Difference(protocol, what, id, "added")
        else:
            changed = both(old[id], new[id])
            if changed is not None:
                yield Difference(protocol, what, id, *changed)


class Meanings:
    """What the rules and scores of one protocol mean: their terms, medicine by medicine.

    Terms are in a normal form, so that two versions mean the same where their terms are the same.
    Terms that differ may still mean the same; a solver can tell (`by_person.py`).
    """

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._plan = lower(protocol)
        self._grounding = Grounding(protocol)

    def rule(self, id: str) -> tuple[t.Term, ...]:
        """Return whether the rule is met, and whether it may be."""
        return tuple(self._grounding.grounded(term) for term in self._plan.rules[id])

    def score(self, id: str) -> tuple[t.Term, ...]:
        """Return the lowest and the highest value of the score."""
        return tuple(self._grounding.grounded(term) for term in self._plan.scores[id])


Versions = tuple[Meanings, Meanings]


def _rule(versions: Versions, a: Rule, b: Rule) -> _Change:
    old, new = versions
    if old.rule(a.id) != new.rule(b.id):
        return "meaning", in_words(old.protocol, a), in_words(new.protocol, b)
    return apart_from_meaning(a, b)


def apart_from_meaning(a: Rule, b: Rule) -> _Change:
    """What else changed in a rule that means the same: its handling or its wording, or nothing."""
    handled = [f"priority {r.priority}, if unknown {r.if_unknown}, help {r.help}" for r in (a, b)]
    if handled[0] != handled[1]:
        return "handling", handled[0], handled[1]
    if a.topics != b.topics:
        return "handling", "topics " + ", ".join(a.topics), "topics " + ", ".join(b.topics)
    if _read(a) != _read(b):
        return "wording", a.title, b.title
    return None


def in_words(protocol: Protocol, rule: Rule) -> str:
    """The condition of a rule in words, whichever of its three forms it has."""
    words = Words(protocol)
    if rule.unanswered is not None:
        names = ", ".join(words.path(id) for id in rule.unanswered.questions)
        return f"left blank: {names}"
    if rule.undecided is not None:
        return "cannot tell: " + ", ".join((*rule.undecided.all, *rule.undecided.any))
    return words.condition(protocol.condition(rule.id))


def _read(rule: Rule) -> tuple[Any, ...]:
    return (rule.title, rule.staff, rule.reported, rule.reference, rule.choice, rule.cases)


def _score(versions: Versions, a: Score, b: Score) -> _Change:
    old, new = versions
    if old.score(a.id) != new.score(b.id):
        return "meaning", Words(old.protocol).number(a.value), Words(new.protocol).number(b.value)
    return None if _without(a) == _without(b) else ("wording", a.title, b.title)


def _without(score: Score) -> tuple[Any, ...]:
    return (score.title, score.bands, score.reference, score.choice, score.note, score.loinc)


def _question(a: Question, b: Question) -> _Change:
    if a == b:
        return None
    keys = [key for key in _ASKED if getattr(a, key) != getattr(b, key)]
    if not keys and (a.kind, a.range, a.option_ids) == (b.kind, b.range, b.option_ids):
        return "wording", a.text, b.text
    return "meaning", _asked(a, keys), _asked(b, keys)


def _asked(question: Question, keys: list[str]) -> str:
    """A question in words, with what differs of how it is asked as it is written."""
    how = [f"{key}: {_written(getattr(question, key))}" for key in keys]
    return f"{question.text} ({'; '.join([question.described, *how])})"


def _written(value: Any) -> str:
    """Return a condition as it is written, and any other value as text."""
    if not isinstance(value, Condition):
        return str(value)
    parts = ", ".join(map(_written, value.parts))
    return value.text or f"{value.kind} of ({parts})"


def _medicine(a: Medicine, b: Medicine) -> _Change:
    if a == b:
        return None
    counted = [(m.ingredient, m.classes, m.mood, m.pain) for m in (a, b)]
    sort: Sort = "meaning" if counted[0] != counted[1] else "wording"
    return sort, _trials(a), _trials(b)


def _trials(medicine: Medicine) -> str:
    trials = [
        f"{use} {trial.dose_mg} mg for {trial.weeks} weeks"
        for use in ("mood", "pain")
        if (trial := medicine.trial(use)) is not None
    ]
    return "; ".join(trials) or "not counted"


def _page(a: Page, b: Page) -> _Change:
    if a == b:
        return None
    if a.keep_typing != b.keep_typing:
        kept = [f"keep_typing: {'yes' if page.keep_typing else 'no'}" for page in (a, b)]
        return "handling", kept[0], kept[1]
    return "wording", a.title, b.title


def _topic(a: Any, b: Any) -> _Change:
    return None if a == b else ("wording", a.title, b.title)


def _statement(a: CompiledInvariant, b: CompiledInvariant) -> _Change:
    if a == b:
        return None
    read = {"says", "reference", "choice", "when", "then"}
    claims = [(one.when, one.then, one.text.model_dump(exclude=read)) for one in (a, b)]
    return "wording" if claims[0] == claims[1] else "proof", a.text.says, b.text.says


def _overlap(a: DeclaredOverlap, b: DeclaredOverlap) -> _Change:
    if a == b:
        return None
    rules = [one.model_dump(exclude={"because"}) for one in (a, b)]
    return "wording" if rules[0] == rules[1] else "proof", a.because, b.because
