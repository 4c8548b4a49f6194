"""Which questions of a page are shown to a person."""

from hypothesis import given

from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Answers
from screener.engine.terms.reading import Reading
from screener.forms.pages import COMPUTED, page_questions
from tests.engine.answers import anybody


def asked_by_the_other_pages(protocol: Protocol, page: Page, answers: Answers) -> list[str]:
    """Return the questions that may be asked, each read with the other pages and its own answer."""
    elsewhere = {id: answer for id, answer in answers.items() if id not in page.questions}
    return [
        id
        for id in page.questions
        if id not in COMPUTED
        and not protocol.questions[id].quotes
        and Reading(protocol, elsewhere | ({id: answers[id]} if id in answers else {})).asked(id)[1]
    ]


@given(anybody())
def test_a_page_shows_what_the_other_pages_and_an_own_answer_ask_for(
    person: tuple[Protocol, Answers, bool],
) -> None:
    protocol, answers, _ = person
    for page in protocol.pages:
        shown = page_questions(protocol, page, Reading(protocol, answers))
        said_back = {id for id in page.questions if protocol.questions[id].quotes}
        assert [q.id for q in shown if q.id not in said_back] == asked_by_the_other_pages(
            protocol, page, answers
        )
