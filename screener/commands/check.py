"""`screener check`: load and cross-check the rulebook, run every case in it."""

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from screener.commands import common
from screener.engine.check_cases import check_case, check_example
from screener.engine.protocol import Protocol
from screener.engine.rulebook.lock import check_lock
from screener.engine.rulebook.notices import notices
from screener.languages.translation import Translation, codes, read_translation

if TYPE_CHECKING:
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    check = commands.add_parser("check", help="load and cross-check the rulebook, run every case")
    common.rules_option(check)
    check.set_defaults(run=_check)


def _check(arguments: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None:
        return common.FAULTY
    folder = common.folder(arguments.rules)
    changed = check_lock(folder, rulebook)
    common.say(changed)
    failed = len(changed)
    for protocol in rulebook.protocols.values():
        failed += run_cases(protocol)
    if failed:
        print(f"{failed} problems", file=sys.stderr)
        return common.FAULTY
    for protocol in rulebook.protocols.values():
        print(
            f"{protocol.id} {protocol.version}: {len(protocol.questions)} questions, "
            f"{len(protocol.scores)} scores, {len(protocol.rules)} rules, "
            f"{len(protocol.topics)} topics; {len(protocol.cases)} cases and "
            f"{len(protocol.examples)} cases beside rules passed"
        )
    for notice in notices(rulebook, datetime.now(UTC).date()):
        print(f"warning: {notice}", file=sys.stderr)
    print(f"{len(rulebook.medicines)} medicines, {len(rulebook.references)} references")
    for code in codes(folder):
        _show(read_translation(folder, rulebook, code))
    print(rulebook.hash)
    if rulebook.unreviewed:
        print("Reviewed by no physician yet: demonstration only, not for clinical use")
    return 0


def _show(translation: Translation) -> None:
    """Print what is missing or stale in a translation; the rules hold without it."""
    for problem in translation.problems:
        print(f"warning: {problem}", file=sys.stderr)
    count = len(translation.problems)
    state = f"{count} problems, so it is not offered to patients" if count else "complete"
    print(f"{translation.name} ({translation.code}): {state}; {translation.hash}")


def run_cases(protocol: Protocol) -> int:
    """Run every case of a protocol, print what differs, and return the number of differences."""
    failed = 0
    for case in protocol.cases:
        for difference in check_case(protocol, case):
            print(f"{case.file}:{case.line}: {case.name}: {difference}", file=sys.stderr)
            failed += 1
    for example in protocol.examples:
        for difference in check_example(protocol, example):
            print(f"{example.file}:{example.line}: {example.name}: {difference}", file=sys.stderr)
            failed += 1
    return failed
