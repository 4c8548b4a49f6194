"""What a rulebook should be told apart from faults: unused sources, and reviews that are due."""

from collections.abc import Iterator
from datetime import date

from screener.engine.expressions import names_in
from screener.engine.models import Review
from screener.engine.protocol import Protocol, Rulebook


def notices(rulebook: Rulebook, today: date) -> list[str]:
    """Warnings about a rulebook that loads: references that nothing uses, reviews past their limit.

    `today` is given, since the engine has no clock.
    """
    used = set(used_references(rulebook))
    said = [f"references.yaml: nothing uses {id}" for id in rulebook.references if id not in used]
    for protocol in rulebook.protocols.values():
        reviews = [(f"protocol {protocol.id}", protocol.head.reviewed)]
        reviews += [(f"topic {topic.id}", topic.reviewed) for topic in protocol.topics.values()]
        for what, review in reviews:
            if isinstance(review, Review) and overdue(review, protocol.head.review_months, today):
                limit = f"{protocol.head.review_months} months"
                said.append(f"{what}: last reviewed on {review.on}, more than {limit} ago")
    return said


def overdue(review: Review, months: int, today: date) -> bool:
    """Whether a review lies more than so many months back."""
    passed = (today.year - review.on.year) * 12 + today.month - review.on.month
    return passed > months or (passed == months and today.day > review.on.day)


def used_references(rulebook: Rulebook) -> Iterator[str]:
    """The ids of the references that anything in the rulebook names, with repetitions."""
    for choice in rulebook.choices.values():
        yield from choice.reference
    for medicine in rulebook.medicines.values():
        yield from medicine.reference
        for trial in (medicine.mood, medicine.pain):
            if trial is not None:
                yield from trial.reference
    for protocol in rulebook.protocols.values():
        yield from _used_in(protocol)


def _used_in(protocol: Protocol) -> Iterator[str]:
    for instrument in protocol.instruments:
        yield from instrument.reference
    for question in protocol.questions.values():
        for part in (question, *question.columns):
            yield from part.reference
    for score in protocol.scores.values():
        yield from score.references
    for row in protocol.row_conditions.values():
        yield from row.references
    for rule in protocol.rules.values():
        yield from rule.reference
        for condition in rule.conditions:
            for clause in condition.walk():
                yield from clause.references
    for stated in protocol.invariants:
        yield from stated.text.reference
    for topic in protocol.topics.values():
        yield from topic.references


def purposeless(protocol: Protocol) -> list[str]:
    """The questions that feed no rule and no score and name no person who reads them.

    Nobody is asked for nothing.
    """
    read: set[str] = set()
    for rule in protocol.rules.values():
        if rule.unanswered is not None:
            read |= set(rule.unanswered.questions)
    conditions = [
        *(condition for rule in protocol.rules.values() for condition in rule.conditions),
        *(question.asked_when for question in protocol.questions.values()),
        *(row.condition for row in protocol.row_conditions.values()),
        *(reduced.when for _, _, reduced in protocol.reduced_doses()),
    ]
    expressions = [score.value for score in protocol.scores.values()]
    read |= names_in(*expressions, *(c.expression for c in conditions if c is not None)).questions
    return [id for id, q in protocol.questions.items() if id not in read and not q.purpose]
