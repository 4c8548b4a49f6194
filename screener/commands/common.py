"""What several commands share: options, the rulebook, and files of answers."""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from screener.engine.documents import AnswerDocument, DocumentError, read_documents
from screener.engine.old_answers import retired_in
from screener.engine.plain_text import TextError, printable, standard_input, text_of
from screener.engine.problems import RulebookError
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.questions import Answers, AnswersError
from screener.engine.rulebook.load import load
from screener.places import shipped

if TYPE_CHECKING:
    from typing import Any

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

FAULTY = 1
REFUSED = 2


def rules_option(command: argparse.ArgumentParser) -> None:
    """Add the option that names another folder of rules."""
    command.add_argument("--rules", type=Path, help="another folder of rules")


def protocol_option(command: argparse.ArgumentParser) -> None:
    """Add the option that names one protocol of the rulebook."""
    command.add_argument("--protocol", help="which protocol, if the rulebook has several")


def folder(given: Path | None) -> Path:
    """Return the given folder of rules, or the one that ships with the program."""
    return given if given is not None else shipped("rules")


def rulebook_in(given: Path | None) -> Rulebook | None:
    """Return the rulebook, or print every fault and return None."""
    try:
        return load(folder(given))
    except RulebookError as error:
        say(error.problems)
        print(f"{len(error.problems)} problems; nothing was loaded", file=sys.stderr)
        return None


def protocol_of(rulebook: Rulebook, name: str | None) -> Protocol | None:
    """Return the protocol with that name, by default the first; None and a message if missing."""
    chosen = name or next(iter(rulebook.protocols))
    protocol = rulebook.protocols.get(chosen)
    if protocol is None:
        names = ", ".join(rulebook.protocols)
        say([f"no protocol is called {chosen}; there is {names}"])
    return protocol


def with_protocol(
    run: Callable[[argparse.Namespace, Rulebook, Protocol], int], *, faulty: int = FAULTY
) -> Callable[[argparse.Namespace], int]:
    """Wrap a command so that it receives the rulebook and the protocol named on the command line.

    Without such a protocol the exit status is REFUSED; with a faulty rulebook it is `faulty`.
    """

    def guarded(arguments: argparse.Namespace) -> int:
        rulebook = rulebook_in(arguments.rules)
        if rulebook is None:
            return faulty
        protocol = protocol_of(rulebook, arguments.protocol)
        return REFUSED if protocol is None else run(arguments, rulebook, protocol)

    return guarded


def with_population_extra(
    run: Callable[[argparse.Namespace], int],
) -> Callable[[argparse.Namespace], int]:
    """Wrap a command so that it names the packages it needs if they are not installed."""

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
    """Return every document of the files with its typed answers, and a line for each problem.

    The name `-` means standard input.
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


def say_retired(protocol: Protocol, people: Iterable[tuple[AnswerDocument, Answers]]) -> None:
    """Print one line on standard error for each retired id that was read."""
    for document, _ in people:
        say(document.noted(retired_in(protocol, document.answers)))


def _documents(name: str) -> list[AnswerDocument]:
    source = "standard input" if name == "-" else name
    try:
        text = standard_input() if name == "-" else text_of(Path(name))
    except TextError as error:
        raise DocumentError([f"{source}: {error}"]) from None
    return read_documents(text, source)


def as_json_line(value: "Any") -> str:
    """Return a value as one line of JSON, in characters that standard output can show."""
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return line


def seconds(text: str) -> float:
    """Read a number of seconds above 0 from the command line. Raise ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"found {printable(text)}; allowed: seconds above 0")
    return number


def say(problems: Iterable[object]) -> None:
    """Print one line on standard error for each problem."""
    for problem in problems:
        print(printable(str(problem)), file=sys.stderr)


@contextmanager
def written_whole(path: Path | None) -> Iterator[TextIO]:
    """Open a file that appears only once all of it is written; standard output if None."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8") as out:
            yield out
        part.replace(path)
    except BaseException as error:
        with suppress(OSError):  # a file system that is read-only refuses this too
            part.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)  # so that the message names the file that the user named
        raise
