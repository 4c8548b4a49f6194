"""What the rulebook says of itself: an attribute is used where a rule reads it, on any way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from screener.booklet.attributes import (
    AttributeUse,
    ProtocolAttributes,
    RuleAttributes,
    source_attributes,
)
from screener.booklet.html import printed
from screener.engine.field_types import Stated
from screener.engine.problems import RulebookError
from screener.engine.rulebook.load import load
from screener.places import shipped
from tests.booklet.book import text_of
from tests.engine.answers import RULEBOOK

OWN = source_attributes(RULEBOOK)
ABOUT = "common/questions/about.yaml"

# Questions and a rule that use what the rulebook that ships does not, each in another way.
ASKED = """
  - id: race
    kind: choice
    attribute: {attribute}
    text: Which of these describes you?
    short: Race
    options: yes_no_unsure
    choice: O-13
"""
DEPENDENT = """
  - id: dependent
    kind: choice
    attribute: none
    text: And this?
    short: Dependent
    asked_when: race = yes
    when_not_asked: no
    options: yes_no_unsure
    choice: O-13
"""
RULE = """
  - id: planted
    title: Planted
    priority: note
    if_unknown: ask
    {condition}
    choice: O-13
    staff: Planted.
    cases:
      - {{met: a, answers: {{{met}}}}}
      - {{not_met: b, answers: {{{not_met}}}}}
      - {{unknown: c}}
"""
OTHER = RULE.replace("planted", "other")


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., RuleAttributes]:
    """Return a function that plants a use in a copy of the rules and gives back the rule's part."""

    def plant(rules: str, asked: str = ASKED.format(attribute="race")) -> RuleAttributes:
        root = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
        _add(root / ABOUT, asked)
        _add(root / "common/age.yaml", rules)
        for protocol in root.glob("*/protocol.yaml"):
            ids = "race, dependent" if "dependent" in asked else "race"
            text = protocol.read_text(encoding="utf-8")
            protocol.write_text(text.replace("[sex", f"[sex, {ids}"), encoding="utf-8")
        own = source_attributes(load(root))
        # Once for each protocol: they ask the question on pages with different titles.
        rule, *_ = [shown.rule for shown in own.rules if shown.rule.id == "planted"]
        for whole in own.protocols:
            assert _use(whole, "race").state == _use(rule, "race").state
        return rule

    return plant


def _add(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").rstrip() + "\n" + text, encoding="utf-8")


def _use(of: RuleAttributes | ProtocolAttributes, attribute: str) -> AttributeUse:
    return next(use for use in of.attributes if use.id == attribute)


def _rule(id: str) -> RuleAttributes:
    return next(shown.rule for shown in OWN.rules if shown.rule.id == id)


def _used(of: RuleAttributes | ProtocolAttributes) -> set[str]:
    return {use.id for use in of.attributes if use.state == "used"}


YES, NO = {"met": "race: yes", "not_met": "race: no"}, {"met": "race: no", "not_met": "race: yes"}


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        (RULE.format(condition="when: race = yes", **YES), ""),
        (RULE.format(condition="when: {none: [race = yes]}", **NO), ""),
        (
            OTHER.format(condition="when: race = yes", **YES)
            + RULE.format(condition="when: other is met", **YES),
            "",
        ),
        (
            RULE.format(
                condition="when: dependent = yes",
                met="race: yes, dependent: yes",
                not_met="race: yes, dependent: no",
            ),
            DEPENDENT,
        ),
    ],
    ids=["read", "negated", "through another rule", "through a condition of asking"],
)
def test_a_planted_use_is_seen(
    plant: Callable[..., RuleAttributes], rules: str, asked: str
) -> None:
    rule = plant(rules, ASKED.format(attribute="race") + asked)
    assert _used(rule) == {"race"}
    assert [question.id for question in _use(rule, "race").questions] == ["race"]
    assert _use(rule, "ethnicity").state == "not used"
    assert rule.silent == ()


@pytest.mark.parametrize(
    "condition",
    [
        "unanswered: {questions: [race]}",
        "unanswered: {questions: [sex], unless: race = yes}",
        "undecided: {any: [other]}",
    ],
)
def test_a_use_by_a_rule_about_blanks_is_seen(
    plant: Callable[..., RuleAttributes], condition: str
) -> None:
    other = OTHER.format(condition="when: race = yes", **YES)
    # Loading reads the cases and does not run them.
    assert "race" in _used(plant(other + RULE.format(condition=condition, **YES)))


def test_a_question_that_says_nothing_leaves_it_open(
    plant: Callable[..., RuleAttributes],
) -> None:
    silent = ASKED.replace("    attribute: {attribute}\n", "")
    rule = plant(RULE.format(condition="when: race = yes", **YES), silent)
    assert {use.state for use in rule.attributes} == {"cannot tell"}
    assert [question.id for question in rule.silent] == ["race"]


def test_an_attribute_that_nobody_knows_is_refused(plant: Callable[..., RuleAttributes]) -> None:
    with pytest.raises(RulebookError, match="found raze; allowed: 'race', 'ethnicity'"):
        plant(RULE.format(condition="when: race = yes", **YES), ASKED.format(attribute="raze"))


def test_none_stands_alone(plant: Callable[..., RuleAttributes]) -> None:
    with pytest.raises(RulebookError, match="none stands alone"):
        plant(
            RULE.format(condition="when: race = yes", **YES),
            ASKED.format(attribute="[race, none]"),
        )


# --- the rulebook that ships -----------------------------------------------------------------


def test_every_question_that_ships_says_what_it_asks() -> None:
    for protocol in RULEBOOK.protocols.values():
        assert [q.id for q in protocol.questions.values() if not q.attribute] == []


def test_what_the_rules_that_ship_use() -> None:
    assert _used(_rule("under_18")) == {"date_of_birth"}
    assert _used(_rule("hold_pregnant")) == {
        "date_of_birth",  # nobody of 60 or older is asked
        "health_status_assessments",
    }
    assert _used(_rule("red_flag_systemic")) == {"health_status_assessments"}
    trials = _use(_rule("pain_drug_trials_failed"), "date_of_birth")
    assert [question.id for question in trials.questions] == ["age"]  # lower doses of older people
    for protocol in OWN.protocols:
        never = {"race", "ethnicity", "language", "sexual_orientation", "gender_identity"}
        assert not never & _used(protocol)
        assert protocol.rules["sex"] >= 3 and protocol.rules["race"] == 0


def test_what_a_rule_reads_is_cited_through_scores_and_rules() -> None:
    paired = _rule("paired_pattern")
    assert "kroenke-2001" in (*paired.references, *paired.further)
    assert "wolfe-2016" in paired.further
    assert not set(paired.references) & set(paired.further)


def test_nothing_is_made_up_where_nothing_is_stated() -> None:
    named = {reference.id: reference.stated for reference in OWN.references}
    assert "Pfizer" in named["kroenke-2001"]["funding"]
    assert named["jrd-criteria-table"] == dict.fromkeys(Stated.model_fields, "not stated")
    # A year that is stated is one that the citation names.
    for reference in RULEBOOK.references.values():
        assert reference.released[:4] in reference.citation


def test_it_is_a_chapter_of_the_printed_document() -> None:
    page = BeautifulSoup(printed(RULEBOOK, []), "html.parser")
    [heading] = page.select("h2#own")
    section = heading.find_parent("section")
    assert section is not None
    text = text_of(section)
    assert "was not compared with the text of the regulation" in text
    for shown in OWN.rules:
        assert shown.rule.id in text
    assert page.select("nav a[href='#own']")
