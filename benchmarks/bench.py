"""`python -m benchmarks.bench`: which engine is fastest to decide which rules are met.

First everyone's verdicts on everyone are compared: a difference ends the run. Then, in rounds,
each contestant goes through all people, a few at a time, in turn with the others; who begins
changes from round to round. What is measured is time on a processor, so that a machine that does
something else besides disturbs it less.
"""

import argparse
import gc
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import process_time
from typing import Any

from tqdm import tqdm

from benchmarks.contestant import STARTS, Contestant, as_it_is
from benchmarks.contestants import BY_HAND, OURS, own, peers
from benchmarks.report import as_json, figures, goal_line, goals, table
from screener.engine.codegen.compiled import compiled
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.rulebook.load import load
from screener.places import shipped
from screener.synthetic import people, with_blanks
from tests.engine.oracle.reference import reference

OUT = Path("build/bench.json")
INSTALL = "pip install -r benchmarks/requirements.txt"
WITH_BLANKS = "compiled, 10 % of answers missing"
# A measurement shorter than this says more about the clock than about the contestant.
LEAST_SECONDS = 0.02
# People measured before it is the next contestant's turn.
TURN = 50


class Differs(Exception):
    """Two contestants do not agree on a person."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write `build/bench.json`. Gives 1 where a peer is missing."""
    options = _parser().parse_args(arguments)
    rulebook = load(shipped("rules"))
    protocol = rulebook.protocols["fibromyalgia"]
    everyone = people(protocol, options.people)
    blanks = with_blanks(everyone)
    rivals, missing = peers(protocol)
    everybody = [*own(protocol), *rivals]
    try:
        check(protocol, everybody, everyone)
        check_blanks(protocol, blanks)
    except Differs as difference:
        print(difference, file=sys.stderr)
        return 2
    prepared = {
        contestant.name: [contestant.prepare(answers) for answers in everyone]
        for contestant in everybody
    }
    prepared[WITH_BLANKS] = list(blanks)
    everybody.append(Contestant(WITH_BLANKS, as_it_is, compiled(protocol), lambda _: {}))
    measured = figures(rounds(everybody, prepared, options.rounds), OURS)
    reached = goals(measured, BY_HAND, {contestant.name: contestant.start for contestant in rivals})
    starts = {contestant.name: contestant.start for contestant in everybody}
    print(f"{len(everyone)} people, {len(protocol.rules)} rules, {options.rounds} rounds")
    print(table(measured, starts))
    for goal in reached:
        print(goal_line(goal))
    for package in missing:
        print(f"{package}: not installed; {INSTALL}")
    write(
        {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "versions": {contestant.package: version(contestant.package) for contestant in rivals},
            "not_installed": missing,
            "rulebook": {"version": rulebook.version, "hash": rulebook.hash},
            "people": len(everyone),
            "rounds": options.rounds,
            "starts": STARTS,
            "starts_from": starts,
            **as_json(measured, reached),
        }
    )
    return 1 if missing and not options.allow_missing else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument(
        "--people", type=_at_least(1), default=200, help="how many synthetic people"
    )
    parser.add_argument(
        "--rounds", type=_at_least(5), default=7, help="how many rounds, at least 5"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="end well though a peer is not installed"
    )
    return parser


def _at_least(least: int) -> Any:
    def number(text: str) -> int:
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text}: a whole number of {least} or more is needed")
        return int(text)

    return number


# --- the same verdicts ---------------------------------------------------------------------------


def check(protocol: Protocol, everybody: Sequence[Contestant], everyone: Sequence[Answers]) -> None:
    """Raise Differs where a contestant does not say what the reference says.

    A peer has verdicts on every rule that has a condition. The rest are about blanks, of which
    there are none; the reference must say so.
    """
    wanted = []
    for answers in everyone:
        outcomes = reference(protocol, answers).outcomes
        wanted.append({id: outcome == "met" for id, outcome in outcomes.items()})
    with_condition = [id for id, rule in protocol.rules.items() if rule.when]
    for contestant in everybody:
        for number, (answers, right) in enumerate(zip(everyone, wanted, strict=True)):
            verdicts = contestant.verdicts(contestant.run(contestant.prepare(answers)))
            least = with_condition if contestant.package else protocol.rules
            if missing := [id for id in least if id not in verdicts]:
                raise Differs(f"{contestant.name} says nothing of {', '.join(missing)}")
            for id, verdict in verdicts.items():
                if verdict is not right[id]:
                    raise Differs(
                        f"{contestant.name} says {verdict} of the rule {id} for person {number}, "
                        f"the reference says {right[id]}"
                    )
    for id in protocol.rules:
        if id not in with_condition and any(right[id] for right in wanted):
            raise Differs(f"the rule {id} is met by somebody who left nothing blank")


def check_blanks(protocol: Protocol, everyone: Sequence[Answers]) -> None:
    """Raise Differs where the compiled path and the reference differ in any of three values."""
    fast = compiled(protocol)
    for number, answers in enumerate(everyone):
        right = reference(protocol, answers).outcomes
        for id, outcome in fast(answers).outcomes.items():
            if outcome != right[id]:
                raise Differs(
                    f"compiled says {outcome} of the rule {id} for person {number} with blanks, "
                    f"the reference says {right[id]}"
                )


# --- the times -----------------------------------------------------------------------------------


def rounds(
    everybody: Sequence[Contestant], prepared: Mapping[str, Sequence[Any]], count: int
) -> dict[str, list[float]]:
    """Return µs a person of every contestant in each round, after a run of everyone to warm up."""
    people = len(prepared[everybody[0].name])
    passes = {}
    for contestant in everybody:
        seconds = _timed(contestant, prepared[contestant.name], 1)
        passes[contestant.name] = max(1, round(LEAST_SECONDS * people / TURN / seconds))
    times: dict[str, list[float]] = {contestant.name: [] for contestant in everybody}
    with tqdm(total=count * people, unit="person", file=sys.stderr) as progress:
        for number in range(count):
            first = number * len(everybody) // count
            spent = dict.fromkeys(times, 0.0)
            for begin in range(0, people, TURN):
                for contestant in [*everybody[first:], *everybody[:first]]:
                    some = prepared[contestant.name][begin : begin + TURN]
                    spent[contestant.name] += _timed(contestant, some, passes[contestant.name])
                progress.update(min(TURN, people - begin))
            for name, seconds in spent.items():
                times[name].append(seconds / passes[name] / people * 1e6)
    return times


def _timed(contestant: Contestant, data: Sequence[Any], passes: int) -> float:
    """Return the seconds of so many passes through the people, without collecting garbage."""
    run = contestant.run
    gc.disable()
    try:
        begun = process_time()
        for _ in range(passes):
            for item in data:
                run(item)
        return process_time() - begun
    finally:
        gc.enable()


# --- where it ran --------------------------------------------------------------------------------


def machine() -> dict[str, Any]:
    """Return Python, system, processor and its cores."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def write(result: Mapping[str, Any]) -> None:
    """Write the file whole or not at all."""
    OUT.parent.mkdir(exist_ok=True)
    half = OUT.with_suffix(".part")
    half.write_text(json.dumps(result, indent=2) + "\n")
    half.replace(OUT)


if __name__ == "__main__":
    sys.exit(main())
