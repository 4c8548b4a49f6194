"""The printed file: it needs nothing else, and its links and headings hold."""

from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from screener.booklet.html import Signed, printed, write_rulebook
from screener.markdown import cited, to_html
from tests.booklet.book import plain, text_of
from tests.engine.answers import RULEBOOK


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
                if option.retired:
                    gone = "Offered no more, and read where it was chosen. In its place: "
                    assert gone + plain(option.retired) in text
            for old in question.replaces:
                assert f"In place of {old} : answers under that name" in text
        for topic in protocol.head.education_for_all:
            assert f"“{plain(protocol.topics[topic].title)}”" in text
        for row in protocol.row_conditions.values():
            assert plain(row.title) in text
        for rule in protocol.rules.values():
            assert plain(rule.title) in text and plain(rule.staff) in text
            assert plain(rule.reported) in text
            for case in rule.cases:
                assert plain(case.name) in text
            if rule.speaks_for:
                assert f"Speaks for {' , '.join(rule.speaks_for)} : where both are met" in text
            if rule.remark:
                assert (
                    f"“{plain(rule.remark)}”, in the first line of {' , '.join(rule.remark_on)}"
                    in text
                )
            for condition in rule.conditions:
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
                dose = f"{trial.dose_mg} {medicine.unit} a day"
                assert f"{dose}, {trial.weeks} weeks" in text
        if medicine.highest_usual is not None:
            usual = f"{medicine.highest_usual:,} {medicine.unit} a day"
            assert f"Usual highest {usual}; above {medicine.unlikely_dose:,}" in text
        if medicine.highest_on_label is not None:
            label = f"{medicine.highest_on_label.dose_mg:,} {medicine.unit} a day"
            assert f"Highest on the label {label}" in text
    assert "Taken now: Dextromethorphan (cough “DM”, NyQuil, Auvelity); Bupropion" in text
    assert "20 mg a day is the highest where “Age” is more than 60 years" in text
    assert "2.8 mg a day is adequate where “Age” is 65 years or more or" in text
    assert "[@" not in text


def test_it_says_of_which_pages_the_browser_keeps_typing(page: BeautifulSoup) -> None:
    pages = [page for p in RULEBOOK.protocols.values() for page in p.pages]
    kept = {plain(page.title) for page in pages if page.keep_typing}
    assert 0 < len(kept) < len({page.title for page in pages})
    for shown in page.select(".rb-page:has(> h4)"):
        assert shown.h4 is not None
        title = text_of(shown.h4).partition(". ")[2]
        if title:  # not what is asked before the first page
            assert ("What is typed here stays" in text_of(shown)) == (title in kept), title


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
    assert "Not recorded in this copy" in printed(RULEBOOK)


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "rulebook.html"
    write_rulebook(RULEBOOK, path)
    assert path.read_text().rstrip().endswith("</html>")
    with pytest.raises(OSError):
        write_rulebook(RULEBOOK, tmp_path / "nowhere" / "rulebook.html")
    assert [path.name for path in tmp_path.iterdir()] == ["rulebook.html"]


def test_markdown_below_another_heading() -> None:
    assert cited("One [@b-2]. Two [@a-1] [@b-2].") == ["b-2", "a-1"]
    html = to_html("## Two\n\n### Three [@a-1] [@x]", {"a-1": 7}, deeper=2)
    assert "<h4>Two</h4>" in html and "<h5>Three" in html
    assert 'href="#reference-7"' in html and "x]" not in html
