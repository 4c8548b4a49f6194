"""Height and weight: typed with their units, said back, and never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from screener.engine.questions import Question
from screener.forms.measures import MeasureField
from screener.forms.pages import PageForm, Stored, typed
from tests.forms.posted import PROTOCOL


def question(id: str, short: str, unit: str, reach: tuple[int, int], decimals: int) -> Question:
    return Question(
        id=id, kind="number", text=short, short=short, unit=unit, range=reach, decimals=decimals
    )


HEIGHT = question("height_cm", "Height", "cm", (50, 250), 0)
WEIGHT = question("weight_kg", "Weight", "kg", (20, 350), 1)


def field_of(question: Question, text: str) -> MeasureField:
    form = PageForm(PROTOCOL, [question])
    form.take(MultiDict({question.id: text}))
    field = form[question.id]
    assert isinstance(field, MeasureField)
    return field


@pytest.mark.parametrize(
    ("text", "centimeters"),
    [
        ("170 cm", 170),
        ("170cm", 170),
        ("1.7 m", 170),
        ("1,70 m", 170),
        ("170,4 cm", 170),
        ("1m70", 170),
        ("1 m 70", 170),
        ("1 m 07 cm", 107),
        ("5 ft 7 in", 170),
        ("5'7\"", 170),
        ("5’ 7”", 170),
        ("5′7", 170),
        ("5 feet, 7 inches", 170),
        (" 5 FT. 7 IN. ", 170),
        ("6 ft", 183),
        ("67 in", 170),
        ("5 ft 7.5 in", 171),
        ("5 ft 7½ in", 171),
        ("170 CM.", 170),
        ("170cms", 170),
    ],
)
def test_a_height_is_read_in_the_units_people_know(text: str, centimeters: int) -> None:
    field = field_of(HEIGHT, text)
    assert not field.errors
    assert field.data == centimeters


@pytest.mark.parametrize(
    ("text", "kilograms"),
    [
        ("160 lb", "72.6"),
        ("160lbs", "72.6"),
        ("160 pounds", "72.6"),
        ("72.5 kg", "72.5"),
        ("72,5 kg", "72.5"),
        ("72,55 kg", "72.6"),
        ("159,5 lb", "72.3"),
    ],
)
def test_a_weight_is_read_in_the_units_people_know(text: str, kilograms: str) -> None:
    field = field_of(WEIGHT, text)
    assert not field.errors
    assert field.data == Decimal(kilograms)


@pytest.mark.parametrize("text", ["170", "5.7", "5 7", "1,70", "tall", "170 kg", "170 miles", "m"])
def test_what_is_not_clear_is_asked_about(text: str) -> None:
    field = field_of(HEIGHT, text)
    assert field.errors == [
        "Height: Write your height with its unit, such as 5 ft 7 in, or 170 cm. Or leave it blank."
    ]
    assert field.typed() == [text]
    assert field.data is None


@pytest.mark.parametrize(
    "text",
    [
        "5 ft 12 in",
        "5.5 ft 6 in",
        "5.11 ft",
        "5,11 ft",
        "5.5 ft",
        "1,700 m",
        "1,7,0 m",
        "1m7",
        "1 m 170",
        "17000 cm",
        "-170 cm",
    ],
)
def test_a_number_that_cannot_be_read_beside_its_unit_is_asked_for_as_it_is_right(
    text: str,
) -> None:
    field = field_of(HEIGHT, text)
    assert field.errors == [
        "Height: We see the unit, but cannot read the number. Write it in digits, with a point "
        "before decimals. For example: 5 ft 7 in with fewer than 12 inches, 170 cm, or 1.70 m. "
        "Or leave it blank."
    ]
    assert field.typed() == [text]
    assert field.data is None


@pytest.mark.parametrize("text", ["72,500 kg", "1,600 lb", "about 160 lb"])
def test_a_comma_before_three_digits_is_not_guessed(text: str) -> None:
    assert field_of(WEIGHT, text).errors == [
        "Weight: We see the unit, but cannot read the number. Write it in digits, with a point "
        "before decimals. For example: 160 lb, or 72.5 kg. Or leave it blank."
    ]


def test_a_number_out_of_range_is_said_back_in_both_units() -> None:
    field = field_of(HEIGHT, "17 ft")
    assert field.errors == [
        "Height: We read 518 cm. Enter a number from 50 to 250 cm (1 ft 8 in to 8 ft 2 in). "
        "Or leave it blank."
    ]
    assert field_of(WEIGHT, "10 kg").errors == [
        "Weight: We read 10 kg. Enter a number from 20 to 350 kg (44 lb to 772 lb). "
        "Or leave it blank."
    ]


def test_blank_is_no_answer() -> None:
    form = PageForm(PROTOCOL, [HEIGHT])
    form.take(MultiDict({"height_cm": " "}))
    assert (form.values(), form.errors, form.blank()) == ({}, {}, {"height_cm"})


def test_the_other_unit_stands_behind_the_box() -> None:
    assert field_of(HEIGHT, "5 ft 7 in").unit == "= 170 cm"
    assert field_of(HEIGHT, "170 cm").unit == "= 5 ft 7 in"
    assert field_of(WEIGHT, "72.5 kg").unit == "= 160 lb"
    assert field_of(HEIGHT, "170").unit == ""


@given(st.integers(200, 3500))
def test_a_stored_weight_is_shown_as_it_is_read_again(tenths: int) -> None:
    kilograms = Decimal(tenths) / 10
    shown = typed(WEIGHT, kilograms)
    form = PageForm(PROTOCOL, [WEIGHT])
    form.fill(Stored({"weight_kg": shown}, {}, {}))
    assert not form.errors
    form.take(MultiDict({"weight_kg": shown[0], "page-shown": form.shown}))
    assert form.values() == {"weight_kg": kilograms}
