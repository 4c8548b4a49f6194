"""The order in which pages of education are offered."""

from collections.abc import Iterable

from screener.engine.protocol import Topic

CRISIS = "support-in-crisis"


def crisis_first(topics: Iterable[Topic]) -> list[Topic]:
    """Return topics with support in a crisis first, and the others as they were."""
    return sorted(topics, key=lambda topic: topic.id != CRISIS)
