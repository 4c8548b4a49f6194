"""Which questions of a page are shown to a person."""

from hypothesis import given

from screener.engine.expressions import names_in
from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Answers
from screener.engine.terms.reading import Reading
from screener.forms.page_questions import COMPUTED, page_questions
from tests.engine.answers import anybody


def asked_by_the_other_pages(protocol: Protocol, page: Page, answers: Answers) -> list[str]:
    """Return the questions that may be asked, each read with the other pages and its own answer."""
    elsewhere = {id: answer for id, answer in answers.items() if id not in page.questions}
    return [
        id
        for id in page.questions
        if id not in COMPUTED
        and not waits(protocol, page, id, answers)
        and Reading(protocol, elsewhere | ({id: answers[id]} if id in answers else {})).asked(id)[1]
    ]


def waits(protocol: Protocol, page: Page, id: str, answers: Answers) -> bool:
    """Return whether a question follows from answers of other pages, and none of them is given."""
    question = protocol.questions[id]
    if question.asked_when is None:
        return False
    if question.quotes and not Reading(protocol, answers).asked(id)[0]:
        return True
    leads = names_in(question.asked_when.expression).questions - {*page.questions, *COMPUTED}
    return bool(leads) and id not in answers and not leads & {*answers}


@given(anybody())
def test_a_page_shows_what_the_other_pages_and_an_own_answer_ask_for(
    person: tuple[Protocol, Answers, bool],
) -> None:
    protocol, answers, _ = person
    for page in protocol.pages:
        shown = page_questions(protocol, page, Reading(protocol, answers))
        assert [question.id for question in shown] == asked_by_the_other_pages(
            protocol, page, answers
        )
