"""How much one person meets in the form: pages, questions, options and words.

It is counted from the protocol alone, screen by screen as the form asks. Of options that are folded
under headings, those count whose heading the person opens because something fits; ticks are options
of which several can be chosen, and options are all. The list of medicines to tick is counted apart:
it is the same for everybody. What stands around every page (the bar with the crisis line, buttons,
the footer) is not of the protocol and is not counted; a title counts on its first screen.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Answers, Option, Question, Row
from screener.engine.terms.reading import Reading
from screener.forms import steps
from screener.forms.medicines_now import new_row, told_column
from screener.forms.page_questions import page_step

WORDS_A_MINUTE = 150  # read slowly, in pain
SECONDS_A_TAP = 3


@dataclass(frozen=True)
class Burden:
    """What a person meets: `cells` are questions about a medicine, one for each medicine.

    `ticks` are the options of which several can be chosen, `options` these and all others. `taps`
    are those of somebody who answers everything: each answer chosen, each heading opened, each box
    typed into, and one to go on from each page.
    """

    pages: int = 0
    questions: int = 0
    cells: int = 0
    ticks: int = 0
    options: int = 0
    words: int = 0
    taps: int = 0

    @property
    def minutes(self) -> float:
        """Return how long it takes to read and to answer."""
        return self.words / WORDS_A_MINUTE + self.taps * SECONDS_A_TAP / 60

    def __add__(self, other: "Burden") -> "Burden":
        """Return both together."""
        names = [field.name for field in fields(self)]
        return Burden(**{name: getattr(self, name) + getattr(other, name) for name in names})


def burden(protocol: Protocol, answers: Answers) -> Burden:
    """Return what somebody who gives these answers meets on the way through the form."""
    return sum((met for _, met in each_screen(Reading(protocol, answers))), Burden())


def each_screen(reading: Reading) -> Iterator[tuple[str, Burden]]:
    """Yield what is met on each screen, with its name: "pain", or "medicines_tried/sertraline"."""
    protocol, answers = reading.protocol, reading.answers
    for page in protocol.pages:
        heading = _words(page.title, page.intro)
        for step in steps.STEPS:
            if questions := page_step(protocol, page, reading, step):
                met = Burden(pages=1, questions=len(questions), words=heading, taps=1)
                yield page.id, met + _of_questions(questions, answers)
                heading = 0
        rows = answers.get(protocol.table.id, {}) if protocol.table.id in page.questions else {}
        assert isinstance(rows, dict)
        for id, cells in rows.items():
            medicine = protocol.medicines[id]
            heading = _words(medicine.name, *medicine.brands)
            for screen in screens_of(reading, medicine, cells):
                met = Burden(pages=1, cells=len(screen), words=heading, taps=1)
                yield f"{page.id}/{id}", met + _of_questions(screen, cells)
                heading = 0


def screens_of(reading: Reading, medicine: Medicine, cells: Row) -> Iterator[list[Question]]:
    """Yield what each screen on one medicine asks of somebody who fills its row in with `cells`."""
    given = new_row(reading.protocol, reading.answers, medicine.id)
    step = steps.FIRST
    while True:
        told = told_column(reading.protocol, reading.answers, medicine, given)
        asked = [q for q in steps.row_step(reading, medicine, given, step) if q.id != told]
        if asked:
            yield asked
        given |= {question.id: cells[question.id] for question in asked if question.id in cells}
        given = steps.asked_cells(reading, medicine, given)
        questions_of = partial(steps.row_step, reading, medicine, given)
        step = steps.following_step(step, asked, given, questions_of)
        if not step:
            return


def medicine_list(protocol: Protocol) -> Burden:
    """Return what is in the list of medicines, which everybody is shown."""
    medicines = protocol.medicines.values()
    groups = dict.fromkeys(medicine.group for medicine in medicines)
    words = sum(_words(medicine.name, *medicine.brands) for medicine in medicines)
    return Burden(options=len(medicines), words=words + _words(*groups))


def fitted(protocol: Protocol, answers: Answers) -> Answers:
    """Return the part of a person's answers that another edition of a protocol knows."""
    known: Answers = {}
    for id, answer in answers.items():
        question = protocol.questions.get(id)
        if question is None:
            continue
        if isinstance(answer, dict):
            rows = {row: cells for row, cells in answer.items() if row in protocol.medicines}
            known[id] = {row: _fitted_row(question, cells) for row, cells in rows.items()}
        elif (kept := _fitted(question, answer)) is not None:
            known[id] = kept
    return known


def _fitted_row(table: Question, cells: Row) -> Row:
    columns = {column.id: column for column in table.columns}
    kept = {id: _fitted(columns[id], cell) for id, cell in cells.items() if id in columns}
    return {id: cell for id, cell in kept.items() if cell is not None}


def _fitted(question: Question, answer: Any) -> Any:
    if question.kind == "choices":
        ticked = tuple(id for id in answer if id in question.option_ids)
        return ticked or None
    return answer if question.kind != "choice" or answer in question.option_ids else None


def _of_questions(questions: list[Question], answers: Mapping[str, Answer]) -> Burden:
    """Return the options and the words of questions on one screen; a stem is read once."""
    texts = list(dict.fromkeys(question.stem for question in questions))
    met = ticks = taps = 0
    for question in questions:
        options = _met_options(question, answers.get(question.id))
        headings = dict.fromkeys(option.heading for option in question.options)
        texts += [question.text, question.hint, question.unit, *headings]
        texts += [text for option in options for text in (option.label, option.hint)]
        met += len(options)
        ticks += len(options) if question.kind == "choices" else 0
        taps += _taps(question, answers.get(question.id))
    return Burden(ticks=ticks, options=met, words=_words(*texts), taps=taps)


def _taps(question: Question, answer: Answer | None) -> int:
    """Return how many taps answer a question: one at least, also where it is still blank."""
    if isinstance(answer, tuple):
        chosen = [option for option in question.options if option.id in answer]
        headings = {option.heading for option in chosen if option.heading}
        return len(answer) + (len(headings) if question.folded else 0)
    return max(1, len(answer)) if isinstance(answer, dict) else 1


def _met_options(question: Question, answer: Answer | None) -> list[Option]:
    """Return the options that are seen: of those that are folded, groups that were opened."""
    options = list(question.options)
    if not question.folded:
        return options
    ticked = answer if isinstance(answer, tuple) else ()
    opened = {"", *(option.heading for option in options if option.id in ticked)}
    return [option for option in options if option.heading in opened]


def _words(*texts: str) -> int:
    return sum(map(_words_of, texts))


@lru_cache(maxsize=4096)
def _words_of(text: str) -> int:
    return len(re.findall(r"\w[\w'’.-]*", text))
