"""Terms over every possible answer set, one by one: exhaustive, where there are not too many.

Answer sets are numbered: the digits of the number, in a mixed radix, are the answers. A term is
worked out for a million of them at once.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.engine.proof.domain import Domain, limits
from screener.engine.questions import Question
from screener.engine.terms import terms as t

MOST = 10_000_000
_SENT = "sent"
_CHUNK = 1 << 20

Numbers = NDArray[np.int32]


def size(domain: Domain, term: t.Bool) -> int | None:
    """Return how many answer sets a term can tell apart, or None where they are not listed."""
    if any(isinstance(part, t.Distinct) for part in t.walk(term)):
        return None
    space = Space(domain, term)
    return space.sets if all(axis.size for axis in space.axes.values()) else None


def tried(domain: Domain, term: t.Bool) -> tuple[int, bool]:
    """Try a term on every answer set until it holds. The caller has looked at `size` first.

    Returns how many answer sets were tried, and whether it holds for any.
    """
    space = Space(domain, term)
    sets = 0
    for length, codes in space.chunks():
        sets += length
        if np.any(ChunkValues(space, codes).value(term)):
            return sets, True
    return sets, False


class Axis:
    """All answers at one path, numbered; the blank is 0. `size` is None where they are not listed.

    Not listed are rows and cells of a table, and more numbers than can be tried. Of several ticks
    only those are told apart that the term looks at: a list without any of them is one answer,
    whatever else it holds. Its number less one is a mask of the ticks.
    """

    def __init__(self, domain: Domain, path: str, seen: frozenset[str]) -> None:
        self.options: tuple[str, ...] | None = None
        self.answers: list[Any] = [False, True] if path == _SENT else [None]
        question = domain.question(path)
        if question is not None and question.kind == "choices":
            others = tuple(id for id in question.option_ids if id not in seen and id != "none")
            self.options = tuple(id for id in question.option_ids if id in seen and id != "none")
            self.options += others[:1] if "none" in seen else ()
            self.size: int | None = 2 ** len(self.options) + 1
            return
        listed = _listed(question) if "." not in path else None
        self.answers += listed or ()
        self.size = len(self.answers) if listed is not None or question is None else None


def _listed(question: Question | None) -> Sequence[Any] | None:
    """Return every answer but the blank, or None where they are not listed."""
    match question:
        case Question(kind="number"):
            low, high = limits(question)
            numbers, scale = range(low, high + 1), 10**question.decimals
            if len(numbers) > MOST:
                return None
            return [Decimal(n) / scale for n in numbers] if question.decimals else numbers
        case Question(kind="choice"):
            return question.option_ids
        case Question(kind="text"):
            return ["…"]
    return None


class Space:
    """The numbered answer sets of one term: an axis for each path."""

    def __init__(self, domain: Domain, term: t.Bool) -> None:
        seen: dict[str, set[str]] = {}
        for part in t.walk(term):
            if isinstance(part, t.Ticked | t.Ticks):
                seen.setdefault(part.path, set()).update(part.options)
        paths = sorted(t.paths(term))
        if any(isinstance(part, t.Submitted) for part in t.walk(term)):
            paths.append(_SENT)
        self.axes = {path: Axis(domain, path, frozenset(seen.get(path, ()))) for path in paths}
        self.sets = math.prod(axis.size or 1 for axis in self.axes.values())

    def chunks(self) -> Iterator[tuple[int, dict[str, Numbers]]]:
        """Yield for each million answer sets how many they are, and their numbers on each axis."""
        for start in range(0, self.sets, _CHUNK):
            rest = np.arange(start, min(start + _CHUNK, self.sets), dtype=np.int64)
            codes: dict[str, Numbers] = {}
            for path, axis in self.axes.items():
                codes[path] = (rest % (axis.size or 1)).astype(np.int32)
                rest //= axis.size or 1
            yield len(rest), codes


class ChunkValues:
    """Works terms out for one chunk: an atom looks its value up by the number of the answer."""

    def __init__(self, space: Space, codes: dict[str, Numbers]) -> None:
        self._space = space
        self._codes = codes
        self._values: dict[t.Term, Any] = {}

    def value(self, term: t.Term) -> Any:
        """Return the value of a term for each answer set; a single one, if it is the same."""
        if term not in self._values:
            self._values[term] = self._worked_out(term)
        return self._values[term]

    def _looked_up(self, path: str, value: Callable[[Any], int], kind: type) -> Any:
        answers = self._space.axes[path].answers
        return np.array([value(answer) for answer in answers], dtype=kind)[self._codes[path]]

    def _ticked(self, path: str, options: tuple[str, ...]) -> Any:
        """Return the ticks among `options`, as a mask; 0 where no list of ticks stands there."""
        own = self._space.axes[path].options or ()
        mask = sum(1 << i for i, id in enumerate(own) if id in options)
        return np.maximum(self._codes[path] - 1, 0) & mask

    def _worked_out(self, term: t.Term) -> Any:
        values = [self.value(part) for part in t.below(term)]
        match term:
            case t.Truth(value):
                return np.bool_(value)
            case t.Submitted():
                return self._codes[_SENT] == 1
            case t.IsAnswered(path):
                return self._codes[path] > 0
            case t.Among(path, options):
                return self._looked_up(path, lambda answer: answer in options, np.bool_)
            case t.Ticked(path, options):
                ticked = self._ticked(path, options) != 0
                return ticked | (self._codes[path] == 1) if "none" in options else ticked
            case t.And():
                return np.logical_and.reduce(np.broadcast_arrays(*values))
            case t.Or():
                return np.logical_or.reduce(np.broadcast_arrays(*values))
            case t.Not():
                return np.logical_not(values[0])
            case t.Compare(sign, _, _):
                return values[0] <= values[1] if sign == "<=" else values[0] == values[1]
            case t.Whole(number):
                return np.int32(number)
            case t.Points(path, points, default):
                worth = dict(points)
                return self._looked_up(path, lambda a: worth.get(a, default), np.int32)
            case t.Amount(path, decimals, _, default):
                return self._looked_up(
                    path, lambda a: default if a is None else int(a * 10**decimals), np.int32
                )
            case t.Ticks(path, options):
                return np.bitwise_count(self._ticked(path, options)).astype(np.int32)
            case t.Plus():
                return sum(values)
            case t.Extreme(highest):
                return (np.maximum if highest else np.minimum).reduce(np.broadcast_arrays(*values))
            case t.Choose():
                return np.where(*values)
        raise AssertionError(f"{term} is not enumerated")
