"""A protocol as one SQL query over the wide layout, for the warehouse that a clinic has.

`answers` has a row a person, `medicines_tried` one a person and medicine (`layout.py`). The query
gives what `screen` gives: priority, scores and the outcome of every rule.
"""

from collections.abc import Iterable
from decimal import Decimal

from sqlglot import exp

from screener.engine.protocol import PRIORITIES, Protocol, Rulebook
from screener.engine.tabular import layout
from screener.engine.tabular.layout import MEDICINE, SUBMISSION, SUBMITTED, LayoutColumn
from screener.engine.tabular.sql_terms import Level, Printer, column, number, plain
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan

DIALECTS = ("duckdb", "postgres", "spark")
_TYPES = {"truth": "BOOLEAN", "whole": "INT", "option": "TEXT", "text": "TEXT"}


def schema(protocol: Protocol, dialect: str, answers: str, trials: str) -> str:
    """The statements that create the two tables of the layout."""
    people = [
        _definition(SUBMISSION, "TEXT", required=True),
        _definition(SUBMITTED, "BOOLEAN"),
        *(_definition(name, _type(one)) for name, one in layout.people_columns(protocol).items()),
    ]
    rows = [
        _definition(SUBMISSION, "TEXT", required=True),
        _definition(MEDICINE, "TEXT", required=True),
        *(_definition(name, _type(one)) for name, one in layout.trial_columns(protocol).items()),
    ]
    # Without a format Spark asks for Hive.
    how = [exp.FileFormatProperty(this=exp.var("PARQUET"))] if dialect == "spark" else []
    statements = [
        exp.Create(
            kind="TABLE",
            this=exp.Schema(this=exp.to_table(table), expressions=definitions),
            properties=exp.Properties(expressions=[one.copy() for one in how]),
        ).sql(dialect=dialect, pretty=True)
        for table, definitions in ((answers, people), (trials, rows))
    ]
    return ";\n\n".join(statements) + ";\n"


def query(rulebook: Rulebook, plan: Plan, dialect: str, answers: str, trials: str) -> str:
    """The query, with a header that says what it is and which rulebook it was made from."""
    made = _Query(plan, answers, trials).made()
    if dialect == "postgres":
        # Without this word PostgreSQL would write every shared part out again wherever it is used.
        for one in made.find_all(exp.CTE):
            one.set("materialized", True)
    said = [
        f"{plan.protocol.title}: Screener rulebook {plan.protocol.version}, {rulebook.hash}.",
        f"Made for {dialect} by `screener sql`; do not edit, change the rulebook instead.",
        "It looks for patterns in answers. It is not a diagnosis; a physician decides.",
    ]
    if rulebook.unreviewed:
        said.append("Reviewed by no physician yet: demonstration only, not for clinical use.")
    header = "".join(f"-- {' '.join(line.split())}\n" for line in said)
    return f"{header}{made.sql(dialect=dialect, pretty=True)}\n"


class _Query:
    """Builds the query of one plan."""

    def __init__(self, plan: Plan, answers: str, trials: str) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        self.answers = answers
        self.trials = trials
        self.tables: list[tuple[str, exp.Query]] = []
        self.terms = plain(self.protocol, self._roots())
        every = t.walk(*self.terms.values())
        self.counts = [term for term in every if isinstance(term, t.Distinct)]
        taken = [SUBMISSION, SUBMITTED, MEDICINE, *layout.people_columns(self.protocol)]
        self.printer = Printer(self.protocol, [*taken, *layout.trial_columns(self.protocol)])

    def made(self) -> exp.Select:
        """The query without its header."""
        people = self._last("answers", self.answers, self._rows_about_people())
        if self.counts:
            people = self._counted(people)
        done = frozenset(self.printer.names)
        wanted = {n: one for n, one in self.terms.items() if not isinstance(one, t.Truth | t.Whole)}
        people = self._last("scored", people, self.printer.stages(wanted, done))
        found = exp.select(column(SUBMISSION), *self._outcomes()).from_(exp.to_table(people))
        for name, table in self.tables:
            found = found.with_(name, as_=table, copy=False)
        return found

    def _roots(self) -> dict[str, t.Term]:
        """The terms that the outcomes are made of, by the names of their columns."""
        roots: dict[str, t.Term] = {"gated": self.plan.gated}
        for id, (low, high) in self.plan.scores.items():
            roots[f"{id}_low"], roots[f"{id}_high"] = low, high
        for id, (must, may) in self.plan.rules.items():
            roots[f"{id}_must"], roots[f"{id}_may"] = must, may
        return roots

    def _last(self, name: str, source: str, levels: Iterable[Level]) -> str:
        """One table for each level, over the one before; the name of the last."""
        for level, expressions in enumerate(levels, 1):
            table = exp.select("*", *expressions).from_(exp.to_table(source))
            source = f"{name}_{level}"
            self.tables.append((source, table))
        return source

    # --- rows of the treatment table -----------------------------------------------------------

    def _conditions(self) -> list[t.Bool]:
        return list(dict.fromkeys(one for count in self.counts for _, one in count.by_use))

    def _about_people(self) -> list[t.Term]:
        """The largest terms in conditions on rows that look at the person alone."""
        about_rows: set[t.Term] = set()
        found: dict[t.Term, None] = {}
        for term in t.walk(*self._conditions()):
            on_row = getattr(term, "path", "").startswith(".")
            kinds = (t.OfMedicine, t.Adequate)
            if on_row or isinstance(term, kinds) or not about_rows.isdisjoint(t.below(term)):
                about_rows.add(term)
        for term in t.walk(*self._conditions()):
            below = t.below(term) if term in about_rows else (term,)
            if term in about_rows or term in self._conditions():
                found.update((part, None) for part in below if part not in about_rows)
        return [one for one in found if not isinstance(one, t.Truth | t.Whole)]

    def _rows_about_people(self) -> list[Level]:
        about = {f"for_rows_{n}": one for n, one in enumerate(self._about_people(), 1)}
        atoms = {name: one for name, one in about.items() if not t.below(one)}
        first = [
            exp.alias_(self.printer.expression(one), name, quoted=True)
            for name, one in atoms.items()
        ]
        for name, one in atoms.items():
            self.printer.name(one, name)
        levels = self.printer.stages(
            {name: one for name, one in about.items() if name not in atoms},
            frozenset(self.printer.names),
        )
        return [first, *levels] if first else levels

    def _counted(self, people: str) -> str:
        """The table of people with the counts of their rows."""
        about = [self.printer.names[one] for one in self._about_people()]
        self.tables.append(("medicines", self._medicines()))
        joined = (
            exp.select(
                exp.Column(this=exp.Star(), table=exp.to_identifier("t")),
                *(column(name, "m") for name in self._needs()),
                *(column(name, "p") for name in about),
            )
            .from_(exp.alias_(exp.to_table(self.trials), "t", table=True))
            .join(exp.alias_(exp.to_table("medicines"), "m", table=True), on=_same(MEDICINE, "m"))
            .join(exp.alias_(exp.to_table(people), "p", table=True), on=_same(SUBMISSION, "p"))
        )
        self.tables.append(("trials", joined))
        done = frozenset(self.printer.names)
        shared = {
            f"row_{n}": one
            for n, one in enumerate(self._conditions(), 1)
            if not isinstance(one, t.Truth)
        }
        trials = self._last("trials", "trials", self.printer.stages(shared, done))
        counts = [self._count(number, one) for number, one in enumerate(self.counts, 1)]
        table = exp.select(column(SUBMISSION), *counts).from_(exp.to_table(trials))
        self.tables.append(("counts", table.group_by(column(SUBMISSION))))
        names = [self.printer.names[one] for one in self.counts]
        # Who has no row at all is in no group, and has a count of nothing.
        filled = [exp.Coalesce(this=column(n, "c"), expressions=[number(0)]) for n in names]
        with_counts = (
            exp.select(
                exp.Column(this=exp.Star(), table=exp.to_identifier("t")),
                *(exp.alias_(f, n, quoted=True) for f, n in zip(filled, names, strict=True)),
            )
            .from_(exp.alias_(exp.to_table(people), "t", table=True))
            .join(
                exp.alias_(exp.to_table("counts"), "c", table=True),
                on=_same(SUBMISSION, "c"),
                join_type="left",
            )
        )
        self.tables.append(("counted", with_counts))
        return "counted"

    def _count(self, place: int, count: t.Distinct) -> exp.Expr:
        """How many labels have a row that counts; no label is an empty text."""
        label = column(_label(count.label))
        counts = exp.or_(
            *(
                exp.and_(column(_use(use)), self.printer.expression(condition), copy=False)
                for use, condition in count.by_use
            ),
            copy=False,
        )
        has_label = exp.NEQ(this=label.copy(), expression=exp.Literal.string(""))
        found = exp.Case().when(exp.and_(has_label, counts, copy=False), label, copy=False)
        self.printer.name(count, f"{count.label}_count_{place}")
        counted = exp.Count(this=exp.Distinct(expressions=[found]))
        return exp.alias_(counted, self.printer.names[count], quoted=True)

    def _needs(self) -> dict[str, list[object]]:
        """What rows need to know of their medicine, by column, medicine after medicine."""
        medicines = list(self.protocol.medicines.values())
        columns: dict[str, list[object]] = {}
        for use in sorted({use for count in self.counts for use, _ in count.by_use}):
            columns[_use(use)] = [one.trial(use) is not None for one in medicines]
        for label in sorted({count.label for count in self.counts}):
            columns[_label(label)] = [one.label(label) or "" for one in medicines]
        for term in t.walk(*self._conditions()):
            if isinstance(term, t.Adequate):
                unit = f"_in_{10**term.decimals}ths" if term.decimals else ""
                self.printer.name(term, f"{term.use}_{term.what}{unit}")
                trials = [one.trial(term.use) for one in medicines]
                columns[self.printer.names[term]] = [
                    0 if one is None else _scaled(one.dose_mg, one.weeks, term) for one in trials
                ]
        return columns

    def _medicines(self) -> exp.Select:
        columns = self._needs()
        rows = list(zip(self.protocol.medicines, *columns.values(), strict=True))
        values = exp.values(rows, alias="m", columns=[MEDICINE, *columns])
        return exp.select("*").from_(values)

    # --- what comes out ------------------------------------------------------------------------

    def _expression(self, name: str) -> exp.Expr:
        return self.printer.expression(self.terms[name])

    def _outcomes(self) -> list[exp.Expr]:
        gated = isinstance(self.terms["gated"], t.Truth)
        found: list[exp.Expr] = [exp.alias_(self._priority(), "priority", quoted=True)]
        for id in self.plan.scores:
            for end in (f"{id}_low", f"{id}_high"):
                score = self._expression(end)
                if not gated:
                    score = exp.Case().when(self._open(), score, copy=False)
                found.append(exp.alias_(score, end, quoted=True))
        for id in self.plan.rules:
            found.append(exp.alias_(self._outcome(id), id, quoted=True))
        return found

    def _open(self) -> exp.Expr:
        """The age gate did not end the screening."""
        return exp.not_(self._expression("gated"), copy=False)

    def _outcome(self, id: str) -> exp.Expr:
        met, may = self._expression(f"{id}_must"), self._expression(f"{id}_may")
        if id != self.plan.gate:
            met = exp.and_(self._open(), met, copy=False)
        not_met = exp.and_(self._open(), exp.not_(may, copy=False), copy=False)
        return (
            exp.Case()
            .when(met, exp.Literal.string("met"), copy=False)
            .when(not_met, exp.Literal.string("not_met"), copy=False)
            .else_(exp.Literal.string("unknown"), copy=False)
        )

    def _priority(self) -> exp.Expr:
        floor = self.protocol.floor
        found = exp.Case().when(self._expression("gated"), exp.Literal.string(PRIORITIES[0]))
        for priority in PRIORITIES[1 : PRIORITIES.index(floor)]:
            raised = [
                self._expression(f"{id}_{'may' if rule.if_unknown == 'escalate' else 'must'}")
                for id, rule in self.protocol.rules.items()
                if rule.priority == priority
            ]
            if raised:
                either = exp.or_(*raised, copy=False)
                found = found.when(either, exp.Literal.string(priority), copy=False)
        return found.else_(exp.Literal.string(floor), copy=False)


def _scaled(dose: Decimal, weeks: int, term: t.Adequate) -> int:
    return int((dose if term.what == "dose" else weeks) * 10**term.decimals)


def _same(name: str, other: str) -> exp.Expr:
    """Both tables have the same value there; the first is called t."""
    return exp.EQ(this=column(name, "t"), expression=column(name, other))


def _use(use: str) -> str:
    return f"counts_for_{use}"


def _label(label: str) -> str:
    return f"label_{label}"


def _type(one: LayoutColumn) -> str:
    if one.holds != "decimal":
        return _TYPES[one.holds]
    assert one.question.range is not None
    decimals = one.question.decimals
    return f"DECIMAL({len(str(one.question.range[1])) + decimals}, {decimals})"


def _definition(name: str, kind: str, *, required: bool = False) -> exp.ColumnDef:
    constraints = [exp.ColumnConstraint(kind=exp.NotNullColumnConstraint())] if required else []
    return exp.ColumnDef(
        this=exp.to_identifier(name, quoted=True),
        kind=exp.DataType.build(kind),
        constraints=constraints,
    )
