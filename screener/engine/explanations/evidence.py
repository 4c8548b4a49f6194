"""explain(screening, rule) -> Evidence: the answers, scores and thresholds behind an outcome."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from screener.engine import expressions as ex
from screener.engine.expressions import Condition, Support, names_in
from screener.engine.medicines import Medicine
from screener.engine.protocol import RowCondition
from screener.engine.screen import Outcome, Screening
from screener.engine.terms.reading import Range
from screener.engine.terms.values import RowAt
from screener.engine.words import Words, sentence


@dataclass(frozen=True)
class Input:
    """A value that a clause looked at. `value` is None where it is not known.

    `parts` are the answers behind a score; `note` says why an answer stands that nobody gave.
    `question` is the one that was answered, "" for a score.
    """

    label: str
    value: str | None
    note: str = ""
    parts: tuple["Input", ...] = ()
    question: str = ""


@dataclass(frozen=True)
class Evidence(Support):
    """One part of a condition with its outcome for one person.

    `kind` is all, any, none, at_least, leaf, rule or unanswered; `words` says what was asked for.
    """

    kind: str
    outcome: Outcome
    words: str
    text: str = ""
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
        """The title of the condition that is met, or that these answers cannot tell."""
        met = [row.title for row, outcome in self.statuses if outcome == "met"]
        return "; ".join(met) or "These answers cannot tell"


def explain(screening: Screening, rule_id: str) -> Evidence:
    """Return the evidence tree of one rule of the protocol. Raise KeyError for an unknown rule."""
    return _Explainer(screening).rule(rule_id)


def trials(screening: Screening) -> list[TrialEvidence]:
    """Return every medicine taken, for each use it counts for, as the rules see its trial."""
    protocol, reading = screening.protocol, screening.reading
    every = protocol.row_conditions.values()
    parts = names_in(*(row.condition.expression for row in every)).row_conditions
    evidence = []
    for id, cells in (reading.rows() or {}).items():
        medicine = protocol.medicines[id]
        for use in ("mood", "pain"):
            if not medicine.counts_for(use):
                continue
            at = RowAt(medicine, use, cells)
            # What others are made of is no status of its own.
            conditions = [row for row in every if row.use == use and row.id not in parts]
            statuses = tuple(
                (row, reading.outcome(row.condition.expression, at)) for row in conditions
            )
            dose = reading.number(ex.MedicineNumber("dose"), at)
            weeks = reading.number(ex.MedicineNumber("weeks"), at)
            evidence.append(TrialEvidence(medicine, use, (dose, weeks), statuses))
    return evidence


class _Explainer:
    def __init__(self, screening: Screening) -> None:
        self.screening = screening
        self.protocol = screening.protocol
        self.reading = screening.reading
        self.words = Words(screening.protocol)

    def rule(self, id: str) -> Evidence:
        rule = self.protocol.rules[id]
        outcome = self.screening.outcomes[id]
        sources: dict[str, Any] = vars(rule.support)
        if self.screening.ineligible and outcome == "unknown":
            return Evidence("rule", outcome, "Not evaluated: the person is under age", **sources)
        if rule.unanswered is not None:
            inputs = tuple(map(self.answer, rule.unanswered.questions))
            missing = "An answer to one of these is missing"
            return Evidence("unanswered", outcome, missing, inputs=inputs, **sources)
        if rule.undecided is not None:
            named = (*rule.undecided.all, *rule.undecided.any)
            parts = tuple(map(self.rule, named))
            return Evidence("rule", outcome, "These cannot tell", parts=parts, **sources)
        assert rule.when is not None
        part = self.condition(rule.when)
        return Evidence("rule", outcome, rule.title, parts=(part,), **sources)

    def condition(self, condition: Condition) -> Evidence:
        outcome = self.reading.outcome(condition.expression)
        own: dict[str, Any] = vars(condition.support())
        if condition.kind != "leaf":
            words = {
                "all": "All of these",
                "any": "Any of these",
                "none": "None of these",
                "at_least": f"At least {condition.count} of these",
                "even_if_swapped": "Also if the two numbers of the reading were swapped",
            }[condition.kind]
            parts = tuple(map(self.condition, condition.parts))
            return Evidence(condition.kind, outcome, words, parts=parts, **own)
        rules = names_in(condition.expression).rules
        return Evidence(
            "leaf",
            outcome,
            sentence(self.words.condition(condition.expression)),
            text=condition.text,
            inputs=tuple(self.inputs(condition.expression)),
            parts=tuple(self.rule(id) for id in self.protocol.rules if id in rules),
            **own,
        )

    def inputs(self, node: ex.Expression) -> Iterator[Input]:
        names = names_in(node)
        for id in self.protocol.scores:
            if id in names.scores:
                yield self.score(id)
        for id in self.protocol.questions:
            if id in names.questions:
                yield self.answer(id)

    def score(self, id: str) -> Input:
        low, high = self.reading.score(id)
        score = self.protocol.scores[id]
        value = str(low) if low == high else f"{low} to {high}"
        note = "" if low == high else "some of its answers are missing"
        return Input(score.title, value, note, tuple(self.inputs(score.value)))

    def answer(self, id: str) -> Input:
        question = self.protocol.questions[id]
        resolved = self.screening.resolved
        answer = resolved.answers.get(id)
        note = resolved.assumed.get(id, "")
        if answer is None:
            missing = "not asked" if id in resolved.not_asked else "not answered"
            return Input(question.short, None, missing)
        shown = self.words.answer(question, answer)
        if note == "left blank":
            return Input(question.short, None, f"left blank; counts as “{shown}”", question=id)
        return Input(question.short, shown, note, question=id)
