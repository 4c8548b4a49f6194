"""What staff did with a submission and what the person did meanwhile, in sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from screener.engine.protocol import Protocol
from screener.presenters.said import lines_of
from screener.presenters.times import moment, moment_of
from screener.presenters.words import ANSWERED_BY, DANGERS, HOWS, REASONS, status_word
from screener.store import Event, LaterScreening, Submission, judgement_of

_LEFT = {
    "under_age": "The person gave a date of birth under 18. The form stopped there",
    "start_again": "The person began a new form. This one stays as it is",
}
_LEFT_OTHERWISE = "The person left the form on their device"
_NEWS = "the person answered, asked for something or sent the form after it was looked at"
_CALLED = "The person asked for a call"
_EDITION = "another edition of the rules finds it more pressing"
_WHY = {"edition": _EDITION, "phone": "an answer that staff took down tells of danger"}
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


def steps(stored: Submission, protocol: Protocol | None = None) -> tuple[HistoryStep, ...]:
    """Return all steps of a submission, the newest first; `protocol` has the words of answers."""
    timed = [(event.at, _step(event, protocol)) for event in stored.events]
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


def _step(event: Event, protocol: Protocol | None) -> HistoryStep:
    body = event.body
    if event.kind == "phone":
        lines = tuple(lines_of(protocol, event))
        return HistoryStep(moment(event.at), _actor(event.actor), _taken_down(body), lines)
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
        why = _WHY.get(str(event.body.get("why")), _NEWS)
        return f"Back to {status_word(str(after))} from {status_word(str(before))}: {why}"
    return f"Status changed from {status_word(str(before))} to {status_word(str(after))}"


def _taken_down(body: Mapping[str, Any]) -> str:
    count = len(body["answers"])
    answers = f"{count} answer" if count == 1 else f"{count} answers"
    priority = body["screening"].get("priority") or "none"
    by = ANSWERED_BY.get(body["by"], body["by"]).lower()
    how = HOWS.get(body["how"], body["how"])
    return f"{how}: took down {answers} ({by} answered). The rules said with them: {priority}"


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
