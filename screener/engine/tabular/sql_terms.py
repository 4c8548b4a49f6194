"""Terms as SQL expressions, in sqlglot's dialect-free form, and in which order they are staged.

Terms that stand in several places become columns of common table expressions, each level over the
one before; all others are written where they stand. Every atom is made true or false at once
(COALESCE), so that no rule of SQL about nulls decides anything.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from hashlib import sha256

from sqlglot import exp

from screener.engine.protocol import Protocol
from screener.engine.tabular.layout import MEDICINE, SUBMITTED, option_column
from screener.engine.terms import terms as t

Level = list[exp.Expr]
# PostgreSQL cuts names after 63 characters; some are put together with others.
_LONGEST = 40


def checked(protocol: Protocol, roots: Mapping[str, t.Term]) -> dict[str, t.Term]:
    """Return the same terms, with "was it answered" asked of columns that are there.

    An answer that is no option of its question counts as none: nothing has checked the table.
    """
    done: dict[t.Term, t.Term] = {}

    def leaf(term: t.Term) -> t.Term:
        match term:
            case t.IsAnswered(path) if path in protocol.questions:
                question = protocol.questions[path]
                if question.kind == "choices":
                    return t.make(t.Ticked, path, question.option_ids)
                return t.among(path, question.option_ids) if question.kind == "choice" else term
        return term

    return {name: t.rebuilt(term, leaf, done) for name, term in roots.items()}


class SqlPrinter:
    """Prints terms; `names` are the columns of those that have one."""

    def __init__(self, protocol: Protocol, taken: Iterable[str]) -> None:
        self.protocol = protocol
        self.names: dict[t.Term, str] = {}
        self._taken = set(taken)

    def name(self, term: t.Term, wish: str) -> None:
        """Give a term its column; the first name it gets stays."""
        if term in self.names:
            return
        while wish in self._taken:
            wish += "_"
        self._taken.add(wish)
        self.names[term] = wish

    def stages(self, roots: Mapping[str, t.Term]) -> list[Level]:
        """A column for each root, and for each term that stands in several places, in levels.

        Roots are called by their names. Constants get no column, nor does what has one already.
        """
        wishes = {term: wish for wish, term in reversed(list(roots.items()))}
        walked = t.walk(*roots.values(), without=self.names, parts=_parts)
        order = [term for term in walked if not _is_short(term, is_root=term in wishes)]
        above = Counter(part for term in order for part in {*t.below(term)})
        depth: dict[t.Term, int] = {}
        made: list[Level] = []
        for place, term in enumerate(order, 1):
            depth[term] = max((depth.get(part, 0) for part in t.below(term)), default=0)
            if term not in wishes and above[term] < 2:
                continue
            if depth[term] == len(made):
                made.append([])
            printed = self._written(term)
            self.name(term, wishes.get(term) or self._wish(term) or f"part_{place}")
            made[depth[term]].append(exp.alias_(printed, self.names[term], quoted=True))
            depth[term] += 1
        return made

    def _wish(self, term: t.Term) -> str:
        """What a shared term is called where there is a word for it."""
        if not isinstance(term, t.Ticked):
            return ""
        every = {*self.protocol.questions[term.path].option_ids}
        return f"{term.path}__answered" if {*term.options} == every else ""

    def expression(self, term: t.Term) -> exp.Expr:
        """A term where it is used: its column, or written out."""
        if term in self.names:
            return column(self.names[term])
        return self._written(term)

    def count(self, place: int, count: t.Distinct) -> exp.Expr:
        """Return how many labels have a row that counts; no label is an empty text."""
        label = column(label_column(count.label))
        uses = []
        for use, condition in count.by_use:
            met = self.expression(condition)
            uses.append(exp.and_(column(f"counts_for_{use}"), met, copy=False))
        counts = exp.or_(*uses, copy=False)
        has_label = exp.NEQ(this=label.copy(), expression=exp.Literal.string(""))
        counted = exp.Case().when(exp.and_(has_label, counts, copy=False), label, copy=False)
        self.name(count, f"{short(count.label)}_count_{place}")
        distinct = exp.Count(this=exp.Distinct(expressions=[counted]))
        return exp.alias_(distinct, self.names[count], quoted=True)

    def _written(self, term: t.Term) -> exp.Expr:
        parts = [self.expression(part) for part in t.below(term)]
        match term:
            case t.And():
                return exp.and_(*parts, copy=False)
            case t.Or():
                return exp.or_(*parts, copy=False)
            case t.Not():
                return exp.not_(parts[0], copy=False)
            case t.Compare(sign):
                kind = exp.LTE if sign == "<=" else exp.EQ
                return kind(this=_wrapped(parts[0]), expression=_wrapped(parts[1]))
            case t.Plus():
                return _sum(parts)
            case t.Extreme(highest):
                pick = exp.Greatest if highest else exp.Least
                return pick(this=parts[0], expressions=parts[1:])
            case t.Choose():
                return exp.Case().when(parts[0], parts[1], copy=False).else_(parts[2], copy=False)
        return self._atom(term)

    def _atom(self, term: t.Term) -> exp.Expr:
        match term:
            case t.Truth(value):
                return exp.Boolean(this=value)
            case t.Whole(value):
                return number(value)
            case t.Submitted():
                return sure(column(SUBMITTED))
            case t.IsAnswered(path) if path == self.protocol.table.id:
                return sure(column(path))
            case t.IsAnswered(path):
                return exp.not_(exp.Is(this=column(path), expression=exp.Null()), copy=False)
            case t.Among(path, options):
                texts = [exp.Literal.string(option) for option in options]
                return sure(exp.In(this=column(path.removeprefix(".")), expressions=texts))
            case t.Ticked(path, options):
                return exp.or_(*(_tick(path, option) for option in options), copy=False)
            case t.OfMedicine(medicine):
                return exp.EQ(this=column(MEDICINE), expression=exp.Literal.string(medicine))
            case t.Points(path, points, default):
                cases = exp.case(column(path.removeprefix(".")))
                for option, value in points:
                    cases = cases.when(exp.Literal.string(option), number(value), copy=False)
                return cases.else_(number(default), copy=False)
            case t.Amount(path, decimals, default=default):
                given: exp.Expr = column(path.removeprefix("."))
                if decimals:
                    # Whole numbers of the smallest unit: no two fractions are ever compared.
                    scaled = exp.Mul(this=given, expression=number(10**decimals))
                    given = exp.cast(exp.func("ROUND", scaled), "INT")
                return exp.Coalesce(this=given, expressions=[number(default)])
            case t.Ticks(path, options):
                return _sum(_one_if(_tick(path, option)) for option in options)
        raise AssertionError(f"{term} has its column")


def _parts(term: t.Term) -> Sequence[t.Term]:
    """The terms that are printed inside a term: a count of rows is a column."""
    return () if isinstance(term, t.Distinct) else t.below(term)


def _is_short(term: t.Term, *, is_root: bool) -> bool:
    """Whether a term is written out wherever it stands: an atom, but for a list of many options."""
    if is_root or t.below(term):
        return isinstance(term, t.Truth | t.Whole)
    return not isinstance(term, t.Ticked) or len(term.options) <= 3


def label_column(label: str) -> str:
    """Return the column of the table of medicines that says what they are counted by."""
    return f"label_{short(label)}"


def short(name: str) -> str:
    """Return a name that every database takes whole: a long one ends in a part of its hash."""
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


def column(name: str, table: str | None = None) -> exp.Column:
    """A column, always in quotation marks: no id is a word of SQL then."""
    return exp.column(name, table=table, quoted=True)


def number(value: int) -> exp.Expr:
    """A whole number."""
    return exp.convert(value)


def sure(condition: exp.Expr) -> exp.Expr:
    """A condition that is false where SQL does not know."""
    return exp.Coalesce(this=condition, expressions=[exp.false()])


def _tick(path: str, option: str) -> exp.Expr:
    return sure(column(option_column(path, option)))


def _one_if(condition: exp.Expr) -> exp.Expr:
    return exp.Case().when(condition, number(1), copy=False).else_(number(0), copy=False)


def _sum(parts: Iterable[exp.Expr]) -> exp.Expr:
    return reduce(lambda left, right: exp.Add(this=left, expression=right), parts)


def _wrapped(part: exp.Expr) -> exp.Expr:
    return exp.Paren(this=part) if isinstance(part, exp.Add) else part
