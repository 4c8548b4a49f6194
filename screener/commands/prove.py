"""`screener prove`: what must hold for all possible answers, proved or shown to fail."""

import argparse
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from screener.commands import common
from screener.engine.proof.report import (
    REPORT,
    Report,
    Statement,
    as_cases,
    statement,
)
from screener.engine.protocol import Rulebook

if TYPE_CHECKING:
    from screener.commands.common import Commands

_SORTS = {
    "rule": "rules that can be met, and can be not met",
    "clause": "clauses and parts of conditions that matter",
    "overlap": "overlaps of rules: none but the intended ones",
    "row": "conditions on treatment trials that each medicine can meet",
    "question": "questions that change an outcome",
    "invariant": "statements that must always hold",
}


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    prove = commands.add_parser("prove", help="prove what must hold for all possible answers")
    prove.add_argument("--seconds", type=common.seconds, default=30, help="limit for one statement")
    prove.add_argument("--write", action="store_true", help=f"write {REPORT} beside the rules")
    prove.add_argument("-o", "--out", type=Path, help="write the report there, as JSON")
    prove.add_argument("-v", "--verbose", action="store_true", help="every statement, a line each")
    common.rules_option(prove)
    prove.set_defaults(run=_prove)


def _prove(arguments: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None:
        return common.FAULTY
    try:
        report = _proved(rulebook, arguments.seconds, arguments.verbose)
    except ImportError as error:
        needs = 'proving needs the solver and numpy: pip install "screener[prove]"'
        print(f"{needs} ({error})", file=sys.stderr)
        return common.REFUSED
    _print_summary(report)
    out = common.folder(arguments.rules) / REPORT if arguments.write else arguments.out
    if out is not None:
        try:
            with common.written_whole(out) as file:
                json.dump(report.as_json(), file, ensure_ascii=False, indent=1)
                file.write("\n")
        except OSError as error:
            print(f"{out}: cannot be written: {error.strerror}", file=sys.stderr)
            return common.REFUSED
    return 0 if report.whole else common.FAULTY


def _proved(rulebook: Rulebook, seconds: float, verbose: bool) -> Report:
    """Prove everything and print failures at once. Raise ImportError without the solver."""
    from tqdm import tqdm

    from screener.engine.proof.prove import prove
    from screener.engine.proof.solver import version

    began = time.perf_counter()
    statements: list[Statement] = []
    shown = tqdm(prove(rulebook, seconds=seconds), unit="statement", file=sys.stderr, mininterval=1)
    for proof in shown:
        result = statement(proof)
        statements.append(result)
        if result.verdict != "proved":
            shown.write(_failure(result, proof.sent), file=sys.stdout)
        elif verbose:
            line = f"proved: {result.protocol}: {result.says} ({_how(result)})"
            shown.write(line, file=sys.stdout)
    spent = round(time.perf_counter() - began, 1)
    return Report(
        rulebook.hash,
        rulebook.version,
        datetime.now(UTC).date().isoformat(),
        version(),
        spent,
        tuple(statements),
    )


def _failure(failed: Statement, sent: bool) -> str:
    lines = [f"{failed.verdict}: {failed.protocol}: {failed.sort} {failed.subject}: {failed.why}"]
    if failed.persons:
        lines.append("# Counterexample with the fewest answers; `screener assess` can read it.")
        if sent:
            lines.append("# It holds for a form that was sent with these answers.")
        lines.append(as_cases(f"{failed.subject} does not hold", failed.persons).rstrip())
    return "\n".join(lines)


def _how(proved: Statement) -> str:
    by = [f"{proved.sets:,} answer sets one by one"] if proved.sets else []
    by += ["solver"] if proved.solver else []
    return f"{' and '.join(by)}, {proved.seconds:.2f} s"


def _print_summary(report: Report) -> None:
    """Print what was proved, over how many answer sets, by which solver, in what time."""
    for protocol in dict.fromkeys(proved.protocol for proved in report.statements):
        print(protocol)
        for sort, words in _SORTS.items():
            own = [s for s in report.statements if (s.protocol, s.sort) == (protocol, sort)]
            tried = sum(proved.sets for proved in own)
            verdicts = Counter(proved.verdict for proved in own)
            counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
            listed = f"; {sum(s.sets > 0 for s in own)} of them over {tried:,} answer sets"
            print(f"  {words}: {counts or 'none'}{listed if tried else ''}")
    failed, open_ = report.count("failed"), report.count("not proved")
    print(
        f"statements proved: {report.count('proved')}, failed: {failed}, not proved: {open_}; "
        f"in {report.seconds:.0f} s by {report.solver} and by trying answer sets one by one"
    )
    print(f"rulebook {report.version}: {report.hash}")
    print("Proofs are about the rules as they are written, not about medicine.")
