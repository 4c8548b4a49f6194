"""The typed form of a rule: expressions, and the conditions that are made of them.

The parser makes expressions from text, and `terms/lowering.py` says what they mean. Inside the
condition of one row of the treatment table, columns are read from that row.

Fields have one name for one thing: `question` and `table` hold the id of a question, `score`,
`rule` and `column` ids of these, `condition` and `conditions` ids of conditions on rows. `children`
and `names_in` read them by these names, so that a new kind of expression needs no walk of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

# Each comparison sign: the same comparison read from the right, and its opposite.
TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Expression:
    """A number or a condition of the rule language."""


# --- numbers ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Const(Expression):
    """A whole number as written."""

    value: int


@dataclass(frozen=True)
class AnswerValue(Expression):
    """The number given as an answer, or the points of the option chosen."""

    question: str


@dataclass(frozen=True)
class ScoreOf(Expression):
    """Another score."""

    score: str


@dataclass(frozen=True)
class Sum(Expression):
    """The sum of its parts."""

    parts: tuple["Number", ...]


@dataclass(frozen=True)
class Lowest(Expression):
    """The lowest of its parts."""

    parts: tuple["Number", ...]


@dataclass(frozen=True)
class Highest(Expression):
    """The highest of its parts."""

    parts: tuple["Number", ...]


@dataclass(frozen=True)
class CountOptions(Expression):
    """How many of `options` are ticked; each counts once, `none` counts nothing."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class CountGroups(Expression):
    """How many distinct values of an option's `groups[label]` are among the ticked options."""

    question: str
    label: str


@dataclass(frozen=True)
class CountRows(Expression):
    """How many distinct values of the medicine's `label` have a row that meets any condition."""

    table: str
    label: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Column(Expression):
    """A number of the row at hand."""

    column: str


@dataclass(frozen=True)
class MedicineNumber(Expression):
    """A number of the row's medicine: its doses are amounts a day in its unit.

    `what` is what an adequate trial needs (`dose`, `weeks`), the dose above which one is unlikely
    (`unlikely`), or the highest on its label (`label`).
    """

    what: str


Number = (
    Const
    | AnswerValue
    | ScoreOf
    | Sum
    | Lowest
    | Highest
    | CountOptions
    | CountGroups
    | CountRows
    | Column
    | MedicineNumber
)

# Functions of several numbers, by their names in the rule language.
FUNCTIONS: dict[str, Callable[[tuple["Number", ...]], "Number"]] = {
    "sum": Sum,
    "lowest": Lowest,
    "highest": Highest,
}


# --- booleans --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison(Expression):
    """`left operator right`, with the operator one of = != < <= > >=."""

    operator: str
    left: Number
    right: Number


@dataclass(frozen=True)
class Chosen(Expression):
    """The one option chosen is among `options`."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Includes(Expression):
    """At least one of `options` is ticked."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class ColumnChosen(Expression):
    """The option chosen in a column of the row at hand is among `options`."""

    column: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class RuleMet(Expression):
    """Another rule of the protocol is met."""

    rule: str


@dataclass(frozen=True)
class RowMet(Expression):
    """The row at hand meets another condition on rows."""

    condition: str


@dataclass(frozen=True)
class TakesNow(Expression):
    """The person takes one of these kinds of medicine now: options of the question `ticked`.

    `part` says how that is known: an option is ticked, or a row is of such a medicine.
    """

    ticked: str
    part: "Boolean"
    options: tuple[str, ...]


@dataclass(frozen=True)
class EvenIfSwapped(Expression):
    """The part holds, also if the two numbers of a reading were swapped: `swapped` is it then.

    Where the first of the `questions` is above the second, it is the part alone.
    """

    questions: tuple[str, str]
    part: "Boolean"
    swapped: "Boolean"


@dataclass(frozen=True)
class AtLeastOf(Expression):
    """At least `count` of the parts hold. All and any are the two ends of it."""

    count: int
    parts: tuple["Boolean", ...]


@dataclass(frozen=True)
class Negation(Expression):
    """The part does not hold."""

    part: "Boolean"


Boolean = (
    Comparison
    | Chosen
    | Includes
    | ColumnChosen
    | RuleMet
    | RowMet
    | TakesNow
    | EvenIfSwapped
    | AtLeastOf
    | Negation
)


def all_of(parts: tuple[Boolean, ...]) -> Boolean:
    """Return the condition that every part holds."""
    return parts[0] if len(parts) == 1 else AtLeastOf(len(parts), parts)


def any_of(parts: tuple[Boolean, ...]) -> Boolean:
    """Return the condition that one part or more holds."""
    return parts[0] if len(parts) == 1 else AtLeastOf(1, parts)


def none_of(parts: tuple[Boolean, ...]) -> Boolean:
    """Return the condition that no part holds."""
    return Negation(any_of(parts))


# --- conditions as they are written ----------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Support:
    """What a clause rests on: the reason in words, ids of sources and of the clinic's choices."""

    because: str = ""
    references: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


NO_SUPPORT = Support()


@dataclass(frozen=True)
class Condition(Support):
    """One part of a condition: `kind` is all, any, none, at_least, even_if_swapped or leaf.

    A leaf has `text` and no parts.
    """

    kind: str
    expression: Boolean
    text: str = ""
    count: int = 0
    parts: tuple["Condition", ...] = ()

    def support(self, around: Support = NO_SUPPORT) -> Support:
        """Return what this part rests on: its own, else that of the part around it."""
        cited = self if self.references or self.choices else around
        return Support(
            because=self.because or around.because,
            references=cited.references,
            choices=cited.choices,
        )

    def walk(self) -> Iterator["Condition"]:
        """Yield this part and all parts below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


# --- reading them ----------------------------------------------------------------------------


def children(node: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly below one. Names in it are not followed."""
    values = (value if isinstance(value, tuple) else (value,) for value in vars(node).values())
    return tuple(part for parts in values for part in parts if isinstance(part, Expression))


def walk(*roots: Expression) -> Iterator[Expression]:
    """Yield every expression at and below the roots, from the top down."""
    for node in roots:
        yield node
        yield from walk(*children(node))


@dataclass
class UsedNames:
    """The ids that expressions use, by what they are ids of."""

    questions: set[str] = field(default_factory=set)
    scores: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    row_conditions: set[str] = field(default_factory=set)


_NAMED = {
    "question": "questions",
    "questions": "questions",
    "table": "questions",
    "score": "scores",
    "rule": "rules",
    "column": "columns",
    "condition": "row_conditions",
    "conditions": "row_conditions",
}


def names_in(*roots: Expression) -> UsedNames:
    """Return every id at and below the roots. Scores and rules are not followed into their own."""
    names = UsedNames()
    for node in walk(*roots):
        for key, value in vars(node).items():
            if key in _NAMED:
                ids = (value,) if isinstance(value, str) else value
                getattr(names, _NAMED[key]).update(ids)
    return names


def exchanged(node: Boolean, first: str, second: str) -> Boolean:
    """Return a condition with two questions read in each other's place."""
    other = {first: second, second: first}

    def changed(key: str, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(changed(key, part) for part in value)
        if isinstance(value, Expression):
            return exchanged(value, first, second)  # type: ignore[arg-type]
        return other.get(value, value) if _NAMED.get(key) == "questions" else value

    return replace(node, **{key: changed(key, value) for key, value in vars(node).items()})


def question_of(node: Expression) -> str | None:
    """Return the question that an expression reads itself, not its parts."""
    question: str | None = getattr(node, "question", None) or getattr(node, "table", None)
    return question


def is_about_rows(node: Expression) -> bool:
    """Whether an expression counts rows of the treatment table, or stands in a condition on one."""
    kinds = (CountRows, Column, ColumnChosen, MedicineNumber, RowMet)
    return any(isinstance(part, kinds) for part in walk(node))
