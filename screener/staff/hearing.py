"""What follows from answers that staff take down: the rules are asked again, with them laid over.

The person's own answers and their screening stay. A priority is raised and never lowered, and an
answer that tells of danger raises as if the person had given it on the form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from screener import danger, store
from screener.engine.answer_paths import as_json
from screener.engine.old_answers import read_what_fits
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.engine.screen import Screening, screen
from screener.store import Change, Heard, Submission, TakenDown

_WHY = "phone"  # why a review is reopened, for its history
Hear = Callable[[Submission, TakenDown, datetime], Heard]


def hearing(protocol: Protocol, rulebook_hash: str, actor: str) -> Hear:
    """Return what screens a submission with what is taken down, under one rulebook."""

    def hear(stored: Submission, taken: TakenDown, now: datetime) -> Heard:
        before = _screened(protocol, stored)
        after = _screened(protocol, store.with_taken_down(stored, taken, actor, now))
        screening = {
            "priority": after[0].priority,
            "scores": {id: list(range_) for id, range_ in after[0].scores.items()},
            "flags": dict(after[0].outcomes),
            "rulebook": {"version": protocol.version, "hash": rulebook_hash},
        }
        return Heard(screening, _change(protocol, stored, taken, before, after))

    return hear


def _screened(protocol: Protocol, stored: Submission) -> list[Screening]:
    sent = stored.questionnaire.submitted_at is not None
    return screened(protocol, store.answers_with_phone(stored), submitted=sent)


def _change(
    protocol: Protocol,
    stored: Submission,
    taken: TakenDown,
    before: list[Screening],
    after: list[Screening],
) -> Change:
    whole = {path: value for path, value in taken.answers.items() if "." not in path}
    told = read_what_fits(protocol, whole)[0]
    form = stored.questionnaire
    change = raised(form.priority, form.progress, after)
    higher = change.priority != form.priority and change.priority in danger.PRESSING
    new = higher or _is_new_danger(protocol, stored, told, before, after)
    return replace(change, risk_answers=_risk_answers(protocol, told), news=new, why=_WHY)


def raised(priority: str | None, progress: Mapping[str, Any], heard: Sequence[Screening]) -> Change:
    """Return the change of a form with this priority and progress by what staff heard.

    It is never lower. Of the progress only what orders the queue changes, and nothing that the
    person is shown.
    """
    pressing = list(danger.pressing(*heard))
    after = dict(progress)
    after["highest"] = _most([str(after.get("highest") or ""), *(name for name, _ in pressing)])
    kinds = [*(after.get("dangers") or ()), *(kind for _, kind in pressing)]
    after["dangers"] = list(dict.fromkeys(kinds))
    most = _most([str(priority or ""), heard[0].priority, *(name for name, _ in pressing)])
    if store.seriousness(most) < store.seriousness(priority):
        after["phoned"] = most
    rank = PRIORITIES.index(most)
    return Change(progress=after, priority=most, rank=rank, risk=bool(after["highest"]) or None)


def screened(protocol: Protocol, answers: Mapping[str, Any], *, submitted: bool) -> list[Screening]:
    """Screen stored answers as far as they are read; who is under age is heard all the same."""
    read, _ = read_what_fits(protocol, answers)
    first = screen(protocol, read, submitted=submitted)
    if not first.ineligible:
        return [first]
    without = {id: answer for id, answer in read.items() if id != "age"}
    return [first, screen(protocol, without, submitted=submitted)]


def _is_new_danger(
    protocol: Protocol,
    stored: Submission,
    told: Answers,
    before: list[Screening],
    after: list[Screening],
) -> bool:
    """Return whether danger was told that the answers so far did not tell."""
    raised = {help.id for help in danger.raised(*before)}
    if any(help.id not in raised for help in danger.raised(*after)):
        return True
    earlier = read_what_fits(protocol, store.answers_with_phone(stored))[0]
    return any(told[id] != earlier.get(id) for id in danger.worrying(protocol, told))


def _risk_answers(protocol: Protocol, told: Answers) -> list[tuple[str, object]]:
    kept = as_json(told)
    return [(id, kept[id]) for id in danger.tells_of_danger(protocol) if id in kept]


def _most(priorities: list[str]) -> str:
    """Return the most serious of some priorities; "" where there is none."""
    return min(filter(None, priorities), key=store.seriousness, default="")
