"""What an expression reads, followed through scores, other rules, rows and conditions of asking."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from screener.engine import expressions as ex
from screener.engine.protocol import Protocol

Node = ex.Boolean | ex.Number


@dataclass(frozen=True)
class Reads:
    """What an expression reads, through scores, other rules, rows and what decides if it is asked.

    `questions` are ids; `nodes` every expression met on the way, each once.
    """

    questions: frozenset[str]
    nodes: tuple[Node, ...]


def reads(protocol: Protocol, roots: Iterable[Node], also: Iterable[str] = ()) -> Reads:
    """Everything that the expressions, and the conditions of asking behind them, read."""
    seen: dict[Node, None] = {}
    questions: dict[str, None] = {}
    waiting: list[Node] = list(roots)

    def ask(id: str) -> None:
        if id not in questions:
            questions[id] = None
            if id in protocol.asked_when:
                waiting.append(protocol.asked_when[id].expression)

    for id in also:
        ask(id)
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen[node] = None
        waiting.extend(_below(protocol, node))
        match node:
            case ex.AnswerValue(id) | ex.CountOptions(id) | ex.CountGroups(id):
                ask(id)
            case ex.Chosen(id) | ex.Includes(id) | ex.CountRows(id):
                ask(id)
    return Reads(frozenset(questions), tuple(seen))


def _below(protocol: Protocol, node: Node) -> Iterator[Node]:
    match node:
        case ex.Comparison(_, left, right):
            yield from (left, right)
        case ex.Sum(numbers) | ex.Lowest(numbers) | ex.Highest(numbers):
            yield from numbers
        case ex.AtLeastOf(_, parts):
            yield from parts
        case ex.Negation(part):
            yield part
        case ex.ScoreOf(id):
            yield protocol.scores[id].value
        case ex.RuleMet(id):
            yield protocol.conditions[id].expression
        case ex.RowMet(id):
            yield protocol.row_conditions[id].condition.expression
        case ex.CountRows(_, _, conditions):
            yield from (protocol.row_conditions[id].condition.expression for id in conditions)
        case ex.AdequateTrial():
            yield from (condition for _, condition in protocol.reduced.values())
