"""Warnings about a rulebook that are not errors: what is unused, overdue or left unsaid."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from datetime import date
from typing import Any

from screener.engine.field_types import Model, Review
from screener.engine.protocol import Rulebook


def notices(rulebook: Rulebook, today: date) -> list[str]:
    """Return warnings, each a line: unused references, overdue reviews, silent questions.

    `today` is given, since the engine has no clock.
    """
    used = used_references(rulebook)
    lines = [f"references.yaml: nothing uses {id}" for id in rulebook.references if id not in used]
    for protocol in rulebook.protocols.values():
        months = protocol.head.review_months
        reviews = [(f"protocol {protocol.id}", protocol.head.reviewed)]
        reviews += [(f"topic {topic.id}", topic.reviewed) for topic in protocol.topics.values()]
        for what, review in reviews:
            if isinstance(review, Review) and overdue(review, months, today):
                lines.append(f"{what}: last reviewed on {review.on}, more than {months} months ago")
    questions = {q.id: q for p in rulebook.protocols.values() for q in p.questions.values()}
    return lines + [
        f"question {id}: does not say with `attribute` what it asks; write none if nothing"
        for id, question in questions.items()
        if not question.attribute
    ]


def overdue(review: Review, months: int, today: date) -> bool:
    """Whether a review lies more than so many months back."""
    passed = (today.year - review.on.year) * 12 + today.month - review.on.month
    return passed > months or (passed == months and today.day > review.on.day)


def used_references(rulebook: Rulebook) -> set[str]:
    """Return the ids of the references that anything in the rulebook names."""
    return set(_cited((rulebook.choices, rulebook.medicines, rulebook.protocols)))


def _cited(part: Any) -> Iterator[str]:
    """Yield what stands in every field `reference` or `references`, at any depth."""
    if isinstance(part, Mapping | tuple):
        for inner in part.values() if isinstance(part, Mapping) else part:
            yield from _cited(inner)
    elif isinstance(part, Model) or is_dataclass(part):
        # Not vars(): a protocol also keeps what was made of it.
        names = type(part).model_fields if isinstance(part, Model) else part.__dataclass_fields__
        for name in names:
            value = getattr(part, name)
            yield from value if name in ("reference", "references") else _cited(value)
