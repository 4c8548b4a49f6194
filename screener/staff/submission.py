"""One submission: its one screen, everything behind it, and what every page about it is made of."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.wrappers import Response

from screener import store, view_log
from screener.access import staff_only
from screener.archive import kept_rulebook
from screener.engine.protocol import Protocol, Rulebook
from screener.presenters.editions import rest_on
from screener.presenters.history import since
from screener.presenters.rescreened import screened_with
from screener.presenters.rule import rule_page
from screener.presenters.submission import SubmissionPage, submission_page
from screener.presenters.times import moment, without_today
from screener.presenters.words import OUTCOMES, status_word
from screener.staff.forms import ActForm, Panel
from screener.staff.trial_forms import Judging
from screener.store import clock

_FOLDED = re.compile(r"<details(?![^>]*\bopen\b)")


@dataclass(frozen=True)
class OpenedPage:
    """A submission as it is stored, and what its pages show of it."""

    stored: store.Submission
    shown: SubmissionPage


@dataclass(frozen=True)
class OtherPerson:
    """Somebody else who has the submission open, and since when in words."""

    email: str
    since: str


@staff_only()
def submission(reference: str) -> ResponseReturnValue:
    """Show one submission on one screen: what is most dangerous, what to ask, what to do."""
    page = open_page(reference)
    return show(page, panel_for(page))


@staff_only()
def everything(reference: str) -> ResponseReturnValue:
    """Show everything behind the one screen: flags with evidence, all answers, the history."""
    return show_all(open_page(reference))


@staff_only()
def rule(reference: str, rule: str) -> ResponseReturnValue:
    """Show why one rule came out as it did, what would settle it, and what would change it."""
    stored = rest_on(stored_as(reference), under())
    page = rule_page(served_rulebook(), stored, rule, retired_rulebook(stored))
    if page is None:
        stored_reference = stored.questionnaire.reference
        return render_template("staff/unknown.html", reference=stored_reference), 404
    return render_template("staff/rule.html", page=page, under=under())


def open_page(reference: str) -> OpenedPage:
    """Load a submission and work out what its pages show; the audit log says who sees it."""
    stored = stored_as(reference)
    return OpenedPage(stored, page_of(stored))


def page_of(stored: store.Submission) -> SubmissionPage:
    resting = rest_on(stored, under())
    retired, answered_under = retired_rulebook(resting), retired_rulebook(stored)
    return submission_page(
        served_rulebook(),
        stored,
        resting,
        clock.now(),
        retired,
        answered_under,
        store.other_forms(stored),
    )


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


def protocol_of(stored: store.Submission) -> Protocol | None:
    return served_rulebook().protocols.get(stored.questionnaire.protocol)


def role() -> str:
    return "physician" if current_user.has_role("physician") else "intake"


def panel_for(page: OpenedPage, *, sent: Any = None, words: str = "") -> Panel:
    """Return the form of what this person may do now: with `sent`, what was posted, in it.

    Else it holds what they typed before and did not use, or `words`.
    """
    form = ActForm(sent, accounts=store.accounts(), me=current_user.email)
    panel = Panel(form, page.shown.standing, role())
    if sent is None:
        form.show(page.shown.revision, page.shown.seen)
        kept = _kept(page.shown.reference)
        if words:
            form.text.data = words
        elif kept is not None:
            form.offer(kept.typed)
            panel.kept = without_today(moment(kept.at), clock.now())
    return panel


def _kept(reference: str) -> store.StaffDraft | None:
    """Return what this person typed before; what cannot be opened hides no submission."""
    try:
        return store.draft(reference, current_user.email)
    except store.SealError as error:
        current_app.logger.error("%s", error)
        return None


def others_at(reference: str) -> tuple[OtherPerson, ...]:
    """Note that this person has a submission open, and return who else has."""
    with suppress(store.NotWritten):
        store.look(reference, current_user.email)
    lookers = store.lookers([reference]).get(reference, ())
    now = clock.now()
    return tuple(
        OtherPerson(looker.email, without_today(moment(looker.since), now))
        for looker in lookers
        if looker.email != current_user.email
    )


def show(page: OpenedPage, panel: Panel, *, stale: str | None = None, late: str = "") -> str:
    """Show the one screen. `stale` is the mark of what was seen where something happened since."""
    changes = () if stale is None else since(page.stored, protocol_of(page.stored), stale)
    return render_template(
        "staff/submission.html",
        page=page.shown,
        panel=panel,
        under=under(),
        others=others_at(page.shown.reference),
        stale=stale is not None,
        changes=changes,
        late=late,
        call_script=url_for("staff.call", reference=page.shown.reference),
        outcome_words=OUTCOMES,
        role=role(),
        status_word=status_word,
        today=_today(),
    )


def show_all(page: OpenedPage, *, judging: Judging | None = None, late: str = "") -> str:
    """Show everything behind the one screen; for print with all that is folded opened."""
    unfolded = request.args.get("folds") == "open"
    shown = render_template(
        "staff/everything.html",
        page=page.shown,
        under=under(),
        judging=judging or Judging(page.shown, role()),
        others=others_at(page.shown.reference),
        unfolded=unfolded,
        late=late,
        today=_today(),
    )
    return _FOLDED.sub("<details open", shown) if unfolded else shown


def _today() -> Callable[[str], str]:
    """Return a function that shortens times of today."""
    now = clock.now()
    return lambda moment_: without_today(moment_, now)


def back(
    page: OpenedPage | store.Submission, anchor: str, endpoint: str = "submission"
) -> Response:
    stored = page.stored if isinstance(page, OpenedPage) else page
    reference = stored.questionnaire.reference
    url = url_for(f"staff.{endpoint}", reference=reference, _anchor=anchor or None)
    return redirect(url, 303)
