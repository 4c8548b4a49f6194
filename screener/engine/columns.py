"""A protocol's terms as Polars expressions: the same rules for many people at once.

Every term becomes one column, made by one expression over the columns of its parts, level by
level. That is quicker than deep expressions: nothing is computed twice, and the expressions of
a level are independent of each other.

People stand in the wide layout (`layout.py`). A column that is not there was not answered by
anyone. Rows of the treatment table stand in a frame of their own, `trials`: `medicine`, the cells,
and in `#at` the person's row in the frame of people, counted from 0.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import polars as pl

from screener.engine import terms as t
from screener.engine.layout import AT, MEDICINE, SUBMITTED, option_column
from screener.engine.lower import Plan
from screener.engine.rulebook import PRIORITIES, Protocol, Trial

OUTCOMES = ("met", "not_met", "unknown")

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


class Columns:
    """Terms of one protocol, compiled for frames with certain columns."""

    def __init__(self, plan: Plan, terms: Mapping[str, t.Term], present: Present) -> None:
        protocol = plan.protocol
        missing = _Missing(protocol, present)
        self._roots = {name: missing.filled(term) for name, term in terms.items()}
        every = list(t.walk(*self._roots.values()))
        self._counts = [one for one in every if isinstance(one, t.Distinct)]
        self._names = _Names()
        conditions = [one for count in self._counts for _, one in count.by_use]
        about_people = list(_about_people(conditions))
        self._before = _levels(about_people, self._names, protocol)
        self._gathered = [self._names[one] for one in about_people]
        self._medicines = _medicines(protocol, self._counts, conditions, self._names)
        self._rows = _levels(conditions, self._names, protocol)
        self._tally = [_tally(count, self._names) for count in self._counts]
        for count in self._counts:
            self._names[count]
        self._after = _levels(self._roots.values(), self._names, protocol)

    def evaluate(self, people: pl.DataFrame, trials: pl.DataFrame | None = None) -> pl.DataFrame:
        """The value of every term for each person, as one column each, under its name.

        Truth is Boolean and a number Int32, in the units of its term; neither is ever null.
        """
        frame = _staged(people, self._before)
        if self._counts:
            assert trials is not None
            frame = frame.hstack(self._counted(frame, trials))
        frame = _staged(frame, self._after)
        return frame.select(
            self._names.expression(root).alias(name) for name, root in self._roots.items()
        )

    def _counted(self, people: pl.DataFrame, trials: pl.DataFrame) -> pl.DataFrame:
        """The counts of distinct rows, one column each, in the order of people."""
        gathered = people.select(self._gathered)[trials[AT]] if self._gathered else None
        rows = trials if gathered is None else trials.hstack(gathered)
        rows = rows.join(self._medicines, on=MEDICINE, how="inner")
        rows = _staged(rows, self._rows).select(AT, *self._tally)
        names = [self._names[count] for count in self._counts]
        # Code 0 stands for a row that does not count: it is one value that is none.
        distinct = [
            pl.col(name).n_unique().cast(pl.Int32) - (pl.col(name).min() == 0).cast(pl.Int32)
            for name in names
        ]
        counts = rows.group_by(AT).agg(distinct)
        at = pl.DataFrame({AT: pl.int_range(people.height, dtype=pl.UInt32, eager=True)})
        return at.join(counts, on=AT, how="left", maintain_order="left").select(names).fill_null(0)


class Outcomes:
    """All that a protocol says of people: priority, scores and outcomes, compiled."""

    def __init__(self, plan: Plan, present: Present) -> None:
        self._plan = plan
        terms: dict[str, t.Term] = {"gated": plan.gated}
        for priority, reached in plan.at_least.items():
            terms[f"priority {priority}"] = reached
        for id, (low, high) in plan.scores.items():
            terms[f"low {id}"], terms[f"high {id}"] = low, high
        for id in plan.rules:
            terms[f"met {id}"], terms[f"not_met {id}"] = plan.met(id), plan.not_met(id)
        self._columns = Columns(plan, terms, present)
        self._selected = [self._priority(), *self._scores(), *self._rules()]

    def evaluate(self, people: pl.DataFrame, trials: pl.DataFrame | None = None) -> pl.DataFrame:
        """`priority`, `<score>_low` and `<score>_high`, and each rule with its outcome.

        The scores of who is stopped by the age gate are null.
        """
        return self._columns.evaluate(people, trials).select(self._selected)

    def _priority(self) -> pl.Expr:
        names = pl.Enum(PRIORITIES)
        found = pl.lit(self._plan.protocol.floor, dtype=names)
        for priority in reversed(PRIORITIES[: PRIORITIES.index(self._plan.protocol.floor)]):
            has = pl.col(f"priority {priority}")
            found = pl.when(has).then(pl.lit(priority, dtype=names)).otherwise(found)
        return found.alias("priority")

    def _scores(self) -> Iterator[pl.Expr]:
        open_ = pl.when(~pl.col("gated"))
        for id in self._plan.scores:
            yield open_.then(pl.col(f"low {id}")).alias(f"{id}_low")
            yield open_.then(pl.col(f"high {id}")).alias(f"{id}_high")

    def _rules(self) -> Iterator[pl.Expr]:
        names = pl.Enum(OUTCOMES)
        met, not_met, unknown = (pl.lit(name, dtype=names) for name in OUTCOMES)
        for id in self._plan.rules:
            yield (
                pl.when(pl.col(f"met {id}"))
                .then(met)
                .when(pl.col(f"not_met {id}"))
                .then(not_met)
                .otherwise(unknown)
                .alias(id)
            )


def booleans(
    plan: Plan,
    terms: Sequence[t.Bool],
    people: pl.DataFrame,
    trials: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The truth of each term for each row of `people`, in columns called 0, 1, 2 …

    The columns of `people` are answer paths in the wide layout. A term on one row of the
    treatment table (`at_row`) reads a column called by its path (`medicines_tried.sertraline`,
    whether the row is there, `medicines_tried.sertraline.weeks`) and needs no `trials`.
    """
    named = {str(number): term for number, term in enumerate(terms)}
    return Columns(plan, named, Present.of(people, trials)).evaluate(people, trials)


# --- columns that are not there ------------------------------------------------------------------


class _Missing:
    """Terms with everything that no column answers replaced by what a blank is."""

    def __init__(self, protocol: Protocol, present: Present) -> None:
        self.protocol = protocol
        self.present = present
        self.done: dict[t.Term, t.Term] = {}

    def filled(self, term: t.Term) -> t.Term:
        return t.rebuilt(term, self.leaf, self.done)

    def leaf(self, term: t.Term) -> t.Term:
        match term:
            case t.Sent():
                return term if SUBMITTED in self.present.people else t.truth(False)
            case t.Given(path):
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


class _Names(dict[t.Term, str]):
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


def _levels(roots: Iterable[t.Term], names: _Names, protocol: Protocol) -> list[Level]:
    """One expression for each term below the roots that has no column yet, in levels.

    An expression reads columns of frames and of lower levels alone. Names the terms.
    """
    depth: dict[t.Term, int] = {}
    levels: list[Level] = []
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
        levels.extend([] for _ in range(depth[term] - len(levels)))
        levels[depth[term] - 1].append(_expression(term, names, protocol))
    for term in depth:
        names[term]
    return levels


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


def _expression(term: t.Term, names: _Names, protocol: Protocol) -> pl.Expr:
    parts = [names.expression(part) for part in _parts(term)]
    made = _atom(term, protocol) if not parts else _compound(term, parts)
    return made.alias(names[term])


def _atom(term: t.Term, protocol: Protocol) -> pl.Expr:
    """A term that reads an answer. What it is for a blank is settled here, at once."""
    match term:
        case t.Sent():
            return pl.col(SUBMITTED).fill_null(False)
        case t.Given(path):
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


def _staged(frame: pl.DataFrame, levels: list[Level]) -> pl.DataFrame:
    for level in levels:
        frame = frame.with_columns(level)
    return frame


# --- rows of the treatment table -----------------------------------------------------------------


def _about_people(conditions: Iterable[t.Bool]) -> Iterator[t.Term]:
    """The largest terms inside conditions on rows that look at the person alone."""
    about_rows: set[t.Term] = set()
    found: dict[t.Term, None] = {}
    for term in t.walk(*conditions):
        if isinstance(term, t.Distinct):
            raise AssertionError("a condition on rows counts rows")
        on_row = getattr(term, "path", "").startswith(".")
        if (
            on_row
            or isinstance(term, t.OfMedicine | t.Adequate)
            or (not about_rows.isdisjoint(t.below(term)))
        ):
            about_rows.add(term)
    for term in t.walk(*conditions):
        below = t.below(term) if term in about_rows else ()
        found.update((part, None) for part in below if part not in about_rows)
    found.update((one, None) for one in conditions if one not in about_rows)
    return (one for one in found if not isinstance(one, t.Truth | t.Whole))


def _medicines(
    protocol: Protocol,
    counts: Sequence[t.Distinct],
    conditions: Sequence[t.Bool],
    names: _Names,
) -> pl.DataFrame:
    """What rows need to know of their medicine: uses, adequate trials, and labels as codes."""
    medicines = list(protocol.medicines.values())
    columns = {MEDICINE: pl.Series([medicine.id for medicine in medicines], dtype=pl.String)}
    for use in sorted({use for count in counts for use, _ in count.by_use}):
        columns[_use(use)] = pl.Series([one.trial(use) is not None for one in medicines])
    for label in sorted({count.label for count in counts}):
        named = [one.label(label) for one in medicines]
        codes = {name: code for code, name in enumerate(dict.fromkeys(filter(None, named)), 1)}
        columns[_label(label)] = pl.Series(
            [0 if name is None else codes[name] for name in named], dtype=pl.UInt16
        )
    for term in t.walk(*conditions):
        if isinstance(term, t.Adequate):
            needs = [_needed(one.trial(term.use), term) for one in medicines]
            columns[names[term]] = pl.Series(needs, dtype=pl.Int32)
    return pl.DataFrame(columns)


def _needed(trial: Trial | None, term: t.Adequate) -> int:
    """What an adequate trial needs, in the units of the term; the row of no trial never counts."""
    if trial is None:
        return 0
    return int((trial.dose_mg if term.what == "dose" else trial.weeks) * 10**term.decimals)


def _tally(count: t.Distinct, names: _Names) -> pl.Expr:
    """The code of the label that a row counts for, or 0."""
    counts = pl.any_horizontal(
        pl.col(_use(use)) & names.expression(condition) for use, condition in count.by_use
    )
    label = pl.col(_label(count.label))
    return pl.when(counts).then(label).otherwise(pl.lit(0, pl.UInt16)).alias(names[count])


def _use(use: str) -> str:
    return f"#use {use}"


def _label(label: str) -> str:
    return f"#label {label}"
