"""`screener diff`: what changed between two rulebooks, and a person for each rule that differs."""

import argparse
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from screener.commands import common
from screener.commands.case_text import case_text
from screener.engine.diff.by_meaning import compare
from screener.engine.diff.difference import Counterexample, Difference, Equivalence
from screener.engine.protocol import Rulebook

if TYPE_CHECKING:
    from screener.commands.common import Commands

_KINDS = {
    "added": "added",
    "removed": "removed",
    "meaning": "changed in meaning",
    "handling": "changed in handling",
    "proof": "changed in what is proved",
    "wording": "changed in wording only",
}
# Nobody is ever called eligible or ineligible.
_OUTCOMES = {"not_met": "not met", "unknown": "cannot tell", "ineligible": "under age"}
_NO_SOLVER = (
    "to be shown a person for each rule that differs, install the solver: "
    'pip install "screener[prove]"'
)


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    differ = commands.add_parser("diff", help="what changed between two folders of rules")
    differ.add_argument("old", type=Path)
    differ.add_argument("new", type=Path)
    differ.add_argument(
        "--seconds",
        type=common.seconds,
        default=20,
        help="how long to look for a person, for one rule",
    )
    differ.set_defaults(run=_diff)


def _diff(arguments: argparse.Namespace) -> int:
    old, new = common.rulebook_in(arguments.old), common.rulebook_in(arguments.new)
    if old is None or new is None:
        return common.FAULTY
    try:
        differences, priorities = _compared(old, new, arguments.seconds)
    except ImportError:
        print(_NO_SOLVER, file=sys.stderr)
        differences, priorities = compare(old, new), {}
    printed = False
    for line in _lines(differences, priorities):
        print(line)
        printed = True
    if not printed:
        print("no difference")
    return 0


def _compared(
    old: Rulebook, new: Rulebook, seconds: float
) -> tuple[list[Difference], dict[str, Equivalence]]:
    """Compare two rulebooks and show progress. Raise ImportError without the solver."""
    from tqdm import tqdm

    from screener.engine.diff.by_counterexample import compare_by_person

    with tqdm(file=sys.stderr, unit="rule", disable=None, leave=False) as progress:

        def asking(what: str) -> None:
            progress.set_description(what)
            progress.update()

        return compare_by_person(old, new, seconds=seconds, asking=asking)


def _lines(differences: list[Difference], priorities: dict[str, Equivalence]) -> Iterator[str]:
    for difference in differences:
        yield from _difference(difference)
    for protocol, equivalence in priorities.items():
        if equivalence.verdict == "same":
            yield f"priority: {protocol}: the same for everyone (proved)"
        else:
            yield f"priority: {protocol}"
            yield from _equivalence("priority", equivalence)


def _difference(difference: Difference) -> Iterator[str]:
    old, new = difference.old, difference.new
    kind = _KINDS[difference.kind]
    yield f"{kind}: {difference.protocol} {difference.what} {difference.id}"
    if difference.kind == "meaning" and old and old == new:
        yield "  through a score, rule, question or medicine that it uses"
    elif old or new:
        yield f"  was: {old}\n  is:  {new}"
    if difference.equivalence is not None:
        yield from _equivalence(difference.id, difference.equivalence)


def _equivalence(what: str, equivalence: Equivalence) -> Iterator[str]:
    """Yield the solver's verdict on a rule or the priority, with people as cases to paste."""
    match equivalence.verdict:
        case "same":
            yield "  same meaning (proved)"
        case "one version":
            yield "  differs only for answers that one version accepts; the same for all others:"
            yield f"    {equivalence.why}"
        case "not proved":
            yield f"  not proved whether it means the same: {equivalence.why}"
        case "differs":
            smallest, *further = equivalence.counterexamples
            yield from _counterexample(what, "the counterexample with the fewest answers", smallest)
            for example in further:
                yield from _counterexample(what, "a person whom both versions decide", example)


def _counterexample(what: str, title: str, example: Counterexample) -> Iterator[str]:
    old, new = (_OUTCOMES.get(outcome, outcome) for outcome in (example.old, example.new))
    yield f"  {old} -> {new}, {title}:"
    if example.sent:
        yield "    # for a form that was sent with these answers"
    case = case_text(f"{what}, {old} -> {new}", [example.answers]).removeprefix("---\n")
    yield textwrap.indent(case.rstrip(), "    ")
