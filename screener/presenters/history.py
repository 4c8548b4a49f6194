"""What staff did with a submission and what the person did meanwhile, in sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from screener.engine.protocol import Protocol
from screener.presenters.safety_answers import in_words
from screener.presenters.said import lines_of
from screener.presenters.times import moment, moment_of
from screener.presenters.words import (
    ANSWERED_BY,
    CONTACTED,
    DANGERS,
    HOWS,
    REASONS,
    status_word,
)
from screener.store import Event, LaterScreening, RiskAnswer, Submission, judgement_of

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
_WORDS = ("note", "text", "words", "agreed")  # where an event keeps what its author wrote


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


_Timed = tuple[datetime, HistoryStep]


def steps(stored: Submission, protocol: Protocol | None = None) -> tuple[HistoryStep, ...]:
    """Return all steps of a submission, the newest first; `protocol` has the words of answers."""
    return _newest_first(step for each in _by_kind(stored, protocol) for step in each)


def stands_by(stored: Submission) -> HistoryStep | None:
    """Return the step by which it was decided or closed, or by which information is asked for."""
    if stored.status not in ("decided", "closed", "needs_information"):
        return None
    by = [event for event in stored.events if event.body.get("to") == stored.status]
    return _step(by[-1], None) if by else None


def seen(stored: Submission) -> str:
    """Return a mark of what happened to a submission so far, for `since`."""
    counts = [*map(len, _by_kind(stored)), len(stored.risk_answers)]
    return ".".join(map(str, counts))


def since(stored: Submission, protocol: Protocol | None, mark: str) -> tuple[HistoryStep, ...]:
    """Return all that happened since `mark`, the newest first: what staff did, what came in.

    A mark that is none counts as nothing seen.
    """
    parts = mark.split(".")
    kinds = [
        *_by_kind(stored, protocol),
        [(a.at, _answered(protocol, a)) for a in stored.risk_answers],
    ]
    if len(parts) != len(kinds) or not all(p.isascii() and p.isdigit() for p in parts):
        parts = ["0"] * len(kinds)
    counts = [int(part[:9]) for part in parts]
    return _newest_first(
        step for each, count in zip(kinds, counts, strict=True) for step in each[count:]
    )


def _newest_first(timed: Iterable[_Timed]) -> tuple[HistoryStep, ...]:
    return tuple(step for _, step in reversed(sorted(timed, key=lambda pair: pair[0])))


def _by_kind(stored: Submission, protocol: Protocol | None = None) -> list[list[_Timed]]:
    """Return the steps with their times by where they are kept: each list only ever grows."""
    form, progress = stored.questionnaire, stored.questionnaire.progress
    sent = [] if form.submitted_at is None else [form.submitted_at]
    # Before 0.3 one request for a call was kept, as a text.
    calls = progress.get("calls") or [progress.get("call_requested")]
    return [
        [(event.at, _step(event, protocol)) for event in stored.events],
        [(at, HistoryStep(moment(at), "", "The person sent the form")) for at in sent],
        _reported(calls, _CALLED, form.created_at),
        _reported(progress.get("unsafe") or [], _UNSAFE, form.created_at),
        [(kept.at, _screened(kept)) for kept in stored.later],
    ]


def _reported(times: Iterable[Any], what: str, otherwise: datetime) -> list[_Timed]:
    return [
        (_time(str(text)) or otherwise, HistoryStep(moment_of(text), "", what))
        for text in filter(None, times)
    ]


def _answered(protocol: Protocol | None, answer: RiskAnswer) -> HistoryStep:
    title, words = in_words(protocol, answer)
    return HistoryStep(moment(answer.at), "", f"The person answered on safety: {title}: {words}")


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
    note = str(next(filter(None, map(body.get, _WORDS)), "")).splitlines()
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
    if event.kind == "contact":
        return _contact(event)
    if event.kind == "ask":
        return f"Information to ask for (status was {status_word(str(before))})"
    if event.kind == "trial":
        return _judged(event)
    if event.kind == "same":
        verdict = "Confirmed to be" if event.body["same"] else "Said not to be"
        return f"{verdict} the same person as {event.body['with']}"
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


def _contact(event: Event) -> str:
    how, reached = str(event.body.get("how")), event.body.get("reached")
    again = event.body.get("next_try")
    later = f". Next try: {moment_of(again)}" if again else ""
    return f"{CONTACTED.get(how, how)}: {'reached' if reached else 'not reached'}{later}"


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
