"""Which blanks may lead to a call: those that a rule of priority incomplete is about.

The list is the same for everybody who fills in the form: it says nothing about what the rules make
of somebody's answers.
"""

from collections.abc import Iterator

from screener.engine.explanations.dependencies import dependencies
from screener.engine.expressions import names_in
from screener.engine.protocol import Protocol
from screener.engine.questions import Question
from screener.patient import journey
from screener.patient.journey import Stop
from screener.patient.record import Record

_PRIORITY = "incomplete"


def left_blank(record: Record) -> Iterator[tuple[Stop, Question]]:
    """Yield each question that was asked and left blank, with its screen, in order."""
    for stop in journey.stops(record):
        for question in journey.blanks(record, stop):
            yield stop, question


def lead_to_a_call(protocol: Protocol) -> frozenset[str]:
    """Return the questions, and columns of the table, about whose blanks the clinic may call.

    These are the lists on safety, the answers that a rule needs before it can be told whether
    anything is missing, and every question on harming oneself.
    """
    return protocol.once(("lead to a call",), lambda: frozenset(_asked_about(protocol)))


def _asked_about(protocol: Protocol) -> Iterator[str]:
    yield from (question.id for question in protocol.questions.values() if question.risk)
    for rule in protocol.rules.values():
        if rule.priority != _PRIORITY:
            continue
        if rule.unanswered is not None:
            yield from rule.unanswered.questions
        if rule.undecided is not None:
            below = dependencies(protocol, map(protocol.condition, rule.undecided.any))
            yield from below.questions
            yield from names_in(*below.nodes).columns
