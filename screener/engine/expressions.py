"""The typed form of a rule: what the language is lowered to, and what every reader reads.

Numbers become (low, high), booleans (must, may): see `bounds.py`. A question is named by its id.
Inside the condition of one row of a table, columns are read from that row.
"""

from dataclasses import dataclass

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


# --- numbers ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Const:
    """A whole number as written."""

    value: int


@dataclass(frozen=True)
class AnswerValue:
    """The number given as an answer, or the points of the option chosen."""

    question: str


@dataclass(frozen=True)
class ScoreOf:
    """Another score."""

    score: str


@dataclass(frozen=True)
class Sum:
    """The sum of its parts."""

    parts: tuple["Number", ...]


@dataclass(frozen=True)
class Lowest:
    """The lowest of its parts."""

    parts: tuple["Number", ...]


@dataclass(frozen=True)
class Highest:
    """The highest of its parts."""

    parts: tuple["Number", ...]


@dataclass(frozen=True)
class CountOptions:
    """How many of `options` are ticked; each counts once, `none` counts nothing."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class CountGroups:
    """How many distinct values of an option's `groups[label]` are among the ticked options."""

    question: str
    label: str


@dataclass(frozen=True)
class CountRows:
    """How many distinct values of the medicine's `label` have a row that meets any condition."""

    table: str
    label: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A number of the row at hand."""

    column: str


@dataclass(frozen=True)
class AdequateTrial:
    """What an adequate trial of the row's medicine needs: `dose` (mg a day) or `weeks`."""

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
    | AdequateTrial
)


# --- booleans --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """`left operator right`, operator one of COMPARISONS."""

    operator: str
    left: Number
    right: Number


@dataclass(frozen=True)
class Chosen:
    """The one option chosen is among `options`."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Includes:
    """At least one of `options` is ticked."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class ColumnChosen:
    """The option chosen in a column of the row at hand is among `options`."""

    column: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class RuleMet:
    """Another rule of the protocol is met."""

    rule: str


@dataclass(frozen=True)
class RowMet:
    """The row at hand meets another condition on rows."""

    condition: str


@dataclass(frozen=True)
class AtLeastOf:
    """At least `count` of the parts hold. All and any are the two ends of it."""

    count: int
    parts: tuple["Boolean", ...]


@dataclass(frozen=True)
class Negation:
    """The part does not hold."""

    part: "Boolean"


Boolean = Comparison | Chosen | Includes | ColumnChosen | RuleMet | RowMet | AtLeastOf | Negation


def all_of(parts: tuple[Boolean, ...]) -> Boolean:
    """Every part holds."""
    return parts[0] if len(parts) == 1 else AtLeastOf(len(parts), parts)


def any_of(parts: tuple[Boolean, ...]) -> Boolean:
    """One part or more holds."""
    return parts[0] if len(parts) == 1 else AtLeastOf(1, parts)


def none_of(parts: tuple[Boolean, ...]) -> Boolean:
    """No part holds."""
    return Negation(any_of(parts))
