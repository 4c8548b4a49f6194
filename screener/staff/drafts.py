"""What staff typed and did not use yet: kept for them, and who else has the page open."""

from collections.abc import Mapping
from contextlib import suppress

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from screener import store
from screener.access import staff_only
from screener.presenters.history import since
from screener.staff.forms import ActForm
from screener.staff.submission import others_at, protocol_of


@staff_only()
def draft(reference: str) -> ResponseReturnValue:
    """Keep what is typed, for this person and this submission: the script sends it as they type."""
    if not store.keep_draft(reference, current_user.email, ActForm(request.form).typed):
        abort(404)
    return "", 204


@staff_only()
def still_open(reference: str) -> ResponseReturnValue:
    """Note that the page is open, and say who else has it and whether anything happened since.

    What happened is counted and not told: this is no view of the submission.
    """
    stored = store.submission(reference)
    if stored is None:
        abort(404)
    others = others_at(stored.questionnaire.reference)
    news = since(stored, protocol_of(stored), request.form.get("act-seen", ""))
    return render_template(
        "staff/submission/news.html", reference=reference, others=others, news=len(news)
    )


def keep_of_ended(email: str) -> str:
    """Keep what somebody posted whose session has ended; return where it is offered again."""
    reference = (request.view_args or {})["reference"]
    keep_typed(reference, email, request.form)
    return url_for("staff.submission", reference=reference)


def keep_typed(reference: str, email: str, sent: Mapping[str, str]) -> None:
    """Keep what a post that was refused held; where that cannot be saved, the page still has it."""
    typed = ActForm(sent).typed
    if any(typed.values()):
        with suppress(store.Unavailable):
            store.keep_draft(reference, email, typed)
