"""One submission, with everything behind its flags, and what every page about it is made of."""

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.wrappers import Response

from screener import store, view_log
from screener.access import staff_only
from screener.archive import kept_rulebook
from screener.engine.protocol import Rulebook
from screener.presenters.editions import rest_on
from screener.presenters.rescreened import screened_with
from screener.presenters.rule import rule_page
from screener.presenters.submission import SubmissionPage, submission_page
from screener.staff.forms import Forms, why_not_more
from screener.staff.trial_forms import Judging
from screener.store import clock


@staff_only()
def submission(reference: str) -> ResponseReturnValue:
    """Show one submission with everything behind its flags."""
    page = page_of(stored_as(reference))
    return show(page, forms_for(page))


@staff_only()
def rule(reference: str, rule: str) -> ResponseReturnValue:
    """Show why one rule came out as it did, what would settle it, and what would change it."""
    stored = rest_on(stored_as(reference), under())
    page = rule_page(served_rulebook(), stored, rule, retired_rulebook(stored))
    if page is None:
        stored_reference = stored.questionnaire.reference
        return render_template("staff/unknown.html", reference=stored_reference), 404
    return render_template("staff/rule.html", page=page, under=under())


def page_of(stored: store.Submission) -> SubmissionPage:
    resting = rest_on(stored, under())
    retired, answered_under = retired_rulebook(resting), retired_rulebook(stored)
    return submission_page(served_rulebook(), stored, resting, clock.now(), retired, answered_under)


def under() -> str:
    """Return the key of the screening that is asked for, "" for the one that counts."""
    return request.args.get("under", "")


def stored_as(reference: str) -> store.Submission:
    """Load a submission, and note in the audit log that this person sees it."""
    stored = store.submission(reference)
    if stored is None:
        abort(404)
    view_log.note("viewed", stored.questionnaire.reference)
    return stored


def retired_rulebook(stored: store.Submission) -> Rulebook | None:
    """Return the rulebook that screened a submission, where that is not the one in use."""
    _, rulebook_hash = screened_with(stored.questionnaire)
    return None if rulebook_hash == served_rulebook().hash else kept_rulebook(rulebook_hash)


def served_rulebook() -> Rulebook:
    served: Rulebook = current_app.extensions["screener_rulebook"]
    return served


def role() -> str:
    return "physician" if current_user.has_role("physician") else "intake"


def forms_for(page: SubmissionPage, *, sent: object = None, note: object = None) -> Forms:
    """Return the forms of what this person may do now; `sent` and `note` are what was posted."""
    return Forms(page.standing, role(), page.revision, sent, note)


def show(
    page: SubmissionPage,
    forms: Forms,
    *,
    judging: Judging | None = None,
    stale: bool = False,
    late: str = "",
) -> str:
    return render_template(
        "staff/submission.html",
        page=page,
        forms=forms,
        under=under(),
        judging=judging or Judging(page, role()),
        why_not_more=why_not_more(page.standing, role()),
        stale=stale,
        late=late,
    )


def back(page: SubmissionPage, anchor: str) -> Response:
    url = url_for("staff.submission", reference=page.reference, _anchor=anchor or None)
    return redirect(url, 303)
