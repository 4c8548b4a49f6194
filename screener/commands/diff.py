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
# Nobody is ever called eligible, nor the opposite.
_SAID = {"not_met": "not met", "unknown": "cannot tell", "ineligible": "under age"}
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


def _diff(asked: argparse.Namespace) -> int:
    old, new = common.rulebook_in(asked.old), common.rulebook_in(asked.new)
    if old is None or new is None:
        return common.FAULTY
    try:
        lines = _with_persons(_compared(old, new, asked.seconds))
    except ImportError:
        print(_NO_SOLVER, file=sys.stderr)
        lines = (line for one in compare(old, new) for line in _difference(one))
    said = False
    for line in lines:
        print(line)
        said = True
    if not said:
        print("no difference")
    return 0


def _compared(old: Rulebook, new: Rulebook, seconds: float) -> "Comparison":
    """The comparison, with a word on what is being asked. Raises ImportError without the solver."""
    from tqdm import tqdm

    from screener.engine.diff.compare import compare_by_persons

    with tqdm(file=sys.stderr, unit="rule", disable=None, leave=False) as shown:

        def asking(what: str) -> None:
            shown.set_description(what)
            shown.update()

        return compare_by_persons(old, new, seconds=seconds, asking=asking)


def _with_persons(comparison: "Comparison") -> Iterator[str]:
    for one in comparison.differences:
        yield from _difference(one.difference)
        if one.found is not None:
            yield from _found(one.difference.id, one.found)
    for protocol, found in comparison.priorities.items():
        if found.verdict == "same":
            yield f"priority: {protocol}: the same for everybody (proved)"
        else:
            yield f"priority: {protocol}"
            yield from _found("priority", found)


def _difference(one: Difference) -> Iterator[str]:
    yield f"{_SORTS[one.sort]}: {one.protocol} {one.what} {one.id}"
    if one.sort == "meaning" and one.old and one.old == one.new:
        yield "  through a score, rule, question or medicine that it stands on"
    elif one.old or one.new:
        yield f"  was: {one.old}\n  is:  {one.new}"


def _found(what: str, found: "Differing") -> Iterator[str]:
    """What the solver says of a rule or the priority, with the persons as cases to be pasted."""
    match found.verdict:
        case "same":
            yield "  same meaning (proved)"
        case "one version":
            yield "  differs only for answers that one version takes; the same for all others:"
            yield f"    {found.why}"
        case "not proved":
            yield f"  not proved whether it means the same: {found.why}"
        case "differs":
            smallest, *further = found.persons
            yield from _person(what, "the smallest person", smallest)
            for person in further:
                yield from _person(what, "whom both versions can tell", person)


def _person(what: str, whom: str, person: "Person") -> Iterator[str]:
    old, new = (_SAID.get(one, one) for one in (person.old, person.new))
    yield f"  {old} -> {new}, {whom}:"
    if person.sent:
        yield "    # so for a form that was sent with these answers"
    case = as_cases(f"{what}, {old} -> {new}", [plain(person.answers)]).removeprefix("---\n")
    yield textwrap.indent(case.rstrip(), "    ")
