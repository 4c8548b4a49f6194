"""Lengths of time: in weeks, months or years, as the person says it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from screener.forms.lengths import LengthField, in_longer_units, read_length, shown_length
from screener.forms.pages import PageForm, Stored, typed
from tests.forms.posted import PROTOCOL, form_of, taken

WEEKS = PROTOCOL.table.column("weeks")


def field_of(text: str) -> LengthField:
    form = PageForm(PROTOCOL, [WEEKS])
    form.take(MultiDict({"weeks": text}))
    field = form["weeks"]
    assert isinstance(field, LengthField)
    return field


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("6 weeks", 6),
        ("6 wks", 6),
        ("1 week", 1),
        ("6 months", 26),
        ("6months", 26),
        ("6 mo.", 26),
        ("1 month", 4),
        ("a month", 4),
        ("2 years", 104),
        ("1.5 years", 78),
        ("1½ yrs", 78),
        ("half a year", 26),
        ("1 year 2 months", 60),
        ("1 year, 2 months", 60),
        ("1 year and 2 months", 60),
        ("about 3 months", 13),
        ("10 days", 1),
        ("0", 0),
        ("0 weeks", 0),
    ],
)
def test_a_length_is_read_as_people_say_it(text: str, weeks: int) -> None:
    field = field_of(text)
    assert not field.errors
    assert field.data == weeks


@pytest.mark.parametrize(
    "text",
    ["6", "six", "6 mg", "6-8 weeks", "2 months 3 years", "weeks", "m", "1,5 years", "-2 weeks"],
)
def test_what_is_not_clear_is_asked_about(text: str) -> None:
    field = field_of(text)
    [message] = field.errors
    assert message.startswith("Weeks at that dose or above: Write how long, such as 6 weeks, ")
    assert field.typed() == [text]
    assert field.data is None


def test_a_bare_number_is_asked_about_with_that_number() -> None:
    assert field_of("18").errors == [
        "Weeks at that dose or above: Write how long, such as 18 weeks, 18 months or 2 years. "
        "Or leave it blank."
    ]


def test_a_length_out_of_range_is_said_back() -> None:
    [message] = field_of("50 years").errors
    assert "We read 2600 weeks" in message


def test_what_was_understood_is_shown() -> None:
    assert field_of("6 months").unit == "= 26 weeks"
    assert field_of("26 weeks").unit == "about 6 months"
    assert field_of("8 weeks").unit == ""
    assert in_longer_units(104) == "about 2 years"
    assert in_longer_units(130) == "about 2.5 years"


@given(st.integers(0, 2000))
def test_a_stored_length_is_read_as_it_is_shown(weeks: int) -> None:
    assert read_length(shown_length(weeks)) == weeks
    form = PageForm(PROTOCOL, [WEEKS])
    form.fill(Stored({"weeks": typed(WEEKS, weeks)}, {}, {}))
    assert form["weeks"].data == Decimal(weeks)


@given(st.integers(0, 400))
def test_months_and_years_are_rounded_down(number: int) -> None:
    assert field_of(f"{number} months").data in (number * 52 // 12, None)
    assert read_length(f"{number} years") == number * 52


@given(st.text())
def test_any_text_is_a_length_or_asked_about(text: str) -> None:
    field = field_of(text)
    assert field.data is None or not field.errors


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("24", 24),
        ("24 months", 24),
        ("2 years", 24),
        ("about 10 years", 120),
        ("1 year 2 months", 14),
        ("half a year", 6),
        ("52 weeks", 12),
    ],
)
def test_months_may_be_said_in_years(text: str, months: int) -> None:
    assert taken("about_you", {"symptoms_months": text})["symptoms_months"] == months


@pytest.mark.parametrize("text", ["6 weeks", "2 years 1 week", "1,5 years", "long"])
def test_no_part_of_a_month_is_guessed(text: str) -> None:
    form = form_of("about_you", {"symptoms_months": text})
    assert form.errors["symptoms_months"]
    assert form.drafts() == {"symptoms_months": [text]}
