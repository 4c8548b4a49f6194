"""What a person answered, in their own words, for the check page and the results."""

from dataclasses import dataclass
from decimal import Decimal

from flask import url_for

from screener import body
from screener.engine.questions import Answer, Question
from screener.engine.words import Words
from screener.forms.identity import in_words
from screener.forms.lengths import WEEKS, in_longer_units, shown_length
from screener.forms.measures import MEASURES, in_us_units, shown_measure
from screener.patient import hidden, journey, moments
from screener.patient.blanks import lead_to_a_call, left_blank
from screener.patient.journey import Stop
from screener.patient.record import Record
from screener.saying import gettext, is_english, lazy_gettext

BODY = "pain_areas"  # the question with a drawing
_KEEP = lazy_gettext("Keep what was saved before")

# Who else sees the phone is for staff alone: whoever looks over a shoulder need not read it here.
_DETAILS = {
    "name": lazy_gettext("Full name"),
    "preferred_name": lazy_gettext("Name you like to be called"),
    "phone": lazy_gettext("Phone number"),
    "voicemail": lazy_gettext("Message"),
    "best_times": lazy_gettext("Good times to call"),
    "language": lazy_gettext("Language"),
    "interpreter": lazy_gettext("Interpreter"),
    "phone_2": lazy_gettext("Second phone number"),
    "email": lazy_gettext("E-mail"),
    "location": lazy_gettext("Where you are now"),
    "emergency_name": lazy_gettext("Someone we may call"),
    "emergency_phone": lazy_gettext("Their phone number"),
    "filled_in_by": lazy_gettext("Who fills in the form"),
}


@dataclass(frozen=True)
class SummaryRow:
    """One question with its answer; no value means not answered.

    `href` is where it is changed, or "" where it cannot be; `anchor` its place on the page.
    """

    label: str
    value: str | list[str] | None
    href: str = ""
    anchor: str = ""

    @property
    def action(self) -> str:
        """Return the word of its link."""
        return gettext("Answer") if self.value is None else gettext("Change")


@dataclass(frozen=True)
class Group:
    """The lines of one screen."""

    title: str
    rows: list[SummaryRow]
    anchor: str = ""
    mend: bool = False  # something there needs attention
    areas: tuple[str, ...] | None = None  # of the body that are ticked, where it is asked here
    hides: str = ""  # the key of a screen whose answers wait until the person asks for them


@dataclass(frozen=True)
class SectionSummary:
    """The answers of one section; `blanks` are its questions that were left blank.

    `calls` says that one of them may lead to a call: the section is then open.
    """

    number: int
    title: str
    groups: list[Group]
    blanks: int
    calls: bool

    @property
    def mend(self) -> bool:
        """Return whether something in it needs attention."""
        return any(group.mend for group in self.groups)


def groups(record: Record, *, fixed: bool = False) -> list[Group]:
    """Return every screen with its answers; `fixed` without links to change them."""
    return [_group(record, stop, fixed) for stop in journey.stops(record)]


def sections(record: Record) -> list[SectionSummary]:
    """Return the answers by section, each with a link to change it."""
    protocol = record.protocol
    screens: list[list[Stop]] = [[] for _ in protocol.sections]
    for stop in journey.stops(record):
        screens[protocol.section_of[stop.page.id]].append(stop)
    calls = lead_to_a_call(protocol)
    blank = {stop.key: journey.blanks(record, stop) for stops in screens for stop in stops}
    return [
        SectionSummary(
            number=number,
            title=section.title,
            groups=[_group(record, stop, fixed=False) for stop in stops],
            blanks=sum(len(blank[stop.key]) for stop in stops),
            calls=any(question.id in calls for stop in stops for question in blank[stop.key]),
        )
        for number, (section, stops) in enumerate(zip(protocol.sections, screens, strict=True), 1)
    ]


@dataclass(frozen=True)
class BlankLinks:
    """What was left blank: links to what we may call about, and how many others there are."""

    calls: list[SummaryRow]
    others: int


def blanks(record: Record) -> BlankLinks:
    """Return the questions that were left blank, those that may lead to a call by name."""
    calls = lead_to_a_call(record.protocol)
    blank = list(left_blank(record))
    links = [
        SummaryRow(f"{stop.name}: {question.text}", None, f"{stop.url('check')}#{question.id}")
        for stop, question in blank
        if question.id in calls
    ]
    return BlankLinks(links, len(blank) - len(links))


def about(record: Record) -> Group:
    """Return the person's details."""
    identity = record.identity
    contact = url_for("patient.contact", **{"from": "check"})  # type: ignore[arg-type]
    birth = url_for("patient.date_of_birth", **{"from": "check"})  # type: ignore[arg-type]
    born = record.born
    shown = {key: in_words(key, identity.get(key)) for key in _DETAILS}
    day = moments.day_of(born) if born else None
    rows = [SummaryRow(gettext("Date of birth"), day, birth, "reach.date_of_birth")]
    for key, value in shown.items():
        label = str(_DETAILS[key])
        rows.append(SummaryRow(label, value or None, f"{contact}#{key}", f"reach.{key}"))
    return Group(gettext("How to reach you"), rows, "reach")


@dataclass(frozen=True)
class UnmendedEntry:
    """Something typed that could not be taken: where it is mended, and how it is dropped."""

    message: str
    href: str
    key: str
    drop: str


def unmended(record: Record) -> list[UnmendedEntry]:
    """Return every screen that holds something typed which could not be taken, in order."""
    progress = record.progress
    waiting = [
        UnmendedEntry(_why(record, stop), stop.url("check"), stop.key, _drop(record, stop))
        for stop in journey.stops(record)
        if stop.key in progress.drafts
    ]
    if progress.contact_typed:
        href = url_for("patient.contact", **{"from": "check"})  # type: ignore[arg-type]
        message = _not_saved(gettext("How to reach you"))
        waiting.insert(0, UnmendedEntry(message, href, "contact", str(_KEEP)))
    return waiting


def _why(record: Record, stop: Stop) -> str:
    if stop.key in record.progress.conflicts:
        return gettext(
            "%(page)s: two windows hold different answers. Choose the right one.", page=stop.name
        )
    if not any(record.progress.drafts[stop.key].values()):
        return gettext("%(page)s: an answer is still missing.", page=stop.name)
    return _not_saved(stop.name)


def _not_saved(page: str) -> str:
    return gettext("%(page)s: something you entered could not be saved.", page=page)


def _drop(record: Record, stop: Stop) -> str:
    answers = record.answers
    if stop.medicine is not None:
        answers = dict(record.rows.get(stop.medicine.id, {}))
    kept = stop.key in record.progress.conflicts or any(
        id in answers for id in record.progress.drafts[stop.key]
    )
    return str(_KEEP) if kept else gettext("Leave it blank")


def _group(record: Record, stop: Stop, fixed: bool) -> Group:
    url, anchor = ("", "") if fixed else (stop.url("check"), journey.anchor(stop))
    if hidden.hides(record, stop):
        rows = [
            SummaryRow(text, gettext("Answered. Hidden.") if answered else None)
            for text, answered in hidden.questions(record, stop)
        ]
        return Group(stop.name, rows, anchor, hides=stop.key)
    rows = [
        SummaryRow(
            question.text,
            value,
            f"{url}#{question.id}" if url else "",
            f"{anchor}.{question.id}" if anchor else "",
        )
        for question, value in _answers(record, stop)
    ]
    mend = not fixed and (stop.key in record.progress.drafts or journey.has_more_now(record, stop))
    drawn = any(question.id == body.QUESTION for question in stop.questions(record))
    return Group(stop.name, rows, anchor, mend, body.ticked(record.answers) if drawn else None)


def _answers(record: Record, stop: Stop) -> list[tuple[Question, str | list[str] | None]]:
    words = Words(record.protocol)
    given = record.answers
    if stop.medicine is not None:
        given = dict(record.rows[stop.medicine.id])
    blank = {question.id for question in journey.blanks(record, stop)}
    shown: list[tuple[Question, str | list[str] | None]] = []
    for question in stop.questions(record):
        if question.private:
            continue
        if question.id in given:
            shown.append((question, _said(words, question, given[question.id])))
        elif question.id in blank or (question.kind == "text" and record.is_asked(question.id)):
            shown.append((question, None))
    return shown


def _said(words: Words, question: Question, answer: Answer) -> str | list[str]:
    if isinstance(answer, tuple) and len(answer) > 1:
        return [question.option(id).label for id in answer]
    if isinstance(answer, dict) and len(answer) > 1:
        return [words.protocol.medicines[id].name for id in answer]
    if question.unit in MEASURES and isinstance(answer, (int, Decimal)):
        us_units = in_us_units(question.unit, answer)
        return f"{shown_measure(question.unit, answer)} ({us_units})"
    if question.unit == WEEKS and isinstance(answer, (int, Decimal)):
        longer = in_longer_units(answer)
        return f"{shown_length(answer)} ({longer})" if longer else shown_length(answer)
    if isinstance(answer, dict) and not answer:
        return gettext("None of these")
    if question.kind == "number" and answer == 1 and question.unit and not is_english():
        return f"1 ({question.unit})"  # no language but English only takes an "s" away
    return words.answer(question, answer)
