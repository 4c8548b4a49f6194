"""Invariants, intended overlaps and what is proved, in the document to sign."""

import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from screener.booklet.booklet import booklet
from screener.booklet.html import printed
from screener.cli import main
from screener.engine.proof.report import REPORT, Report, Statement
from screener.engine.rulebook.load import load
from screener.places import shipped
from tests.booklet.book import BOOK, plain, sentences, text_of
from tests.engine.answers import RULEBOOK


def always(id: str) -> list[tuple[str, list[str]]]:
    """Return the claims of an invariant, each with the word before it and all its sentences."""
    [view] = [shared.view for shared in BOOK.invariants if shared.view.id == id]
    return [(word, [part.words for part in sentences(claim)]) for word, claim in view.claims]


def test_invariants_and_overlaps_are_in_it_and_shared_ones_once() -> None:
    ids = [shared.view.id for shared in BOOK.invariants]
    assert len(ids) == len(set(ids))
    overlaps = [shared.view.id for shared in BOOK.overlaps]
    assert len(overlaps) == len(set(overlaps))
    for protocol in RULEBOOK.protocols.values():
        assert {invariant.text.id for invariant in protocol.invariants} <= set(ids)
        assert {overlap.id for overlap in protocol.intended_overlaps} <= set(overlaps)
    only = {shared.view.id: shared.only for shared in BOOK.invariants}
    assert only["positive_safety_answer_is_urgent"] == ()
    assert only["pairing_only_with_its_parts"] == ("Pain, mood and treatments",)


def test_claims_are_printed_in_words_made_from_them() -> None:
    assert always("depression_resistant_only_with_its_parts") == [
        ("If", [
            "“Two or more antidepressants failed in this episode, with PHQ-9 of 10 or more” is met",
        ]),
        ("Then", [
            "All of these:",
            "“Antidepressants that failed an adequate trial in this episode” is 2 or more",
            "The number of different active ingredients with a trial that counts as “Taken for low "
            "mood” is 2 or more",
            "“PHQ-9 total” is 10 or more",
            "“History of bipolar disorder, mania or psychosis; the unipolar definition does not "
            "apply” is not met",
        ]),
    ]  # fmt: skip
    [(_, safety), (_, then)] = always("blank_safety_answer_is_urgent")
    assert "“Wished to be dead, past few weeks” has no answer" in safety
    assert then == ["The priority is urgent or higher"]
    [(_, age), (_, then)] = always("under_age_nothing_is_told")
    assert age == ["“Age” is less than 18 years"]
    assert "The priority is ineligible" in then
    assert then[-1] == "No rule except “Under 18 years old” is met or not met"
    assert always("every_input_is_asked")[1] == ("Then", ["Every rule is met or not met"])
    [(_, _), (word, kept)] = always("other_diagnoses_change_nothing")
    assert (word, kept) == (
        "Stays the same",
        ["“Widespread pain and symptoms that fit the 2016 criteria”"],
    )
    worse = dict(always("a_worse_answer_never_lowers_the_priority"))
    assert "“No” → “Prefer not to answer” → “Yes”:" in worse["A worse answer to"]
    assert worse["Never lowers"] == ["The priority of the submission"]
    assert dict(always("one_more_area_never_lowers_a_score"))["One more tick in"]
    assert always("a_hold_is_never_lowered")[0] == ("If", ["A rule of priority hold is met"])
    assert always("bands_are_whole")[0][1][1:] == ["“PHQ-9 total”", "“GAD-7 total”"]


def test_intended_overlaps_are_printed_with_their_reason(page: BeautifulSoup) -> None:
    words = {shared.view.id: shared.view.words for shared in BOOK.overlaps}
    assert words["item9_and_inconsistent"].endswith("are met for the same people.")
    assert "is met only where" in words["resistant_depression_is_depression"]
    assert words["bipolar_2_three_ways"].endswith("are met.")
    assert "changes nothing" in words["two_failed_classes_named_first"]
    assert "pain_classes_failed" not in words["two_failed_classes_named_first"]
    text = text_of(page)
    for protocol in RULEBOOK.protocols.values():
        for invariant in protocol.invariants:
            assert plain(invariant.text.says) in text
        for overlap in protocol.intended_overlaps:
            assert plain(overlap.because) in text


def test_a_changed_claim_changes_the_document(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    file = rules / "common" / "invariants.yaml"
    file.write_text(file.read_text().replace("      - phq9 >= 10\n", "      - phq9 >= 9\n"))
    views = {shared.view.id: shared.view for shared in booklet(load(rules)).invariants}
    claims = views["depression_resistant_only_with_its_parts"].claims
    assert "“PHQ-9 total” is 9 or more" in [part.words for part in sentences(claims[1][1])]


def test_a_number_has_no_order_of_options(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    file = rules / "fibromyalgia" / "invariants.yaml"
    more = (
        "invariants:\n"
        "  - id: more_pain_never_lowers_the_priority\n"
        "    says: More pain never lowers the priority.\n"
        "    worse: {pain_average: []}\n    never_lowers: [priority]\n    choice: O-11\n"
    )
    file.write_text(file.read_text().replace("invariants:\n", more, 1))
    [view] = [
        shared.view
        for shared in booklet(load(rules)).invariants
        if shared.view.id == "more_pain_never_lowers_the_priority"
    ]
    words = [part.words for part in sentences(view.claims[0][1])]
    assert words == ["A higher number:", "“Average pain, past 7 days”"]


def report(*statements: Statement, hash: str = RULEBOOK.hash) -> Report:
    return Report(hash, RULEBOOK.version, "z3 5.4.1", statements)


def statement(subject: str, verdict: str = "proved", **more: object) -> Statement:
    fields = {
        "protocol": "fibromyalgia",
        "sort": "invariant",
        "says": f"{subject} says so.",
        **more,
    }
    return Statement(subject=subject, verdict=verdict, **fields)  # type: ignore[arg-type]


def verdicts_in(html: str) -> dict[str, str]:
    """Return for each invariant the text of its proof, or "" if it has none."""
    page = BeautifulSoup(html, "html.parser")
    verdicts = {}
    for article in page.select("[id^=always-]"):
        proof = [row for row in article.select("dl > div") if row.dt and row.dt.text == "Proof"]
        text = plain(proof[0].dd.get_text(" ")) if proof and proof[0].dd else ""
        verdicts[str(article["id"]).removeprefix("always-")] = text
    return verdicts


def test_without_a_report_it_says_that_nothing_is_proved() -> None:
    html = printed(RULEBOOK, [])
    text = text_of(BeautifulSoup(html, "html.parser"))
    assert text.count("These rules have not been proved yet.") == 2
    assert "There is no report of proofs for these rules. Run screener prove --write" in text
    assert "Proofs are about the rules as they are written, not about medicine." in text
    assert set(verdicts_in(html).values()) == {""}


def test_a_report_of_other_rules_proves_nothing() -> None:
    other = "sha256:" + "0f" * 32
    html = printed(RULEBOOK, [], report(statement("bands_are_whole"), hash=other))
    text = text_of(BeautifulSoup(html, "html.parser"))
    assert "These rules have not been proved yet." in text
    version = RULEBOOK.version
    assert f"The report of proofs is for another version, {version} ( {other} )" in text
    assert set(verdicts_in(html).values()) == {""}
    assert "are proved" not in text


def test_each_statement_shows_its_verdict_and_how() -> None:
    html = printed(
        RULEBOOK,
        [],
        report(
            statement("bands_are_whole", sets=1),
            statement("worse_item_never_lowers_a_score", sets=262_144),
            statement("worse_item_never_lowers_a_score", sets=65_536),
            statement("a_hold_is_never_lowered"),
        ),
    )
    text = text_of(BeautifulSoup(html, "html.parser"))
    assert "All 4 statements about these rules are proved , for exactly this version" in text
    assert f"{RULEBOOK.version} ( {RULEBOOK.hash} ), by the solver z3 5.4.1" in text
    assert "3 of them also by trying 327,681 answer sets one by one" in text
    assert "not been proved" not in text
    shown = verdicts_in(html)
    assert shown["worse_item_never_lowers_a_score"] == (
        "Proved by trying 327,680 answer sets one by one and by the solver, as 2 statements"
    )
    assert shown["a_hold_is_never_lowered"] == "Proved by the solver"
    # Nothing is taken for proved that the report does not name.
    assert shown["every_input_is_asked"] == "Not proved The report does not mention it."


def test_what_failed_and_what_was_not_proved_is_named() -> None:
    html = printed(
        RULEBOOK,
        [],
        report(
            statement("bands_are_whole"),
            statement("bands_are_whole", "failed", says="phq9: 10 to 14 lie in no band", why="…"),
            statement("bands_are_whole", "not proved", why="time-out"),
            statement("a_hold_is_never_lowered", "not proved", why="time-out: <30 s>"),
            *(
                statement("under_18", "failed", sort="rule", why="under_18 is dead", protocol=id)
                for id in RULEBOOK.protocols
            ),
        ),
    )
    page = BeautifulSoup(html, "html.parser")
    text = text_of(page)
    assert "1 of 6 statements about these rules are proved" in text
    assert "All 6" not in text
    failed, open_ = (
        [plain(item.get_text(" ")) for item in names.select("li")]
        for names in page.select(".rb-names")
    )
    assert failed == [
        "phq9: 10 to 14 lie in no band Only in “Pain, mood and treatments” bands_are_whole",
        "under_18 is dead under_18",
    ]
    assert open_[1].startswith("a_hold_is_never_lowered says so: time-out: <30 s>")
    shown = verdicts_in(html)
    assert shown["bands_are_whole"].startswith("Does not hold by the solver, as 3 statements")
    assert "phq9: 10 to 14 lie in no band" in shown["bands_are_whole"]
    assert shown["a_hold_is_never_lowered"] == "Not proved time-out: <30 s>"


def test_the_command_takes_the_report_that_lies_beside_the_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    (rules / REPORT).unlink(missing_ok=True)
    (rules / "proofs.json").unlink(missing_ok=True)
    out = tmp_path / "rulebook.html"
    assert main(["rulebook", "-o", str(out), "--rules", str(rules)]) == 0
    assert "have not been proved yet" in out.read_text()
    made = report(statement("bands_are_whole"))
    (rules / REPORT).write_text("\n".join(made.lines()))
    assert main(["rulebook", "-o", str(out), "--rules", str(rules)]) == 0
    assert "have not been proved yet" not in out.read_text()
    (rules / REPORT).write_text("{}")
    assert main(["rulebook", "-o", str(out), "--rules", str(rules)]) == 0
    assert f"{REPORT}, line 1: found" in capsys.readouterr().err
    assert f"{REPORT}, line 1: found" in out.read_text()


def test_a_source_of_a_statement_is_a_source_that_is_used() -> None:
    used = {view.reference.id for view in BOOK.references if view.used}
    for protocol in RULEBOOK.protocols.values():
        for invariant in protocol.invariants:
            assert set(invariant.text.reference) <= used
    choice = next(view for view in BOOK.choices if view.id == "O-7")
    assert any(re.fullmatch(r"\d+ statements?", used) for used in choice.used)
