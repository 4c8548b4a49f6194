"""The yardstick of the population benchmark says what `screen` says."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.handwritten_polars import outcomes
from benchmarks.population_sample import write_crowd
from screener.engine.tabular.frames import frames_of
from screener.engine.terms.plan import lower
from screener.population.checking import Checks
from screener.population.parquet import ParquetReader
from tests.engine.answers import RULEBOOK
from tests.engine.tabular.population_samples import expected, thousands

pytestmark = pytest.mark.long

PROTOCOL = RULEBOOK.protocols["fibromyalgia"]
PLAN = lower(PROTOCOL)


def test_the_rules_by_hand_say_what_screen_says() -> None:
    people = thousands(PROTOCOL, 1500, seed=21)
    frame, trials = frames_of(PROTOCOL, [one for one, _ in people], [sent for _, sent in people])
    found = outcomes(PROTOCOL, frame.lazy(), trials.lazy()).collect()
    for person, row in zip(people, found.to_dicts(), strict=True):
        assert row == expected(PLAN, person)


def test_a_crowd_has_as_many_blanks_as_were_asked_for(tmp_path: Path) -> None:
    crowd = tmp_path / "crowd.parquet"
    write_crowd(crowd, PROTOCOL, 300)
    frame = pl.read_parquet(crowd)
    assert frame.height == 300
    assert frame["submission"].n_unique() == 300
    asked = ["phq9_1", "pain_areas__none", "sex", "medicines_tried", "bp_systolic"]
    blanks = frame.select(pl.mean_horizontal(pl.col(asked).is_null())).to_series().mean()
    assert isinstance(blanks, float)
    assert 0.05 < blanks < 0.15
    reader = ParquetReader(PROTOCOL, crowd)
    for chunk in reader.chunks(lambda _: None):
        checks = Checks(PROTOCOL, chunk.people.columns, chunk.trials.columns)
        assert checks.typed_frames(chunk)[2] == []
