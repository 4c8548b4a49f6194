"""Dates and numbers as Spanish is written in the US, and as people from elsewhere may type them.

What can be meant in two ways is asked about: 7.5 mg never becomes 75, and 1200 never 1.2.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from babel.dates import format_time
from babel.numbers import format_decimal
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from screener import saying, spoken, store
from screener.engine.terms.reading import Reading
from screener.forms.birth_date import parts_in_order
from screener.forms.fields import NumberField
from screener.forms.lengths import read_length
from screener.forms.measures import MeasureField
from screener.forms.numbers import read_number
from screener.forms.pages import PageForm
from screener.forms.steps import row_questions
from screener.forms.wording import as_asked
from screener.patient import moments
from tests.forms.posted import PROTOCOL, form_of
from tests.web import begin, make_app, send, soup, visible

GABAPENTIN = PROTOCOL.medicines["gabapentin"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_app(Path(tmp_path_factory.mktemp("site")))
    yield app
    with app.app_context():
        store.db.engine.dispose()


@contextmanager
def in_spanish(site: Flask) -> Iterator[None]:
    with site.test_request_context(headers={"Cookie": f"{spoken.COOKIE}=es"}):
        assert str(saying.locale()) == "es_US"
        yield


@pytest.fixture
def spanish(site: Flask) -> Iterator[None]:
    with in_spanish(site):
        yield


def dose(typed: str) -> NumberField:
    form = PageForm(PROTOCOL, row_questions(Reading(PROTOCOL, {}), GABAPENTIN, {}), GABAPENTIN)
    form.take(MultiDict({"dose_mg": typed}))
    field = form["dose_mg"]
    assert isinstance(field, NumberField)
    return field


@pytest.mark.usefixtures("spanish")
def test_a_date_and_a_time_are_written_out() -> None:
    assert moments.day_of(date(2026, 3, 2)) == "2 de marzo de 2026"
    assert parts_in_order() == ("day", "month", "year")
    assert format_time(time(16, 12), "short", locale=saying.locale()) == "4:12\u202fp.m."


@pytest.mark.usefixtures("spanish")
def test_numbers_are_shown_as_spanish_is_written_in_the_us() -> None:
    column = PROTOCOL.table.column("dose_confirmed")
    for number in (Decimal(1200), Decimal("1200.5"), Decimal("7.5"), Decimal(300)):
        hint = as_asked(column, {"dose_mg": number}, GABAPENTIN).hint
        assert f" {format_decimal(number, locale=saying.locale())} mg" in hint
    assert format_decimal(1200.5, locale="es_US") == "1,200.5"


READ = [
    ("7,5", "7.5"),
    ("7.5", "7.5"),
    ("12,50 mg al día", "12.50"),
    ("0,125", "0.125"),
    ("0.125", "0.125"),
    ("1200", "1200"),
    ("1.200,5", "1200.5"),
    ("1,200.5", "1200.5"),
    ("1.200.000", "1200000"),
    ("1,200,000", "1200000"),
]
UNCLEAR = ["1.200", "1,200", "1.200.", "1,200 mg", "1.200 mg al día", "12.500", "7,555"]


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize(("typed", "number"), READ)
def test_a_number_is_read_with_a_comma_or_a_point(typed: str, number: str) -> None:
    assert read_number(typed, "mg") == Decimal(number)


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize("typed", UNCLEAR)
def test_a_number_that_can_be_meant_in_two_ways_is_asked_about(typed: str) -> None:
    field = dose(typed)
    assert read_number(typed, "mg") is None
    assert field.data is None
    [message] = field.errors
    assert f"“{typed}” se puede leer de dos maneras. Escríbalo sin signo de miles." in message
    assert field.typed() == [typed]


@pytest.mark.usefixtures("spanish")
@pytest.mark.parametrize("typed", ["0,125.5", "0.125,5", "01,200", "1.200,500.5", "7,5,5", "1 200"])
def test_a_number_that_nobody_writes_is_not_read(typed: str) -> None:
    assert read_number(typed, "mg") is None
    assert dose(typed).errors


@given(number=st.decimals(0, 9999, places=2))
def test_a_decimal_comma_is_never_lost(site: Flask, number: Decimal) -> None:
    with in_spanish(site):
        assert read_number(f"{number:f}".replace(".", ","), "mg") == number


@pytest.mark.parametrize("typed", ["7,5", "0,125", "0,5", "1.200", "1.200.", "1.200 mg"])
def test_in_english_what_is_written_elsewhere_is_asked_about(typed: str) -> None:
    assert read_number(typed, "mg") is None
    assert dose(typed).errors


def test_in_english_a_comma_stands_for_thousands_and_a_point_for_decimals() -> None:
    assert read_number("1,200", "mg") == 1200
    assert read_number("7.5", "mg") == Decimal("7.5")
    assert read_number("0.125", "mg") == Decimal("0.125")


def test_in_english_it_is_said_why() -> None:
    [message] = dose("1.200").errors
    assert "“1.200” can be read in two ways." in message


@pytest.mark.usefixtures("spanish")
def test_lengths_and_measures_are_read_and_said_back() -> None:
    assert read_length("1,5 años") == 78
    assert read_length("2,5 semanas") == Fraction(5, 2)
    for unclear in ("1.200 semanas", "1,200 semanas", "1.500 meses"):
        assert read_length(unclear) is None
    for typed, unit in (("1,70 m", "= 5 pies 7 pulg"), ("170 cm", "= 5 pies 7 pulg")):
        height = form_of("blood_pressure", {"height_cm": typed})["height_cm"]
        assert isinstance(height, MeasureField)
        assert (height.data, height.unit) == (170, unit)


def test_what_was_understood_stands_on_the_next_page(client: FlaskClient) -> None:
    client.get("/?language=es")
    begin(client)
    page = send(
        client, "/questions/blood_pressure", {"height_cm": "1,70 m", "weight_kg": "72,5 kg"}
    )
    assert page.status_code == 303
    assert visible(client.get("/check")).count("72.5 kg") == 1
    assert soup(client.get("/questions/blood_pressure")).select('input[value="72.5 kg"]')
