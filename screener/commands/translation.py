"""`screener translation`: bring the files of a language up to date, and the document to sign."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from screener.commands import common
from screener.engine.problems import RulebookError
from screener.languages.translation import is_language, read_translation
from screener.languages.update import update

if TYPE_CHECKING:
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    command = commands.add_parser(
        "translation", help="bring the files of a language up to date with the rulebook"
    )
    command.add_argument("code", help="the code of the language, such as es")
    command.add_argument("-o", "--out", type=Path, help="write the document to sign there")
    common.rules_option(command)
    command.set_defaults(run=_translation)


def _translation(arguments: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None:
        return common.FAULTY
    if not is_language(arguments.code):
        print(f"{arguments.code}: write the code of a language, such as es or pt_BR",
              file=sys.stderr)  # fmt: skip
        return common.REFUSED
    folder = common.folder(arguments.rules)
    try:
        if arguments.out is None:
            for name in update(folder, rulebook, arguments.code):
                print(f"{name}: written")
    except RulebookError as error:
        common.say(error.problems)
        return common.FAULTY
    translation = read_translation(folder, rulebook, arguments.code)
    common.say(translation.problems)
    if arguments.out is not None:
        from screener.booklet.translated import write_translation

        write_translation(rulebook, translation, arguments.out)
        print(f"{arguments.out}: written")
    print(f"{translation.name}: {len(translation.problems)} problems; {translation.hash}")
    return common.FAULTY if translation.problems else 0
