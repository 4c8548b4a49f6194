"""The questions: the task list, one page a topic, one page a medicine."""

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue

from screener.engine.questions import Answers
from screener.forms.pages import (
    PageForm,
    Stored,
    needed,
    page_answers,
    row_answers,
    row_questions,
    typed,
    unexpected,
)
from screener.patient import context, journey, saving, scripts, whereabouts
from screener.patient.journey import Stop
from screener.patient.record import Record
from screener.patient.views import back_to, gate, go, here, open_record, show


def questions() -> ResponseReturnValue:
    """The task list with how far the person is."""
    record = open_record()
    if elsewhere := gate(record):
        return elsewhere
    parts = journey.parts(record)
    done = sum(part.state == "completed" for part in parts)
    onward = journey.resumed(record)
    return show("questions.html", record=record, parts=parts, done=done, onward=onward)


def page(page_id: str) -> ResponseReturnValue:
    """One page of questions."""
    return _screen(page_id, "")


def row(page_id: str, row: str) -> ResponseReturnValue:
    """The questions on one medicine."""
    return _screen(page_id, row)


def _screen(page_id: str, row: str) -> ResponseReturnValue:
    record = open_record()
    if elsewhere := gate(record):
        return elsewhere
    stop = journey.find(record, page_id, row)
    if stop is None:
        return _gone(record, page_id, row)
    if context.posted():
        return _save(record, stop)
    form = PageForm(record.protocol, stop.questions(record.protocol, record.answers))
    if request.method == "POST":  # its token no longer fits: nothing is saved
        form.take(request.form)
        return _show(record, stop, form)
    form.fill(_stored(record, stop, form))
    if stop.key in record.progress.drafts:
        form.require(needed(record.protocol, form.questions, record.answers))
    return _show(record, stop, form)


def _gone(record: Record, page_id: str, row: str) -> ResponseReturnValue:
    """A page that is not asked (any more): an old link, or another tab changed an answer."""
    known = any(page.id == page_id for page in record.protocol.pages)
    if not known or (row and row not in record.protocol.medicines):
        abort(404)
    flash("That page is no longer asked, because of another answer.")
    return go(url_for("patient.questions"))


def _save(record: Record, stop: Stop) -> ResponseReturnValue:
    protocol = record.protocol
    possible = (
        row_questions(protocol, stop.medicine)
        if stop.medicine
        else [protocol.questions[id] for id in stop.page.questions]
    )
    if unexpected(whereabouts.apart(record, stop, request.form), possible):
        abort(400)
    context.limit("save", record.questionnaire.id, context.settings().limit_save)
    forms: list[PageForm] = []

    def change(record: Record) -> Answers:
        form = PageForm(protocol, stop.questions(protocol, record.answers))
        form.take(request.form)
        forms.append(form)
        conflicts = form.compare(request.form, _stored(record, stop, form))
        answers = _merged(record, stop, form)
        form.require(needed(protocol, form.questions, answers))
        _note(record, stop, form, conflicts)
        whereabouts.note(record, stop, request.form)
        return answers

    record = saving.save(change)
    form = forms[-1]
    back = back_to()
    if saving.unread(record):
        after = {"after": stop.key} | ({"from": back} if back else {})
        return go(url_for("patient.help", **after))  # type: ignore[arg-type]
    if stop.key in record.progress.drafts:
        return _again(record, stop, form)
    return go(journey.following(record, stop, back))


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
    return go(here()) if kept else _show(record, stop, form)


def _merged(record: Record, stop: Stop, form: PageForm) -> Answers:
    """All answers with those of this screen: wrong ones leave what was stored before."""
    protocol, blank = record.protocol, form.blank()
    if stop.medicine is None:
        kept = {id: answer for id, answer in record.answers.items() if id not in blank}
        return kept | page_answers(protocol, form, record.answers)
    table = protocol.table.id
    rows = record.answers.get(table, {})
    assert isinstance(rows, dict)
    if stop.medicine.id not in rows:  # another tab has just taken its tick away
        return record.answers
    cells = {id: cell for id, cell in rows[stop.medicine.id].items() if id not in blank}
    cells |= row_answers(protocol, form, stop.medicine)
    return {**record.answers, table: rows | {stop.medicine.id: cells}}


def _note(record: Record, stop: Stop, form: PageForm, conflicts: dict[str, str]) -> None:
    """Write into the progress that the screen was saved, or what on it has to be mended."""
    progress = record.progress
    before = progress.drafts.pop(stop.key, {})
    seen = progress.conflicts.pop(stop.key, {})
    progress.pages_saved = [key for key in progress.pages_saved if key != stop.key]
    # What this window did not touch still waits: to be mended, or to be chosen from.
    drafts = {id: typed for id, typed in before.items() if id in form.untouched}
    waiting = {id: mark for id, mark in seen.items() if id in drafts}
    if drafts or conflicts or form.errors:
        drafts |= form.drafts()
        drafts |= {field.name: field.typed() for field in form.fields if field.name in conflicts}
        progress.drafts[stop.key] = drafts
        if waiting or conflicts:
            progress.conflicts[stop.key] = waiting | conflicts
    else:
        progress.pages_saved.append(stop.key)


def _stored(record: Record, stop: Stop, form: PageForm) -> Stored:
    """What stands for the questions of this screen."""
    answers = _answers(record, stop)
    progress = record.progress
    return Stored(
        {q.id: typed(q, answers[q.id]) for q in form.questions if q.id in answers},
        progress.drafts.get(stop.key, {}),
        progress.conflicts.get(stop.key, {}),
    )


def _answers(record: Record, stop: Stop) -> Answers:
    if stop.medicine is None:
        return record.answers
    rows = record.answers[record.protocol.table.id]
    assert isinstance(rows, dict)
    return dict(rows.get(stop.medicine.id, {}))


def _show(record: Record, stop: Stop, form: PageForm) -> ResponseReturnValue:
    order = journey.stops(record.protocol, record.answers)
    place = next(i for i, one in enumerate(order, 1) if one.key == stop.key)
    back = journey.preceding(record, stop, back_to())
    beside = whereabouts.beside(record, stop, request.form)
    if beside is not None:
        form.beside = [beside.where_now]
    html = show(
        "page.html",
        stop=stop,
        form=form,
        place=place,
        total=len(order),
        back=back,
        whereabouts=beside,
        typing=scripts.typing(record, stop, form),
    )
    return html, 422 if form.errors and request.method == "POST" else 200
