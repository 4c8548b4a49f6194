"""Phrases for answers by path: "Sertraline: highest dose kept", "Yes (1)", "12 weeks"."""

from collections.abc import Iterable, Iterator

from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Answers, Question
from screener.engine.words import Words
from screener.presenters.answers import column_of


class Phrases:
    """Words the paths and answers of one protocol for staff.

    A path is a question, a row of the table (question.medicine), or one cell of a row.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.words = Words(protocol)

    def name(self, path: str) -> str:
        """Return the short name of an answer."""
        parts = path.split(".")
        if len(parts) == 2:
            return self.protocol.medicines[parts[1]].name
        return self.words.path(path)

    def names(self, paths: Iterable[str]) -> Iterator[str]:
        """Yield the short names of several answers, the cells of one row together."""
        rows: dict[str, int] = {}
        table = self.protocol.table.id
        for path in paths:
            id, *rest = path.split(".")
            if rest:
                rows[rest[0]] = rows.get(rest[0], 0) + 1
            elif id != table:
                yield self.name(path)
        for row, count in rows.items():
            answers = "answer" if count == 1 else "answers"
            yield f"{self.protocol.medicines[row].name} ({count} {answers})"
        if table in paths and not rows:
            yield self.name(table)

    def question(self, path: str) -> Question:
        """Return the question, or the column of the table, that an answer belongs to."""
        id, *rest = path.split(".")
        question = self.protocol.questions[id]
        if len(rest) == 2:
            return column_of(question.column(rest[1]), self.protocol.medicines[rest[0]])
        return question

    def value(self, path: str, answer: Answer) -> str:
        """Return an answer with its unit or its points; choices in quotation marks."""
        question = self.question(path)
        if isinstance(answer, tuple):
            return ", ".join(self.option(path, id) for id in answer)
        if question.kind == "choice":
            points = f" ({question.points(str(answer))})" if question.has_points else ""
            return f"{self.option(path, str(answer))}{points}"
        if isinstance(answer, dict):
            names = [self.protocol.medicines[id].name for id in answer]
            if not names:
                return "no medicine ticked"
            return ", ".join(names) + ", each with a trial that counts"
        return self.words.answer(question, answer)

    def option(self, path: str, id: str) -> str:
        """Return the label of an option, in quotation marks."""
        return f"“{self.question(path).option(id).label}”"

    def answers(self, paths: Iterable[str], answers: Answers) -> Iterator[str]:
        """Yield a line for each answer; the cells of one row of the table on one line."""
        cells: dict[str, list[str]] = {}
        table = self.protocol.table
        for path in paths:
            id, *rest = path.split(".")
            given = answers[id]
            if rest:
                assert isinstance(given, dict)
                column = table.column(rest[1])
                value = self.value(path, given[rest[0]][rest[1]])
                cells.setdefault(rest[0], []).append(f"{_lower(column.short)}: {value}")
            elif isinstance(given, dict):
                names = [self.protocol.medicines[row].name for row in given]
                ticked = ", ".join(names) + ", no others" if names else "none of them"
                yield f"{table.short}: {ticked}"
            else:
                yield f"{self.name(id)}: {self.value(id, given)}"
        for row, values in cells.items():
            yield f"{self.protocol.medicines[row].name}: {'; '.join(values)}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
