"""`screener burden`: how many pages, questions, options and words a person meets in the form."""

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from screener.burden import Burden, burden, fitted, medicine_list
from screener.commands import common
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers

if TYPE_CHECKING:
    from screener.commands.common import Commands

# The cases that one edition after the other is held to: each as its name starts.
PERSONS = {"fibromyalgia": ("V01", "F01", "F08", "F00", "F60"), "depression": ("D01",)}
COLUMNS = tuple(field.name for field in fields(Burden))


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    parser = commands.add_parser("burden", help="count what a person meets in the form")
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="answers, as for assess; by default six cases"
    )
    parser.add_argument("--against", type=Path, metavar="DIR", help="rules to compare with")
    common.protocol_option(parser)
    common.rules_option(parser)
    parser.set_defaults(run=_burden)


def _burden(arguments: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(arguments.rules)
    before = None if arguments.against is None else common.rulebook_in(arguments.against)
    if rulebook is None or (arguments.against is not None and before is None):
        return common.FAULTY
    if arguments.protocol and common.protocol_of(rulebook, arguments.protocol) is None:
        return common.REFUSED
    people, problems = _people(rulebook, arguments)
    common.say(problems)
    if problems:
        return common.REFUSED
    table = [["", *COLUMNS]]
    for protocol, name, answers in people:
        earlier = None if before is None else before.protocols.get(protocol.id)
        now = burden(protocol, answers)
        then = None if earlier is None else burden(earlier, fitted(earlier, answers))
        table.append([name, *_row(now, then)])
    for id in dict.fromkeys(protocol.id for protocol, _, _ in people):
        earlier = None if before is None else before.protocols.get(id)
        then = None if earlier is None else medicine_list(earlier)
        row = _row(medicine_list(rulebook.protocols[id]), then)
        table.append([f"{id}: list of medicines, counted apart", *row])
    _print(table)
    return 0


def _people(
    rulebook: Rulebook, arguments: argparse.Namespace
) -> tuple[list[tuple[Protocol, str, Answers]], list[str]]:
    """Return each person with the form they fill in, and a line for each problem."""
    if arguments.files:
        protocol = rulebook.protocols[arguments.protocol or next(iter(rulebook.protocols))]
        people, problems = common.people_in(protocol, arguments.files)
        return [(protocol, d.case or d.place, answers) for d, answers in people], problems
    cases = [
        (protocol, case.name, case.answers)
        for protocol in rulebook.protocols.values()
        if arguments.protocol in (None, protocol.id)
        for start in PERSONS.get(protocol.id, ())
        for case in protocol.cases
        if case.name.startswith(f"{start}:")
    ]
    none = "no case of these rules is counted by default; name files of answers"
    return cases, [] if cases else [none]


def _row(now: Burden, then: Burden | None) -> list[str]:
    """Return the numbers, each after what it was before."""
    row = []
    for column in COLUMNS:
        count = getattr(now, column)
        if then is None:
            row.append(f"{count:,}")
            continue
        was = getattr(then, column)
        change = f" ({100 * (count - was) / was:+.0f} %)" if was else ""
        row.append(f"{was:,} → {count:,}{change}")
    return row


def _print(table: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for name, *numbers in table:
        cells = [text.rjust(width) for text, width in zip(numbers, widths[1:], strict=True)]
        print("  ".join([name.ljust(widths[0]), *cells]).rstrip())
