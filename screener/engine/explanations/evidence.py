"""explain(screening, rule) -> Evidence: the answers, scores and thresholds behind an outcome."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from screener.engine import expressions as ex
from screener.engine.bounds import Pair, Range, RowAt
from screener.engine.language.conditions import Condition
from screener.engine.protocol import Medicine, RowCondition
from screener.engine.questions import Answer
from screener.engine.screen import Outcome, Screening
from screener.engine.walk import names_in
from screener.engine.words import Words, sentence


@dataclass(frozen=True)
class Input:
    """A value that a clause looked at. `value` is None where it is not known.

    `parts` are the answers behind a score; `note` says why an answer stands that nobody gave.
    """

    label: str
    value: str | None
    note: str = ""
    parts: tuple["Input", ...] = ()


@dataclass(frozen=True)
class Evidence:
    """One part of a condition with its outcome for one person.

    `kind` is all, any, none, at_least, leaf, rule or unanswered; `words` says what was asked for.
    """

    kind: str
    outcome: Outcome
    words: str
    text: str = ""
    because: str = ""
    references: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    parts: tuple["Evidence", ...] = ()


@dataclass(frozen=True)
class TrialEvidence:
    """One medicine that was taken, for one use, with what its trial counts as.

    `statuses` are the row conditions with their outcomes; `adequate` is the dose in mg a day
    (low, high) and the weeks that an adequate trial needs.
    """

    medicine: Medicine
    use: str
    adequate: tuple[Range, Range]
    statuses: tuple[tuple[RowCondition, Outcome], ...]

    @property
    def status(self) -> str:
        """The title of the condition that is met, or what cannot be told."""
        met = [row.title for row, outcome in self.statuses if outcome == "met"]
        return "; ".join(met) or "Cannot be told from these answers"


def explain(screening: Screening, rule_id: str) -> Evidence:
    """The evidence tree of one rule of the protocol. Raises KeyError for an unknown rule."""
    return _Explainer(screening).rule(rule_id)


def trials(screening: Screening) -> list[TrialEvidence]:
    """Every medicine taken, for each use it counts for, as the rules see its trial."""
    protocol, facts = screening.protocol, screening.facts
    rows = screening.resolved.answers.get(protocol.table.id, {})
    assert isinstance(rows, dict)
    found = []
    for id, cells in rows.items():
        medicine = protocol.medicines[id]
        for use in ("mood", "pain"):
            if medicine.trial(use) is None:
                continue
            at = RowAt(medicine, use, cells)
            conditions = [row for row in protocol.row_conditions.values() if row.use == use]
            statuses = tuple(
                (row, _outcome(facts.boolean(row.condition.expression, at))) for row in conditions
            )
            adequate = (
                facts.number(ex.AdequateTrial("dose"), at),
                facts.number(ex.AdequateTrial("weeks"), at),
            )
            found.append(TrialEvidence(medicine, use, adequate, statuses))
    return found


class _Explainer:
    def __init__(self, screening: Screening) -> None:
        self.screening = screening
        self.protocol = screening.protocol
        self.facts = screening.facts
        self.words = Words(screening.protocol)

    def rule(self, id: str) -> Evidence:
        rule = self.protocol.rules[id]
        outcome = self.screening.outcomes[id]
        sources: dict[str, Any] = {"references": rule.reference, "choices": rule.choice}
        if self.screening.ineligible and outcome == "unknown":
            return Evidence("rule", outcome, "Not evaluated: the person is under age", **sources)
        if rule.unanswered is not None:
            return self.unanswered(id, outcome)
        if rule.undecided is not None:
            parts = tuple(self.rule(one) for one in (*rule.undecided.all, *rule.undecided.any))
            return Evidence("rule", outcome, "These cannot tell", parts=parts, **sources)
        part = self.condition(self.protocol.conditions[id])
        return Evidence("rule", outcome, rule.title, parts=(part,), **sources)

    def unanswered(self, id: str, outcome: Outcome) -> Evidence:
        rule = self.protocol.rules[id]
        assert rule.unanswered is not None
        return Evidence(
            "unanswered",
            outcome,
            "An answer to one of these is missing",
            references=rule.reference,
            choices=rule.choice,
            inputs=tuple(self.answer(one) for one in rule.unanswered.questions),
        )

    def condition(self, condition: Condition) -> Evidence:
        if condition.kind != "leaf":
            words = {
                "all": "All of these",
                "any": "Any of these",
                "none": "None of these",
                "at_least": f"At least {condition.count} of these",
            }[condition.kind]
            return Evidence(
                condition.kind,
                _outcome(self.facts.boolean(condition.expression)),
                words,
                because=condition.because,
                references=condition.references,
                choices=condition.choices,
                parts=tuple(self.condition(part) for part in condition.parts),
            )
        names = names_in(condition.expression)
        return Evidence(
            "leaf",
            _outcome(self.facts.boolean(condition.expression)),
            sentence(self.words.condition(condition.expression)),
            text=condition.text,
            because=condition.because,
            references=condition.references,
            choices=condition.choices,
            inputs=tuple(self.inputs(condition.expression)),
            parts=tuple(self.rule(id) for id in self.in_order(names.rules)),
        )

    def in_order(self, rules: Iterable[str]) -> list[str]:
        return [id for id in self.protocol.rules if id in set(rules)]

    def inputs(self, node: ex.Boolean | ex.Number) -> Iterator[Input]:
        names = names_in(node)
        for id in self.protocol.scores:
            if id in names.scores:
                yield self.score(id)
        for id in self.protocol.questions:
            if id in names.questions:
                yield self.answer(id)

    def score(self, id: str) -> Input:
        low, high = self.facts.score(id)
        score = self.protocol.scores[id]
        value = str(low) if low == high else f"{low} to {high}"
        note = "" if low == high else "some of its answers are missing"
        return Input(score.title, value, note, tuple(self.inputs(score.value)))

    def answer(self, id: str) -> Input:
        question = self.protocol.questions[id]
        known: Answer | None = self.facts.answers.get(id)
        note = self.screening.resolved.assumed.get(id, "")
        if known is None:
            missing = "not asked" if id in self.screening.resolved.not_asked else "not answered"
            return Input(question.short, None, missing)
        shown = self.words.answer(question, known)
        if note == "left blank":
            return Input(question.short, None, f"left blank; counts as “{shown}”")
        return Input(question.short, shown, note)


def _outcome(pair: Pair) -> Outcome:
    must, may = pair
    if must:
        return "met"
    return "unknown" if may else "not_met"
