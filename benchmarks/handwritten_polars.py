"""The fibromyalgia protocol written by hand in Polars, three-valued: the yardstick for `batch`.

Null stands for "cannot tell" here, and Polars' own `&`, `|` and `~` know that; scores are two
columns, lowest and highest. Medicines and pages come from the rulebook, since nobody would copy
tables into code; every condition is written out. The order of columns is that of `screener batch`.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from benchmarks.handwritten_polars_rules import STAGES
from benchmarks.handwritten_polars_trials import COUNTS, counted, kinds_of_rows, most
from benchmarks.handwritten_polars_words import (
    ASQ,
    ELSEWHERE,
    GAD7,
    HARMS,
    LESSER_HARMS,
    NOT_SURE,
    PHQ9,
    REGIONS,
    STRENGTHS,
    SYMPTOMS,
    TESTS,
    YES_OR_NOT_SAID,
    c,
    includes,
    ticked,
)
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol


def outcomes(protocol: Protocol, people: pl.LazyFrame, trials: pl.LazyFrame) -> pl.LazyFrame:
    """Return priority, scores and the outcome of every rule."""
    people = people.with_row_index("#at").with_columns(_pages(protocol))
    people = people.with_columns(_cleaned()).with_columns(_asked())
    counts = counted(protocol, people, trials)
    people = people.join(counts, on="#at", how="left", maintain_order="left")
    people = people.with_columns(_trial_scores(protocol)).with_columns(_scores())
    people = people.with_columns(psd_low=c("wpi_low") + c("sss_low"))
    people = people.with_columns(psd_high=c("wpi_high") + c("sss_high"))
    for rules in STAGES:
        people = people.with_columns(**rules())
    return people.select(_scores_and_rules(protocol)).select(_shown(protocol))


# --- answers -------------------------------------------------------------------------------------


def _pages(protocol: Protocol) -> list[pl.Expr]:
    """Return which pages were reached: an answer on it or later, or the form was sent."""
    reached = pl.col("submitted")
    pages = []
    for page in reversed(protocol.pages):
        given = []
        for id in page.questions:
            kind = protocol.questions[id].kind
            name = f"{id}__none" if kind == "choices" else id
            given.append(pl.col(name).is_not_null() if kind != "table" else pl.col(name))
        reached = reached | pl.any_horizontal(given).fill_null(False)
        pages.append(reached.alias(f"#page {page.id}"))
    return pages


def _cleaned() -> list[pl.Expr]:
    """Return answers as numbers where they are scored, and "not sure" as unknown."""
    digits = [*PHQ9, *GAD7, *STRENGTHS, "audit_c_1", "audit_c_2", "audit_c_3"]
    return [
        *(pl.col(name).cast(pl.Int8) for name in digits),
        *(pl.when(c(name) != "unsure").then(c(name)).alias(name) for name in NOT_SURE),
    ]


def _asked() -> list[pl.Expr]:
    """Return what an answer stands for where its question is not asked, or was passed over.

    A question whose rule asks for the same as the question itself is left as it is.
    """
    positive = pl.any_horizontal(c(name).is_in(YES_OR_NOT_SAID) for name in ASQ)
    standing = c("asq_5").is_in(YES_OR_NOT_SAID).fill_null(False)
    asq_5 = positive | standing
    moved = c("exercise_weeks") >= 1
    drinks = c("audit_c_1") >= 1
    ketamine = includes("other_treatments", "ketamine", "esketamine")
    thyroid = includes("health_conditions", "thyroid_overactive", "thyroid_underactive")
    # A yes that was given counts whatever the age.
    may_conceive = c("can_become_pregnant").is_in(["yes", "unsure"]).fill_null(False)
    can = _unless((c("age") < 60) | may_conceive, "can_become_pregnant", "no")
    return [
        pl.when(~asq_5)
        .then(pl.lit("no"))
        .when(asq_5 & c("asq_5").is_null())
        .then(pl.lit("declined"))
        .otherwise(c("asq_5"))
        .alias("asq_5"),
        _unless(moved, "exercise_per_week", 0),
        _unless(moved, "exercise_benefit", "little_or_none"),
        _unless(thyroid, "thyroid_uncontrolled", "no"),
        _unless(drinks, "audit_c_2", 0),
        _unless(drinks, "audit_c_3", 0),
        *_ticks_unless(ketamine, "ketamine_harms", [*HARMS, *LESSER_HARMS]),
        *_ticks_unless(c("blood_tests_known") == "yes", "blood_tests_12_months", TESTS),
        can,
        *_ticks_unless(
            can.is_in(["yes", "unsure"]),
            "pregnancy",
            ("pregnant", "breastfeeding", "possible", "planning"),
        ),
    ]


def _unless(is_asked: pl.Expr, name: str, stands: object) -> pl.Expr:
    return pl.when(is_asked.not_()).then(pl.lit(stands)).otherwise(c(name)).alias(name)


def _ticks_unless(is_asked: pl.Expr, question: str, options: Sequence[str]) -> list[pl.Expr]:
    """Return the ticks, where it is not asked none of them."""
    ticks = [_unless(is_asked, f"{question}__{option}", False) for option in options]
    return [*ticks, _unless(is_asked, f"{question}__none", True)]


# --- scores --------------------------------------------------------------------------------------


def _trial_scores(protocol: Protocol) -> list[pl.Expr]:
    """Return nothing counted for who has no row, and anything for who did not say."""
    answered = pl.col("medicines_tried").fill_null(False)
    scores = []
    for score in COUNTS:
        low = pl.when(answered).then(pl.col(f"{score}_low").fill_null(0)).otherwise(0)
        up = pl.when(answered).then(pl.col(f"{score}_high").fill_null(0))
        scores.append(low.alias(f"{score}_low"))
        scores.append(up.otherwise(most(protocol, score)).alias(f"{score}_high"))
    of_rows = kinds_of_rows(protocol)
    for kind in protocol.questions["current_medicines"].option_ids:
        name = f"#still {kind}"
        if kind not in of_rows:
            scores.append(pl.lit(False).alias(name))
            continue
        # Who has a row has an outcome, of which null is one.
        has_row = pl.col("unlikely_doses_low").is_not_null()
        still = pl.when(has_row).then(pl.col(name)).otherwise(False)
        scores.append(pl.when(answered).then(still).alias(name))
    return scores


def _sum(name: str, items: Sequence[str], most: int) -> list[pl.Expr]:
    return [
        pl.sum_horizontal(c(item).fill_null(0).cast(pl.Int32) for item in items).alias(
            f"{name}_low"
        ),
        pl.sum_horizontal(c(item).fill_null(most).cast(pl.Int32) for item in items).alias(
            f"{name}_high"
        ),
    ]


def _scores() -> list[pl.Expr]:
    areas = [area for region in REGIONS.values() for area in region] + list(ELSEWHERE)
    wpi = ticked("pain_areas", areas).cast(pl.Int32)
    regions = pl.sum_horizontal(includes("pain_areas", *region) for region in REGIONS.values())
    regions = pl.when(pl.col("pain_areas__none").is_not_null()).then(regions).cast(pl.Int32)
    points = [c(name).fill_null(0).cast(pl.Int32) for name in STRENGTHS]
    points_high = [c(name).fill_null(3).cast(pl.Int32) for name in STRENGTHS]
    yes = [(c(name) == "yes").fill_null(False).cast(pl.Int32) for name in SYMPTOMS]
    yes_high = [(c(name) == "yes").fill_null(True).cast(pl.Int32) for name in SYMPTOMS]
    return [
        wpi.fill_null(0).alias("wpi_low"),
        wpi.fill_null(19).alias("wpi_high"),
        regions.fill_null(0).alias("pain_regions_low"),
        regions.fill_null(5).alias("pain_regions_high"),
        pl.sum_horizontal(*points, *yes).alias("sss_low"),
        pl.sum_horizontal(*points_high, *yes_high).alias("sss_high"),
        *_sum("phq9", PHQ9, 3),
        *_sum("phq2", PHQ9[:2], 3),
        *_sum("phq9_mood_items", [PHQ9[i] for i in (0, 1, 5, 8)], 3),
        *_sum("phq9_body_items", [PHQ9[i] for i in (2, 3, 4, 6, 7)], 3),
        *_sum("gad7", GAD7, 3),
        *_sum("audit_c", ["audit_c_1", "audit_c_2", "audit_c_3"], 4),
    ]


# --- what comes out ------------------------------------------------------------------------------


def _scores_and_rules(protocol: Protocol) -> list[pl.Expr]:
    """Return scores, and the outcome of each rule where the age gate is open."""
    closed = c("under_18").fill_null(False)
    scores = [f"{id}_{end}" for id in protocol.scores for end in ("low", "high")]
    rules = [rule for rule in protocol.rules if rule != "under_18"]
    return [
        *(pl.when(~closed).then(c(score).cast(pl.Int32)).alias(score) for score in scores),
        c("under_18"),
        *(pl.when(~closed).then(c(rule)).alias(rule) for rule in rules),
        _priority(protocol, closed).alias("priority"),
    ]


def _priority(protocol: Protocol, closed: pl.Expr) -> pl.Expr:
    names = pl.Enum(PRIORITIES)
    by_priority: Mapping[str, list[pl.Expr]] = {priority: [] for priority in PRIORITIES}
    for id, rule in protocol.rules.items():
        escalates = rule.if_unknown == "escalate"
        by_priority[rule.priority].append(c(id).fill_null(escalates))
    highest = pl.lit(protocol.floor, dtype=names)
    for priority in ("incomplete", "hold", "urgent", "emergency"):
        raised = pl.any_horizontal(by_priority[priority])
        highest = pl.when(raised).then(pl.lit(priority, dtype=names)).otherwise(highest)
    return pl.when(closed).then(pl.lit("ineligible", dtype=names)).otherwise(highest)


def _shown(protocol: Protocol) -> list[pl.Expr]:
    names = pl.Enum(["met", "not_met", "unknown"])
    met, not_met, unknown = (pl.lit(name, dtype=names) for name in names.categories)
    scores = [f"{id}_{end}" for id in protocol.scores for end in ("low", "high")]
    return [
        c("priority"),
        *(c(score) for score in scores),
        *(
            pl.when(c(rule)).then(met).when(~c(rule)).then(not_met).otherwise(unknown).alias(rule)
            for rule in protocol.rules
        ),
    ]
