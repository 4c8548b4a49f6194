"""The steps of a screen, and what is asked of one medicine: the columns that can matter for it.

Without a script nothing appears while a page is filled in (with one it does: `in_place.py`). So
what follows from an answer comes on a page after it: of a medicine that is given for more than one
thing, what follows from what it was taken for. What was written and is said back ("You wrote
10,000 mg a day") comes on one of its own.
The pages of the protocol are in `page_questions.py`.
"""

from collections.abc import Callable, Collection, Iterable

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Question, Row
from screener.engine.terms.reading import Reading
from screener.forms.wording import as_asked

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


def can_count(protocol: Protocol, medicine: Medicine) -> bool:
    """Return whether a trial of the medicine may count for a use that the protocol looks at."""
    uses = {condition.use for condition in protocol.row_conditions.values()} - {"any"}
    return any(medicine.trial(use) is not None for use in uses)


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
