"""What the times come to: medians, ratios within a round, goals; as a table and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

# The goals: so many times as fast as the fastest peer, and as Python written by hand.
PEER_GOAL = 2.5
BY_HAND_GOAL = 0.5


@dataclass(frozen=True)
class Figures:
    """The times of one contestant, µs a person, and how many times as long as ours it took."""

    median_us: float
    ratio: float
    lowest_ratio: float
    highest_ratio: float
    rounds_us: tuple[float, ...]


def figures(times: Mapping[str, Sequence[float]], ours: str) -> dict[str, Figures]:
    """Return the figures of every contestant from its time in each round, by name.

    A ratio is taken within a round, where the machine was as busy for the one as for the other;
    `ratio` is the median of these.
    """
    measured = {}
    for name, rounds in times.items():
        ratios = [this / base for this, base in zip(rounds, times[ours], strict=True)]
        measured[name] = Figures(
            median(rounds), median(ratios), min(ratios), max(ratios), tuple(rounds)
        )
    return measured


@dataclass(frozen=True)
class Goal:
    """How many times as long as ours a contestant has to take, and takes."""

    of: str
    wanted: float
    ratio: float

    @property
    def reached(self) -> bool:
        """Return whether the goal is reached."""
        return self.ratio >= self.wanted


def goals(measured: Mapping[str, Figures], by_hand: str, peers: Mapping[str, str]) -> list[Goal]:
    """Return the goals against the fastest peers, if any, and against hand-written Python.

    `peers` says what each starts from. The fastest of those that start from typed answers, as ours
    does, comes first, and after it one that is faster because it starts from something prepared.
    """
    alike = [name for name, start in peers.items() if start == "typed answers"]
    fastest = {
        min(names, key=lambda name: measured[name].ratio) for names in (alike, peers) if names
    }
    first = sorted(fastest, key=lambda name: name not in alike)
    return [
        *(Goal(name, PEER_GOAL, measured[name].ratio) for name in first),
        Goal(by_hand, BY_HAND_GOAL, measured[by_hand].ratio),
    ]


def as_json(measured: Mapping[str, Figures], reached: Sequence[Goal]) -> dict[str, Any]:
    """Return the part of `build/bench.json` that is computed from times."""
    return {
        "contestants": {name: asdict(figures) for name, figures in measured.items()},
        "goals": [{**asdict(goal), "reached": goal.reached} for goal in reached],
    }


def table(measured: Mapping[str, Figures], notes: Mapping[str, str]) -> str:
    """Return the figures as text, fastest first; `notes` stand at the end of a line."""
    names = sorted(measured, key=lambda name: measured[name].median_us)
    rows = [("", "µs/person", "x ours", "(min-max)", "starts from")]
    for name in names:
        figures = measured[name]
        between = f"({figures.lowest_ratio:.2f}-{figures.highest_ratio:.2f})"
        rows.append(
            (name, f"{figures.median_us:.1f}", f"{figures.ratio:.2f}", between, notes.get(name, ""))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  "
        f"{row[3]:<{widths[3]}}  {row[4]}".rstrip()
        for row in rows
    )


def goal_line(goal: Goal) -> str:
    """Return one line on a goal."""
    word = "reached" if goal.reached else "MISSED"
    return f"{word}: {goal.ratio:.2f} times as fast as {goal.of}; wanted {goal.wanted:g}"
