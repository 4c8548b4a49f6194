"""The `screener` command. Each command loads what it needs: `check` and `assess` need no Flask."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from screener import site_commands
from screener.engine.cases import check_case, check_example
from screener.engine.compare import compare
from screener.engine.documents import AnswerDocument, DocumentError, read_documents
from screener.engine.governance import notices
from screener.engine.load import load
from screener.engine.lock import check_lock, write_lock
from screener.engine.problems import RulebookError
from screener.engine.questions import AnswersError
from screener.engine.rulebook import Protocol, Rulebook
from screener.engine.screen import screen
from screener.places import shipped

REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 a faulty rulebook, 2 refused input."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    status: int = asked.run(asked)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="screener", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="load and cross-check the rulebook, run every case")
    check.set_defaults(run=_check)

    assess = commands.add_parser("assess", help="screen documents of answers, one JSON line each")
    assess.add_argument("files", nargs="+", metavar="FILE", help="JSON or YAML; - reads stdin")
    assess.add_argument("--protocol", help="which protocol, where the rulebook has several")
    assess.set_defaults(run=_assess)

    differ = commands.add_parser("diff", help="what changed between two folders of rules")
    differ.add_argument("old", type=Path)
    differ.add_argument("new", type=Path)
    differ.set_defaults(run=_diff)

    release = commands.add_parser("lock", help="tie the text of the rulebook to its version")
    release.set_defaults(run=_lock)

    booklet = commands.add_parser("rulebook", help="write the one document a physician signs")
    booklet.add_argument("-o", "--out", type=Path, default=Path("rulebook.html"))
    booklet.set_defaults(run=_booklet)

    for command in (check, assess, release, booklet):
        command.add_argument("--rules", type=Path, help="another folder of rules")

    site_commands.add_to(commands)
    return parser


# --- check ---------------------------------------------------------------------------------------


def _check(asked: argparse.Namespace) -> int:
    rulebook = _rulebook(asked.rules)
    if rulebook is None:
        return 1
    loose = check_lock(_folder(asked.rules), rulebook)
    for problem in loose:
        print(problem, file=sys.stderr)
    failed = len(loose)
    for protocol in rulebook.protocols.values():
        failed += _run_cases(protocol)
    if failed:
        print(f"{failed} problems", file=sys.stderr)
        return 1
    for protocol in rulebook.protocols.values():
        print(
            f"{protocol.id} {protocol.version}: {len(protocol.questions)} questions, "
            f"{len(protocol.scores)} scores, {len(protocol.rules)} rules, "
            f"{len(protocol.topics)} topics; {len(protocol.cases)} cases and "
            f"{len(protocol.examples)} cases beside rules passed"
        )
    for notice in notices(rulebook, date.today()):
        print(f"warning: {notice}", file=sys.stderr)
    print(f"{len(rulebook.medicines)} medicines, {len(rulebook.references)} references")
    print(rulebook.hash)
    if rulebook.unreviewed:
        print("Reviewed by no physician yet: demonstration only, not for clinical use")
    return 0


def _run_cases(protocol: Protocol) -> int:
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


def _folder(given: Path | None) -> Path:
    return given if given is not None else shipped("rules")


def _rulebook(folder: Path | None) -> Rulebook | None:
    """The rulebook, or None after printing every fault."""
    try:
        return load(_folder(folder))
    except RulebookError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print(f"{len(error.problems)} problems; nothing was loaded", file=sys.stderr)
        return None


# --- versions ------------------------------------------------------------------------------------


def _lock(asked: argparse.Namespace) -> int:
    rulebook = _rulebook(asked.rules)
    if rulebook is None or any(_run_cases(p) for p in rulebook.protocols.values()):
        return 1
    try:
        write_lock(_folder(asked.rules), rulebook)
    except RulebookError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 1
    print(f"locked {rulebook.version}: {rulebook.hash}")
    return 0


def _booklet(asked: argparse.Namespace) -> int:
    from screener.booklet_html import write_rulebook

    rulebook = _rulebook(asked.rules)
    if rulebook is None:
        return 1
    try:
        write_rulebook(rulebook, asked.out)
    except OSError as error:
        print(f"{asked.out}: cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{asked.out}: {rulebook.version}, {rulebook.hash}")
    return 0


def _diff(asked: argparse.Namespace) -> int:
    old, new = _rulebook(asked.old), _rulebook(asked.new)
    if old is None or new is None:
        return 1
    for one in compare(old, new):
        print(f"{_SORTS[one.sort]}: {one.protocol} {one.what} {one.id}")
        if one.old and one.old == one.new:
            print("  through a score, rule or medicine that it stands on")
        elif one.old or one.new:
            print(f"  was: {one.old}\n  is:  {one.new}")
    if not compare(old, new):
        print("no difference")
    return 0


_SORTS = {
    "added": "added",
    "removed": "removed",
    "meaning": "changed in meaning",
    "handling": "changed in handling",
    "wording": "changed in wording only",
}


# --- assess --------------------------------------------------------------------------------------


def _assess(asked: argparse.Namespace) -> int:
    rulebook = _rulebook(asked.rules)
    if rulebook is None:
        return 1
    protocol = _protocol(rulebook, asked.protocol)
    if protocol is None:
        return REFUSED
    problems: list[str] = []
    lines: list[str] = []
    for name in asked.files:
        try:
            documents = read_documents(*_text(name))
        except DocumentError as error:
            problems += error.problems
            continue
        for document in documents:
            try:
                lines.append(_assessed(rulebook, protocol, document))
            except AnswersError as refused:
                called = f" ({document.case})" if document.case else ""
                problems += [f"{document.place}{called}: {fault}" for fault in refused.problems]
    for fault in problems:
        print(fault, file=sys.stderr)
    # Nothing is printed of a run in which anything was refused: no half of an answer goes on.
    if problems:
        return REFUSED
    for line in lines:
        print(line)
    return 0


def _protocol(rulebook: Rulebook, name: str | None) -> Protocol | None:
    chosen = name or next(iter(rulebook.protocols))
    protocol = rulebook.protocols.get(chosen)
    if protocol is None:
        known = ", ".join(rulebook.protocols)
        print(f"no protocol is called {chosen}; there is {known}", file=sys.stderr)
    return protocol


def _text(name: str) -> tuple[str, str]:
    """The text of a file or of standard input, and what to call it. Raises DocumentError."""
    shown = "standard input" if name == "-" else name
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return raw.decode("utf-8-sig"), shown
    except OSError as error:
        raise DocumentError([f"{shown}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise DocumentError([f"{shown}: is not UTF-8 text (byte {error.start})"]) from None


def _assessed(rulebook: Rulebook, protocol: Protocol, document: AnswerDocument) -> str:
    screening = screen(protocol, protocol.read_answers(document.answers))
    result = {
        "case": document.case,
        "protocol": protocol.id,
        "rulebook": {"version": protocol.version, "hash": rulebook.hash},
        **screening.as_json(),
    }
    return json.dumps(result, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
