"""Prints the rules of a protocol, two-valued, in another language.

What `resolve.py` does is printed too: the answer to a question that is not asked counts as what
stands for it. A leaf about a question that is not asked and for which nothing stands is false.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Generic, TypeVar

from benchmarks.peers import data
from screener.engine import expressions as ex
from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Question

T = TypeVar("T")


class Printer(ABC, Generic[T]):
    """Prints numbers and conditions as `T`: a text, or a tree of JSON.

    `rules` are all rules that have a condition. `shared`, complete once `rules` was read, is what
    several of them use: scores, the rows they count, and with `share_rules` the rules that other
    rules name. Each is printed once, after those it needs, and used by its `reference`.
    """

    share_rules = False

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.options: dict[str, None] = {}
        self.numbers: dict[str, None] = {}
        self.shared: dict[str, T] = {}
        self._stage: dict[str, int] = {}
        self._used: set[str] = set()
        self._reduced = False

    @cached_property
    def rules(self) -> dict[str, T]:
        """Return every rule that has a condition, printed."""
        rules = self.protocol.rules.items()
        printed = {id: self.boolean(rule.when.expression) for id, rule in rules if rule.when}
        return {
            id: self.reference(f"rule_{id}") if f"rule_{id}" in self.shared else rule
            for id, rule in printed.items()
        }

    # --- what each language says in its own way ----------------------------------------------

    @abstractmethod
    def constant(self, value: float) -> T:
        """Print a number."""

    @abstractmethod
    def truth(self, value: bool) -> T:
        """Print true or false."""

    @abstractmethod
    def answer(self, name: str) -> T:
        """Print what the data holds under that name."""

    @abstractmethod
    def reference(self, name: str) -> T:
        """Print the name of something shared."""

    @abstractmethod
    def cell(self, name: str) -> T:
        """Print a cell of the current row."""

    @abstractmethod
    def plus(self, parts: Sequence[T]) -> T:
        """Print a sum."""

    @abstractmethod
    def extreme(self, highest: bool, parts: Sequence[T]) -> T:
        """Print the lowest or highest."""

    @abstractmethod
    def choose(self, condition: T, then: T, otherwise: T) -> T:
        """Print a choice between two values."""

    @abstractmethod
    def compare(self, sign: str, left: T, right: T) -> T:
        """Print a comparison: = != < <= > or >=."""

    @abstractmethod
    def one_of(self, chosen: T, options: tuple[str, ...]) -> T:
        """Print that the text is one of the options."""

    @abstractmethod
    def includes(self, ticked: T, options: tuple[str, ...]) -> T:
        """Print that the list has one of the options."""

    @abstractmethod
    def count_ticked(self, ticked: T, options: tuple[str, ...], others: tuple[str, ...]) -> T:
        """Print how many of the options the list has; `others` are all further ones it may have."""

    @abstractmethod
    def every(self, parts: Sequence[T]) -> T:
        """Print that all parts hold."""

    @abstractmethod
    def some(self, parts: Sequence[T]) -> T:
        """Print that one part or more holds."""

    @abstractmethod
    def negate(self, part: T) -> T:
        """Print that the part does not hold."""

    @abstractmethod
    def rows(self, table: str, condition: T) -> T:
        """Print the rows of a table that meet a condition on cells."""

    @abstractmethod
    def distinct(self, rows: T, label: str, groups: tuple[str, ...]) -> T:
        """Print how many distinct values the rows have in a cell, of all possible `groups`."""

    # --- what is the same in all languages ---------------------------------------------------

    def rule(self, id: str) -> T:
        """Print another rule: shared, or its condition again, since few rules name one."""
        condition = self.protocol.condition(id)
        if not self.share_rules:
            return self.boolean(condition)
        return self.share(f"rule_{id}", lambda: self.boolean(condition))

    def share(self, name: str, make: Callable[[], T]) -> T:
        """Print once what is used in several places."""
        if name not in self.shared:
            outer, self._used = self._used, set()
            self.shared[name] = make()
            self._stage[name] = 1 + max((self._stage[part] for part in self._used), default=0)
            self._used = outer
        self._used.add(name)
        return self.reference(name)

    def stages(self) -> list[list[str]]:
        """Return what is shared, in as few steps as possible: each needs earlier steps alone."""
        count = max(self._stage.values(), default=0)
        return [[id for id, at in self._stage.items() if at == n] for n in range(1, count + 1)]

    def number(self, node: ex.Number) -> T:
        """Print a number."""
        match node:
            case ex.Const(value):
                return self.constant(value)
            case ex.AnswerValue(id):
                return self.answered(id)
            case ex.ScoreOf(id):
                score = self.protocol.scores[id].value
                return self.share(f"score_{id}", lambda: self.number(score))
            case ex.Sum(parts):
                return self.plus([self.number(part) for part in parts])
            case ex.Lowest(parts) | ex.Highest(parts):
                highest = isinstance(node, ex.Highest)
                return self.extreme(highest, [self.number(part) for part in parts])
            case ex.CountOptions(id, options):
                every = self.protocol.questions[id].option_ids
                others = tuple(option for option in every if option not in options)
                return self.count_ticked(self.option(id), options, others)
            case ex.CountGroups(id, label):
                return self.groups(self.protocol.questions[id], label)
            case ex.CountRows(_, label, conditions):
                return self.count_rows(label, conditions)
            case ex.Column(id):
                return self.cell(id)
            case ex.MedicineNumber(what):
                if what not in ("weeks", "dose"):
                    return self.cell(f"{what}_dose")
                if what == "weeks":
                    return self.cell("adequate_weeks")
                return self.cell("reduced_dose" if self._reduced else "adequate_dose")

    def boolean(self, node: ex.Boolean, own: str | None = None) -> T:
        """Print a condition; `own` is the question that it belongs to, read as given."""
        match node:
            case ex.Comparison(sign, left, right):
                return self.compare(sign, self.number(left), self.number(right))
            case ex.Chosen(id, options):
                leaf = self.one_of(self.option(id), options)
                return leaf if id == own else self.resolved(id, leaf, options)
            case ex.Includes(id, options):
                return self.resolved(id, self.includes(self.option(id), options), options)
            case ex.ColumnChosen(column, options):
                return self.one_of(self.cell(column), options)
            case ex.RuleMet(id):
                return self.rule(id)
            case ex.RowMet(id):
                return self.boolean(self.protocol.row_conditions[id].condition.expression)
            case ex.AtLeastOf(count, parts):
                return self.at_least(count, [self.boolean(part, own) for part in parts])
            case ex.Negation(part):
                return self.negate(self.boolean(part, own))
            case ex.TakesNow(_, part):
                return self.boolean(part, own)
            case ex.EvenIfSwapped((upper, lower), part, swapped):
                # No peer can say "cannot tell" of two numbers that it has: not met is nearest.
                read = ex.Comparison(">", ex.AnswerValue(upper), ex.AnswerValue(lower))
                either = ex.any_of((read, swapped))
                return self.boolean(ex.all_of((part, either)), own)
        raise AssertionError(node)

    def at_least(self, count: int, parts: Sequence[T]) -> T:
        """Print that at least so many parts hold."""
        if count == len(parts):
            return self.every(parts)
        if count == 1:
            return self.some(parts)
        unit, none = self.constant(1), self.constant(0)
        held = self.plus([self.choose(part, unit, none) for part in parts])
        return self.compare(">=", held, self.constant(count))

    def option(self, id: str) -> T:
        """Print an answer that is a text or a list, as given."""
        self.options[id] = None
        return self.answer(id)

    def answered(self, id: str) -> T:
        """Print an answer that is a number, or its points, as it counts."""
        self.numbers[id] = None
        question = self.protocol.questions[id]
        given = self.answer(id if question.kind == "number" else data.points(id))
        condition = question.asked_when
        if condition is None:
            return given
        stands = question.when_not_asked
        assert isinstance(stands, (int, str)), f"nothing stands for {id}"
        value = question.points(stands) if isinstance(stands, str) else stands
        return self.choose(self.boolean(condition.expression), given, self.constant(value))

    def resolved(self, id: str, leaf: T, options: tuple[str, ...]) -> T:
        """Print a leaf about an answer as it counts."""
        question = self.protocol.questions[id]
        condition = question.asked_when
        if condition is None:
            return leaf
        condition_holds = self.boolean(condition.expression, own=id)
        if _stands_among(question.when_not_asked, options):
            return self.some([self.negate(condition_holds), leaf])
        return self.every([condition_holds, leaf])

    def groups(self, question: Question, label: str) -> T:
        """Print how many distinct groups of options are ticked."""
        members: dict[str, list[str]] = {}
        for option in question.options:
            if label in option.groups:
                members.setdefault(option.groups[label], []).append(option.id)
        unit, none, ticked = self.constant(1), self.constant(0), self.option(question.id)
        return self.plus(
            [self.choose(self.includes(ticked, tuple(m)), unit, none) for m in members.values()]
        )

    def count_rows(self, label: str, conditions: tuple[str, ...]) -> T:
        """Print how many medicines or classes have a row that meets any of the conditions."""
        (use,) = {self.protocol.row_conditions[id].use for id in conditions}
        counted = [
            medicine
            for medicine in self.protocol.medicines.values()
            if medicine.trial(use) is not None
        ]
        groups = tuple(dict.fromkeys(medicine.label(label) or "" for medicine in counted))
        assert "" not in groups, f"a medicine that counts for {use} has no {label}"
        rows = self.share("rows_" + "_or_".join(conditions), lambda: self.met(use, conditions))
        return self.distinct(rows, label if label == "ingredient" else f"label_{label}", groups)

    def met(self, use: str, conditions: tuple[str, ...]) -> T:
        """Print the rows of a use that meet any of the conditions.

        A lower dose is enough for some people: whether for this one is asked once, not per row.
        """
        usual = self._rows(use, conditions)
        lower = {
            r.when.expression for _, for_use, r in self.protocol.reduced_doses() if for_use == use
        }
        if not lower:
            return usual
        (when,) = lower
        self._reduced = True
        reduced = self._rows(use, conditions)
        self._reduced = False
        return self.choose(self.boolean(when), reduced, usual)

    def _rows(self, use: str, conditions: tuple[str, ...]) -> T:
        return self.rows(
            data.trials(use), self.at_least(1, [self.boolean(ex.RowMet(id)) for id in conditions])
        )


def _stands_among(stands: Answer | None, options: tuple[str, ...]) -> bool:
    chosen = stands if isinstance(stands, tuple) else (stands,)
    return any(option in options for option in chosen)
