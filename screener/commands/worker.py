"""`screener worker`: tell people of submissions, by mail and webhook."""

import argparse
import logging
import sys
from typing import TYPE_CHECKING

from screener.commands import site

if TYPE_CHECKING:
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    worker = commands.add_parser("worker", help="tell staff of submissions, by mail and webhook")
    worker.add_argument("--once", action="store_true", help="do what is due now, and end")
    worker.set_defaults(run=site.guarded(_worker))


def _worker(arguments: argparse.Namespace) -> int:
    from screener.telling.work import Worker

    logging.basicConfig(format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("screener.worker").setLevel(logging.INFO)
    with site.opened() as settings:
        if settings.tell is None and not settings.mail_links:
            print(
                "SCREENER_TELL is not set: staff are told of nothing (docs/notifications.md)",
                file=sys.stderr,
            )
        worker = Worker(settings)
        if not arguments.once:
            worker.run()
            return 0
        worked = worker.round()
    print(f"{worked.sent} sent, {worked.again} to be tried again, {worked.dead} given up")
    return 0
