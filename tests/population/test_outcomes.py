"""`screener batch`: every row comes out as `screen` says, in every format."""

from pathlib import Path

import polars as pl
import pytest

from tests.engine.answers import RULEBOOK
from tests.engine.tabular.population_samples import expected, random_people
from tests.population.batches import KINDS, PLAN, PLANS, PROTOCOL, run_batch, write_people
from tests.population.people_files import outcomes, refusals

pytestmark = pytest.mark.long


@pytest.mark.parametrize("protocol", PLANS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_person_comes_out_as_one_by_one(protocol: str, kind: str, tmp_path: Path) -> None:
    plan = PLANS[protocol]
    people = random_people(plan.protocol, 300, seed=5)
    source = write_people(tmp_path, kind, plan.protocol, people)
    out = tmp_path / "out.parquet"
    assert run_batch(source, out, "--protocol", protocol) == 0
    written = outcomes(out)
    version = f"{plan.protocol.version} {RULEBOOK.hash}"
    for row, person in enumerate(people, 1):
        about = {"submission": f"s{row}", "rulebook": version}
        assert written.pop(row) == expected(plan, person) | about
    assert not written
    assert not refusals(out)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", ["parquet", "csv", "ndjson"])
def test_parts_of_a_file_make_one_file(kind: str, ending: str, tmp_path: Path) -> None:
    people = random_people(PROTOCOL, 50, seed=6)
    out = tmp_path / f"out.{ending}"
    assert run_batch(write_people(tmp_path, kind, PROTOCOL, people), out) == 0
    written = outcomes(out)
    assert list(written) == list(range(1, 51))
    for row, person in enumerate(people, 1):
        assert written[row] == written[row] | expected(PLAN, person)


def test_outcomes_in_parquet_have_their_categories(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    assert (
        run_batch(write_people(tmp_path, "csv", PROTOCOL, random_people(PROTOCOL, 3, seed=1)), out)
        == 0
    )
    schema = pl.read_parquet_schema(out)
    assert schema["under_18"] == pl.Enum(["met", "not_met", "unknown"])
    assert schema["phq9_low"] == pl.Int32
