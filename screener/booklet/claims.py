"""The invariants and the intended overlaps of rules in words, for the document to sign.

The sentences of the claims are made from the claims themselves, like those of the rules.
"""

from collections.abc import Iterable, Iterator, Mapping

from screener.booklet.parts import ClauseView, InvariantView, OverlapView
from screener.engine.language import invariants as c
from screener.engine.protocol import Protocol
from screener.engine.words import Words, sentence

_WHOLE = {"all": "All of these:", "any": "Any of these:", "none": "None of these:"}
_OUTCOMES = {"met": "is met", "not_met": "is not met", "unknown": "cannot tell"}
_EVERYBODY = ClauseView("Everyone, whatever they answer and whatever they leave blank")


class ClaimWords:
    """Puts the invariants and the intended overlaps of one protocol into views."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.words = Words(protocol)

    def invariants(self) -> Iterator[InvariantView]:
        """Yield every invariant with its claims."""
        for invariant in self.protocol.invariants:
            text = invariant.text
            claims = tuple(self.claims(invariant))
            yield InvariantView(text.id, text.says, claims, text.reference, text.choice)

    def overlaps(self) -> Iterator[OverlapView]:
        """Yield every intended overlap of rules, with its reason."""
        for overlap in self.protocol.intended_overlaps:
            yield OverlapView(overlap.id, self.overlap(overlap), overlap.because)

    # --- invariants --------------------------------------------------------------------------

    def claims(self, invariant: c.CompiledInvariant) -> Iterator[tuple[str, ClauseView]]:
        """Yield the parts of an invariant, each with the words printed before it."""
        text = invariant.text
        match text.form:
            case "then":
                assert invariant.then is not None
                yield "If", _EVERYBODY if invariant.when is None else self.claim(invariant.when)
                yield "Then", self.claim(invariant.then)
            case "keeps":
                yield "Whatever the answer to", _list(self.questions(text.change))
                yield "Stays the same", _list(self.named(text.keeps))
            case "never_lowers":
                if invariant.when is not None:
                    yield "If", self.claim(invariant.when)
                if text.worse:
                    yield "A worse answer to", self.worse(text.worse)
                if text.tick:
                    yield "One more tick in", _list(self.questions(text.tick))
                yield "Never lowers", _list(self.named(text.never_lowers))
            case "safety":
                yield "If", ClauseView(f"A rule of priority {' or '.join(text.safety)} is met")
                yield (
                    "Then",
                    ClauseView("The submission has the priority of this rule or a higher one"),
                )
            case "shown":
                yield "The same answers to", _list(self.questions(text.shown))
                yield "Always", ClauseView("Both people are shown the same")
            case "bands":
                yield "Scores", _list(self.named(text.bands))
                yield (
                    "Always",
                    ClauseView("Each possible value is in exactly one band"),
                )

    def claim(self, claim: c.Claim) -> ClauseView:
        """Return a claim as a nested list of sentences."""
        if isinstance(claim, c.Combined):
            parts = tuple(self.claim(part) for part in claim.parts)
            if len(parts) == 1:
                return ClauseView("Not this:", parts=parts) if claim.kind == "none" else parts[0]
            return ClauseView(_WHOLE[claim.kind], parts=parts)
        return ClauseView(sentence(self.simple(claim)))

    def simple(self, claim: c.Claim) -> str:
        """Return a claim that has no parts in words."""
        rules = self.protocol.rules
        match claim:
            case c.Certain(expression):
                return self.words.condition(expression)
            case c.IsBlank(question):
                return f"“{self.protocol.questions[question].short}” has no answer"
            case c.ComesOut(rule, outcome):
                return f"“{rules[rule].title}” {_OUTCOMES[outcome]}"
            case c.HasPriority(priority, at_least):
                return f"the priority is {priority}{' or higher' if at_least else ''}"
            case c.TopicChosen(topic):
                return f"the page “{self.protocol.topics[topic].title}” is chosen"
            case c.OnlyDecided(rule):
                return f"no rule except “{rules[rule].title}” is met or not met"
            case c.AllAnswered():
                return "every question that is asked has an answer"
            case c.AllDecided():
                return "every rule is met or not met"
            case c.FormSent():
                return "the form was sent"
            case c.NoneUnknown(priority, excepted):
                but = ", ".join(f"“{rules[id].title}”" for id in excepted)
                every = f"every rule of priority {priority} or higher is met or not met"
                return f"{every}, except {but}" if but else every
        raise AssertionError(f"{claim} has parts")

    def worse(self, items: Mapping[str, tuple[str, ...]]) -> ClauseView:
        """Return the items with their answers from better to worse, grouped by equal order."""
        together: dict[str, list[str]] = {}
        for id, order in items.items():
            question = self.protocol.questions[id]
            labels = (f"“{question.option(option).label}”" for option in order)
            way = " → ".join(labels) if order else "A higher number"
            together.setdefault(way, []).append(id)
        ways = [ClauseView(f"{way}:", parts=self.questions(ids)) for way, ids in together.items()]
        return (
            ways[0]
            if len(ways) == 1
            else ClauseView("Any of these, from better to worse:", parts=tuple(ways))
        )

    def questions(self, ids: Iterable[str]) -> tuple[ClauseView, ...]:
        return tuple(ClauseView(f"“{self.protocol.questions[id].short}”") for id in ids)

    def named(self, ids: Iterable[str]) -> tuple[ClauseView, ...]:
        """Return rules, scores and the priority by their titles."""
        return tuple(ClauseView(self.name(id)) for id in ids)

    def name(self, id: str) -> str:
        if id == "priority":
            return "The priority of the submission"
        if id == "safety_priority":
            return "A priority of hold or higher"
        titled = self.protocol.rules.get(id) or self.protocol.scores[id]
        return f"“{titled.title}”"

    # --- overlaps ----------------------------------------------------------------------------

    def overlap(self, overlap: c.DeclaredOverlap) -> str:
        """Return in a sentence what overlaps."""
        if overlap.equal:
            return f"{self.titles(overlap.equal)} are met for the same people."
        if overlap.shadowed:
            verb = "is" if len(overlap.by) == 1 else "are"
            where = f"{self.titles(overlap.by)} {verb} met"
            return f"{self.titles([overlap.shadowed])} is met only where {where}."
        when = self.protocol.rules[overlap.spare].when
        clauses = [] if when is None else when.walk()
        part = next((clause for clause in clauses if clause.text == overlap.clause), None)
        line = overlap.clause if part is None else self.words.condition(part.expression)
        return f"In {self.titles([overlap.spare])}, this line changes nothing: {line}."

    def titles(self, ids: Iterable[str]) -> str:
        titles = [f"“{self.protocol.rules[id].title}”" for id in ids]
        return titles[0] if len(titles) == 1 else ", ".join(titles[:-1]) + f" and {titles[-1]}"


def _list(parts: tuple[ClauseView, ...]) -> ClauseView:
    return parts[0] if len(parts) == 1 else ClauseView("Each of these:", parts=parts)
