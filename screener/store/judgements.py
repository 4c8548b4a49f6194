"""What physicians say of the adequacy of a trial: theirs, beside the rule's outcome.

Pure rules and data. A judgement is kept as an event of the review, so that it is sealed, numbered
and never changed; to take it back adds another event. It changes neither answers nor screening.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from screener.store.errors import Refused
from screener.store.records import Event, Submission
from screener.store.states import CLINICIAN

KIND = "trial"
# Why the dose that is adequate for this person is another one.
REASONS = ("kidneys", "liver", "age", "metabolism", "other")


@dataclass(frozen=True)
class Judgement:
    """What a physician says of the trial of one medicine for one use, mood or pain.

    `adequate` is None where they take back what was said before. `name` is what the medicine was
    called then, and `row` what the person had answered about it then, as stored.
    """

    medicine: str
    name: str
    use: str
    adequate: bool | None
    reason: str = ""
    words: str = field(default="", repr=False)
    row: Mapping[str, Any] = field(default_factory=dict, repr=False)


def of_trial(events: Iterable[Event], medicine: str, use: str) -> list[Event]:
    """Return everything that was said of a trial, oldest first."""
    trial = (medicine, use)
    return [
        event
        for event in events
        if event.kind == KIND and (event.body["medicine"], event.body["use"]) == trial
    ]


def judgement_of(event: Event) -> Judgement:
    """Return the judgement that an event keeps."""
    return Judgement(**event.body)


def standing_judgements(stored: Submission) -> dict[tuple[str, str], Event]:
    """Return the event of each judgement that was not taken back, by medicine and use."""
    last = {
        (event.body["medicine"], event.body["use"]): event
        for event in stored.events
        if event.kind == KIND
    }
    return {key: event for key, event in last.items() if event.body["adequate"] is not None}


def with_judgement(
    stored: Submission, judgement: Judgement, actor: str, at: datetime
) -> Submission:
    """Return a submission as it would be with one more judgement; nothing is recorded."""
    event = Event(at, actor, KIND, asdict(judgement))
    return replace(stored, events=(*stored.events, event))


def trial_mark(stored: Submission, medicine: str, use: str) -> str:
    """Return a mark of what a page shows of a trial: it is another one after any change."""
    events = of_trial(stored.events, medicine, use)
    return mark(events, stored.questionnaire.updated_at)


def mark(events: Iterable[Event], answered_at: datetime) -> str:
    """Return the mark of a trial of which so much was said, with answers of that time."""
    return f"{len(list(events))} {answered_at.isoformat()}"


def check_judgement(judgement: Judgement, role: str, stands: bool) -> None:
    """Raise Refused, with everything that is wrong at once, unless it may be recorded.

    `stands` says whether there is a judgement that can be taken back.
    """
    if role != CLINICIAN:
        raise Refused({"adequate": "Only a physician judges whether a trial was adequate."})
    problems = {}
    if judgement.adequate is None:
        if not stands:
            problems["adequate"] = "There is no judgement to take back."
    elif judgement.reason not in REASONS:
        problems["reason"] = "Choose a reason."
    elif judgement.reason == "other" and not any(map(str.isalnum, judgement.words)):
        problems["words"] = "Write the reason in words."
    if problems:
        raise Refused(problems)
