"""`screener assess`: screen files of answers and print one JSON line for each person."""

import argparse
from typing import TYPE_CHECKING, Any

from screener.commands import common
from screener.engine.documents import AnswerDocument
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers
from screener.engine.screen import screen

if TYPE_CHECKING:
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    assess = commands.add_parser(
        "assess", help="screen files of answers, a JSON line for each person"
    )
    assess.add_argument("files", nargs="+", metavar="FILE", help="JSON or YAML; - reads stdin")
    common.protocol_option(assess)
    common.rules_option(assess)
    assess.set_defaults(run=common.with_protocol(_assess))


def _assess(arguments: argparse.Namespace, rulebook: Rulebook, protocol: Protocol) -> int:
    people, problems = common.people_in(protocol, arguments.files)
    common.say(problems)
    # If anything is refused, nothing is printed: no partial result is passed on.
    if problems:
        return common.REFUSED
    common.say_retired(protocol, people)
    lines = [
        common.as_json_line(_assessed(rulebook, protocol, document, answers))
        for document, answers in people
    ]
    for line in lines:
        print(line)
    return 0


def _assessed(
    rulebook: Rulebook, protocol: Protocol, document: AnswerDocument, answers: Answers
) -> dict[str, Any]:
    screening = screen(protocol, answers, submitted=document.submitted)
    return {
        "case": document.case,
        "protocol": protocol.id,
        "rulebook": {"version": protocol.version, "hash": rulebook.hash},
        **screening.as_json(),
    }
