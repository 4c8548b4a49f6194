"""Answers by their paths: read an answer, or put another in its place.

A path names an answer: `phq9_9`, `medicines_tried` (which medicines were ticked), or one cell of
a row, `medicines_tried.sertraline.weeks`; `medicines_tried.sertraline` is the row as a whole.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from screener.engine.questions import Answer, Answers, Row


def answer_at(answers: Answers, path: str) -> Answer | Row | None:
    """Return the answer at a path; a row for the path of a row; None where there is none."""
    part: Any = answers
    for key in path.split("."):
        part = None if part is None else part.get(key)
    answer: Answer | Row | None = part
    return answer


def with_answer(answers: Answers, path: str, value: Answer | None) -> Answers:
    """Return a copy with another answer at a path; None takes it out (a row: it was not taken)."""
    first, _, rest = path.partition(".")
    if rest:
        inner: Any = answers.get(first, {})
        return {**answers, first: with_answer(inner, rest, value)}  # type: ignore[dict-item]
    others = {key: answer for key, answer in answers.items() if key != first}
    return others if value is None else {**others, first: value}


def as_json(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers as the store keeps them."""
    return {id: _json(answer) for id, answer in answers.items()}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: _json(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(inner) for inner in value]
    return value
