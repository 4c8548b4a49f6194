"""What stands on the one screen of a submission beside what all of it says: the shortest form.

Which patterns and scores these are, the rulebook does not say: they are those of the conditions
that this program is for. A protocol that has none of them shows its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from screener.engine.expressions import Comparison, Const, ScoreOf, names_in, walk
from screener.engine.protocol import Protocol, Score
from screener.engine.screen import Screening
from screener.presenters.rescreened import Rescreened
from screener.presenters.rule_groups import RuleGroup, RuleSummary
from screener.presenters.trials import MedicineTried, Use
from screener.presenters.words import ACT_FIRST

_PATTERNS = {
    "refractory_fibromyalgia": "Refractory fibromyalgia",
    "treatment_resistant_depression": "Treatment-resistant depression",
    "paired_pattern": "Both together",
}
_SCORES = {"phq9": "PHQ-9", "gad7": "GAD-7", "wpi": "WPI", "sss": "SSS"}
_TRIALS_SHOWN = 4
_HOLD = "hold"


@dataclass(frozen=True)
class PatternState:
    """A pattern and whether it is met, not met, or cannot tell (`outcome`)."""

    rule: str
    title: str
    outcome: str


@dataclass(frozen=True)
class Gauge:
    """A score as it is drawn: lowest and highest possible value between `least` and `most`.

    `thresholds` are the numbers from which a rule counts it. `words` say all of it.
    """

    title: str
    low: int | Decimal
    high: int | Decimal
    least: int
    most: int
    thresholds: tuple[int, ...]
    value: str
    words: str


@dataclass(frozen=True)
class TrialLine:
    """A medicine in one line; `verdicts` are by use, `known` false where one cannot tell."""

    name: str
    dose: str
    weeks: str
    now: bool
    warning: str
    verdicts: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class Screen:
    """The parts of the one screen. `more_trials` are those for which there is no room.

    `cautions` are flags to review that are no pattern; `others` counts what else is met, by
    priority. `open_holds` are holds that cannot tell.
    """

    patterns: tuple[PatternState, ...]
    gauges: tuple[Gauge, ...]
    holds: tuple[RuleSummary, ...]
    open_holds: tuple[str, ...]
    cautions: tuple[RuleSummary, ...]
    others: tuple[tuple[str, int], ...]
    trials: tuple[TrialLine, ...]
    more_trials: tuple[TrialLine, ...]


def screen_of(
    rescreened: Rescreened, flags: tuple[RuleGroup, ...], tried: tuple[MedicineTried, ...]
) -> Screen:
    """Return the short form of a submission; `flags` are the rules that are met."""
    patterns = tuple(_patterns(rescreened))
    named = {pattern.rule for pattern in patterns}
    met = {group.priority: group.rules for group in flags}
    lines = sorted(map(_trial, tried), key=_weight)
    return Screen(
        patterns,
        tuple(_gauges(rescreened)),
        met.get(_HOLD, ()),
        tuple(
            rescreened.title(id)
            for id, outcome in rescreened.outcomes.items()
            if outcome == "unknown" and rescreened.priority(id) == _HOLD
        )
        if not rescreened.under_age
        else (),
        tuple(rule for rule in met.get("review", ()) if rule.id not in named),
        tuple(
            (priority, len(rules))
            for priority, rules in met.items()
            if priority not in (*ACT_FIRST, _HOLD, "review")
        ),
        tuple(lines[:_TRIALS_SHOWN]),
        tuple(lines[_TRIALS_SHOWN:]),
    )


def _patterns(rescreened: Rescreened) -> Iterator[PatternState]:
    outcomes = rescreened.outcomes
    if not any(id in outcomes for id in _PATTERNS):
        shown = [id for id in outcomes if rescreened.priority(id) == "review"][:3]
        yield from (PatternState(id, rescreened.title(id), outcomes[id]) for id in shown)
        return
    for id, title in _PATTERNS.items():
        if id in outcomes:
            yield PatternState(id, title, outcomes[id])


def _gauges(rescreened: Rescreened) -> Iterator[Gauge]:
    screening = rescreened.screening
    if screening is None:
        return
    scores = screening.protocol.scores
    named = {id: title for id, title in _SCORES.items() if id in screening.scores}
    if not named:
        named = {id: scores[id].title for id in screening.scores if scores[id].bands}
    for id, title in named.items():
        yield _gauge(screening, scores[id], id, title)


def _gauge(screening: Screening, score: Score, id: str, title: str) -> Gauge:
    low, high = screening.scores[id]
    least, most = score.range
    unknown = (low, high) == (least, most) and low != high
    value = "Cannot tell" if unknown else f"{low}" if low == high else f"{low} to {high}"
    counted = thresholds(screening.protocol, id)
    bands = [band.label for band in score.bands if band.from_ <= high and low <= band.to]
    band = f", {' to '.join(dict.fromkeys((bands[0], bands[-1])))}" if bands and not unknown else ""
    said = f"{value} of {most}{band}" if not unknown else f"{value}, {least} to {most} possible"
    lines = "; ".join(f"{_stands(low, high, line)} {line}" for line in counted)
    return Gauge(
        title, low, high, least, most, counted, value, f"{said}. {lines}." if lines else f"{said}."
    )


def _stands(low: int | Decimal, high: int | Decimal, line: int) -> str:
    """Return how a score stands to a threshold."""
    if low >= line:
        return "at or above"
    return "below" if high < line else "cannot tell whether at"


def thresholds(protocol: Protocol, score: str) -> tuple[int, ...]:
    """Return the numbers from which the rules count a score.

    Read from the patterns with all that they rest on, and from rules that say nothing else.
    """

    def read() -> tuple[int, ...]:
        numbers = set()
        behind = _behind(protocol)
        for id, rule in protocol.rules.items():
            if rule.unanswered is not None or rule.undecided is not None:
                continue
            condition = protocol.condition(id)
            every = walk(condition) if id in behind else [condition]
            for part in every:
                match part:
                    case Comparison(">=", ScoreOf(name), Const(number)) if name == score:
                        numbers.add(number)
        return tuple(sorted(numbers))

    return protocol.once(("thresholds", score), read)


def _behind(protocol: Protocol) -> set[str]:
    """Return the patterns and every rule that they rest on."""
    behind: set[str] = set()
    ahead = [id for id in _PATTERNS if id in protocol.rules]
    while ahead:
        id = ahead.pop()
        behind.add(id)
        ahead += names_in(protocol.condition(id)).rules - behind
    return behind


def _trial(medicine: MedicineTried) -> TrialLine:
    told = {item.id: item.value if item.known else "" for item in medicine.reported}
    return TrialLine(
        medicine.name,
        told.get("dose_mg", ""),
        told.get("weeks", ""),
        bool(medicine.now),
        medicine.warning,
        tuple((use.name, _verdict(use), use.outcome != "unknown") for use in medicine.uses),
    )


def _verdict(use: Use) -> str:
    """Return what a trial counts as, without the words that its column says already."""
    if use.outcome == "unknown":
        text = "Cannot tell"
    elif use.outcome == "not_met":
        text = "None of those counted"
    else:
        text = "; ".join(title.replace(f" for {use.id}", "") for title in use.verdict)
    return f"{text} (judged {use.judgement.verdict})" if use.judgement else text


def _weight(line: TrialLine) -> tuple[bool, bool]:
    """Return what orders medicines: those that failed first, then those still taken."""
    failed = any(text.startswith("Failed") for _, text, _ in line.verdicts)
    return not failed, not line.now
