"""All possible answers to a question, for the solver and for enumeration.

A path may end in `'`: the same question for a second person, who is held against the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question
from screener.engine.terms import terms as t

SECOND = "'"
_MOST_NUMBERS = 10_000_000


@dataclass(frozen=True)
class Row:
    """The row of a medicine in a table: there or not."""

    table: str
    medicine: str


@dataclass(frozen=True)
class Cell:
    """A cell of a row; it can only be filled where the row is there."""

    row: Row
    column: Question


Place = Question | Row | Cell


@dataclass(frozen=True)
class Domain:
    """What every path of a protocol can hold. Answers allowed are those of `questions`."""

    questions: Mapping[str, Question]
    medicines: frozenset[str]

    @classmethod
    def of(cls, protocol: Protocol) -> "Domain":
        """The answers that one protocol takes."""
        return cls(protocol.questions, frozenset(protocol.medicines))

    @classmethod
    def shared(cls, old: Protocol, new: Protocol) -> "Domain":
        """The answers that two versions of a protocol both take."""
        questions = {
            id: both
            for id, question in old.questions.items()
            if (other := new.questions.get(id)) is not None
            and (both := _narrowed(question, other)) is not None
        }
        return cls(questions, frozenset(old.medicines) & frozenset(new.medicines))

    def place(self, path: str) -> Place | None:
        """What stands at a path; None where no answer can stand there."""
        question, *rest = path.removesuffix(SECOND).split(".")
        asked = self.questions.get(question)
        if asked is None or not rest:
            return asked
        if rest[0] not in self.medicines:
            return None
        row = Row(question, rest[0])
        if len(rest) == 1:
            return row
        column = next((one for one in asked.columns if one.id == rest[1]), None)
        return None if column is None else Cell(row, column)

    def values(self, path: str) -> list[Any] | None:
        """Every answer at a path, the blank (None) first; None where they are not listed.

        Not listed are rows and cells of a table, and more numbers than can be tried. A list of
        ticks has its own way (`enumeration.py`).
        """
        place = self.place(path)
        if not isinstance(place, Question):
            return None
        match place.kind:
            case "number":
                assert place.range is not None
                scale = 10**place.decimals
                low, high = (end * scale for end in place.range)
                if high - low > _MOST_NUMBERS:
                    return None
                steps = range(low, high + 1)
                return [None, *(Decimal(n) / scale if place.decimals else n for n in steps)]
            case "choice":
                return [None, *place.option_ids]
            case "text":
                return [None, "…"]
        return None


def _narrowed(old: Question, new: Question) -> Question | None:
    """A question with the answers that both versions take; None where they share none."""
    if old.kind != new.kind:
        return None
    changes: dict[str, Any] = {}
    if old.range is not None and new.range is not None:
        low, high = max(old.range[0], new.range[0]), min(old.range[1], new.range[1])
        if low > high:
            return None
        changes["range"] = (low, high)
        changes["decimals"] = min(old.decimals, new.decimals)
    if old.options:
        changes["options"] = tuple(o for o in old.options if o.id in new.option_ids)
        if not changes["options"]:
            return None
    if old.columns:
        columns = {column.id: column for column in new.columns}
        both = [_narrowed(c, columns[c.id]) for c in old.columns if c.id in columns]
        changes["columns"] = tuple(column for column in both if column is not None)
    # A copy keeps cached values of the original (such as its option ids): it is made anew.
    return Question.model_construct(**{**dict(old), **changes})


def second(term: t.Term, changed: frozenset[str]) -> t.Term:
    """A term as it is for a second person, whose answers to the `changed` questions differ."""

    def leaf(one: t.Term) -> t.Term:
        match one:
            case t.IsAnswered(path) | t.Among(path) | t.Ticked(path) | t.Points(path):
                pass
            case t.Amount(path) | t.Ticks(path):
                pass
            case t.Distinct(table) if table in changed:
                raise ValueError("rows of a table are not compared between two persons")
            case _:
                return one
        if path.split(".")[0] not in changed:
            return one
        fields = [getattr(one, name) for name in one.__dataclass_fields__][1:]
        return t.make(type(one), path + SECOND, *fields)

    return t.rebuilt(term, leaf, {})


def answers_of(found: Mapping[str, Any], *, person: int = 1) -> Answers:
    """The answers of one of two persons, from values by path."""
    paths = {
        path.removesuffix(SECOND): value
        for path, value in found.items()
        if value is not None and (person == 2 or not path.endswith(SECOND))
    }
    if person == 2:
        # What the second person left blank is not taken over from the first.
        for path, value in found.items():
            if path.endswith(SECOND) and value is None:
                paths.pop(path.removesuffix(SECOND), None)
            elif path.endswith(SECOND):
                paths[path.removesuffix(SECOND)] = value
    answers: Answers = {}
    for path, value in sorted(paths.items()):
        question, *rest = path.split(".")
        if not rest:
            answers.setdefault(question, {} if value is True else value)
            continue
        table = answers.setdefault(question, {})
        assert isinstance(table, dict)
        row = table.setdefault(rest[0], {})
        if len(rest) == 2:
            row[rest[1]] = value
    return answers
