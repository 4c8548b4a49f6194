"""All possible answers to a question, for the solver and for enumeration.

A path may end in `'`: the same question for a second person, who is compared with the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, Question
from screener.engine.terms import terms as t

SECOND = "'"

T = TypeVar("T", bound=t.Node)


@dataclass(frozen=True)
class Domain:
    """What every path of a protocol can hold: answers to `questions`, rows of `medicines`."""

    questions: Mapping[str, Question]
    medicines: frozenset[str]

    @classmethod
    def of(cls, protocol: Protocol) -> "Domain":
        """Return the answers that one protocol takes."""
        return cls(protocol.questions, frozenset(protocol.medicines))

    @classmethod
    def shared(cls, old: Protocol, new: Protocol) -> "Domain":
        """Return the answers that two versions of a protocol both take."""
        questions = {
            id: both
            for id, question in old.questions.items()
            if (other := new.questions.get(id)) is not None
            and (both := _narrowed(question, other)) is not None
        }
        return cls(questions, frozenset(old.medicines) & frozenset(new.medicines))

    def question(self, path: str) -> Question | None:
        """Return the question that is answered at a path, or None where no answer can stand there.

        A cell answers its column. A row answers the table: like the table, it is there or not.
        """
        id, *rest = path.removesuffix(SECOND).split(".")
        question = self.questions.get(id)
        if question is None or not rest:
            return question
        if rest[0] not in self.medicines:
            return None
        if len(rest) == 1:
            return question
        return next((column for column in question.columns if column.id == rest[1]), None)


def limits(question: Question) -> tuple[int, int]:
    """Return the least and the most answer to a choice or a number.

    Options are numbered from 0. Numbers are in units of 10 to the minus `decimals`.
    """
    if question.kind == "choice":
        return 0, len(question.options) - 1
    assert question.range is not None
    low, high = question.range
    return low * 10**question.decimals, high * 10**question.decimals


def _narrowed(old: Question, new: Question) -> Question | None:
    """Return a question with the answers that both versions take, or None if they share none."""
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


def second(term: T, changed: frozenset[str]) -> T:
    """Return a term for a second person, whose answers to the `changed` questions differ.

    Raises ValueError where a changed table is counted: rows are not compared between two people.
    """

    def leaf(part: t.Term) -> t.Term:
        if isinstance(part, t.Distinct) and part.table in changed:
            raise ValueError("rows of a table are not compared between two people")
        path = getattr(part, "path", "")
        if path.split(".")[0] not in changed:
            return part
        fields = [getattr(part, name) for name in part.__match_args__]
        return t.make(type(part), path + SECOND, *fields[1:])

    return t.rebuilt(term, leaf, {})  # type: ignore[arg-type, return-value]  # of the same type


def answers_of(values: Mapping[str, Any], *, person: int = 1) -> Answers:
    """Return the answers of one of two people, from values by path (None for a blank)."""
    own = {path: value for path, value in values.items() if not path.endswith(SECOND)}
    if person == 2:
        own |= {p.removesuffix(SECOND): v for p, v in values.items() if p.endswith(SECOND)}
    answers: Answers = {}
    for path, value in sorted(own.items()):
        if value is None:
            continue
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
