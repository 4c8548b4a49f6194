"""Treatment trials written by hand in Polars: what rows add up to. See `handwritten_polars.py`."""

import polars as pl

from screener.engine.protocol import Protocol

# Above every dose that can be answered.
NO_DOSE = 1e9
MOST_MG = 10_000
# What is counted of rows: the label, and the condition (`_conditions`) that a row must meet.
COUNTS = {
    "antidepressants_failed": ("ingredient", "failed_for_mood"),
    "antidepressants_intolerant": ("ingredient", "intolerant_for_mood"),
    "antidepressants_helping": ("ingredient", "helps_mood_now"),
    "doses_above_label": ("ingredient", "above_label"),
    "pain_classes_failed": ("pain", "failed_for_pain"),
    "pain_classes_failed_or_intolerant": ("pain", "failed_or_stopped_for_pain"),
    "medicines_failed": ("ingredient", "failed"),
    "medicine_families_failed": ("family", "failed"),
    "unlikely_doses": ("ingredient", "unlikely"),
    "maois_now": ("maoi", "still"),
}


def counted(protocol: Protocol, people: pl.LazyFrame, trials: pl.LazyFrame) -> pl.LazyFrame:
    """Return the least and the most that each count can be, and what is still taken, by person."""
    c = pl.col
    rows = trials.join(_medicines(protocol).lazy(), on="medicine").join(
        people.select(
            "#at",
            "age",
            c("health_conditions__liver_disease").alias("liver"),
            c("health_conditions__kidney_disease_severe").alias("kidneys"),
        ),
        on="#at",
    )
    unsure = (
        *("taken_for", "taken_most_days", "this_episode"),
        *("mood_benefit", "pain_benefit", "stopped_because"),
    )
    rows = rows.with_columns(
        *(pl.when(c(name) != "unsure").then(c(name)).alias(name) for name in unsure),
        # "No, or not sure" counts as unanswered.
        dose_confirmed=pl.when(c("dose_confirmed") == "yes").then(c("dose_confirmed")),
    )
    rows = rows.with_columns(**_conditions())
    counts = []
    for score, (label, condition) in COUNTS.items():
        for end, is_met in (("low", False), ("high", True)):
            labels = pl.when(c(condition).fill_null(is_met)).then(c(label))
            number = labels.n_unique() - labels.has_nulls().cast(pl.UInt32)
            counts.append(number.cast(pl.Int32).alias(f"{score}_{end}"))
    still = [
        (c(f"is {kind}") & c("still")).any(ignore_nulls=False).alias(f"#still {kind}")
        for kind in kinds_of_rows(protocol)
    ]
    return rows.group_by("#at").agg(*counts, *still)


def kinds_of_rows(protocol: Protocol) -> list[str]:
    """Return the kinds of medicine taken now that some medicine of the table is one of."""
    kinds = (kind for medicine in protocol.medicines.values() for kind in medicine.kinds)
    return list(dict.fromkeys(kinds))


def most(protocol: Protocol, score: str) -> int:
    """Return what a score is at most, where nobody said which medicines were taken."""
    label, condition = COUNTS[score]
    labels = set()
    for medicine in protocol.medicines.values():
        on_label, usual = medicine.highest_on_label, medicine.highest_usual
        can_be = {
            "above_label": on_label is not None,
            "unlikely": usual is not None and 3 * usual < MOST_MG,
            "still": True,
            "failed": medicine.mood is not None or medicine.pain is not None,
            "failed_for_pain": medicine.pain is not None,
            "failed_or_stopped_for_pain": medicine.pain is not None,
        }.get(condition, medicine.mood is not None)
        if can_be:
            labels.add(medicine.label(label))
    return len(labels - {None})


def _conditions() -> dict[str, pl.Expr]:
    """Return what a row can meet; null where it cannot be told."""
    c = pl.col
    dose, weeks, still = c("dose_mg"), c("weeks"), c("stopped_because") == "still_taking"
    # What a medicine was for is asked where it is often taken for something else.
    by_itself = c("taken_for").is_null() & ~c("asked_what_for")
    taken = {
        use: c(f"for_{use}") & (by_itself | c("taken_for").is_in([use, "both"]))
        for use in ("mood", "pain")
    }
    confirmed = c("dose_confirmed") == "yes"
    too_much = dose > c("unlikely_dose")
    likely_or_confirmed = ~too_much | confirmed

    def enough(use: str, high: pl.Expr) -> pl.Expr:
        adequate = high & likely_or_confirmed
        return adequate & (weeks >= c(f"{use}_weeks")) & (c("taken_most_days") == "yes")

    def short(use: str, high: pl.Expr) -> pl.Expr:
        too_low = ~high | (too_much & ~confirmed)
        return too_low | (weeks < c(f"{use}_weeks")) | (c("taken_most_days") == "no")

    high_for_mood, high_for_pain = dose >= c("mood_dose"), _high_for_pain()
    episode = taken["mood"] & (c("this_episode") == "yes")
    no_help = episode & c("mood_benefit").is_in(["under_25", "25_to_49"])
    no_relief = taken["pain"] & (c("pain_benefit") == "under_30")
    side_effects = c("stopped_because") == "side_effects"
    advised = taken["pain"] & (c("stopped_because") == "advised_against")
    short_for_pain = no_relief & short("pain", high_for_pain)
    failed_for_mood = no_help & enough("mood", high_for_mood)
    failed_for_pain = no_relief & enough("pain", high_for_pain)
    return {
        "still": still,
        "unlikely": _above(c("unlikely_dose")),
        "above_label": still & _above_label(),
        "failed_for_mood": failed_for_mood,
        "intolerant_for_mood": no_help & short("mood", high_for_mood) & side_effects,
        "helps_mood_now": episode & (c("mood_benefit") == "50_or_more") & still,
        "failed_for_pain": failed_for_pain,
        "failed_or_stopped_for_pain": failed_for_pain
        | (short_for_pain & side_effects)
        | (advised & ((weeks == 0) | short_for_pain)),
        "failed": failed_for_mood | failed_for_pain,
    }


def _above(limit: pl.Expr) -> pl.Expr:
    """Return whether the dose is above a limit; a blank one may be, if it is asked at all."""
    c = pl.col
    asked = pl.any_horizontal(
        c(f"for_{use}") & (c("taken_for").is_null() | c("taken_for").is_in([use, "both"]))
        for use in ("mood", "pain")
    )
    above = c("dose_mg") > limit
    return (
        pl.when(c("dose_mg").is_null() & ~(asked & (limit < MOST_MG))).then(False).otherwise(above)
    )


def _high_for_pain() -> pl.Expr:
    """Return whether the dose is adequate for pain, which is a lower one for some people."""
    c = pl.col
    some = (
        pl.when(c("medicine") == "milnacipran")
        .then(c("kidneys"))
        .when(c("medicine") == "cyclobenzaprine_sl")
        .then((c("age") >= 65) | c("liver"))
        .otherwise(False)
    )
    needed = pl.when(some).then(c("pain_reduced")).when(~some).then(c("pain_dose"))
    # Where it is not known who they are: the full dose is enough, and less than the lower is not.
    return (
        pl.when(c("dose_mg") >= c("pain_dose"))
        .then(True)
        .when(c("dose_mg") < c("pain_reduced"))
        .then(False)
        .otherwise(c("dose_mg") >= needed)
    )


def _above_label() -> pl.Expr:
    """Return whether the dose is above the label's, which is lower for some people."""
    c = pl.col
    some = pl.when(c("medicine") == "citalopram").then(c("age") > 60).otherwise(False)
    full, less = _above(c("label_dose")), _above(c("label_reduced"))
    # Where it is not known who they are, both are not above it or it cannot be told.
    return (
        pl.when(some)
        .then(less)
        .when(~some)
        .then(full)
        .when(full)
        .then(True)
        .otherwise(pl.when(~less).then(False))
    )


def _medicines(protocol: Protocol) -> pl.DataFrame:
    kinds = kinds_of_rows(protocol)
    rows = []
    for id, medicine in protocol.medicines.items():
        row: dict[str, float | str | bool | None] = {
            "medicine": id,
            "ingredient": medicine.ingredient,
            "asked_what_for": "what_for" in medicine.marks,
        }
        row |= {label: medicine.label(label) for label in ("family", "pain", "maoi")}
        row |= {f"is {kind}": kind in medicine.kinds for kind in kinds}
        usual, label_dose = medicine.highest_usual, medicine.highest_on_label
        row["unlikely_dose"] = NO_DOSE if usual is None else float(3 * usual)
        row["label_dose"] = NO_DOSE if label_dose is None else float(label_dose.dose_mg)
        less = label_dose.reduced if label_dose and label_dose.reduced else label_dose
        row["label_reduced"] = NO_DOSE if less is None else float(less.dose_mg)
        for use in ("mood", "pain"):
            trial = medicine.trial(use)
            row[f"for_{use}"] = trial is not None
            row[f"{use}_dose"] = float(trial.dose_mg) if trial else None
            row[f"{use}_weeks"] = trial.weeks if trial else None
            lower = trial.reduced if trial and trial.reduced else trial
            row[f"{use}_reduced"] = float(lower.dose_mg) if lower else None
        rows.append(row)
    frame = pl.DataFrame(rows, infer_schema_length=None)
    labels = ("ingredient", "family", "pain", "maoi")
    return frame.with_columns(pl.col(name).cast(pl.Categorical) for name in labels)
