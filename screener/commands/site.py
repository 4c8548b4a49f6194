"""Commands that need the site's settings and database: serving, accounts, audit, keys, replay.

The web application is imported only when one of them runs: `check` and `assess` need none of it.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screener.commands import common
from screener.commands.adopted import lines
from screener.engine.problems import RulebookError
from screener.engine.rulebook.load import load

if TYPE_CHECKING:
    from flask import Flask

    from screener import store
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the commands of the site to the parser of `screener`."""
    demo = commands.add_parser("demonstration", help="serve synthetic data on this machine")
    serve = commands.add_parser("serve", help="serve with the settings of the environment")
    for command, workers in ((demo, 1), (serve, 2)):
        command.add_argument("--host", default="127.0.0.1")
        command.add_argument("--port", type=int, default=8000)
        command.add_argument("--workers", type=int, default=workers)
    demo.set_defaults(run=guarded(_demonstration))
    serve.set_defaults(run=guarded(_serve))

    user = commands.add_parser("user", help="add a member of staff; asks for the password")
    user.add_argument("email")
    user.add_argument("roles", nargs="+", metavar="ROLE", help="intake or physician")
    user.set_defaults(run=guarded(_user))

    audit = commands.add_parser("audit", help="verify the chain of the audit log")
    audit.set_defaults(run=guarded(_audit))

    reseal = commands.add_parser("reseal", help="encrypt everything with the newest key")
    reseal.set_defaults(run=guarded(_reseal))

    replay = commands.add_parser("replay", help="screen stored submissions under another rulebook")
    replay.add_argument("--rules", type=Path, required=True, help="the other folder of rules")
    replay.add_argument("-o", "--out", type=Path, help="write every change there, one JSON a line")
    replay.set_defaults(run=guarded(_replay))

    adopt = commands.add_parser("adopt", help="show whom another edition of the rules would change")
    adopt.add_argument("--rules", type=Path, required=True, help="the folder of the new edition")
    adopt.add_argument("-o", "--out", type=Path, help="write what it says there, one JSON a line")
    adopt.set_defaults(run=guarded(_adopt))

    tidy = commands.add_parser("tidy", help="erase old unfinished questionnaires and sessions")
    tidy.set_defaults(run=guarded(_tidy))


def guarded(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Wrap a command so that it prints in plain lines why the site cannot start."""

    def run_or_say(arguments: argparse.Namespace) -> int:
        from screener.settings import SettingsError
        from screener.store import StoreError

        try:
            return run(arguments)
        except RulebookError as error:
            problems = [str(problem) for problem in error.problems]
        except SettingsError as error:
            problems = error.problems
        except (StoreError, ValueError) as error:
            problems = [str(error)]
        for problem in problems:
            print(problem, file=sys.stderr)
        return 1

    return run_or_say


def _demonstration(arguments: argparse.Namespace) -> int:
    from screener import samples
    from screener.app import create_app
    from screener.settings import Settings

    settings = Settings.load(mode="demonstration")
    app = create_app(settings)
    with app.app_context():
        accounts = samples.fill()
    shown = f"http://{arguments.host}:{arguments.port}"
    print(f"Demonstration with synthetic people only: {shown}  staff: {shown}/staff/")
    for account in accounts:
        print(f"  {account.email}  password: {account.password}  (shown this once)")
    if not accounts:
        print("  The staff accounts of the first start are still valid; delete var/ to start over.")
    sys.stdout.flush()
    return _run_server(settings, arguments)


def _serve(arguments: argparse.Namespace) -> int:
    from screener import store
    from screener.app import create_app
    from screener.settings import Settings

    settings = Settings.load()
    app = create_app(settings)  # reports every problem before a worker starts
    with app.app_context():
        if settings.production and store.spill_shares_volume():
            print(
                "SCREENER_AUDIT_SPILL is on the database's volume: when that is full, views are "
                "recorded only in this program's log. Name a folder on another volume.",
                file=sys.stderr,
            )
    return _run_server(settings, arguments)


def _run_server(settings: Any, arguments: argparse.Namespace) -> int:
    from screener.adoption import begin
    from screener.app import create_app
    from screener.serve import Server, options

    def make() -> "Flask":
        app = create_app(settings)
        begin(app)
        return app

    Server(make, options(arguments.host, arguments.port, arguments.workers)).run()
    return 0


@contextmanager
def opened(*, only_look: bool = False) -> "Iterator[Any]":
    """Open the app with the settings of the environment, inside its context."""
    from screener import store
    from screener.app import create_app
    from screener.settings import Settings

    settings = Settings.load()
    with create_app(settings, only_look=only_look).app_context():
        try:
            yield settings
        finally:
            store.db.engine.dispose()


def _user(arguments: argparse.Namespace) -> int:
    from screener.access import create_user

    with opened():
        first = getpass("Password: ")
        if first != getpass("Again: "):
            print("The two passwords differ; nothing was added.", file=sys.stderr)
            return 1
        create_user(arguments.email, first, arguments.roles)
    print(f"added {arguments.email}")
    return 0


def _audit(arguments: argparse.Namespace) -> int:
    from screener import store

    with opened():
        drained = store.drain_views()
        broken = store.verify_audit()
    _print_drained(drained)
    for line in drained.unopened:
        print(f"a view cannot be entered: {line}", file=sys.stderr)
    if broken is not None:
        print(f"the audit log is broken at entry {broken.number}: {broken.reason}", file=sys.stderr)
    else:
        print("the audit log is whole")
    return 1 if broken is not None or drained.unopened else 0


def _print_drained(drained: "store.Drained") -> None:
    if drained.entered:
        print(f"{drained.entered} views entered the audit log late")
    if drained.waiting or drained.problem:
        print(
            f"{drained.waiting} views wait to enter the audit log: {drained.problem}",
            file=sys.stderr,
        )


def _reseal(arguments: argparse.Namespace) -> int:
    from screener import store

    with opened():
        print(f"{store.reseal()} values sealed with the newest key")
        drained = store.drain_views()
    _print_drained(drained)
    if drained.waiting:
        print("keep the older keys until `screener audit` says that none waits", file=sys.stderr)
        return 1
    return 0


def _replay(arguments: argparse.Namespace) -> int:
    from tqdm import tqdm

    from screener import store
    from screener.replay import replay

    rulebook = load(arguments.rules)
    counts: Counter[str] = Counter()
    with opened(only_look=True), common.written_whole(arguments.out) as out:
        total = store.count_submitted()
        for replayed in tqdm(replay(rulebook), total=total, unit="submission", file=sys.stderr):
            if not replayed.differs:
                continue
            counts["differ"] += 1
            for change in replayed.changes:
                counts[f"{change.rule}: {change.was} -> {change.now}"] += 1
            was, now = replayed.priority
            if was != now:
                counts[f"priority: {was} -> {now}"] += 1
            if replayed.problem:
                counts["cannot be screened"] += 1
            print(json.dumps(asdict(replayed), ensure_ascii=False), file=out)
    for what, count in sorted(counts.items()):
        print(f"{count:6}  {what}", file=sys.stderr)
    print(
        f"{counts['differ']} of {total} submissions differ. Nothing stored was changed.",
        file=sys.stderr,
    )
    return 0


def _adopt(arguments: argparse.Namespace) -> int:
    from tqdm import tqdm

    from screener import store
    from screener.adoption import foresee

    edition = load(arguments.rules)
    with opened(only_look=True), common.written_whole(arguments.out) as out:
        total = len(store.to_adopt(edition.hash))
        adopted = list(tqdm(foresee(edition), total=total, unit="form", file=sys.stderr))
        if arguments.out is not None:
            for form in adopted:
                print(json.dumps(asdict(form), ensure_ascii=False), file=out)
    for line in lines(edition.version, adopted):
        print(line)
    return 0


def _tidy(arguments: argparse.Namespace) -> int:
    from screener import store

    with opened() as settings:
        _print_drained(store.drain_views())
        print(f"{store.expire_drafts(settings.draft_days)} unfinished questionnaires erased")
        store.fill_list()
        store.forget_codes()
        store.forget_limits()
        store.forget_messages()
        store.forget_sessions()
    return 0
