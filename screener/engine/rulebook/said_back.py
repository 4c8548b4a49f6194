"""Hints that say back an answer: "You wrote {bp_systolic} over {bp_diastolic}."."""

import re
from collections.abc import Iterable
from typing import Any

from screener.engine.questions import Question
from screener.engine.rulebook.files import Files, Item
from screener.engine.rulebook.written import ProtocolSource
from screener.engine.yaml_text import KeyPath

_BRACES = re.compile(r"\{([^{}]*)\}?|\}")


def check_said_back(source: ProtocolSource, order: Iterable[str], files: Files) -> None:
    """Refuse a hint that names in braces what was not asked before it, or is no number.

    `order` are the questions as they are asked. A column names columns before it, and the `unit`
    of its medicine.
    """
    before: list[Question] = []
    for id in order:
        item = source.questions[id]
        _check(item, (), before, files)
        before.append(item.value)
        for i in range(len(item.value.columns)):
            _check(item, ("columns", i), item.value.columns[:i], files)


def _check(item: Item[Any], path: KeyPath, before: Iterable[Question], files: Files) -> None:
    question: Question = item.value.columns[path[1]] if path else item.value
    allowed = [earlier.id for earlier in before if earlier.kind == "number"]
    allowed += ["unit"] if path else []
    for name in _BRACES.findall(question.hint):
        if name not in allowed:
            message = (
                f"braces say back an answer; found {name or 'none in them'}, allowed: a number "
                f"that is asked before {question.id}"
            )
            files.refuse(item, (*path, "hint"), message)
    if question.quotes and question.asked_when is None:
        message = "a hint that says back an answer needs asked_when: it comes after that answer"
        files.refuse(item, (*path, "hint"), message)
