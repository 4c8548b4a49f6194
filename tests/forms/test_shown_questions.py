"""Which questions of a page are shown to a person."""

from hypothesis import given

from screener.engine.explanations.dependencies import dependencies
from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Answers
from screener.engine.terms.reading import Reading
from screener.forms.steps import COMPUTED, STEPS, page_questions, page_step
from tests.engine.answers import anybody


def asked_on(protocol: Protocol, page: Page, answers: Answers) -> list[str]:
    """Return what the page asks: after the other pages, and of follow-ups those now certain."""
    safety = any(protocol.questions[id].risk for id in page.questions)
    elsewhere = {id: answer for id, answer in answers.items() if id not in page.questions}
    asked = []
    for id in page.questions:
        condition = protocol.questions[id].asked_when
        reads = dependencies(protocol, [condition.expression]).questions if condition else set()
        if not safety and reads & {*page.questions} - {id}:
            must, _ = Reading(protocol, answers).asked(id)
            asked += [id] * must
            continue
        own = {id: answers[id]} if id in answers else {}
        _, may = Reading(protocol, elsewhere | own).asked(id)
        asked += [id] * (may and id not in COMPUTED)
    return asked


@given(anybody())
def test_a_page_asks_what_follows_from_answers_only_once_they_are_given(
    person: tuple[Protocol, Answers, bool],
) -> None:
    protocol, answers, _ = person
    for page in protocol.pages:
        reading = Reading(protocol, answers)
        shown = [question.id for question in page_questions(protocol, page, reading)]
        assert shown == asked_on(protocol, page, answers)
        steps = [page_step(protocol, page, reading, step) for step in STEPS]
        assert sorted(q.id for step in steps for q in step) == sorted(shown)
