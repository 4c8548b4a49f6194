"""The questions: the task list, one page a topic, one page a medicine."""

from collections.abc import Iterable
from dataclasses import replace

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from screener.engine.questions import Answers, Question
from screener.forms import shown, steps
from screener.forms.in_place import arranged
from screener.forms.medicines_now import taken_now
from screener.forms.options import ChoicesField
from screener.forms.page_questions import is_about_safety
from screener.forms.pages import (
    PageForm,
    Stored,
    page_answers,
    required,
    row_answers,
    typed,
    unexpected,
)
from screener.forms.wording import outdated
from screener.patient import (
    alone,
    context,
    hidden,
    journey,
    locking,
    saving,
    scripts,
    sections,
    skipping,
    whereabouts,
)
from screener.patient.journey import Stop
from screener.patient.record import Record
from screener.patient.views import (
    LATER,
    back_to,
    gate,
    go,
    help_after,
    here,
    is_for_later,
    open_record,
    opened,
    show,
)
from screener.saying import gettext


def questions() -> ResponseReturnValue:
    """Show the task list with how far the person is."""
    record = open_record()
    if elsewhere := gate(record):
        return elsewhere
    opened()
    onward = journey.unfinished(record)
    return show(
        "questions.html",
        sections=sections.sections(record),
        minutes=sections.minutes_left(record),
        begun=bool(record.saved),
        onward=onward,
        at=sections.place(record, onward) if onward else None,
    )


def page(page_id: str) -> ResponseReturnValue:
    """Show or take one page of questions."""
    return _screen(page_id, "")


def row(page_id: str, row: str) -> ResponseReturnValue:
    """Show or take the questions on one medicine."""
    return _screen(page_id, row)


# The field that says which medicine a page is of; no question can be called so.
OF = "page-of"


class _Elsewhere(Exception):
    """A save that is not for this page: the person goes elsewhere, and nothing is stored."""

    def __init__(self, answer: ResponseReturnValue) -> None:
        super().__init__()
        self.answer = answer


def _screen(page_id: str, row: str) -> ResponseReturnValue:
    if context.posted() and hidden.is_asked(request.form):
        if stop := journey.find(open_record(), page_id, row):
            hidden.show(stop)
        return go(here())
    if context.posted():
        try:
            return _save(page_id, row)
        except _Elsewhere as sent:
            return sent.answer
    record = open_record()
    if elsewhere := gate(record):
        return elsewhere
    stop = _find(record, page_id, row)
    if stop is None:
        return _gone(record, page_id, row)
    if request.method == "GET":
        opened()
    if request.method == "GET" and hidden.hides(record, stop):
        onward = journey.following(record, stop, back_to())
        asked = hidden.questions(record, stop)
        return show("hidden.html", stop=stop, questions=asked, onward=onward)
    form = PageForm(record.protocol, stop.shown(record, _step()), stop.medicine)
    if _step() and not form.questions:  # an answer has made the step needless
        return go(stop.url(back_to()))
    if request.method == "POST":  # its token no longer fits: nothing is saved
        form.take(request.form)
        return _show(record, stop, form)
    form.fill(_stored(record, stop, form.questions))
    if stop.key in record.progress.drafts:
        form.require(required(form.questions, record.reading))
    _suggest(record, stop, form)
    return _show(record, stop, form)


def _find(record: Record, page_id: str, row: str) -> Stop | None:
    """Return the screen of an address, or the medicine that the posted page says it is of.

    Another window may have taken out a medicine before it, and changed its number.
    """
    of = request.form.get(OF, "")
    if not of or not row:
        return journey.find(record, page_id, row)
    stops = (stop for stop in journey.stops(record) if stop.page.id == page_id)
    return next((stop for stop in stops if scripts.page_mark(record, stop) == of), None)


def _link_rows(record: Record, stop: Stop, form: PageForm) -> None:
    """Let each medicine that was saved in the list lead to what is asked of it."""
    table = record.protocol.table.id
    if stop.medicine is None and table in form:
        rows = [row for row in journey.stops(record) if row.medicine and row.page == stop.page]
        field = form[table]
        assert isinstance(field, ChoicesField)
        field.option_hrefs = {row.medicine.id: row.url(back_to()) for row in rows if row.medicine}


def _suggest(record: Record, stop: Stop, form: PageForm) -> None:
    """Tick what is taken now in the list of what was ever taken, when it is first opened."""
    table, progress = record.protocol.table.id, record.progress
    first = stop.key not in record.saved and stop.key not in progress.drafts
    if stop.medicine is None and table in form and table not in record.answers and first:
        form.suggest(table, taken_now(record.protocol, record.answers))


def _gone(record: Record, page_id: str, row: str) -> ResponseReturnValue:
    """Answer for a page that is not asked: an old link, or another tab changed an answer."""
    exists = any(page.id == page_id for page in record.protocol.pages)
    if not exists or (row and not row.isdecimal()):
        abort(404)
    flash(gettext("That page is no longer asked, because of another answer."))
    return go(url_for("patient.questions"))


def _save(page_id: str, row: str) -> ResponseReturnValue:
    taken: list[tuple[Stop, PageForm, str, Stop]] = []

    def change(record: Record) -> Record:
        stop = _posted_to(record, page_id, row)
        # What the page shows follows from the answers before this save, what has to be answered
        # on it from those after it: a save works out twice which answers count.
        form = PageForm(record.protocol, _posted_questions(record, stop), stop.medicine)
        form.take(request.form)
        conflicts = form.compare(request.form, _stored(record, stop, form.questions))
        merged = replace(record, answers=_merged(record, stop, form))
        form.release(_ruled_out(merged, stop, form))
        conflicts = {id: mark for id, mark in conflicts.items() if id not in form.released}
        form.require(required(form.questions, merged.reading))
        skip = skipping.chosen(record, stop, request.form)
        step = "" if skip else _following_step(merged, stop, form)
        _note(merged, stop, form, conflicts, finished=not step)
        last = skipping.note(merged, stop) if skip == "rest" else stop
        taken.append((stop, form, step, last))
        whereabouts.note(merged, stop, request.form)
        alone.note(merged, stop, request.form)
        return merged

    record = saving.save(change, limited=True)
    stop, form, step, last = taken[-1]
    hidden.show(stop)  # whoever saved it just now has it before them
    back = back_to()
    if saving.unread(record):
        locking.tell_now()
        return go(help_after(stop, back))
    if is_for_later(request.form):
        return go(url_for("patient.later"))
    if stop.key in record.progress.drafts:
        return _again(record, stop, form)
    if step:
        return go(stop.url(back, step))
    return go(journey.following(record, last, back))


def _posted_to(record: Record, page_id: str, row: str) -> Stop:
    """Return the posted screen. Raise _Elsewhere, and BadRequest for what no page sends."""
    if elsewhere := gate(record):
        raise _Elsewhere(elsewhere)
    stop = _find(record, page_id, row)
    if stop is None:
        raise _Elsewhere(_gone(record, page_id, row))
    posted = alone.apart(record, stop, whereabouts.apart(record, stop, request.form))
    posted = skipping.apart(stop, posted)
    posted.poplist(LATER)
    posted.poplist(OF)
    if unexpected(posted, _possible(record, stop)):
        abort(400)
    return stop


def _step() -> str:
    """Return the step of the address."""
    step = request.args.get("step", "")
    return step if step in steps.STEPS else steps.FIRST


def _posted_questions(record: Record, stop: Stop) -> list[Question]:
    """Return the questions of the posted screen: what it shows now, and what it showed.

    Answers since it was opened may have made others of them, and nothing may be lost.
    """
    questions = stop.shown(record, _step())
    ids = {question.id for question in questions}
    names = {*request.form, *(shown.read(request.form.get(shown.NAME, "")) or {})} - ids
    return questions + [question for question in _possible(record, stop) if question.id in names]


def _possible(record: Record, stop: Stop) -> list[Question]:
    """Return the questions that the screen may show, whatever was answered on it."""
    if stop.medicine is not None:
        return steps.possible_columns(record.reading, stop.medicine)
    return [record.protocol.questions[id] for id in stop.page.questions]


def _ruled_out(record: Record, stop: Stop, form: PageForm) -> set[str]:
    """Return the posted questions that are not asked after all; on safety all stay.

    A page shows them where no script hides them, and their answers are dropped with the save.
    """
    ids = {question.id for question in form.questions}
    if stop.medicine is None:
        safety = is_about_safety(record.protocol, stop.page)
        return set() if safety else ids & record.resolved.not_asked
    if stop.medicine.id not in record.rows:
        return set()
    return ids - {question.id for question in stop.questions(record)}


def _following_step(record: Record, stop: Stop, form: PageForm) -> str:
    """Return the step of this stop that comes after the save, or "" for none."""
    if stop.medicine is None:
        answered: Answers = record.answers
    elif stop.medicine.id in record.rows:
        answered = dict(stop.cells(record))
    else:
        return ""
    return steps.following_step(
        _step(), form.questions, answered, lambda step: stop.at_step(record, step)
    )


def _again(record: Record, stop: Stop, form: PageForm) -> ResponseReturnValue:
    """Show what has to be mended.

    By a redirect, because going back to the answer of a post would only show the browser's
    warning. What no page of ours sends is not kept, so only this answer can say that.
    """
    drafts = form.drafts()
    kept = all(
        [str(raw) for raw in field.raw_data or [] if raw] == drafts.get(field.name, [])
        for field in form.fields
        if field.errors
    )
    return go(stop.url(back_to(), _step())) if kept else _show(record, stop, form)


def _merged(record: Record, stop: Stop, form: PageForm) -> Answers:
    """Return all answers with those of this screen; a wrong one leaves what was stored before."""
    protocol, blank = record.protocol, form.blank()
    if stop.medicine is None:
        kept = {id: answer for id, answer in record.answers.items() if id not in blank}
        merged = kept | page_answers(protocol, form, record.answers)
        for id in outdated(protocol.questions.values(), record.answers, merged):
            merged.pop(id, None)
            _ask_again(record, id)
        return merged
    table, tried = protocol.table.id, record.rows
    if stop.medicine.id not in tried:  # another tab has just taken its tick away
        return record.answers
    before = tried[stop.medicine.id]
    cells = {id: cell for id, cell in before.items() if id not in blank}
    cells |= row_answers(protocol, form, stop.medicine)
    for id in outdated(protocol.table.columns, before, cells):
        cells.pop(id, None)
    return {**record.answers, table: tried | {stop.medicine.id: cells}}


def _ask_again(record: Record, question: str) -> None:
    progress = record.progress
    pages = {page.id for page in record.protocol.pages if question in page.questions}
    progress.pages_saved = [key for key in progress.pages_saved if key not in pages]


def _note(
    record: Record, stop: Stop, form: PageForm, conflicts: dict[str, str], *, finished: bool
) -> None:
    """Write into the progress that the screen was saved, or what on it has to be mended.

    A medicine is saved once all its steps are `finished`, and a page once it showed all that is
    asked on it now.
    """
    progress = record.progress
    progress.offered |= form.offered
    before = progress.drafts.pop(stop.key, {})
    seen = progress.conflicts.pop(stop.key, {})
    progress.pages_saved = [key for key in progress.pages_saved if key != stop.key]
    # What this window did not touch still waits: to be mended, or to be chosen from.
    drafts = {id: typed for id, typed in before.items() if id in form.untouched - form.released}
    waiting = {id: mark for id, mark in seen.items() if id in drafts}
    if drafts or conflicts or form.errors:
        drafts |= form.drafts()
        drafts |= {field.name: field.typed() for field in form.fields if field.name in conflicts}
        progress.drafts[stop.key] = drafts
        if waiting or conflicts:
            progress.conflicts[stop.key] = waiting | conflicts
    elif finished and form.showed_all:
        progress.pages_saved.append(stop.key)


def _stored(record: Record, stop: Stop, questions: Iterable[Question]) -> Stored:
    """Return what is stored for questions of this screen."""
    answers = _answers(record, stop)
    progress = record.progress
    return Stored(
        {q.id: typed(q, answers[q.id]) for q in questions if q.id in answers},
        progress.drafts.get(stop.key, {}),
        progress.conflicts.get(stop.key, {}),
    )


def _answers(record: Record, stop: Stop) -> Answers:
    if stop.medicine is None:
        return record.answers
    return dict(record.rows.get(stop.medicine.id, {}))


def _show(record: Record, stop: Stop, form: PageForm) -> ResponseReturnValue:
    step, back = _step(), back_to()
    leads_back = stop.url(back) if step else journey.preceding(record, stop, back)
    beside = whereabouts.beside(record, stop, request.form)
    if beside is not None:
        form.beside = [beside.where_now]
    _link_rows(record, stop, form)
    follow_ups = stop.follow_ups(record, form.questions, step)
    waiting = [follow_up.question for follow_up in follow_ups.values() if follow_up.waits]
    stored = _stored(record, stop, waiting)
    html = show(
        "page.html",
        stop=stop,
        form=form,
        arranged=arranged(form, stop.order(record), follow_ups, stored),
        place=sections.place(record, stop),
        minutes=sections.minutes_left(record),
        back=leads_back,
        step=step,
        whereabouts=beside,
        alone=alone.beside(record, stop, request.form),
        skip=skipping.offered(record, stop),
        typing=scripts.typing(record, stop, (*form.questions, *waiting)),
    )
    return html, 422 if form.errors and request.method == "POST" else 200
