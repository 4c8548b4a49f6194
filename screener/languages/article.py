"""A page of education in another language, with a mark of the English page that it says."""

import re
from collections.abc import Iterator

from screener.engine.field_types import Model
from screener.engine.protocol import Topic
from screener.engine.rulebook.files import fingerprint

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PLACE = re.compile(r"\{[a-z0-9_]+\}")
_CITED = re.compile(r"\[@[a-z0-9-]+\]")
_LINK = re.compile(r"\]\(([^)]+)\)")


class Article(Model):
    """A translated page. `of` is the start of the fingerprint of the English title and text."""

    id: str
    of: str
    title: str
    summary: str
    text: str


def mark(topic: Topic) -> str:
    """Return the mark of an English page: it changes with every word of it."""
    return fingerprint([topic.title, topic.summary, topic.text])[:16]


def lost(english: str, translated: str) -> Iterator[str]:
    """Yield what a translation must keep and does not have: numbers, places, sources, links."""
    for what, pattern in (
        ("the number", _NUMBER),
        ("the place", _PLACE),
        ("the source", _CITED),
        ("the link", _LINK),
    ):
        there = set(pattern.findall(translated))
        for kept in dict.fromkeys(pattern.findall(english)):
            if kept not in there:
                yield f"{what} {kept} of the English text is missing"
    for strange in sorted(set(_PLACE.findall(translated)) - set(_PLACE.findall(english))):
        yield f"the English text has no place {strange}"
