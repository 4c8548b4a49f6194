"""What an expression depends on, through scores, other rules, rows and conditions of asking."""

from collections.abc import Iterable
from dataclasses import dataclass

from screener.engine import expressions as ex
from screener.engine.protocol import Protocol


@dataclass(frozen=True)
class Dependencies:
    """The ids of the questions, and every expression met on the way to them, each once."""

    questions: frozenset[str]
    nodes: tuple[ex.Expression, ...]


def dependencies(
    protocol: Protocol, roots: Iterable[ex.Expression], questions: Iterable[str] = ()
) -> Dependencies:
    """Return everything that expressions, and some questions, depend on.

    A question that is asked under a condition depends on that condition.
    """
    nodes: dict[ex.Expression, None] = {}
    seen: set[str] = set()
    waiting: list[ex.Expression] = list(roots)

    def ask(id: str | None) -> None:
        if id is not None and id not in seen:
            seen.add(id)
            when = protocol.questions[id].asked_when
            if when is not None:
                waiting.append(when.expression)

    for id in questions:
        ask(id)
    while waiting:
        node = waiting.pop()
        if node not in nodes:
            nodes[node] = None
            waiting.extend(protocol.below(node))
            ask(ex.question_of(node))
    return Dependencies(frozenset(seen), tuple(nodes))
