"""The queue: who needs somebody first."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from screener import store, view_log
from screener.access import staff_only
from screener.presenters import queue as queues
from screener.staff.submission import served_rulebook
from screener.store import clock


@staff_only()
def queue() -> ResponseReturnValue:
    """Show a page of the queue: who needs somebody first."""
    chosen = queues.filter_of(request.args.get("show"))
    at = request.args.get("at", "")
    part = store.queue_part(statuses=chosen.statuses, limit=queues.SIZE, at=at)
    view_log.note("viewed queue")
    shown = queues.queue_page(chosen, part, clock.now(), served_rulebook().protocols)
    return render_template("staff/queue.html", queue=shown)
