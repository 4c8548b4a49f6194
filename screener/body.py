"""Which question is drawn as a body, and which of its areas are ticked."""

from collections.abc import Mapping
from typing import Any

QUESTION = "pain_areas"
_NONE = "none"


def ticked(answers: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the areas that hurt, by their ids; None where that was not answered."""
    answer = answers.get(QUESTION)
    return None if answer is None else tuple(area for area in answer if area != _NONE)
