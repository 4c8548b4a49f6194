"""Answers that staff took down on the phone or in person: events beside the person's own answers.

A person's own answers never change. Each save by staff is one event of the review, with what was
answered, who answered, and what the rules then said. Of several answers to one question the latest
stands, and all are kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from screener.engine.answer_paths import answer_at, with_answer
from screener.store.records import Change, Event, Submission

KIND = "phone"
HOWS = ("phone", "person")
ANSWERED_BY = ("person", "helper")
NO_ANSWER = ("unknown", "declined", "not_asked")


@dataclass(frozen=True)
class TakenDown:
    """What one save brings: answers by their paths, as JSON, and why others have none.

    `how` is one of HOWS, `by` of ANSWERED_BY, each reason in `none` of NO_ANSWER. `seen` is how
    many saves of this kind the page showed.
    """

    how: str
    by: str
    answers: Mapping[str, Any] = field(repr=False)
    none: Mapping[str, str] = field(default_factory=dict, repr=False)
    seen: int = 0


@dataclass(frozen=True)
class PhoneAnswer:
    """What was said to one question: `value` is the answer, or None where `none` says why not.

    `own` is the person's own answer when it was taken down.
    """

    path: str
    value: Any = field(repr=False)
    none: str
    at: datetime
    actor: str
    how: str
    by: str
    own: Any = field(repr=False)


@dataclass(frozen=True)
class Heard:
    """What follows from answers that were taken down: the screening with them, and the change.

    The change never holds answers or a screening of the person's own. `risk_answers` in it are
    kept as what staff took down.
    """

    screening: Mapping[str, Any] = field(repr=False)
    change: Change


def phone_events(stored: Submission) -> tuple[Event, ...]:
    """Return the saves of answers that were taken down, oldest first."""
    return tuple(event for event in stored.events if event.kind == KIND)


def taken_down(stored: Submission) -> dict[str, tuple[PhoneAnswer, ...]]:
    """Return everything that was taken down, by path, oldest first."""
    every: dict[str, tuple[PhoneAnswer, ...]] = {}
    for event in phone_events(stored):
        for answer in _of_event(event):
            every[answer.path] = (*every.get(answer.path, ()), answer)
    return every


def phone_answers_of(stored: Submission) -> dict[str, PhoneAnswer]:
    """Return the answer that stands of each question that was answered to staff.

    Where the person changed their own answer after it, theirs is the later one and stands.
    """
    standing = {}
    for path, answers in taken_down(stored).items():
        given = [answer for answer in answers if not answer.none]
        if given and given[-1].own == answer_at(stored.questionnaire.answers, path):
            standing[path] = given[-1]
    return standing


def answers_with_phone(stored: Submission) -> dict[str, Any]:
    """Return the person's own answers, as stored, with what they told staff laid over them."""
    answers: dict[str, Any] = dict(stored.questionnaire.answers)
    # Which medicines were taken comes before what is known of each.
    for path, answer in sorted(
        phone_answers_of(stored).items(), key=lambda item: item[0].count(".")
    ):
        table, *cell = path.split(".")
        if not cell and isinstance(answer.value, Mapping):
            before = answers.get(table) or {}
            rows: dict[str, Any] = {
                row: before.get(row, cells) for row, cells in answer.value.items()
            }
            answers = with_answer(answers, path, rows)
        elif not cell or answer_at(answers, f"{table}.{cell[0]}") is not None:
            answers = with_answer(answers, path, answer.value)
    return answers


def phone_screening(stored: Submission) -> dict[str, Any] | None:
    """Return what the rules said at the last save with answers, or None without any.

    Without its outcomes where the person has saved since: it was of other answers.
    """
    with_answers = [event for event in phone_events(stored) if event.body["answers"]]
    if not with_answers or not phone_answers_of(stored):
        return None
    screening: dict[str, Any] = dict(with_answers[-1].body["screening"])
    if stored.questionnaire.updated_at > with_answers[-1].at:
        screening.pop("flags", None)
    return screening


def body_of(stored: Submission, taken: TakenDown, screening: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a save. Raises ValueError for words that are not of the lists."""
    if (
        taken.how not in HOWS
        or taken.by not in ANSWERED_BY
        or set(taken.none.values()) - {*NO_ANSWER}
    ):
        raise ValueError("not a way in which answers are taken down")
    own = stored.questionnaire.answers
    answers = {
        path: {"value": value, "own": answer_at(own, path)} for path, value in taken.answers.items()
    }
    return {
        "how": taken.how,
        "by": taken.by,
        "answers": answers,
        "none": dict(taken.none),
        "screening": dict(screening),
    }


def with_taken_down(stored: Submission, taken: TakenDown, actor: str, now: datetime) -> Submission:
    """Return a submission as it would be with one more save."""
    event = Event(now, actor, KIND, body_of(stored, taken, {}))
    return replace(stored, events=(*stored.events, event))


def is_sent_twice(stored: Submission, taken: TakenDown, actor: str) -> bool:
    """Return whether the same save came since the page was opened: the button was pressed twice."""
    return any(
        event.actor == actor
        and event.body["how"] == taken.how
        and event.body["by"] == taken.by
        and event.body["none"] == dict(taken.none)
        and {path: of["value"] for path, of in event.body["answers"].items()} == dict(taken.answers)
        for event in phone_events(stored)[taken.seen :]
    )


def _of_event(event: Event) -> Iterable[PhoneAnswer]:
    body = event.body
    said = (event.at, event.actor, str(body["how"]), str(body["by"]))
    for path, of in body["answers"].items():
        yield PhoneAnswer(path, of["value"], "", *said, of["own"])
    for path, why in body["none"].items():
        yield PhoneAnswer(path, None, str(why), *said, None)
