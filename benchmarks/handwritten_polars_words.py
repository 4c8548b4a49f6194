"""What the rules by hand in Polars share: groups of questions, and short words for conditions."""

from collections.abc import Sequence

import polars as pl

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
    "ketamine_response",
    "exercise_benefit",
    "thyroid_uncontrolled",
    "could_escort_home",
    "could_stay_2_hours",
)
PHQ9 = [f"phq9_{item}" for item in range(1, 10)]
GAD7 = [f"gad7_{item}" for item in range(1, 8)]
ASQ = [f"asq_{item}" for item in range(1, 5)]
STRENGTHS = ["fatigue", "waking_unrefreshed", "trouble_thinking"]
SYMPTOMS = ["headaches", "abdominal_cramps", "low_mood"]
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
