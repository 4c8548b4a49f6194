"""The first line of a flag: remarks of other flags, and lower tiers under a higher one."""

from dataclasses import replace

import pytest

from screener.engine.protocol import Protocol, Rulebook
from screener.presenters.first_lines import first_line, folded
from screener.presenters.headline import headline, reasons
from screener.presenters.queue import lines
from screener.presenters.rescreened import Rescreened, rescreen
from screener.presenters.rule_groups import rule_groups
from screener.presenters.safety_answers import safety_answers
from screener.store import QueueRow
from tests.every_page import PROTOCOL, RULEBOOK
from tests.presenters.stored import NOW, RAISED, SAFE, questionnaire

REMARK = "a current response is reported"
HIGH = {"bp_systolic": 190, "bp_diastolic": 125}


def changed(**rules: dict[str, object]) -> Rulebook:
    """Return the rulebook that ships with these fields of these rules changed."""
    new = {id: rule.model_copy(update=rules.get(id, {})) for id, rule in PROTOCOL.rules.items()}
    protocol = replace(PROTOCOL, rules=new)
    return replace(RULEBOOK, protocols={**RULEBOOK.protocols, PROTOCOL.id: protocol})


def protocol(book: Rulebook) -> Protocol:
    return book.protocols[PROTOCOL.id]


def met(*ids: str) -> dict[str, str]:
    """Return outcomes in which these rules alone are met."""
    return {id: "met" if id in ids else "not_met" for id in PROTOCOL.rules}


def titles(book: Rulebook, *ids: str) -> list[str]:
    return [protocol(book).rules[id].title for id in ids]


def rescreened(book: Rulebook, **answers: object) -> Rescreened:
    """Return what the rulebook makes of these answers, none of which tells of self-harm."""
    return rescreen(book, questionnaire({**SAFE, **answers}))


# --- remarks --------------------------------------------------------------------------------------


def test_a_remark_stands_in_the_first_line_of_the_flag_that_it_is_about() -> None:
    book = changed(
        same_family={"remark": REMARK, "remark_on": ("paired_pattern",)},
        intolerance_used={"remark": "bipolar is open", "remark_on": ("paired_pattern",)},
    )
    [title] = titles(book, "paired_pattern")
    outcomes = met("paired_pattern", "same_family", "intolerance_used")
    both = first_line(protocol(book), outcomes, "paired_pattern")
    assert both.startswith(f"{title}: ")
    assert set(both.removeprefix(f"{title}: ").split("; ")) == {REMARK, "bipolar is open"}
    alone = met("paired_pattern", "same_family")
    assert first_line(protocol(book), alone, "paired_pattern") == f"{title}: {REMARK}"
    [other] = titles(book, "same_family")
    assert first_line(protocol(book), alone, "same_family") == other


def test_what_is_not_met_neither_remarks_nor_is_remarked_on() -> None:
    book = changed(same_family={"remark": REMARK, "remark_on": ("paired_pattern",)})
    [title] = titles(book, "paired_pattern")
    for outcomes in (met("paired_pattern"), met("same_family")):
        assert first_line(protocol(book), outcomes, "paired_pattern") == title
    unknown = {**met("paired_pattern"), "same_family": "unknown"}
    assert first_line(protocol(book), unknown, "paired_pattern") == title
    assert first_line(None, unknown, "paired_pattern") == "paired_pattern"
    assert first_line(protocol(book), {"gone": "met"}, "gone") == "gone"


# --- tiers ----------------------------------------------------------------------------------------


def test_a_flag_stands_under_the_one_that_speaks_for_it() -> None:
    book = changed(paired_pattern={"speaks_for": ("same_family",)})
    outcomes = met("same_family", "paired_pattern", "intolerance_used")
    assert folded(protocol(book), outcomes) == {
        "paired_pattern": ("same_family",),
        "intolerance_used": (),
    }
    # A rule that is not met speaks for nobody.
    assert folded(protocol(book), met("same_family")) == {"same_family": ()}
    assert folded(None, met("same_family")) == {"same_family": ()}


@pytest.mark.parametrize(
    "speaks",
    [
        {"paired_pattern": ("same_family",), "same_family": ("intolerance_used",)},
        {
            "paired_pattern": ("same_family", "intolerance_used"),
            "same_family": ("intolerance_used",),
        },
        {"same_family": ("paired_pattern",), "paired_pattern": ("same_family", "intolerance_used")},
        {"same_family": ("same_family",)},
    ],
    ids=["a chain", "two ways", "a circle", "itself"],
)
def test_whatever_speaks_for_what_every_flag_stands_once(
    speaks: dict[str, tuple[str, ...]],
) -> None:
    book = changed(**{id: {"speaks_for": ids} for id, ids in speaks.items()})
    flags = {"same_family", "paired_pattern", "intolerance_used"}
    shown = folded(protocol(book), met(*flags))
    placed = [id for head, under in shown.items() for id in (head, *under)]
    assert sorted(placed) == sorted(flags)


def test_the_lists_of_a_submission_fold_and_lose_nothing() -> None:
    plain = rescreened(RULEBOOK, **HIGH)
    flags = [id for id, outcome in plain.outcomes.items() if outcome == "met"]
    high = max(
        flags,
        key=lambda id: (
            -["emergency", "urgent", "hold", "incomplete", "review", "note"].index(
                plain.priority(id)
            )
        ),
    )
    low = next(id for id in flags if plain.priority(id) != plain.priority(high))
    book = changed(**{high: {"speaks_for": (low,)}})
    page = rescreened(book, **HIGH)
    rules = [rule for group in rule_groups(page, "met") for rule in group.rules]
    assert low not in [rule.id for rule in rules]
    [head] = [rule for rule in rules if rule.id == high]
    assert [rule.id for rule in head.under] == [low]
    assert sorted(each.id for rule in rules for each in rule.all) == sorted(flags)
    assert page.title(low) in headline(page, safety_answers(protocol(book), ())).under
    assert any(f"Under it: “{page.title(low)}”." in reason for reason in reasons(page))
    form = page.questionnaire
    row = QueueRow(
        reference=form.reference,
        protocol=form.protocol,
        identity=form.identity,
        progress={},
        screening=form.screening or {},
        priority=form.priority,
        risk=False,
        status="new",
        assigned_to=None,
        revision=1,
        created_at=form.created_at,
        updated_at=form.updated_at,
        submitted_at=form.submitted_at,
        waiting_since=RAISED,
    )
    [line] = lines([row], NOW, book.protocols)
    assert f"{page.title(high)} (under it: {page.title(low)})" in line.reasons


def test_a_remark_stands_in_the_queue_and_in_the_headline() -> None:
    answers = {**HIGH, "asq_1": "yes", "asq_5": "yes"}
    plain = rescreened(RULEBOOK, **answers)
    [high] = [
        id
        for id in plain.outcomes
        if plain.priority(id) == "emergency" and plain.outcomes[id] == "met"
    ]
    note = next(id for id, outcome in plain.outcomes.items() if outcome == "met" and id != high)
    book = changed(**{note: {"remark": REMARK, "remark_on": (high,)}})
    page = rescreened(book, **answers)
    line = f"{page.title(high)}: {REMARK}"
    assert headline(page, safety_answers(protocol(book), ())).titles == (line,)
    assert reasons(page) == (f"“{line}” is met.",)
    assert rule_groups(page, "met")[0].rules[0].title == line
