"""The yardstick of the population benchmark says what `screen` says."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.handwritten_polars import outcomes
from benchmarks.population_sample import write_population_sample
from screener.engine.terms.plan import lower
from screener.population.checking import Checks
from screener.population.parquet import ParquetReader
from screener.synthetic import with_blanks
from tests.engine.answers import RULEBOOK, everybody
from tests.engine.tabular.population_samples import (
    expected,
    frames_of_people,
    people_on_medicines,
    random_people,
)

pytestmark = pytest.mark.long

PROTOCOL = RULEBOOK.protocols["fibromyalgia"]
PLAN = lower(PROTOCOL)


def test_the_rules_by_hand_say_what_screen_says() -> None:
    """Random people, many on medicines, and those of the cases: every rule is met for some."""
    people = random_people(PROTOCOL, 1500, seed=21)
    people += people_on_medicines(PROTOCOL, 3000, seed=3)
    people += [(answers, False) for answers in everybody(PROTOCOL)]
    people += [(answers, True) for answers in with_blanks(everybody(PROTOCOL))]
    frame, trials = frames_of_people(PROTOCOL, people)
    by_hand = outcomes(PROTOCOL, frame.lazy(), trials.lazy()).collect()
    assert all("met" in by_hand[rule].cast(pl.String) for rule in PROTOCOL.rules)
    for person, row in zip(people, by_hand.to_dicts(), strict=True):
        assert row == expected(PLAN, person)


def test_a_population_sample_has_as_many_blanks_as_wanted(tmp_path: Path) -> None:
    sample = tmp_path / "sample.parquet"
    write_population_sample(sample, PROTOCOL, 300)
    frame = pl.read_parquet(sample)
    assert frame.height == 300
    assert frame["submission"].n_unique() == 300
    columns = ["phq9_1", "pain_areas__none", "sex", "medicines_tried", "bp_systolic"]
    blanks = frame.select(pl.mean_horizontal(pl.col(columns).is_null())).to_series().mean()
    assert isinstance(blanks, float)
    assert 0.05 < blanks < 0.15
    reader = ParquetReader(PROTOCOL, sample)
    for chunk in reader.chunks(lambda _: None):
        checks = Checks(PROTOCOL, chunk.people.columns, chunk.trials.columns)
        assert checks.typed_frames(chunk)[2] == []
