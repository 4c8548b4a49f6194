"""The fibromyalgia protocol written by hand in plain Python: the yardstick for speed.

Two-valued, for complete answers alone: a question that is asked has an answer that counts. So the
rules that are about blanks (`unanswered`, `undecided`) are always False here, and a rule about a
question that was not asked is False. So is one about a blood pressure whose numbers may have been
swapped, unless it is met either way. Doses and kinds come from the medicines of the rulebook, since
nobody would copy a table into code; every condition is written out.
"""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from benchmarks.handwritten_conditions import ketamine_conditions, other_conditions
from benchmarks.handwritten_medicines import ketamine_habits, taken_together
from benchmarks.handwritten_trials import Counted, Trials
from screener.engine.protocol import Protocol

Verdicts = dict[str, bool]

DIGIT = {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4}
POINTS = DIGIT.__getitem__
PHQ9 = itemgetter(*(f"phq9_{item}" for item in range(1, 10)))
GAD7 = itemgetter(*(f"gad7_{item}" for item in range(1, 8)))
YES_OR_NOT_SAID = ("yes", "declined")
REGIONS = {
    "shoulder_girdle_left": "left_upper",
    "upper_arm_left": "left_upper",
    "lower_arm_left": "left_upper",
    "shoulder_girdle_right": "right_upper",
    "upper_arm_right": "right_upper",
    "lower_arm_right": "right_upper",
    "hip_left": "left_lower",
    "upper_leg_left": "left_lower",
    "lower_leg_left": "left_lower",
    "hip_right": "right_lower",
    "upper_leg_right": "right_lower",
    "lower_leg_right": "right_lower",
    "neck": "axial",
    "upper_back": "axial",
    "lower_back": "axial",
}
LEG_OR_BLADDER = frozenset({"saddle_numbness", "bladder_bowel_loss", "new_leg_weakness"})
HEART_LUNG_STROKE = frozenset({"chest_pain", "severe_breathlessness", "fainting", "stroke_signs"})
HEADACHE_OR_JAW = frozenset({"new_headache", "scalp_tenderness", "jaw_pain_chewing"})
SYSTEMIC = frozenset(
    {
        "weight_loss",
        "fever",
        "fever_weak_immune_or_injecting",
        "night_sweats",
        "night_pain",
        "new_pain_after_cancer",
        "new_spine_pain_injury_or_osteoporosis",
    }
)
THERAPIES = frozenset({"cbt", "act", "cbt_i"})
NO_TRD = frozenset(
    {
        "bipolar_1",
        "bipolar_2",
        "bipolar_type_unknown",
        "high_mood_episode",
        "high_mood_now",
        "psychosis",
    }
)


def handwritten(protocol: Protocol) -> Callable[[Mapping[str, Any]], Verdicts]:
    """Return the function that says which rules are met, given typed and complete answers."""
    trials = Trials(protocol)
    nothing = dict.fromkeys(protocol.rules, False)

    def verdicts(a: Mapping[str, Any]) -> Verdicts:
        # A copy keeps its size, where a dictionary that grows is built anew several times. What
        # is not set below stays False: the rules about blanks, and all but one for a child.
        met = nothing.copy()
        if a["age"] < 18:
            met["under_18"] = True
            return met
        _safety(a, met)
        _red_flags(a, met)
        counted = trials.count(a)
        _pain(a, met, counted, _mood(a, met, counted))
        other_conditions(a, met)
        ketamine_conditions(a, counted.taken, met)
        drinks = ketamine_habits(a, counted.taken, met)
        taken_together(a, counted, drinks, met)
        return met

    return verdicts


def _safety(a: Mapping[str, Any], met: Verdicts) -> None:
    item9 = a["phq9_9"] != "0"
    positive = (
        a["asq_1"] in YES_OR_NOT_SAID
        or a["asq_2"] in YES_OR_NOT_SAID
        or a["asq_3"] in YES_OR_NOT_SAID
        or a["asq_4"] in YES_OR_NOT_SAID
    )
    # The last question stands as a no where it is not asked; a standing yes is never dropped.
    now = a.get("asq_5") in YES_OR_NOT_SAID
    met["suicide_risk_acute"] = now
    met["suicide_risk_positive"] = positive and not now
    met["suicide_item9_positive"] = item9 and not positive
    met["suicide_answers_inconsistent"] = item9 and not positive


def _red_flags(a: Mapping[str, Any], met: Verdicts) -> None:
    signs = a["warning_signs"]
    met["red_flag_cauda_equina"] = not LEG_OR_BLADDER.isdisjoint(signs)
    met["red_flag_heart_lung_stroke"] = not HEART_LUNG_STROKE.isdisjoint(signs)
    met["red_flag_confusion"] = "new_confusion" in signs
    met["red_flag_rigid_fever"] = "fever_with_stiff_or_jerking_muscles" in signs
    met["red_flag_vision_loss"] = "sudden_vision_loss" in signs
    met["red_flag_giant_cell_arteritis"] = a["age"] >= 50 and not HEADACHE_OR_JAW.isdisjoint(signs)
    met["red_flag_systemic"] = not SYSTEMIC.isdisjoint(signs)
    met["red_flag_dark_urine"] = "dark_urine" in signs
    met["consider_myopathy"] = "dark_urine" in signs or a["muscle_signs"] != ("none",)


def _mood(a: Mapping[str, Any], met: Verdicts, counted: Counted) -> bool:
    """Set the rules on mood and worry; return whether a depression resists treatment."""
    items, worry = [*map(POINTS, PHQ9(a))], [*map(POINTS, GAD7(a))]
    phq9 = sum(items)
    core = items[0] >= 2 or items[1] >= 2
    half_the_days = [item >= 2 for item in items[:8]].count(True) + (items[8] >= 1) if core else 0
    no_trd = not NO_TRD.isdisjoint(a["mood_history"])
    two_failed = counted.mood_failed >= 2 and not no_trd
    resistant = two_failed and phq9 >= 10
    fatigue = a["fatigue"]
    met["depression_symptoms"] = phq9 >= 10
    met["anxiety_symptoms"] = sum(worry) >= 10
    met["major_depressive_syndrome_pattern"] = core and half_the_days >= 5
    met["other_depressive_syndrome_pattern"] = core and 2 <= half_the_days < 5
    met["trd_not_applicable"] = no_trd
    met["treatment_resistant_depression"] = resistant
    met["trd_history_only"] = two_failed and phq9 < 10
    met["antidepressant_intolerance"] = counted.mood_intolerant >= 1
    met["same_family"] = counted.families_failed < counted.medicines_failed
    met["note_current_response"] = counted.mood_helping >= 1
    met["check_unlikely_dose"] = counted.unlikely_doses >= 1
    met["check_dose_above_label"] = counted.doses_above_label >= 1
    met["check_same_answers"] = items[0] >= 1 and len({*items, *worry}) == 1
    met["check_fatigue_mismatch"] = (fatigue == "0" and items[3] == 3) or (
        fatigue == "3" and items[3] == 0
    )
    met["check_depression_mismatch"] = a["low_mood"] == "no" and phq9 >= 15
    met["education_mood"] = items[0] >= 1 or items[1] >= 1
    met["education_worry"] = worry[0] >= 1 or worry[1] >= 1
    met["education_sleep"] = items[2] >= 1
    return resistant


def _pain(a: Mapping[str, Any], met: Verdicts, counted: Counted, resistant: bool) -> None:
    areas = a["pain_areas"]
    wpi = 0 if areas == ("none",) else len(areas)
    # Jaw, chest and abdomen are in no region.
    regions = len(set(map(REGIONS.get, areas)) - {None})
    sss = DIGIT[a["fatigue"]] + DIGIT[a["waking_unrefreshed"]] + DIGIT[a["trouble_thinking"]]
    sss += (a["headaches"] == "yes") + (a["abdominal_cramps"] == "yes") + (a["low_mood"] == "yes")
    pattern = (
        ((wpi >= 7 and sss >= 5) or (4 <= wpi <= 6 and sss >= 9))
        and regions >= 4
        and a["symptoms_3_months"] == "yes"
    )
    average, failed = a["pain_average"], counted.pain_failed
    stopped = counted.pain_failed_or_intolerant
    drugs_failed = failed >= 2 or (failed >= 1 and stopped >= 2)
    despite_drugs = pattern and average >= 4 and drugs_failed
    first_line = _first_line(a, met)
    met["fibromyalgia_pattern"] = pattern
    met["pain_drug_trials_failed"] = drugs_failed
    met["intolerance_used"] = failed == 1 and stopped >= 2
    met["refractory_fibromyalgia"] = despite_drugs and first_line
    met["refractory_fibromyalgia_partial"] = despite_drugs and not first_line
    met["paired_pattern"] = despite_drugs and first_line and resistant
    met["consider_regional_pain"] = (wpi >= 1 and regions <= 2) or (
        a["pain_tied_to_one_cause"] == "yes"
    )
    met["check_pain_mismatch"] = wpi >= 4 and average == 0
    met["education_pain"] = wpi >= 1
    met["education_movement"] = (
        wpi >= 1
        and a["post_exertional_malaise"] == "never"
        and a["exercise_advised_against"] != "yes"
    )


def _first_line(a: Mapping[str, Any], met: Verdicts) -> bool:
    """Set the rules on effort; return whether exercise and therapy were tried, or are waived."""
    malaise = a["post_exertional_malaise"]
    worse = malaise == "half_the_time_or_more"
    # Who never exercised has no benefit to report.
    weeks = a["exercise_weeks"]
    no_benefit = weeks == 0 or a["exercise_benefit"] == "little_or_none"
    waived = a["exercise_advised_against"] == "yes" or (worse and no_benefit)
    exercised = weeks >= 12 and a["exercise_per_week"] >= 2 and no_benefit
    therapy = a["therapy_sessions"] >= 6 and not THERAPIES.isdisjoint(a["therapy_types"])
    first_line = (exercised or waived) and therapy
    met["post_exertional_malaise"] = worse
    met["exercise_criterion_waived"] = waived
    met["first_line_non_drug_care"] = first_line
    met["education_pacing"] = malaise != "never"
    met["consider_me_cfs"] = (
        worse
        and a["activity_drop_6_months"] == "yes"
        and a["waking_unrefreshed"] >= "2"
        and (a["trouble_thinking"] >= "2" or a["dizzy_on_standing"] == "yes")
    )
    return first_line
