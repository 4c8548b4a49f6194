"""What staff did with a submission and what the person did meanwhile, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from screener.presenters.times import moment, moment_of
from screener.presenters.words import DANGERS, REASONS, status_word
from screener.store import Event, LaterScreening, Submission, judgement_of

_LEFT = {
    "under_age": "The person gave a date of birth under 18. The form stopped there",
    "start_again": "The person began a new form. This one stays as it is",
}
_LEFT_OTHERWISE = "The person left the form on their device"
_NEWS = "the person answered, asked for something or sent the form after it was looked at"
_CALLED = "The person asked for a call"
_EDITION = "another edition of the rules finds it more pressing"
_UNSAFE = "The person was not sure they are safe"


@dataclass(frozen=True)
class HistoryStep:
    """One step: when, by whom ("" if the sentence says it), what, and the note in lines.

    `dispositions` are those recorded, each with the kind of danger that it is about.
    """

    at: str
    actor: str
    what: str
    note: tuple[str, ...] = ()
    dispositions: tuple[tuple[str, str], ...] = ()


def steps(stored: Submission) -> tuple[HistoryStep, ...]:
    """Return all steps of a submission, the newest first."""
    timed = [(event.at, _step(event)) for event in stored.events]
    timed += _by_person(stored)
    timed += [(kept.at, _screened(kept)) for kept in stored.later]
    return tuple(step for _, step in reversed(sorted(timed, key=lambda pair: pair[0])))


def _by_person(stored: Submission) -> Iterator[tuple[datetime, HistoryStep]]:
    """Yield what the person did that has no event: sent the form, asked for something."""
    form = stored.questionnaire
    if form.submitted_at is not None:
        yield (
            form.submitted_at,
            HistoryStep(moment(form.submitted_at), "", "The person sent the form"),
        )
    progress = form.progress
    # Before 0.3 one request for a call was kept, as a text.
    calls = progress.get("calls") or [progress.get("call_requested")]
    for times, what in ((calls, _CALLED), (progress.get("unsafe") or [], _UNSAFE)):
        for text in filter(None, times):
            yield _time(str(text)) or form.created_at, HistoryStep(moment_of(text), "", what)


def _screened(kept: LaterScreening) -> HistoryStep:
    version = kept.screening["rulebook"]["version"]
    outcome = kept.screening.get("problem") or kept.screening["priority"]
    what = f"Screened under version {version} of the rules too: {outcome}"
    return HistoryStep(moment(kept.at), _actor("program"), what)


def _step(event: Event) -> HistoryStep:
    body = event.body
    note = str(body.get("note") or body.get("text") or body.get("words") or "").splitlines()
    recorded = body.get("dispositions") or {}
    dispositions = tuple((DANGERS.get(kind, kind), str(words)) for kind, words in recorded.items())
    actor = "" if event.actor == "person" else _actor(event.actor)
    return HistoryStep(moment(event.at), actor, _what(event), tuple(note), dispositions)


def _actor(actor: str) -> str:
    return "The program" if actor == "program" else actor


def _what(event: Event) -> str:
    before, after = event.body.get("from"), event.body.get("to")
    if event.kind == "left":
        return _LEFT.get(str(event.body.get("why")), _LEFT_OTHERWISE)
    if event.kind == "note":
        return "Note added"
    if event.kind == "trial":
        return _judged(event)
    if event.kind == "assignment":
        return f"Assigned to {after}" if after else f"No longer assigned to {before}"
    if event.actor == "program":
        why = _EDITION if event.body.get("why") == "edition" else _NEWS
        return f"Back to {status_word(str(after))} from {status_word(str(before))}: {why}"
    return f"Status changed from {status_word(str(before))} to {status_word(str(after))}"


def _judged(event: Event) -> str:
    judged = judgement_of(event)
    trial = f"the trial of {judged.name} for {judged.use}"
    if judged.adequate is None:
        return f"Judgement of {trial} taken back"
    verdict = "adequate" if judged.adequate else "not adequate"
    return f"Judged {trial} {verdict} ({REASONS.get(judged.reason, judged.reason).lower()})"


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
