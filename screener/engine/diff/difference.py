"""What differs between two versions of a rulebook, and what a solver says of it."""

from dataclasses import dataclass
from typing import Literal, get_args

from screener.engine.questions import Answers

ChangeKind = Literal["added", "removed", "meaning", "handling", "proof", "wording"]

CHANGE_KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)


@dataclass(frozen=True)
class Counterexample:
    """Somebody who comes out as `old` under one version and as `new` under the other.

    `sent` says that it is so for a form that was sent with these answers.
    """

    old: str
    new: str
    answers: Answers
    sent: bool

    @property
    def size(self) -> int:
        """Return how many answers were given, each row and each cell of a table counted."""
        tables = [answer for answer in self.answers.values() if isinstance(answer, dict)]
        return len(self.answers) + sum(1 + len(row) for rows in tables for row in rows.values())


@dataclass(frozen=True)
class Equivalence:
    """Whether a rule, or the priority, comes out the same under two versions for everybody.

    - same: proved; everybody comes out the same
    - differs: `counterexamples` show it. The first has the fewest answers; where one version cannot
      tell of them, a second is met in one version and not met in the other, if one was soon found
    - one version: the same for all answers that both versions take; `why` names the others
    - not proved: `why` says what stood in the way
    """

    verdict: Literal["same", "differs", "one version", "not proved"]
    counterexamples: tuple[Counterexample, ...] = ()
    why: str = ""

    @property
    def size(self) -> int:
        """Return the answers of the smallest counterexample, or 0 without any."""
        return min((example.size for example in self.counterexamples), default=0)


@dataclass(frozen=True)
class Difference:
    """One difference. `what` is protocol, rule, question, score, medicine, page, topic, or a
    statement or overlap that is proved; `old` and `new` are in words.

    `meaning`: other people are flagged. `handling`: the same people, another priority, outcome of
    a blank or help page, or what the browser keeps of a page. `proof`: something else is proved of
    the same rules. `wording`: only what people read. `equivalence` is what the solver says of a
    rule, if it was asked.
    """

    protocol: str
    what: str
    id: str
    kind: ChangeKind
    old: str = ""
    new: str = ""
    equivalence: Equivalence | None = None
