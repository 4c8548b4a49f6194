"""Lowering: expressions of a protocol -> two-valued terms over answers and blanks (`terms.py`).

This is what a rule means. Each number becomes a pair (low, high) of terms: the least and the most
it can be where answers are unknown. Each condition becomes a pair (must, may): whether it holds for
all, and for any, of the unknown answers. The pair is sound: what it calls decided is decided. It is
not always exact, because two parts that share an unknown answer are taken as independent.

Which answers count is settled in here too, so that no reader of terms has to:

- An answer whose question is not asked does not count; the question then stands for what its
  `when_not_asked` says (a number of drinks is 0 for whoever never drinks), or stays unknown.
- An answer such as "not sure" (`counts_as: unanswered`) is unknown, never no.
- A question left blank although it was asked stands for its `when_missing`, where that is given.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar, assert_never, cast

from screener.engine import expressions as ex
from screener.engine.medicines import Medicine, Reduced
from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Question
from screener.engine.terms import terms as t
from screener.engine.terms.medicines import grouped, meets, scaled

Pair = tuple[t.Bool, t.Bool]
Span = tuple[t.Int, t.Int]
B = TypeVar("B", t.Bool, t.Int)
M = TypeVar("M", bound=Callable[..., Any])

_UNDECIDED: Pair = t.truth(False), t.truth(True)


def _once(method: M) -> M:
    """Keep with its lowering what a method returns for the same arguments."""

    @wraps(method)
    def kept(self: "Lowering", *args: Any, **named: Any) -> Any:
        key = (method, *args, *named.items())
        if key not in self.kept:
            self.kept[key] = method(self, *args, **named)
        return self.kept[key]

    return cast(M, kept)


class Lowering:
    """Turns expressions of one protocol into terms.

    `set_aside` names questions whose blank is unknown and stands for no answer, whatever their
    `when_missing` says: an explanation sets an answer aside that was given.
    """

    def __init__(self, protocol: Protocol, set_aside: frozenset[str] = frozenset()) -> None:
        self.protocol = protocol
        self.set_aside = set_aside
        self.kept: dict[tuple[Any, ...], Any] = {}

    # --- which answers count -----------------------------------------------------------------

    @_once
    def asked(self, question: str) -> Pair:
        """Return whether a question must, and may, be asked.

        A condition may name its own question: a standing yes to the last safety question is not
        dropped because an earlier answer was changed.
        """
        when = self.protocol.questions[question].asked_when
        if when is None:
            return t.truth(True), t.truth(True)
        return self.boolean(when.expression, own=question)

    def resolved(self, question: str, raw: B, stands: Callable[[Answer | None], B]) -> B:
        """Return a term on the answer as it counts: given, or what stands where none was given.

        `raw` reads the answer given; `stands` is the term where the answer is the one named
        there, or unknown (None).
        """
        must, may = self.asked(question)
        item = self.protocol.questions[question]
        if_asked = raw
        if item.when_missing is not None and question not in self.set_aside:
            blank = t.all_of(must, t.negate(t.make(t.IsAnswered, question)))
            if_asked = t.choose(blank, stands(item.when_missing), raw)
        return t.choose(may, if_asked, stands(item.when_not_asked))

    def both(
        self, question: str, raw: tuple[B, B], unknown: tuple[B, B], stands: Callable[[Answer], B]
    ) -> tuple[B, B]:
        """Return both ends of what is read from an answer as it counts; `unknown` where none does.

        `stands` is the term where the answer is the one named there.
        """

        def end(place: int) -> B:
            return self.resolved(
                question, raw[place], lambda a: unknown[place] if a is None else stands(a)
            )

        return end(0), end(1)

    @_once
    def known(self, question: str) -> t.Bool:
        """Whether there is an answer that counts, given or standing for it."""
        raw = _counted(self.protocol.questions[question], question)
        return self.resolved(question, raw, lambda answer: t.truth(answer is not None))

    def missing(self, question: str) -> t.Bool:
        """Whether a question that may be asked has no answer that counts."""
        return t.all_of(self.asked(question)[1], t.negate(self.known(question)))

    def reached(self, question: str) -> t.Bool:
        """Whether the person came past a question: an answer on its page or later, or sent."""
        places = self.protocol.page_of
        if question not in places:
            return t.make(t.Submitted)
        later = [id for id, place in places.items() if place >= places[question]]
        return t.any_of(t.make(t.Submitted), *(t.make(t.IsAnswered, id) for id in later))

    # --- numbers -----------------------------------------------------------------------------

    @_once
    def score(self, id: str) -> Span:
        """Return the lowest and the highest value of a score."""
        return self.number(self.protocol.scores[id].value)

    @_once
    def number(self, node: ex.Number, use: str | None = None, decimals: int = 0) -> Span:
        """Return the ends of a number, in units of 10 to the minus `decimals`.

        `use` (mood, pain) where it stands in a condition on rows.
        """
        scale = 10**decimals
        match node:
            case ex.Const(value):
                return t.whole(value * scale), t.whole(value * scale)
            case ex.AnswerValue(id):
                return self.answered(self.protocol.questions[id], decimals)
            case ex.ScoreOf(id):
                assert decimals == 0, "scores are whole numbers"
                return self.score(id)
            case ex.Sum(parts):
                lows, highs = self.spans(parts, use, decimals)
                return t.plus(*lows), t.plus(*highs)
            case ex.Lowest(parts) | ex.Highest(parts):
                highest = isinstance(node, ex.Highest)
                lows, highs = self.spans(parts, use, decimals)
                return t.extreme(lows, highest=highest), t.extreme(highs, highest=highest)
            case ex.CountOptions(id, options):
                return self.counted(id, t.make(t.Ticks, id, options), options)
            case ex.CountGroups(id, label):
                return self.groups(id, label)
            case ex.CountRows(table, label, conditions):
                return self.rows(table, label, conditions)
            case ex.Column(id):
                low, high = _amounts(self.protocol.table.column(id), f".{id}", decimals)
                if use == "any":
                    # A dose that is not asked of a row is not said to be above any limit.
                    high = t.choose(self.column_asked(id), high, low)
                return low, high
            case ex.MedicineNumber(what):
                assert use is not None
                return self.medicine_number(use, what, decimals)
        assert_never(node)

    def spans(
        self, parts: tuple[ex.Number, ...], use: str | None, decimals: int
    ) -> tuple[list[t.Int], list[t.Int]]:
        both = [self.number(part, use, decimals) for part in parts]
        return [low for low, _ in both], [high for _, high in both]

    def answered(self, question: Question, decimals: int) -> Span:
        scale = 10**decimals
        low, high = question.reach

        def stands(answer: Answer) -> t.Int:
            points = question.points(answer) if isinstance(answer, str) else answer
            assert isinstance(points, int | Decimal)
            return t.whole(int(points * scale))

        unknown = t.whole(low * scale), t.whole(high * scale)
        return self.both(question.id, _amounts(question, question.id, decimals), unknown, stands)

    def counted(
        self, id: str, ticks: t.Int, options: Iterable[str], count: Callable[[set[str]], int] = len
    ) -> Span:
        """Return a number of ticks: `count` of the options ticked, all of them at most."""
        all_options = set(options)
        most = t.whole(count(all_options))

        def stands(answer: Answer) -> t.Int:
            assert isinstance(answer, tuple)
            return t.whole(count(all_options & set(answer)))

        answered = _counted(self.protocol.questions[id], id)
        raw = ticks, t.choose(answered, ticks, most)
        return self.both(id, raw, (t.whole(0), most), stands)

    def groups(self, id: str, label: str) -> Span:
        options = [o for o in self.protocol.questions[id].options if label in o.groups]
        members: dict[str, list[str]] = {}
        for option in options:
            members.setdefault(option.groups[label], []).append(option.id)
        ticks = t.count_of(t.make(t.Ticked, id, tuple(ids)) for ids in members.values())
        group_of = {option.id: option.groups[label] for option in options}
        return self.counted(id, ticks, group_of, lambda ids: len({group_of[o] for o in ids}))

    # --- rows of the treatment table ---------------------------------------------------------

    def rows(self, table: str, label: str, conditions: tuple[str, ...]) -> Span:
        by_use: dict[str, list[Pair]] = {}
        for id in conditions:
            row = self.protocol.row_conditions[id]
            by_use.setdefault(row.use, []).append(self.row_condition(id))
        must = tuple((use, t.any_of(*(must for must, _ in rows))) for use, rows in by_use.items())
        may = tuple((use, t.any_of(*(may for _, may in rows))) for use, rows in by_use.items())
        # Nobody said which medicines were taken: any row may be there, with anything in it.
        anything = t.count_of(
            t.any_of(*(meets(may, self.protocol, medicine, blank=True) for medicine in group))
            for group in grouped(self.protocol, label).values()
        )
        answered = self.known(table)
        return (
            t.choose(answered, t.make(t.Distinct, table, label, must), t.whole(0)),
            t.choose(answered, t.make(t.Distinct, table, label, may), anything),
        )

    def row_condition(self, id: str) -> Pair:
        """Return a condition on any row, as terms on its cells and its medicine."""
        row = self.protocol.row_conditions[id]
        return self.boolean(row.condition.expression, row.use)

    def medicine_number(self, use: str, what: str, decimals: int) -> Span:
        low: t.Int = t.make(t.MedicineAmount, use, what, decimals)
        high = low
        reduced_doses: list[tuple[Medicine, Reduced]] = []
        if what == "dose":
            every = self.protocol.reduced_doses()
            reduced_doses = [(m, reduced) for m, for_use, reduced in every if for_use == use]
        elif what == "label":
            reduced_doses = [*self.protocol.reduced_label_doses()]
        for medicine, reduced in reduced_doses:
            must, may = self.boolean(reduced.when.expression)
            this = t.make(t.OfMedicine, medicine.id)
            less = t.whole(scaled(reduced.dose_mg, decimals))
            low = t.choose(t.all_of(this, may), less, low)
            high = t.choose(t.all_of(this, must), less, high)
        return low, high

    # --- conditions --------------------------------------------------------------------------

    @_once
    def rule(self, id: str) -> Pair:
        """Return whether the condition of a rule must, and may, hold."""
        return self.boolean(self.protocol.condition(id))

    @_once
    def boolean(self, node: ex.Boolean, use: str | None = None, *, own: str | None = None) -> Pair:
        """Return whether a condition must, and may, hold.

        `use` where it stands in a condition on rows; `own` is the question whose condition it is.
        """
        match node:
            case ex.Comparison(sign, left, right):
                decimals = max(self.decimals(left), self.decimals(right))
                return _compare(
                    sign, self.number(left, use, decimals), self.number(right, use, decimals)
                )
            case ex.Chosen(id, options):
                if id == own:
                    # While it is blank it has no standing answer: no option, not an unknown one.
                    raw = t.among(id, options)
                    return raw, raw
                return self.chosen(id, options)
            case ex.ColumnChosen(id, options):
                return self.column_chosen(self.protocol.table.column(id), options, use)
            case ex.Includes(id, options):
                return self.includes(id, options)
            case ex.RuleMet(id):
                return self.rule(id)
            case ex.RowMet(id):
                return self.boolean(self.protocol.row_conditions[id].condition.expression, use)
            case ex.TakesNow(_, part):
                return self.boolean(part, use, own=own)
            case ex.EvenIfSwapped():
                return self.even_if_swapped(node, use, own)
            case ex.AtLeastOf(count, parts):
                pairs = [self.boolean(part, use, own=own) for part in parts]
                return (
                    t.at_least(count, (must for must, _ in pairs)),
                    t.at_least(count, (may for _, may in pairs)),
                )
            case ex.Negation(part):
                must, may = self.boolean(part, use, own=own)
                return t.negate(may), t.negate(must)
        assert_never(node)

    def even_if_swapped(self, node: ex.EvenIfSwapped, use: str | None, own: str | None) -> Pair:
        """Return whether a part must, and may, hold where two numbers may have been swapped."""
        upper, lower = map(ex.AnswerValue, node.questions)
        doubtful, _ = self.boolean(ex.Comparison("<=", upper, lower))
        must, may = self.boolean(node.part, use, own=own)
        swapped_must, swapped_may = self.boolean(node.swapped, use, own=own)
        return (
            t.all_of(must, t.any_of(t.negate(doubtful), swapped_must)),
            t.any_of(may, t.all_of(doubtful, swapped_may)),
        )

    def column_chosen(self, column: Question, options: tuple[str, ...], use: str | None) -> Pair:
        """Return whether a cell's option must, and may, be among these.

        Where the column is not asked of the medicine, a blank stands for the use.
        """
        path = f".{column.id}"
        must, may = _chosen(column, path, options)
        if not column.asked_of:
            return must, may
        counts = t.any_of(self.is_marked(column.asked_of), _cell_counts(column, path))
        stands = t.truth(any(use in column.option(id).uses for id in options))
        return t.choose(counts, must, stands), t.choose(counts, may, stands)

    def is_marked(self, mark: str) -> t.Bool:
        """Whether the medicine of the row has a mark."""
        medicines = self.protocol.medicines.values()
        return t.any_of(*(t.make(t.OfMedicine, m.id) for m in medicines if mark in m.marks))

    @_once
    def column_asked(self, id: str) -> t.Bool:
        """Whether a column may be asked, as a condition on any row and its medicine."""
        column = self.protocol.table.column(id)
        parts = [t.truth(True)]
        if column.asked_of:
            parts.append(self.is_marked(column.asked_of))
        if column.uses:
            parts.append(t.any_of(*map(self.may_be_taken_for, column.uses)))
        if column.asked_when is not None:
            parts.append(self.boolean(column.asked_when.expression, "any")[1])
        return t.all_of(*parts)

    def may_be_taken_for(self, use: str) -> t.Bool:
        """Whether the medicine of the row counts for a use and may have been taken for it."""
        counts = (m for m in self.protocol.medicines.values() if m.counts_for(use))
        parts = [t.any_of(*(t.make(t.OfMedicine, medicine.id) for medicine in counts))]
        for column in self.protocol.table.columns:
            if options := tuple(o.id for o in column.options if use in o.uses):
                parts.append(self.column_chosen(column, options, use)[1])
        return t.all_of(*parts)

    def chosen(self, id: str, options: tuple[str, ...]) -> Pair:
        raw = _chosen(self.protocol.questions[id], id, options)
        return self.both(id, raw, _UNDECIDED, lambda answer: t.truth(answer in options))

    def includes(self, id: str, options: tuple[str, ...]) -> Pair:
        ticked = t.make(t.Ticked, id, options)
        unanswered = t.negate(_counted(self.protocol.questions[id], id))

        def stands(answer: Answer) -> t.Bool:
            assert isinstance(answer, tuple)
            return t.truth(not set(options).isdisjoint(answer))

        return self.both(id, (ticked, t.any_of(ticked, unanswered)), _UNDECIDED, stands)

    @_once
    def decimals(self, node: ex.Expression) -> int:
        """Return how many decimals a number has."""
        match node:
            case ex.AnswerValue(id):
                return self.protocol.questions[id].decimals
            case ex.Column(id):
                return self.protocol.table.column(id).decimals
            case ex.MedicineNumber(what) if what != "weeks":
                return max(map(_decimals, self.doses(what)), default=0)
        return max((self.decimals(part) for part in ex.children(node)), default=0)

    def doses(self, what: str) -> Iterator[Decimal]:
        """Yield every dose that a number of a medicine can be."""
        for medicine in self.protocol.medicines.values():
            match what:
                case "unlikely":
                    limits: tuple[Any, ...] = (medicine.unlikely_dose,)
                case "label":
                    label = medicine.highest_on_label
                    limits = () if label is None else (label.dose_mg, label.reduced)
                case _:
                    trials = [trial for trial in (medicine.mood, medicine.pain) if trial]
                    limits = *(trial.dose_mg for trial in trials), *(x.reduced for x in trials)
            for limit in limits:
                if limit is not None:
                    yield limit.dose_mg if isinstance(limit, Reduced) else limit


def lowering_of(protocol: Protocol, set_aside: frozenset[str] = frozenset()) -> Lowering:
    """Return the lowering of a protocol; it is made once and kept with the protocol."""
    name = "lowering", *sorted(set_aside)
    return protocol.once(name, lambda: Lowering(protocol, set_aside))


class AsGiven(Lowering):
    """The same for claims about what a person answered, before anything stands for it.

    A question that is not asked, or that was left blank, has no answer here; scores and rules are
    those of the protocol.
    """

    def __init__(self, lowering: Lowering) -> None:
        super().__init__(lowering.protocol)
        self.lowering = lowering

    def resolved(self, question: str, raw: B, stands: Callable[[Answer | None], B]) -> B:
        """Return the answer given, as it is."""
        return raw

    def score(self, id: str) -> Span:
        """Return the lowest and the highest value of a score of the protocol."""
        return self.lowering.score(id)

    def rule(self, id: str) -> Pair:
        """Return whether the condition of a rule of the protocol must, and may, hold."""
        return self.lowering.rule(id)


def _counted(question: Question, path: str) -> t.Bool:
    """Whether an answer was given that counts: not a blank, and not "not sure"."""
    counted = tuple(option.id for option in question.options if option.counts_as is None)
    if len(counted) == len(question.options):
        return t.make(t.IsAnswered, path)
    if question.kind == "choices":
        return t.make(t.Ticked, path, counted)
    return t.among(path, counted)


def _cell_counts(column: Question, path: str) -> t.Bool:
    """Whether a cell of a choice holds an option that counts."""
    return t.among(path, (option.id for option in column.options if option.counts_as is None))


def _chosen(question: Question, path: str, options: tuple[str, ...]) -> Pair:
    """Whether the answer given must, and may, be among the options: no other one that counts."""
    others = [o.id for o in question.options if o.counts_as is None and o.id not in options]
    return t.among(path, options), t.negate(t.among(path, others))


def _amounts(question: Question, path: str, decimals: int) -> Span:
    """The number given, or the points of the option chosen; the ends of its reach for a blank."""
    scale = 10**decimals
    low, high = (end * scale for end in question.reach)
    if question.kind == "number":
        ends = (low, high)
        low_term = t.make(t.Amount, path, decimals, ends, low)
        return low_term, t.make(t.Amount, path, decimals, ends, high)
    points = tuple(
        (option.id, question.points(option.id) * scale)
        for option in question.options
        if option.counts_as is None
    )
    return t.make(t.Points, path, points, low), t.make(t.Points, path, points, high)


def _compare(sign: str, left: Span, right: Span) -> Pair:
    (a, b), (c, d) = left, right
    match sign:
        case "=":
            must = t.all_of(t.equal(a, b), t.equal(c, d), t.equal(a, c))
            return must, t.all_of(t.at_most(a, d), t.at_most(c, b))
        case "!=":
            must, may = _compare("=", left, right)
            return t.negate(may), t.negate(must)
        case "<=":
            return t.at_most(b, c), t.at_most(a, d)
        case "<":
            return t.negate(t.at_most(c, b)), t.negate(t.at_most(d, a))
    return _compare("<" if sign == ">" else "<=", right, left)


def _decimals(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)
