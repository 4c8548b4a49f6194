"""Which answers count, read question by question; see `terms/lowering.py` for the meaning."""

from dataclasses import dataclass, field

from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Answers, Question, Row
from tests.engine.oracle.bounds import Bounds


@dataclass
class Counted:
    """Answers that count. `assumed` says why an answer stands that nobody gave."""

    answers: Answers = field(default_factory=dict)
    not_asked: set[str] = field(default_factory=set)
    assumed: dict[str, str] = field(default_factory=dict)


def counted(protocol: Protocol, answers: Answers) -> Counted:
    """The answers of one person as the rules see them. `answers` is not changed."""
    resolved = Counted()
    for question in protocol.questions.values():
        given = answers.get(question.id)
        must, may = asked(protocol, question.id, resolved.answers, given)
        if not may:
            resolved.not_asked.add(question.id)
            stands = question.when_not_asked
            if stands is not None:
                resolved.answers[question.id] = stands
                resolved.assumed[question.id] = "not asked"
            continue
        counts = None if given is None else _counted(question, given)
        if counts is not None:
            resolved.answers[question.id] = counts
        elif must and given is None and question.when_missing is not None:
            resolved.answers[question.id] = question.when_missing
            resolved.assumed[question.id] = "left blank"
    return resolved


def asked(
    protocol: Protocol, question: str, before: Answers, given: Answer | None = None
) -> tuple[bool, bool]:
    """Whether a question must, and may, be asked, given the answers `before` it.

    A condition may name its own question (`given`): a standing yes to the last safety question
    is not dropped because an earlier answer was changed.
    """
    condition = protocol.questions[question].asked_when
    if condition is None:
        return True, True
    # While it is blank it has no standing answer: that is no option at all, not an unknown one.
    kept = {**before, question: "" if given is None else given}
    return Bounds(protocol, kept).boolean(condition.expression)


def _counted(question: Question, given: Answer) -> Answer | None:
    """The answer without its "not sure"; None where nothing is left."""
    if question.kind == "choice":
        assert isinstance(given, str)
        return None if question.option(given).counts_as == "unanswered" else given
    if question.kind == "choices":
        assert isinstance(given, tuple)
        kept = tuple(id for id in given if question.option(id).counts_as is None)
        return kept or None
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
