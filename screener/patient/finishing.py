"""The end: check the answers, send them once, read what happens next, or have them erased."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from screener import locality, store
from screener.engine.protocol import Topic
from screener.patient import context, safety, saving, summary
from screener.patient.record import Record
from screener.patient.views import gate, go, is_paused, open_record, show


def check() -> ResponseReturnValue:
    """Show all answers; a post sends them, unless something typed could not be taken.

    Sending twice makes one submission.
    """
    record = open_record()
    if elsewhere := gate(record):
        return elsewhere
    if not context.posted():
        return _check(record)
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


def results() -> ResponseReturnValue:
    """Show what happens next and what they told us; never what the rules made of it."""
    record = open_record()
    if not record.sent:
        return go(url_for("patient.questions"))
    return show(
        "results.html",
        record=record,
        sent=_moment(record),
        reported=_reported(record),
        groups=summary.groups(record, fixed=True),
        topics=_topics(record),
        crisis=safety.was_crisis(record.progress),
    )


def start_again() -> ResponseReturnValue:
    """Ask whether to erase the form or only to forget it on this device, and do it."""
    record = open_record()
    kept = record.sent or saving.holds_risk_answer(record)
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
        flash("Your answers were deleted.")
    else:
        flash("Your form is no longer on this phone or computer. The clinic still has it.")
    response = go(url_for("patient.start"))
    context.forget(response)
    return response


def _reported(record: Record) -> list[str]:
    # By the edition that is served, as the topics: two people with the same answers read the same.
    sentences = (rule.reported for rule in record.screening.flags)
    return list(dict.fromkeys(sentence for sentence in sentences if sentence))


def _topics(record: Record) -> list[Topic]:
    topics = record.protocol.topics
    if context.settings().topics == "all":
        return list(topics.values())
    return [topics[id] for id in record.screening.topics]


def _moment(record: Record) -> str:
    assert record.questionnaire.submitted_at is not None
    at = locality.local(record.questionnaire.submitted_at)
    clock = f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"
    return f"{at:%B} {at.day}, {at.year}, {clock} {locality.zone_name(at)}"
