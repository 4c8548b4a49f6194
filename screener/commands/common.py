"""What several commands share: the rulebook and the documents they are given."""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from screener.engine.documents import AnswerDocument, DocumentError, read_documents
from screener.engine.problems import RulebookError
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers, AnswersError
from screener.engine.rulebook.load import load
from screener.engine.texts import TextError, printable, standard_input, text_of
from screener.places import shipped

if TYPE_CHECKING:
    from typing import Any

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

FAULTY = 1
REFUSED = 2


def rules_option(command: argparse.ArgumentParser) -> None:
    """Let a command be pointed at another folder of rules."""
    command.add_argument("--rules", type=Path, help="another folder of rules")


def protocol_option(command: argparse.ArgumentParser) -> None:
    """Let a command be told which protocol of the rulebook is meant."""
    command.add_argument("--protocol", help="which protocol, where the rulebook has several")


def folder(given: Path | None) -> Path:
    """The folder of rules that was given, else the one that came with the program."""
    return given if given is not None else shipped("rules")


def rulebook_in(given: Path | None) -> Rulebook | None:
    """The rulebook, or None after printing every fault."""
    try:
        return load(folder(given))
    except RulebookError as error:
        say(error.problems)
        print(f"{len(error.problems)} problems; nothing was loaded", file=sys.stderr)
        return None


def protocol_of(rulebook: Rulebook, name: str | None) -> Protocol | None:
    """The protocol of that name, the first where none is named, or None after saying so."""
    chosen = name or next(iter(rulebook.protocols))
    protocol = rulebook.protocols.get(chosen)
    if protocol is None:
        known = ", ".join(rulebook.protocols)
        say([f"no protocol is called {chosen}; there is {known}"])
    return protocol


def with_protocol(
    run: Callable[[argparse.Namespace, Rulebook, Protocol], int], *, faulty: int = FAULTY
) -> Callable[[argparse.Namespace], int]:
    """A command that is given the rulebook and the protocol that were asked for.

    It is not run where the rulebook has no such protocol, or is faulty: then the exit status is
    `faulty`.
    """

    def guarded(asked: argparse.Namespace) -> int:
        rulebook = rulebook_in(asked.rules)
        if rulebook is None:
            return faulty
        protocol = protocol_of(rulebook, asked.protocol)
        return REFUSED if protocol is None else run(asked, rulebook, protocol)

    return guarded


def with_population_extra(
    run: Callable[[argparse.Namespace], int],
) -> Callable[[argparse.Namespace], int]:
    """A command that says which packages it needs where they are not installed."""

    def guarded(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except ModuleNotFoundError as error:
            if error.name not in ("polars", "sqlglot"):
                raise
            say([f'{error.name} is not installed: pip install "screener[population]"'])
            return REFUSED

    return guarded


def people_in(
    protocol: Protocol, names: Iterable[str]
) -> tuple[list[tuple[AnswerDocument, Answers]], list[str]]:
    """Every document of some files with its typed answers, and a line for each problem.

    The name `-` stands for standard input.
    """
    people: list[tuple[AnswerDocument, Answers]] = []
    problems: list[str] = []
    for name in names:
        try:
            documents = _documents(name)
        except DocumentError as error:
            problems += error.problems
            documents = error.documents
        for document in documents:
            try:
                people.append((document, protocol.read_answers(document.answers)))
            except AnswersError as refused:
                problems += document.refused(refused)
    return people, problems


def _documents(name: str) -> list[AnswerDocument]:
    source = "standard input" if name == "-" else name
    try:
        text = standard_input() if name == "-" else text_of(Path(name))
    except TextError as error:
        raise DocumentError([f"{source}: {error}"]) from None
    return read_documents(text, source)


def as_json_line(value: "Any") -> str:
    """A value as JSON in one line, in characters that standard output can show."""
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return line


def seconds(text: str) -> float:
    """A length of time on the command line. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"found {printable(text)}; allowed: seconds above 0")
    return number


def say(problems: Iterable[object]) -> None:
    """One line of standard error for each problem."""
    for problem in problems:
        print(printable(str(problem)), file=sys.stderr)


@contextmanager
def written_whole(path: Path | None) -> Iterator[TextIO]:
    """A file that is there when everything was written, or not at all; standard output without."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8") as out:
            yield out
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # whoever tells of it names the file that was asked for
        raise
