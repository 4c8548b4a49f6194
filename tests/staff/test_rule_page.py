"""The page of one rule of a submission, and its line on the submission's page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag
from flask.testing import FlaskClient

from screener import store
from tests.every_page import PASSWORD, PROTOCOL, add_staff, case, person
from tests.web import make_app, send, soup, visible

pytestmark = pytest.mark.long


class Clinic:
    """A running site with a nurse, and people by name."""

    def __init__(self, folder: Path) -> None:
        self.app = make_app(folder, limit_start="1000/60")
        add_staff(self.app)
        self.nurse: FlaskClient = self.app.test_client()
        account = {"email": "intake@demo.example", "password": PASSWORD}
        assert send(self.nurse, "/staff/login", account).location == "/staff/"
        self.people: dict[str, str] = {}

    def reference(self, name: str, **changes: Any) -> str:
        """Return the submission of a case with changes, made the first time."""
        key = f"{name} {changes}"
        if key not in self.people:
            given = {**case(name), **changes}
            answers = {id: answer for id, answer in given.items() if answer is not None}
            self.people[key] = person(self.app, answers, submit=True)[1]
        return self.people[key]

    def submission(self, name: str, **changes: Any) -> Tag:
        return soup(self.nurse.get(f"/staff/submissions/{self.reference(name, **changes)}/all"))

    def rule(self, rule: str, name: str, **changes: Any) -> str:
        path = f"/staff/submissions/{self.reference(name, **changes)}/rules/{rule}"
        answer = self.nurse.get(path)
        assert answer.status_code == 200
        return visible(answer)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """Yield one site for the file."""
    made = Clinic(tmp_path_factory.mktemp("clinic"))
    yield made
    with made.app.app_context():
        store.db.engine.dispose()


def text_of(page: Tag, selector: str) -> str:
    element = page.select_one(selector)
    assert element is not None, selector
    return " ".join(element.get_text(" ", strip=True).split())


def test_a_flag_names_the_answers_that_are_enough_and_leads_to_the_rest(clinic: Clinic) -> None:
    page = clinic.submission("V01")
    text = text_of(page, "#flag-first_line_non_drug_care")
    assert (
        "These answers are enough: Longest exercise program since the pain began; "
        "Exercise sessions a week; Benefit of exercise; Therapy sessions; Kinds of therapy. "
        "What would change it" in text
    )
    link = page.select_one("#flag-first_line_non_drug_care a[href*='/rules/']")
    assert link is not None
    assert str(link["href"]).endswith("/rules/first_line_non_drug_care")
    assert clinic.nurse.get(str(link["href"])).status_code == 200


def test_the_page_of_a_rule_that_is_met(clinic: Clinic) -> None:
    text = clinic.rule("first_line_non_drug_care", "V01")
    assert "Met, whatever the missing answers are." in text
    assert "These 5 answers are enough, whatever the others are; no smaller set is:" in text
    assert "One other answer would make it not met:" in text
    assert "Therapy sessions: 5 sessions instead of 8 sessions" in text
    assert "At least six sessions, of CBT, ACT or CBT-I" in text
    assert "Clinic’s own choice: O-11" in text


def test_the_page_of_a_rule_that_cannot_tell_is_never_a_no(clinic: Clinic) -> None:
    text = clinic.rule("fibromyalgia_pattern", "B11")
    assert "Cannot tell: answers are missing. It is not a no." in text
    assert "Symptom severity scale (SSS): 8 to 11; 9 or more is needed" in text
    assert "with “No problem” (0) it would be not met, with “Slight or mild" in text
    certain = clinic.rule("same_family", "V15")
    assert "whatever the missing answers are, it would be not met." in certain
    brief = text_of(clinic.submission("V15"), "#rule-same_family")
    assert "Every way to answer what is missing was tried: it would be not met" in brief


def test_a_pattern_that_one_answer_would_meet_is_shown_as_close(clinic: Clinic) -> None:
    page = clinic.submission("V01", pain_average=3)
    close = [part for part in page.select("details") if "Close to being met" in part.get_text()]
    assert len(close) == 1
    text = " ".join(close[0].get_text(" ", strip=True).split())
    assert text.startswith("Close to being met: 2 that one other answer would make met")
    assert "As a whole: 3 of 4 parts hold" in text
    assert "Average pain, past 7 days: 3 of 10; 4 or more is needed, 1 short" in text
    assert not close[0].has_attr("open")
    assert "Close to being met" not in clinic.submission("V01").get_text()
    reason = clinic.rule("refractory_fibromyalgia", "V01", pain_average=3)
    assert "Average pain, past 7 days: 4 of 10 instead of 3 of 10" in reason
    assert "That does not mean that the person does not have an illness." in reason


def test_what_is_not_met_can_be_asked_for_and_is_no_flag(clinic: Clinic) -> None:
    page = clinic.submission("V01")
    links = [str(link["href"]) for link in page.select("section[aria-labelledby=flags] li > a")]
    outcomes = PROTOCOL.rules.keys()
    ids = {link.rpartition("/")[2] for link in links if "/rules/" in link}
    assert "hold_pregnant" in ids
    assert ids <= set(outcomes)
    assert not page.select("article[id=flag-hold_pregnant]")


def test_every_rule_of_a_submission_has_its_page(clinic: Clinic) -> None:
    # Every third rule of three people, each third another: all forms and outcomes are met.
    for start, name in enumerate(("V01", "B12", "V15")):
        for rule in list(PROTOCOL.rules)[start::3]:
            page = f"/staff/submissions/{clinic.reference(name)}/rules/{rule}"
            answer = clinic.nurse.get(page)
            assert answer.status_code == 200, rule
            shown = soup(answer)
            cited = shown.select('a[href^="#source-"], a[href^="#choice-"]')
            assert all(shown.find(id=str(link["href"])[1:]) for link in cited), rule


def test_looking_is_recorded_and_says_nothing_of_the_rule(clinic: Clinic) -> None:
    reference = clinic.reference("V01")
    with clinic.app.app_context():
        before = len(store.audit_entries(limit=1000))
    clinic.rule("paired_pattern", "V01")
    with clinic.app.app_context():
        newest, *older = store.audit_entries(limit=1000)
    assert len(older) == before
    assert (newest.actor, newest.action, newest.object) == (
        "intake@demo.example",
        "viewed",
        reference,
    )


def test_no_such_rule_and_no_such_submission_differ(clinic: Clinic) -> None:
    reference = clinic.reference("V01")
    answer = clinic.nurse.get(f"/staff/submissions/{reference}/rules/nonsense")
    assert answer.status_code == 404
    assert "There is no such rule" in visible(answer)
    answer = clinic.nurse.get("/staff/submissions/AAAA-AAAA/rules/paired_pattern")
    assert answer.status_code == 404
    assert "There is no such submission" in visible(answer)


def test_nobody_sees_a_rule_without_signing_in(clinic: Clinic) -> None:
    path = f"/staff/submissions/{clinic.reference('V01')}/rules/paired_pattern"
    answer = clinic.app.test_client().get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/staff/login?next=")
