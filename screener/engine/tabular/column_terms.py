"""Single terms as Polars expressions, and in which order they can be computed; see `columns.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import polars as pl

from screener.engine.protocol import Protocol
from screener.engine.tabular.layout import MEDICINE, SUBMITTED, option_column
from screener.engine.terms import terms as t

Level = list[pl.Expr]


@dataclass(frozen=True)
class Present:
    """The columns that the frames have."""

    people: frozenset[str]
    trials: frozenset[str] = frozenset()

    @classmethod
    def of(cls, people: pl.DataFrame, trials: pl.DataFrame | None) -> "Present":
        """The columns of these frames."""
        names = frozenset() if trials is None else frozenset(trials.columns)
        return cls(frozenset(people.columns), names)


# --- columns that are not there ------------------------------------------------------------------


class Missing:
    """Terms with everything that no column answers replaced by what a blank is."""

    def __init__(self, protocol: Protocol, present: Present) -> None:
        self.protocol = protocol
        self.present = present
        self.done: dict[t.Term, t.Term] = {}

    def filled(self, term: t.Term) -> t.Term:
        return t.rebuilt(term, self.leaf, self.done)

    def leaf(self, term: t.Term) -> t.Term:
        match term:
            case t.Submitted():
                return term if SUBMITTED in self.present.people else t.truth(False)
            case t.IsAnswered(path):
                question = self.protocol.questions.get(path)
                if question is not None and question.kind == "choices":
                    # Whoever answers ticks something, if only "none".
                    return self.leaf(t.make(t.Ticked, path, question.option_ids))
                return term if self.has(path) else t.truth(False)
            case t.Among(path):
                return term if self.has(path) else t.truth(False)
            case t.Points(path, _, default) | t.Amount(path, default=default):
                return term if self.has(path) else t.whole(default)
            case t.Ticked(path, options):
                kept = self.kept(path, options)
                return t.make(t.Ticked, path, kept) if kept else t.truth(False)
            case t.Ticks(path, options):
                kept = self.kept(path, options)
                return t.make(t.Ticks, path, kept) if kept else t.whole(0)
            case t.Distinct(table, label, by_use):
                if not self.present.trials:
                    return t.whole(0)
                filled = tuple((use, self.filled(condition)) for use, condition in by_use)
                return t.make(t.Distinct, table, label, filled)
        return term

    def has(self, path: str) -> bool:
        if path.startswith("."):
            return path[1:] in self.present.trials
        return path in self.present.people

    def kept(self, path: str, options: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(o for o in options if option_column(path, o) in self.present.people)


# --- expressions ---------------------------------------------------------------------------------


class Names(dict[t.Term, str]):
    """The column of each term that has one. The sign keeps them apart from columns of answers."""

    def __missing__(self, term: t.Term) -> str:
        return self.setdefault(term, f"#{len(self)}")

    def expression(self, term: t.Term) -> pl.Expr:
        """The column of a term, or its value."""
        match term:
            case t.Truth(value):
                return pl.lit(value)
            case t.Whole(value):
                return _whole(value)
        return pl.col(self[term])


def levels(roots: Iterable[t.Term], names: Names, protocol: Protocol) -> list[Level]:
    """One expression for each term below the roots that has no column yet, in levels.

    An expression reads columns of frames and of lower levels alone. Names the terms.
    """
    depth: dict[t.Term, int] = {}
    found: list[Level] = []
    stack = [(root, False) for root in roots]
    while stack:
        term, ready = stack.pop()
        if term in depth or isinstance(term, t.Truth | t.Whole) or term in names:
            continue
        parts = _parts(term)
        if not ready:
            stack.append((term, True))
            stack.extend((part, False) for part in parts)
            continue
        depth[term] = max((depth.get(part, 0) for part in parts), default=0) + 1
        found.extend([] for _ in range(depth[term] - len(found)))
        found[depth[term] - 1].append(_expression(term, names, protocol))
    for term in depth:
        names[term]
    return found


def _parts(term: t.Term) -> Sequence[t.Term]:
    """The terms that an expression reads. Atoms on several options read one for each option."""
    match term:
        case t.Among(path, options) if len(options) > 1:
            return [t.among(path, [option]) for option in options]
        case t.Ticked(path, options) if len(options) > 1:
            return [t.make(t.Ticked, path, (option,)) for option in options]
        case t.Ticks(path, options):
            return [t.make(t.Ticked, path, (option,)) for option in options]
        case t.Points(path, points, default):
            return [t.among(path, [option]) for option, value in points if value != default]
        case t.Distinct():
            return ()
    return t.below(term)


def _expression(term: t.Term, names: Names, protocol: Protocol) -> pl.Expr:
    parts = [names.expression(part) for part in _parts(term)]
    made = _atom(term, protocol) if not parts else _compound(term, parts)
    return made.alias(names[term])


def _atom(term: t.Term, protocol: Protocol) -> pl.Expr:
    """A term that reads an answer. What it is for a blank is settled here, at once."""
    match term:
        case t.Submitted():
            return pl.col(SUBMITTED).fill_null(False)
        case t.IsAnswered(path):
            column = pl.col(path)
            is_table = path.split(".")[0] == protocol.table.id and path.count(".") < 2
            return column.fill_null(False) if is_table else column.is_not_null()
        case t.Among(path, (option,)):
            return pl.col(path.removeprefix(".")).eq_missing(pl.lit(option))
        case t.Ticked(path, (option,)):
            return pl.col(option_column(path, option)).fill_null(False)
        case t.Points(default=default):
            return _whole(default)
        case t.Amount(path, decimals, default=default):
            column = pl.col(path.removeprefix("."))
            if decimals:
                # Scaled to whole numbers: no two fractions are ever compared.
                column = (column * 10.0**decimals).round()
            return column.cast(pl.Int32).fill_null(_whole(default))
        case t.OfMedicine(medicine):
            return pl.col(MEDICINE) == medicine
    raise AssertionError(f"no column can be made of {term}")


def _compound(term: t.Term, parts: list[pl.Expr]) -> pl.Expr:
    match term:
        case t.And():
            return pl.all_horizontal(parts)
        case t.Or() | t.Among() | t.Ticked():
            return pl.any_horizontal(parts)
        case t.Not():
            return ~parts[0]
        case t.AtLeast(count):
            return _sum([part.cast(pl.Int32) for part in parts]) >= count
        case t.Compare(sign, t.Whole()):
            # Polars 2.1 fails on a literal to the left of a column that is one value throughout.
            return parts[1] >= parts[0] if sign == "<=" else parts[1] == parts[0]
        case t.Compare(sign):
            return parts[0] <= parts[1] if sign == "<=" else parts[0] == parts[1]
        case t.Ticks():
            return _sum([part.cast(pl.Int32) for part in parts])
        case t.Points(_, points, default):
            found = _whole(default)
            values = [value for _, value in points if value != default]
            for chosen, value in zip(parts, values, strict=True):
                found = pl.when(chosen).then(_whole(value)).otherwise(found)
            return found
        case t.Plus():
            return _sum(parts)
        case t.Extreme(highest):
            return pl.max_horizontal(parts) if highest else pl.min_horizontal(parts)
        case t.Choose(_, t.Whole(1), t.Whole(0)):
            return parts[0].cast(pl.Int32)
        case t.Choose():
            return pl.when(parts[0]).then(parts[1]).otherwise(parts[2])
    raise AssertionError(f"no column can be made of {term}")


def _whole(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.Int32)


def _sum(parts: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(add, parts)
