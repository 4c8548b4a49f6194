"""What a rule reads of a person and what it rests on, through everything that it depends on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from screener.engine import expressions as ex
from screener.engine.explanations.dependencies import dependencies
from screener.engine.field_types import Sourced
from screener.engine.protocol import Protocol


@dataclass(frozen=True)
class Inputs:
    """The ids of the questions, in the order of asking, and columns that are read, and of sources.

    `references` and `choices` are those of everything on the way: rules, their clauses, scores,
    conditions on rows, questions, and medicines where a row is held against its adequate trial.
    """

    questions: tuple[str, ...]
    columns: frozenset[str]
    references: tuple[str, ...]
    choices: tuple[str, ...]


def inputs(protocol: Protocol, rules: Iterable[str], scores: Iterable[str] = ()) -> Inputs:
    """Return what rules, and some scores, depend on."""
    read = _with_watched(protocol, rules)
    roots: list[ex.Expression] = [ex.ScoreOf(score) for score in scores]
    blanks: list[str] = []
    for id in read:
        rule = protocol.rules[id]
        roots += [condition.expression for condition in rule.conditions]
        blanks += rule.unanswered.questions if rule.unanswered is not None else ()
    below = dependencies(protocol, roots, blanks)
    met = [node.rule for node in below.nodes if isinstance(node, ex.RuleMet)]
    cited = list(_cited(protocol, [*read, *met], below.nodes, below.questions))
    return Inputs(
        tuple(id for id in protocol.questions if id in below.questions),
        frozenset(ex.names_in(*below.nodes).columns),
        tuple(dict.fromkeys(id for references, _ in cited for id in references)),
        tuple(dict.fromkeys(id for _, choices in cited for id in choices)),
    )


def _with_watched(protocol: Protocol, rules: Iterable[str]) -> list[str]:
    """Return rules with those that they watch for an outcome of *cannot tell*."""
    read: dict[str, None] = {}
    waiting = list(rules)
    while waiting:
        id = waiting.pop(0)
        if id not in read:
            read[id] = None
            undecided = protocol.rules[id].undecided
            waiting += [*undecided.all, *undecided.any] if undecided is not None else ()
    return list(read)


def _cited(
    protocol: Protocol,
    rules: Iterable[str],
    nodes: Iterable[ex.Expression],
    questions: Iterable[str],
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the references and choices of each part, those of the rules first."""
    for id in dict.fromkeys(rules):
        yield _of(protocol.rules[id])
        for condition in protocol.rules[id].conditions:
            for clause in condition.walk():
                yield clause.references, clause.choices
    for node in nodes:
        match node:
            case ex.ScoreOf(score):
                yield _of(protocol.scores[score])
            case ex.MedicineNumber(what):
                for medicine in protocol.medicines.values():
                    label = medicine.highest_on_label
                    parts = (label,) if what == "label" else (medicine.mood, medicine.pain)
                    yield from (_of(part) for part in parts if part is not None)
        for row in sorted(ex.names_in(node).row_conditions):
            yield _of(protocol.row_conditions[row])
            for clause in protocol.row_conditions[row].condition.walk():
                yield clause.references, clause.choices
    asked = set(questions)
    for id, question in protocol.questions.items():
        if id in asked:
            yield _of(question)


def _of(part: Sourced) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return part.reference, part.choice
