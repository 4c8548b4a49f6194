"""Terms over every possible answer set, one by one: exhaustive, where there are not too many.

Answer sets are numbered: the digits of the number, in a mixed radix, are the answers. A term is
worked out for a million of them at once.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screener.engine.proof.domain import Domain
from screener.engine.questions import Question
from screener.engine.terms import terms as t

MOST = 10_000_000
_SENT = "sent"
_CHUNK = 1 << 20

Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]


def size(domain: Domain, term: t.Bool) -> int | None:
    """How many answer sets a term tells apart; None where they have no such number (tables)."""
    if any(isinstance(one, t.Distinct) for one in t.walk(term)):
        return None
    space = _Space(domain, term)
    return None if any(axis.size is None for axis in space.axes.values()) else space.sets


def first(domain: Domain, term: t.Bool) -> tuple[int, dict[str, Any] | None]:
    """Try a term on every answer set until it holds. The caller has looked at `size` first.

    Returns how many answer sets were tried, and the values by path for which it holds (None for a
    blank), or None where it holds for none.
    """
    space = _Space(domain, term)
    tried = 0
    for start, codes in space.chunks():
        flags = np.broadcast_to(_Reader(space, codes).boolean(term), space.length(start))
        tried += space.length(start)
        if flags.any():
            return tried, space.values(start + int(np.argmax(flags)))
    return tried, None


class _Axis:
    """All answers at one path, numbered; the blank is 0.

    Of several ticks only those are told apart that the term looks at: a list without any of them
    is one answer, whatever else it holds. Its number less one is a mask of the ticks.
    """

    def __init__(self, domain: Domain, path: str, seen: frozenset[str]) -> None:
        place = domain.place(path)
        self.options: tuple[str, ...] | None = None
        self.answers: list[Any] = [None]
        self.size: int | None = 1
        if path == _SENT:
            self.answers, self.size = [False, True], 2
        elif isinstance(place, Question) and place.kind == "choices":
            others = [id for id in place.option_ids if id not in seen and id != "none"]
            kept = others[:1] if "none" in seen else []
            self.options = tuple(id for id in place.option_ids if id in seen and id != "none")
            self.options += tuple(kept)
            self.size = 2 ** len(self.options) + 1
            self.without = ("none",) if "none" in place.option_ids else tuple(others[:1])
        elif place is not None:
            found = domain.values(path)
            self.answers, self.size = (found or [None]), (None if found is None else len(found))

    def answer(self, number: int) -> Any:
        """The answer with that number."""
        if self.options is None:
            return self.answers[number]
        if number == 0:
            return None
        ticked = tuple(id for i, id in enumerate(self.options) if (number - 1) >> i & 1)
        return ticked or self.without

    def masked(self, options: tuple[str, ...]) -> int:
        assert self.options is not None
        return sum(1 << i for i, id in enumerate(self.options) if id in options)


class _Space:
    """The numbered answer sets of one term."""

    def __init__(self, domain: Domain, term: t.Bool) -> None:
        seen: dict[str, set[str]] = {}
        for one in t.walk(term):
            if isinstance(one, t.Ticked | t.Ticks):
                seen.setdefault(one.path, set()).update(one.options)
        paths = sorted(t.paths(term))
        if any(isinstance(one, t.Submitted) for one in t.walk(term)):
            paths.append(_SENT)
        self.axes = {path: _Axis(domain, path, frozenset(seen.get(path, ()))) for path in paths}
        self.sets = math.prod(axis.size or 1 for axis in self.axes.values())

    def length(self, start: int) -> int:
        return min(_CHUNK, self.sets - start)

    def chunks(self) -> Iterator[tuple[int, dict[str, Numbers]]]:
        """For each million answer sets, the number of the answer on each axis."""
        for start in range(0, self.sets, _CHUNK):
            rest = np.arange(start, start + self.length(start), dtype=np.int64)
            codes: dict[str, Numbers] = {}
            for path, axis in self.axes.items():
                codes[path] = (rest % (axis.size or 1)).astype(np.int32)
                rest //= axis.size or 1
            yield start, codes

    def values(self, number: int) -> dict[str, Any]:
        found = {}
        for path, axis in self.axes.items():
            number, place = divmod(number, axis.size or 1)
            found[path] = axis.answer(place)
        return found


class _Reader:
    """Works terms out for one chunk: an atom looks its value up by the place of the answer."""

    def __init__(self, space: _Space, codes: dict[str, Numbers]) -> None:
        self.space = space
        self.codes = codes
        self.done: dict[t.Term, Any] = {}

    def boolean(self, term: t.Bool) -> Flags:
        found: Flags = self.of(term)
        return found

    def of(self, term: t.Term) -> Any:
        if term not in self.done:
            self.done[term] = self.worked_out(term)
        return self.done[term]

    def looked_up(self, path: str, value: Callable[[Any], int], kind: type) -> Any:
        answers = self.space.axes[path].answers
        return np.array([value(answer) for answer in answers], dtype=kind)[self.codes[path]]

    def ticked(self, path: str, options: tuple[str, ...]) -> Any:
        """The ticks among `options`, as a mask."""
        ticks = np.maximum(self.codes[path] - 1, 0)
        return ticks & self.space.axes[path].masked(options)

    def given(self, path: str) -> Any:
        return self.codes[path] > 0

    def worked_out(self, term: t.Term) -> Any:
        of = self.of
        match term:
            case t.Truth(value):
                return np.bool_(value)
            case t.Submitted():
                return self.codes[_SENT] == 1
            case t.IsAnswered(path):
                return self.given(path)
            case t.Among(path, options):
                return self.looked_up(path, lambda answer: answer in options, np.bool_)
            case t.Ticked(path, options):
                if self.space.axes[path].options is None:
                    return np.bool_(False)
                found = self.ticked(path, options) != 0
                return found | (self.codes[path] == 1) if "none" in options else found
            case t.And(parts):
                return np.logical_and.reduce(np.broadcast_arrays(*[of(part) for part in parts]))
            case t.Or(parts):
                return np.logical_or.reduce(np.broadcast_arrays(*[of(part) for part in parts]))
            case t.Not(part):
                return np.logical_not(of(part))
            case t.AtLeast(count, parts):
                return sum(of(part).astype(np.int32) for part in parts) >= count
            case t.Compare(sign, left, right):
                return of(left) <= of(right) if sign == "<=" else of(left) == of(right)
            case t.Whole(value):
                return np.int32(value)
            case t.Points(path, points, default):
                worth = dict(points)
                return self.looked_up(path, lambda a: worth.get(a, default), np.int32)
            case t.Amount(path, decimals, _, default):
                return self.looked_up(
                    path, lambda a: default if a is None else int(a * 10**decimals), np.int32
                )
            case t.Ticks(path, options):
                if self.space.axes[path].options is None:
                    return np.int32(0)
                return np.bitwise_count(self.ticked(path, options)).astype(np.int32)
            case t.Plus(numbers):
                return sum(of(one) for one in numbers)
            case t.Extreme(highest, numbers):
                arrays = np.broadcast_arrays(*[of(one) for one in numbers])
                return (np.maximum if highest else np.minimum).reduce(arrays)
            case t.Choose(condition, then, otherwise):
                return np.where(of(condition), of(then), of(otherwise))
        raise AssertionError(f"{term} is not enumerated")
