"""The order of the questionnaire for one person: which screens there are, and how far they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from flask import request, url_for

from screener.engine.medicines import Medicine
from screener.engine.protocol import Page
from screener.engine.questions import Question, Row
from screener.forms import steps
from screener.forms.in_place import FollowUp, page_follow_ups, row_follow_ups
from screener.forms.medicines_now import told_column
from screener.forms.page_questions import COMPUTED, page_questions, page_step, waiting_questions
from screener.patient.record import Record
from screener.saying import gettext


@dataclass(frozen=True)
class Stop:
    """One screen: a page, or one medicine of its table, with its number among them.

    Addresses, titles and headings have the number: they tell nobody which medicine it is. It
    changes when medicines before it are taken out, so a page also says which one it is of, in a
    mark (see `asking.py`).
    """

    page: Page
    medicine: Medicine | None = None
    number: int = 0

    @property
    def key(self) -> str:
        """Return its name in the progress: "pain", or "medicines_tried/sertraline"."""
        return self.page.id if self.medicine is None else f"{self.page.id}/{self.medicine.id}"

    @property
    def title(self) -> str:
        """Return its heading."""
        if self.medicine is None:
            return self.page.title
        return gettext("Medicine %(number)s", number=self.number)

    @property
    def name(self) -> str:
        """Return its title where it stands in a list with others."""
        if self.medicine is None:
            return self.page.title
        return gettext("Medicine: %(name)s", name=self.medicine.name)

    def url(self, back: str = "", step: str = steps.FIRST) -> str:
        """Return its address; `back` is "check" when it is opened from the check page."""
        return _url(request.script_root, self.page.id, self.number, back, step)

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

    def if_remembered(self, record: Record) -> bool:
        """Return whether it is about a medicine that is only shown, so that nothing hangs on it."""
        medicine = self.medicine
        return medicine is not None and not steps.can_count(record.protocol, medicine)

    def follow_ups(
        self, record: Record, shown: Sequence[Question], step: str
    ) -> dict[str, FollowUp]:
        """Return what a script shows in place on the screen that shows these questions."""
        if step == steps.AGAIN:
            return {}
        if self.medicine is not None:
            return row_follow_ups(record.reading, self.medicine, self.cells(record), shown)
        return page_follow_ups(self.page, record.reading, shown)

    def order(self, record: Record) -> list[str]:
        """Return every question that it may show, in order."""
        if self.medicine is not None:
            return [column.id for column in record.protocol.table.columns]
        return list(self.page.questions)

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
def _url(_root: str, page: str, row: int, back: str, step: str) -> str:
    """Return the address of a screen below `_root`, kept: a check page has dozens of them."""
    values: dict[str, Any] = {"page_id": page} | ({"row": row} if row else {})
    if step:
        values["step"] = step
    if back:
        values["from"] = back
    return url_for("patient.row" if row else "patient.page", **values)


@dataclass(frozen=True)
class Part:
    """One screen of the task list. `state` is completed, not_started or attention."""

    stop: Stop
    state: str
    hint: str = ""
    blanks: int = 0


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
            medicines = [Stop(page, record.protocol.medicines[row]) for row in record.rows]
            # Those that can count come first, while the person still has the strength.
            medicines.sort(key=lambda stop: stop.if_remembered(record))
            numbered = (replace(stop, number=n) for n, stop in enumerate(medicines, 1))
            yield from (stop for stop in numbered if not stop.is_needless(record))


def find(record: Record, page_id: str, row: str = "") -> Stop | None:
    """Return the stop of an address, or None when it is not one of this person's.

    `row` is the number of a medicine, as the address has it, or "".
    """
    wanted = (page_id, row)
    numbers = ((stop, str(stop.number) if stop.number else "") for stop in stops(record))
    return next((stop for stop, number in numbers if (stop.page.id, number) == wanted), None)


def anchor(stop: Stop) -> str:
    """Return the name of a screen's place on the check page: of a medicine, with its number."""
    return stop.page.id if stop.medicine is None else f"{stop.page.id}-{stop.number}"


def checked(record: Record, stop: Stop) -> str:
    """Return the address of a screen's place on the check page, whose section is open there."""
    section = record.protocol.section_of[stop.page.id] + 1
    place = anchor(stop) if stop.medicine is None or stop.medicine.id in record.rows else ""
    return url_for("patient.check", section=section, _anchor=place or None)


def reach_checked() -> str:
    """Return the address of the details on how to reach the person, on the check page."""
    return url_for("patient.check", section="reach", _anchor="reach")


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
        return next(fresh, checked(record, stop))
    return rest[0].url() if rest else url_for("patient.check")


def _says_back(record: Record, stop: Stop) -> bool:
    return any(record.protocol.questions[id].quotes for id in stop.page.questions)


def preceding(record: Record, stop: Stop, back: str = "") -> str:
    """Return where "Back" leads."""
    if back == "check":
        return checked(record, stop)
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
        return Part(stop, "attention", "Something here still needs your attention")
    if has_more_now(record, stop):
        return Part(stop, "attention", "There is more to choose from now")
    if stop.key not in record.saved:
        return Part(stop, "not_started")
    return Part(stop, "completed", blanks=len(blanks(record, stop)))


def has_more_now(record: Record, stop: Stop) -> bool:
    """Return whether a list that was answered there has options that the person never saw."""
    return stop.medicine is None and not record.unseen.keys().isdisjoint(stop.page.questions)


def blanks(record: Record, stop: Stop) -> list[Question]:
    """Return the questions that are asked there and were left blank, where a blank counts.

    A private one is not among them: it must not show that it was asked.
    """
    if stop.medicine is not None:
        cells = stop.cells(record)
        open_ = (question for question in stop.questions(record) if question.id not in cells)
        return [question for question in open_ if not question.blank_says_nothing]
    return [
        question
        for id in stop.page.questions
        if id not in COMPUTED
        and not (question := record.protocol.questions[id]).blank_says_nothing
        and not question.private
        and id not in record.answers
        and record.is_asked(id)
    ]
