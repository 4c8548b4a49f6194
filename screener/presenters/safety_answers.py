"""The answers to safety questions over time, including those changed or taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from screener.engine.protocol import Protocol
from screener.engine.read_answers import asked_under
from screener.presenters.answers import answer_lines
from screener.presenters.times import moment
from screener.store import RiskAnswer


@dataclass(frozen=True)
class Moment:
    """One answer, saved at `since`; `current` marks the answer that the form has now.

    `taken_by` took it down from the person; "" where they answered on the form.
    """

    since: str
    value: str
    current: bool
    taken_by: str = ""


@dataclass(frozen=True)
class OverTime:
    """A safety question with every answer that it had, oldest first."""

    id: str
    question: str
    moments: tuple[Moment, ...]

    @property
    def changed(self) -> bool:
        """Return whether an answer on the form was changed or taken back."""
        return len(self.on_form) > 1

    @property
    def on_form(self) -> tuple[Moment, ...]:
        """Return the answers that the person gave on the form."""
        return tuple(moment for moment in self.moments if not moment.taken_by)


@dataclass(frozen=True)
class SafetyAnswers:
    """All safety questions that were ever answered."""

    questions: tuple[OverTime, ...]

    @property
    def changed(self) -> tuple[OverTime, ...]:
        """Return those whose answer was changed."""
        return tuple(question for question in self.questions if question.changed)

    def since(self, id: str) -> str:
        """Return when the answer on the form was given, or "" if that was not kept."""
        own = self._own(id)
        return own[-1].since if own else ""

    def earlier(self, id: str) -> tuple[str, ...]:
        """Return the earlier answers on the form, oldest first."""
        return _in_words(self._own(id)[:-1])

    def all_of(self, id: str) -> tuple[str, ...]:
        """Return every answer on the form, oldest first."""
        return _in_words(self._own(id))

    def _own(self, id: str) -> tuple[Moment, ...]:
        question = self._of(id)
        return question.on_form if question else ()

    def _of(self, id: str) -> OverTime | None:
        return next((question for question in self.questions if question.id == id), None)


def _in_words(moments: Iterable[Moment]) -> tuple[str, ...]:
    return tuple(f"{moment.value} ({moment.since})" for moment in moments)


def safety_answers(protocol: Protocol | None, kept: Iterable[RiskAnswer]) -> SafetyAnswers:
    """Group what the store kept by question, in the order in which they were first answered."""
    by_question: dict[str, list[RiskAnswer]] = {}
    for answer in kept:
        by_question.setdefault(answer.question, []).append(answer)
    return SafetyAnswers(
        tuple(_over_time(protocol, id, answers) for id, answers in by_question.items())
    )


def in_words(protocol: Protocol | None, answer: RiskAnswer) -> tuple[str, str]:
    """Return what a kept answer was about, in short, and what it said."""
    question = asked_under(protocol.questions, answer.question) if protocol else None
    title = question.short if question else answer.question
    return title, _said(protocol, answer.question, answer.value)


def _over_time(protocol: Protocol | None, id: str, answers: list[RiskAnswer]) -> OverTime:
    question = asked_under(protocol.questions, id) if protocol else None
    last = next((answer for answer in reversed(answers) if not answer.taken_by), None)
    moments = tuple(
        Moment(
            moment(answer.at), _said(protocol, id, answer.value), answer is last, answer.taken_by
        )
        for answer in answers
    )
    return OverTime(id, question.text if question else id, moments)


def _said(protocol: Protocol | None, id: str, value: Any) -> str:
    if value is None:
        return "Taken back, left blank"
    question = asked_under(protocol.questions, id) if protocol else None
    if protocol is None or question is None:
        return str(value)
    try:
        return "; ".join(
            answer_lines(protocol, question, tuple(value) if isinstance(value, list) else value)
        )
    except KeyError:  # an option that this rulebook no longer has
        return str(value)
