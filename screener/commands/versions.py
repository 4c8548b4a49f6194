"""Versions of the rulebook: `screener lock`, `screener rulebook`."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from screener.commands import common
from screener.commands.check import run_cases
from screener.engine.problems import RulebookError
from screener.engine.proof.report import Report, ReportError, read_report
from screener.engine.rulebook.lock import write_lock

if TYPE_CHECKING:
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the commands to the parser of `screener`."""
    release = commands.add_parser("lock", help="tie the text of the rulebook to its version")
    common.rules_option(release)
    release.set_defaults(run=_lock)

    booklet = commands.add_parser("rulebook", help="write the document that a physician signs")
    booklet.add_argument("-o", "--out", type=Path, default=Path("rulebook.html"))
    common.rules_option(booklet)
    booklet.set_defaults(run=_booklet)


def _lock(arguments: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None or any(run_cases(protocol) for protocol in rulebook.protocols.values()):
        return common.FAULTY
    try:
        write_lock(common.folder(arguments.rules), rulebook)
    except RulebookError as error:
        common.say(error.problems)
        return common.FAULTY
    print(f"locked {rulebook.version}: {rulebook.hash}")
    return 0


def _booklet(arguments: argparse.Namespace) -> int:
    from screener.booklet.html import write_rulebook

    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None:
        return common.FAULTY
    report: Report | ReportError | None
    try:
        report = read_report(common.folder(arguments.rules))
    except ReportError as error:
        common.say([error])
        report = error
    try:
        write_rulebook(rulebook, arguments.out, report)
    except OSError as error:
        print(f"{arguments.out}: cannot be written: {error.strerror}", file=sys.stderr)
        return common.FAULTY
    print(f"{arguments.out}: {rulebook.version}, {rulebook.hash}")
    return 0
