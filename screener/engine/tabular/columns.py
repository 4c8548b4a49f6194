"""A protocol's terms as Polars expressions: the same rules for many people at once.

Every term becomes one column, made by one expression over the columns of its parts, level by
level. That is quicker than deep expressions: nothing is computed twice, and the expressions of
a level are independent of each other.

People stand in the wide layout (`layout.py`). A column that is not there was not answered by
anyone. Rows of the treatment table stand in a frame of their own, `trials`: `medicine`, the cells,
and in `#at` the person's row in the frame of people, counted from 0.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from screener.engine.priorities import PRIORITIES
from screener.engine.tabular.column_terms import ColumnNames, Level, Present, filled, levels
from screener.engine.tabular.layout import AT, MEDICINE
from screener.engine.terms import medicines
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan

OUTCOMES = ("met", "not_met", "unknown")


class Columns:
    """Terms of one protocol, compiled for frames with certain columns.

    The columns of people are answer paths in the wide layout. A term on the row of one medicine
    (`at_row`) reads a column of people called by its path (`medicines_tried.sertraline`, whether
    the row is there, `medicines_tried.sertraline.weeks`).
    """

    def __init__(self, plan: Plan, terms: Mapping[str, t.Term], present: Present) -> None:
        protocol = plan.protocol
        self._roots = filled(protocol, present, terms)
        walked = t.walk(*self._roots.values())
        self._counts = [term for term in walked if isinstance(term, t.Distinct)]
        self._names = ColumnNames()
        on_rows = medicines.conditions(self._counts)
        of_people = medicines.about_people(*on_rows)
        self._before = levels(of_people, self._names, protocol)
        self._gathered = [self._names[term] for term in of_people]
        self._medicines = _medicines(medicines.medicine_table(protocol, self._counts), self._names)
        self._rows = levels(on_rows, self._names, protocol)
        self._tally = [_tally(count, self._names) for count in self._counts]
        self._after = levels(self._roots.values(), self._names, protocol)

    def evaluate(self, people: pl.DataFrame, trials: pl.DataFrame | None = None) -> pl.DataFrame:
        """The value of every term for each person, as one column each, under its name.

        Truth is Boolean and a number Int32, in the units of its term; neither is ever null.
        """
        frame = _staged(people, self._before)
        if self._counts:
            assert trials is not None
            frame = frame.hstack(self._counted(frame, trials))
        frame = _staged(frame, self._after)
        # Not select at once: it would give one row where every term is a constant.
        return frame.with_columns(
            self._names.expression(root).alias(name) for name, root in self._roots.items()
        ).select(*self._roots)

    def _counted(self, people: pl.DataFrame, trials: pl.DataFrame) -> pl.DataFrame:
        """The counts of distinct rows, one column each, in the order of people."""
        gathered = people.select(self._gathered)[trials[AT]] if self._gathered else None
        rows = trials if gathered is None else trials.hstack(gathered)
        rows = rows.join(self._medicines, on=MEDICINE, how="inner")
        names = [self._names[count] for count in self._counts]
        rows = _staged(rows, self._rows).select(AT, *self._tally)
        # Most rows count for nothing, and to group them is what takes the time.
        rows = rows.filter(pl.any_horizontal(pl.col(name) > 0 for name in names))
        # Code 0 stands for a row that does not count: it is one value that is none.
        distinct = [
            pl.col(name).n_unique().cast(pl.Int32) - (pl.col(name).min() == 0).cast(pl.Int32)
            for name in names
        ]
        counts = rows.group_by(AT).agg(distinct)
        at = pl.DataFrame({AT: pl.int_range(people.height, dtype=pl.UInt32, eager=True)})
        return at.join(counts, on=AT, how="left", maintain_order="left").select(names).fill_null(0)


class OutcomeColumns:
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
        highest = pl.lit(self._plan.protocol.floor, dtype=names)
        for priority in reversed(PRIORITIES[: PRIORITIES.index(self._plan.protocol.floor)]):
            has = pl.col(f"priority {priority}")
            highest = pl.when(has).then(pl.lit(priority, dtype=names)).otherwise(highest)
        return highest.alias("priority")

    def _scores(self) -> Iterator[pl.Expr]:
        open_ = pl.when(~pl.col("gated"))
        for id in self._plan.scores:
            yield open_.then(pl.col(f"low {id}")).alias(f"{id}_low")
            yield open_.then(pl.col(f"high {id}")).alias(f"{id}_high")

    def _rules(self) -> Iterator[pl.Expr]:
        names = pl.Enum(OUTCOMES)
        met, not_met, unknown = (pl.lit(name, dtype=names) for name in OUTCOMES)
        for id in self._plan.rules:
            or_unknown = pl.when(pl.col(f"not_met {id}")).then(not_met).otherwise(unknown)
            yield pl.when(pl.col(f"met {id}")).then(met).otherwise(or_unknown).alias(id)


def _staged(frame: pl.DataFrame, levels: list[Level]) -> pl.DataFrame:
    for level in levels:
        frame = frame.with_columns(level)
    return frame


# --- rows of the treatment table -----------------------------------------------------------------


def _medicines(table: medicines.MedicineTable, names: ColumnNames) -> pl.DataFrame:
    """What rows need to know of their medicine: uses, labels as codes, and adequate trials."""
    columns = {MEDICINE: pl.Series(table.medicines, dtype=pl.String)}
    for use, counts in table.counts_for.items():
        columns[f"#use {use}"] = pl.Series(counts)
    for label in table.labels:
        columns[f"#label {label}"] = pl.Series(table.codes(label), dtype=pl.UInt16)
    for term, amounts in table.needed.items():
        columns[names[term]] = pl.Series(amounts, dtype=pl.Int32)
    return pl.DataFrame(columns)


def _tally(count: t.Distinct, names: ColumnNames) -> pl.Expr:
    """The code of the label that a row counts for, or 0."""
    counts = pl.any_horizontal(
        pl.col(f"#use {use}") & names.expression(condition) for use, condition in count.by_use
    )
    label = pl.col(f"#label {count.label}")
    return pl.when(counts).then(label).otherwise(pl.lit(0, pl.UInt16)).alias(names[count])
