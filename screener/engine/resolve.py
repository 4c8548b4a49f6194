"""Which answers of a person count, and what stands where none does."""

from dataclasses import dataclass, field

from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Answers, Question, Row
from screener.engine.terms.reading import Reading


@dataclass
class Resolved:
    """Answers that count. `assumed` says why an answer stands that nobody gave."""

    answers: Answers = field(default_factory=dict)
    not_asked: set[str] = field(default_factory=set)
    assumed: dict[str, str] = field(default_factory=dict)


def resolve(protocol: Protocol, answers: Answers, reading: Reading | None = None) -> Resolved:
    """Return the answers of one person as the rules see them; see `terms/lowering.py`.

    `reading` is one of these answers, where the caller has it. `answers` is not changed.
    """
    reading = reading or Reading(protocol, answers)
    resolved = Resolved()
    for id, question in protocol.questions.items():
        must, may = reading.asked(id)
        given = answers.get(id)
        counted = _counted(question, given) if may and given is not None else None
        if not may:
            resolved.not_asked.add(id)
            counted, why = question.when_not_asked, "not asked"
        elif must and given is None:
            counted, why = question.when_missing, "left blank"
        else:
            why = ""
        if counted is not None:
            resolved.answers[id] = counted
            if why:
                resolved.assumed[id] = why
    return resolved


def _counted(question: Question, given: Answer) -> Answer | None:
    """Return the answer without its "not sure"; None where nothing is left."""
    if question.kind == "choice":
        assert isinstance(given, str)
        return None if question.option(given).counts_as == "unanswered" else given
    if question.kind == "choices":
        assert isinstance(given, tuple)
        return tuple(id for id in given if question.option(id).counts_as is None) or None
    if question.kind == "table":
        assert isinstance(given, dict)
        return {row: _counted_cells(question, cells) for row, cells in given.items()}
    return given


def _counted_cells(table: Question, cells: Row) -> Row:
    columns = {column.id: column for column in table.columns}
    return {
        id: cell
        for id, cell in cells.items()
        if columns[id].kind != "choice" or columns[id].option(str(cell)).counts_as is None
    }
