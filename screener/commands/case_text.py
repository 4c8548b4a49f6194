"""Answers of people as cases: text that `screener assess` reads, and that fits beside a rule."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import yaml

from screener.engine.questions import Answers


def case_text(title: str, people: Sequence[Answers]) -> str:
    """Return people as cases with a title, one document of YAML each."""
    documents = []
    for number, answers in enumerate(people, 1):
        name = f"{title} ({number} of {len(people)})" if len(people) > 1 else title
        case = {"case": name, "answers": plain(answers)}
        documents.append(yaml.safe_dump(case, sort_keys=False, allow_unicode=True, width=100))
    return "---\n" + "---\n".join(documents)


def plain(answer: Any) -> Any:
    """Return answers, or one of them, in the types that YAML and JSON have."""
    if isinstance(answer, Decimal):
        return int(answer) if answer == int(answer) else float(answer)
    if isinstance(answer, dict):
        return {key: plain(value) for key, value in answer.items()}
    return list(answer) if isinstance(answer, tuple) else answer
