"""Scores as lowest and highest possible value, beside the published bands they may fall in."""

from dataclasses import dataclass

from screener.engine.protocol import Rulebook, Score
from screener.engine.screen import Screening
from screener.engine.terms.reading import Range
from screener.presenters.sources import OwnChoice, PublishedSource, choices, sources


@dataclass(frozen=True)
class BandLine:
    """A published band; `reached` is yes, possible or no."""

    label: str
    range: str
    reached: str


@dataclass(frozen=True)
class ScoreLine:
    """One score. `exact` is false while missing answers leave more than one value possible."""

    title: str
    value: str
    exact: bool
    range: str
    bands: tuple[BandLine, ...]
    note: str
    sources: tuple[PublishedSource, ...]
    choices: tuple[OwnChoice, ...]


def score_lines(rulebook: Rulebook, screening: Screening) -> tuple[ScoreLine, ...]:
    """Return every score of a screening, in the rulebook's order."""
    scores = screening.protocol.scores
    return tuple(_line(rulebook, scores[id], at) for id, at in screening.scores.items())


def _line(rulebook: Rulebook, score: Score, at: Range) -> ScoreLine:
    low, high = at
    lowest, highest = score.range
    value = f"{low}" if low == high else f"{low} to {high}"
    if (low, high) == (lowest, highest) and low != high:
        value = "Cannot tell"
    bands = []
    for band in score.bands:
        inside = band.from_ <= low and high <= band.to
        touched = low <= band.to and band.from_ <= high
        reached = "yes" if inside else "possible" if touched else "no"
        bands.append(BandLine(band.label, f"{band.from_} to {band.to}", reached))
    return ScoreLine(
        score.title,
        value,
        low == high,
        f"{lowest} to {highest}",
        tuple(bands),
        score.note,
        sources(rulebook, score.reference),
        choices(rulebook, score.choice),
    )
