"""The rules with one outcome by priority, with their evidence, and the questions to ask."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from screener.engine.explanations.evidence import explain
from screener.engine.protocol import Protocol
from screener.presenters.answers import question_at
from screener.presenters.evidence import EvidenceClause, clauses
from screener.presenters.rescreened import Rescreened
from screener.presenters.rule import in_brief
from screener.presenters.sources import OwnChoice, PublishedSource, choices, sources
from screener.presenters.words import ACT_FIRST, MEANINGS, rank

_EDUCATION = "Education"  # how the chapters begin whose rules choose topics

_IF_UNKNOWN = {
    "ask": "To be asked.",
    "review": "For staff to look into.",
    "escalate": "Counts as if it were met until it can tell.",
}


@dataclass(frozen=True)
class RuleSummary:
    """One rule with its evidence; if it cannot tell, `to_ask` are the answers that would settle it.

    `under` are the flags of a lower tier that a flag speaks for. Evidence and `brief` are searched
    for when a page shows them.
    """

    id: str
    title: str
    priority: str
    staff: str
    chapter: str
    sources: tuple[PublishedSource, ...]
    choices: tuple[OwnChoice, ...]
    to_ask: tuple[str, ...] = ()
    if_unknown: str = ""
    under: tuple["RuleSummary", ...] = ()
    rescreened: Rescreened | None = field(default=None, repr=False, compare=False)

    @cached_property
    def evidence(self) -> tuple[EvidenceClause, ...]:
        """Return what the rule rests on; () where the rules cannot be asked again."""
        again = self.rescreened
        if again is None or again.screening is None:
            return ()
        return tuple(clauses(again.rulebook, explain(again.screening, self.id), again.said))

    @cached_property
    def brief(self) -> str:
        """Name the answers that are enough, or say that an open rule is certain after all."""
        return in_brief(self.rescreened, self.id) if self.rescreened is not None else ""

    @property
    def all(self) -> tuple["RuleSummary", ...]:
        """Return it and those under it."""
        return (self, *self.under)

    @property
    def educates(self) -> bool:
        """Return whether it chooses what the person is offered to read, and says no more."""
        return self.chapter.startswith(_EDUCATION)


@dataclass(frozen=True)
class RuleGroup:
    """The rules of one priority. Those that must be acted on first (`safety`) are shown opened."""

    priority: str
    meaning: str
    rules: tuple[RuleSummary, ...]
    safety: bool


@dataclass(frozen=True)
class ToAsk:
    """A question whose answer would settle something, with the titles of what it settles.

    `answers` are the labels that can be chosen, to be read out; none for a number or text. `why`
    says why a question on safety is asked again.
    """

    question: str
    answers: tuple[str, ...]
    priority: str
    settles: tuple[str, ...]
    why: str = ""


def rule_groups(rescreened: Rescreened, outcome: str) -> tuple[RuleGroup, ...]:
    """Return the rules with that outcome, grouped by priority, most urgent first.

    A flag that a higher one speaks for stands under that one.
    """
    rules = [
        _summary(rescreened, id, rescreened.lines.get(id, ()))
        for id, result in rescreened.outcomes.items()
        if result == outcome and (result != "met" or id in rescreened.lines)
    ]
    priorities = sorted({rule.priority for rule in rules}, key=rank)
    return tuple(
        RuleGroup(
            priority,
            MEANINGS[priority],
            tuple(rule for rule in rules if rule.priority == priority),
            priority in ACT_FIRST,
        )
        for priority in priorities
    )


def questions_to_ask(rescreened: Rescreened, without: Container[str] = ()) -> tuple[ToAsk, ...]:
    """Return every answer that would settle a rule that cannot tell, once, the most urgent first.

    `without` are paths of answers that are asked for elsewhere on the page.
    """
    settles: dict[str, list[str]] = {}
    for id in sorted(rescreened.needed, key=lambda id: rank(rescreened.priority(id))):
        for path in rescreened.needed[id]:
            if path not in without:
                settles.setdefault(path, []).append(id)
    return tuple(to_ask(rescreened, path, rules) for path, rules in settles.items())


def to_ask(rescreened: Rescreened, path: str, rules: Sequence[str]) -> ToAsk:
    """Return one question to ask, by the path of its answer, with the rules it helps to settle."""
    return ToAsk(
        question_at(rescreened.protocol, path),
        _answers_at(rescreened.protocol, path),
        rescreened.priority(rules[0]) if rules else "",
        tuple(rescreened.title(id) for id in rules),
    )


def _answers_at(protocol: Protocol | None, path: str) -> tuple[str, ...]:
    """Return the labels of a choice without "not sure", which would settle nothing."""
    id, *rest = path.split(".")
    question = protocol.questions.get(id) if protocol else None
    if question is not None and len(rest) == 2:
        question = next((column for column in question.columns if column.id == rest[1]), None)
    if question is None:
        return ()
    return tuple(option.label for option in question.options if option.counts_as is None)


def _summary(rescreened: Rescreened, id: str, under: Iterable[str] = ()) -> RuleSummary:
    protocol = rescreened.protocol
    rule = protocol.rules.get(id) if protocol else None
    to_ask = tuple(question_at(protocol, path) for path in rescreened.needed.get(id, ()))
    if rule is None:
        return RuleSummary(id, id, rescreened.priority(id), "", "", (), (), to_ask)
    lower = sorted(under, key=lambda id: rank(rescreened.priority(id)))
    return RuleSummary(
        id,
        rescreened.first_line(id),
        rule.priority,
        rule.staff,
        rule.chapter,
        sources(rescreened.rulebook, rule.reference),
        choices(rescreened.rulebook, rule.choice),
        to_ask,
        _IF_UNKNOWN[rule.if_unknown],
        tuple(_summary(rescreened, lower_id) for lower_id in lower),
        rescreened,
    )
