"""Posts to the pages of questions, and what the forms take of them: helpers."""

from typing import Any

from werkzeug.datastructures import MultiDict

from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Answers, Question
from screener.engine.terms.reading import Reading
from screener.forms.page_questions import page_questions
from screener.forms.pages import PageForm, page_answers
from tests.shipped import RULEBOOK

PROTOCOL: Protocol = RULEBOOK.protocols["fibromyalgia"]
PAGES = {page.id: page for page in PROTOCOL.pages}


def shown_on(page: Page, answers: Answers) -> list[Question]:
    """Return the questions that a page shows to somebody with these answers."""
    return page_questions(PROTOCOL, page, Reading(PROTOCOL, answers))


def form_of(page: str, posted: dict[str, Any], stored: dict[str, Any] | None = None) -> PageForm:
    answers = PROTOCOL.read_answers(stored or {})
    form = PageForm(PROTOCOL, shown_on(PAGES[page], answers))
    form.take(MultiDict(posted))
    return form


def taken(page: str, posted: dict[str, Any], stored: dict[str, Any] | None = None) -> Any:
    form = form_of(page, posted, stored)
    assert not form.errors
    return page_answers(PROTOCOL, form, PROTOCOL.read_answers(stored or {}))
