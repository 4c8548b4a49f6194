"""What physicians judged of trials, and what the rules would say with it.

A judgement changes neither the answers nor their screening. To show what it would mean, the rules
read a copy of the answers: in the row of that medicine, for that use alone, dose and weeks are
those of an adequate trial, taken on most days; or the dose is none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from screener.engine import expressions as ex
from screener.engine.explanations.dependencies import dependencies
from screener.engine.explanations.evidence import TrialEvidence, trials
from screener.engine.protocol import Protocol, Rule
from screener.engine.questions import Row
from screener.engine.screen import Outcome, Screening
from screener.engine.terms.reading import Reading
from screener.presenters.times import moment
from screener.presenters.words import REASONS
from screener.store import Event, Submission, judgement_of, standing_judgements

Trials = Mapping[tuple[str, str], "TrialJudgement"]

# The columns of the treatment table that adequacy is about.
_DOSE, _WEEKS, _MOST_DAYS = "dose_mg", "weeks", "taken_most_days"


@dataclass(frozen=True)
class TrialJudgement:
    """What stands of a trial: whose word it is, since when, why, and in which words.

    `outdated` where the person has answered otherwise since: the rules are not asked with it.
    """

    adequate: bool
    by: str
    at: str
    reason: str
    words: tuple[str, ...]
    outdated: bool

    @property
    def verdict(self) -> str:
        """Return what was judged."""
        return "adequate" if self.adequate else "not adequate"


@dataclass(frozen=True)
class WouldBe:
    """A rule that reads trials: its outcome by the answers, and with the physicians' judgements."""

    id: str
    title: str
    outcome: str
    judged: str

    @property
    def changes(self) -> bool:
        """Return whether the two differ."""
        return self.outcome != self.judged


def trial_judgements(stored: Submission, table: str) -> dict[tuple[str, str], TrialJudgement]:
    """Return the judgements that stand, by medicine and use."""
    rows = stored.questionnaire.answers.get(table) or {}
    return {
        key: _judgement(event, rows.get(key[0]))
        for key, event in standing_judgements(stored).items()
    }


def _judgement(event: Event, row: Any) -> TrialJudgement:
    judged = judgement_of(event)
    return TrialJudgement(
        bool(judged.adequate),
        event.actor,
        moment(event.at),
        REASONS.get(judged.reason, judged.reason),
        tuple(judged.words.splitlines()),
        judged.row != row,
    )


def judged_reading(screening: Screening, judgements: Trials) -> Reading:
    """Return how the rules read the answers with these judgements."""
    counted = {key: each.adequate for key, each in judgements.items() if not each.outdated}
    cells = {
        (trial.medicine.id, trial.use): _cells(screening, trial, adequate)
        for trial in trials(screening)
        if (adequate := counted.get((trial.medicine.id, trial.use))) is not None
    }
    return Reading(screening.protocol, screening.answers, screening.submitted, judged=cells)


def rules_with_judgements(screening: Screening | None, stored: Submission) -> dict[str, WouldBe]:
    """Return the rules that read trials, by id, with the judgements that stand."""
    if screening is None:
        return {}
    judgements = trial_judgements(stored, screening.protocol.table.id)
    return {rule.id: rule for rule in would_be(screening, judgements)}


def would_be(screening: Screening, judgements: Trials) -> tuple[WouldBe, ...]:
    """Return each rule that reads trials for a use of which one was judged."""
    uses = {use for (_, use), judgement in judgements.items() if not judgement.outdated}
    if not uses or screening.ineligible:
        return ()
    reading = judged_reading(screening, judgements)
    return tuple(
        WouldBe(rule.id, rule.title, screening.outcomes[rule.id], _outcome(reading, rule))
        for rule in screening.protocol.rules.values()
        if rule.when is not None and uses & _uses_of(screening.protocol, rule)
    )


def _cells(screening: Screening, trial: TrialEvidence, adequate: bool) -> Row:
    """Return the cells of a row as they would be after a trial that was adequate, or was not."""
    rows = screening.answers[screening.protocol.table.id]
    assert isinstance(rows, dict)
    cells: Row = dict(rows[trial.medicine.id])
    if not adequate:
        return {**cells, _DOSE: Decimal(0)}
    (_, dose), (_, weeks) = trial.adequate
    return {**cells, _DOSE: dose, _WEEKS: weeks, _MOST_DAYS: "yes"}


def _outcome(reading: Reading, rule: Rule) -> Outcome:
    assert rule.when is not None
    return reading.outcome(rule.when.expression)


def _uses_of(protocol: Protocol, rule: Rule) -> frozenset[str]:
    """Return the uses for which a rule looks at how adequate trials were."""
    return protocol.once(("uses of trials", rule.id), lambda: frozenset(_read_uses(protocol, rule)))


def _read_uses(protocol: Protocol, rule: Rule) -> Iterable[str]:
    assert rule.when is not None
    counted = {
        id
        for node in dependencies(protocol, [rule.when.expression]).nodes
        if isinstance(node, ex.CountRows)
        for id in node.conditions
    }
    for id in counted:
        row = protocol.row_conditions[id]
        nodes = dependencies(protocol, [row.condition.expression]).nodes
        if {_DOSE, _WEEKS} & ex.names_in(*nodes).columns:
            yield row.use
