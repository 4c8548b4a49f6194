"""What is taken now, alone and together, and habits, in Polars; see `handwritten_polars.py`."""

import polars as pl

from benchmarks.handwritten_polars_words import (
    HARMS,
    LESSER_HARMS,
    Part,
    all_parts,
    any_part,
    blank,
    c,
    includes,
    least,
    part,
    takes,
    takes_part,
)

Rules = dict[str, pl.Expr]

OPIOIDS = ["opioid", "methadone", "tramadol"]
SSRI_OR_SNRI = ["ssri", "citalopram_or_escitalopram", "snri", "duloxetine"]
LUMP = "memantine_amantadine_dextromethorphan"


def _health(*options: str) -> Part:
    return part(includes("health_conditions", *options), "health_conditions")


def _stopped(*options: str) -> Part:
    return part(includes("stopped_past_5_weeks", *options), "current_medicines")


def _alcohol() -> Part:
    not_male = c("sex").is_in(["female", "other", "undisclosed"])
    three = part(least("audit_c", 3), "alcohol_and_drugs")
    return any_part(
        part(least("audit_c", 4), "alcohol_and_drugs"),
        all_parts(three, part(not_male, "about_you")),
    )


def ketamine_habits() -> Rules:
    """Return the rules on habits, earlier ketamine and single kinds of medicine."""
    depressants = [*OPIOIDS, "benzodiazepine", "z_drug", "gabapentinoid", "barbiturate"]
    depressants += ["sedating_antihistamine", "muscle_relaxant", "cyclobenzaprine"]
    alcohol = _alcohol().value
    substances, drugs = "substance_history", c("drug_use_times")
    little = c("ketamine_mood_benefit").is_in(["under_25", "25_to_49"])
    little = little | (c("ketamine_pain_benefit") == "under_30")
    return {
        "hold_pregnant": c("pregnancy__pregnant"),
        "hold_breastfeeding": c("pregnancy__breastfeeding"),
        "caution_pregnancy_possible": includes("pregnancy", "possible", "planning"),
        "hold_active_use_disorder": includes(substances, "active_use_disorder"),
        "hold_ketamine_misuse": includes(substances, "ketamine_misuse"),
        "hold_heavy_use": least("audit_c", 8) | (drugs >= 52),
        "caution_alcohol": alcohol,
        "caution_drug_use": drugs >= 1,
        "caution_recovery": includes(substances, "recovery_under_12_months"),
        "caution_opioid_treatment": includes(substances, "opioid_treatment"),
        "caution_cns_depressant": takes(*depressants) | alcohol,
        "caution_stimulant": takes("stimulant", "modafinil", "decongestant"),
        "caution_maoi": takes("maoi"),
        "caution_cyp3a4": takes("cyp3a4_inhibitor", "cyp3a4_inducer", "carbamazepine"),
        "caution_nmda": takes("memantine_or_amantadine", "dextromethorphan", LUMP),
        "note_serotonergic": takes(*SSRI_OR_SNRI, "tricyclic", "tramadol"),
        "note_attenuation": takes("lamotrigine", "naltrexone", "clozapine"),
        "note_glp1_fasting": takes("glp1"),
        "logistics_visit": (c("could_escort_home") == "no") | (c("could_stay_2_hours") == "no"),
        "prior_ketamine_no_response": includes("other_treatments", "ketamine", "esketamine")
        & little,
        "hold_prior_ketamine_problem": includes("ketamine_harms", *HARMS),
        "caution_prior_ketamine_problem": includes("ketamine_harms", *LESSER_HARMS),
        "check_too_fast": c("seconds_per_item") < 2,
    }


def taken_together() -> Rules:
    """Return the rules on medicines taken together, or with an illness."""
    undecidable = _undecidable()
    is_open = pl.any_horizontal(rule.value.is_null() for rule in undecidable.values())
    passed = pl.any_horizontal(rule.passed for rule in undecidable.values())
    lungs = includes("health_conditions", "severe_lung", "home_oxygen")
    heart = includes("heart_brain_history", "heart_attack", "stent_or_bypass", "valve_disease")
    heart = heart | includes("health_conditions", "unstable_heart", "recent_heart_attack_or_stroke")
    seizures, tramadol = includes("health_conditions", "seizures"), takes("tramadol")
    beside = [*SSRI_OR_SNRI, "tricyclic", "cyclobenzaprine", "bupropion", "opioid", "methadone"]
    kidneys = includes("health_conditions", "kidney_disease", "kidney_disease_severe")
    liver = includes("health_conditions", "liver_disease", "severe_liver")
    conceive = c("can_become_pregnant").is_in(["yes", "unsure"])
    conceive = conceive | includes("pregnancy", "pregnant", "possible", "planning")
    return {id: rule.value for id, rule in undecidable.items()} | {
        "maoi_with_modafinil": _lately_maoi().value & takes("modafinil"),
        "opioid_with_sedative": _sedated().value,
        "gabapentinoid_breathing": takes("gabapentinoid") & (lungs | (c("age") >= 65)),
        "tricyclic_heart": takes("tricyclic") & heart,
        "qt_prolonging": takes("citalopram_or_escitalopram") & takes("methadone"),
        "tramadol_seizure_serotonin": tramadol & (takes(*beside) | seizures),
        "lithium_level": takes("lithium")
        & (takes("nsaid", "diuretic", "ace_inhibitor_or_arb") | kidneys),
        "pregnancy_teratogen": takes("valproate", "topiramate") & conceive,
        "duloxetine_liver": takes("duloxetine") & (liver | least("audit_c", 8)),
        "note_bleeding": takes(*SSRI_OR_SNRI) & takes("nsaid", "blood_thinner"),
        "note_benzodiazepine_daily": takes("benzodiazepine") & (c("benzodiazepine_daily") == "yes"),
        "check_safety_undecided": blank(is_open, passed),
    }


def _lately_maoi() -> Part:
    return any_part(takes_part("maoi"), _stopped("maoi"))


def _sedated() -> Part:
    sedatives = ["benzodiazepine", "z_drug", "barbiturate", "gabapentinoid", "muscle_relaxant"]
    sedatives += ["cyclobenzaprine", "sedating_antihistamine", "antipsychotic", "clozapine"]
    beside = any_part(takes_part(*sedatives, "tricyclic"), _alcohol())
    return all_parts(takes_part(*OPIOIDS), beside)


def _undecidable() -> dict[str, Part]:
    """Return the rules that make a submission incomplete where they cannot tell."""
    named = [*SSRI_OR_SNRI, "tricyclic", "cyclobenzaprine", "mirtazapine", "trazodone"]
    named += ["nefazodone", "buspirone", "dextromethorphan", "triptan", "st_johns_wort"]
    named += ["carbamazepine"]
    is_dextromethorphan = part(c("dextromethorphan_in_lump") == "yes", "current_medicines")
    beside = any_part(
        takes_part(*named),
        takes_part(*OPIOIDS),
        all_parts(takes_part(LUMP), is_dextromethorphan),
    )
    two = any_part(_stopped("maoi"), part(least("maois_now", 2), "medicines_tried"))
    eating = part(c("mood_history__eating_disorder"), "alcohol_and_drugs")
    recent = "recent_heart_attack_or_stroke"
    lungs = _health("sleep_apnea_untreated", "severe_lung", "home_oxygen")
    return {
        "maoi_with_serotonergic": any_part(
            all_parts(takes_part("maoi"), _stopped("fluoxetine")),
            all_parts(takes_part("maoi"), two),
            all_parts(_lately_maoi(), beside),
        ),
        "maoi_with_stimulant": all_parts(
            _lately_maoi(), takes_part("stimulant", "decongestant", "bupropion")
        ),
        "hold_opioid_sedative_breathing": all_parts(_sedated(), lungs),
        "opioid_with_naltrexone": all_parts(takes_part(*OPIOIDS), takes_part("naltrexone")),
        "bupropion_contraindicated": all_parts(
            takes_part("bupropion"), any_part(_health("seizures"), eating)
        ),
        "cyclobenzaprine_heart": all_parts(
            takes_part("cyclobenzaprine"), _health("unstable_heart", recent, "thyroid_overactive")
        ),
        "hold_tricyclic_heart": all_parts(takes_part("tricyclic"), _health(recent)),
        "hold_theophylline": takes_part("theophylline"),
    }
