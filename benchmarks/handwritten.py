"""The fibromyalgia protocol written by hand in plain Python: the yardstick for speed.

Two-valued, for complete answers alone: a question that is asked has an answer that counts. So the
rules that are about blanks (`unanswered`, `undecided`) are always False here, and a rule about a
question that was not asked is False. Doses come from the medicines of the rulebook, since nobody
would copy a table into code; every condition is written out.
"""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

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
MAYBE_BIPOLAR = frozenset(
    {
        "bipolar_1",
        "bipolar_2",
        "bipolar_type_unknown",
        "high_mood_episode",
        "high_mood_now",
        "antidepressant_made_wired",
        "family_bipolar",
    }
)
INFLAMMATORY = frozenset(
    {
        "rheumatoid_arthritis",
        "psoriatic_arthritis",
        "lupus",
        "spondyloarthritis",
        "other_inflammatory_disease",
    }
)
DEPRESSANTS = frozenset(
    {
        "benzodiazepine",
        "z_drug",
        "opioid",
        "tramadol",
        "gabapentinoid",
        "barbiturate",
        "sedating_antihistamine",
        "muscle_relaxant",
    }
)
NERVE_CAUSES = frozenset({"chemotherapy", "shingles", "spine_surgery"})
SEROTONERGIC = frozenset({"snri", "tricyclic", "tramadol"})
ATTENUATING = frozenset({"lamotrigine", "naltrexone", "clozapine"})
NOT_MALE = ("female", "other", "undisclosed")


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
        _other_conditions(a, met)
        _ketamine_conditions(a, met)
        _ketamine_habits(a, met)
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
    met["education_safety"] = item9 or positive or now


def _red_flags(a: Mapping[str, Any], met: Verdicts) -> None:
    signs = a["warning_signs"]
    met["red_flag_cauda_equina"] = not LEG_OR_BLADDER.isdisjoint(signs)
    met["red_flag_heart_lung_stroke"] = not HEART_LUNG_STROKE.isdisjoint(signs)
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
    met["same_family"] = counted.mood_families_failed < counted.mood_failed
    met["check_same_answers"] = items[0] >= 1 and len({*items, *worry}) == 1
    met["check_fatigue_mismatch"] = (fatigue == "0" and items[3] == 3) or (
        fatigue == "3" and items[3] == 0
    )
    met["check_depression_mismatch"] = a["low_mood"] == "no" and phq9 >= 15
    met["education_sleep"] = a["waking_unrefreshed"] != "0" or items[2] >= 1
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
    waived = worse or a["exercise_advised_against"] == "yes"
    first_line = a["therapy_sessions"] >= 6 and (
        waived
        or (
            a["exercise_weeks"] >= 12
            and a["exercise_per_week"] >= 2
            and a["exercise_benefit"] == "little_or_none"
        )
    )
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
    return bool(first_line)


def _other_conditions(a: Mapping[str, Any], met: Verdicts) -> None:
    health, sleep = a["health_conditions"], a["sleep_signs"]
    nerve, tests = a["nerve_pain_signs"], a["blood_tests_12_months"]
    mood = a["mood_history"]
    seeing_or_hearing = "psychosis" in mood or "hears_or_sees_things" in mood
    met["consider_bipolar"] = not MAYBE_BIPOLAR.isdisjoint(mood)
    met["consider_psychosis"] = seeing_or_hearing
    met["hold_psychosis"] = seeing_or_hearing
    met["hold_mania_now"] = "high_mood_now" in mood
    met["hold_bipolar_1"] = "bipolar_1" in mood or "bipolar_type_unknown" in mood
    met["caution_bipolar_2"] = "bipolar_2" in mood
    met["caution_family_psychosis"] = "family_psychosis" in mood
    met["caution_dissociative_disorder"] = "dissociative_disorder" in mood
    met["caution_ptsd_flashbacks"] = "ptsd_flashbacks" in mood
    met["consider_inflammatory"] = (
        a["morning_stiffness"] == "60_or_more"
        or a["joint_signs"] != ("none",)
        or not INFLAMMATORY.isdisjoint(health)
    )
    met["consider_pmr"] = (
        a["age"] >= 50 and a["girdle_pain_new"] == "yes" and a["girdle_stiffness_45"] == "yes"
    )
    # Two signs were ticked, so that the clear area was asked.
    met["consider_neuropathic"] = len(nerve) >= 2 and (
        a["nerve_pain_clear_area"] == "yes"
        or "diabetes" in health
        or not NERVE_CAUSES.isdisjoint(a["nerve_pain_history"])
    )
    met["consider_thyroid"] = (len(a["thyroid_signs"]) >= 3 and "thyroid" not in tests) or (
        ("thyroid_overactive" in health or "thyroid_underactive" in health)
        and a["thyroid_uncontrolled"] == "yes"
    )
    apnea = "sleep_apnea_untreated" in health
    # Breathing pauses alone are enough, so that two of anything are.
    met["consider_osa"] = apnea or len(sleep) >= 2 or "breathing_pauses" in sleep
    met["caution_osa"] = apnea
    met["consider_metabolic"] = tests in (("none",), ("thyroid",))
    met["prior_fibromyalgia_diagnosis"] = a["told_fibromyalgia"] == "yes"


def _ketamine_conditions(a: Mapping[str, Any], met: Verdicts) -> None:
    health = frozenset(a["health_conditions"])
    upper, lower = a["bp_systolic"], a["bp_diastolic"]
    met["hold_aneurysm"] = "aneurysm" in health
    met["hold_avm"] = "arteriovenous_malformation" in health
    met["hold_brain_bleed"] = "brain_bleed" in health
    met["hold_ketamine_allergy"] = "ketamine_allergy" in health
    met["hold_blood_pressure_crisis"] = upper >= 180 or lower >= 120
    met["hold_blood_pressure"] = (
        upper >= 160 or lower >= 100 or "uncontrolled_blood_pressure" in health
    )
    met["caution_blood_pressure"] = upper > 140 or lower > 90
    met["hold_unstable_cardiac"] = "unstable_heart" in health
    met["hold_recent_mi_stroke"] = "recent_heart_attack_or_stroke" in health
    met["hold_severe_liver"] = "severe_liver" in health
    met["caution_liver"] = "liver_disease" in health
    met["hold_raised_icp"] = "raised_intracranial_pressure" in health
    met["hold_iop"] = "glaucoma_acute" in health or "recent_eye_surgery" in health
    met["caution_iop"] = "glaucoma" in health
    met["caution_bladder"] = "bladder_pain" in health or "blood_in_urine_past" in health
    met["hold_haematuria"] = "blood_in_urine_unexplained" in health
    met["caution_severe_lung"] = "severe_lung" in health or "home_oxygen" in health
    met["caution_thyroid"] = (
        "thyroid_overactive" in health or "thyroid_hormone" in a["current_medicines"]
    )
    met["caution_seizures"] = "seizures" in health
    met["caution_porphyria"] = "porphyria" in health
    met["caution_dementia"] = "dementia" in health
    met["caution_age_65"] = a["age"] >= 65


def _ketamine_habits(a: Mapping[str, Any], met: Verdicts) -> None:
    # A man is not asked about pregnancy, and who never drinks not how much.
    pregnancy = () if a["sex"] == "male" else a["pregnancy"]
    drinks = DIGIT[a["audit_c_1"]]
    if drinks:
        drinks += DIGIT[a["audit_c_2"]] + DIGIT[a["audit_c_3"]]
    substances, medicines = a["substance_history"], frozenset(a["current_medicines"])
    tried = a["other_treatments"]
    met["hold_pregnant"] = "pregnant" in pregnancy
    met["hold_breastfeeding"] = "breastfeeding" in pregnancy
    met["caution_pregnancy_possible"] = "possible" in pregnancy
    met["hold_active_use_disorder"] = "active_use_disorder" in substances
    met["hold_ketamine_misuse"] = "ketamine_misuse" in substances
    met["caution_alcohol"] = drinks >= 4 or (drinks >= 3 and a["sex"] in NOT_MALE)
    met["caution_drug_use"] = a["drug_use_times"] >= 1
    met["caution_recovery"] = "recovery_under_12_months" in substances
    met["caution_opioid_treatment"] = "opioid_treatment" in substances
    met["caution_cns_depressant"] = not DEPRESSANTS.isdisjoint(medicines)
    met["caution_stimulant"] = "stimulant" in medicines or "decongestant" in medicines
    met["caution_maoi"] = "maoi" in medicines
    met["caution_theophylline"] = "theophylline" in medicines
    met["caution_cyp3a4"] = "cyp3a4_inhibitor" in medicines or "cyp3a4_inducer" in medicines
    met["caution_nmda"] = "memantine_amantadine_dextromethorphan" in medicines
    met["note_serotonergic"] = not SEROTONERGIC.isdisjoint(medicines)
    met["note_attenuation"] = not ATTENUATING.isdisjoint(medicines)
    met["logistics_visit"] = a["could_escort_home"] == "no" or a["could_stay_2_hours"] == "no"
    met["prior_ketamine_no_response"] = ("ketamine" in tried or "esketamine" in tried) and a[
        "ketamine_response"
    ] in ("under_25", "25_to_49")
    met["check_too_fast"] = a["seconds_per_item"] < 2
