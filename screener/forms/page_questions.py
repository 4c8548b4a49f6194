"""Which questions a page shows to one person.

A page shows every question that may be asked after the pages before it. Conditions within the
page are left to the reader, because without a script nothing can appear while it is filled in.
"""

from screener.engine.explanations.dependencies import dependencies
from screener.engine.expressions import names_in
from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Question
from screener.engine.terms.reading import Reading
from screener.forms.wording import as_asked

# Answers that the program works out itself; no page asks for them.
COMPUTED = ("age", "seconds_per_item")


def page_questions(protocol: Protocol, page: Page, reading: Reading) -> list[Question]:
    """Return the questions that the page shows, given what the other pages say.

    `reading` is of all stored answers. What stands on the page itself hides nothing of it, apart
    from a question whose own answer counts in its condition (a standing yes).
    """

    waiting = waiting_questions(reading)

    def may_be_asked(question: Question) -> bool:
        if question.asked_when is None:
            return True
        if question.id in waiting:
            return False
        beside = _asked_beside(protocol, page, question)
        if not beside:
            return reading.asked(question.id)[1]
        others = {id: answer for id, answer in reading.answers.items() if id not in beside}
        return Reading(protocol, others).asked(question.id)[1]

    return [
        as_asked(question, reading.answers)
        for question in (protocol.questions[id] for id in page.questions if id not in COMPUTED)
        if may_be_asked(question)
    ]


def waiting_questions(reading: Reading) -> set[str]:
    """Return the questions that are not shown until an answer on another page leads to them.

    A follow-up is for those whom it is about, so it waits for an answer that it follows from, be
    it "not sure"; what says back an answer waits until it certainly has to be asked.
    """
    protocol, answers = reading.protocol, reading.answers
    gates = protocol.once(("gates",), lambda: _gates(protocol))
    waiting = {id for id, on in gates.items() if id not in answers and on.isdisjoint(answers)}
    quoting = (id for id in gates if protocol.questions[id].quotes)
    return waiting.union(id for id in quoting if not reading.asked(id)[0])


def _gates(protocol: Protocol) -> dict[str, set[str]]:
    """Return the questions on other pages that each follow-up hangs on."""
    gates = {}
    for page in protocol.pages:
        for question in (protocol.questions[id] for id in page.questions):
            if question.asked_when is not None:
                on = names_in(question.asked_when.expression).questions
                gates[question.id] = on.difference(page.questions, COMPUTED)
    return {id: on for id, on in gates.items() if on}


def _asked_beside(protocol: Protocol, page: Page, question: Question) -> frozenset[str]:
    """Return the other questions of a page on which the condition of a question depends."""
    assert question.asked_when is not None
    roots = [question.asked_when.expression]
    return protocol.once(
        ("asked beside", question.id, *page.questions),
        lambda: dependencies(protocol, roots).questions & {*page.questions} - {question.id},
    )
