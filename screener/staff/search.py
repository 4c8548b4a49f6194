"""The search: by reference, name, phone number or date of birth, none of which an address shows."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from screener import store, view_log
from screener.access import staff_only
from screener.presenters import queue as queues
from screener.presenters.search_terms import LONGEST, terms_of
from screener.staff.submission import served_rulebook
from screener.staff.way_back import remember_search, searched
from screener.store import clock

_NOTHING = (
    "Type a whole name, a phone number, a date of birth such as 5/17/1980, or a reference such as "
    "ACDE-FGHJ."
)
_LATE = "This page was open for too long. Please search again."


@staff_only()
def search() -> ResponseReturnValue:
    """Show what was searched for last: the way back from a submission."""
    typed = searched()
    return _page(typed) if typed else _shown("")


@staff_only()
def search_for() -> ResponseReturnValue:
    """Show who is found by what was typed."""
    typed = request.form.get("typed", "")[:LONGEST]
    return _page(typed)


def late() -> ResponseReturnValue:
    """Show the search again after a page that was open for too long, with what was typed."""
    return _shown(request.form.get("typed", "")[:LONGEST], _LATE), 400


def _page(typed: str) -> ResponseReturnValue:
    terms = terms_of(typed)
    if terms is None:
        return _shown(typed, _NOTHING), 400
    remember_search(typed)
    wanted = store.Wanted("all", terms=terms)
    part = store.queue_part(wanted, limit=queues.SIZE, at=request.form.get("at", ""))
    view_log.note("searched")  # for whom, it does not say
    now, me = clock.now(), current_user.email
    there = store.looking_at(part.references)
    return _shown(
        typed,
        list=queues.queue_page(part, now, served_rulebook().protocols, me, there),
        complete=store.list_counts(now).complete,
    )


def _shown(
    typed: str, problem: str = "", list: queues.QueuePage | None = None, complete: bool = True
) -> str:
    return render_template(
        "staff/search.html", typed=typed, problem=problem, list=list, complete=complete
    )
