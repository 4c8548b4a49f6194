"""Documents of answers as text: JSON or YAML, one or more, each bare or as a case."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from screener.engine.problems import RulebookError
from screener.engine.questions import AnswersError
from screener.engine.reader import read_text

CASE_KEYS = frozenset({"case", "answers", "expect"})


@dataclass(frozen=True)
class AnswerDocument:
    """One person as read: the name of the case, if it has one, and the raw answers."""

    place: str
    case: str | None
    answers: Any

    def refused(self, error: AnswersError) -> list[str]:
        """A line for each answer that was refused, with the document it stands in."""
        called = f" ({self.case})" if self.case else ""
        return [f"{self.place}{called}: {fault}" for fault in error.problems]


class DocumentError(Exception):
    """Text that holds no documents of answers. `problems` has one line for each fault."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_documents(text: str, shown: str) -> list[AnswerDocument]:
    """Every document of `text`; `shown` names the source in errors. Raises DocumentError.

    JSON keeps its own types, YAML scalars stay text until a question types them. Several JSON
    documents may follow each other or stand in one list.
    """
    raw = _json(text, shown) if text.lstrip()[:1] in ("{", "[") else None
    found = _yaml(text, shown) if raw is None else raw
    if not found:
        raise DocumentError([f"{shown}: no document found"])
    documents, problems = [], []
    for number, one in enumerate(found, 1):
        place = f"{shown}: document {number}"
        if not isinstance(one, dict):
            problems.append(f"{place}: a mapping of answers is expected")
        elif not CASE_KEYS & set(one):
            documents.append(AnswerDocument(place, None, one))
        else:
            extra = sorted(set(one) - CASE_KEYS)
            if extra or "answers" not in one:
                said = f"found also {', '.join(extra)}" if extra else "answers is missing"
                problems.append(f"{place}: a case has case, answers and expect; {said}")
            case = one.get("case")
            documents.append(
                AnswerDocument(place, None if case is None else str(case), one.get("answers"))
            )
    if problems:
        raise DocumentError(problems)
    return documents


def _yaml(text: str, shown: str) -> list[Any]:
    try:
        return [document.data for document in read_text(text, shown)]
    except RulebookError as error:
        raise DocumentError([str(problem) for problem in error.problems]) from None


def _json(text: str, shown: str) -> list[Any] | None:
    """The JSON documents of `text`, or None where it is YAML that only looks like it."""
    try:
        found = list(_values(text))
    except json.JSONDecodeError as error:
        try:
            _yaml(text, shown)
        except DocumentError:
            place = f"{shown}:{error.lineno}:{error.colno}"
            raise DocumentError([f"{place}: is not well-formed JSON: {error.msg}"]) from None
        return None
    except _DuplicateKey as error:
        raise DocumentError([f"{shown}: the key {error} stands twice in one object"]) from None
    except RecursionError:
        raise DocumentError([f"{shown}: is nested too deeply"]) from None
    except ValueError as error:  # a constant such as NaN, or a number of thousands of digits
        raise DocumentError([f"{shown}: {error}"]) from None
    if len(found) == 1 and isinstance(found[0], list):
        return list(found[0])
    return found


def _values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(
        parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_unique
    )
    at = 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        value, at = decoder.raw_decode(text, at)
        yield value


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no answer")


class _DuplicateKey(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKey(key)
        found[key] = value
    return found
