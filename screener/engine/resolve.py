"""What counts before anything is evaluated: not asked, declined, not sure and missing.

- An answer whose question is not asked is dropped and never counts; the question then stands for
  what its `when_not_asked` says (a number of drinks is 0 for who never drinks), or stays unknown.
- An answer such as "not sure" (`counts_as: unanswered`) is left out: it is unknown, never no.
- A question left blank although it was asked stands for its `when_missing`, where that is given.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screener.engine.bounds import Facts
from screener.engine.questions import Answer, Answers, Question, Row

if TYPE_CHECKING:
    from screener.engine.protocol import Protocol


@dataclass
class Resolved:
    """Answers that count. `assumed` says why an answer stands that nobody gave."""

    answers: Answers = field(default_factory=dict)
    not_asked: set[str] = field(default_factory=set)
    assumed: dict[str, str] = field(default_factory=dict)


def resolve(protocol: "Protocol", answers: Answers) -> Resolved:
    """The answers of one person as the rules see them. `answers` is not changed."""
    resolved = Resolved()
    for question in protocol.questions.values():
        given = answers.get(question.id)
        must, may = asked(protocol, question.id, resolved.answers, given)
        if not may:
            resolved.not_asked.add(question.id)
            stands = protocol.when_not_asked.get(question.id)
            if stands is not None:
                resolved.answers[question.id] = stands
                resolved.assumed[question.id] = "not asked"
            continue
        counted = None if given is None else _counted(question, given)
        if counted is not None:
            resolved.answers[question.id] = counted
        elif must and given is None and question.id in protocol.when_missing:
            resolved.answers[question.id] = protocol.when_missing[question.id]
            resolved.assumed[question.id] = "left blank"
    return resolved


def asked(
    protocol: "Protocol", question: str, before: Answers, given: Answer | None = None
) -> tuple[bool, bool]:
    """Whether a question must, and may, be asked, given the answers `before` it.

    A condition may name its own question (`given`): a standing yes to the last safety question
    is not dropped because an earlier answer was changed.
    """
    condition = protocol.asked_when.get(question)
    if condition is None:
        return True, True
    # While it is blank it has no standing answer: that is no option at all, not an unknown one.
    known = {**before, question: "" if given is None else given}
    return Facts(protocol, known).boolean(condition.expression)


def _counted(question: Question, given: Answer) -> Answer | None:
    """The answer without its "not sure"; None where nothing is left."""
    if question.kind == "choice":
        assert isinstance(given, str)
        return None if question.option(given).counts_as == "unanswered" else given
    if question.kind == "choices":
        assert isinstance(given, tuple)
        known = tuple(id for id in given if question.option(id).counts_as is None)
        return known or None
    if question.kind == "table":
        assert isinstance(given, dict)
        return {row: _counted_cells(question, cells) for row, cells in given.items()}
    return given


def _counted_cells(question: Question, cells: Row) -> Row:
    counted: Row = {}
    for id, cell in cells.items():
        column = question.column(id)
        if column.kind != "choice" or column.option(str(cell)).counts_as is None:
            counted[id] = cell
    return counted
