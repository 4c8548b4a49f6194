"""What raises help. Safety rules run at every save; here is what follows for the person.

Help is shown at once, never stops anyone for good, and what raised it is never forgotten: an
answer that is changed to get past a page is remembered, and the submission keeps the highest
priority that was ever raised.
"""

from collections.abc import Sequence
from typing import Literal

from screener.danger import Help, pressing, raised
from screener.engine.priorities import PRIORITIES
from screener.engine.screen import Screening
from screener.patient.record import Progress

# What a person can ask for on the help page, and its priority: the clinic's choice.
Asked = Literal["call", "unsafe"]
_ASKED: dict[Asked, str] = {"call": "urgent", "unsafe": "emergency"}


def unread(screenings: Sequence[Screening], progress: Progress) -> list[Help]:
    """Return what raises help now and was not read yet."""
    return [help for help in raised(*screenings) if help.id not in progress.help_shown]


def note(screenings: Sequence[Screening], progress: Progress, at: str) -> None:
    """Write into the progress what raises help now, first times with their time `at`.

    What presses is kept too: its priority, and of what kind the danger is.
    """
    now = raised(*screenings)
    for help in now:
        progress.help_met.setdefault(help.id, {"kind": help.kind, "at": at})
    # What is met again after it was taken back is shown again.
    progress.help_shown = [id for id in progress.help_shown if id in {help.id for help in now}]
    for priority, kind in pressing(*screenings):
        _raise(progress, priority, kind)


def ask(progress: Progress, what: Asked, at: str) -> None:
    """Write into the progress that the person asked for a call, or is not sure they are safe."""
    times = progress.calls if what == "call" else progress.unsafe
    if not times or times[-1] < at:  # a double click is one request
        times.append(at)
    new = what == "unsafe" or not progress.dangers
    _raise(progress, _ASKED[what], "suicide" if new else progress.dangers[0])


def priority(screening: Screening, progress: Progress) -> str:
    """Return the priority for the queue: never below the highest that was ever raised.

    Somebody under age is `ineligible` for the rules, and keeps what was raised in the queue.
    """
    highest = _highest(progress)
    if screening.ineligible:
        return highest or screening.priority
    return _higher(screening.priority, highest)


def is_risk(progress: Progress) -> bool:
    """Return whether staff must see the form even if it is never finished."""
    return bool(progress.help_met) or bool(_highest(progress))


def was_crisis(progress: Progress) -> bool:
    """Return whether an answer about self-harm ever raised help."""
    return any(met["kind"] == "crisis" for met in progress.help_met.values())


def _raise(progress: Progress, priority: str, kind: str) -> None:
    progress.highest = _higher(priority, progress.highest)
    if kind not in progress.dangers:
        progress.dangers.append(kind)


def _highest(progress: Progress) -> str:
    # Forms that were begun before 0.3 kept what raised help, and not its priority.
    return progress.highest or ("urgent" if was_crisis(progress) else "")


def _higher(left: str, right: str) -> str:
    return min([name for name in (left, right) if name], key=PRIORITIES.index, default="")
