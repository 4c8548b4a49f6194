"""The page of a submission: the headline, flags with their evidence, and the answers as given."""

from flask import Flask
from flask.testing import FlaskClient

from screener import phones
from screener.engine.protocol import Rulebook
from screener.patient import context
from tests.every_page import PROTOCOL
from tests.staff.clinic import (
    NO_RISK,
    NURSE,
    actions,
    add,
    case,
    everything,
    opened,
    part,
    post,
    store_page,
)
from tests.web import soup, visible


def test_staff_are_told_of_numbers_that_cannot_be_read(app: Flask, nurse: FlaskClient) -> None:
    identity = {
        **phones.entries("phone", "555-555-0100/0101", "US"),
        **phones.entries("phone_2", "1-800-FLOWERS", "US"),
        **phones.entries("emergency_phone", "+44 (0)20 7946 0958 #12", "US"),
        "location": "Springfield, IL",
        "location_at": "2026-11-23T14:12:00+00:00",
        "locations_before": [{"place": "\u202eRoute 66", "at": "2026-11-23T13:00:00+00:00"}],
    }
    page = everything(nurse, add(app, case(app, "V02"), identity=identity))
    text = visible(page)
    assert "Could not be read as a phone number; as typed: 555-555-0100/0101" in text
    assert "(800) 356-9377 as typed: 1-800-FLOWERS" in text
    assert "+44 20 7946 0958 x12" in text
    links = [str(link["href"]) for link in soup(page).select('.sc-facts a[href^="tel:"]')]
    assert links == ["tel:+1-800-356-9377", "tel:+44-20-7946-0958;ext=12"]
    assert "Springfield, IL (said Mon 23 Nov 2026, 9:12 AM EST) before:" in text
    assert "Route 66 (said Mon 23 Nov 2026, 8:00 AM EST)" in text
    # What people typed stands in an element of its own direction.
    assert "\u202eRoute 66" in [bdi.get_text() for bdi in soup(page).select(".sc-facts bdi")]


def test_staff_see_contact_details_that_the_form_has_not_taken(
    app: Flask, nurse: FlaskClient
) -> None:
    typed = {"phone": "555-555-0177", "email": "no address"}
    reference = add(app, case(app, "V02"), progress={"contact_typed": typed})
    text = visible(everything(nurse, reference))
    assert "Phone Typed, but not taken by the form: 555-555-0177" in text
    assert "E-mail Typed, but not taken by the form: no address" in text


def test_the_headline_is_the_safety_matter_with_the_answers_as_given(
    app: Flask, nurse: FlaskClient
) -> None:
    answers = case(app, "V02", asq_5_detail="At night mostly")
    reference = add(app, answers, progress={"call_requested": "2026-03-01T10:30:00+00:00"})
    answer = everything(nurse, reference)
    head = soup(answer).select_one(".sc-headline")
    assert head is not None
    words = head.get_text(" ", strip=True)
    assert words.startswith("Emergency: Thoughts of suicide right now")
    assert "Are you having thoughts of killing yourself right now? Yes since" in words
    assert "At night mostly" in words
    assert "O-7" in words
    text = visible(answer)
    assert "Asked for a call" in text
    assert "1 Mar 2026" in text
    assert "Ana Test" in text
    assert soup(answer).select_one('a[href="tel:+1-555-555-0142"]')
    assert "Emergency contact Not given" in text
    assert "Rule-based summary of patient-reported answers, rule set v" in text
    assert (NURSE, "viewed", reference) in actions(app)


def test_flags_come_with_evidence_and_sources(app: Flask, nurse: FlaskClient) -> None:
    page = soup(everything(nurse, add(app, case(app, "V01"))))
    flag = page.select_one("#flag-fibromyalgia_pattern")
    assert flag is not None
    words = flag.get_text(" ", strip=True)
    assert "Widespread pain index (WPI)" in words
    assert "12" in words
    assert "Pain in at least four of five regions" in words
    # Every source and choice that is named leads to its entry on the same page.
    links = page.select('a[href^="#source-"], a[href^="#choice-"]')
    assert len(links) > 20
    assert all(page.find(id=str(link["href"])[1:]) for link in links)
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_a_rule_that_cannot_tell_is_asked_about_and_never_shown_as_no(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case(app, "V01", symptoms_3_months=None, bp_systolic=None))
    page = soup(everything(nurse, reference))
    assert part(page, ".sc-headline h2").get_text() == (
        "No emergency or urgent rule is met by the answers"
    )
    assert "This is not an all-clear." in part(page, ".sc-headline").get_text()
    questions = part(page, "section[aria-labelledby=open]").get_text(" ", strip=True)
    assert "Widespread pain and symptoms that fit the 2016 criteria" in questions
    assert PROTOCOL.questions["bp_systolic"].text in questions
    rule = page.select_one("#rule-fibromyalgia_pattern")
    assert rule is not None
    first = rule.select_one(".sc-evidence > li > .sc-evidence__line")
    assert first is not None
    assert first.get_text(" ", strip=True) == "Cannot tell All of these"
    assert "not answered" in rule.get_text()


def test_every_case_of_the_rulebook_can_be_read_finished_and_unfinished(
    app: Flask, nurse: FlaskClient
) -> None:
    book: Rulebook = app.extensions[context.RULEBOOK]
    protocol = book.protocols["fibromyalgia"]
    for written in protocol.cases:
        answers = dict(written.answers)
        if answers.get("age", 40) < 18:  # type: ignore[operator]
            continue
        early = {**answers, "phq9_9": "3", "asq_1": "yes", "asq_5": "yes"}
        for reference in (add(app, answers), add(app, early, submitted=False)):
            page = soup(everything(nurse, reference))
            stored = store_page(app, reference)
            outcomes = (stored.questionnaire.screening or {})["flags"]
            flags = {str(tag["id"])[5:]: tag for tag in page.select("article[id]")}
            assert set(flags) == {id for id, outcome in outcomes.items() if outcome != "not_met"}
            for id, flag in flags.items():
                tag = flag.find(class_="sc-tag")
                assert tag is not None, id
                expected = {"met": "Met", "unknown": "Cannot tell"}[outcomes[id]]
                assert tag.get_text() == expected, (written.name, id)


def test_an_answer_that_was_changed_stays_in_sight(app: Flask, nurse: FlaskClient) -> None:
    before = case(app, "V01", asq_3="yes", asq_5="no")
    answer = everything(nurse, add(app, before, case(app, "V01")))
    page = soup(answer)
    assert part(page, ".sc-headline h2").get_text(" ", strip=True) == (
        "Urgent: an earlier answer on safety, since changed"
    )
    over_time = page.select_one("section[aria-labelledby=safety-answers]")
    assert over_time is not None
    words = over_time.get_text(" ", strip=True)
    assert "2 answers were changed." in words
    assert "Yes" in words
    assert "current answer" in words
    assert "Taken back, left blank" in words


def test_a_safety_rule_that_cannot_tell_counts_as_met(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, {"phq9_9": "1"}, submitted=False)
    head = soup(everything(nurse, reference)).select_one(".sc-headline")
    assert head is not None
    words = head.get_text(" ", strip=True)
    assert words.startswith("Urgent: cannot tell, so it counts as met")
    assert "Several days (1)" in words
    assert "Not answered" in words


def test_not_sure_not_asked_and_blank_are_told_apart(app: Flask, nurse: FlaskClient) -> None:
    tried = {"sertraline": {"dose_mg": 100, "taken_most_days": "unsure"}}
    changes = {"audit_c_1": 0, "audit_c_2": None, "audit_c_3": None, "pain_average": None}
    answers = case(app, "V15", **changes, medicines_tried=tried)
    page = soup(everything(nurse, add(app, answers)))
    rows = {
        row.dt.get_text(strip=True): row.dd.get_text(" ", strip=True)
        for row in page.select("section[aria-labelledby=answers] .sc-given > div")
        if row.dt and row.dd
    }
    assert rows[PROTOCOL.questions["pain_average"].text] == "Not answered"
    assert [shown for shown in rows.values() if shown.startswith("Not asked (counts as")]
    assert "Not sure (left open by the rules)" in page.get_text()
    trial = page.select_one(".sc-trial")
    assert trial is not None
    assert "Cannot tell Still possible: " in trial.get_text(" ", strip=True)


def test_what_was_typed_and_could_not_be_taken_is_shown(app: Flask, nurse: FlaskClient) -> None:
    drafts = {
        "about_you": {"pain_average": ["seven <or> eight"]},
        "medicines_tried/sertraline": {"dose_mg": ["two tablets"]},
    }
    answers = {**NO_RISK, "medicines_tried": {"sertraline": {}}}
    text = visible(everything(nurse, add(app, answers, progress={"drafts": drafts})))
    assert "Typed, but not taken as an answer" in text
    assert "seven <or> eight" in text
    assert f"Sertraline: {PROTOCOL.table.column('dose_mg').text}" in text
    assert "two tablets" in text


def test_nothing_that_people_type_is_taken_for_markup(app: Flask, nurse: FlaskClient) -> None:
    evil = '<script>alert("x")</script>{{ 7 * 7919 }} 😀 שלום'
    answers = {**NO_RISK, "pain_areas": ["neck"], "pain_other_place": f"{evil}\nline two"}
    reference = add(app, answers, identity={"name": evil, "location": evil, "later_field": evil})
    everything(nurse, reference)
    post(nurse, opened(nurse, reference), "act", **{"act-do": "note", "act-text": evil})
    for page in (nurse.get("/staff/"), everything(nurse, reference)):
        assert "<script>alert" not in page.text
        assert evil in visible(page)
        assert "55433" not in page.text
    submission = soup(everything(nurse, reference))
    assert part(submission, "h1 bdi").get_text() == evil
    assert "Later field" in submission.get_text()


def test_a_reference_is_found_however_it_is_typed_and_others_are_404(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case(app, "V01"))
    private = add(app, {"pain_areas": ["neck"]}, submitted=False)
    assert opened(nurse, reference.lower().replace("-", ""))
    for unknown in ("AAAA-AAAA", "x", "%00", "a" * 500, private, "..%2F..%2Fetc"):
        answer = nurse.get(f"/staff/submissions/{unknown}")
        assert answer.status_code == 404
    assert "There is no such submission" in visible(nurse.get("/staff/submissions/AAAA-AAAA"))


def test_staff_see_where_it_hurts_as_a_picture_and_in_words(app: Flask, nurse: FlaskClient) -> None:
    page = soup(everything(nurse, add(app, case(app, "V02", pain_areas=["neck", "hip_left"]))))
    section = page.select_one('section[aria-labelledby="body"]')
    assert section is not None
    ticked = {part["data-place"] for part in section.select(".sc-body__part--ticked")}
    assert ticked == {"neck", "hip_left"}
    assert [line.get_text() for line in section.select("li")] == ["Left hip or buttock", "Neck"]


def test_no_picture_says_that_nothing_hurts_where_that_was_not_answered(
    app: Flask, nurse: FlaskClient
) -> None:
    blank = {id: answer for id, answer in case(app, "V02").items() if id != "pain_areas"}
    page = soup(everything(nurse, add(app, blank)))
    assert page.select(".sc-body") == []
    assert page.select('a[href="#body"]') == []


def test_the_answer_that_tells_of_danger_stands_before_the_noes_that_contradict_it(
    app: Flask, nurse: FlaskClient
) -> None:
    noes = dict.fromkeys(("asq_1", "asq_2", "asq_3", "asq_4"), "no")
    reference = add(app, case(app, "V01", phq9_9=2, **noes))
    head = part(opened(nurse, reference), ".sc-headline")
    assert "although all ASQ answers are no" in head.get_text()
    first = head.select_one(".sc-given > div")
    assert first is not None and "More than half the days" in first.get_text()
