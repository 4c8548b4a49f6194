"""The medicines a person has taken, each as reported and as the rules count its trial."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from screener.engine.explanations.evidence import TrialEvidence, trials
from screener.engine.expressions import names_in
from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers, Question, Row
from screener.engine.screen import Screening
from screener.engine.terms.reading import Range, Reading
from screener.engine.terms.values import RowAt
from screener.presenters.answers import BLANK, answer_lines, column_of
from screener.presenters.judgements import TrialJudgement, judged_reading, trial_judgements
from screener.presenters.sources import OwnChoice, PublishedSource, choices, sources
from screener.presenters.words import asked_by_staff
from screener.store import Submission, trial_mark

# Conditions on rows that staff are told of beside the statuses.
_STILL, _HELPS, _UNLIKELY = "still_taking", "helps_mood_now", "dose_is_unlikely"


@dataclass(frozen=True)
class Reported:
    """One thing reported about a medicine; `known` is false if it was left blank."""

    id: str
    label: str
    value: str
    known: bool


@dataclass(frozen=True)
class Use:
    """What a medicine's trial counts as for mood or for pain.

    `outcome` is met if one status is certain, unknown if several remain possible, and not_met if
    no status fits. `verdict` says it in words. `judgement` is a physician's word on it, `judged`
    what the trial would count as with it, and `mark` stands for what the page shows of the two.
    """

    id: str
    name: str
    needs: str
    usual: str
    note: str
    outcome: str
    verdict: tuple[str, ...]
    sources: tuple[PublishedSource, ...]
    choices: tuple[OwnChoice, ...]
    mark: str
    judgement: TrialJudgement | None
    judged: tuple[str, ...]


@dataclass(frozen=True)
class MedicineTried:
    """One medicine; without `uses` it is shown and not counted.

    `now` says that it is still taken, `warning` is about its dose. `row` is what was answered, as
    stored.
    """

    id: str
    name: str
    now: str
    warning: str
    reported: tuple[Reported, ...]
    uses: tuple[Use, ...]
    note: str
    row: Mapping[str, Any]


def medicines_tried(
    rulebook: Rulebook, screening: Screening, answers: Answers, stored: Submission
) -> tuple[MedicineTried, ...]:
    """Return every medicine that was ticked, in the order of the list."""
    protocol = screening.protocol
    rows = answers.get(protocol.table.id, {})
    assert isinstance(rows, dict)
    every = trials(screening)
    judgements = trial_judgements(stored, protocol.table.id)
    reading = judged_reading(screening, judgements)
    phoned = (stored.questionnaire.screening or {}).get("phoned", {})
    tried = []
    for id, cells in rows.items():
        at = f"{protocol.table.id}.{id}."
        asked = {
            path.removeprefix(at): f" ({asked_by_staff(answer)})"
            for path, answer in phoned.items()
            if path.startswith(at)
        }
        medicine = protocol.medicines[id]
        own = [trial for trial in every if trial.medicine.id == id]
        shown = tuple(
            _use(rulebook, trial, trial_mark(stored, id, trial.use), judgement, reading, cells)
            for trial in own
            for judgement in [judgements.get((id, trial.use))]
        )
        tried.append(
            MedicineTried(
                id,
                medicine.name,
                _now(screening, medicine, cells),
                _warning(screening, medicine, cells),
                tuple(_reported(screening, medicine, cells, asked)),
                shown,
                medicine.note,
                stored.questionnaire.answers[protocol.table.id][id],
            )
        )
    return tuple(tried)


def _now(screening: Screening, medicine: Medicine, cells: Row) -> str:
    """Return that a medicine is still taken, and whether it helps the mood now."""
    if _is_met(screening, _HELPS, medicine, cells):
        return "still taken: a current response, mood better by half or more"
    return "still taken" if _is_met(screening, _STILL, medicine, cells) else ""


def _warning(screening: Screening, medicine: Medicine, cells: Row) -> str:
    """Return that the rules leave the dose open, where it is unlikely and was not confirmed."""
    confirmed = cells.get("dose_confirmed") == "yes"
    unlikely = not confirmed and _is_met(screening, _UNLIKELY, medicine, cells)
    return "Dose not confirmed: far above the usual" if unlikely else ""


def _is_met(screening: Screening, condition: str, medicine: Medicine, cells: Row) -> bool:
    """Return whether a row meets a condition, where this rulebook has one of that name."""
    row = screening.protocol.row_conditions.get(condition)
    if row is None or not medicine.counts_for(row.use):
        return False
    at = RowAt(medicine, row.use, cells)
    return screening.reading.outcome(row.condition.expression, at) == "met"


def _reported(
    screening: Screening, medicine: Medicine, cells: Row, asked: Mapping[str, str]
) -> Iterator[Reported]:
    """Yield what was answered about a medicine, and what was asked and left blank.

    `asked` names whoever took an answer down, by column.
    """
    protocol = screening.protocol
    for column in protocol.table.columns:
        if column.id in cells:
            lines = answer_lines(protocol, column_of(column, medicine), cells[column.id])
            yield Reported(
                column.id, column.short, "; ".join(lines) + asked.get(column.id, ""), True
            )
        elif not column.blank_says_nothing and _was_asked(screening, medicine, column, cells):
            yield Reported(column.id, column.short, BLANK, False)


def _was_asked(screening: Screening, medicine: Medicine, column: Question, cells: Row) -> bool:
    """Return whether a column was asked of a medicine, as far as the rest of its row says."""
    reading = screening.reading
    if column.asked_when is not None:
        must, _ = reading.boolean(column.asked_when.expression, RowAt(medicine, "any", cells))
        if not must:
            return False
    return reading.column_asked(medicine, column, cells)


def _use(
    rulebook: Rulebook,
    trial: TrialEvidence,
    mark: str,
    judgement: TrialJudgement | None,
    judged: Reading,
    cells: Row,
) -> Use:
    medicine = trial.medicine
    published = medicine.trial(trial.use)
    assert published is not None
    dose, weeks = trial.adequate
    outcome, verdict = _status(judged.protocol, trial)
    with_it: tuple[str, ...] = ()
    if judgement is not None and not judgement.outdated:
        at = RowAt(medicine, trial.use, cells)
        rows = [row for row, _ in trial.statuses]
        statuses = tuple((row, judged.outcome(row.condition.expression, at)) for row in rows)
        _, with_it = _status(judged.protocol, replace(trial, statuses=statuses))
    return Use(
        trial.use,
        trial.use.capitalize(),
        f"{_range(dose)} {medicine.unit} a day or more for {_range(weeks)} weeks or more",
        published.usual,
        published.note,
        outcome,
        verdict,
        sources(rulebook, published.reference),
        choices(rulebook, published.choice),
        mark,
        judgement,
        with_it,
    )


def _status(protocol: Protocol, trial: TrialEvidence) -> tuple[str, tuple[str, ...]]:
    """Return what a trial counts as: the outcome, and the titles of the statuses that fit."""
    parts = _parts(protocol)
    own = [(row.title, outcome) for row, outcome in trial.statuses if row.id not in parts]
    for outcome in ("met", "unknown"):
        if titles := tuple(title for title, of_it in own if of_it == outcome):
            return outcome, titles
    return "not_met", ()


def _parts(protocol: Protocol) -> frozenset[str]:
    """Return the conditions on rows that are no status: others are made of them, or say more."""
    conditions = protocol.row_conditions.values()
    expressions = [row.condition.expression for row in conditions]
    return protocol.once(
        ("parts of row conditions",),
        lambda: frozenset({_HELPS, *names_in(*expressions).row_conditions}),
    )


def _range(of: Range) -> str:
    low, high = of
    # Two values: a lower dose is enough for some people, perhaps for this one.
    return f"{low}" if low == high else f"{low} or {high}"
