"""Which questions a page shows to one person, and in which steps.

A page shows what may be asked after the pages before it. Without a script nothing can appear while
it is filled in, so what follows from an answer on it comes on a page after it, and only for those
whom it is about; with one it comes in place (`in_place.py`). Questions on safety all stand on one
page, and are left to the reader.
"""

from screener.engine.explanations.dependencies import dependencies
from screener.engine.expressions import names_in
from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Question
from screener.engine.terms.reading import Reading
from screener.forms.steps import AGAIN, MORE
from screener.forms.wording import as_asked

# Answers that the program works out itself; no page asks for them.
COMPUTED = ("age", "seconds_per_item")


def page_questions(protocol: Protocol, page: Page, reading: Reading) -> list[Question]:
    """Return what a page asks in all its steps; `reading` is of all stored answers.

    On a page about safety, what stands on the page itself hides nothing of it, apart from a
    question whose own answer counts in its condition (a standing yes).
    """
    waiting = waiting_questions(reading)
    safety = is_about_safety(protocol, page)

    def may_be_asked(question: Question) -> bool:
        if question.asked_when is None:
            return True
        if question.id in waiting:
            return False
        beside = _asked_beside(protocol, page, question) if safety else frozenset()
        if not beside:
            return reading.asked(question.id)[1]
        others = {id: answer for id, answer in reading.answers.items() if id not in beside}
        return Reading(protocol, others).asked(question.id)[1]

    return [
        as_asked(question, reading.answers)
        for question in (protocol.questions[id] for id in page.questions if id not in COMPUTED)
        if may_be_asked(question)
    ]


def page_step(protocol: Protocol, page: Page, reading: Reading, step: str) -> list[Question]:
    """Return what one step of a page asks: first what follows from nothing on it, then the rest."""
    safety = is_about_safety(protocol, page)
    return [
        question
        for question in page_questions(protocol, page, reading)
        if step != AGAIN
        and (step == MORE) == (not safety and bool(_asked_beside(protocol, page, question)))
    ]


def waiting_questions(reading: Reading) -> set[str]:
    """Return the questions that are not shown until an answer leads to them.

    A follow-up is for those whom it is about, so it waits for an answer that it follows from, be
    it "not sure"; what says back an answer waits until it certainly has to be asked.
    """
    protocol, answers = reading.protocol, reading.answers
    gates = protocol.once(("gates",), lambda: _gates(protocol))
    waiting = {id for id, on in gates.items() if id not in answers and on.isdisjoint(answers)}
    quoting = (id for id in gates if protocol.questions[id].quotes)
    return waiting.union(id for id in quoting if not reading.asked(id)[0])


def _gates(protocol: Protocol) -> dict[str, frozenset[str]]:
    """Return the questions that each follow-up hangs on, apart from those beside it on safety."""
    gates = {}
    for page in protocol.pages:
        beside = page.questions if is_about_safety(protocol, page) else ()
        for question in (protocol.questions[id] for id in page.questions):
            if question.asked_when is not None:
                names = names_in(question.asked_when.expression).questions
                gates[question.id] = frozenset(names.difference(beside, COMPUTED, [question.id]))
    return {id: on for id, on in gates.items() if on}


def is_about_safety(protocol: Protocol, page: Page) -> bool:
    """Return whether a page holds a question on safety: it is shown whole."""
    return any(protocol.questions[id].risk for id in page.questions)


def _asked_beside(protocol: Protocol, page: Page, question: Question) -> frozenset[str]:
    """Return the other questions of a page on which the condition of a question depends."""
    if question.asked_when is None:
        return frozenset()
    roots = [question.asked_when.expression]
    return protocol.once(
        ("asked beside", question.id, *page.questions),
        lambda: dependencies(protocol, roots).questions & {*page.questions} - {question.id},
    )
