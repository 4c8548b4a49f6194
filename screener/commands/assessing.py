"""`screener assess`: screen documents of answers, one JSON line each."""

import argparse
import json
from typing import TYPE_CHECKING

from screener.commands import common
from screener.engine.documents import AnswerDocument, DocumentError
from screener.engine.questions import AnswersError
from screener.engine.rulebook import Protocol, Rulebook
from screener.engine.screen import screen

if TYPE_CHECKING:
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    assess = commands.add_parser("assess", help="screen documents of answers, one JSON line each")
    assess.add_argument("files", nargs="+", metavar="FILE", help="JSON or YAML; - reads stdin")
    common.protocol_option(assess)
    common.rules_option(assess)
    assess.set_defaults(run=common.with_protocol(_assess))


def _assess(asked: argparse.Namespace, rulebook: Rulebook, protocol: Protocol) -> int:
    problems: list[str] = []
    lines: list[str] = []
    for name in asked.files:
        try:
            documents = common.documents_in(name)
        except DocumentError as error:
            problems += error.problems
            continue
        for document in documents:
            try:
                lines.append(_assessed(rulebook, protocol, document))
            except AnswersError as refused:
                problems += document.refused(refused)
    common.say(problems)
    # Nothing is printed of a run in which anything was refused: no half of an answer goes on.
    if problems:
        return common.REFUSED
    for line in lines:
        print(line)
    return 0


def _assessed(rulebook: Rulebook, protocol: Protocol, document: AnswerDocument) -> str:
    screening = screen(protocol, protocol.read_answers(document.answers))
    result = {
        "case": document.case,
        "protocol": protocol.id,
        "rulebook": {"version": protocol.version, "hash": rulebook.hash},
        **screening.as_json(),
    }
    return json.dumps(result, ensure_ascii=False)
