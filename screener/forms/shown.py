"""What a page was showing when it was opened, so that an old page never erases newer answers.

Every page carries a fingerprint of each value that it shows. When it comes back, three values are
held together: what the page showed, what the person sent, and what is stored now. What the person
did not touch stays as it is stored. What they changed is taken, unless it was changed elsewhere
meanwhile to something else: then both values are shown, and the person chooses.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from screener.forms.fields import AnswerField
from screener.forms.options import ChoicesField

NAME = "page-shown"  # no question can be called so: ids have no hyphen
Verdict = Literal["untouched", "changed", "conflict"]


def fingerprint(typed: Sequence[str]) -> str:
    """Return a short mark of what a field holds, whatever its order or line ends; "" for blank."""
    lines = (value.replace("\r\n", "\n").replace("\r", "\n").strip() for value in typed)
    values = sorted(value for value in lines if value)
    if not values:
        return ""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def written(fields: Iterable[AnswerField]) -> str:
    """Return the fingerprints of what fields show, for the hidden field of the page.

    Of a list it has the fingerprint of the options too, which another edition may add to.
    """
    values: dict[str, Sequence[str]] = {}
    for field in fields:
        values[field.name] = field.as_shown()
        if isinstance(field, ChoicesField):
            values[_offered(field.name)] = field.ids
    return marked(values)


def offered(text: str, fields: Iterable[AnswerField]) -> dict[str, list[str]]:
    """Return the options of each list that a page showed as they are now, by question.

    `text` is what the page brings back. A page of another edition showed other options.
    """
    page = read(text) or {}
    lists = (field for field in fields if isinstance(field, ChoicesField))
    return {
        field.name: list(field.ids)
        for field in lists
        if page.get(_offered(field.name)) == fingerprint(field.ids)
    }


def _offered(name: str) -> str:
    return f"{name} offered"  # no id has a space


def marked(values: Mapping[str, Sequence[str]]) -> str:
    """Return the fingerprints of values by their names, for the hidden field of a page."""
    marks = {name: fingerprint(typed) for name, typed in values.items()}
    return json.dumps(marks, separators=(",", ":"))


def read(text: str) -> dict[str, str] | None:
    """Return the fingerprints that a page brings back; None where it brings none of ours."""
    try:
        marks = json.loads(text)
    except ValueError:
        return None
    if not isinstance(marks, dict) or not all(isinstance(mark, str) for mark in marks.values()):
        return None
    return marks


def verdict(
    shown: Mapping[str, str] | None, field: str, sent: Sequence[str], stored: Collection[str]
) -> Verdict:
    """Say what a sent value is: not touched, changed by the person, or changed on both sides.

    `stored` are fingerprints of the values that stand now: the answer, and what was typed over it
    and could not be taken. A page that does not say what it showed never overwrites an answer.
    """
    mine = fingerprint(sent)
    base = "" if shown is None else shown.get(field, "")
    if mine == base:
        return "untouched"
    return "changed" if base in stored or mine in stored else "conflict"
