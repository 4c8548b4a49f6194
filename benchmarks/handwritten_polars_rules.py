"""The rules by hand in Polars, each over columns made before; see `handwritten_polars.py`."""

import polars as pl

from benchmarks.handwritten_polars_words import (
    ASQ,
    GAD7,
    PHQ9,
    SIGNS_OF_NERVES,
    STRENGTHS,
    SYMPTOMS,
    YES_OR_NOT_SAID,
    c,
    includes,
    least,
    ticked,
)

Rules = dict[str, pl.Expr]


def simple() -> Rules:
    """Return the rules that look at answers alone."""
    return _safety() | _signs() | _other_conditions() | _ketamine_conditions() | _ketamine_habits()


def _safety() -> Rules:
    item9 = c("phq9_9") >= 1
    positive = pl.any_horizontal(c(name).is_in(YES_OR_NOT_SAID) for name in ASQ)
    all_no = pl.all_horizontal(c(name) == "no" for name in ASQ)
    now = c("asq_5").is_in(YES_OR_NOT_SAID)
    blank = pl.any_horizontal(c(name).is_null() for name in ASQ)
    passed = (c("phq9_9").is_null() & c("#page 5")) | (blank & c("#page 6"))
    missing = c("phq9_9").is_null() | blank
    return {
        "under_18": c("age") < 18,
        "suicide_risk_acute": now,
        "suicide_risk_positive": positive & (c("asq_5") == "no"),
        "suicide_item9_positive": item9 & all_no,
        "suicide_answers_inconsistent": item9 & all_no,
        "suicide_screen_unanswered": _blank(missing & ~positive.fill_null(False), passed),
        "education_safety": item9 | positive | now,
    }


def _blank(missing: pl.Expr, passed: pl.Expr) -> pl.Expr:
    """Return that something is missing: true where it was passed over, else null."""
    return pl.when(~missing).then(False).when(passed).then(True)


def _signs() -> Rules:
    def sign(*options: str) -> pl.Expr:
        return includes("warning_signs", *options)

    return {
        "red_flag_cauda_equina": sign("saddle_numbness", "bladder_bowel_loss", "new_leg_weakness"),
        "red_flag_heart_lung_stroke": sign(
            "chest_pain", "severe_breathlessness", "fainting", "stroke_signs"
        ),
        "red_flag_vision_loss": sign("sudden_vision_loss"),
        "red_flag_giant_cell_arteritis": (c("age") >= 50)
        & sign("new_headache", "scalp_tenderness", "jaw_pain_chewing"),
        "red_flag_systemic": sign(
            "weight_loss",
            "fever",
            "fever_weak_immune_or_injecting",
            "night_sweats",
            "night_pain",
            "new_pain_after_cancer",
            "new_spine_pain_injury_or_osteoporosis",
        ),
        "red_flag_dark_urine": sign("dark_urine"),
        "consider_myopathy": sign("dark_urine")
        | includes("muscle_signs", "weak_rising_or_stairs", "statin_before_symptoms"),
    }


def _other_conditions() -> Rules:
    def has(*options: str) -> pl.Expr:
        return includes("health_conditions", *options)

    def mood(*options: str) -> pl.Expr:
        return includes("mood_history", *options)

    def yes(name: str) -> pl.Expr:
        return c(name) == "yes"

    joints = ["swelling", "psoriasis", "eye_inflammation", "bowel_inflammation", "rash"]
    joints += ["mouth_ulcers", "colour_changing_fingers", "dry_eyes_and_mouth"]
    joints += ["abnormal_blood_tests", "family_history", "eases_with_movement"]
    apnea = ["loud_snoring", "sleepy_driving_or_sitting", "bmi_35_or_more"]
    tests = ["blood_count", "inflammation", "muscle_enzyme", "vitamin_d", "calcium", "iron_stores"]
    thyroid = ["cold_intolerance", "weight_gain", "constipation"]
    return {
        "trd_not_applicable": mood(
            "bipolar_1",
            "bipolar_2",
            "bipolar_type_unknown",
            "high_mood_episode",
            "high_mood_now",
            "psychosis",
        ),
        "consider_bipolar": mood(
            "bipolar_1",
            "bipolar_2",
            "bipolar_type_unknown",
            "high_mood_episode",
            "high_mood_now",
            "antidepressant_made_wired",
            "family_bipolar",
        ),
        "consider_psychosis": mood("psychosis", "hears_or_sees_things"),
        "hold_psychosis": mood("psychosis", "hears_or_sees_things"),
        "hold_mania_now": mood("high_mood_now"),
        "hold_bipolar_1": mood("bipolar_1", "bipolar_type_unknown"),
        "caution_bipolar_2": mood("bipolar_2"),
        "caution_family_psychosis": mood("family_psychosis"),
        "caution_dissociative_disorder": mood("dissociative_disorder"),
        "caution_ptsd_flashbacks": mood("ptsd_flashbacks"),
        "consider_inflammatory": (c("morning_stiffness") == "60_or_more")
        | includes("joint_signs", *joints)
        | has(
            "rheumatoid_arthritis",
            "psoriatic_arthritis",
            "lupus",
            "spondyloarthritis",
            "other_inflammatory_disease",
        ),
        "consider_pmr": (c("age") >= 50) & yes("girdle_pain_new") & yes("girdle_stiffness_45"),
        "consider_neuropathic": (ticked("nerve_pain_signs", SIGNS_OF_NERVES) >= 2)
        & (
            yes("nerve_pain_clear_area")
            | has("diabetes")
            | includes("nerve_pain_history", "chemotherapy", "shingles", "spine_surgery")
        ),
        "consider_thyroid": (
            (ticked("thyroid_signs", thyroid) >= 3) & ~c("blood_tests_12_months__thyroid")
        )
        | yes("thyroid_uncontrolled"),
        "consider_osa": c("sleep_signs__breathing_pauses")
        | (ticked("sleep_signs", [*apnea, "treated_high_blood_pressure"]) >= 2)
        | has("sleep_apnea_untreated"),
        "consider_metabolic": ticked("blood_tests_12_months", tests) == 0,
        "prior_fibromyalgia_diagnosis": yes("told_fibromyalgia"),
    }


def _ketamine_conditions() -> Rules:
    def has(*options: str) -> pl.Expr:
        return includes("health_conditions", *options)

    upper, lower = c("bp_systolic"), c("bp_diastolic")
    no_pressure = upper.is_null() | lower.is_null()
    return {
        "hold_aneurysm": has("aneurysm"),
        "hold_avm": has("arteriovenous_malformation"),
        "hold_brain_bleed": has("brain_bleed"),
        "hold_ketamine_allergy": has("ketamine_allergy"),
        "hold_blood_pressure_crisis": (upper >= 180) | (lower >= 120),
        "hold_blood_pressure": (upper >= 160) | (lower >= 100) | has("uncontrolled_blood_pressure"),
        "caution_blood_pressure": (upper > 140) | (lower > 90),
        "check_blood_pressure_unknown": _blank(no_pressure, c("#page 16")),
        "hold_unstable_cardiac": has("unstable_heart"),
        "hold_recent_mi_stroke": has("recent_heart_attack_or_stroke"),
        "hold_severe_liver": has("severe_liver"),
        "caution_liver": has("liver_disease"),
        "hold_raised_icp": has("raised_intracranial_pressure"),
        "hold_iop": has("glaucoma_acute", "recent_eye_surgery"),
        "caution_iop": has("glaucoma"),
        "caution_bladder": has("bladder_pain", "blood_in_urine_past"),
        "hold_haematuria": has("blood_in_urine_unexplained"),
        "caution_osa": has("sleep_apnea_untreated"),
        "caution_severe_lung": has("severe_lung", "home_oxygen"),
        "caution_thyroid": has("thyroid_overactive") | c("current_medicines__thyroid_hormone"),
        "caution_seizures": has("seizures"),
        "caution_porphyria": has("porphyria"),
        "caution_dementia": has("dementia"),
        "caution_age_65": c("age") >= 65,
    }


def _ketamine_habits() -> Rules:
    def takes(*options: str) -> pl.Expr:
        return includes("current_medicines", *options)

    depressants = ["benzodiazepine", "z_drug", "opioid", "tramadol", "gabapentinoid"]
    depressants += ["barbiturate", "sedating_antihistamine", "muscle_relaxant"]
    not_male = c("sex").is_in(["female", "other", "undisclosed"])
    return {
        "hold_pregnant": c("pregnancy__pregnant"),
        "hold_breastfeeding": c("pregnancy__breastfeeding"),
        "caution_pregnancy_possible": c("pregnancy__possible"),
        "hold_active_use_disorder": c("substance_history__active_use_disorder"),
        "hold_ketamine_misuse": c("substance_history__ketamine_misuse"),
        "caution_alcohol": least("audit_c", 4) | (least("audit_c", 3) & not_male),
        "caution_drug_use": c("drug_use_times") >= 1,
        "caution_recovery": c("substance_history__recovery_under_12_months"),
        "caution_opioid_treatment": c("substance_history__opioid_treatment"),
        "caution_cns_depressant": takes(*depressants),
        "caution_stimulant": takes("stimulant", "decongestant"),
        "caution_maoi": takes("maoi"),
        "caution_theophylline": takes("theophylline"),
        "caution_cyp3a4": takes("cyp3a4_inhibitor", "cyp3a4_inducer"),
        "caution_nmda": takes("memantine_amantadine_dextromethorphan"),
        "note_serotonergic": takes("snri", "tricyclic", "tramadol"),
        "note_attenuation": takes("lamotrigine", "naltrexone", "clozapine"),
        "logistics_visit": (c("could_escort_home") == "no") | (c("could_stay_2_hours") == "no"),
        "prior_ketamine_no_response": includes("other_treatments", "ketamine", "esketamine")
        & c("ketamine_response").is_in(["under_25", "25_to_49"]),
        "check_too_fast": c("seconds_per_item") < 2,
    }


def mood() -> Rules:
    core = (c("phq9_1") >= 2) | (c("phq9_2") >= 2)
    half = [*(c(item) >= 2 for item in PHQ9[:8]), c("phq9_9") >= 1]
    sure = pl.sum_horizontal(part.fill_null(False) for part in half)
    possible = pl.sum_horizontal(part.fill_null(True) for part in half)
    five = pl.when(sure >= 5).then(True).when(possible < 5).then(False)
    two = pl.when(sure >= 2).then(True).when(possible < 2).then(False)
    items = [*PHQ9, *GAD7]
    lows, highs = [c(i).fill_null(0) for i in items], [c(i).fill_null(3) for i in items]
    low, low_top = pl.min_horizontal(lows), pl.min_horizontal(highs)
    high, high_top = pl.max_horizontal(lows), pl.max_horizontal(highs)
    ends_meet = (low == low_top) & (high == high_top) & (low == high)
    equal = pl.when(ends_meet).then(True).when((low > high_top) | (high > low_top)).then(False)
    some = pl.when(low >= 1).then(True).when(low_top < 1).then(False)
    failed, families = "antidepressants_failed", "antidepressant_families_failed"
    two_failed = least(failed, 2) & ~c("trd_not_applicable")
    fewer = pl.when(c(f"{families}_high") < c(f"{failed}_low")).then(True)
    fewer_or_not = fewer.when(c(f"{families}_low") >= c(f"{failed}_high")).then(False)
    tired = (c("fatigue") == 0) & (c("phq9_4") == 3)
    rested = (c("fatigue") == 3) & (c("phq9_4") == 0)
    phq9_blank = pl.any_horizontal(c(item).is_null() for item in PHQ9)
    gad7_blank = pl.any_horizontal(c(item).is_null() for item in GAD7)
    return {
        "depression_symptoms": least("phq9", 10),
        "anxiety_symptoms": least("gad7", 10),
        "major_depressive_syndrome_pattern": five & core,
        "other_depressive_syndrome_pattern": two & core & ~(five & core),
        "treatment_resistant_depression": two_failed & least("phq9", 10),
        "trd_history_only": two_failed & ~least("phq9", 10),
        "antidepressant_intolerance": least("antidepressants_intolerant", 1),
        "same_family": fewer_or_not,
        "check_same_answers": some & equal,
        "check_fatigue_mismatch": tired | rested,
        "check_depression_mismatch": (c("low_mood") == "no") & least("phq9", 15),
        "check_phq9_incomplete": _blank(phq9_blank, c("#page 5")),
        "check_gad7_incomplete": _blank(gad7_blank, c("#page 7")),
        "education_sleep": (c("waking_unrefreshed") >= 1) | (c("phq9_3") >= 1),
    }


def pain() -> Rules:
    malaise = c("post_exertional_malaise")
    moves = ~(c("exercise_advised_against") == "yes")
    failed, stopped = "pain_classes_failed", "pain_classes_failed_or_intolerant"
    middle = least("wpi", 4) & ~least("wpi", 7)
    many = least("wpi", 7) & least("sss", 5)
    some = middle & least("sss", 9)
    enough = many | some
    lasting = c("symptoms_3_months") == "yes"
    pattern = enough & least("pain_regions", 4) & lasting

    def blank(condition: pl.Expr, page: int) -> pl.Expr:
        return condition.is_null() & c(f"#page {page}")

    passed_areas = (many.is_null() & (blank(least("wpi", 7), 1) | blank(least("sss", 5), 3))) | (
        some.is_null() & (blank(middle, 1) | blank(least("sss", 9), 3))
    )
    passed = (
        (enough.is_null() & passed_areas) | blank(least("pain_regions", 4), 1) | blank(lasting, 2)
    )
    symptoms = pl.any_horizontal(c(name).is_null() for name in [*STRENGTHS, *SYMPTOMS])
    areas, months = c("pain_areas__none").is_null(), c("symptoms_3_months").is_null()
    open_ = (areas & c("#page 1")) | (months & c("#page 2")) | (symptoms & c("#page 3"))
    return {
        "fibromyalgia_pattern": pattern,
        "#passed": pattern.is_null() & passed,
        "pain_drug_trials_failed": least(failed, 2) | (least(failed, 1) & least(stopped, 2)),
        "intolerance_used": least(failed, 1) & ~least(failed, 2) & least(stopped, 2),
        "post_exertional_malaise": malaise == "half_the_time_or_more",
        "consider_regional_pain": (least("wpi", 1) & ~least("pain_regions", 3))
        | (c("pain_tied_to_one_cause") == "yes"),
        "check_fibromyalgia_incomplete": _blank(areas | months | symptoms, open_),
        "check_pain_mismatch": least("wpi", 4) & (c("pain_average") == 0),
        "education_pain": least("wpi", 1),
        "education_movement": least("wpi", 1) & (malaise == "never") & moves,
        "education_pacing": malaise.is_in(["sometimes", "half_the_time_or_more"]),
    }


def care() -> Rules:
    waived = (c("exercise_advised_against") == "yes") | c("post_exertional_malaise")
    exercised = (
        (c("exercise_weeks") >= 12)
        & (c("exercise_per_week") >= 2)
        & (c("exercise_benefit") == "little_or_none")
    )
    thinking = (c("trouble_thinking") >= 2) | (c("dizzy_on_standing") == "yes")
    return {
        "exercise_criterion_waived": waived,
        "first_line_non_drug_care": (exercised | waived) & (c("therapy_sessions") >= 6),
        "consider_me_cfs": (c("activity_drop_6_months") == "yes")
        & c("post_exertional_malaise")
        & (c("waking_unrefreshed") >= 2)
        & thinking,
    }


def refractory() -> Rules:
    despite_drugs = (
        c("fibromyalgia_pattern") & (c("pain_average") >= 4) & c("pain_drug_trials_failed")
    )
    return {
        "refractory_fibromyalgia": despite_drugs & c("first_line_non_drug_care"),
        "refractory_fibromyalgia_partial": despite_drugs & ~c("first_line_non_drug_care"),
    }


def paired() -> Rules:
    return {
        "paired_pattern": c("fibromyalgia_pattern")
        & c("refractory_fibromyalgia")
        & c("treatment_resistant_depression")
    }


def incomplete() -> Rules:
    mood = c("depression_symptoms").is_null()
    undecided = c("paired_pattern").is_null() & (c("fibromyalgia_pattern").is_null() | mood)
    return {"screening_incomplete": _blank(undecided, c("#passed") | (mood & c("#page 5")))}


# In the order in which they can be computed.
STAGES = (simple, mood, pain, care, refractory, paired, incomplete)
