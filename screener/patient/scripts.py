"""What the script of the patient's pages needs: answers it can read, and what it may keep."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import Signer
from werkzeug.wrappers import Response

from screener.engine.questions import Question
from screener.patient.journey import Stop
from screener.patient.record import Record

SENT_BY_SCRIPT = "X-Screener-Script"
NEXT = "X-Screener-Next"
PAGE = "X-Screener-Page"


@dataclass(frozen=True)
class Typing:
    """What the browser may keep of a screen until it is saved; never on safety or mood.

    `questionnaire` and `page` are opaque marks of the form and the screen. `fields` may be kept,
    and none may where it is empty.
    """

    questionnaire: str
    page: str
    fields: tuple[str, ...]


def typing(record: Record, stop: Stop, questions: Iterable[Question]) -> Typing:
    """Return what the browser may keep of this screen."""
    id = str(record.questionnaire.id)
    fields = tuple(question.id for question in questions if not is_private(stop, question))
    return Typing(mark(id), page_mark(record, stop), fields)


def page_mark(record: Record, stop: Stop) -> str:
    """Return the mark of a screen of this form."""
    return mark(str(record.questionnaire.id), stop.key)


def is_private(stop: Stop, question: Question) -> bool:
    """Return whether an answer must neither lie in a browser nor be shown before it is asked for.

    So it is on every page that the rulebook does not call ordinary, and for a column that is asked
    for the sake of mood alone, or says that it was for mood.
    """
    return not stop.page.keep_typing or _is_about_mood(question)


def _is_about_mood(column: Question) -> bool:
    return column.uses == ("mood",) or any("mood" in option.uses for option in column.options)


def answer(response: Response) -> Response:
    """Tell a script where to go on, instead of sending it there: it could not show that page.

    Any other answer is marked as ours, so that the script can tell it from that of a gateway.
    """
    if SENT_BY_SCRIPT not in request.headers:
        return response
    target = response.headers.get("Location", "")
    if response.status_code == 303 and re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", target):
        response.status_code = 204
        response.set_data(b"")
        for name in ("Location", "Content-Type", "Content-Length"):
            response.headers.pop(name, None)
        response.headers[NEXT] = target
    else:
        response.headers[PAGE] = "yes"
    return response


def mark(*names: str) -> str:
    """Return a keyed hash, which shows nothing of what it was made from."""
    key = current_app.secret_key
    assert key is not None
    return Signer(key, salt="screener.typing").get_signature("/".join(names)).decode()
