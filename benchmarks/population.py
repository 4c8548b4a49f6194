"""`python -m benchmarks.population`: a population at once, beside Polars written by hand.

Two measurements. First the outcomes alone: both go through the same people in memory, 50 000 at a
time and in turn, and every outcome, score and priority is compared. Then whole files, each in a
process of its own: `screener batch`, which also checks every answer, and the hand-written Polars
from file to file, with the most memory that each needed; and the same for twice as many people,
which must not need more.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl
from tqdm import tqdm

from benchmarks import handwritten_polars
from benchmarks.population_sample import write_population_sample
from screener.engine.rulebook.load import load
from screener.engine.tabular.column_terms import Present
from screener.engine.tabular.columns import OutcomeColumns
from screener.engine.terms.plan import lower
from screener.places import shipped
from screener.population.checking import Checks
from screener.population.files import screen_file
from screener.population.parquet import ParquetReader

OUT = Path("build/population.json")
GOAL = 0.5
ROUNDS = 3
RULEBOOK = load(shipped("rules"))
PROTOCOL = RULEBOOK.protocols["fibromyalgia"]
PLAN = lower(PROTOCOL)

Frames = tuple[pl.DataFrame, pl.DataFrame]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the figures, write `build/population.json`. Gives 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.population", description=main.__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--one", choices=FILES, help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.one:
        print(json.dumps(_measured(FILES[arguments.one], arguments.source)))
        return 0
    OUT.parent.mkdir(exist_ok=True)
    files = {count: _sample(count) for count in (arguments.people, 2 * arguments.people)}
    once, twice = files.values()
    rounds = [_in_memory(once, round_) for round_ in range(ROUNDS)]
    ours, by_hand = (min(seconds) for seconds in zip(*rounds, strict=True))
    whole = {name: [_in_a_process(name, file) for file in (once, twice)] for name in FILES}
    figures = {
        "people": arguments.people,
        "rulebook": {"version": PROTOCOL.version, "hash": RULEBOOK.hash},
        "rules": len(PROTOCOL.rules),
        "missing": 0.1,
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "polars": version("polars"),
        "outcomes": {
            "ours_seconds": ours,
            "by_hand_seconds": by_hand,
            "speed_beside_by_hand": by_hand / ours,
            "rounds": rounds,
        },
        "files": whole,
    }
    OUT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return _print_figures(figures)


def _sample(count: int) -> Path:
    """Return the file of so many people, and make it where it is missing."""
    path = OUT.parent / f"population-{count}-{RULEBOOK.hash[-8:]}.parquet"
    if not path.exists():
        part = path.with_suffix(".part")
        write_population_sample(part, PROTOCOL, count)
        part.rename(path)
    return path


def _chunks(file: Path) -> Iterator[Frames]:
    reader = ParquetReader(PROTOCOL, file)
    checks = None
    for chunk in reader.chunks(lambda _: None):
        checks = checks or Checks(PROTOCOL, chunk.people.columns, chunk.trials.columns)
        people, trials, doubtful = checks.typed_frames(chunk)
        assert not doubtful
        yield people, trials


def _in_memory(file: Path, round_: int) -> tuple[float, float]:
    """Return the seconds for the outcomes of everyone, ours and by hand. All are compared."""
    ours: OutcomeColumns | None = None
    seconds = [0.0, 0.0]
    for number, frames in enumerate(tqdm(_chunks(file), unit="chunk", file=sys.stderr)):
        ours = ours or OutcomeColumns(PLAN, Present.of(*frames))
        both: list[Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]]
        both = [ours.evaluate, _by_hand]
        outcomes: dict[int, pl.DataFrame] = {}
        # Who begins changes, so that neither finds the answers in the cache more often.
        for contestant in (0, 1) if (number + round_) % 2 else (1, 0):
            start = perf_counter()
            outcomes[contestant] = both[contestant](*frames)
            seconds[contestant] += perf_counter() - start
        if not outcomes[0].equals(outcomes[1]):
            raise SystemExit("the outcomes differ from those by hand")
    return seconds[0], seconds[1]


def _by_hand(people: pl.DataFrame, trials: pl.DataFrame) -> pl.DataFrame:
    return handwritten_polars.outcomes(PROTOCOL, people.lazy(), trials.lazy()).collect()


# --- whole files ---------------------------------------------------------------------------------


def _batch(source: Path, out: Path) -> None:
    screen_file(
        PLAN,
        RULEBOOK.hash,
        ParquetReader(PROTOCOL, source),
        out,
        print_problem=print,
        advance=lambda _: None,
    )


def _hand_file(source: Path, out: Path) -> None:
    """Write the outcomes lazily from file to file, and let Polars see to the memory."""
    people = pl.scan_parquet(source)
    table = PROTOCOL.table.id
    trials = (
        people.select(table)
        .with_row_index("#at")
        .filter(pl.col(table).list.len() > 0)
        .explode(table)
        .unnest(table)
    )
    answered = people.with_columns(pl.col(table).is_not_null())
    outcomes = handwritten_polars.outcomes(PROTOCOL, answered, trials)
    outcomes.sink_parquet(out)


FILES: dict[str, Callable[[Path, Path], None]] = {"batch": _batch, "by_hand": _hand_file}


def _measured(run: Callable[[Path, Path], None], source: Path) -> dict[str, float]:
    out = OUT.parent / "population-outcomes.parquet"
    start = perf_counter()
    run(source, out)
    seconds = perf_counter() - start
    rows = pl.scan_parquet(out).select(pl.len()).collect().item()
    out.unlink()
    return {"people": rows, "seconds": seconds, "peak_mib": _peak()}


def _peak() -> float:
    """Return the most memory that this process has had at once, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # `getrusage` would tell of the process that started this one, where that had more.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_a_process(name: str, source: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.population", "--one", name, "--source"]
    run = subprocess.run([*command, str(source)], check=True, stdout=subprocess.PIPE)  # noqa: S603
    figures: dict[str, float] = json.loads(run.stdout)
    return figures


def _print_figures(figures: dict[str, Any]) -> int:
    outcomes = figures["outcomes"]
    speed = outcomes["speed_beside_by_hand"]
    print(f"{figures['people']} people, {figures['rules']} rules, 10 % of answers missing")
    print(f"outcomes in memory: {outcomes['ours_seconds']:.1f} s, by hand ", end="")
    print(f"{outcomes['by_hand_seconds']:.1f} s: {speed:.2f} times the speed of the latter")
    for name, runs in figures["files"].items():
        for run in runs:
            print(
                f"{name}: {run['people']} people from file to file in {run['seconds']:.1f} s, "
                f"at most {run['peak_mib']:.0f} MiB"
            )
    once, twice = (run["peak_mib"] for run in figures["files"]["batch"])
    missed = []
    if speed < GOAL:
        missed.append(f"less than {GOAL} times the speed of hand-written Polars")
    if twice > 1.2 * once:
        missed.append("twice the people need more memory")
    for goal in missed:
        print(f"goal missed: {goal}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
