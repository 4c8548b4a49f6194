"""Other conditions, illnesses, blood pressure, in Polars; see `handwritten_polars.py`."""

import polars as pl

from benchmarks.handwritten_conditions import HEAVY
from benchmarks.handwritten_polars_words import (
    SIGNS_OF_NERVES,
    TESTS_BUT_THYROID,
    c,
    includes,
    takes,
    ticked,
    unanswered,
)

Rules = dict[str, pl.Expr]


def _has(*options: str) -> pl.Expr:
    return includes("health_conditions", *options)


def other_conditions() -> Rules:
    """Return the rules on other conditions to consider, and on the history of mood."""

    def yes(name: str) -> pl.Expr:
        return c(name) == "yes"

    joints = ["swelling", "psoriasis", "eye_inflammation", "bowel_inflammation", "rash"]
    joints += ["mouth_ulcers", "colour_changing_fingers", "dry_eyes_and_mouth"]
    joints += ["abnormal_blood_tests", "family_history", "eases_with_movement"]
    apnea = ["loud_snoring", "sleepy_driving_or_sitting", "treated_high_blood_pressure"]
    back = ["before_45", "eases_with_movement", "wakes_at_night"]
    heavy = c("sleep_signs__bmi_35_or_more") | pl.any_horizontal(
        (c("height_cm") <= cm) & (c("weight_kg") >= kg) for cm, kg in HEAVY
    )
    return _mood_history() | {
        "consider_inflammatory": (c("morning_stiffness") == "60_or_more")
        | includes("joint_signs", *joints)
        | pl.all_horizontal(f"back_pain_signs__{sign}" for sign in back)
        | _has(
            "rheumatoid_arthritis",
            "psoriatic_arthritis",
            "lupus",
            "spondyloarthritis",
            "other_inflammatory_disease",
        ),
        "note_morning_stiffness": c("morning_stiffness") == "30_to_59",
        "consider_pmr": (c("age") >= 50) & yes("girdle_pain_new") & yes("girdle_stiffness_45"),
        "consider_neuropathic": (ticked("nerve_pain_signs", SIGNS_OF_NERVES) >= 2)
        & (
            yes("nerve_pain_clear_area")
            | _has("diabetes")
            | includes("nerve_pain_history", "chemotherapy", "shingles", "spine_surgery")
        ),
        "consider_thyroid": (
            includes("thyroid_signs", "cold_intolerance", "weight_gain", "constipation")
            & ~c("blood_tests_12_months__thyroid")
        )
        | yes("thyroid_uncontrolled"),
        "body_mass_index_35": heavy,
        "consider_osa": c("sleep_signs__breathing_pauses")
        | (ticked("sleep_signs", apnea) >= 2)
        | (heavy & includes("sleep_signs", *apnea))
        | _has("sleep_apnea_untreated"),
        "consider_metabolic": ticked("blood_tests_12_months", TESTS_BUT_THYROID) == 0,
        "prior_fibromyalgia_diagnosis": yes("told_fibromyalgia"),
        "education_waking_unrefreshed": c("waking_unrefreshed") >= 1,
        "education_sleep_signs": includes(
            "sleep_signs", "breathing_pauses", "loud_snoring", "sleepy_driving_or_sitting"
        ),
    }


def _mood_history() -> Rules:
    def mood(*options: str) -> pl.Expr:
        return includes("mood_history", *options)

    bipolar = ["bipolar_1", "bipolar_2", "bipolar_type_unknown"]
    bipolar += ["high_mood_episode", "high_mood_now"]
    maybe = ["antidepressant_made_wired", "family_bipolar"]
    return {
        "trd_not_applicable": mood(*bipolar, "psychosis"),
        "consider_bipolar": mood(*bipolar, *maybe),
        "note_bipolar_not_ruled_out": mood(*maybe),
        "consider_psychosis": mood("psychosis", "hears_or_sees_things"),
        "hold_psychosis": mood("psychosis", "hears_or_sees_things"),
        "hold_mania_now": mood("high_mood_now"),
        "hold_bipolar_1": mood("bipolar_1", "bipolar_type_unknown"),
        "caution_bipolar_2": mood("bipolar_2"),
        "caution_family_psychosis": mood("family_psychosis"),
        "caution_dissociative_disorder": mood("dissociative_disorder"),
        "caution_ptsd_flashbacks": mood("ptsd_flashbacks"),
    }


def pressure() -> Rules:
    """Return the rules on blood pressure, whose two numbers may have been swapped."""
    upper, lower = c("bp_systolic"), c("bp_diastolic")
    # An upper number is 50 or more and a lower one 200 or less, so one alone can settle it.
    surely_above = (upper.is_null() & (lower < 50)) | (lower.is_null() & (upper > 200))
    swapped = pl.when(surely_above.fill_null(False)).then(False).otherwise(upper <= lower)

    def either_way(given: pl.Expr, other: pl.Expr) -> pl.Expr:
        both = pl.when(given & other).then(True).when(~given & ~other).then(False)
        return pl.when(upper <= lower).then(both).otherwise(given)

    def reaches(high: int, low: int) -> pl.Expr:
        return either_way((upper >= high) | (lower >= low), (lower >= high) | (upper >= low))

    caution = reaches(141, 91)
    raising = takes("stimulant", "modafinil", "snri", "duloxetine")
    return {
        "red_flag_very_low_blood_pressure": either_way(upper < 70, lower < 70),
        "hold_blood_pressure_crisis": reaches(180, 120),
        "hold_blood_pressure": reaches(160, 100) | _has("uncontrolled_blood_pressure"),
        "caution_blood_pressure": caution,
        "caution_low_blood_pressure": either_way(
            upper.is_between(70, 89), lower.is_between(70, 89)
        ),
        "blood_pressure_raising": raising & caution,
        "check_blood_pressure_unknown": unanswered("blood_pressure", "bp_systolic", "bp_diastolic"),
        "check_unlikely_blood_pressure": swapped | (upper > 260) | (upper < 70),
    }


def ketamine_conditions() -> Rules:
    """Return the rules on illnesses that ketamine asks about."""
    return {
        "hold_aneurysm": _has("aneurysm"),
        "hold_avm": _has("arteriovenous_malformation"),
        "hold_brain_bleed": _has("brain_bleed"),
        "hold_ketamine_allergy": _has("ketamine_allergy", "ketamine_bad_reaction"),
        "hold_unstable_cardiac": _has("unstable_heart"),
        "hold_recent_mi_stroke": _has("recent_heart_attack_or_stroke"),
        "caution_heart_brain_history": includes(
            "heart_brain_history",
            "heart_attack",
            "stroke",
            "tia",
            "stent_or_bypass",
            "valve_disease",
            "hypertensive_encephalopathy",
        ),
        "hold_severe_liver": _has("severe_liver"),
        "caution_liver": _has("liver_disease"),
        "hold_raised_icp": _has(
            "raised_intracranial_pressure", "brain_tumor", "head_injury_recent"
        ),
        "hold_iop": _has("glaucoma_acute", "recent_eye_surgery"),
        "caution_iop": _has("glaucoma"),
        "caution_bladder": _has("bladder_pain", "blood_in_urine_past"),
        "hold_haematuria": _has("blood_in_urine_unexplained"),
        "caution_osa": _has("sleep_apnea_untreated"),
        "caution_severe_lung": _has("severe_lung", "home_oxygen"),
        "caution_thyroid": _has("thyroid_overactive") | takes("thyroid_hormone"),
        "caution_seizures": _has("seizures"),
        "caution_porphyria": _has("porphyria"),
        "caution_dementia": _has("dementia"),
        "caution_cancer": _has("cancer"),
        "caution_age_65": c("age") >= 65,
    }
