"""Sufficient reason: a smallest set of answers that is enough for an outcome.

Whatever the other answers are, the rule comes out the same. The search is an implicit hitting set
(Ignatiev, Previti, Liffiton and Marques-Silva, "Smallest MUS extraction with minimal hitting set
dualization", CP 2015).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from screener.engine.answer_paths import answer_at
from screener.engine.explanations.what_if import Clause, WhatIf

_MOST_STEPS = 4000  # of one search for a smallest set to be hit


@dataclass(frozen=True)
class Sufficient:
    """Answers that are enough: known alone, the rule comes out the same.

    `paths` is inclusion-minimal: without any one of them the outcome is open. `smallest` says
    that no other set has fewer. `blanks` says that the paths are of answers that are missing,
    for rules about blanks; `assumed` names blanks that count as an answer and are needed too.
    `clauses` are those that these answers alone decide.
    """

    paths: tuple[str, ...]
    smallest: bool
    blanks: bool = False
    assumed: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()


def sufficient(what_if: WhatIf, tries: int = 300) -> Sufficient | None:
    """Return a smallest set of answers that suffices for met or not met.

    None for a rule that cannot tell. `tries` bounds how many sets are evaluated to prove that none
    is smaller. A rule about blanks that is met rests on no answer: `unanswered` on the first
    question passed over, `undecided` on nothing that could be named alone, so its set is empty.
    """
    if what_if.outcome == "unknown":
        return None
    if not what_if.has_condition and what_if.outcome == "met":
        return Sufficient(_blank(what_if), True, blanks=True)
    search = _SubsetSearch(what_if, tries)
    enough = search.minimal()
    smallest, proved = search.smallest(enough)
    order = {path: at for at, path in enumerate(search.paths)}
    paths = tuple(sorted(smallest, key=order.__getitem__))
    return Sufficient(
        paths, proved, assumed=_assumed(what_if, paths), clauses=_decided(what_if, paths)
    )


def _blank(what_if: WhatIf) -> tuple[str, ...]:
    """Return the first question that was passed over."""
    return tuple(what_if.missing()[:1])


def _assumed(what_if: WhatIf, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return the blanks without which these answers would not be enough."""
    resolved = what_if.screening.resolved
    blanks = [id for id, why in resolved.assumed.items() if why == "left blank"]
    if not what_if.has_condition:
        return ()
    reading = what_if.reading_keeping(paths)
    return tuple(
        id
        for id in blanks
        if id in what_if.reads.questions
        and reading.has_answer(id)
        and what_if.outcome_keeping(paths, open_=(id,)) != what_if.outcome
    )


def _decided(what_if: WhatIf, paths: tuple[str, ...]) -> tuple[Clause, ...]:
    """Return the clauses that the answers alone decide in the sense of the outcome."""
    alone, nothing = what_if.reading_keeping(paths), what_if.reading_keeping(())
    met = what_if.outcome == "met"
    return tuple(
        clause
        for clause in what_if.clauses
        if alone.boolean(clause.expression) == (met != clause.negated, met != clause.negated)
        and nothing.boolean(clause.expression) != alone.boolean(clause.expression)
    )


class _SubsetSearch:
    """Sets of paths, tried until none can be smaller or the tries are used up.

    More known answers never take back an outcome (docs/decisions/0001), so that a set of answers
    is enough exactly if it hits every set without which the rest is not.
    """

    def __init__(self, what_if: WhatIf, tries: int) -> None:
        self.what_if = what_if
        self.left = tries
        self.paths = what_if.given()
        self._tried: dict[frozenset[str], bool] = {}

    def enough(self, paths: Iterable[str]) -> bool:
        kept = frozenset(paths)
        if kept not in self._tried:
            self.left -= 1
            self._tried[kept] = self.what_if.outcome_keeping(kept) == self.what_if.outcome
        return self._tried[kept]

    def minimal(self) -> set[str]:
        """Return a set from which nothing can be left out; what says least is dropped first."""
        kept = dict.fromkeys(self._least_telling_first())
        self._drop(list(kept), kept)
        return set(kept)

    def _drop(self, block: list[str], kept: dict[str, None]) -> None:
        rest = [path for path in kept if path not in set(block)]
        if self.enough(rest):
            for path in block:
                kept.pop(path, None)
        elif len(block) > 1:
            half = len(block) // 2
            self._drop(block[:half], kept)
            self._drop([path for path in block[half:] if path in kept], kept)

    def _least_telling_first(self) -> list[str]:
        """Return answers with few points first where a rule is met, with many where it is not.

        A table comes after its cells, which are worth nothing without it.
        """
        met = self.what_if.outcome == "met"

        def weight(path: str) -> tuple[int, Decimal]:
            id, *rest = path.split(".")
            question = self.what_if.protocol.questions[id]
            answer = answer_at(self.what_if.counted, path)
            if rest:
                return 0, Decimal(0)
            if question.kind == "choice" and question.has_points:
                points = question.points(str(answer))
                return 1, Decimal(points if met else -points)
            return 2, Decimal(isinstance(answer, Mapping))

        return sorted(self.paths, key=weight)

    def smallest(self, enough: set[str]) -> tuple[set[str], bool]:
        """Return a smallest set and whether that is proved; else `enough` as it came."""
        to_hit: list[frozenset[str]] = []
        while self.left > 0:
            hit = _hitting(to_hit, len(enough))
            if hit is None:
                return enough, True
            if hit == "too long":
                return enough, False
            assert not isinstance(hit, str)
            if self.enough(hit):
                return set(hit), True
            to_hit.append(frozenset(self.paths) - self._grown(hit))
        return enough, False

    def _grown(self, start: frozenset[str]) -> frozenset[str]:
        """Return as many paths as can be known, with those at the start, without being enough."""
        grown = dict.fromkeys(start)

        def add(block: list[str]) -> None:
            if not self.enough([*grown, *block]):
                grown.update(dict.fromkeys(block))
            elif len(block) > 1:
                add(block[: len(block) // 2])
                add(block[len(block) // 2 :])

        add([path for path in self.paths if path not in start])
        return frozenset(grown)


def _hitting(sets: list[frozenset[str]], below: int) -> frozenset[str] | str | None:
    """Return a smallest set that meets each of `sets`, with fewer than `below` members.

    None where there is none; "too long" where it was not found in time.
    """
    steps = 0

    def search(chosen: frozenset[str], room: int) -> frozenset[str] | None:
        nonlocal steps
        steps += 1
        unmet = [each for each in sets if not each & chosen]
        if not unmet:
            return chosen
        if room == 0 or steps > _MOST_STEPS or _apart(unmet) > room:
            return None
        first: frozenset[str] = min(unmet, key=len)
        for path in sorted(first):
            hit = search(chosen | {path}, room - 1)
            if hit is not None:
                return hit
        return None

    for size in range(below):
        hit = search(frozenset(), size)
        if hit is not None:
            return hit
        if steps > _MOST_STEPS:
            return "too long"
    return None


def _apart(sets: list[frozenset[str]]) -> int:
    """How many of the sets share nothing with each other: at least so many must be chosen."""
    taken: frozenset[str] = frozenset()
    count = 0
    for each in sorted(sets, key=len):
        if not each & taken:
            taken |= each
            count += 1
    return count
