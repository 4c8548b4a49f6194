"""What was said to staff on the phone or in person, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screener import store
from screener.engine.answer_paths import answer_at
from screener.engine.explanations.inputs import inputs
from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, AnswersError
from screener.presenters.answers import answer_lines, column_of, question_at
from screener.presenters.rescreened import Rescreened
from screener.presenters.times import moment
from screener.presenters.words import NO_ANSWER, asked_by_staff
from screener.store import Event, PhoneAnswer, Submission


@dataclass(frozen=True)
class SaidToStaff:
    """One thing that was said to staff, with how it was asked, by whom it was taken down and when.

    `stands` is false where a later answer took its place. Where there was no answer (`no_answer`)
    the value says why.
    """

    path: str
    question: str
    value: str
    taken: str
    stands: bool
    no_answer: bool


def said_to_staff(stored: Submission, protocol: Protocol | None) -> Iterator[SaidToStaff]:
    """Yield everything that was taken down, by question, the oldest of each first."""
    standing = store.phone_answers_of(stored)
    for path, answers in store.taken_down(stored).items():
        for answer in answers:
            yield SaidToStaff(
                path,
                question_at(protocol, path),
                _value(protocol, answer),
                f"{asked_by_staff(answer)}, {moment(answer.at)}",
                standing.get(path) == answer,
                bool(answer.none),
            )


def beside_answers(said: Iterable[SaidToStaff]) -> dict[str, tuple[str, ...]]:
    """Return what was said to each question of the form, in lines to stand beside its answer."""
    lines: dict[str, tuple[str, ...]] = {}
    for each in said:
        id, *cell = each.path.split(".")
        about = f"{each.question} " if cell else ""
        later = "" if each.stands or each.no_answer else "; a later answer stands"
        line = f"{about}“{each.value}” ({each.taken}{later})"
        lines[id] = (*lines.get(id, ()), line)
    return lines


def lines_of(protocol: Protocol | None, event: Event) -> Iterator[str]:
    """Yield what one save brought: each question with its answer, or why there is none."""
    for path, of in event.body["answers"].items():
        yield f"{short_at(protocol, path)}: {value_at(protocol, path, of['value'])}"
    for path, why in event.body["none"].items():
        yield f"{short_at(protocol, path)}: no answer ({NO_ANSWER.get(why, why).lower()})"


def read_by(rescreened: Rescreened, rule: str) -> Iterator[str]:
    """Yield the answers that staff took down and a rule reads, in words."""
    protocol = rescreened.protocol
    if protocol is None or rule not in protocol.rules:
        return
    read = inputs(protocol, [rule]).questions
    for path, answer in rescreened.phoned.items():
        if path.split(".")[0] in read:
            yield f"{quoted(protocol, answer)} ({asked_by_staff(answer)}, {moment(answer.at)})"


def quoted(protocol: Protocol | None, answer: PhoneAnswer) -> str:
    """Return the short name of a question with its answer."""
    return f"{short_at(protocol, answer.path)}: “{_value(protocol, answer)}”"


def short_at(protocol: Protocol | None, path: str) -> str:
    """Return the short name of a question, with the medicine that it is about."""
    id, *cell = path.split(".")
    question = protocol.questions.get(id) if protocol else None
    if protocol is None or question is None:
        return path
    if not cell:
        return question.short
    medicine = protocol.medicines.get(cell[0])
    column = next((column for column in question.columns if column.id == cell[1]), None)
    if medicine is None or column is None:
        return path
    return f"{medicine.name}, {column.short.lower()}"


def _value(protocol: Protocol | None, answer: PhoneAnswer) -> str:
    """Return an answer in words, or why there is none."""
    if answer.none:
        return NO_ANSWER.get(answer.none, answer.none)
    return value_at(protocol, answer.path, answer.value)


def value_at(protocol: Protocol | None, path: str, value: Any) -> str:
    """Return a stored value in words; as it stands where this rulebook cannot read it."""
    id, *cell = path.split(".")
    if protocol is None or id not in protocol.questions:
        return str(value)
    question = protocol.questions[id]
    try:
        if cell:
            row = protocol.read_answers({id: {cell[0]: {cell[1]: value}}})
            column = column_of(question.column(cell[1]), protocol.medicines[cell[0]])
            typed: Any = answer_at(row, path)
            return "; ".join(answer_lines(protocol, column, typed))
        if isinstance(value, Mapping):
            names = [protocol.medicines[row].name for row in value]
            return "; ".join(names) or "None of these"
        read: Answer = protocol.read_answers({id: value})[id]
        return "; ".join(answer_lines(protocol, question, read))
    except (AnswersError, KeyError):
        return str(value)
