"""When a page cannot be saved: help comes all the same, and what was typed is not lost.

A full disk, a locked or lost database, a form that is gone or closed, a token that no longer fits:
whatever the reason, a person who has just reported danger gets help at once, reads plainly that the
answer is not saved, and can send it again.
"""

from flask import make_response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from screener import danger
from screener.engine.protocol import Page, Protocol
from screener.engine.questions import Answers, AnswersError
from screener.engine.screen import screen
from screener.forms.pages import PageForm
from screener.patient import context, saving
from screener.patient.views import go, show

_ASKS_FOR_HELP = ("call", "unsafe")


def not_saved(code: int, *, again: bool = True) -> Response | None:
    """Return the page for a post that could not be saved; None for a request that saves nothing.

    `again` offers to send the same once more.
    """
    if request.blueprint != "patient" or request.method != "POST":
        return None
    helps = _helps()
    html = show(
        "unsaved.html",
        kinds=list(dict.fromkeys(help.kind for help in helps)),
        typed=_typed() if again else [],
        onward=url_for("patient.start"),
    )
    return make_response(html, code)


def in_danger(code: int, *, again: bool = True) -> Response | None:
    """Return the page of `not_saved` where the post reports danger, else None."""
    if request.blueprint != "patient" or request.method != "POST" or not _helps():
        return None
    return not_saved(code, again=again)


def closed() -> ResponseReturnValue | None:
    """Take an answer on danger for a form that takes no more answers; None where there is none.

    It is kept beside the form, staff see it, and help is shown.
    """
    protocol, answers = _readable_answers()
    if protocol is None or not danger.raised(screen(protocol, answers)):
        return None
    kept = danger.tells_of_danger(protocol)
    saving.add_danger({id: answer for id, answer in answers.items() if id in kept})
    return go(url_for("patient.help"))


def _helps() -> list[danger.Help]:
    """Return the kinds of help that this post raises."""
    if request.endpoint == "patient.help" and request.form.get("action") in _ASKS_FOR_HELP:
        return [danger.Help("asked", "crisis", request.form["action"] == "unsafe")]
    protocol, answers = _readable_answers()
    return [] if protocol is None else danger.raised(screen(protocol, answers))


def _readable_answers() -> tuple[Protocol | None, Answers]:
    """Return the answers of this post that can be read, without the database."""
    if request.endpoint != "patient.page":
        return None, {}
    try:
        posted = request.form
    except HTTPException:  # too large to be read
        return None, {}
    page_id = (request.view_args or {}).get("page_id")
    for protocol in _protocols():
        for page in protocol.pages:
            if page.id == page_id:
                return protocol, _answers(protocol, page, posted)
    return None, {}


def _protocols() -> list[Protocol]:
    """Return the person's own protocol first, where it can be looked up, then the others."""
    protocols = dict(context.rulebook().protocols)
    try:
        questionnaire = context.current_or_none()
    except Exception:  # whatever failed, help must not fail with it; it was reported before
        questionnaire = None
    mine = protocols.pop(questionnaire.protocol, None) if questionnaire else None
    return [*([mine] if mine else []), *protocols.values()]


def _answers(protocol: Protocol, page: Page, posted: MultiDict[str, str]) -> Answers:
    questions = [
        protocol.questions[id] for id in page.questions if protocol.questions[id].kind != "table"
    ]
    form = PageForm(protocol, questions)
    form.take(posted)
    raw = form.values()
    ticked = saving.taken_at_their_word(protocol, form.drafts())
    try:
        return protocol.read_answers(raw) | ticked
    except AnswersError:
        return ticked


def _typed() -> list[tuple[str, str]]:
    """Return everything that was posted, to be sent once more."""
    try:
        posted = request.form
    except HTTPException:
        return []
    return [
        (name, value) for name, values in posted.lists() if name != "csrf_token" for value in values
    ]
