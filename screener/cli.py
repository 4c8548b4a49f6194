"""The `screener` command. Each command loads what it needs: `check` and `assess` need no Flask."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from getpass import getpass
from pathlib import Path
from typing import Any, TextIO

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

    _add_site_commands(commands)
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


# --- the site ------------------------------------------------------------------------------------

# These import the web application only when they run: `check` and `assess` need none of it.


def _add_site_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser("demonstration", help="serve synthetic data on this machine")
    serve = commands.add_parser("serve", help="serve with the settings of the environment")
    for command, workers in ((demo, 1), (serve, 2)):
        command.add_argument("--host", default="127.0.0.1")
        command.add_argument("--port", type=int, default=8000)
        command.add_argument("--workers", type=int, default=workers)
    demo.set_defaults(run=_site(_demonstration))
    serve.set_defaults(run=_site(_serve))

    user = commands.add_parser("user", help="add a member of staff; asks for the password")
    user.add_argument("email")
    user.add_argument("roles", nargs="+", metavar="ROLE", help="intake or physician")
    user.set_defaults(run=_site(_user))

    audit = commands.add_parser("audit", help="verify the chain of the audit log")
    audit.set_defaults(run=_site(_audit))

    reseal = commands.add_parser("reseal", help="encrypt everything with the newest key")
    reseal.set_defaults(run=_site(_reseal))

    replay = commands.add_parser("replay", help="screen stored submissions under another rulebook")
    replay.add_argument("--rules", type=Path, required=True, help="the other folder of rules")
    replay.add_argument("-o", "--out", type=Path, help="write every change there, one JSON a line")
    replay.set_defaults(run=_site(_replay))

    tidy = commands.add_parser("tidy", help="erase old unfinished questionnaires and sessions")
    tidy.set_defaults(run=_site(_tidy))


def _site(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """A command that tells in plain lines why the site cannot start."""

    def guarded(asked: argparse.Namespace) -> int:
        from screener.settings import SettingsError
        from screener.store import StoreError

        try:
            return run(asked)
        except RulebookError as error:
            said = [str(problem) for problem in error.problems]
        except SettingsError as error:
            said = error.problems
        except (StoreError, ValueError) as error:
            said = [str(error)]
        for line in said:
            print(line, file=sys.stderr)
        return 1

    return guarded


def _demonstration(asked: argparse.Namespace) -> int:
    from screener import samples
    from screener.app import create_app
    from screener.settings import Settings

    settings = Settings.load(mode="demonstration")
    app = create_app(settings)
    with app.app_context():
        accounts = samples.fill()
    shown = f"http://{asked.host}:{asked.port}"
    print(f"Demonstration with synthetic people only: {shown}  staff: {shown}/staff/")
    for account in accounts:
        print(f"  {account.email}  password: {account.password}  (shown this once)")
    if not accounts:
        print("  The staff accounts of the first start still hold; delete var/ to begin anew.")
    sys.stdout.flush()
    return _run_server(settings, asked)


def _serve(asked: argparse.Namespace) -> int:
    from screener.app import create_app
    from screener.settings import Settings

    settings = Settings.load()
    create_app(settings)  # everything that can be wrong is told before a worker starts
    return _run_server(settings, asked)


def _run_server(settings: Any, asked: argparse.Namespace) -> int:
    from screener.app import create_app
    from screener.serve import Server, options

    Server(lambda: create_app(settings), options(asked.host, asked.port, asked.workers)).run()
    return 0


@contextmanager
def _opened() -> "Iterator[Any]":
    """The whole app with the settings of the environment, inside its context."""
    from screener.app import create_app
    from screener.settings import Settings

    settings = Settings.load()
    with create_app(settings).app_context():
        yield settings


def _user(asked: argparse.Namespace) -> int:
    from screener.access import create_user

    with _opened():
        first = getpass("Password: ")
        if first != getpass("Again: "):
            print("The two passwords differ; nothing was added.", file=sys.stderr)
            return 1
        create_user(asked.email, first, asked.roles)
    print(f"added {asked.email}")
    return 0


def _audit(asked: argparse.Namespace) -> int:
    from screener import store

    with _opened():
        broken = store.verify_audit()
    if broken is not None:
        print(f"the audit log is broken at entry {broken.number}: {broken.reason}", file=sys.stderr)
        return 1
    print("the audit log is whole")
    return 0


def _reseal(asked: argparse.Namespace) -> int:
    from screener import store

    with _opened():
        print(f"{store.reseal()} values sealed with the newest key")
    return 0


def _replay(asked: argparse.Namespace) -> int:
    from tqdm import tqdm

    from screener import store
    from screener.replay import replay

    rulebook = _rulebook(asked.rules)
    if rulebook is None:
        return 1
    counts: Counter[str] = Counter()
    with _opened(), _written_whole(asked.out) as out:
        total = store.count_submitted()
        for one in tqdm(replay(rulebook), total=total, unit="submission", file=sys.stderr):
            if not one.differs:
                continue
            counts["differ"] += 1
            for change in one.changes:
                counts[f"{change.rule}: {change.was} -> {change.now}"] += 1
            if one.priority[0] != one.priority[1]:
                counts[f"priority: {one.priority[0]} -> {one.priority[1]}"] += 1
            if one.problem:
                counts["cannot be screened"] += 1
            print(json.dumps(asdict(one), ensure_ascii=False), file=out)
    for said, count in sorted(counts.items()):
        print(f"{count:6}  {said}", file=sys.stderr)
    print(
        f"{counts['differ']} of {total} submissions differ. Nothing stored was changed.",
        file=sys.stderr,
    )
    return 0


@contextmanager
def _written_whole(path: Path | None) -> Iterator[TextIO]:
    """A file that is there when everything was written, or not at all; standard output without."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8") as out:
            yield out
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _tidy(asked: argparse.Namespace) -> int:
    from screener import store

    with _opened() as settings:
        print(f"{store.expire_drafts(settings.draft_days)} unfinished questionnaires erased")
        store.forget_limits()
        store.forget_sessions()
    return 0


if __name__ == "__main__":
    sys.exit(main())
