"""The booklet of the rulebook that ships, and its texts: helpers."""

import re
from collections.abc import Iterator

from bs4 import Tag

from screener.booklet.booklet import booklet
from screener.booklet.parts import ClauseView
from tests.engine.answers import RULEBOOK

BOOK = booklet(RULEBOOK)


def text_of(page: Tag) -> str:
    return re.sub(r"\s+", " ", page.get_text(" "))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def sentences(clause: ClauseView) -> Iterator[ClauseView]:
    yield clause
    for part in clause.parts:
        yield from sentences(part)
