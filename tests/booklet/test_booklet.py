"""The document to sign: everything is in it, once, in words made from the rules."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from screener.booklet.booklet import Booklet
from screener.booklet.html import printed
from screener.booklet.parts import PrintedAbove, QuestionView
from screener.engine.expressions import Condition
from screener.engine.rulebook.load import load
from screener.places import shipped
from tests.booklet.book import BOOK, sentences
from tests.engine.answers import PROTOCOL, RULEBOOK


def questions(book: Booklet) -> Iterator[QuestionView]:
    for protocol in book.protocols:
        for items in (protocol.before, *(page.items for page in protocol.pages)):
            for item in items:
                if not isinstance(item, PrintedAbove):
                    yield from item.questions


def test_every_question_rule_score_medicine_topic_choice_and_source_is_in_it() -> None:
    assert {view.id for view in questions(BOOK)} >= {
        id for protocol in RULEBOOK.protocols.values() for id in protocol.questions
    }
    rules = [shared.view.id for chapter in BOOK.chapters for shared in chapter.rules]
    for protocol in RULEBOOK.protocols.values():
        assert set(protocol.rules) <= set(rules)
        assert set(protocol.scores) <= {shared.view.id for shared in BOOK.scores}
        assert set(protocol.row_conditions) <= {shared.view.id for shared in BOOK.rows}
    assert [view.id for view in BOOK.medicines] == list(RULEBOOK.medicines)
    assert {shared.view.id for shared in BOOK.topics} == set(RULEBOOK.topics)
    assert [view.id for view in BOOK.choices] == list(RULEBOOK.choices)
    assert [view.reference.id for view in BOOK.references] == list(RULEBOOK.references)


def test_what_two_protocols_share_is_printed_once() -> None:
    # What the two count is not the same, so the rule on it stands there twice.
    again = {rule.view.id for chapter in BOOK.chapters for rule in chapter.rules if rule.again}
    assert again == {"same_family"}
    rules = [rule.view.id for chapter in BOOK.chapters for rule in chapter.rules if not rule.again]
    assert len(rules) == len(set(rules))
    shared = {rule.view.id: rule.only for chapter in BOOK.chapters for rule in chapter.rules}
    assert shared["suicide_risk_acute"] == ()
    assert shared["fibromyalgia_pattern"] == ("Pain, mood and treatments",)
    first, second = BOOK.protocols
    assert not any(page.same_as for page in first.pages)
    safety = next(page for page in second.pages if page.title == "Hard feelings and safety")
    assert safety.same_as == "page 6 of “Pain, mood and treatments”"
    seen = [view.id for view in questions(BOOK) if view.id != "medicines_tried"]
    assert len(seen) == len(set(seen))


def test_a_condition_is_printed_leaf_by_leaf() -> None:
    views = {rule.view.id: rule.view for chapter in BOOK.chapters for rule in chapter.rules}
    words = [clause.words for clause in sentences(views["fibromyalgia_pattern"].condition)]
    assert words == [
        "All of these:",
        "Any of these:",
        "“Widespread pain index (WPI)” is 7 or more and “Symptom severity scale (SSS)” is "
        "5 or more",
        "“Widespread pain index (WPI)” is between 4 and 6 and “Symptom severity scale (SSS)” is "
        "9 or more",
        "“Regions with pain, of five (jaw, chest and abdomen not counted)” is 4 or more",
        "“Similar level for at least 3 months” is “Yes”",
    ]

    def leaves(condition: Condition) -> int:
        return sum(1 for part in condition.walk() if part.kind == "leaf")

    for id, rule in PROTOCOL.rules.items():
        if rule.when is not None:
            printed_leaves = [part for part in sentences(views[id].condition) if not part.parts]
            assert len(printed_leaves) == leaves(rule.when), id


@pytest.mark.parametrize("id", ["suicide_screen_unanswered", "screening_incomplete"])
def test_rules_about_blanks_are_printed_too(id: str) -> None:
    views = {rule.view.id: rule.view for chapter in BOOK.chapters for rule in chapter.rules}
    words = " ".join(clause.words for clause in sentences(views[id].condition))
    assert "left it blank" in words or "rules cannot tell" in words


def test_a_changed_number_changes_the_document(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    file = rules / "common" / "mood.yaml"
    file.write_text(file.read_text().replace("leaf: phq9 >= 10", "leaf: phq9 >= 18"))
    assert "“PHQ-9 total” is 18 or more" in printed(load(rules))
    assert "“PHQ-9 total” is 18 or more" not in printed(RULEBOOK)
