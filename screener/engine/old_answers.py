"""Answers that another edition asked for: what is read under new ids, and what is not read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screener.engine.plain_text import printable
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers, AnswersError, Question
from screener.engine.read_answers import asked_under

# Stored answers that cannot be read, by where they stand: (question,), or (table, row, column).
Unreadable = dict[tuple[str, ...], Any]


@dataclass(frozen=True)
class RetiredId:
    """A retired id in a document: a question's, or with `option` one of its options.

    `instead` is what to write now.
    """

    path: str
    option: str
    instead: str

    def __str__(self) -> str:
        what = f"{self.option} is" if self.option else "is"
        return printable(f"{self.path}: {what} retired; write {self.instead}")


def asked_before(earlier: Protocol, question: Question) -> Question | None:
    """Return the question of an earlier edition whose answers are this question's, if any."""
    same = (earlier.questions.get(id) for id in (question.id, *question.replaces))
    return next(filter(None, same), None)


def listed(protocol: Protocol, question: Question) -> list[str]:
    """Return what can be ticked in a list, or in the table; nothing of another question."""
    if question.kind == "table":
        return list(protocol.medicines)
    if question.kind != "choices":
        return []
    return [option.id for option in question.options if not option.retired and option.id != "none"]


def retired_in(protocol: Protocol, raw: Any) -> tuple[RetiredId, ...]:
    """Return every retired id in answers that `Protocol.read_answers` takes."""
    return tuple(_retired(protocol.questions, "", raw))


def _retired(questions: Mapping[str, Question], above: str, raw: Any) -> Iterator[RetiredId]:
    for id, value in raw.items():
        question = asked_under(questions, id)
        if question is None or value is None:
            continue
        path = above + id
        if id != question.id:
            yield RetiredId(path, "", question.id)
        if isinstance(value, Mapping):
            columns = {column.id: column for column in question.columns}
            for row, cells in value.items():
                yield from _retired(columns, f"{path}.{row}.", cells)
            continue
        chosen = value if isinstance(value, (list, tuple)) else (value,)
        for option in question.options:
            if option.retired and any(option.id == str(id) for id in chosen):
                yield RetiredId(path, option.id, option.retired)


def read_what_fits(protocol: Protocol, stored: Mapping[str, Any]) -> tuple[Answers, Unreadable]:
    """Return the stored answers that a protocol can read, and the others as they stand.

    Of a table only the cell is left out that does not fit. But a medicine that is not in the list
    leaves the whole table out: without its row it would count as not taken.
    """
    fits = dict(stored)
    unreadable: Unreadable = {}
    for id in [id for id in fits if asked_under(protocol.questions, id) is None]:
        unreadable[id,] = fits.pop(id)
    try:
        return protocol.read_answers(fits), unreadable
    except AnswersError as error:
        paths = [tuple(problem.path.split(".")) for problem in error.problems]
    for id in dict.fromkeys(path[0] for path in paths):
        mine = [path for path in paths if path[0] == id]
        if all(_is_cell(fits[id], path) for path in mine):
            fits[id] = {row: dict(cells) for row, cells in fits[id].items()}
            unreadable |= {path: fits[id][path[1]].pop(path[2]) for path in set(mine)}
        else:
            unreadable[id,] = fits.pop(id)
    return protocol.read_answers(fits), unreadable


def _is_cell(table: Any, path: tuple[str, ...]) -> bool:
    row = table.get(path[1]) if len(path) == 3 and isinstance(table, Mapping) else None
    return isinstance(row, Mapping) and path[2] in row


def put_back(
    answers: Mapping[str, Any], unreadable: Unreadable
) -> tuple[dict[str, Any], Unreadable]:
    """Return answers with what could not be read back in its place.

    Beside them stands what has no place any more: something else was answered there since, or its
    row is gone.
    """
    stored = dict(answers)
    displaced: Unreadable = {}
    for path, value in unreadable.items():
        if len(path) == 1:
            holder, key = stored, path[0]
        else:
            id, row, key = path
            table = stored.get(id)
            if not isinstance(table, Mapping) or row not in table:
                displaced[path] = value
                continue
            holder = dict(table[row])
            stored[id] = {**table, row: holder}
        if key in holder:
            displaced[path] = value
        else:
            holder[key] = value
    return stored, displaced
