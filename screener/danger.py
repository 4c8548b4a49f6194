"""The questions of a protocol that can reveal danger, and the answers that do.

A risk answer is a safety question answered with anything but a no, a warning sign that needs
emergency care, or a request for a call. It is never erased by the person, by age or by time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from screener.engine.expressions import UsedNames, names_in
from screener.engine.protocol import Protocol, Rule
from screener.engine.questions import Answers, Question
from screener.engine.screen import Screening

Kind = Literal["suicide", "medical"]

KINDS: tuple[Kind, ...] = ("suicide", "medical")
PRESSING = ("emergency", "urgent")


@dataclass(frozen=True)
class Help:
    """One reason to show help: a rule, or a safety answer whose rule cannot tell yet.

    `kind` is crisis or emergency_care. An emergency pauses the form until it is answered.
    """

    id: str
    kind: str
    emergency: bool


def raised(*screenings: Screening) -> list[Help]:
    """Return what raises help in any of the screenings, each reason once, emergencies first."""
    helps = {help.id: help for screening in screenings for help in _raised(screening)}
    return sorted(helps.values(), key=lambda help: not help.emergency)


def pressing(*screenings: Screening) -> Iterator[tuple[str, Kind]]:
    """Yield the priority, and the kind of danger, of everything that presses in any of them."""
    for screening in screenings:
        for rule in screening.flags:
            if rule.priority in PRESSING:
                yield rule.priority, kind_of(screening.protocol, rule)
    if any(help.kind == "crisis" for help in raised(*screenings)):
        yield "urgent", "suicide"


def questions_behind(protocol: Protocol, rule: Rule) -> set[str]:
    """Return every question that a rule uses, also through scores and other rules."""
    if rule.unanswered is not None:
        return set(rule.unanswered.questions)
    if rule.undecided is not None:
        several = (*rule.undecided.all, *rule.undecided.any)
        return {id for name in several for id in questions_behind(protocol, protocol.rules[name])}
    return _named(protocol, [names_in(protocol.condition(rule.id))])


def kind_of(protocol: Protocol, rule: Rule) -> Kind:
    """Return a rule's kind of danger: `suicide` if it uses a safety question, else `medical`."""
    safety = {id for id, question in protocol.questions.items() if question.risk}
    return "suicide" if questions_behind(protocol, rule) & safety else "medical"


def tells_of_danger(protocol: Protocol) -> tuple[str, ...]:
    """Return the questions of which every value is kept: safety, and those that lead to help."""
    with_help = [rule for rule in protocol.rules.values() if rule.help]
    behind = {id for rule in with_help for id in questions_behind(protocol, rule)}
    return tuple(
        id
        for id, question in protocol.questions.items()
        if question.risk or (id in behind and question.kind in ("choice", "choices"))
    )


def worrying(protocol: Protocol, answers: Answers) -> list[str]:
    """Return the safety questions whose answer is anything but a no."""
    return [
        question.id
        for question in protocol.questions.values()
        if question.risk and question.id in answers and _is_worrying(question, answers)
    ]


def _raised(screening: Screening) -> list[Help]:
    helps = [Help(r.id, str(r.help), r.priority == "emergency") for r in screening.help]
    if not any(help.kind == "crisis" for help in helps):
        # Item 9 of the PHQ-9 is a page before the other safety questions, and its rule can
        # decide only after them. Whoever says yes there gets help there.
        answers = screening.resolved.answers
        worries = worrying(screening.protocol, answers)
        helps += [Help(id, "crisis", False) for id in worries]
    return helps


def _is_worrying(question: Question, answers: Answers) -> bool:
    answer = answers[question.id]
    if question.is_scored:
        return str(answer) != str(question.reach[0])
    return answer != "no"


def _named(protocol: Protocol, every: Iterable[UsedNames]) -> set[str]:
    behind: set[str] = set()
    for names in every:
        behind |= names.questions
        behind |= _named(protocol, (names_in(protocol.scores[id].value) for id in names.scores))
        for id in names.rules:
            behind |= questions_behind(protocol, protocol.rules[id])
    return behind
