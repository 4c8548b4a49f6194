"""`screener prove`: what must hold for all possible answers, proved or shown to fail."""

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from screener import synthetic
from screener.commands import common
from screener.commands.case_text import case_text
from screener.engine.proof.report import REPORT, Report, ReportError, Statement, read_report_file
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers

if TYPE_CHECKING:
    from screener.commands.common import Commands
    from screener.engine.proof.prove import Proof

_SORTS = {
    "rule": "rules that can be met, and can be not met",
    "clause": "clauses and parts of conditions that matter",
    "overlap": "overlaps of rules: none but the intended ones",
    "row": "conditions on treatment trials that each medicine can meet",
    "question": "questions that change an outcome",
    "invariant": "statements that must always hold",
}
_PEOPLE = 2_000


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    prove = commands.add_parser("prove", help="prove what must hold for all possible answers")
    prove.add_argument("--seconds", type=common.seconds, default=30, help="limit for one statement")
    prove.add_argument("--write", action="store_true", help=f"write {REPORT} beside the rules")
    prove.add_argument("-o", "--out", type=Path, help="write the report there, as lines of JSON")
    prove.add_argument("-v", "--verbose", action="store_true", help="every statement, a line each")
    common.rules_option(prove)
    prove.set_defaults(run=_prove)


def _prove(arguments: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None:
        return common.FAULTY
    began = time.perf_counter()
    try:
        report = _proved(rulebook, arguments.seconds, arguments.verbose)
    except ImportError as error:
        needs = 'proving needs the solver and numpy: pip install "screener[prove]"'
        print(f"{needs} ({error})", file=sys.stderr)
        return common.REFUSED
    _print_summary(report, time.perf_counter() - began)
    out = common.folder(arguments.rules) / REPORT if arguments.write else arguments.out
    if out is not None:
        try:
            _write(report, out)
        except OSError as error:
            print(f"{out}: cannot be written: {error.strerror}", file=sys.stderr)
            return common.REFUSED
    return 0 if report.whole else common.FAULTY


def _write(report: Report, out: Path) -> None:
    """Write a report; a file that says the same already stays as it is."""
    try:
        earlier = read_report_file(out)
    except ReportError:
        earlier = None
    if earlier is not None and report.says_the_same(earlier):
        print(f"{out}: says the same already, and stays as it is")
        return
    with common.written_whole(out) as file:
        file.writelines(f"{line}\n" for line in report.lines())


def _proved(rulebook: Rulebook, seconds: float, verbose: bool) -> Report:
    """Prove everything and print failures at once. Raise ImportError without the solver."""
    from tqdm import tqdm

    from screener.engine.proof.prove import prove
    from screener.engine.proof.solver import version

    statements: list[Statement] = []
    proofs = prove(rulebook, seconds=seconds, people=_people, processes=os.cpu_count() or 1)
    progress = tqdm(proofs, unit="statement", file=sys.stderr, mininterval=1)
    for proof in progress:
        check = proof.check
        statement = Statement(
            proof.protocol,
            check.sort,
            check.subject,
            check.says,
            proof.verdict,
            proof.sets,
            proof.why,
        )
        statements.append(statement)
        if proof.verdict != "proved":
            progress.write(_failure(proof), file=sys.stdout)
        elif verbose:
            progress.write(_line(statement), file=sys.stdout)
    return Report(rulebook.hash, rulebook.version, version(), tuple(statements))


def _people(protocol: Protocol) -> list[Answers]:
    return synthetic.people(protocol, _PEOPLE)


def _failure(proof: "Proof") -> str:
    sort, subject = proof.check.sort, proof.check.subject
    lines = [f"{proof.verdict}: {proof.protocol}: {sort} {subject}: {proof.why}"]
    if proof.persons:
        lines.append("# Counterexample with the fewest answers; `screener assess` can read it.")
        if proof.sent:
            lines.append("# It holds for a form that was sent with these answers.")
        lines.append(case_text(f"{subject} does not hold", proof.persons).rstrip())
    return "\n".join(lines)


def _line(proved: Statement) -> str:
    tried = f"{proved.sets:,} answer sets one by one and " if proved.sets else ""
    return f"proved: {proved.protocol}: {proved.says} ({tried}solver)"


def _print_summary(report: Report, seconds: float) -> None:
    """Print what was proved, over how many answer sets, by which solver, in what time."""
    for protocol in dict.fromkeys(statement.protocol for statement in report.statements):
        print(protocol)
        for sort, words in _SORTS.items():
            own = [s for s in report.statements if (s.protocol, s.sort) == (protocol, sort)]
            tried = sum(statement.sets for statement in own)
            verdicts = Counter(statement.verdict for statement in own)
            counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
            listed = f"; {sum(s.sets > 0 for s in own)} of them over {tried:,} answer sets"
            print(f"  {words}: {counts or 'none'}{listed if tried else ''}")
    failed, open_ = report.count("failed"), report.count("not proved")
    print(
        f"statements proved: {report.count('proved')}, failed: {failed}, not proved: {open_}; "
        f"in {seconds:.0f} s by {report.solver} and by trying answer sets one by one"
    )
    print(f"rulebook {report.version}: {report.hash}")
    print("Proofs are about the rules as they are written, not about medicine.")
