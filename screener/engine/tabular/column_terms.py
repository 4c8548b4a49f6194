"""Single terms as Polars expressions, and in which order they can be computed; see `columns.py`."""

from collections.abc import Iterable, Mapping, Sequence
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


def filled(protocol: Protocol, present: Present, roots: Mapping[str, t.Term]) -> dict[str, t.Term]:
    """Return the same terms with what a blank is put for everything that no column answers."""

    def has(path: str) -> bool:
        return path[1:] in present.trials if path[0] == "." else path in present.people

    def leaf(term: t.Term) -> t.Term:
        match term:
            case t.Submitted():
                return term if SUBMITTED in present.people else t.truth(False)
            case t.IsAnswered(path) if path in protocol.questions:
                question = protocol.questions[path]
                if question.kind == "choices":
                    # Whoever answers ticks something, if only "none".
                    return leaf(t.make(t.Ticked, path, question.option_ids))
                return term if has(path) else t.truth(False)
            case t.IsAnswered(path) | t.Among(path):
                return term if has(path) else t.truth(False)
            case t.Points(path, _, default) | t.Amount(path, default=default):
                return term if has(path) else t.whole(default)
            case t.Ticked(path, options) | t.Ticks(path, options):
                kept = [id for id in options if option_column(path, id) in present.people]
                nothing = t.truth(False) if isinstance(term, t.Ticked) else t.whole(0)
                return t.make(type(term), path, kept) if kept else nothing
            case t.Distinct():
                return term if present.trials else t.whole(0)
        return term

    done: dict[t.Term, t.Term] = {}
    return {name: t.rebuilt(term, leaf, done) for name, term in roots.items()}


# --- expressions ---------------------------------------------------------------------------------


class ColumnNames(dict[t.Term, str]):
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


def levels(roots: Iterable[t.Term], names: ColumnNames, protocol: Protocol) -> list[Level]:
    """Return one expression for each term at or below the roots that has no column yet, in levels.

    An expression reads columns of frames and of lower levels alone. Names the terms.
    """
    depth: dict[t.Term, int] = {}
    made: list[Level] = []
    for term in t.walk(*roots, without=names, parts=_parts):
        if isinstance(term, t.Truth | t.Whole):
            continue
        depth[term] = max((depth.get(part, -1) for part in _parts(term)), default=-1) + 1
        if depth[term] == len(made):
            made.append([])
        made[depth[term]].append(_expression(term, names, protocol))
    return made


def _parts(term: t.Term) -> Sequence[t.Term]:
    """The terms that an expression reads: a count of rows is a column."""
    return () if isinstance(term, t.Distinct) else t.below(term)


def _expression(term: t.Term, names: ColumnNames, protocol: Protocol) -> pl.Expr:
    parts = [names.expression(part) for part in _parts(term)]
    expression = _of_parts(term, parts) if parts else _of_answer(term, protocol)
    return expression.alias(names[term])


def _of_answer(term: t.Term, protocol: Protocol) -> pl.Expr:
    """A term that reads an answer. What it is for a blank is settled here, at once."""
    match term:
        case t.Submitted():
            return pl.col(SUBMITTED).fill_null(False)
        case t.IsAnswered(path):
            column = pl.col(path)
            is_table = path.split(".")[0] == protocol.table.id and path.count(".") < 2
            return column.fill_null(False) if is_table else column.is_not_null()
        case t.Among(path, options):
            column = pl.col(path.removeprefix("."))
            return pl.any_horizontal(column.eq_missing(pl.lit(option)) for option in options)
        case t.Ticked(path, options):
            return pl.any_horizontal(_ticks(path, options))
        case t.Ticks(path, options):
            return reduce(add, [tick.cast(pl.Int32) for tick in _ticks(path, options)])
        case t.Points(path, points, default):
            column = pl.col(path.removeprefix("."))
            number = _whole(default)
            for option, value in points:
                number = pl.when(column == pl.lit(option)).then(_whole(value)).otherwise(number)
            return number
        case t.Amount(path, decimals, default=default):
            column = pl.col(path.removeprefix("."))
            if decimals:
                # Scaled to whole numbers: no two fractions are ever compared.
                column = (column * 10.0**decimals).round()
            return column.cast(pl.Int32).fill_null(_whole(default))
        case t.OfMedicine(medicine):
            return pl.col(MEDICINE) == medicine
    raise AssertionError(f"no column can be made of {term}")


def _of_parts(term: t.Term, parts: list[pl.Expr]) -> pl.Expr:
    match term:
        case t.And():
            return pl.all_horizontal(parts)
        case t.Or():
            return pl.any_horizontal(parts)
        case t.Not():
            return ~parts[0]
        case t.Compare(sign, t.Whole()):
            # Polars 2.1 fails on a literal to the left of a column that is one value throughout.
            return parts[1] >= parts[0] if sign == "<=" else parts[1] == parts[0]
        case t.Compare(sign):
            return parts[0] <= parts[1] if sign == "<=" else parts[0] == parts[1]
        case t.Plus():
            return reduce(add, parts)
        case t.Extreme(highest):
            return pl.max_horizontal(parts) if highest else pl.min_horizontal(parts)
        case t.Choose(_, t.Whole(1), t.Whole(0)):
            return parts[0].cast(pl.Int32)
        case t.Choose():
            return pl.when(parts[0]).then(parts[1]).otherwise(parts[2])
    raise AssertionError(f"no column can be made of {term}")


def _whole(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.Int32)


def _ticks(path: str, options: Iterable[str]) -> list[pl.Expr]:
    return [pl.col(option_column(path, option)).fill_null(False) for option in options]
