"""The medicines a person has taken, each as reported and as the rules count its trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screener.engine.explanations.evidence import TrialEvidence, trials
from screener.engine.protocol import Rulebook
from screener.engine.questions import Answers
from screener.engine.screen import Screening
from screener.engine.terms.reading import Range
from screener.presenters.answers import BLANK, answer_lines
from screener.presenters.sources import OwnChoice, PublishedSource, choices, sources


@dataclass(frozen=True)
class Reported:
    """One thing reported about a medicine; `known` is false if it was left blank."""

    label: str
    value: str
    known: bool


@dataclass(frozen=True)
class Use:
    """What a medicine's trial counts as for mood or for pain.

    `outcome` is met if one status is certain, unknown if several remain possible, and not_met if
    no status fits. `verdict` says it in words.
    """

    name: str
    needs: str
    usual: str
    note: str
    outcome: str
    verdict: tuple[str, ...]
    sources: tuple[PublishedSource, ...]
    choices: tuple[OwnChoice, ...]


@dataclass(frozen=True)
class MedicineTried:
    """One medicine; without `uses` it is shown and not counted."""

    name: str
    reported: tuple[Reported, ...]
    uses: tuple[Use, ...]
    note: str


def medicines_tried(
    rulebook: Rulebook, screening: Screening, answers: Answers
) -> tuple[MedicineTried, ...]:
    """Return every medicine that was ticked, in the order of the list."""
    protocol = screening.protocol
    rows = answers.get(protocol.table.id, {})
    assert isinstance(rows, dict)
    every = trials(screening)
    tried = []
    for id, cells in rows.items():
        medicine = protocol.medicines[id]
        own = [trial for trial in every if trial.medicine.id == id]
        uses = {trial.use for trial in own}
        reported = tuple(_reported(screening, cells, uses))
        shown = tuple(_use(rulebook, trial) for trial in own)
        tried.append(MedicineTried(medicine.name, reported, shown, medicine.note))
    return tuple(tried)


def _reported(screening: Screening, cells: Mapping[str, Any], uses: set[str]) -> list[Reported]:
    lines = []
    for column in screening.protocol.table.columns:
        # A column that belongs to a use is only asked of medicines that have it.
        if column.uses and not uses & set(column.uses) and column.id not in cells:
            continue
        if column.id in cells:
            value = "; ".join(answer_lines(screening.protocol, column, cells[column.id]))
            lines.append(Reported(column.short, value, True))
        else:
            lines.append(Reported(column.short, BLANK, False))
    return lines


def _use(rulebook: Rulebook, trial: TrialEvidence) -> Use:
    published = trial.medicine.trial(trial.use)
    assert published is not None
    dose, weeks = trial.adequate
    met = tuple(row.title for row, outcome in trial.statuses if outcome == "met")
    open_ = tuple(row.title for row, outcome in trial.statuses if outcome == "unknown")
    if met:
        outcome, verdict = "met", met
    elif open_:
        outcome, verdict = "unknown", open_
    else:
        outcome, verdict = "not_met", ()
    return Use(
        trial.use.capitalize(),
        f"{_range(dose)} mg a day or more for {_range(weeks)} weeks or more",
        published.usual,
        published.note,
        outcome,
        verdict,
        sources(rulebook, published.reference),
        choices(rulebook, published.choice),
    )


def _range(of: Range) -> str:
    low, high = of
    # Two values: a lower dose is enough for some people, perhaps for this one.
    return f"{low}" if low == high else f"{low} or {high}"
