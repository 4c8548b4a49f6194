"""Other conditions, and what ketamine asks of body and mind, by hand. See `handwritten.py`."""

from collections.abc import Callable, Mapping, Set
from typing import Any

Verdicts = dict[str, bool]

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
NERVE_CAUSES = frozenset({"chemotherapy", "shingles", "spine_surgery"})
BACK_PAIN = frozenset({"before_45", "eases_with_movement", "wakes_at_night"})
IN_SLEEP = frozenset({"loud_snoring", "sleepy_driving_or_sitting", "treated_high_blood_pressure"})
BREATHING = frozenset({"breathing_pauses", "loud_snoring", "sleepy_driving_or_sitting"})
# The weight in kg from which the body mass index is 35 or more, by the height in cm up to which.
HEAVY = (
    (150, 79),
    (155, 85),
    (160, 90),
    (165, 96),
    (170, 102),
    (175, 108),
    (180, 114),
    (185, 120),
    (190, 127),
    (195, 134),
    (200, 140),
)
PRESSURE_IN_HEAD = frozenset({"raised_intracranial_pressure", "brain_tumor", "head_injury_recent"})


def other_conditions(a: Mapping[str, Any], met: Verdicts) -> None:
    """Set the rules on other conditions to consider, and on the history of mood."""
    health, sleep = a["health_conditions"], frozenset(a["sleep_signs"])
    nerve, mood = a["nerve_pain_signs"], a["mood_history"]
    tests = a["blood_tests_12_months"] if a["blood_tests_known"] == "yes" else ()
    seeing_or_hearing = "psychosis" in mood or "hears_or_sees_things" in mood
    met["consider_bipolar"] = not MAYBE_BIPOLAR.isdisjoint(mood)
    met["note_bipolar_not_ruled_out"] = (
        "antidepressant_made_wired" in mood or "family_bipolar" in mood
    )
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
        or BACK_PAIN.issubset(a["back_pain_signs"])
        or not INFLAMMATORY.isdisjoint(health)
    )
    met["note_morning_stiffness"] = a["morning_stiffness"] == "30_to_59"
    met["consider_pmr"] = (
        a["age"] >= 50 and a["girdle_pain_new"] == "yes" and a["girdle_stiffness_45"] == "yes"
    )
    # Two signs were ticked, so that the clear area was asked.
    met["consider_neuropathic"] = len(nerve) >= 2 and (
        a["nerve_pain_clear_area"] == "yes"
        or "diabetes" in health
        or not NERVE_CAUSES.isdisjoint(a["nerve_pain_history"])
    )
    met["consider_thyroid"] = (a["thyroid_signs"] != ("none",) and "thyroid" not in tests) or (
        ("thyroid_overactive" in health or "thyroid_underactive" in health)
        and a["thyroid_uncontrolled"] == "yes"
    )
    apnea, signs = "sleep_apnea_untreated" in health, len(IN_SLEEP & sleep)
    tall, weight = a["height_cm"], a["weight_kg"]
    heavy = "bmi_35_or_more" in sleep or any(tall <= cm and weight >= kg for cm, kg in HEAVY)
    met["body_mass_index_35"] = heavy
    met["consider_osa"] = (
        apnea or "breathing_pauses" in sleep or signs >= 2 or (heavy and signs >= 1)
    )
    met["caution_osa"] = apnea
    met["education_sleep_signs"] = not BREATHING.isdisjoint(sleep)
    met["education_waking_unrefreshed"] = a["waking_unrefreshed"] != "0"
    met["consider_metabolic"] = set(tests) <= {"none", "thyroid"}
    met["prior_fibromyalgia_diagnosis"] = a["told_fibromyalgia"] == "yes"


def ketamine_conditions(a: Mapping[str, Any], taken: Set[str], met: Verdicts) -> None:
    """Set the rules on illnesses and blood pressure; `taken` are the kinds of medicine now."""
    health = frozenset(a["health_conditions"])
    met["hold_aneurysm"] = "aneurysm" in health
    met["hold_avm"] = "arteriovenous_malformation" in health
    met["hold_brain_bleed"] = "brain_bleed" in health
    met["hold_ketamine_allergy"] = "ketamine_allergy" in health or "ketamine_bad_reaction" in health
    _pressure(a, "uncontrolled_blood_pressure" in health, met)
    met["hold_unstable_cardiac"] = "unstable_heart" in health
    met["hold_recent_mi_stroke"] = "recent_heart_attack_or_stroke" in health
    met["caution_heart_brain_history"] = a["heart_brain_history"] != ("none",)
    met["hold_severe_liver"] = "severe_liver" in health
    met["caution_liver"] = "liver_disease" in health
    met["hold_raised_icp"] = not PRESSURE_IN_HEAD.isdisjoint(health)
    met["hold_iop"] = "glaucoma_acute" in health or "recent_eye_surgery" in health
    met["caution_iop"] = "glaucoma" in health
    met["caution_bladder"] = "bladder_pain" in health or "blood_in_urine_past" in health
    met["hold_haematuria"] = "blood_in_urine_unexplained" in health
    met["caution_severe_lung"] = "severe_lung" in health or "home_oxygen" in health
    met["caution_thyroid"] = "thyroid_overactive" in health or "thyroid_hormone" in taken
    met["caution_seizures"] = "seizures" in health
    met["caution_porphyria"] = "porphyria" in health
    met["caution_dementia"] = "dementia" in health
    met["caution_cancer"] = "cancer" in health
    met["caution_age_65"] = a["age"] >= 65


def _pressure(a: Mapping[str, Any], uncontrolled: bool, met: Verdicts) -> None:
    upper, lower = a["bp_systolic"], a["bp_diastolic"]

    def holds(test: Callable[[int, int], bool]) -> bool:
        # Where the upper number is not above the lower, the two may have been swapped.
        return test(upper, lower) and (upper > lower or test(lower, upper))

    met["check_unlikely_blood_pressure"] = upper <= lower or upper > 260 or upper < 70
    met["red_flag_very_low_blood_pressure"] = holds(lambda up, _: up < 70)
    met["hold_blood_pressure_crisis"] = holds(lambda up, low: up >= 180 or low >= 120)
    met["hold_blood_pressure"] = uncontrolled or holds(lambda up, low: up >= 160 or low >= 100)
    met["caution_blood_pressure"] = holds(lambda up, low: up > 140 or low > 90)
    met["caution_low_blood_pressure"] = holds(lambda up, _: 70 <= up <= 89)
