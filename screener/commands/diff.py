"""`screener diff`: what changed between two rulebooks, and a person for each rule that differs."""

import argparse
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from screener.commands import common
from screener.engine.diff.by_meaning import Difference, compare
from screener.engine.proof.report import as_cases, plain
from screener.engine.protocol import Rulebook

if TYPE_CHECKING:
    from screener.commands.common import Commands
    from screener.engine.diff.by_person import Differing, Person
    from screener.engine.diff.compare import Comparison

_SORTS = {
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
        lines = _with_persons(_compared(old, new, arguments.seconds))
    except ImportError:
        print(_NO_SOLVER, file=sys.stderr)
        lines = (line for entry in compare(old, new) for line in _difference(entry))
    printed = False
    for line in lines:
        print(line)
        printed = True
    if not printed:
        print("no difference")
    return 0


def _compared(old: Rulebook, new: Rulebook, seconds: float) -> "Comparison":
    """Compare two rulebooks and show progress. Raise ImportError without the solver."""
    from tqdm import tqdm

    from screener.engine.diff.compare import compare_by_persons

    with tqdm(file=sys.stderr, unit="rule", disable=None, leave=False) as shown:

        def asking(what: str) -> None:
            shown.set_description(what)
            shown.update()

        return compare_by_persons(old, new, seconds=seconds, asking=asking)


def _with_persons(comparison: "Comparison") -> Iterator[str]:
    for entry in comparison.differences:
        yield from _difference(entry.difference)
        if entry.found is not None:
            yield from _proved(entry.difference.id, entry.found)
    for protocol, differing in comparison.priorities.items():
        if differing.verdict == "same":
            yield f"priority: {protocol}: the same for everyone (proved)"
        else:
            yield f"priority: {protocol}"
            yield from _proved("priority", differing)


def _difference(entry: Difference) -> Iterator[str]:
    yield f"{_SORTS[entry.sort]}: {entry.protocol} {entry.what} {entry.id}"
    if entry.sort == "meaning" and entry.old and entry.old == entry.new:
        yield "  through a score, rule, question or medicine that it uses"
    elif entry.old or entry.new:
        yield f"  was: {entry.old}\n  is:  {entry.new}"


def _proved(what: str, differing: "Differing") -> Iterator[str]:
    """Yield the solver's verdict on a rule or the priority, with persons as cases to paste."""
    match differing.verdict:
        case "same":
            yield "  same meaning (proved)"
        case "one version":
            yield "  differs only for answers that one version accepts; the same for all others:"
            yield f"    {differing.why}"
        case "not proved":
            yield f"  not proved whether it means the same: {differing.why}"
        case "differs":
            smallest, *further = differing.persons
            yield from _person(what, "the person with the fewest answers", smallest)
            for person in further:
                yield from _person(what, "a person whom both versions decide", person)


def _person(what: str, whom: str, person: "Person") -> Iterator[str]:
    old, new = (_OUTCOMES.get(outcome, outcome) for outcome in (person.old, person.new))
    yield f"  {old} -> {new}, {whom}:"
    if person.sent:
        yield "    # for a form that was sent with these answers"
    case = as_cases(f"{what}, {old} -> {new}", [plain(person.answers)]).removeprefix("---\n")
    yield textwrap.indent(case.rstrip(), "    ")
