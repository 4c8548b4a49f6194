"""The two-valued form of a protocol: ordinary true-or-false expressions over answers and blanks.

`lowering.py` makes them; the compiled function, the solver, the columns and the SQL print them.
Each atom has a value for every answer and for a blank alike, so that no backend's own rules for
nulls are ever used.

Terms have one normal form and are interned, so that two ways to write one condition are one
object, and compare by identity: parts whose order says nothing are sorted, nested sums and
conditions lie flat, and "not 4 or less" is "5 or more".

A path names an answer: `phq9_1`, `medicines_tried.sertraline.weeks`, or, in a condition that is
about any row of the table, `.weeks` (see `at_row`).
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Any, TypeVar, cast
from weakref import WeakValueDictionary


class Node:
    """What all terms have: a place among others."""

    @cached_property
    def rank(self) -> tuple[Any, ...]:
        """The key that parts are sorted by: what is simple first, and the same in every run."""
        fields = [_rank(getattr(self, name)) for name in type(self).__match_args__]  # type: ignore[attr-defined]
        depth = 1 + max((part.rank[0] for part in below(self)), default=0)  # type: ignore[arg-type]
        return depth, type(self).__name__, *fields


def _rank(field: Any) -> Any:
    if isinstance(field, tuple):
        return tuple(map(_rank, field))
    return field.rank if isinstance(field, Node) else field


# --- booleans ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Truth(Node):
    """True or false."""

    value: bool


@dataclass(frozen=True, eq=False)
class Submitted(Node):
    """The form was sent, so that every question counts as reached."""


@dataclass(frozen=True, eq=False)
class IsAnswered(Node):
    """There is an answer at the path; an empty table is one. For a row: the row is there."""

    path: str


@dataclass(frozen=True, eq=False)
class Among(Node):
    """The one option chosen is one of `options`; false for a blank."""

    path: str
    options: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ticked(Node):
    """At least one of `options` is ticked; false for a blank."""

    path: str
    options: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class And(Node):
    """Every part holds."""

    parts: tuple["Bool", ...]


@dataclass(frozen=True, eq=False)
class Or(Node):
    """One part or more holds."""

    parts: tuple["Bool", ...]


@dataclass(frozen=True, eq=False)
class Not(Node):
    """The part does not hold."""

    part: "Bool"


@dataclass(frozen=True, eq=False)
class Compare(Node):
    """`left sign right`; the sign is `<=` or `=`, and every other one is made from these."""

    sign: str
    left: "Int"
    right: "Int"


@dataclass(frozen=True, eq=False)
class OfMedicine(Node):
    """The row at hand is about this medicine."""

    medicine: str


Bool = Truth | Submitted | IsAnswered | Among | Ticked | And | Or | Not | Compare | OfMedicine


# --- whole numbers -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Whole(Node):
    """A whole number."""

    value: int


@dataclass(frozen=True, eq=False)
class Points(Node):
    """The points of the option chosen; `default` for a blank and for "not sure"."""

    path: str
    points: tuple[tuple[str, int], ...]
    default: int


@dataclass(frozen=True, eq=False)
class Amount(Node):
    """The number given, in units of 10 to the minus `decimals`; `default` for a blank.

    `range` is the lowest and the highest answer allowed, in the same units.
    """

    path: str
    decimals: int
    range: tuple[int, int]
    default: int


@dataclass(frozen=True, eq=False)
class Ticks(Node):
    """How many of `options` are ticked; 0 for a blank."""

    path: str
    options: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Plus(Node):
    """The sum of the parts."""

    parts: tuple["Int", ...]


@dataclass(frozen=True, eq=False)
class Extreme(Node):
    """The lowest or the highest of the parts."""

    highest: bool
    parts: tuple["Int", ...]


@dataclass(frozen=True, eq=False)
class Choose(Node):
    """One of two numbers, by a condition."""

    condition: "Bool"
    then: "Int"
    otherwise: "Int"


@dataclass(frozen=True, eq=False)
class MedicineAmount(Node):
    """A number of the row's medicine, in units of 10 to the minus `decimals`.

    `what` is what an adequate trial needs for a use (`dose` a day, `weeks`), or the dose that is
    `unlikely` or the highest on the `label`, whatever the use.
    """

    use: str
    what: str
    decimals: int


@dataclass(frozen=True, eq=False)
class Distinct(Node):
    """How many distinct values of the medicine's `label` have a row that meets the condition.

    `by_use` has one condition on rows for each use; a medicine that does not count for a use, or
    has no such label, meets nothing. Only rows that are there are counted.
    """

    table: str
    label: str
    by_use: tuple[tuple[str, "Bool"], ...]


Int = Whole | Points | Amount | Ticks | Plus | Extreme | Choose | MedicineAmount | Distinct
Term = Bool | Int


# --- making them ---------------------------------------------------------------------------------

_made: WeakValueDictionary[tuple[Any, ...], Any] = WeakValueDictionary()
T = TypeVar("T", bound=Term)
B = TypeVar("B", Bool, Int)


def make(kind: type[T], *fields: Any) -> T:
    """Return the one term of that kind with these fields, in normal form."""
    normal = _NORMAL.get(kind)
    key = (kind, *(fields if normal is None else normal(*fields)))
    term = _made.get(key)
    if term is None:
        term = _made[key] = kind(*key[1:])
    return cast(T, term)


def _by_rank(parts: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(parts, key=attrgetter("rank")))


def _sorted_options(path: str, options: Iterable[str]) -> tuple[Any, ...]:
    return path, tuple(sorted({*options}))


# How to sort the fields of the kinds in which an order says nothing.
_NORMAL: dict[type, Callable[..., tuple[Any, ...]]] = {
    Among: _sorted_options,
    Ticked: _sorted_options,
    Ticks: _sorted_options,
    Points: lambda path, points, default: (path, tuple(sorted(points)), default),
    And: lambda parts: (_by_rank(parts),),
    Or: lambda parts: (_by_rank(parts),),
    Compare: lambda sign, *sides: (sign, *(_by_rank(sides) if sign == "=" else sides)),
    Plus: lambda parts: (_by_rank(parts),),
    Extreme: lambda highest, parts: (highest, _by_rank(parts)),
    Distinct: lambda table, label, by_use: (table, label, tuple(sorted(by_use, key=itemgetter(0)))),
}


def truth(value: bool) -> Bool:
    """Build the constant true or false."""
    return make(Truth, value)


def whole(value: int) -> Int:
    """Build a whole number."""
    return make(Whole, value)


def among(path: str, options: Iterable[str]) -> Bool:
    """Build the condition that the option chosen is one of these; false for a blank."""
    chosen = tuple(options)
    return make(Among, path, chosen) if chosen else truth(False)


def negate(part: Bool) -> Bool:
    """Build the negation of a condition."""
    match part:
        case Truth(value):
            return truth(not value)
        case Not(inner):
            return inner
        case Compare("<=", number, Whole(most)):
            return at_most(whole(most + 1), number)
        case Compare("<=", Whole(least), number):
            return at_most(number, whole(least - 1))
    return make(Not, part)


def all_of(*parts: Bool) -> Bool:
    """Build the conjunction of the parts."""
    kept = _joined(And, parts, neutral=True)
    return truth(False) if kept is None else kept


def any_of(*parts: Bool) -> Bool:
    """Build the disjunction of the parts."""
    kept = _joined(Or, parts, neutral=False)
    return truth(True) if kept is None else kept


def _joined(kind: type[And] | type[Or], parts: Iterable[Bool], *, neutral: bool) -> Bool | None:
    """Join the parts, flat and each once; return None where one of them decides all."""
    flat: set[Bool] = set()
    for part in parts:
        flat.update(part.parts if isinstance(part, kind) else (part,))
    flat.discard(truth(neutral))
    if truth(not neutral) in flat:
        return None
    # Of a part and its negation, one is of these kinds.
    if any(negate(part) in flat for part in flat if isinstance(part, Not | Compare)):
        return None
    if len(flat) > 1:
        return make(kind, flat)
    return flat.pop() if flat else truth(neutral)


def at_least(count: int, parts: Iterable[Bool]) -> Bool:
    """Build the condition that at least `count` of the parts hold."""
    every = tuple(parts)
    if count == len(every):
        return all_of(*every)
    return any_of(*every) if count == 1 else at_most(whole(count), count_of(every))


def unlike(left: Bool, right: Bool) -> Bool:
    """Build the exclusive or of two conditions. What two disjunctions share is looked at once."""
    if left is right:
        return truth(False)
    lefts, rights = ({*(x.parts if isinstance(x, Or) else (x,))} for x in (left, right))
    shared = lefts & rights
    if shared:
        rest = unlike(any_of(*(lefts - shared)), any_of(*(rights - shared)))
        return all_of(negate(any_of(*shared)), rest)
    return any_of(all_of(left, negate(right)), all_of(right, negate(left)))


def at_most(left: Int, right: Int) -> Bool:
    """Build the condition that `left` is `right` or less."""
    (least, most), (low, high) = reach(left), reach(right)
    if most <= low or least > high:
        return truth(most <= low)
    return make(Compare, "<=", left, right)


def equal(left: Int, right: Int) -> Bool:
    """Build the condition that both are the same number."""
    (least, most), (low, high) = reach(left), reach(right)
    if left is right or least == most == low == high:
        return truth(True)
    return truth(False) if most < low or high < least else make(Compare, "=", left, right)


def plus(*parts: Int) -> Int:
    """Build the sum of the parts."""
    flat: list[Int] = []
    for part in parts:
        flat += part.parts if isinstance(part, Plus) else (part,)
    constant = sum(part.value for part in flat if isinstance(part, Whole))
    rest: list[Int] = [part for part in flat if not isinstance(part, Whole)]
    if constant or not rest:
        rest.append(whole(constant))
    return rest[0] if len(rest) == 1 else make(Plus, tuple(rest))


def extreme(parts: Iterable[Int], *, highest: bool) -> Int:
    """Build the lowest or the highest of the parts."""
    every = tuple(dict.fromkeys(parts))
    return every[0] if len(every) == 1 else make(Extreme, highest, every)


def choose(condition: Bool, then: B, otherwise: B) -> B:
    """Build the choice between two conditions, or two numbers, by a condition."""
    if isinstance(condition, Truth):
        return then if condition.value else otherwise
    if then is otherwise:
        return then
    made: Term
    if isinstance(then, Bool) and isinstance(otherwise, Bool):
        made = any_of(all_of(condition, then), all_of(negate(condition), otherwise))
    else:
        made = make(Choose, condition, then, otherwise)
    return made


def count_of(parts: Iterable[Bool]) -> Int:
    """Build the number of parts that hold."""
    return plus(*(choose(part, whole(1), whole(0)) for part in parts))


# --- reading them --------------------------------------------------------------------------------

_UNBOUND = 10**12


def reach(term: Int) -> tuple[int, int]:
    """Return the least and the most that a number can be, as far as the term itself says."""
    match term:
        case Whole(value):
            return value, value
        case Points(_, points, default):
            every = [value for _, value in points] + [default]
            return min(every), max(every)
        case Amount(_, _, (low, high), default):
            return min(low, default), max(high, default)
        case Ticks(_, options):
            return 0, len(options)
        case Plus(parts):
            ends = [reach(part) for part in parts]
            return sum(low for low, _ in ends), sum(high for _, high in ends)
        case Extreme(highest, parts):
            pick = max if highest else min
            ends = [reach(part) for part in parts]
            return pick(low for low, _ in ends), pick(high for _, high in ends)
        case Choose(_, then, otherwise):
            (a, b), (c, d) = reach(then), reach(otherwise)
            return min(a, c), max(b, d)
        case Distinct():
            return 0, _UNBOUND
    return -_UNBOUND, _UNBOUND


def below(term: Term) -> tuple[Term, ...]:
    """Return the terms directly below a term."""
    if isinstance(term, Distinct):
        return tuple(condition for _, condition in term.by_use)
    fields = (getattr(term, name) for name in term.__match_args__)
    parts = (part for field in fields for part in (field if type(field) is tuple else (field,)))
    return tuple(part for part in parts if isinstance(part, Node))  # type: ignore[misc]


def walk(
    *roots: Term,
    without: Container[Term] = (),
    parts: Callable[[Term], Sequence[Term]] = below,
) -> Iterator[Term]:
    """Yield every term at and below the roots, each once, parts before the whole.

    Terms in `without`, and what stands below these alone, are left out. `parts` gives the terms
    that count as directly below a term.
    """
    seen: set[Term] = set()
    for root in roots:
        stack: list[tuple[Term, bool]] = [(root, False)]
        while stack:
            term, done = stack.pop()
            if done:
                yield term
            elif term not in seen and term not in without:
                seen.add(term)
                stack.append((term, True))
                stack.extend((part, False) for part in reversed(parts(term)) if part not in seen)


def paths(*roots: Term) -> frozenset[str]:
    """Return the answers that the roots look at, by path."""
    return frozenset(
        term.path
        for term in walk(*roots)
        if isinstance(term, IsAnswered | Among | Ticked | Points | Amount | Ticks)
    )


def rebuilt(term: Term, leaf: Callable[[Term], Term], done: dict[Term, Term]) -> Term:
    """Return the term with every term that has no parts replaced by `leaf`, and simplified.

    A count of rows is given to `leaf` as well, after the conditions in it were rebuilt.
    `done` remembers what was replaced, so that shared parts are rebuilt once.
    """
    for part in walk(term, without=done):
        done[part] = _rebuild(part, leaf, done)
    return done[term]


def _rebuild(term: Term, leaf: Callable[[Term], Term], done: dict[Term, Term]) -> Term:
    parts: list[Any] = [done[part] for part in below(term)]
    match term:
        case And() | Or() | Not() | Plus() | Choose():
            return _MADE_BY[type(term)](*parts)
        case Compare(sign):
            return (at_most if sign == "<=" else equal)(*parts)
        case Extreme(highest):
            return extreme(parts, highest=highest)
        case Distinct(table, label, by_use):
            uses = (use for use, _ in by_use)
            return leaf(make(Distinct, table, label, tuple(zip(uses, parts, strict=True))))
    return leaf(term)


_MADE_BY: dict[type, Callable[..., Term]] = {
    And: all_of,
    Or: any_of,
    Not: negate,
    Plus: plus,
    Choose: choose,
}
