"""What raises help. Safety rules run at every save; here is what follows for the person.

Help is shown at once, never stops anyone for good, and what raised it is never forgotten: an
answer that is changed to get past a page stays known, and the submission stays urgent.
"""

from dataclasses import dataclass

from screener.engine.questions import Answers, Question
from screener.engine.rulebook import PRIORITIES, Protocol
from screener.engine.screen import Screening
from screener.patient.record import Progress

_PRESSING = ("emergency", "urgent")


@dataclass(frozen=True)
class Help:
    """One reason to show help: a rule, or a safety answer whose rule cannot be told yet.

    `kind` is crisis or emergency_care. An emergency pauses the form until it is answered.
    """

    id: str
    kind: str
    emergency: bool


def raised(screening: Screening) -> list[Help]:
    """Return what raises help now, most pressing first."""
    found = [Help(r.id, str(r.help), r.priority == "emergency") for r in screening.help]
    if not any(one.kind == "crisis" for one in found):
        # Item 9 of the PHQ-9 stands a page before the other safety questions, and its rule can
        # be told only after them. Whoever says yes there gets help there.
        answers = screening.resolved.answers
        found += [Help(id, "crisis", False) for id in _worrying(screening.protocol, answers)]
    return found


def unread(screening: Screening, progress: Progress) -> list[Help]:
    """Return what raises help now and was not read yet."""
    return [one for one in raised(screening) if one.id not in progress.help_shown]


def note(screening: Screening, progress: Progress, at: str) -> None:
    """Write into the progress what raises help now, first times with their time `at`."""
    now = raised(screening)
    for one in now:
        progress.help_met.setdefault(one.id, {"kind": one.kind, "at": at})
    # What is met again after it was taken back is shown again.
    progress.help_shown = [id for id in progress.help_shown if id in {one.id for one in now}]


def priority(screening: Screening, progress: Progress) -> str:
    """Return the priority for the queue: urgent at least once a crisis rule was ever met."""
    ever = any(met["kind"] == "crisis" for met in progress.help_met.values())
    return min([screening.priority, *(["urgent"] if ever else [])], key=PRIORITIES.index)


def is_risk(screening: Screening, progress: Progress) -> bool:
    """Whether staff must see the form even if it is never finished."""
    pressing = any(rule.priority in _PRESSING for rule in screening.flags)
    return pressing or bool(progress.help_met)


def was_crisis(progress: Progress) -> bool:
    """Whether an answer about self-harm ever raised help."""
    return any(met["kind"] == "crisis" for met in progress.help_met.values())


def _worrying(protocol: Protocol, answers: Answers) -> list[str]:
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
