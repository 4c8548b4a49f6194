"""What was proved of a rulebook, kept beside its rules and shown to whoever signs it.

A report is lines of JSON: the rulebook first, then one line for each statement. It holds nothing
that differs between two runs with the same verdicts, so that a difference of two reports is a
difference of what is proved. Reading one needs neither the solver nor arrays.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from screener.engine.plain_text import printable, shortened

REPORT = "proofs.jsonl"
_EARLIER = "proofs.json"  # the one document of earlier versions, with times
_CURE = "run `screener prove --write`"

ProofVerdict = Literal["proved", "failed", "not proved"]


@dataclass(frozen=True)
class Statement:
    """One statement with its verdict.

    `sets` is how many answer sets were tried one by one (0: none; then the solver alone decided
    it). `why` says what is wrong.
    """

    protocol: str
    sort: str
    subject: str
    says: str
    verdict: ProofVerdict
    sets: int = 0
    why: str = ""


@dataclass(frozen=True)
class Report:
    """Everything that was proved of one rulebook, and by which solver."""

    hash: str
    version: str
    solver: str
    statements: tuple[Statement, ...]

    def count(self, verdict: ProofVerdict) -> int:
        """Return how many statements have that verdict."""
        return sum(statement.verdict == verdict for statement in self.statements)

    @property
    def whole(self) -> bool:
        """Return whether every statement was proved."""
        return self.count("proved") == len(self.statements)

    @property
    def sets(self) -> int:
        """Return how many answer sets were tried one by one; once where protocols share them."""
        tried = {(s.sort, s.subject, s.says, s.sets) for s in self.statements}
        return sum(sets for *_, sets in tried)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the report's file."""
        head = {"hash": self.hash, "version": self.version, "solver": self.solver}
        statements = (asdict(statement).items() for statement in self.statements)
        for fields in (head, *({key: value for key, value in s if value} for s in statements)):
            yield json.dumps(fields, ensure_ascii=False)

    def says_the_same(self, other: "Report") -> bool:
        """Return whether another report differs in the version of the solver at most."""
        return replace(self, solver=other.solver) == other


class ReportError(ValueError):
    """A file that is not a report of proofs. The message names it, what is wrong, and the cure."""


def read_report(rules: Path) -> Report | None:
    """Return the report beside the rules of a folder, or None if there is none.

    Raises ReportError if it cannot be read.
    """
    if not (rules / REPORT).exists() and (rules / _EARLIER).exists():
        raise ReportError(
            f"{_EARLIER} is a report of an earlier version, and is not read any more; {_CURE}, "
            f"then delete {_EARLIER}"
        )
    return read_report_file(rules / REPORT)


def read_report_file(path: Path) -> Report | None:
    """Return the report at a path, or None if nothing is there. Raises ReportError."""
    number = 1
    try:
        first, *rest = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        head = _HEAD.validate_json(first)
        if head.keys() != _KEYS:
            keys = ", ".join(sorted(_KEYS))
            raise ValueError(f"found {printable(shortened(first))}; expected {keys}")
        statements = []
        for number, line in enumerate(rest, 2):  # noqa: B007  # for the message
            statements.append(_STATEMENT.validate_json(line))
        return Report(**head, statements=tuple(statements))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ReportError(f"{path.name} cannot be read: {error.strerror}; {_CURE}") from None
    except ValueError as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ReportError(f"{path.name}, line {number}: {why}; {_CURE}") from None


_HEAD = TypeAdapter(dict[str, str])
_KEYS = {"hash", "version", "solver"}
_STATEMENT = TypeAdapter(Statement)
