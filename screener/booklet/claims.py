"""What always holds, as the document to sign prints it: invariants and meant overlaps in words.

The sentences of the claims are made from the claims themselves, like those of the rules.
"""

from collections.abc import Iterable, Iterator, Mapping

from screener.booklet.parts import Clause, InvariantView, MeantView
from screener.engine.language import invariants as c
from screener.engine.protocol import Protocol
from screener.engine.words import Words, sentence

_WHOLE = {"all": "All of these:", "any": "Any of these:", "none": "None of these:"}
_COMES_OUT = {"met": "is met", "not_met": "is not met", "unknown": "cannot be told"}
_EVERYBODY = Clause("Everybody, whatever they answer and whatever they leave blank")


class ClaimWords:
    """Puts the invariants and the meant overlaps of one protocol into views."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.words = Words(protocol)

    def invariants(self) -> Iterator[InvariantView]:
        """Every invariant with its claims."""
        for stated in self.protocol.invariants:
            text = stated.text
            claims = tuple(self.claims(stated))
            yield InvariantView(text.id, text.says, claims, text.reference, text.choice)

    def meant(self) -> Iterator[MeantView]:
        """Every overlap of rules that is meant, with its reason."""
        for one in self.protocol.intended_overlaps:
            yield MeantView(one.id, self.overlap(one), one.because)

    # --- invariants --------------------------------------------------------------------------

    def claims(self, stated: c.CompiledInvariant) -> Iterator[tuple[str, Clause]]:
        """The parts of an invariant, each with the word that stands before it."""
        text = stated.text
        match text.form:
            case "then":
                assert stated.then is not None
                yield "If", _EVERYBODY if stated.when is None else self.claim(stated.when)
                yield "Then", self.claim(stated.then)
            case "keeps":
                yield "Whatever is said to", _list(self.questions(text.change))
                yield "Stays the same", _list(self.named(text.keeps))
            case "never_lowers":
                if text.worse:
                    yield "A worse answer to", self.worse(text.worse)
                if text.tick:
                    yield "One more tick in", _list(self.questions(text.tick))
                yield "Never lowers", _list(self.named(text.never_lowers))
            case "safety":
                yield "If", Clause(f"A rule of priority {' or '.join(text.safety)} is met")
                yield "Then", Clause("The submission has the priority of this rule or a higher one")
            case "bands":
                yield "Scores", _list(self.named(text.bands))
                yield (
                    "Always",
                    Clause("Each value that can be reached lies in one band and no other"),
                )

    def claim(self, claim: c.Claim) -> Clause:
        """A claim as a nested list of sentences."""
        if isinstance(claim, c.Combined):
            parts = tuple(self.claim(part) for part in claim.parts)
            if len(parts) == 1:
                return Clause("Not this:", parts=parts) if claim.kind == "none" else parts[0]
            return Clause(_WHOLE[claim.kind], parts=parts)
        return Clause(sentence(self.said(claim)))

    def said(self, claim: c.Claim) -> str:
        """A claim that has no parts, as a clause."""
        rules = self.protocol.rules
        match claim:
            case c.Certain(expression):
                return self.words.condition(expression)
            case c.IsBlank(question):
                return f"“{self.protocol.questions[question].short}” has no answer"
            case c.ComesOut(rule, outcome):
                return f"“{rules[rule].title}” {_COMES_OUT[outcome]}"
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
        raise AssertionError(f"{claim} has parts")

    def worse(self, items: Mapping[str, tuple[str, ...]]) -> Clause:
        """The items with their answers from better to worse; those with the same order together."""
        together: dict[str, list[str]] = {}
        for id, order in items.items():
            question = self.protocol.questions[id]
            labels = (f"“{question.option(option).label}”" for option in order)
            way = " → ".join(labels) if order else "A higher number"
            together.setdefault(way, []).append(id)
        ways = [Clause(f"{way}:", parts=self.questions(ids)) for way, ids in together.items()]
        return (
            ways[0]
            if len(ways) == 1
            else Clause("Any of these, from better to worse:", parts=tuple(ways))
        )

    def questions(self, ids: Iterable[str]) -> tuple[Clause, ...]:
        return tuple(Clause(f"“{self.protocol.questions[id].short}”") for id in ids)

    def named(self, ids: Iterable[str]) -> tuple[Clause, ...]:
        """Rules, scores and the priority by their titles."""
        return tuple(Clause(self.name(id)) for id in ids)

    def name(self, id: str) -> str:
        if id == "priority":
            return "The priority of the submission"
        if id == "safety_priority":
            return "A priority of hold or higher"
        titled = self.protocol.rules.get(id) or self.protocol.scores[id]
        return f"“{titled.title}”"

    # --- overlaps ----------------------------------------------------------------------------

    def overlap(self, meant: c.DeclaredOverlap) -> str:
        """What overlaps, in a sentence."""
        if meant.equal:
            return f"{self.titles(meant.equal)} are met for the same people."
        if meant.shadowed:
            verb = "is" if len(meant.by) == 1 else "are"
            where = f"{self.titles(meant.by)} {verb} met"
            return f"{self.titles([meant.shadowed])} is met only where {where}."
        when = self.protocol.rules[meant.spare].when
        clauses = [] if when is None else when.walk()
        part = next((clause for clause in clauses if clause.text == meant.clause), None)
        said = meant.clause if part is None else self.words.condition(part.expression)
        return f"In {self.titles([meant.spare])}, the line that {said} changes nothing."

    def titles(self, ids: Iterable[str]) -> str:
        every = [f"“{self.protocol.rules[id].title}”" for id in ids]
        return every[0] if len(every) == 1 else ", ".join(every[:-1]) + f" and {every[-1]}"


def _list(parts: tuple[Clause, ...]) -> Clause:
    return parts[0] if len(parts) == 1 else Clause("Each of these:", parts=parts)
