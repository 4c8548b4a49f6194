"""The queue: who needs somebody first, as a list that is filtered and refreshes itself."""

from datetime import UTC, datetime

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_security import current_user

from screener import spoken, store, view_log
from screener.access import staff_only
from screener.presenters import queue as queues
from screener.presenters.list_filters import ListFilters, filters_of
from screener.staff.submission import role, served_rulebook
from screener.staff.way_back import remember_list, way_back
from screener.store import clock

_SEEN = "staff_list_seen"  # when the top of the list was last opened, in seconds
_TAKEN = "Somebody changed this submission meanwhile. Look at it as it is now, then assign it."
_LATE = "This page was open for too long, so nothing was saved. Please try again."


@staff_only()
def queue() -> ResponseReturnValue:
    """Show a page of the queue: who needs somebody first."""
    return _page()


@staff_only()
def queue_refreshed() -> ResponseReturnValue:
    """Return the list anew for a page that is open. Nobody asked for it: it is no view, no use."""
    filters = _filters()
    return render_template("staff/queue/list.html", **_list(filters, clock.now()))


@staff_only()
def assign_here() -> ResponseReturnValue:
    """Assign a submission to who is signed in, or to nobody, from its row in the list."""
    to, _, rest = request.form.get("assign", "").partition(" ")
    reference, _, revision = rest.partition(" ")
    digits = revision.isascii() and revision.isdigit() and len(revision) < 10
    shown = int(revision) if digits and to in ("me", "nobody") else -1
    try:
        holder = current_user.email if to == "me" else None
        store.assign(reference, holder, current_user.email, shown, role=role())
    except store.Stale:
        return _page(_TAKEN), 409
    except store.Refused as error:
        return _page(" ".join(error.problems.values())), 400
    except store.UnknownQuestionnaire:
        return _page("This submission is not there any more."), 404
    return redirect(way_back().address, 303)


def late() -> ResponseReturnValue:
    """Show the list after a post from a page that was open for too long."""
    return _page(_LATE), 400


def _page(problem: str = "") -> str:
    now = clock.now()
    filters, at = _filters(), request.args.get("at", "")
    remember_list(filters.args, at)
    shown = _list(filters, now)
    view_log.note("viewed queue")
    if not filters.set and not at:
        session[_SEEN] = now.timestamp()
    return render_template("staff/queue.html", problem=problem, **shown)


def _filters() -> ListFilters:
    return filters_of(
        request.args,
        served_rulebook().protocols,
        ("en", *(each.code for each in spoken.translations())),
        store.accounts(inactive=True),
        current_user.email,
        clock.now(),
    )


def _list(filters: ListFilters, now: datetime) -> dict[str, object]:
    """Return what the template of the list is given."""
    at = request.args.get("at", "")
    kept = session.get(_SEEN)
    top = not filters.set and not at
    since = datetime.fromtimestamp(kept, UTC) if isinstance(kept, float) and not top else None
    part = store.queue_part(filters.wanted, limit=queues.SIZE, at=at)
    protocols, me = served_rulebook().protocols, current_user.email
    there = store.looking_at(part.references)
    return {
        "counts": queues.top_counts(store.list_counts(now, since)),
        "filters": filters,
        "at": at,
        "list": queues.queue_page(part, now, protocols, me, there),
    }
