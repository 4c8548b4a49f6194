"""The staff's side: the queue, one submission, and what is done with it."""

from typing import Final

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFError

from screener import store
from screener.access import PHYSICIANS, STAFF, keep_typed
from screener.staff import (
    call,
    drafts,
    numbers,
    queue,
    refused,
    same,
    search,
    steps,
    submission,
    told,
    trials,
    way_back,
)

ACCESS: Final = {
    "staff.queue": STAFF,
    "staff.queue_refreshed": STAFF,
    "staff.assign_here": STAFF,
    "staff.search": STAFF,
    "staff.search_for": STAFF,
    "staff.submission": STAFF,
    "staff.rule": STAFF,
    "staff.call": STAFF,
    "staff.take_answers": STAFF,
    "staff.everything": STAFF,
    "staff.act": STAFF,
    "staff.draft": STAFF,
    "staff.still_open": STAFF,
    "staff.stop_code": STAFF,
    "staff.compare": STAFF,
    "staff.say_same": STAFF,
    "staff.judge_trial": PHYSICIANS,
    "staff.numbers": STAFF,
    "staff.numbers_file": STAFF,
    "staff.notifications": STAFF,
    "staff.send_test": STAFF,
}


def blueprint() -> Blueprint:
    """Return the blueprint `staff`."""
    staff = Blueprint("staff", __name__, url_prefix="/staff")
    at = "/submissions/<reference>"
    staff.add_url_rule("/", "queue", queue.queue)
    staff.add_url_rule("/refreshed", "queue_refreshed", queue.queue_refreshed)
    staff.add_url_rule("/", "assign_here", queue.assign_here, methods=["POST"])
    # Posted, and never in an address: what somebody searches for names a person.
    staff.add_url_rule("/search", "search", search.search)
    staff.add_url_rule("/search", "search_for", search.search_for, methods=["POST"])
    staff.add_url_rule(at, "submission", submission.submission)
    # Every rule has this address for everybody, whatever its outcome: it reveals no answer.
    staff.add_url_rule(f"{at}/rules/<rule>", "rule", submission.rule)
    staff.add_url_rule(f"{at}/call", "call", call.call)
    staff.add_url_rule(f"{at}/call", "take_answers", call.take_answers, methods=["POST"])
    staff.add_url_rule(f"{at}/all", "everything", submission.everything)
    staff.add_url_rule(f"{at}/act", "act", steps.act, methods=["POST"])
    staff.add_url_rule(f"{at}/draft", "draft", drafts.draft, methods=["POST"])
    staff.add_url_rule(f"{at}/open", "still_open", drafts.still_open, methods=["POST"])
    staff.add_url_rule(f"{at}/code", "stop_code", steps.stop_code, methods=["POST"])
    staff.add_url_rule(f"{at}/with/<other>", "compare", same.compare)
    staff.add_url_rule(f"{at}/with/<other>", "say_same", same.say_same, methods=["POST"])
    # Which medicine it is about stands in what is posted: an address names nothing of a person.
    staff.add_url_rule(f"{at}/trials", "judge_trial", trials.judge_trial, methods=["POST"])
    staff.add_url_rule("/numbers", "numbers", numbers.numbers)
    staff.add_url_rule("/numbers.csv", "numbers_file", numbers.numbers_file)
    staff.add_url_rule("/notifications", "notifications", told.notifications)
    tests = "/notifications/test"
    staff.add_url_rule(tests, "send_test", told.send_test, methods=["POST"], defaults={"entry": ""})
    staff.add_url_rule(f"{tests}/<entry>", "send_test", told.send_test, methods=["POST"])
    staff.app_context_processor(told.shared)
    staff.context_processor(lambda: {"way_back": way_back.way_back})
    staff.record(_keep_typed)
    staff.register_error_handler(store.SealError, refused.unreadable)
    staff.register_error_handler(CSRFError, refused.late)
    staff.register_error_handler(store.Unavailable, refused.not_saved)
    staff.register_error_handler(404, refused.unknown)
    return staff


def error_page(code: int) -> str:
    """Return what staff see of a request that failed before, or outside of, any view of theirs."""
    return refused.error_page(code)


def _keep_typed(state: BlueprintSetupState) -> None:
    assert isinstance(state.app, Flask)
    keep_typed(state.app, "staff.act", drafts.keep_of_ended)
    keep_typed(state.app, "staff.take_answers", call.keep_of_ended)
