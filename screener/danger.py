"""The questions of a protocol that can reveal danger, and the answers that do.

A risk answer is a safety question answered with anything but a no, a warning sign that needs
emergency care, or a request for a call. It is never erased by the person, by age or by time.
"""

from collections.abc import Iterable
from typing import Literal

from screener.engine.expressions import UsedNames, names_in
from screener.engine.protocol import Protocol, Rule
from screener.engine.questions import Answers, Question

Kind = Literal["suicide", "medical"]

KINDS: tuple[Kind, ...] = ("suicide", "medical")
PRESSING = ("emergency", "urgent")


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
