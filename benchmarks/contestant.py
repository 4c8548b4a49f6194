"""What is measured: a way to decide which rules are met by the answers of one person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from screener.engine.questions import Answers


@dataclass(frozen=True)
class Contestant:
    """`run(prepare(answers))` is a result, of which `verdicts` returns which rules are met.

    `run` alone is timed. `package` is its name on the package index, where it is a peer.
    """

    name: str
    prepare: Callable[[Answers], Any]
    run: Callable[[Any], Any]
    verdicts: Callable[[Any], Mapping[str, bool]]
    package: str = ""
    start: Literal["typed answers", "dictionary", "JSON text", "own memory"] = "typed answers"


# What a contestant starts from, in words for the report.
STARTS = {
    "typed answers": "the answers as the form types them",
    "dictionary": "the answers as the peer reads them, prepared outside the timing",
    "JSON text": "the same as JSON text, prepared outside the timing",
    "own memory": "what the engine makes of them before a rule is run, outside the timing",
}


def as_it_is(answers: Any) -> Any:
    """Return the answers with nothing prepared."""
    return answers
