"""A protocol as one SQL query over the wide layout, for the database that a clinic has.

`answers` has a row a person, `medicines_tried` one a person and medicine (`layout.py`). The query
gives what `screen` gives: priority, scores and the outcome of every rule.
"""

from collections.abc import Mapping

from sqlglot import exp, parse_one

from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.tabular import layout
from screener.engine.tabular.layout import MEDICINE, SUBMISSION, SUBMITTED, LayoutColumn
from screener.engine.tabular.sql_terms import (
    SqlPrinter,
    checked,
    column,
    label_column,
    number,
)
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import about_people, conditions, medicine_table
from screener.engine.terms.plan import Plan

DIALECTS = ("duckdb", "postgres", "spark")
_TYPES = {"truth": "BOOLEAN", "whole": "INT", "option": "TEXT", "text": "TEXT"}


def schema(protocol: Protocol, dialect: str, answers: str, trials: str) -> str:
    """Return the statements that create the two tables of the layout."""
    people, rows = layout.people_columns(protocol), layout.trial_columns(protocol)
    key = f'"{SUBMISSION}" TEXT NOT NULL'
    tables = {
        answers: [key, f'"{SUBMITTED}" BOOLEAN', *_definitions(people)],
        trials: [key, f'"{MEDICINE}" TEXT NOT NULL', *_definitions(rows)],
    }
    # Without a format Spark asks for Hive.
    how = [exp.FileFormatProperty(this=exp.var("PARQUET"))] if dialect == "spark" else []
    statements = []
    for table, definitions in tables.items():
        create = parse_one(f"CREATE TABLE {exp.to_table(table).sql()} ({', '.join(definitions)})")
        create.set("properties", exp.Properties(expressions=how))
        statements.append(create.sql(dialect=dialect, pretty=True))
    return ";\n\n".join(statements) + ";\n"


def query(rulebook: Rulebook, plan: Plan, dialect: str, answers: str, trials: str) -> str:
    """Return the query, with a header that says what it is and which rulebook it was made from."""
    statement = _Query(plan, answers, trials).statement()
    if dialect == "postgres":
        # Without this word PostgreSQL would write every shared part out again wherever it is used.
        for shared in statement.find_all(exp.CTE):
            shared.set("materialized", True)
    header = [
        f"{plan.protocol.title}: Screener rulebook {plan.protocol.version}, {rulebook.hash}.",
        f"Made for {dialect} by `screener sql`; do not edit, change the rulebook instead.",
        "It looks for patterns in answers. It is not a diagnosis; a physician decides.",
    ]
    if rulebook.unreviewed:
        header.append("Reviewed by no physician yet: demonstration only, not for clinical use.")
    comment = "".join(f"-- {' '.join(line.split())}\n" for line in header)
    return f"{comment}{statement.sql(dialect=dialect, pretty=True)}\n"


class _Query:
    """Builds the query of one plan: tables (common table expressions), each over earlier ones."""

    def __init__(self, plan: Plan, answers: str, trials: str) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        self.answers = answers
        self.trials = trials
        self.tables: dict[str, exp.Query] = {}
        self.terms = checked(self.protocol, self._roots())
        walked = t.walk(*self.terms.values())
        self.counts = [term for term in walked if isinstance(term, t.Distinct)]
        self.on_rows = conditions(self.counts)
        self.about_people = about_people(*self.on_rows)
        taken = [SUBMISSION, SUBMITTED, MEDICINE, *layout.people_columns(self.protocol)]
        self.printer = SqlPrinter(self.protocol, [*taken, *layout.trial_columns(self.protocol)])

    def statement(self) -> exp.Select:
        """Return the query without its header."""
        for_rows = {f"for_rows_{n}": term for n, term in enumerate(self.about_people, 1)}
        people = self._staged("answers", self.answers, for_rows)
        if self.counts:
            people = self._counted(people)
        people = self._staged("scored", people, self.terms)
        select = exp.select(column(SUBMISSION), *self._outcomes()).from_(exp.to_table(people))
        for name, table in self.tables.items():
            select = select.with_(name, as_=table, copy=False)
        return select

    def _roots(self) -> dict[str, t.Term]:
        """The terms that the outcomes are made of, by the names of their columns."""
        roots: dict[str, t.Term] = {"gated": self.plan.gated}
        for id, (low, high) in self.plan.scores.items():
            roots[f"{id}_low"], roots[f"{id}_high"] = low, high
        for id, (must, may) in self.plan.rules.items():
            roots[f"{id}_must"], roots[f"{id}_may"] = must, may
        return roots

    def _staged(self, name: str, source: str, roots: Mapping[str, t.Term]) -> str:
        """Add one table for each level of some terms, over `source`. Return the last one's name."""
        for place, expressions in enumerate(self.printer.stages(roots), 1):
            table = exp.select("*", *expressions).from_(exp.to_table(source))
            source = f"{name}_{place}"
            self.tables[source] = table
        return source

    # --- rows of the treatment table -----------------------------------------------------------

    def _counted(self, people: str) -> str:
        """Add the table of people with the counts of their rows. Return its name."""
        of_medicine = self._medicines()
        of_person = [self.printer.names[term] for term in self.about_people]
        self.tables["trials"] = (
            exp.select(_all_of("t"), *(column(name, "m") for name in of_medicine))
            .select(*(column(name, "p") for name in of_person))
            .from_(_named(self.trials, "t"))
            .join(_named("medicines", "m"), on=_same(MEDICINE, "m"))
            .join(_named(people, "p"), on=_same(SUBMISSION, "p"))
        )
        rows = {f"row_{n}": condition for n, condition in enumerate(self.on_rows, 1)}
        trials = self._staged("trials", "trials", rows)
        counts = [self.printer.count(place, count) for place, count in enumerate(self.counts, 1)]
        self.tables["counts"] = (
            exp.select(column(SUBMISSION), *counts)
            .from_(exp.to_table(trials))
            .group_by(column(SUBMISSION))
        )
        # Who has no row at all is in no group, and has a count of nothing.
        filled = []
        for name in (self.printer.names[count] for count in self.counts):
            count_or_0 = exp.Coalesce(this=column(name, "c"), expressions=[number(0)])
            filled.append(exp.alias_(count_or_0, name, quoted=True))
        self.tables["counted"] = (
            exp.select(_all_of("t"), *filled)
            .from_(_named(people, "t"))
            .join(_named("counts", "c"), on=_same(SUBMISSION, "c"), join_type="left")
        )
        return "counted"

    def _medicines(self) -> list[str]:
        """Add the table of medicines. Return its columns, the key apart."""
        table = medicine_table(self.protocol, self.counts)
        columns: dict[str, list[object]] = {}
        for use, counts_for in table.counts_for.items():
            columns[f"counts_for_{use}"] = [*counts_for]
        for label, groups in table.labels.items():
            columns[label_column(label)] = [group or "" for group in groups]
        for term, amounts in table.needed.items():
            unit = f"_in_{10**term.decimals}ths" if term.decimals else ""
            self.printer.name(term, f"{term.use}_{term.what}{unit}")
            columns[self.printer.names[term]] = [*amounts]
        rows = list(zip(table.medicines, *columns.values(), strict=True))
        values = exp.values(rows, alias="m", columns=[MEDICINE, *columns])
        self.tables["medicines"] = exp.select("*").from_(values)
        return list(columns)

    # --- what comes out ------------------------------------------------------------------------

    def _expression(self, name: str) -> exp.Expr:
        return self.printer.expression(self.terms[name])

    def _outcomes(self) -> list[exp.Expr]:
        columns = {"priority": self._priority()}
        for id in self.plan.scores:
            for end in (f"{id}_low", f"{id}_high"):
                columns[end] = self._expression(end)
                if not isinstance(self.terms["gated"], t.Truth):
                    columns[end] = exp.Case().when(self._open(), columns[end], copy=False)
        columns |= {id: self._outcome(id) for id in self.plan.rules}
        return [exp.alias_(made, name, quoted=True) for name, made in columns.items()]

    def _open(self) -> exp.Expr:
        """The age gate did not end the screening."""
        return exp.not_(self._expression("gated"), copy=False)

    def _outcome(self, id: str) -> exp.Expr:
        met, may = self._expression(f"{id}_must"), self._expression(f"{id}_may")
        if id != self.plan.gate:
            met = exp.and_(self._open(), met, copy=False)
        not_met = exp.and_(self._open(), exp.not_(may, copy=False), copy=False)
        return _first_of([(met, "met"), (not_met, "not_met")], otherwise="unknown")

    def _priority(self) -> exp.Expr:
        floor = self.protocol.floor
        cases = [(self._expression("gated"), PRIORITIES[0])]
        for priority in PRIORITIES[1 : PRIORITIES.index(floor)]:
            raised = [
                self._expression(f"{id}_{'may' if rule.if_unknown == 'escalate' else 'must'}")
                for id, rule in self.protocol.rules.items()
                if rule.priority == priority
            ]
            if raised:
                cases.append((exp.or_(*raised, copy=False), priority))
        return _first_of(cases, otherwise=floor)


def _first_of(cases: list[tuple[exp.Expr, str]], *, otherwise: str) -> exp.Expr:
    """The text of the first case whose condition holds."""
    chosen = exp.Case()
    for condition, text in cases:
        chosen = chosen.when(condition, exp.Literal.string(text), copy=False)
    return chosen.else_(exp.Literal.string(otherwise), copy=False)


def _named(table: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(table), alias, table=True)


def _all_of(table: str) -> exp.Column:
    return exp.Column(this=exp.Star(), table=exp.to_identifier(table))


def _same(name: str, other: str) -> exp.Expr:
    """Both tables have the same value there; the first is called t."""
    return exp.EQ(this=column(name, "t"), expression=column(name, other))


def _definitions(columns: Mapping[str, LayoutColumn]) -> list[str]:
    return [f'"{name}" {_type(column)}' for name, column in columns.items()]


def _type(column: LayoutColumn) -> str:
    if column.holds != "decimal":
        return _TYPES[column.holds]
    assert column.question.range is not None
    decimals = column.question.decimals
    return f"DECIMAL({len(str(column.question.range[1])) + decimals}, {decimals})"
