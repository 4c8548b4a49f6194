"""Hypothesis strategies for terms: any at all, so that tomorrow's rules are tested today."""

from typing import Any

from hypothesis import strategies as st

from screener.engine.questions import Answers
from screener.engine.terms import terms as t
from tests.engine.answers import PROTOCOL, answer_to, tables

LOOKED_AT = ("age", "phq9_1", "low_mood", "symptoms_3_months", "warning_signs", "medicines_tried")
DIGITS = ("0", "1", "2", "3")
SIGNS = PROTOCOL.questions["warning_signs"].option_ids


def some_answers() -> st.SearchStrategy[Answers]:
    """Any answers to the questions that the terms look at, each given or not."""
    each: dict[str, st.SearchStrategy[Any]] = {
        id: tables(PROTOCOL) if id == "medicines_tried" else answer_to(PROTOCOL.questions[id])
        for id in LOOKED_AT
    }
    return st.fixed_dictionaries({}, optional=each)


@st.composite
def conditions(draw: st.DrawFn, depth: int, row: str = "") -> t.Bool:
    """Any condition on the answers; `row`: on a row of the table, for that use."""
    kinds = ["leaf", *(["all", "any", "at least", "not", "<=", "="] if depth else [])]
    parts = st.lists(conditions(depth - 1, row), min_size=2, max_size=3)
    match draw(st.sampled_from(kinds)):
        case "all":
            return t.all_of(*draw(parts))
        case "any":
            return t.any_of(*draw(parts))
        case "at least":
            return t.at_least(2, draw(parts))
        case "not":
            return t.negate(draw(conditions(depth - 1, row)))
        case "<=":
            return t.at_most(draw(numbers(depth - 1, row)), draw(numbers(depth - 1, row)))
        case "=":
            return t.equal(draw(numbers(depth - 1, row)), draw(numbers(depth - 1, row)))
    leaf: t.Bool | None = draw(st.sampled_from(ROW_CONDITIONS if row else CONDITIONS))
    if leaf is None:
        some = draw(st.sets(st.sampled_from(SIGNS), min_size=1, max_size=4))
        return t.make(t.Ticked, "warning_signs", tuple(sorted(some)))
    return leaf


@st.composite
def numbers(draw: st.DrawFn, depth: int, row: str = "") -> t.Int:
    """Any number from the answers; `row`: from a row of the table, for that use."""
    kinds = ["leaf", *(["sum", "lowest", "highest", "choose"] if depth else [])]
    kinds += [] if row or not depth else ["rows"]
    parts = st.lists(numbers(depth - 1, row), min_size=2, max_size=3)
    match draw(st.sampled_from(kinds)):
        case "sum":
            return t.plus(*draw(parts))
        case "lowest" | "highest" as which:
            return t.extreme(draw(parts), highest=which == "highest")
        case "choose":
            then, otherwise = draw(numbers(depth - 1, row)), draw(numbers(depth - 1, row))
            return t.choose(draw(conditions(depth - 1, row)), then, otherwise)
        case "rows":
            label = draw(st.sampled_from(["medicine", "ingredient", "family", "pain"]))
            by_use = tuple((use, draw(conditions(depth, use))) for use in ("mood", "pain"))
            return t.make(t.Distinct, "medicines_tried", label, by_use)
    leaf: t.Int = draw(st.sampled_from(ROW_NUMBERS[row] if row else NUMBERS))
    return leaf


CONDITIONS: list[t.Bool | None] = [
    t.make(t.Submitted),
    None,  # some ticks
    *(t.make(t.IsAnswered, id) for id in LOOKED_AT),
    *(t.among("phq9_1", DIGITS[place:]) for place in range(1, 4)),
    *(t.among("symptoms_3_months", [option]) for option in ("yes", "no", "unsure")),
]
ROW_CONDITIONS: list[t.Bool | None] = [
    *(t.among(".taken_most_days", [option]) for option in ("yes", "no")),
    *(t.make(t.OfMedicine, id) for id in PROTOCOL.medicines),
    t.make(t.IsAnswered, ".weeks"),
    t.make(t.Submitted),
]
NUMBERS: list[t.Int] = [
    *map(t.whole, range(4)),
    *(t.make(t.Points, "phq9_1", tuple((d, int(d)) for d in DIGITS), end) for end in (0, 3)),
    *(t.make(t.Points, "low_mood", (("no", 0), ("yes", 1)), end) for end in (0, 1)),
    *(t.make(t.Amount, "age", 0, (0, 120), end) for end in (0, 120)),
    t.make(t.Ticks, "warning_signs", SIGNS[:5]),
]
ROW_NUMBERS: dict[str, list[t.Int]] = {
    use: [
        *(t.make(t.Amount, ".dose_mg", 2, (0, 10**6), end) for end in (0, 10**6)),
        *(t.make(t.Amount, ".weeks", 0, (0, 2000), end) for end in (0, 2000)),
        t.make(t.MedicineAmount, use, "dose", 2),
        t.make(t.MedicineAmount, use, "weeks", 0),
    ]
    for use in ("mood", "pain")
}
