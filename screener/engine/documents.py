"""Documents of answers as text: JSON or YAML, one or more, each bare or as a case."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from screener.engine.json_text import JsonError, half_in, may_hold_halves, read_json_values
from screener.engine.plain_text import printable, shortened
from screener.engine.problems import RulebookError
from screener.engine.questions import AnswersError
from screener.engine.read_answers import is_null, shown
from screener.engine.yaml_text import Text, read_text

CASE_KEYS = frozenset({"case", "answers", "expect"})
SUBMITTED = "submitted"


@dataclass(frozen=True)
class AnswerDocument:
    """One person as read: the name of the case, if it has one, and the raw answers.

    `place` names the document in errors. `submitted`: the form was sent, so that every question
    counts as reached.
    """

    place: str
    case: str | None
    answers: Any
    submitted: bool = False

    def refused(self, error: AnswersError) -> list[str]:
        """Return a line for each answer that was refused, with the document it stands in."""
        return self.noted(error.problems)

    def noted(self, remarks: Iterable[object]) -> list[str]:
        """Return a line for each remark, with the document that it is about."""
        name = f" ({self.case})" if self.case else ""
        return [printable(f"{self.place}{name}: {remark}") for remark in remarks]


class DocumentError(Exception):
    """Text or a value that is no document of answers, or holds something that is none.

    `problems` has one line for each fault, `documents` the documents without any.
    """

    def __init__(self, problems: list[str], documents: list[AnswerDocument] | None = None) -> None:
        self.problems = problems
        self.documents = documents or []
        super().__init__("\n".join(problems))


def read_documents(text: str, source: str) -> list[AnswerDocument]:
    """Return every document of `text`; `source` names it in errors. Raise DocumentError.

    JSON keeps its own types, YAML scalars stay text until a question types them. Several JSON
    documents may follow each other or stand in one list. A YAML document in which nothing is
    written is none.
    """
    read = _json if text.lstrip()[:1] in ("{", "[") else _yaml
    values = read(text, source)
    if not values:
        raise DocumentError([f"{source}: no document found"])
    documents, problems = [], []
    halves = may_hold_halves(text)
    for number, value in enumerate(values, 1):
        place = f"{source}: document {number}"
        if halves and (half := half_in(value)):
            problems.append(f"{place}: {half}")
            continue
        try:
            documents.append(AnswerDocument(place, *parts_of(value)))
        except DocumentError as error:
            problems += [f"{place}: {problem}" for problem in error.problems]
    if problems:
        raise DocumentError(problems, documents)
    return documents


def parts_of(value: Any) -> tuple[str | None, Any, bool]:
    """Return the name, the raw answers, and whether the form was sent. Raise DocumentError."""
    if not isinstance(value, dict):
        raise DocumentError([f"a mapping of answers is expected; found {shown(value)}"])
    problems: list[str] = []
    sent = False
    if SUBMITTED in value:
        value = value.copy()
        sent = _truth(value.pop(SUBMITTED), problems)
    if CASE_KEYS.isdisjoint(value):
        case, answers = None, value
    else:
        case, answers = _name(value.get("case"), problems), value.get("answers")
        extra = sorted(value.keys() - CASE_KEYS)
        if extra or "answers" not in value:
            fault = f"found also {_listed(extra)}" if extra else "answers is missing"
            problems.append(f"a case has case, answers and expect; {fault}")
    if problems:
        raise DocumentError(problems)
    return case, answers, sent


def _name(value: Any, problems: list[str]) -> str | None:
    if is_null(value):
        return None
    if isinstance(value, str):
        return str(value)
    problems.append(f"case: found {shown(value)}; allowed: text")
    return None


def _truth(value: Any, problems: list[str]) -> bool:
    if isinstance(value, bool) or is_null(value):
        return value is True
    if isinstance(value, Text) and value in ("true", "false"):
        return value == "true"
    problems.append(printable(f"{SUBMITTED}: found {shown(value)}; allowed: true or false"))
    return False


def _listed(keys: list[str]) -> str:
    more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
    return printable(", ".join(shortened(key) for key in keys[:5]) + more)


def _yaml(text: str, source: str) -> list[Any]:
    try:
        return [document.data for document in read_text(text, source)]
    except RulebookError as error:
        raise DocumentError([str(problem) for problem in error.problems]) from None


def _json(text: str, source: str) -> list[Any]:
    """Return the documents of `text`, which is JSON, or YAML that only looks like JSON."""
    values: list[Any] = []
    try:
        for value in read_json_values(text):
            values.append(value)
    except JsonError as error:
        if not error.malformed:
            raise DocumentError([f"{source}: document {len(values) + 1}: {error}"]) from None
        try:
            return _yaml(text, source)
        except DocumentError:
            line = text.count("\n", 0, error.at) + 1
            column = error.at - text.rfind("\n", 0, error.at)
            raise DocumentError([f"{source}:{line}:{column}: {error}"]) from None
    return values[0] if len(values) == 1 and isinstance(values[0], list) else values
