"""What a person may keep of the form that they sent: for the results page, and as a PDF.

Their name and date of birth stand on it only where they ask for that. What is asked about their
safety at home stands on no paper: others may read it (see `summary.about`).
"""

from collections.abc import Iterable
from typing import Any

from flask import make_response, render_template
from werkzeug.wrappers import Response

from screener import pdf, spoken
from screener.patient import context, moments, summary
from screener.patient.record import Record
from screener.saying import gettext, lazy_gettext
from screener.settings import Clinic

NOT_A_PROMISE = lazy_gettext(
    "A physician will review your answers. Sending this form does not mean that you will be "
    "offered any treatment."
)
_NOT_ANSWERED = lazy_gettext("Not answered")
_HELP = (
    lazy_gettext(
        "If something changes or gets worse, do not wait. Call your doctor, or 911 in an emergency."
    ),
    lazy_gettext("In crisis? Call or text 988 at any hour (US). In immediate danger call 911."),
)
_CLOSING = (
    lazy_gettext("This is not a diagnosis. Do not start, stop or change a medicine because of it."),
    lazy_gettext(
        "Blank answers were left blank. Head, hands and feet are not part of the drawing."
    ),
)
_DEMONSTRATION = lazy_gettext("Demonstration. Not for clinical use.")


def steps(clinic: Clinic) -> list[str]:
    """Return what happens next, the same for everybody. It promises what the clinic set."""
    return [_reading(clinic), _call(clinic), _decision(clinic)]


def _reading(clinic: Clinic) -> str:
    if clinic.reply.reading:
        return gettext("Staff read your answers %(when)s.", when=clinic.reply.reading)
    if clinic.hours:
        return gettext("Staff read your answers on working days (%(hours)s).", hours=clinic.hours)
    return gettext("Staff read your answers.")


def _call(clinic: Clinic) -> str:
    if clinic.reply.call:
        when = clinic.reply.call
        return gettext("If something is missing, they may call you %(when)s.", when=when)
    return gettext("If something is missing, they may call you.")


def _decision(clinic: Clinic) -> str:
    if clinic.reply.physician:
        return gettext(
            "A physician reviews your answers and talks with you before any decision, "
            "usually %(when)s.",
            when=clinic.reply.physician,
        )
    return gettext("A physician reviews your answers and talks with you before any decision.")


def person(record: Record) -> list[tuple[str, str]]:
    """Return whose form it is, for a copy on which the person wants that."""
    born = record.born
    day = moments.day_of(born) if born else str(_NOT_ANSWERED)
    return [
        (gettext("Name"), str(record.identity.get("name") or _NOT_ANSWERED)),
        (gettext("Date of birth"), day),
    ]


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
    after = [_no_news(clinic)] if clinic.phone else []
    return {
        "lang": spoken.current().code.partition("_")[0],
        "title": gettext("Your copy"),
        "warning": "" if settings.production else str(_DEMONSTRATION),
        "clinic": {"name": clinic.name},
        "page": gettext("Page"),
        "reference": {"label": gettext("Your reference:"), "value": record.questionnaire.reference},
        "sent": gettext("You sent your answers on %(sent)s.", sent=sent_at(record)),
        "person": [{"label": label, "value": value} for label, value in whose],
        "help": [str(sentence) for sentence in _HELP],
        "next": {
            "title": gettext("What happens next"),
            "steps": steps(clinic),
            "after": [str(NOT_A_PROMISE), *after],
        },
        "told": {
            "title": gettext("What you told us"),
            "reported": reported(record),
            "boxes": gettext("Where a character could not be printed, you see a box:"),
        },
        "groups": [_group(group) for group in summary.groups(record, fixed=True) if group.rows],
        "closing": [str(sentence) for sentence in _CLOSING],
    }


def _no_news(clinic: Clinic) -> str:
    return gettext("If you hear nothing from us, call %(phone)s.", phone=clinic.phone)


def _views() -> list[tuple[str, str]]:
    """Return the two drawings of the body, each with what it shows in words."""
    front = gettext("A body from the front. The places that hurt are in the list below.")
    back = gettext("A body from the back. The places that hurt are in the list below.")
    return [("front", front), ("back", back)]


def _group(group: summary.Group) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "title": group.title,
        "rows": [{"label": row.label, "values": _values(row.value)} for row in group.rows],
    }
    if group.areas:
        shown["drawings"] = [
            {
                "alt": alt,
                "svg": render_template("pdf/body.svg", view=view, ticked=group.areas),
            }
            for view, alt in _views()
        ]
    return shown


def _values(value: str | Iterable[str] | None) -> list[str]:
    if not value:
        return [str(_NOT_ANSWERED)]
    return [value] if isinstance(value, str) else list(value)
