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
    "overlap": "overlaps of rules: none but those that are meant",
    "row": "conditions on treatments that each medicine can meet",
    "question": "questions that change an outcome",
    "invariant": "what must always hold",
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


def _prove(asked: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(asked.rules)
    if rulebook is None:
        return common.FAULTY
    try:
        report = _proved(rulebook, asked.seconds, asked.verbose)
    except ImportError as error:
        said = 'proving needs the solver and numpy: pip install "screener[prove]"'
        print(f"{said} ({error})", file=sys.stderr)
        return common.REFUSED
    _told(report)
    out = common.folder(asked.rules) / REPORT if asked.write else asked.out
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
    """Prove everything; what fails is told at once. Raises ImportError without the solver."""
    from tqdm import tqdm

    from screener.engine.proof.prove import prove
    from screener.engine.proof.solver import version

    began = time.perf_counter()
    found: list[Statement] = []
    shown = tqdm(prove(rulebook, seconds=seconds), unit="statement", file=sys.stderr, mininterval=1)
    for proof in shown:
        one = statement(proof)
        found.append(one)
        if one.verdict != "proved":
            shown.write(_failure(one, proof.sent), file=sys.stdout)
        elif verbose:
            shown.write(f"proved: {one.protocol}: {one.says} ({_how(one)})", file=sys.stdout)
    spent = round(time.perf_counter() - began, 1)
    return Report(
        rulebook.hash,
        rulebook.version,
        datetime.now(UTC).date().isoformat(),
        version(),
        spent,
        tuple(found),
    )


def _failure(one: Statement, sent: bool) -> str:
    lines = [f"{one.verdict}: {one.protocol}: {one.sort} {one.subject}: {one.why}"]
    if one.persons:
        lines.append("# The smallest that shows it; `screener assess` reads it as it stands.")
        if sent:
            lines.append("# It shows for a form that was sent with these answers.")
        lines.append(as_cases(f"{one.subject} does not hold", one.persons).rstrip())
    return "\n".join(lines)


def _how(one: Statement) -> str:
    by = [f"{one.sets:,} answer sets one by one"] if one.sets else []
    by += ["solver"] if one.solver else []
    return f"{' and '.join(by)}, {one.seconds:.2f} s"


def _told(report: Report) -> None:
    """The summary: what was proved, over how many answer sets, by which solver, in what time."""
    for protocol in dict.fromkeys(one.protocol for one in report.statements):
        print(protocol)
        own = [one for one in report.statements if one.protocol == protocol]
        for sort, words in _SORTS.items():
            these = [one for one in own if one.sort == sort]
            tried = sum(one.sets for one in these)
            verdicts = Counter(one.verdict for one in these)
            counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
            listed = f"; {sum(one.sets > 0 for one in these)} of them over {tried:,} answer sets"
            print(f"  {words}: {counts or 'none'}{listed if tried else ''}")
    failed, open_ = report.count("failed"), report.count("not proved")
    print(
        f"statements proved: {report.count('proved')}, failed: {failed}, not proved: {open_}; "
        f"in {report.seconds:.0f} s by {report.solver} and by trying answer sets one by one"
    )
    print(f"rulebook {report.version}: {report.hash}")
    print("Proofs are about the rules as they are written, not about medicine.")
