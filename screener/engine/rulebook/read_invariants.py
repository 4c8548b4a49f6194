"""The invariants of a protocol, read and cross-checked: every name they use is one of its own."""

from collections.abc import Collection, Mapping
from functools import partial

from screener.engine.language.invariants import ClaimReader, CompiledInvariant, Invariant
from screener.engine.language.parser import Scope
from screener.engine.questions import Question
from screener.engine.rulebook.files import Files, Item
from screener.engine.rulebook.written import ProtocolSource


def read_invariants(
    source: ProtocolSource, questions: Mapping[str, Question], scope: Scope, files: Files
) -> list[CompiledInvariant]:
    """Return every invariant with its claims read; faults go to `files`."""
    ticked = [id for id, question in questions.items() if question.kind == "choices"]
    banded = [id for id, score in source.scores.items() if score.value.bands]
    names: dict[str, tuple[Collection[str], str]] = {
        "change": (questions, "question"),
        "worse": (questions, "question"),
        "tick": (ticked, "list of ticks"),
        "keeps": ((*source.rules, *source.scores, "priority"), "rule or score"),
        "never_lowers": ((*source.scores, "priority", "safety_priority"), "score"),
        "bands": (banded, "score with bands"),
        "shown": (questions, "question"),
    }
    for item in source.invariants.values():
        for key, (allowed, what) in names.items():
            files.check_names(item, (key,), getattr(item.value, key), allowed, what)
        _check_worse(item, questions, files)
    for overlap in source.intended_overlaps.values():
        files.check_names(overlap, (), overlap.value.rules, source.rules, "rule")
    return [_compiled(item, source, scope, files) for item in source.invariants.values()]


def _compiled(
    item: Item[Invariant], source: ProtocolSource, scope: Scope, files: Files
) -> CompiledInvariant:
    reader = ClaimReader(scope, source.topics, partial(files.refuse, item.document))
    text = item.value
    when = None if text.when is None else reader.read(text.when, (*item.path, "when"))
    then = None if text.then is None else reader.read(text.then, (*item.path, "then"))
    return CompiledInvariant(text, when, then)


def _check_worse(item: Item[Invariant], questions: Mapping[str, Question], files: Files) -> None:
    """Refuse an order of answers that is not of options, or not empty for a number."""
    for id, order in item.value.worse.items():
        question = questions.get(id)
        if question is None:
            continue
        options = question.option_ids if question.kind == "choice" else ()
        if question.kind not in ("choice", "number") or (question.kind == "choice") != bool(order):
            message = f"{id} needs its options from better to worse; a number needs an empty list"
            files.refuse(item, ("worse", id), message)
        files.check_names(item, ("worse", id), order, options, f"option of {id}")
