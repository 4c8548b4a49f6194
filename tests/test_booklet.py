"""The document to sign: everything is in it, once, in words made from the rules."""

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from screener.booklet_html import Signed, printed, write_rulebook
from screener.engine.booklet import Booklet, booklet
from screener.engine.booklet_parts import Clause, PrintedAbove, QuestionView
from screener.engine.conditions import Condition
from screener.engine.load import load
from screener.markdown import cited, to_html
from screener.places import shipped
from tests.engine.answers import PROTOCOL, RULEBOOK

BOOK = booklet(RULEBOOK)


@pytest.fixture(scope="module")
def page() -> BeautifulSoup:
    return BeautifulSoup(printed(RULEBOOK, []), "html.parser")


def text_of(page: BeautifulSoup) -> str:
    return re.sub(r"\s+", " ", page.get_text(" "))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def questions(book: Booklet) -> Iterator[QuestionView]:
    for protocol in book.protocols:
        for items in (protocol.before, *(one.items for one in protocol.pages)):
            for item in items:
                if not isinstance(item, PrintedAbove):
                    yield from item.questions


def sentences(clause: Clause) -> Iterator[Clause]:
    yield clause
    for part in clause.parts:
        yield from sentences(part)


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


def test_what_two_protocols_share_stands_there_once() -> None:
    rules = [shared.view.id for chapter in BOOK.chapters for shared in chapter.rules]
    assert len(rules) == len(set(rules))
    shared = {one.view.id: one.only for chapter in BOOK.chapters for one in chapter.rules}
    assert shared["suicide_risk_acute"] == ()
    assert shared["fibromyalgia_pattern"] == ("Pain, mood and treatments",)
    first, second = BOOK.protocols
    assert not any(page.same_as for page in first.pages)
    safety = next(page for page in second.pages if page.title == "Hard feelings and safety")
    assert safety.same_as == "page 7 of “Pain, mood and treatments”"
    seen = [view.id for view in questions(BOOK) if view.id != "medicines_tried"]
    assert len(seen) == len(set(seen))


def test_a_condition_is_told_leaf_by_leaf() -> None:
    views = {one.view.id: one.view for chapter in BOOK.chapters for one in chapter.rules}
    said = [clause.words for clause in sentences(views["fibromyalgia_pattern"].condition)]
    assert said == [
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

    for id, condition in PROTOCOL.conditions.items():
        told = [clause for clause in sentences(views[id].condition) if not clause.parts]
        assert len(told) == leaves(condition), id


@pytest.mark.parametrize("id", ["suicide_screen_unanswered", "screening_incomplete"])
def test_rules_about_blanks_are_told_too(id: str) -> None:
    views = {one.view.id: one.view for chapter in BOOK.chapters for one in chapter.rules}
    said = " ".join(clause.words for clause in sentences(views[id].condition))
    assert "left it blank" in said or "cannot be told" in said


def test_a_changed_number_changes_the_document(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    file = rules / "common" / "mood.yaml"
    file.write_text(file.read_text().replace("leaf: phq9 >= 10", "leaf: phq9 >= 18"))
    assert "“PHQ-9 total” is 18 or more" in printed(load(rules))
    assert "“PHQ-9 total” is 18 or more" not in printed(RULEBOOK)


def test_the_printed_file_needs_nothing_else(page: BeautifulSoup) -> None:
    assert not page.select("script, link, img, iframe, [style], [onclick]")
    assert "default-src 'none'" in str(page.find("meta", {"http-equiv": True}))
    css = page.find("style").get_text()  # type: ignore[union-attr]
    assert "url(" not in css and "@import" not in css
    assert RULEBOOK.hash[:23] in css  # on every sheet of paper


def test_the_printed_file_says_everything_a_physician_signs(page: BeautifulSoup) -> None:
    text = text_of(page)
    assert RULEBOOK.hash in text and RULEBOOK.version in text
    for protocol in RULEBOOK.protocols.values():
        for question in protocol.questions.values():
            assert plain(question.text) in text
            for option in question.options:
                assert plain(option.label) in text
        for rule in protocol.rules.values():
            assert plain(rule.title) in text and plain(rule.staff) in text
            assert plain(rule.reported) in text
            for case in rule.cases:
                assert plain(case.sentence) in text
        for condition in (*protocol.conditions.values(), *protocol.unless.values()):
            for part in condition.walk():
                assert plain(part.because) in text
        for person in protocol.cases:
            assert plain(person.name) in text
        for instrument in protocol.instruments:
            assert plain(instrument.notice) in text
    for choice in RULEBOOK.choices.values():
        assert plain(choice.choice) in text and plain(choice.value) in text
    for reference in RULEBOOK.references.values():
        assert plain(reference.citation) in text
    for medicine in RULEBOOK.medicines.values():
        for trial in (medicine.mood, medicine.pain):
            if trial is not None:
                assert f"{trial.dose_mg} mg a day, {trial.weeks} weeks" in text
    assert "2.8 mg a day is adequate where “Age” is 65 years or more or" in text
    assert "[@" not in text


def test_every_link_of_the_document_arrives(page: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    links = {str(tag["href"]) for tag in page.select("a[href]")}
    inside = {link.removeprefix("#") for link in links if link.startswith("#")}
    assert inside and inside <= set(ids)
    assert all(link.startswith(("#", "https://", "http://", "tel:", "sms:")) for link in links)


def test_headings_go_down_step_by_step(page: BeautifulSoup) -> None:
    levels = [int(tag.name[1]) for tag in page.select("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_who_signed_is_in_the_copy() -> None:
    assert "No physician." in text_of(BeautifulSoup(printed(RULEBOOK, []), "html.parser"))
    signed = [Signed("Dr. <b>Ana</b> Test", "ana@clinic.example", "Mon 23 Nov 2026, 9:00 AM UTC")]
    html = printed(RULEBOOK, signed)
    assert "Dr. &lt;b&gt;Ana" in html and "Mon 23 Nov 2026" in html
    assert "This copy does not know" in printed(RULEBOOK)


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "rulebook.html"
    write_rulebook(RULEBOOK, path)
    assert path.read_text().rstrip().endswith("</html>")
    with pytest.raises(OSError):
        write_rulebook(RULEBOOK, tmp_path / "nowhere" / "rulebook.html")
    assert [one.name for one in tmp_path.iterdir()] == ["rulebook.html"]


def test_markdown_below_another_heading() -> None:
    assert cited("One [@b-2]. Two [@a-1] [@b-2].") == ["b-2", "a-1"]
    html = to_html("## Two\n\n### Three [@a-1] [@x]", {"a-1": 7}, deeper=2)
    assert "<h4>Two</h4>" in html and "<h5>Three" in html
    assert 'href="#reference-7"' in html and "x]" not in html
