"""Numbers as people write them: read where they are clear, asked about where they are not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from screener.engine.terms.reading import Reading
from screener.forms.numbers import other_unit, read_number, says_unknown
from screener.forms.pages import PageForm
from screener.forms.steps import row_questions
from tests.forms.posted import PROTOCOL, form_of

SERTRALINE = PROTOCOL.medicines["sertraline"]


def row_form(medicine: str, **typed: str) -> PageForm:
    row = PROTOCOL.medicines[medicine]
    form = PageForm(PROTOCOL, row_questions(Reading(PROTOCOL, {}), row, {}), row)
    form.take(MultiDict(typed))
    return form


@pytest.mark.parametrize(
    ("typed", "unit", "number"),
    [
        ("150", "mg", "150"),
        ("150 mg", "mg", "150"),
        ("150mg", "mg", "150"),
        ("150 MG.", "mg", "150"),
        ("150 mg a day", "mg", "150"),
        ("150 mg/day", "mg", "150"),
        ("150 milligrams daily", "mg", "150"),
        ("1,200", "mg", "1200"),
        ("1,200.5 mg", "mg", "1200.5"),
        ("7.5", "mg", "7.5"),
        ("210 mg", "mg of bupropion", "210"),
        ("210 mg of bupropion", "mg of bupropion", "210"),
        ("25 mcg", "µg", "25"),
        ("25 micrograms", "µg", "25"),
        ("124 mmHg", "mmHg", "124"),
        ("12 sessions", "sessions", "12"),
        ("1 session", "sessions", "1"),
    ],
)
def test_a_number_is_read_with_its_own_unit(typed: str, unit: str, number: str) -> None:
    assert read_number(typed, unit) == Decimal(number)


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("150 g", "mg"),
        ("150 mcg", "mg"),
        ("25 mg", "µg"),
        ("half a tablet", "mg"),
        ("2 tablets", "mg"),
        ("75 mg twice a day", "mg"),
        ("75-150", "mg"),
        ("1,5", "mg"),
        ("1,2000", "mg"),
        ("12,50", "mg"),
        ("-5", "mg"),
        ("1e2", "mg"),
        ("٧", "mg"),
        ("12 sessions a day", "sessions"),
        ("", "mg"),
    ],
)
def test_what_is_not_clear_is_not_read(typed: str, unit: str) -> None:
    assert read_number(typed, unit) is None


@given(st.text(), st.sampled_from(["", "mg", "µg", "mmHg", "weeks", "mg of bupropion"]))
def test_any_text_is_a_number_or_none(typed: str, unit: str) -> None:
    number = read_number(typed, unit)
    assert number is None or number >= 0
    assert other_unit(typed, unit) != unit or not unit


@given(st.decimals(0, 999_999_999, places=2), st.booleans())
def test_a_number_is_read_as_it_is_shown(number: Decimal, commas: bool) -> None:
    text = f"{number:,}" if commas else f"{number:f}"
    assert read_number(f"{text} mg", "mg") == number


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("150 g", " You wrote “g”, and we need mg."),
        ("2 tablets", " You wrote “tablets”, and we need mg."),
        ("half a tablet", ""),
        (
            "1.200 mg a day",
            " “1.200 mg a day” can be read in two ways. Write it without a sign for thousands.",
        ),
    ],
)
def test_a_dose_in_another_unit_is_asked_for_again_and_kept(typed: str, message: str) -> None:
    form = row_form("sertraline", dose_mg=typed)
    assert form.errors["dose_mg"] == [
        "Highest dose kept: Enter how many mg a day, from 0 to 10,000. Or leave it blank." + message
    ]
    assert form.drafts() == {"dose_mg": [typed]}


@pytest.mark.parametrize("typed", ["I don't remember", "i don’t know.", "Not sure", "?"])
def test_who_does_not_remember_leaves_a_blank(typed: str) -> None:
    assert says_unknown(typed)
    form = row_form("sertraline", dose_mg=typed, weeks=typed)
    assert not form.errors
    assert form.values() == {}
    assert {"dose_mg", "weeks"} <= form.blank()


@pytest.mark.parametrize("typed", ["124/78", "124 / 78", "124 over 78", "124/78 mmHg", "124\\78"])
def test_a_reading_in_one_box_fills_both(typed: str) -> None:
    for below in ("", "78", None):
        posted = {"bp_systolic": typed} | ({} if below is None else {"bp_diastolic": below})
        form = form_of("blood_pressure", posted)
        assert form.values() == {"bp_systolic": 124, "bp_diastolic": 78}
        assert [form[id]._value() for id in posted if id] == ["124", "78"][: len(posted)]  # type: ignore[attr-defined]


def test_another_number_below_a_reading_is_asked_about() -> None:
    form = form_of("blood_pressure", {"bp_systolic": "124/78", "bp_diastolic": "80"})
    assert form.errors["bp_systolic"]
    assert form.drafts() == {"bp_systolic": ["124/78"]}
    assert form.values() == {"bp_diastolic": 80}


def test_usual_doses_are_those_that_the_table_names() -> None:
    picks = row_form("sertraline")["dose_mg"].picks  # type: ignore[attr-defined]
    assert [pick.label for pick in picks] == ["50 mg", "200 mg", "I don't remember"]
    assert [pick.value for pick in picks][:2] == ["50", "200"]
    sl = row_form("cyclobenzaprine_sl")["dose_mg"].picks  # type: ignore[attr-defined]
    assert [pick.label for pick in sl] == ["2.8 mg", "5.6 mg", "I don't remember"]


def test_a_dose_that_was_picked_is_read() -> None:
    for medicine in PROTOCOL.medicines.values():
        for dose in medicine.named_doses:
            assert read_number(f"{dose} {medicine.unit}", medicine.unit) == dose
