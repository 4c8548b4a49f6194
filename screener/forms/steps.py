"""What a screen asks, and in which steps.

Without a script nothing appears while a page is filled in. So what follows from an answer comes on
a page after it: how many sessions, of those who had the treatment; of a medicine that is given for
more than one thing, what follows from what it was taken for. What was written and is said back
("You wrote 10,000 mg a day") comes last. Questions on safety all stand on one page.
"""

from collections.abc import Callable, Collection, Iterable

from screener.engine.explanations.dependencies import dependencies
from screener.engine.protocol import Medicine, Page, Protocol
from screener.engine.questions import Question, Row
from screener.engine.terms.reading import Reading
from screener.forms.wording import as_asked

# Answers that the program works out itself; no page asks for them.
COMPUTED = ("age", "seconds_per_item")

FIRST, MORE, AGAIN = "", "more", "again"
STEPS = (FIRST, MORE, AGAIN)


def following_step(
    step: str,
    asked: Iterable[Question],
    answered: Collection[str],
    questions_of: Callable[[str], Iterable[Question]],
) -> str:
    """Return the step that has to follow `step`, whose page asked `asked`, or "" for none.

    It asks something that was not on that page and is not answered. Only answers that changed lead
    to the same step again, and none leads back: whoever sends every page unchanged comes to the
    end.
    """
    before = {(question.id, question.hint) for question in asked}
    for later in STEPS[max(1, STEPS.index(step)) :]:
        questions = (q for q in questions_of(later) if q.id not in answered)
        if any((question.id, question.hint) not in before for question in questions):
            return later
    return ""


# --- a page of the protocol ----------------------------------------------------------------------


def page_questions(protocol: Protocol, page: Page, reading: Reading) -> list[Question]:
    """Return what a page asks in all its steps; `reading` is of all stored answers."""
    return [as_asked(q, reading.answers) for q in _may_be_asked(protocol, page, reading)]


def page_step(protocol: Protocol, page: Page, reading: Reading, step: str) -> list[Question]:
    """Return what one step of a page asks: first all but the follow-ups, then those."""
    return [
        as_asked(question, reading.answers)
        for question in _may_be_asked(protocol, page, reading)
        if _follows(protocol, page, question) == (step == MORE) and step != AGAIN
    ]


def _may_be_asked(protocol: Protocol, page: Page, reading: Reading) -> list[Question]:
    asked = []
    for question in (protocol.questions[id] for id in page.questions if id not in COMPUTED):
        if question.asked_when is None:
            asked.append(question)
            continue
        must, may = reading.asked(question.id)
        beside = _asked_beside(protocol, page, question)
        if question.quotes or _follows(protocol, page, question):
            may = must  # it is about an answer, so it waits for that
        elif beside:
            others = {id: answer for id, answer in reading.answers.items() if id not in beside}
            may = Reading(protocol, others).asked(question.id)[1]
        if may:
            asked.append(question)
    return asked


def _follows(protocol: Protocol, page: Page, question: Question) -> bool:
    """Return whether a question is asked because of an answer on its page, and after it."""
    if any(protocol.questions[id].risk for id in page.questions):
        return False
    return bool(_asked_beside(protocol, page, question))


def _asked_beside(protocol: Protocol, page: Page, question: Question) -> frozenset[str]:
    """Return the other questions of a page on which the condition of a question depends."""
    if question.asked_when is None:
        return frozenset()
    roots = [question.asked_when.expression]
    return protocol.once(
        ("asked beside", question.id, *page.questions),
        lambda: dependencies(protocol, roots).questions & {*page.questions} - {question.id},
    )


# --- one medicine --------------------------------------------------------------------------------


def row_questions(reading: Reading, medicine: Medicine, cells: Row) -> list[Question]:
    """Return the columns that may be asked of a medicine whose row is `cells`, as they read."""
    return [as_asked(column, cells, medicine) for column in _columns(reading, medicine, cells)]


def possible_columns(reading: Reading, medicine: Medicine) -> list[Question]:
    """Return the columns that some page of the medicine may show, whatever its row."""
    columns = reading.protocol.table.columns
    return [column for column in columns if reading.column_asked(medicine, column, {})]


def row_step(reading: Reading, medicine: Medicine, cells: Row, step: str) -> list[Question]:
    """Return what one step asks of a medicine; it may be nothing.

    The last shows beside each answer that is said back the question that it answers, so that a
    slip can be mended.
    """
    columns = _columns(reading, medicine, cells)
    waits = any(_says_uses(column) for column in columns)
    again = [column for column in columns if column.quotes]
    if step == AGAIN:
        ids = {id for column in again for id in (column.id, *column.quotes)}
    else:
        later = step == MORE
        ids = {c.id for c in columns if (waits and bool(c.uses)) == later and not c.quotes}
    return [as_asked(column, cells, medicine) for column in columns if column.id in ids]


def asked_cells(reading: Reading, medicine: Medicine, cells: Row) -> Row:
    """Return the cells of a row without those of columns that are not asked of it."""
    asked = {column.id for column in _columns(reading, medicine, cells)}
    kept = {id: cell for id, cell in cells.items() if id in asked}
    # Without a cell that is gone, another may not be asked either.
    return kept if len(kept) == len(cells) else asked_cells(reading, medicine, kept)


def _columns(reading: Reading, medicine: Medicine, cells: Row) -> list[Question]:
    return [
        column
        for column in reading.protocol.table.columns
        if all(id in cells for id in column.quotes)
        and reading.column_asked(medicine, column, cells)
    ]


def _says_uses(column: Question) -> bool:
    """Return whether a column says what the medicine was taken for."""
    return any(option.uses for option in column.options)
