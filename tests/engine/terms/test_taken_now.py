"""What a person takes now: a kind ticked in the list, or a row of the table that is still taken.

Each person is read by the engine and by the oracle; both must say the same.
"""

from dataclasses import replace
from typing import Any

import pytest

from screener.engine import expressions as ex
from screener.engine.language.parser import Scope, TakesNowScope, parse
from screener.engine.protocol import Undecided
from screener.engine.screen import screen
from screener.engine.terms.reading import Reading
from tests.engine.answers import PROTOCOL
from tests.engine.oracle.bounds import Bounds
from tests.engine.oracle.counted import counted
from tests.engine.oracle.reference import reference

KINDS = frozenset(kind for medicine in PROTOCOL.medicines.values() for kind in medicine.kinds)
SCOPE = Scope(
    questions=PROTOCOL.questions,
    row_conditions=tuple(PROTOCOL.row_conditions),
    takes_now=TakesNowScope("current_medicines", "medicines_tried", "still_taking", KINDS),
)

STILL = {"stopped_because": "still_taking"}
STOPPED = {"stopped_because": "no_benefit"}
NOTHING: dict[str, Any] = {"current_medicines": ["none"], "medicines_tried": {}}


def outcome(leaf: str, raw: dict[str, Any]) -> str:
    """What a leaf comes out as, of answers as they are written; None is a blank."""
    condition, answers = parse(leaf, SCOPE), PROTOCOL.read_answers(raw)
    said = Reading(PROTOCOL, answers).boolean(condition)
    assert Bounds(PROTOCOL, counted(PROTOCOL, answers).answers).boolean(condition) == said
    return {(True, True): "met", (False, False): "not met", (False, True): "cannot tell"}[said]


def now(listed: list[str] | None, **rows: dict[str, Any]) -> dict[str, Any]:
    return {"current_medicines": listed, "medicines_tried": rows}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # What the list says, where no medicine was tried.
        (now(["ssri"]), "met"),
        (now(["opioid", "ssri"]), "met"),
        (now(["opioid"]), "not met"),
        (now(["none"]), "not met"),
        (now(None), "cannot tell"),
        # What the table says, where the list was ticked and does not name it.
        (now(["none"], sertraline=STILL), "met"),
        (now(["opioid"], sertraline=STILL), "met"),
        (now(["none"], sertraline={}), "cannot tell"),
        (now(["none"], sertraline={"dose_mg": 50}), "cannot tell"),
        (now(["none"], sertraline=STOPPED), "not met"),
        (now(["none"], sertraline=STOPPED, fluoxetine={}), "cannot tell"),
        (now(["none"], sertraline=STOPPED, fluoxetine=STILL), "met"),
        # Another kind says nothing of this one.
        (now(["none"], venlafaxine=STILL), "not met"),
        (now(["none"], venlafaxine={}), "not met"),
        # A blank list is not none: only a row that is still taken settles it.
        (now(None, sertraline=STILL), "met"),
        (now(None, sertraline=STOPPED), "cannot tell"),
        (now(None, sertraline={}), "cannot tell"),
        # A blank table: any medicine may have been tried and be taken still.
        ({"current_medicines": ["none"]}, "cannot tell"),
        ({"current_medicines": ["ssri"]}, "met"),
        ({}, "cannot tell"),
        # A tick outweighs a row that was stopped: another medicine of the kind may be meant.
        (now(["ssri"], sertraline=STOPPED), "met"),
    ],
)
def test_one_kind(raw: dict[str, Any], expected: str) -> None:
    assert outcome("takes_now includes ssri", raw) == expected
    opposite = {"met": "not met", "not met": "met"}.get(expected, expected)
    assert outcome("not takes_now includes ssri", raw) == opposite


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (now(["none"], venlafaxine=STILL), "met"),
        (now(["none"], sertraline=STILL), "met"),
        (now(["snri"]), "met"),
        (now(["none"], venlafaxine=STOPPED, sertraline=STOPPED), "not met"),
        (now(["none"], venlafaxine=STOPPED, sertraline={}), "cannot tell"),
        (now(["none"], duloxetine=STILL), "not met"),
    ],
)
def test_one_of_several_kinds(raw: dict[str, Any], expected: str) -> None:
    assert outcome("takes_now includes any_of (ssri, snri)", raw) == expected


@pytest.mark.parametrize("kind", ["dextromethorphan", "bupropion"])
def test_a_medicine_of_two_kinds_is_taken_as_both(kind: str) -> None:
    assert outcome(
        f"takes_now includes {kind}", now(["none"], dextromethorphan_bupropion=STILL)
    ) == ("met")
    assert outcome(f"takes_now includes {kind}", NOTHING) == "not met"


@pytest.mark.parametrize("medicine", ["low_dose_naltrexone", "naltrexone_bupropion"])
def test_a_medicine_that_counts_for_no_use_is_looked_at_too(medicine: str) -> None:
    leaf = "takes_now includes naltrexone"
    assert outcome(leaf, now(["none"], **{medicine: STILL})) == "met"
    assert outcome(leaf, now(["none"], **{medicine: {}})) == "cannot tell"
    assert outcome(leaf, now(["none"], **{medicine: STOPPED})) == "not met"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"current_medicines": ["theophylline"]}, "met"),
        ({"current_medicines": ["none"]}, "not met"),
        (now(None, sertraline=STILL), "cannot tell"),
    ],
)
def test_no_row_says_anything_of_a_kind_that_stands_in_the_list_alone(
    raw: dict[str, Any], expected: str
) -> None:
    assert outcome("takes_now includes theophylline", raw) == expected
    assert screen(PROTOCOL, PROTOCOL.read_answers(raw)).outcomes["hold_theophylline"] == (
        expected.replace("cannot tell", "unknown").replace(" ", "_")
    )


@pytest.mark.parametrize(
    ("raw", "needed"),
    [
        (now(["none"], phenelzine={}), ("medicines_tried.phenelzine.stopped_because",)),
        (
            now(["none"], phenelzine={}, selegiline_patch={}, sertraline={}),
            (
                "medicines_tried.phenelzine.stopped_because",
                "medicines_tried.selegiline_patch.stopped_because",
            ),
        ),
        (now(None), ("current_medicines",)),
        ({"current_medicines": ["none"]}, ("medicines_tried",)),
        ({}, ("current_medicines", "medicines_tried")),
    ],
)
def test_what_would_settle_it_is_named_and_no_row_of_another_kind(
    raw: dict[str, Any], needed: tuple[str, ...]
) -> None:
    screening = screen(PROTOCOL, PROTOCOL.read_answers(raw))
    assert screening.outcomes["caution_maoi"] == "unknown"
    assert screening.needed["caution_maoi"] == needed


def test_a_row_that_was_passed_over_is_told_once_the_form_is_sent() -> None:
    """`undecided` follows what is taken now down to the rows that leave it open."""
    check = PROTOCOL.rules["check_safety_undecided"]
    changed = check.model_copy(update={"undecided": Undecided(any=("caution_maoi",))})
    protocol = replace(PROTOCOL, rules={**PROTOCOL.rules, check.id: changed})
    for raw, expected in (
        ({}, "unknown"),
        (now(["none"], phenelzine={}), "met"),
        (now(["none"], phenelzine=STOPPED), "not_met"),
        ({"current_medicines": ["none"]}, "unknown"),
    ):
        answers = protocol.read_answers(raw)
        assert screen(protocol, answers).outcomes[check.id] == expected, raw
        assert reference(protocol, answers).outcomes[check.id] == expected, raw
        sent = "met" if expected == "unknown" else expected
        assert screen(protocol, answers, submitted=True).outcomes[check.id] == sent, raw


def test_it_says_which_list_and_which_options_it_reads() -> None:
    condition = PROTOCOL.condition("caution_maoi")
    assert condition == parse("takes_now includes maoi", SCOPE)
    assert isinstance(condition, ex.TakesNow)
    assert ex.names_in(condition).questions == {"current_medicines", "medicines_tried"}
