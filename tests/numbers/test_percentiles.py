"""Percentiles, beside those of the standard library."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.numbers.percentiles import percentile

NUMBERS = st.lists(st.floats(0, 1e6), min_size=2, max_size=40)


def test_of_one_value_all_are_this_value() -> None:
    assert percentile([7.0], 0.5) == percentile([7.0], 0.9) == 7.0


def test_between_two_values_it_is_interpolated() -> None:
    assert percentile([10.0, 0.0], 0.5) == 5.0
    assert percentile([10.0, 0.0], 0.9) == 9.0


def test_there_is_none_of_no_values() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(NUMBERS)
def test_they_are_those_of_the_standard_library(values: list[float]) -> None:
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    assert percentile(values, 0.5) == pytest.approx(statistics.median(values))
    assert percentile(values, 0.9) == pytest.approx(tenths[8])
