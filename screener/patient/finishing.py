"""The end: check the answers, send them once, read what happens next, or have them erased."""

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from screener import pdf, store
from screener.education import crisis_first
from screener.engine.protocol import Topic
from screener.patient import context, hidden, journey, moments, paper, safety, saving, summary
from screener.patient.record import Record
from screener.patient.views import gate, go, here, is_paused, open_record, opened, show
from screener.saying import gettext


def check() -> ResponseReturnValue:
    """Show all answers; a post sends them, unless something typed could not be taken.

    Sending twice makes one submission.
    """
    record = open_record()
    if context.posted() and record.sent:
        return go(url_for("patient.results"))  # the answer to the first sending was lost
    if elsewhere := gate(record):
        return elsewhere
    if request.method == "GET":
        opened()
    if not context.posted():
        return _check(record)
    if hidden.is_asked(request.form):
        return _shown(record)
    if is_paused(record):
        return go(url_for("patient.help"))
    blank = request.form.get("leave_blank")
    if blank is not None:
        saving.leave_blank(blank)
        return go(url_for("patient.check"))
    try:
        saving.submit()
    except saving.NotMended:
        return _check(open_record(), stopped=True), 422
    response = go(url_for("patient.results"))
    context.remember_until_closed(response)
    return response


def _shown(record: Record) -> ResponseReturnValue:
    stops = journey.stops(record)
    stop = next((stop for stop in stops if stop.key == hidden.asked_for(request.form)), None)
    if stop is not None:
        hidden.show(stop)
    return go(here())


def _check(record: Record, *, stopped: bool = False) -> str:
    return show(
        "check.html",
        about=summary.about(record),
        sections=summary.sections(record),
        opened=request.args.get("section", ""),
        blanks=summary.blanks(record),
        unmended=summary.unmended(record),
        stopped=stopped,
    )


def received() -> ResponseReturnValue:
    """Say whether the form was received: its sending may have been answered by nobody."""
    record = open_record()
    if record.under_age:
        return go(url_for("patient.adults_only"))
    at = record.questionnaire.submitted_at
    return show("received.html", at=at and moments.hour(at), day=at and moments.day(at))


def results() -> ResponseReturnValue:
    """Show what happens next and what they told us; never what the rules made of it.

    A post asks for a copy to keep: as a PDF, or the page itself with the person's name.
    """
    record = open_record()
    if context.posted() and record.sent and hidden.is_asked(request.form):
        hidden.show_all()
        return go(here())
    if not record.sent:
        return go(url_for("patient.questions"))
    waits = hidden.hides_any(record)
    wanted = request.form.get("copy", "") if context.posted() and not waits else ""
    if wanted in _PDF and pdf.available():
        return _pdf(record, named=_PDF[wanted])
    crisis = safety.was_crisis(record.progress)
    return show(
        "results.html",
        record=record,
        sent=paper.sent_at(record),
        hidden=waits,
        steps=paper.steps(context.settings().clinic),
        note=str(paper.NOT_A_PROMISE),
        person=paper.person(record) if wanted == "named" else [],
        pdf=pdf.available(),
        reported=paper.reported(record),
        groups=[group for group in summary.groups(record, fixed=True) if group.rows],
        topics=_topics(record, crisis),
        crisis=crisis,
    )


_PDF = {"pdf": False, "pdf_named": True}  # what is posted: whether the name stands on it


def _pdf(record: Record, *, named: bool) -> ResponseReturnValue:
    context.limit("copy", record.questionnaire.reference, context.settings().limit_save)
    try:
        return paper.as_pdf(record, named=named)
    except pdf.NotRendered as error:
        current_app.logger.error("no PDF: %s", error)
        flash(
            gettext(
                "The PDF could not be made just now. Try again in a minute, or print this page."
            )
        )
        return go(url_for("patient.results"))


def back() -> ResponseReturnValue:
    """Lead from education back to the form: the same address for everybody, wherever they were."""
    questionnaire = context.current_or_none()
    if questionnaire is None:
        return redirect(url_for("patient.start"))
    sent = Record.of(questionnaire).sent
    return redirect(url_for("patient.results" if sent else "patient.questions"))


def start_again() -> ResponseReturnValue:
    """Ask whether to erase the form or only to forget it on this device, and do it."""
    record = open_record()
    kept = record.sent or saving.holds_risk_answer(record)
    if request.method == "GET":
        opened()
    if context.posted() and request.form.get("action") == "erase":
        return _erase()
    return show("start_again.html", sent=record.sent, kept=kept, phone=record.phone)


def _erase() -> ResponseReturnValue:
    # Whether it may be erased is looked at under the lock: a page that is saved at the same
    # moment may report danger, and the clinic has to follow that up.
    try:
        erased = saving.start_again()
    except store.AlreadySubmitted:
        erased = False
    if erased:
        flash(gettext("Your answers were deleted."))
    else:
        flash(gettext("Your form is no longer on this phone or computer. The clinic still has it."))
    response = go(url_for("patient.start"))
    context.forget(response)
    return response


def _topics(record: Record, crisis: bool) -> list[Topic]:
    topics = record.protocol.topics
    every = context.settings().topics == "all"
    chosen = list(topics.values()) if every else [topics[id] for id in record.screening.topics]
    # Where somebody told us of danger, support comes first.
    return crisis_first(chosen) if crisis else chosen
