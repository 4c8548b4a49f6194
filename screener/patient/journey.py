"""The order of the questionnaire for one person: which screens there are, and how far they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import request, url_for

from screener.engine.medicines import Medicine
from screener.engine.protocol import Page
from screener.engine.questions import Question, Row
from screener.forms import steps
from screener.forms.medicines_now import told_column
from screener.forms.page_questions import COMPUTED, page_questions, page_step, waiting_questions
from screener.patient.record import Record


@dataclass(frozen=True)
class Stop:
    """One screen: a page, or one medicine of its table."""

    page: Page
    medicine: Medicine | None = None

    @property
    def key(self) -> str:
        """Return its name in the progress: "pain", or "medicines_tried/sertraline"."""
        return self.page.id if self.medicine is None else f"{self.page.id}/{self.medicine.id}"

    @property
    def title(self) -> str:
        """Return its heading."""
        return self.page.title if self.medicine is None else self.medicine.name

    @property
    def name(self) -> str:
        """Return its title where it stands in a list with others."""
        return self.page.title if self.medicine is None else f"Medicine: {self.medicine.name}"

    def url(self, back: str = "", step: str = steps.FIRST) -> str:
        """Return its address; `back` is "check" when it is opened from the check page."""
        row = self.medicine.id if self.medicine is not None else ""
        return _url(request.script_root, self.page.id, row, back, step)

    def questions(self, record: Record) -> list[Question]:
        """Return what is asked there, in all its steps."""
        if self.medicine is not None:
            return steps.row_questions(record.reading, self.medicine, self.cells(record))
        return page_questions(record.protocol, self.page, record.reading)

    def shown(self, record: Record, step: str) -> list[Question]:
        """Return what the screen shows at a step: everything, once it was saved or has a slip."""
        progress = record.progress
        # Saved once is enough: a list that offers more now may stand on any step of it.
        if step or (self.key not in progress.pages_saved and self.key not in progress.drafts):
            questions = self.at_step(record, step)
        else:
            questions = self.questions(record)
        if self.medicine is None:
            return questions
        told = told_column(record.protocol, record.answers, self.medicine, self.cells(record))
        return [question for question in questions if question.id != told]

    def at_step(self, record: Record, step: str) -> list[Question]:
        """Return what one step asks there."""
        if self.medicine is not None:
            return steps.row_step(record.reading, self.medicine, self.cells(record), step)
        return page_step(record.protocol, self.page, record.reading, step)

    def is_needless(self, record: Record) -> bool:
        """Return whether nothing is left to ask of its medicine: all of it was told before."""
        assert self.medicine is not None
        told = told_column(record.protocol, record.answers, self.medicine, self.cells(record))
        return all(question.id == told for question in self.questions(record))

    def cells(self, record: Record) -> Row:
        """Return the cells of its medicine that are asked of it."""
        assert self.medicine is not None
        cells = record.rows.get(self.medicine.id, {})
        return steps.asked_cells(record.reading, self.medicine, cells)


@lru_cache(maxsize=4096)
def _url(_root: str, page: str, row: str, back: str, step: str) -> str:
    """Return the address of a screen below `_root`, kept: a check page has dozens of them."""
    values: dict[str, Any] = {"page_id": page} | ({"row": row} if row else {})
    if step:
        values["step"] = step
    if back:
        values["from"] = back
    return url_for("patient.row" if row else "patient.page", **values)


@dataclass(frozen=True)
class Part:
    """One line of the task list. `state` is completed, in_progress or not_started."""

    stop: Stop
    state: str
    hint: str


def stops(record: Record) -> list[Stop]:
    """Return the screens that are asked of this person, in order."""
    return list(_stops(record))


def _stops(record: Record) -> Iterator[Stop]:
    hidden = record.resolved.not_asked.union(COMPUTED, waiting_questions(record.reading))
    table = record.protocol.table.id
    for page in record.protocol.pages:
        if not hidden.issuperset(page.questions):
            yield Stop(page)
        if table in page.questions and table not in hidden:
            medicines = (Stop(page, record.protocol.medicines[row]) for row in record.rows)
            yield from (stop for stop in medicines if not stop.is_needless(record))


def find(record: Record, page_id: str, row: str = "") -> Stop | None:
    """Return the stop of an address, or None when it is not one of this person's."""
    key = f"{page_id}/{row}" if row else page_id
    return next((stop for stop in stops(record) if stop.key == key), None)


def following(record: Record, stop: Stop, back: str = "") -> str:
    """Return where to go after a stop: the next one, or the check page.

    Opened from the check page, it leads back there, but not past medicines just ticked, nor past
    an answer that was just given and has to be looked at again.
    """
    order = stops(record)
    places = {listed.key: i for i, listed in enumerate(order)}
    rest = order[places[stop.key] + 1 :] if stop.key in places else []
    if back == "check":
        saved = record.saved
        come = (listed for listed in rest if listed.medicine or _says_back(record, listed))
        fresh = (listed.url(back) for listed in come if listed.key not in saved)
        return next(fresh, url_for("patient.check"))
    return rest[0].url() if rest else url_for("patient.check")


def _says_back(record: Record, stop: Stop) -> bool:
    return any(record.protocol.questions[id].quotes for id in stop.page.questions)


def preceding(record: Record, stop: Stop, back: str = "") -> str:
    """Return where "Back" leads."""
    if back == "check":
        return url_for("patient.check")
    order = stops(record)
    place = next(i for i, listed in enumerate(order) if listed.key == stop.key)
    return order[place - 1].url() if place else url_for("patient.questions")


def unfinished(record: Record) -> Stop | None:
    """Return the first stop that was not saved yet, or still holds what could not be taken."""
    for stop in stops(record):
        if stop.key not in record.saved or stop.key in record.progress.drafts:
            return stop
    return None


def resumed(record: Record) -> str:
    """Return where to go on: the first screen that waits, or the check page."""
    waiting = unfinished(record)
    return waiting.url() if waiting else url_for("patient.check")


def parts(record: Record) -> list[Part]:
    """Return the task list."""
    return [_part(record, stop) for stop in stops(record)]


def _part(record: Record, stop: Stop) -> Part:
    if stop.key in record.progress.drafts:
        return Part(stop, "in_progress", "Something here still needs your attention")
    if has_more_now(record, stop):
        return Part(stop, "in_progress", "There is more to choose from now")
    if stop.key not in record.saved:
        return Part(stop, "not_started", "")
    count = len(blanks(record, stop))
    word = "question" if count == 1 else "questions"
    return Part(stop, "completed", f"{count} {word} left blank" if count else "")


def has_more_now(record: Record, stop: Stop) -> bool:
    """Return whether a list that was answered there has options that the person never saw."""
    return stop.medicine is None and not record.unseen.keys().isdisjoint(stop.page.questions)


def blanks(record: Record, stop: Stop) -> list[Question]:
    """Return the questions that are asked there and were left blank, where a blank counts."""
    if stop.medicine is not None:
        cells = stop.cells(record)
        open_ = (question for question in stop.questions(record) if question.id not in cells)
        return [question for question in open_ if not question.blank_says_nothing]
    return [
        question
        for id in stop.page.questions
        if id not in COMPUTED
        and not (question := record.protocol.questions[id]).blank_says_nothing
        and id not in record.answers
        and record.is_asked(id)
    ]
