"""What several commands share: the rulebook and the documents they are given."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from screener.engine.documents import AnswerDocument, DocumentError, read_documents
from screener.engine.load import load
from screener.engine.problems import RulebookError
from screener.engine.rulebook import Protocol, Rulebook
from screener.places import shipped

if TYPE_CHECKING:
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
        print(f"no protocol is called {chosen}; there is {known}", file=sys.stderr)
    return protocol


def with_protocol(
    run: Callable[[argparse.Namespace, Rulebook, Protocol], int],
) -> Callable[[argparse.Namespace], int]:
    """A command that is given the rulebook and the protocol that were asked for.

    It is not run where the rulebook is faulty, or has no such protocol.
    """

    def guarded(asked: argparse.Namespace) -> int:
        rulebook = rulebook_in(asked.rules)
        if rulebook is None:
            return FAULTY
        protocol = protocol_of(rulebook, asked.protocol)
        return REFUSED if protocol is None else run(asked, rulebook, protocol)

    return guarded


def documents_in(name: str) -> list[AnswerDocument]:
    """Every document of a file, or of standard input for `-`. Raises DocumentError."""
    shown = "standard input" if name == "-" else name
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise DocumentError([f"{shown}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise DocumentError([f"{shown}: is not UTF-8 text (byte {error.start})"]) from None
    return read_documents(text, shown)


def say(problems: Iterable[object]) -> None:
    """One line of standard error for each problem."""
    for problem in problems:
        print(problem, file=sys.stderr)


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
    except BaseException:
        part.unlink(missing_ok=True)
        raise
