"""Every case in rules/ is one named test."""

import textwrap
from pathlib import Path

import pytest

from screener.engine.check_cases import check_case, check_example
from screener.engine.protocol import Case, Protocol, RuleExample
from screener.places import shipped
from tests.shipped import RULEBOOK

PROTOCOLS = list(RULEBOOK.protocols.values())
CASES = [
    pytest.param(protocol, case, id=f"{protocol.id}: {case.name}")
    for protocol in PROTOCOLS
    for case in protocol.cases
]
EXAMPLES = [
    pytest.param(protocol, example, id=f"{example.rule} {example.outcome}: {example.name}")
    for protocol in PROTOCOLS
    for example in protocol.examples
]


def test_there_are_cases() -> None:
    assert len(CASES) >= 20
    assert len(EXAMPLES) >= 300


@pytest.mark.parametrize(("protocol", "case"), CASES)
def test_case(protocol: Protocol, case: Case) -> None:
    assert check_case(protocol, case) == []


@pytest.mark.parametrize(("protocol", "example"), EXAMPLES)
def test_case_beside_a_rule(protocol: Protocol, example: RuleExample) -> None:
    assert check_example(protocol, example) == []


def test_a_wrong_expectation_fails() -> None:
    protocol = RULEBOOK.protocols["fibromyalgia"]
    case = protocol.cases[0]
    wrong = Case(
        case.name,
        case.answers,
        {"priority": "hold", "scores": {"wpi": "8"}, "flags": [], "unknown": ["under_18"]},
        case.file,
        case.line,
    )
    assert check_case(protocol, wrong) == [
        "priority is urgent, expected hold",
        "wpi is 7 to 7, expected 8 to 8",
        "fibromyalgia_pattern is met, expected not",
    ]


def test_every_rule_has_all_three_outcomes_among_its_cases() -> None:
    for protocol in PROTOCOLS:
        for rule in protocol.rules:
            shown = {e.outcome for e in protocol.examples if e.rule == rule}
            assert shown == {"met", "not_met", "unknown"}, rule


def test_every_word_of_the_instruments_is_as_published() -> None:
    """Instruments keep their exact wording: a changed letter here is a changed instrument."""
    questions = RULEBOOK.protocols["fibromyalgia"].questions
    published = (Path(__file__).parent / "instrument_wording.txt").read_text(encoding="utf-8")
    for line in published.splitlines():
        id, text = line.split(": ", 1)
        assert questions[id].text == text, id


def test_the_example_of_the_readme_of_the_rules_stands_in_them() -> None:
    rules = shipped("rules")
    readme = (rules / "README.md").read_text(encoding="utf-8")
    example = readme[readme.index("- id: hold_brain_bleed") :].split("```")[0].strip()
    chapter = (rules / "common" / "ketamine_safety.yaml").read_text(encoding="utf-8")
    assert example in textwrap.dedent(chapter[chapter.index("  - id:") :])
