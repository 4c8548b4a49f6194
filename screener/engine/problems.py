"""Problems of a rulebook, each with its place and words that help its author to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from screener.engine.plain_text import printable


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in one file. Lines and columns count from 1; 0 where a whole file is meant."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return printable(f"{place}: {self.message}")


class RulebookError(Exception):
    """A rulebook that does not load. `problems` holds every fault found, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def of(cls, file: str, message: str, line: int = 0, column: int = 0) -> "RulebookError":
        """Return an error with one problem; without a line it is with a whole file or folder."""
        return cls([Problem(file, line, column, message)])


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return a closing half-sentence that names the nearest known word, or ""."""
    near = get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""
