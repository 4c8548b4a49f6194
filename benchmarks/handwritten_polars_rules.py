"""The rules by hand in Polars, each over columns made before; see `handwritten_polars.py`."""

import polars as pl

from benchmarks.handwritten_polars_conditions import (
    ketamine_conditions,
    other_conditions,
    pressure,
)
from benchmarks.handwritten_polars_medicines import ketamine_habits, taken_together
from benchmarks.handwritten_polars_words import (
    ASQ,
    GAD7,
    PHQ9,
    STRENGTHS,
    SYMPTOMS,
    YES_OR_NOT_SAID,
    blank,
    c,
    includes,
    least,
    unanswered,
)

Rules = dict[str, pl.Expr]


def simple() -> Rules:
    """Return the rules that look at answers alone."""
    return (
        _safety()
        | _signs()
        | other_conditions()
        | ketamine_conditions()
        | pressure()
        | ketamine_habits()
        | taken_together()
        | _blanks()
    )


def _safety() -> Rules:
    item9 = c("phq9_9") >= 1
    positive = pl.any_horizontal(c(name).is_in(YES_OR_NOT_SAID) for name in ASQ)
    all_no = pl.all_horizontal(c(name) == "no" for name in ASQ)
    now = c("asq_5").is_in(YES_OR_NOT_SAID)
    left = pl.any_horizontal(c(name).is_null() for name in ASQ)
    passed = (c("phq9_9").is_null() & c("#page mood")) | (left & c("#page safety"))
    missing = c("phq9_9").is_null() | left
    return {
        "under_18": c("age") < 18,
        "suicide_risk_acute": now,
        "suicide_risk_positive": positive & (c("asq_5") == "no"),
        "suicide_item9_positive": item9 & all_no,
        "suicide_answers_inconsistent": item9 & all_no,
        "suicide_screen_unanswered": blank(missing & ~positive.fill_null(False), passed),
    }


def _signs() -> Rules:
    def sign(*options: str) -> pl.Expr:
        return includes("warning_signs", *options)

    return {
        "red_flag_cauda_equina": sign("saddle_numbness", "bladder_bowel_loss", "new_leg_weakness"),
        "red_flag_heart_lung_stroke": sign(
            "chest_pain", "severe_breathlessness", "fainting", "stroke_signs"
        ),
        "red_flag_confusion": sign("new_confusion"),
        "red_flag_rigid_fever": sign("fever_with_stiff_or_jerking_muscles"),
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


def _blanks() -> Rules:
    """Return the rules on safety lists that were passed over."""
    age = c("age").is_null()
    habits = ["substance_history__none", "audit_c_1", "audit_c_2", "audit_c_3", "drug_use_times"]
    table = pl.col("medicines_tried").fill_null(False)
    return {
        # The age is asked before the first page.
        "check_age_unanswered": blank(age, c("submitted")),
        "check_warning_signs_unanswered": unanswered("warning_signs", "warning_signs__none"),
        "check_health_conditions_unanswered": unanswered(
            "health_conditions", "health_conditions__none"
        ),
        "check_heart_brain_history_unanswered": unanswered(
            "health_conditions", "heart_brain_history__none"
        ),
        "check_mood_history_unanswered": unanswered("alcohol_and_drugs", "mood_history__none"),
        "check_pregnancy_unanswered": unanswered("health_conditions", "pregnancy__none"),
        "check_substances_unanswered": unanswered("alcohol_and_drugs", *habits),
        "check_current_medicines_unanswered": unanswered(
            "current_medicines", "current_medicines__none", "stopped_past_5_weeks__none"
        ),
        "check_other_treatments_unanswered": unanswered(
            "current_medicines", "other_treatments__none", "ketamine_harms__none"
        ),
        "check_medicines_tried_unanswered": blank(~table, c("#page medicines_tried")),
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
    failed, families = "medicines_failed", "medicine_families_failed"
    two_failed = least("antidepressants_failed", 2) & ~c("trd_not_applicable")
    fewer = pl.when(c(f"{families}_high") < c(f"{failed}_low")).then(True)
    fewer_or_not = fewer.when(c(f"{families}_low") >= c(f"{failed}_high")).then(False)
    tired = (c("fatigue") == 0) & (c("phq9_4") == 3)
    rested = (c("fatigue") == 3) & (c("phq9_4") == 0)
    return {
        "depression_symptoms": least("phq9", 10),
        "anxiety_symptoms": least("gad7", 10),
        "major_depressive_syndrome_pattern": five & core,
        "other_depressive_syndrome_pattern": two & core & ~(five & core),
        "treatment_resistant_depression": two_failed & least("phq9", 10),
        "trd_history_only": two_failed & ~least("phq9", 10),
        "antidepressant_intolerance": least("antidepressants_intolerant", 1),
        "same_family": fewer_or_not,
        "note_current_response": least("antidepressants_helping", 1),
        "check_unlikely_dose": least("unlikely_doses", 1),
        "check_dose_above_label": least("doses_above_label", 1),
        "check_same_answers": some & equal,
        "check_fatigue_mismatch": tired | rested,
        "check_depression_mismatch": (c("low_mood") == "no") & least("phq9", 15),
        "check_phq9_incomplete": unanswered("mood", *PHQ9),
        "check_gad7_incomplete": unanswered("worry", *GAD7),
        "education_mood": (c("phq9_1") >= 1) | (c("phq9_2") >= 1),
        "education_worry": (c("gad7_1") >= 1) | (c("gad7_2") >= 1),
        "education_sleep": c("phq9_3") >= 1,
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

    def open_on(condition: pl.Expr, page: str) -> pl.Expr:
        return condition.is_null() & c(f"#page {page}")

    on_areas = open_on(least("wpi", 7), "pain_areas") | open_on(least("sss", 5), "symptoms")
    on_fewer = open_on(middle, "pain_areas") | open_on(least("sss", 9), "symptoms")
    passed_areas = (many.is_null() & on_areas) | (some.is_null() & on_fewer)
    passed = (
        (enough.is_null() & passed_areas)
        | open_on(least("pain_regions", 4), "pain_areas")
        | open_on(lasting, "about_you")
    )
    symptoms = pl.any_horizontal(c(name).is_null() for name in [*STRENGTHS, *SYMPTOMS])
    areas, months = c("pain_areas__none").is_null(), c("symptoms_3_months").is_null()
    open_ = (
        (areas & c("#page pain_areas"))
        | (months & c("#page about_you"))
        | (symptoms & c("#page symptoms"))
    )
    return {
        "fibromyalgia_pattern": pattern,
        "#passed": pattern.is_null() & passed,
        "pain_drug_trials_failed": least(failed, 2) | (least(failed, 1) & least(stopped, 2)),
        "intolerance_used": least(failed, 1) & ~least(failed, 2) & least(stopped, 2),
        "post_exertional_malaise": malaise == "half_the_time_or_more",
        "consider_regional_pain": (least("wpi", 1) & ~least("pain_regions", 3))
        | (c("pain_tied_to_one_cause") == "yes"),
        "check_fibromyalgia_incomplete": blank(areas | months | symptoms, open_),
        "check_pain_mismatch": least("wpi", 4) & (c("pain_average") == 0),
        "education_pain": least("wpi", 1),
        "education_movement": least("wpi", 1) & (malaise == "never") & moves,
        "education_pacing": malaise.is_in(["sometimes", "half_the_time_or_more"]),
    }


def care() -> Rules:
    no_benefit = c("exercise_benefit") == "little_or_none"
    worse = c("post_exertional_malaise") & no_benefit
    waived = (c("exercise_advised_against") == "yes") | worse
    exercised = (c("exercise_weeks") >= 12) & (c("exercise_per_week") >= 2) & no_benefit
    therapy = (c("therapy_sessions") >= 6) & includes("therapy_types", "cbt", "act", "cbt_i")
    thinking = (c("trouble_thinking") >= 2) | (c("dizzy_on_standing") == "yes")
    return {
        "exercise_criterion_waived": waived,
        "first_line_non_drug_care": (exercised | waived) & therapy,
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
    return {"screening_incomplete": blank(undecided, c("#passed") | (mood & c("#page mood")))}


# In the order in which they can be computed.
STAGES = (simple, mood, pain, care, refractory, paired, incomplete)
