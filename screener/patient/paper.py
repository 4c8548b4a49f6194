"""What a person may keep of the form that they sent: for the results page, and as a PDF.

Their name and date of birth stand on it only where they ask for that. What is asked about their
safety at home stands on no paper: others may read it (see `summary.about`).
"""

from collections.abc import Iterable
from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response

from screener import pdf
from screener.patient import context, moments, summary
from screener.patient.record import Record
from screener.settings import Clinic

NOT_A_PROMISE = (
    "A physician will review your answers. Sending this form does not mean that you will be "
    "offered any treatment."
)
_NOT_ANSWERED = "Not answered"
_HELP = (
    "If something changes or gets worse, do not wait. Call your doctor, or 911 in an emergency.",
    "In crisis? Call or text 988 at any hour (US). In immediate danger call 911.",
)
_CLOSING = (
    "This is not a diagnosis. Do not start, stop or change a medicine because of it.",
    "Blank answers were left blank. Head, hands and feet are not part of the drawing.",
)
_DEMONSTRATION = "Demonstration. Not for clinical use."


def steps(clinic: Clinic) -> list[str]:
    """Return what happens next, the same for everybody. It promises what the clinic set."""
    reading = f" {clinic.reply.reading}" if clinic.reply.reading else ""
    if clinic.hours and not reading:
        reading = f" on working days ({clinic.hours})"
    call = f" {clinic.reply.call}" if clinic.reply.call else ""
    soon = f", usually {clinic.reply.physician}" if clinic.reply.physician else ""
    return [
        f"Staff read your answers{reading}.",
        f"If something is missing, they may call you{call}.",
        f"A physician reviews your answers and talks with you before any decision{soon}.",
    ]


def person(record: Record) -> list[tuple[str, str]]:
    """Return whose form it is, for a copy on which the person wants that."""
    born = record.born
    day = f"{born:%B} {born.day}, {born.year}" if born else _NOT_ANSWERED
    return [("Name", str(record.identity.get("name") or _NOT_ANSWERED)), ("Date of birth", day)]


def sent_at(record: Record) -> str:
    """Return when the form was sent, in words and by the clinic's clock."""
    assert record.questionnaire.submitted_at is not None
    return moments.moment(record.questionnaire.submitted_at)


def reported(record: Record) -> list[str]:
    """Return what they told us in our sentences; never what the rules made of it."""
    # By the edition that is served, as the topics: two people with the same answers read the same.
    sentences = (rule.reported for rule in record.screening.flags)
    return list(dict.fromkeys(sentence for sentence in sentences if sentence))


def as_pdf(record: Record, *, named: bool) -> Response:
    """Return the copy as a download whose name tells nothing. Raises pdf.NotRendered."""
    response = make_response(pdf.render("copy.typ", _copy(record, named)))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = 'attachment; filename="copy.pdf"'
    return response


def _copy(record: Record, named: bool) -> dict[str, Any]:
    settings = context.settings()
    clinic = settings.clinic
    whose = person(record) if named else []
    after = [f"If you hear nothing from us, call {clinic.phone}."] if clinic.phone else []
    return {
        "lang": "en",
        "title": "Your copy",
        "warning": "" if settings.production else _DEMONSTRATION,
        "clinic": {"name": clinic.name},
        "page": "Page",
        "reference": {"label": "Your reference:", "value": record.questionnaire.reference},
        "sent": f"You sent your answers on {sent_at(record)}.",
        "person": [{"label": label, "value": value} for label, value in whose],
        "help": list(_HELP),
        "next": {
            "title": "What happens next",
            "steps": steps(clinic),
            "after": [NOT_A_PROMISE, *after],
        },
        "told": {
            "title": "What you told us",
            "reported": reported(record),
            "boxes": "Where a character could not be printed, you see a box:",
        },
        "groups": [_group(group) for group in summary.groups(record, fixed=True) if group.rows],
        "closing": list(_CLOSING),
    }


def _group(group: summary.Group) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "title": group.title,
        "rows": [{"label": row.label, "values": _values(row.value)} for row in group.rows],
    }
    if group.areas:
        shown["drawings"] = [
            {
                "alt": f"A body from the {view}; the places that hurt are in the list below.",
                "svg": render_template("pdf/body.svg", view=view, ticked=group.areas),
            }
            for view in ("front", "back")
        ]
    return shown


def _values(value: str | Iterable[str] | None) -> list[str]:
    if not value:
        return [_NOT_ANSWERED]
    return [value] if isinstance(value, str) else list(value)
