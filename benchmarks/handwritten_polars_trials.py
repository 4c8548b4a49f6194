"""Treatment trials written by hand in Polars: what rows add up to. See `handwritten_polars.py`."""

import polars as pl

from screener.engine.protocol import Protocol


def counted(protocol: Protocol, people: pl.LazyFrame, trials: pl.LazyFrame) -> pl.LazyFrame:
    """Return the least and the most that each count can be, for who has a row."""
    c = pl.col
    rows = (
        trials.join(_medicines(protocol).lazy(), on="medicine")
        .join(
            people.select(
                "#at",
                less_enough=(c("age") >= 65) | c("health_conditions__liver_disease"),
            ),
            on="#at",
        )
        .with_columns(
            *(
                pl.when(c(name) != "unsure").then(c(name)).alias(name)
                for name in ("taken_most_days", "this_episode", "mood_benefit", "pain_benefit")
            )
        )
    )
    mood_short = (
        (c("dose_mg") < c("mood_dose"))
        | (c("weeks") < c("mood_weeks"))
        | (c("taken_most_days") == "no")
    )
    mood_enough = (
        (c("dose_mg") >= c("mood_dose"))
        & (c("weeks") >= c("mood_weeks"))
        & (c("taken_most_days") == "yes")
    )
    no_help = (c("this_episode") == "yes") & c("mood_benefit").is_in(["under_25", "25_to_49"])
    dose = c("dose_mg") >= pl.when(c("less_enough")).then(c("pain_reduced")).otherwise(
        c("pain_dose")
    )
    # Of an unknown age the dose is enough where it is the full one, and too low below the other.
    dose = pl.when(c("less_enough").is_not_null()).then(dose)
    dose = (
        pl.when(c("dose_mg") >= c("pain_dose"))
        .then(True)
        .when(c("dose_mg") < c("pain_reduced"))
        .then(False)
        .otherwise(dose)
    )
    pain_short = ~dose | (c("weeks") < c("pain_weeks")) | (c("taken_most_days") == "no")
    pain_enough = dose & (c("weeks") >= c("pain_weeks")) & (c("taken_most_days") == "yes")
    no_relief = c("pain_benefit") == "under_30"
    stopped = c("stopped_because")
    failed_for_pain = no_relief & pain_enough
    intolerant = no_relief & pain_short & (stopped == "side_effects")
    advised = (stopped == "advised_against") & ((c("weeks") == 0) | (no_relief & pain_short))
    conditions = {
        "antidepressants_failed": ("ingredient", "mood", no_help & mood_enough),
        "antidepressant_families_failed": ("family", "mood", no_help & mood_enough),
        "antidepressants_intolerant": (
            "ingredient",
            "mood",
            no_help & mood_short & (stopped == "side_effects"),
        ),
        "pain_classes_failed": ("pain", "pain", failed_for_pain),
        "pain_classes_failed_or_intolerant": (
            "pain",
            "pain",
            failed_for_pain | intolerant | advised,
        ),
    }
    labels = {}
    for score, (label, use, condition) in conditions.items():
        counts = c(f"for_{use}")
        labels[f"{score}_low"] = pl.when(counts & condition.fill_null(False)).then(c(label))
        labels[f"{score}_high"] = pl.when(counts & condition.fill_null(True)).then(c(label))
    rows = rows.select("#at", **labels).filter(
        pl.any_horizontal(c(name).is_not_null() for name in labels)
    )
    return rows.group_by("#at").agg(
        (c(name).n_unique() - c(name).has_nulls().cast(pl.UInt32)).cast(pl.Int32) for name in labels
    )


def _medicines(protocol: Protocol) -> pl.DataFrame:
    rows = []
    for id, medicine in protocol.medicines.items():
        row: dict[str, float | str | None] = {"medicine": id, "ingredient": medicine.ingredient}
        row |= {label: medicine.label(label) for label in ("family", "pain")}
        for use in ("mood", "pain"):
            trial = medicine.trial(use)
            row[f"{use}_dose"] = float(trial.dose_mg) if trial else None
            row[f"{use}_weeks"] = trial.weeks if trial else None
            less = trial.reduced if trial and trial.reduced else trial
            row[f"{use}_reduced"] = float(less.dose_mg) if less else None
        rows.append(row)
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return frame.with_columns(
        *(pl.col(name).cast(pl.Categorical) for name in ("ingredient", "family", "pain")),
        for_mood=pl.col("mood_weeks").is_not_null(),
        for_pain=pl.col("pain_weeks").is_not_null(),
    )
