"""The help page: shown at once after an answer that calls for it, and open to everyone."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from screener.engine.questions import Answers
from screener.engine.walk import names_in
from screener.patient import context, journey, safety, saving
from screener.patient.record import Record
from screener.patient.views import after_help, back_to, go, show


def help() -> ResponseReturnValue:
    """Show help; a post says that the person read it, and how they want to go on."""
    found = context.known()
    if found is None or found.submitted_at is not None:
        onward = url_for("patient.results") if found else url_for("patient.start")
        return _show(None, [], onward)
    record = Record.of(found)
    unread = safety.unread(saving.screened(record), record.progress)
    key, back = request.args.get("after", ""), back_to()
    if context.posted():
        return _answered(record, unread, key, back)
    return _show(record, unread, after_help(record, key, back))


def _answered(
    record: Record, unread: list[safety.Help], key: str, back: str
) -> ResponseReturnValue:
    action = request.form.get("action", "")
    if action not in ("call", "change", "continue"):
        return _show(record, unread, after_help(record, key, back))

    def change(record: Record) -> Answers:
        now = safety.raised(saving.screened(record))
        record.progress.help_shown = [one.id for one in now]
        if action == "call":
            record.progress.call_requested = context.now().isoformat(timespec="seconds")
        return record.answers

    record = saving.save(change)
    if action == "call":
        values = {"noted": "call", "after": key, "from": back}
        return go(url_for("patient.help", **{k: v for k, v in values.items() if v}))  # type: ignore[arg-type]
    if action == "change":
        return go(_where(record, unread) or after_help(record, key, back))
    return go(after_help(record, key, back))


def _where(record: Record, unread: list[safety.Help]) -> str:
    """The page of the answer that raised the help."""
    for one in unread:
        condition = record.protocol.conditions.get(one.id)
        asked = names_in(condition.expression).questions if condition else {one.id}
        for stop in journey.stops(record.protocol, record.answers):
            if asked & set(stop.page.questions):
                return stop.url()
    return ""


def _show(record: Record | None, unread: list[safety.Help], onward: str) -> ResponseReturnValue:
    kinds = list(dict.fromkeys(one.kind for one in unread)) or ["crisis"]
    noted = bool(record and record.progress.call_requested and request.args.get("noted") == "call")
    return show(
        "help.html",
        kinds=kinds,
        told=bool(unread),
        emergency=any(one.emergency for one in unread),
        unread=bool(unread),
        phone=record.phone if record else "",
        saved=record is not None,
        noted=noted,
        onward=onward,
    )
