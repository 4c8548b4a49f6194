"""What is typed to find a person, in each way in which it may be meant."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screener.presenters.search_terms import terms_of
from screener.store import Terms

CASES = {
    "Ana Example": Terms(name="Ana Example"),
    "  ana  ": Terms(name="ana"),
    "DPJF-WD9D": Terms(reference="DPJF-WD9D", name="DPJF-WD9D"),
    "margaret": Terms(reference="MARG-ARET", name="margaret"),
    "(555) 555-0101": Terms(number="(555) 555-0101"),
    "5550101": Terms(number="5550101"),
    "1979-04-27": Terms(born=("1979-04-27",)),
    "4/27/1979": Terms(born=("1979-04-27",)),
    "4/27/79": Terms(born=("1979-04-27", "2079-04-27")),
    "April 27th, 1979": Terms(born=("1979-04-27",)),
    "DPJF\u2013WD9D": Terms(reference="DPJF-WD9D", name="DPJF\u2013WD9D"),
    "555-555-0177 ext. 512": Terms(number="555-555-0177"),
    "(555) 555-0177x5": Terms(number="(555) 555-0177"),
    "Malcolm X 5": Terms(name="Malcolm X 5"),
    "27.4.1979": Terms(born=("1979-04-27",)),
    "3/4/1980": Terms(born=("1980-03-04", "1980-04-03")),
    "April 27, 1979": Terms(born=("1979-04-27",)),
    "27 Apr 1979": Terms(born=("1979-04-27",)),
    "04271979": Terms(reference="0427-1979", number="04271979", born=("1979-04-27",)),
    "2/30/1979": Terms(number="2/30/1979"),
    "May": Terms(name="May"),
}


@pytest.mark.parametrize(("typed", "terms"), CASES.items())
def test_what_was_typed_is_read(typed: str, terms: Terms) -> None:
    read = terms_of(typed)
    assert read is not None and vars(read) == vars(terms)


@pytest.mark.parametrize("typed", ["", " ", "-", "12", "4/27", "\u200b", "()"])
def test_too_little_is_nothing(typed: str) -> None:
    assert terms_of(typed) is None


@example("may 5 99999999999999")
@given(st.text(max_size=250))
def test_whatever_is_typed_is_no_error(typed: str) -> None:
    terms_of(typed)


def test_terms_show_nobody_when_they_are_printed() -> None:
    assert "Ana" not in repr(terms_of("Ana Example"))
