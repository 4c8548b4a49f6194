"""What the rules by hand in Polars share: groups of questions, and short words for conditions."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from benchmarks.handwritten_medicines import HARM

YES_OR_NOT_SAID = ["yes", "declined"]
REGIONS = {
    "left_upper": ("shoulder_girdle_left", "upper_arm_left", "lower_arm_left"),
    "right_upper": ("shoulder_girdle_right", "upper_arm_right", "lower_arm_right"),
    "left_lower": ("hip_left", "upper_leg_left", "lower_leg_left"),
    "right_lower": ("hip_right", "upper_leg_right", "lower_leg_right"),
    "axial": ("neck", "upper_back", "lower_back"),
}
ELSEWHERE = ("jaw_left", "jaw_right", "chest", "abdomen")
NOT_SURE = (
    "symptoms_3_months",
    "pain_tied_to_one_cause",
    "told_fibromyalgia",
    "girdle_stiffness_45",
    "activity_drop_6_months",
    "nerve_pain_clear_area",
    "exercise_advised_against",
    "exercise_benefit",
    "ketamine_mood_benefit",
    "ketamine_pain_benefit",
    "thyroid_uncontrolled",
    "dextromethorphan_in_lump",
    "benzodiazepine_daily",
    "could_escort_home",
    "could_stay_2_hours",
)
PHQ9 = [f"phq9_{item}" for item in range(1, 10)]
GAD7 = [f"gad7_{item}" for item in range(1, 8)]
ASQ = [f"asq_{item}" for item in range(1, 5)]
STRENGTHS = ["fatigue", "waking_unrefreshed", "trouble_thinking"]
SYMPTOMS = ["headaches", "abdominal_cramps", "low_mood"]
HARMS = tuple(sorted(HARM))
LESSER_HARMS = ("bladder_pain", "other")
TESTS_BUT_THYROID = (
    "blood_count",
    "inflammation",
    "muscle_enzyme",
    "vitamin_d",
    "calcium",
    "iron_stores",
)
TESTS = ("thyroid", *TESTS_BUT_THYROID)
SIGNS_OF_NERVES = ("burning", "electric_shocks", "numbness", "pins_and_needles", "light_touch")


def c(name: str) -> pl.Expr:
    return pl.col(name)


def includes(question: str, *options: str) -> pl.Expr:
    return pl.any_horizontal(f"{question}__{option}" for option in options)


def ticked(question: str, options: Sequence[str]) -> pl.Expr:
    """Return how many are ticked; null where nothing is known."""
    answered = pl.col(f"{question}__none").is_not_null()
    return pl.when(answered).then(pl.sum_horizontal(f"{question}__{option}" for option in options))


def least(score: str, bound: int) -> pl.Expr:
    """Return whether the score is the bound or more; null where it may be and may not be."""
    high = c(f"{score}_high") >= bound
    return pl.when(c(f"{score}_low") >= bound).then(True).when(~high).then(False)


def takes(*kinds: str) -> pl.Expr:
    """Return whether one of the kinds was ticked, or is a medicine that is still taken."""
    still = [c(f"#still {kind}") for kind in kinds]
    return includes("current_medicines", *kinds) | pl.any_horizontal(still)


def blank(missing: pl.Expr, passed: pl.Expr) -> pl.Expr:
    """Return that something is missing: true where it was passed over, else null."""
    return pl.when(~missing).then(False).when(passed).then(True)


def unanswered(page: str, *columns: str) -> pl.Expr:
    """Return that some of these columns of one page are blank, and the page was reached."""
    missing = pl.any_horizontal(c(name).is_null() for name in columns)
    return blank(missing, c(f"#page {page}"))


class Part(NamedTuple):
    """A part of a condition, and whether it is open and a blank below it was passed over."""

    value: pl.Expr
    passed: pl.Expr


def part(value: pl.Expr, page: str) -> Part:
    """Return a part that is about answers of one page."""
    return Part(value, value.is_null() & c(f"#page {page}"))


def any_part(*parts: Part) -> Part:
    """Return that any of the parts holds."""
    return _joined(pl.any_horizontal(each.value for each in parts), parts)


def all_parts(*parts: Part) -> Part:
    """Return that all of the parts hold."""
    return _joined(pl.all_horizontal(each.value for each in parts), parts)


def _joined(value: pl.Expr, parts: Sequence[Part]) -> Part:
    return Part(value, value.is_null() & pl.any_horizontal(each.passed for each in parts))


def takes_part(*kinds: str) -> Part:
    """Return `takes`, which hangs on the list to tick and on the table."""
    still = pl.any_horizontal(c(f"#still {kind}") for kind in kinds)
    ticks = part(includes("current_medicines", *kinds), "current_medicines")
    return any_part(ticks, part(still, "medicines_tried"))
