"""The invariants of a protocol, cross-checked: every name they use is one of its own."""

from collections.abc import Collection, Iterator, Mapping

from screener.engine.language.invariants import (
    ClaimReader,
    CompiledInvariant,
    DeclaredOverlap,
    Invariant,
)
from screener.engine.language.parser import Scope
from screener.engine.problems import did_you_mean
from screener.engine.questions import Question
from screener.engine.rulebook.files import Files
from screener.engine.rulebook.written import Item, ProtocolSource
from screener.engine.yaml_text import Path_

# path, names, known names, what they are
_Named = tuple[Path_, Collection[str], Collection[str], str]


def read_invariants(
    source: ProtocolSource, questions: Mapping[str, Question], scope: Scope, files: Files
) -> list[CompiledInvariant]:
    """Every invariant with its claims read; faults go to `files`."""
    stated = [_stated(item, source, scope, files) for item in source.invariants.values()]
    for item in source.invariants.values():
        for path, names, known, what in _names(item.value, source, questions):
            _known(item, path, names, known, what, files)
        _worse(item, questions, files)
    for meant in source.intended_overlaps.values():
        _known(meant, (), meant.value.rules, source.rules, "rule", files)
    return stated


def _stated(
    item: Item[Invariant], source: ProtocolSource, scope: Scope, files: Files
) -> CompiledInvariant:
    def refuse(path: Path_, message: str) -> None:
        files.refuse(item.document, path, message)

    reader = ClaimReader(item.document, scope, source.topics, refuse)
    text = item.value
    when = None if text.when is None else reader.read(text.when, (*item.path, "when"))
    then = None if text.then is None else reader.read(text.then, (*item.path, "then"))
    return CompiledInvariant(text, when, then)


def _names(
    text: Invariant, source: ProtocolSource, questions: Mapping[str, Question]
) -> Iterator[_Named]:
    yield ("change",), text.change, questions, "question"
    yield ("worse",), text.worse, questions, "question"
    ticked = [id for id, question in questions.items() if question.kind == "choices"]
    yield ("tick",), text.tick, ticked, "list of ticks"
    kept = [*source.rules, *source.scores, "priority"]
    yield ("keeps",), text.keeps, kept, "rule or score"
    yield ("never_lowers",), text.never_lowers, _lowered(source), "score"
    banded = [id for id, score in source.scores.items() if score.value.bands]
    yield ("bands",), text.bands, banded, "score with bands"


def _lowered(source: ProtocolSource) -> list[str]:
    return [*source.scores, "priority", "safety_priority"]


def _known(
    item: Item[Invariant] | Item[DeclaredOverlap],
    path: Path_,
    names: Collection[str],
    known: Collection[str],
    what: str,
    files: Files,
) -> None:
    for name in names:
        if name not in known:
            message = f"no {what} is called {name}{did_you_mean(name, known)}"
            files.refuse(item.document, (*item.path, *path), message)


def _worse(item: Item[Invariant], questions: Mapping[str, Question], files: Files) -> None:
    """The order of an item names options of it, or is empty for a number (more is worse)."""
    for id, order in item.value.worse.items():
        question = questions.get(id)
        if question is None:
            continue
        options = question.option_ids if question.kind == "choice" else ()
        if question.kind not in ("choice", "number") or (question.kind == "choice") != bool(order):
            message = f"{id} needs its options from better to worse; a number needs an empty list"
            files.refuse(item.document, (*item.path, "worse", id), message)
        _known(item, ("worse", id), order, options, f"option of {id}", files)
