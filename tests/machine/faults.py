"""Faults that the program once had, or nearly: each put back by a patch, each with a kept run.

`FAULTS` is the table: which fault, which invariant catches it, what is broken for it, and the
steps that lead there. The steps are not looked for; they are replayed as they stand, with the
fault and without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pytest import MonkeyPatch

from tests.machine import details, patches
from tests.machine.world import Step

Patch = Callable[[MonkeyPatch], None]
SAFETY, MOOD, WORRY = "/questions/safety", "/questions/mood", "/questions/worry"
SIGNS, STRENGTH = "/questions/warning_signs", "/questions/about_you"
YES, NO = ["yes"], ["no"]
FOUR_NO = {name: NO for name in details.ASQ}


@dataclass(frozen=True)
class Fault:
    """One fault: what was wrong, which invariant sees it, the patch, and the kept run."""

    name: str
    letter: str
    patch: Patch
    steps: tuple[Step, ...]


def step(name: str, **given: Any) -> Step:
    """Write a step down."""
    return name, given


def ana(name: str, **given: Any) -> Step:
    """Write a step of Ana's down."""
    return name, {"who": "ana", **given}


def says(at: str, tab: int = 0, /, **values: list[str]) -> Step:
    """Ana opens a page, answers and saves."""
    return ana("answer", at=at, values=values, tab=tab)


def goes_on(tab: int = 0) -> Step:
    """Ana reads the help and goes on."""
    return ana("help", button=details.CONTINUE, tab=tab)


def staff(role: str, to: str, at: int = 0, **given: Any) -> Step:
    """Staff set a status."""
    return step("status", role=role, to=to, at=at, **given)


BEGIN = ana("begin")
BEN = step("begin", who="ben")
MONTHS = step("wait", minutes=100 * 1440)
EMERGENCY = (BEGIN, says(SAFETY, asq_1=YES, asq_5=YES), goes_on())
DECIDED = (*EMERGENCY, staff("intake", "acknowledged"), staff("physician", "decided"))


FAULTS = (
    Fault(
        "a date of birth erases risk answers",
        "A",
        patches.discard_whatever_it_holds,
        (*EMERGENCY, ana("birth", born="2011-02-03", sure=True)),
    ),
    Fault(
        "under age leaves nobody to reach",
        "C",
        patches.under_age_leaves_nobody_to_reach,
        (*EMERGENCY, ana("birth", born="2011-02-03", sure=True)),
    ),
    Fault(
        "start again races a safety save",
        "A",
        patches.look_before_the_lock,
        (BEGIN, step("between", first=ana("start_again"), then=says(SAFETY, 1, asq_1=YES))),
    ),
    Fault(
        "an old tab erases newer answers",
        "C",
        patches.old_tab_wins,
        (
            BEGIN,
            ana("open", at=WORRY, tab=0),
            says(WORRY, 1, gad7_1=["2"], gad7_2=["3"]),
            ana("write", values={}, tab=0),
        ),
    ),
    Fault(
        "two windows disagree and one is not shown",
        "C",
        patches.conflict_unseen,
        (
            BEGIN,
            ana("open", at=WORRY, tab=0),
            says(WORRY, 1, gad7_1=["2"]),
            ana("write", values={"gad7_1": ["1"]}, tab=0),
        ),
    ),
    Fault(
        "sending drops an answer with an error",
        "C",
        patches.send_past_errors,
        (BEGIN, says(STRENGTH, symptoms_months=["seven"]), ana("submit"), ana("submit")),
    ),
    Fault(
        "tidy erases an emergency with a note",
        "A",
        patches.tidy_whatever_staff_did,
        (*EMERGENCY, step("note", role="intake"), MONTHS, step("tidy")),
    ),
    Fault(
        "tidy erases a request for a call",
        "A",
        patches.call_is_no_risk,
        (BEGIN, ana("help", button=details.CALL), MONTHS, step("tidy")),
    ),
    Fault(
        "an unfinished emergency is nobody's business", "A", patches.unfinished_unseen, EMERGENCY
    ),
    Fault(
        "sending resets the clock",
        "B",
        patches.sending_resets_the_clock,
        (*EMERGENCY, step("wait", minutes=60), ana("submit")),
    ),
    Fault(
        "a changed answer lowers the priority",
        "B",
        patches.priority_follows_the_answers,
        (*EMERGENCY, says(SAFETY, **FOUR_NO, asq_5=[""])),
    ),
    Fault(
        "staff do not see an answer that was changed",
        "A",
        patches.earlier_answers_unseen,
        (*EMERGENCY, says(SAFETY, **FOUR_NO, asq_5=NO)),
    ),
    Fault(
        "a contradicted warning sign is forgotten",
        "A",
        patches.drafts_are_no_answers,
        (
            BEGIN,
            says(SIGNS, warning_signs=["chest_pain", "none"]),
            ana("help", button=details.CHANGE),
            says(SIGNS, warning_signs=["none"]),
        ),
    ),
    Fault(
        "new danger does not reopen",
        "B",
        patches.nothing_reopens,
        (*DECIDED, says(SAFETY, asq_3=YES)),
    ),
    Fault(
        "danger told after sending is dropped",
        "A",
        patches.after_sending_too_late,
        (
            BEGIN,
            ana("open", at=SAFETY, tab=1),
            says(SAFETY, **FOUR_NO),
            ana("submit"),
            ana("write", values={"asq_4": YES}, tab=1),
        ),
    ),
    Fault(
        "no help while the disk is full",
        "F",
        patches.no_help_on_a_full_disk,
        (BEGIN, step("disk", fails="write"), says(SAFETY, asq_1=YES)),
    ),
    Fault(
        "a full disk is a bare error",
        "F",
        patches.full_disk_is_a_bare_error,
        (BEGIN, step("disk", fails="commit"), says(WORRY, gad7_1=["1"])),
    ),
    Fault(
        "what was typed is lost while the disk is full",
        "C",
        patches.unsaved_is_lost,
        (BEGIN, step("disk", fails="write"), says(SAFETY, asq_1=YES)),
    ),
    Fault("a page shows another person's data", "D", patches.another_persons_form, (BEGIN, BEN)),
    Fault(
        "a view is not in the audit log",
        "E",
        patches.view_unrecorded,
        (*EMERGENCY, step("look", role="intake")),
    ),
    Fault(
        "the audit log loses its end",
        "E",
        patches.head_left_behind,
        (BEGIN, says(SAFETY, **FOUR_NO), ana("submit")),
    ),
    Fault(
        "key rotation forgets risk answers",
        "A",
        patches.rotation_forgets_risk_answers,
        (*EMERGENCY, step("rotate_key"), step("drop_keys")),
    ),
    Fault(
        "a handled emergency stands above a new one",
        "B",
        patches.handled_above_new,
        (
            *EMERGENCY,
            staff("intake", "acknowledged"),
            BEN,
            step("answer", who="ben", at=SAFETY, values={"asq_1": YES, "asq_5": YES}),
        ),
    ),
    Fault(
        "a page opened before new danger acknowledges it",
        "G",
        patches.any_page_is_fresh,
        (
            *EMERGENCY,
            step("look", role="intake"),
            says(SAFETY, asq_3=YES),
            staff("intake", "acknowledged", fresh=False),
        ),
    ),
    Fault(
        "a second note replaces the first",
        "C",
        patches.notes_kept_in_one_place,
        (*EMERGENCY, step("note", role="intake"), step("note", role="physician")),
    ),
    Fault(
        "intake closes an untouched emergency",
        "G",
        patches.any_step_is_fine,
        (*EMERGENCY, staff("intake", "closed")),
    ),
    Fault(
        "intake undoes a decision",
        "G",
        patches.any_step_is_fine,
        (*DECIDED, staff("intake", "in_contact")),
    ),
    Fault(
        "an emergency is closed without a reason",
        "G",
        patches.any_step_is_fine,
        (
            *EMERGENCY,
            staff("intake", "acknowledged"),
            staff("physician", "closed", reason=False),
        ),
    ),
)
