"""What is taken now, alone and together, and other habits, by hand. See `handwritten.py`."""

from collections.abc import Mapping, Set
from typing import Any

from benchmarks.handwritten_trials import Counted

Verdicts = dict[str, bool]

NOT_MALE = ("female", "other", "undisclosed")
HAD_KETAMINE = frozenset({"ketamine", "esketamine"})
HARM = frozenset(
    {
        "passed_out",
        "breathing",
        "very_high_blood_pressure",
        "chest_pain",
        "seizure",
        "lasting_psychosis",
        "mania",
        "suicidal_thoughts",
        "blood_in_urine",
        "liver",
        "took_more",
    }
)
OPIOIDS = frozenset({"opioid", "methadone", "tramadol"})
SSRI_OR_SNRI = frozenset({"ssri", "citalopram_or_escitalopram", "snri", "duloxetine"})
DEPRESSANTS = OPIOIDS | {
    "benzodiazepine",
    "z_drug",
    "gabapentinoid",
    "barbiturate",
    "sedating_antihistamine",
    "muscle_relaxant",
    "cyclobenzaprine",
}
BESIDE_OPIOID = frozenset(
    {
        "benzodiazepine",
        "z_drug",
        "barbiturate",
        "gabapentinoid",
        "muscle_relaxant",
        "cyclobenzaprine",
        "sedating_antihistamine",
        "antipsychotic",
        "clozapine",
        "tricyclic",
    }
)
# Named on the labels of MAO inhibitors as dangerous beside one.
BESIDE_MAOI = (
    OPIOIDS
    | SSRI_OR_SNRI
    | {
        "tricyclic",
        "cyclobenzaprine",
        "mirtazapine",
        "trazodone",
        "nefazodone",
        "buspirone",
        "dextromethorphan",
        "triptan",
        "st_johns_wort",
        "carbamazepine",
    }
)
STIMULATING = frozenset({"stimulant", "modafinil", "decongestant"})
BESIDE_MAOI_PRESSURE = frozenset({"stimulant", "decongestant", "bupropion"})
CYP3A4 = frozenset({"cyp3a4_inhibitor", "cyp3a4_inducer", "carbamazepine"})
LUMP = "memantine_amantadine_dextromethorphan"
NMDA = frozenset({"memantine_or_amantadine", "dextromethorphan", LUMP})
SEROTONERGIC = SSRI_OR_SNRI | {"tricyclic", "tramadol"}
ATTENUATING = frozenset({"lamotrigine", "naltrexone", "clozapine"})
BESIDE_TRAMADOL = SSRI_OR_SNRI | {
    "tricyclic",
    "cyclobenzaprine",
    "bupropion",
    "opioid",
    "methadone",
}
RAISING_LITHIUM = frozenset({"nsaid", "diuretic", "ace_inhibitor_or_arb"})
RAISING_PRESSURE = frozenset({"stimulant", "modafinil", "snri", "duloxetine"})
LUNGS = frozenset({"severe_lung", "home_oxygen"})
HEART_EVER = frozenset({"heart_attack", "stent_or_bypass", "valve_disease"})
MAY_CONCEIVE = ("yes", "unsure")


def ketamine_habits(a: Mapping[str, Any], taken: Set[str], met: Verdicts) -> int:
    """Set the rules on habits, earlier ketamine and single kinds; return the AUDIT-C total."""
    # Who cannot become pregnant is not asked about pregnancy, and who never drinks not how much.
    pregnancy = a["pregnancy"] if a.get("can_become_pregnant") in MAY_CONCEIVE else ()
    drinks = int(a["audit_c_1"])
    if drinks:
        drinks += int(a["audit_c_2"]) + int(a["audit_c_3"])
    substances, drugs = a["substance_history"], a["drug_use_times"]
    alcohol = drinks >= 4 or (drinks >= 3 and a["sex"] in NOT_MALE)
    had_ketamine = not HAD_KETAMINE.isdisjoint(a["other_treatments"])
    harms = a["ketamine_harms"] if had_ketamine else ()
    met["hold_pregnant"] = "pregnant" in pregnancy
    met["hold_breastfeeding"] = "breastfeeding" in pregnancy
    met["caution_pregnancy_possible"] = "possible" in pregnancy or "planning" in pregnancy
    met["hold_active_use_disorder"] = "active_use_disorder" in substances
    met["hold_ketamine_misuse"] = "ketamine_misuse" in substances
    met["hold_heavy_use"] = drinks >= 8 or drugs >= 52
    met["caution_alcohol"] = alcohol
    met["caution_drug_use"] = drugs >= 1
    met["caution_recovery"] = "recovery_under_12_months" in substances
    met["caution_opioid_treatment"] = "opioid_treatment" in substances
    met["caution_cns_depressant"] = alcohol or not DEPRESSANTS.isdisjoint(taken)
    met["caution_stimulant"] = not STIMULATING.isdisjoint(taken)
    met["caution_maoi"] = "maoi" in taken
    met["hold_theophylline"] = "theophylline" in taken
    met["caution_cyp3a4"] = not CYP3A4.isdisjoint(taken)
    met["caution_nmda"] = not NMDA.isdisjoint(taken)
    met["note_serotonergic"] = not SEROTONERGIC.isdisjoint(taken)
    met["note_attenuation"] = not ATTENUATING.isdisjoint(taken)
    met["note_glp1_fasting"] = "glp1" in taken
    met["logistics_visit"] = a["could_escort_home"] == "no" or a["could_stay_2_hours"] == "no"
    met["prior_ketamine_no_response"] = had_ketamine and (
        a["ketamine_mood_benefit"] in ("under_25", "25_to_49")
        or a["ketamine_pain_benefit"] == "under_30"
    )
    met["hold_prior_ketamine_problem"] = not HARM.isdisjoint(harms)
    met["caution_prior_ketamine_problem"] = "bladder_pain" in harms or "other" in harms
    met["check_too_fast"] = a["seconds_per_item"] < 2
    return drinks


def taken_together(a: Mapping[str, Any], counted: Counted, drinks: int, met: Verdicts) -> None:
    """Set the rules on medicines taken together, or with an illness; `drinks` is the AUDIT-C."""
    taken, health = counted.taken, frozenset(a["health_conditions"])
    opioid = not OPIOIDS.isdisjoint(taken)
    sedated = opioid and (met["caution_alcohol"] or not BESIDE_OPIOID.isdisjoint(taken))
    lungs = not LUNGS.isdisjoint(health)
    _with_maoi(a, counted, met)
    met["opioid_with_sedative"] = sedated
    met["hold_opioid_sedative_breathing"] = sedated and (lungs or "sleep_apnea_untreated" in health)
    met["gabapentinoid_breathing"] = "gabapentinoid" in taken and (lungs or a["age"] >= 65)
    met["opioid_with_naltrexone"] = opioid and "naltrexone" in taken
    met["bupropion_contraindicated"] = "bupropion" in taken and (
        "seizures" in health or "eating_disorder" in a["mood_history"]
    )
    heart_now = "unstable_heart" in health or "recent_heart_attack_or_stroke" in health
    met["cyclobenzaprine_heart"] = "cyclobenzaprine" in taken and (
        heart_now or "thyroid_overactive" in health
    )
    tricyclic = "tricyclic" in taken
    met["hold_tricyclic_heart"] = tricyclic and "recent_heart_attack_or_stroke" in health
    met["tricyclic_heart"] = tricyclic and (
        heart_now or not HEART_EVER.isdisjoint(a["heart_brain_history"])
    )
    met["qt_prolonging"] = "citalopram_or_escitalopram" in taken and "methadone" in taken
    met["tramadol_seizure_serotonin"] = "tramadol" in taken and (
        "seizures" in health or not BESIDE_TRAMADOL.isdisjoint(taken)
    )
    met["lithium_level"] = "lithium" in taken and (
        not RAISING_LITHIUM.isdisjoint(taken)
        or "kidney_disease" in health
        or "kidney_disease_severe" in health
    )
    # Only who can become pregnant, or may, is asked about pregnancy.
    met["pregnancy_teratogen"] = ("valproate" in taken or "topiramate" in taken) and (
        a.get("can_become_pregnant") in MAY_CONCEIVE
    )
    met["blood_pressure_raising"] = met["caution_blood_pressure"] and (
        not RAISING_PRESSURE.isdisjoint(taken)
    )
    met["duloxetine_liver"] = "duloxetine" in taken and (
        drinks >= 8 or "liver_disease" in health or "severe_liver" in health
    )
    met["note_bleeding"] = not SSRI_OR_SNRI.isdisjoint(taken) and (
        "nsaid" in taken or "blood_thinner" in taken
    )
    met["note_benzodiazepine_daily"] = (
        "benzodiazepine" in taken and a["benzodiazepine_daily"] == "yes"
    )


def _with_maoi(a: Mapping[str, Any], counted: Counted, met: Verdicts) -> None:
    taken, stopped = counted.taken, a["stopped_past_5_weeks"]
    now = "maoi" in taken
    lately = now or "maoi" in stopped
    lump = LUMP in taken and a["dextromethorphan_in_lump"] == "yes"
    two = "maoi" in stopped or counted.maois_now >= 2
    met["maoi_with_serotonergic"] = (now and ("fluoxetine" in stopped or two)) or (
        lately and (lump or not BESIDE_MAOI.isdisjoint(taken))
    )
    met["maoi_with_stimulant"] = lately and not BESIDE_MAOI_PRESSURE.isdisjoint(taken)
    met["maoi_with_modafinil"] = lately and "modafinil" in taken
