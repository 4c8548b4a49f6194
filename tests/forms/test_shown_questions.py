"""Which questions of a page are shown to a person."""

from hypothesis import given

from screener.engine.expressions import names_in
from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Answers
from screener.engine.terms.reading import Reading
from screener.forms.page_questions import COMPUTED, page_questions, page_step
from screener.forms.steps import STEPS
from tests.engine.answers import anybody


def asked_on(protocol: Protocol, page: Page, answers: Answers) -> list[str]:
    """Return what the page asks: after the other pages, and of follow-ups those led to."""
    safety = any(protocol.questions[id].risk for id in page.questions)
    asked = []
    for id in page.questions:
        question, read = protocol.questions[id], answers
        if question.asked_when is not None:
            leads = names_in(question.asked_when.expression).questions - {id, *COMPUTED}
            if safety:  # what stands beside it is left to the reader
                leads -= {*page.questions}
                own = {id: answers[id]} if id in answers else {}
                read = {id: a for id, a in answers.items() if id not in page.questions} | own
            if leads and id not in answers and not leads & {*answers}:
                continue
        must, may = Reading(protocol, read).asked(id)
        asked += [id] * ((must if question.quotes else may) and id not in COMPUTED)
    return asked


@given(anybody())
def test_a_page_asks_what_follows_from_an_answer_once_it_is_given(
    person: tuple[Protocol, Answers, bool],
) -> None:
    protocol, answers, _ = person
    for page in protocol.pages:
        reading = Reading(protocol, answers)
        shown = [question.id for question in page_questions(protocol, page, reading)]
        assert shown == asked_on(protocol, page, answers)
        by_step = [page_step(protocol, page, reading, step) for step in STEPS]
        assert sorted(q.id for step in by_step for q in step) == sorted(shown)
