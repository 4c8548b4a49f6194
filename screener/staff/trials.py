"""What a physician says of a treatment trial: shown first, then recorded."""

from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from screener import store
from screener.access import staff_only
from screener.presenters.editions import rest_on
from screener.presenters.proposed import proposed
from screener.staff.submission import (
    back,
    open_page,
    panel_for,
    retired_rulebook,
    role,
    served_rulebook,
    show,
    show_all,
)
from screener.staff.trial_forms import JudgementForm, Judging
from screener.store import clock

_CHANGED = (
    "This trial was judged, or the person saved other answers, while you had it open. What you "
    "sent was not saved. Look at what changed, then decide again."
)
TRIAL_GONE: Final = (
    "This medicine is not among those reported for this use (any more). The judgement was not "
    "saved. What you wrote is in the box for notes."
)


@staff_only("physician")
def judge_trial(reference: str) -> ResponseReturnValue:
    """Take a physician's word on a trial: show what it would change, then record it."""
    page = open_page(reference)
    stored = page.stored
    judging = Judging(page.shown, role(), request.form)
    sent = judging.here
    if sent is None:
        assert judging.posted is not None
        panel = panel_for(page, words=judging.posted.words_text)
        panel.lost = [TRIAL_GONE]
        return show(page, panel), 400
    tried = next(medicine for medicine in page.shown.tried if medicine.id == sent.trial[0])
    judgement = sent.judgement(tried.name, tried.row)
    confirmed = sent.confirmed.data == "yes"
    if confirmed and _judged_already(stored, judgement):
        return back(page, "trials", "everything")
    try:
        stands = sent.trial in store.standing_judgements(stored)
        if not sent.is_whole(judgement, role(), stands):
            return show_all(page, judging=judging), 400
        if not confirmed:
            if sent.seen.data != judging.marks[sent.trial]:
                raise store.Stale("the trial is not as the page showed it")
            return _confirm(stored, judgement, sent)
        seen = str(sent.seen.data)
        store.judge_trial(reference, judgement, current_user.email, role=role(), seen=seen)
    except store.Refused as error:
        sent.refuse(error.problems)
        return show_all(page, judging=judging), 400
    except store.Stale:
        return _trial_stale(reference, judgement)
    return back(page, "trials", "everything")


def _confirm(
    stored: store.Submission, judgement: store.Judgement, sent: JudgementForm
) -> ResponseReturnValue:
    resting = rest_on(stored)  # as the page that shows the trial
    retired = retired_rulebook(resting)
    page = proposed(served_rulebook(), resting, judgement, current_user.email, clock.now(), retired)
    return render_template("staff/judgement.html", page=page, form=sent)


def _judged_already(stored: store.Submission, judgement: store.Judgement) -> bool:
    """Return whether the last word on the trial is this one: the button was pressed twice."""
    before = store.of_trial(stored.events, judgement.medicine, judgement.use)
    mine = bool(before) and before[-1].actor == current_user.email
    return mine and store.judgement_of(before[-1]) == judgement


def _trial_stale(reference: str, judgement: store.Judgement) -> ResponseReturnValue:
    """Show the trial as it is now, with what was typed: nothing is lost, nothing overwritten."""
    page = open_page(reference)
    if _judged_already(page.stored, judgement):
        return back(page, "trials", "everything")
    judging = Judging(page.shown, role(), request.form)
    judging.show_mark()
    return show_all(page, judging=judging, late=_CHANGED), 409
