"""The help page: shown at once after an answer that calls for it, and open to everyone."""

from flask import request, session, url_for
from flask.typing import ResponseReturnValue

from screener import danger, store
from screener.patient import context, journey, locking, safety, saving
from screener.patient.record import Record
from screener.patient.views import after_help, back_to, go, here, show

_ASKED = "asked"  # kept in the session, so that no address says it
_ASKS: tuple[safety.Asked, ...] = ("call", "unsafe")


def help() -> ResponseReturnValue:
    """Show help; a post says what the person asks for, and that they read it.

    Reading it is never refused, also where nothing can be stored or looked up.
    """
    try:
        questionnaire = context.current_or_none()
    except store.Unavailable:
        if request.method == "POST":
            raise
        questionnaire = None
    if questionnaire is None:
        return page(None, [], url_for("patient.start"))
    record = Record.of(questionnaire)
    unread = saving.unread(record)
    back = back_to()
    if locking.is_locked() and not locking.was_told_now():
        return _locked(record)
    if context.posted():
        return _answered(record, unread, back)
    return page(record, unread, _onward(record, back))


def _locked(record: Record) -> ResponseReturnValue:
    """Show help that tells nothing of the form; what is asked for there is noted all the same."""
    action = request.form.get("action", "")
    if context.posted() and action in _ASKS:
        saving.ask(_ASKS[_ASKS.index(action)])
        session[_ASKED] = action
        return go(here())
    if context.posted():
        session.pop(_ASKED, None)
        return go(url_for("patient.unlock"))
    return page(record, [], "", locked=True)


def _answered(record: Record, unread: list[danger.Help], back: str) -> ResponseReturnValue:
    action = request.form.get("action", "")
    if action in _ASKS:
        saving.ask(_ASKS[_ASKS.index(action)])
        session[_ASKED] = action
        return go(here())  # still unread: the page stays, and says what was noted
    if action not in ("change", "continue"):
        return page(record, unread, _onward(record, back))
    session.pop(_ASKED, None)
    if record.sent or record.under_age:
        return go(_onward(record, back))

    def read(record: Record) -> Record:
        record.progress.help_shown = [help.id for help in danger.raised(*saving.readings(record))]
        return record

    record = saving.save(read)
    if action == "change":
        return go(_where(record, unread) or after_help(record, back))
    return go(after_help(record, back))


def _where(record: Record, unread: list[danger.Help]) -> str:
    """Return the page of the answer that raised the help."""
    for help in unread:
        rule = record.protocol.rules.get(help.id)
        behind = danger.questions_behind(record.protocol, rule) if rule else {help.id}
        for stop in journey.stops(record):
            if behind & set(stop.page.questions):
                return stop.url()
    return ""


def _onward(record: Record, back: str) -> str:
    """Return where to go on after help."""
    if record.sent:
        return url_for("patient.results")
    if record.under_age:
        return url_for("patient.adults_only")
    return after_help(record, back)


def page(
    record: Record | None, unread: list[danger.Help], onward: str, *, locked: bool = False
) -> str:
    """Render the help page. It promises only what is true for this person.

    `locked`: who reads it may be somebody else, so it tells nothing of this person.
    """
    kinds = list(dict.fromkeys(help.kind for help in unread)) or ["crisis"]
    emergency = any(help.emergency for help in unread)
    open_form = record is not None and not locked and not record.sent and not record.under_age
    return show(
        "help.html",
        kinds=kinds,
        told=bool(unread),
        emergency=emergency,
        declined=record is not None and _only_declined(record, unread),
        asked=session.get(_ASKED, "") if record else "",
        phone=record.phone if record and not locked else "",
        locked=locked,
        saved=record is not None,
        reached=record is not None and not locked and saving.holds_risk_answer(record),
        asks=record is not None,
        change=open_form and emergency and "crisis" not in kinds,
        onward=onward,
    )


def _only_declined(record: Record, unread: list[danger.Help]) -> bool:
    """Return whether help is shown for refusals alone: no worrying answer is a yes."""
    if any(help.kind != "crisis" for help in unread):
        return False
    worries = danger.worrying(record.protocol, record.answers)
    return bool(worries) and all(record.answers[id] == "declined" for id in worries)
