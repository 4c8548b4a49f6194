"""What follows from answers that staff take down: the rules are asked again, with them laid over.

The person's own answers and their screening stay. A priority is raised and never lowered, and an
answer that tells of danger raises as if the person had given it on the form.
"""

from collections.abc import Callable
from datetime import datetime

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
    """Screen what stands; whoever is under age is heard all the same."""
    answers, _ = read_what_fits(protocol, store.answers_with_phone(stored))
    submitted = stored.questionnaire.submitted_at is not None
    first = screen(protocol, answers, submitted=submitted)
    if not first.ineligible:
        return [first]
    without = {id: answer for id, answer in answers.items() if id != "age"}
    return [first, screen(protocol, without, submitted=submitted)]


def _change(
    protocol: Protocol,
    stored: Submission,
    taken: TakenDown,
    before: list[Screening],
    after: list[Screening],
) -> Change:
    form = stored.questionnaire
    whole = {path: value for path, value in taken.answers.items() if "." not in path}
    told = read_what_fits(protocol, whole)[0]
    raises = list(danger.pressing(*after))
    progress = dict(form.progress)
    highest = _most([str(progress.get("highest") or ""), *(priority for priority, _ in raises)])
    progress["highest"] = highest
    kinds = [*(progress.get("dangers") or ()), *(kind for _, kind in raises)]
    progress["dangers"] = list(dict.fromkeys(kinds))
    priority = _most([str(form.priority or ""), after[0].priority, *(p for p, _ in raises)])
    raised = store.seriousness(priority) < store.seriousness(form.priority)
    if raised:
        progress["phoned"] = priority
    return Change(
        progress=progress,
        priority=priority,
        rank=PRIORITIES.index(priority),
        risk=bool(highest) or None,
        risk_answers=_risk_answers(protocol, told),
        news=(raised and priority in danger.PRESSING)
        or _is_new_danger(protocol, stored, told, before, after),
        why=_WHY,
    )


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
