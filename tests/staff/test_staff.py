"""The staff's pages: the queue, a submission, its status and notes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import Tag
from flask import Flask, render_template
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from werkzeug.test import TestResponse
from wtforms import StringField

from screener import phones, staff, staff_forms, store
from screener.access import create_user
from screener.engine.protocol import Protocol, Rulebook
from screener.patient import context, saving
from screener.patient.record import Record
from screener.presenters import queue as queues
from screener.signin import SignInForm
from tests.web import errors, forms, make_app, soup, visible

NURSE, DOCTOR = "nurse@clinic.example", "doctor@clinic.example"
PASSWORD = "correct horse battery"
IDENTITY = {
    "name": "Ana Test",
    "phone": "555-555-0142",
    "location": "Springfield",
    "date_of_birth": "1979-04-27",
}
CLOSE = {"status-status": "closed", "status-note": "wrong person"}
NO_RISK = {"phq9_9": "0", "asq_1": "no", "asq_2": "no", "asq_3": "no", "asq_4": "no"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The whole app with a nurse and a doctor."""
    app = make_app(tmp_path)
    with app.app_context():
        create_user(NURSE, PASSWORD, ["intake"])
        create_user(DOCTOR, PASSWORD, ["physician"])
    yield app
    with app.app_context():
        store.db.engine.dispose()


@pytest.fixture
def nurse(app: Flask) -> FlaskClient:
    """A browser in which the nurse is signed in."""
    return signed_in(app, NURSE)


@pytest.fixture
def doctor(app: Flask) -> FlaskClient:
    """A browser in which the doctor is signed in."""
    return signed_in(app, DOCTOR)


def signed_in(app: Flask, email: str) -> FlaskClient:
    """A browser after signing in."""
    client = app.test_client()
    page = soup(client.get("/staff/login"))
    data = {field["name"]: field.get("value", "") for field in page.select("main input")}
    answer = client.post("/staff/login", data={**data, "email": email, "password": PASSWORD})
    assert answer.status_code == 302, visible(answer)
    return client


def add(
    app: Flask,
    *saves: dict[str, Any],
    submitted: bool = True,
    identity: dict[str, Any] | None = None,
    progress: dict[str, Any] | None = None,
) -> str:
    """Save answers, one dict after the other, maybe submit, and return the reference."""
    with app.app_context():
        book = context.rulebook()
        protocol = book.protocols["fibromyalgia"]
        token = store.start(protocol.id, book.version, book.hash)
        store.save(token, identity={**IDENTITY, **(identity or {})}, progress=progress or {})
        for answers in saves:
            change = settle(protocol, answers, submitted=False)
            store.save(token, change=change)
        if submitted:
            store.submit(token, settle(protocol, saves[-1], submitted=True))
        found = store.load(token)
        assert found is not None
        return found.reference


def settle(protocol: Protocol, answers: dict[str, Any], *, submitted: bool) -> Any:
    """What the patient's side does at a save."""

    def change(questionnaire: store.Questionnaire) -> store.Change:
        record = Record.of(questionnaire)
        return saving.settled(record, protocol.read_answers(answers), submitted=submitted)

    return change


def case(app: Flask, name: str, **changes: Any) -> dict[str, Any]:
    """The answers of a case of the rulebook, with changes; None leaves an answer out."""
    book: Rulebook = app.extensions[context.RULEBOOK]
    found = next(one for one in book.protocols["fibromyalgia"].cases if one.name.startswith(name))
    merged = {**found.answers, **changes}
    return {id: answer for id, answer in merged.items() if answer is not None}


def opened(client: FlaskClient, reference: str) -> TestResponse:
    """The page of a submission."""
    answer = client.get(f"/staff/submissions/{reference}")
    assert answer.status_code == 200
    return answer


def fields(response: TestResponse, action: str) -> dict[str, str]:
    """What a browser would send of the form whose action ends so, untouched."""
    form = forms(response).select_one(f'form[action$="{action}"]')
    assert isinstance(form, Tag)
    inputs = [
        field
        for field in form.select("input")
        if field.get("type") != "radio" or "checked" in field.attrs
    ]
    return {str(field["name"]): str(field.get("value", "")) for field in inputs}


def post(client: FlaskClient, page: TestResponse, action: str, **changes: str) -> TestResponse:
    """Send one of the two forms of a submission page."""
    assert page.request is not None
    data = {**fields(page, action), **changes}
    return client.post(f"{page.request.path.removesuffix('/status')}/{action}", data=data)


def part(page: TestResponse | Tag, selector: str) -> Tag:
    """The one part of a page that is looked for."""
    within = page if isinstance(page, Tag) else soup(page)
    found = within.select_one(selector)
    assert found is not None, selector
    return found


def actions(app: Flask) -> list[tuple[str, str, str]]:
    """The audit log: who, what, on what; the oldest first."""
    with app.app_context():
        assert store.verify_audit() is None
        return [(one.actor, one.action, one.object) for one in reversed(store.audit_entries())]


# --- who may come in -----------------------------------------------------------------------------


def test_nobody_sees_anything_without_signing_in(app: Flask) -> None:
    reference = add(app, case(app, "V02"))
    client = app.test_client()
    for path in ("/staff/", f"/staff/submissions/{reference}", "/staff/submissions/none"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/staff/login?next=")
    for path in ("status", "notes"):
        # 302 to the sign-in or 400 for the missing token: in no case the page.
        answer = client.post(f"/staff/submissions/{reference}/{path}", data={})
        assert answer.status_code in (302, 400)
        assert "Ana Test" not in answer.text
    assert not [one for one in actions(app) if one[1] == "viewed"]


def test_every_staff_endpoint_is_for_staff(app: Flask) -> None:
    endpoints = {r.endpoint for r in app.url_map.iter_rules() if r.endpoint.startswith("staff.")}
    assert endpoints == set(staff.ACCESS)
    assert set(staff.ACCESS.values()) == {("intake", "physician")}


def test_a_wrong_password_says_little_and_keeps_the_address(app: Flask) -> None:
    client = app.test_client()
    data = {
        field["name"]: field.get("value", "")
        for field in soup(client.get("/staff/login")).select("main input")
    }
    answer = client.post("/staff/login", data={**data, "email": NURSE, "password": "not this one"})
    page = soup(answer)
    assert "is not right, or there were too many tries" in visible(answer)
    assert part(page, "#email")["value"] == NURSE
    assert "not this one" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


# --- the queue -----------------------------------------------------------------------------------


def test_the_empty_queue_says_what_would_stand_there(nurse: FlaskClient) -> None:
    assert "Nobody is waiting." in visible(nurse.get("/staff/"))
    assert "Nothing has been decided or closed yet." in visible(nurse.get("/staff/?show=closed"))


def test_the_queue_is_in_order_of_priority_and_says_it_in_words(
    app: Flask, nurse: FlaskClient
) -> None:
    review = add(app, case(app, "V01"))
    unfinished = add(app, {"asq_1": "yes", "asq_5": "yes"}, submitted=False)
    urgent = add(app, case(app, "V05"))
    hold = add(app, case(app, "V07"))
    private = add(app, {"pain_areas": ["neck"]}, submitted=False)
    answer = nurse.get("/staff/")
    rows = soup(answer).select("tbody tr")
    text = [row.get_text(" ", strip=True) for row in rows]
    assert [one.split()[1] for one in text] == ["Emergency", "Urgent", "Hold", "Review"]
    for reference, row in zip((unfinished, urgent, hold, review), text, strict=True):
        assert reference in row
        assert "New" in row
        assert "less than a minute" in row
    assert "Unfinished – risk answer" in text[0]
    assert "Thoughts of suicide right now" in text[0]
    assert re.search(r"Emergency since \d+:\d\d [AP]M", text[0])
    assert "Unfinished" not in text[1]
    assert private not in answer.text  # an unfinished form without a risk answer is the person's
    assert (NURSE, "viewed queue", "") in actions(app)


def test_decided_and_closed_ones_stand_apart(app: Flask, doctor: FlaskClient) -> None:
    reference = add(app, case(app, "V01"))
    post(doctor, opened(doctor, reference), "status", **{"status-status": "decided"})
    assert "Nobody is waiting." in visible(doctor.get("/staff/"))
    assert reference in visible(doctor.get("/staff/?show=closed"))


def test_the_queue_has_pages_and_none_of_them_is_empty(
    app: Flask, nurse: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "SIZE", 2)
    people = [add(app, NO_RISK) for _ in range(5)]
    first = nurse.get("/staff/")
    assert "1 to 2 of 5" in visible(first)
    assert not soup(first).select_one("a[rel=prev]")
    second = nurse.get(str(part(first, "a[rel=next]")["href"]))
    assert "3 to 4 of 5" in visible(second)
    last = nurse.get(str(part(second, "a[rel=next]")["href"]))
    assert "5 to 5 of 5" in visible(last)
    assert not soup(last).select_one("a[rel=next]")
    assert "1 to 2 of 5" in visible(nurse.get(str(part(second, "a[rel=prev]")["href"])))
    # Two of the first page are closed meanwhile: the next page passes nobody over.
    for reference in people[:2]:
        post(nurse, opened(nurse, reference), "status", **CLOSE)
    assert people[2] in nurse.get(str(part(first, "a[rel=next]")["href"])).text
    for nonsense in ("0", "-3", "x", "1e3", "%00", "é" * 300):
        assert "1 to 2 of 3" in visible(nurse.get("/staff/", query_string={"at": nonsense}))
    assert "1 to 2 of 3" in visible(nurse.get("/staff/?show=nonsense"))
    assert not any(reference in str(part(first, "a[rel=next]")["href"]) for reference in people)


NAMES = {
    "\u200b": "Name not given",
    "\u3164": "Name not given",
    "\u0301" * 200: "Name not given",
    "": "Name not given",
    "مريم بنت علي": "مريم بنت علي",
    "\u202eAna": "Ana",
    "Z" + "\u0310" * 200: "Z" + "\u0310" * 200,
    "👩\u200d👩\u200d👧\u200d👦🏴\U000e0067\U000e0062\U000e007f": (
        "👩\u200d👩\u200d👧\u200d👦🏴\U000e0067\U000e0062\U000e007f"
    ),
    "N" * 10_000: "N" * 10_000,  # older than any limit
    "<b>": "<b>",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=lambda name: ascii(name)[:30])
def test_whatever_the_name_the_reference_is_a_link(
    app: Flask, nurse: FlaskClient, name: str, shown: str
) -> None:
    reference = add(app, case(app, "V02"), identity={"name": name})
    row = part(nurse.get("/staff/"), "tbody tr")
    link = part(row, f'a[href="/staff/submissions/{reference}"]')
    assert reference in link.get_text()
    short = shown if len(shown) <= 200 else f"{shown[:200]}…"
    assert part(link, "bdi").get_text() == short
    assert len(row.select("a")) == 1
    page = opened(nurse, reference)
    assert part(page, "h1 bdi").get_text() == short
    assert shown in page.text or shown == "<b>"


def test_a_row_that_does_not_open_has_a_link_too(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V02"))
    with app.app_context(), store.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE submission SET sealed_identity = x'00'"))
    link = part(nurse.get("/staff/"), f'tbody a[href="/staff/submissions/{reference}"]')
    assert link.get_text(" ", strip=True) == f"Cannot be opened {reference}"


# --- a submission --------------------------------------------------------------------------------


def test_staff_are_told_of_numbers_that_cannot_be_read(app: Flask, nurse: FlaskClient) -> None:
    identity = {
        **phones.entries("phone", "555-555-0100/0101", "US"),
        **phones.entries("phone_2", "1-800-FLOWERS", "US"),
        **phones.entries("emergency_phone", "+44 (0)20 7946 0958 #12", "US"),
        "location": "Springfield, IL",
        "location_at": "2026-11-23T14:12:00+00:00",
        "locations_before": [{"place": "\u202eRoute 66", "at": "2026-11-23T13:00:00+00:00"}],
    }
    page = opened(nurse, add(app, case(app, "V02"), identity=identity))
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
    text = visible(opened(nurse, reference))
    assert "Phone Typed, but not taken by the form: 555-555-0177" in text
    assert "E-mail Typed, but not taken by the form: no address" in text


def test_notes_are_tidied_and_one_that_nobody_sees_is_empty(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, NO_RISK)
    answer = post(nurse, opened(nurse, reference), "notes", **{"note-note": "\u200b\u3164 "})
    assert errors(answer) == [("Write the note first.", "#note-note")]
    post(nurse, opened(nurse, reference), "notes", **{"note-note": "\u200fCafe\u0301\r\n2\0 "})
    [event] = store_page(app, reference).events
    assert event.body == {"text": "Café\n2"}


def test_the_headline_is_the_safety_matter_with_the_answers_as_given(
    app: Flask, nurse: FlaskClient
) -> None:
    answers = case(app, "V02", asq_5_detail="At night mostly")
    reference = add(app, answers, progress={"call_requested": "2026-03-01T10:30:00+00:00"})
    answer = opened(nurse, reference)
    head = soup(answer).select_one(".sc-headline")
    assert head is not None
    said = head.get_text(" ", strip=True)
    assert said.startswith("Emergency: Thoughts of suicide right now")
    assert "Are you having thoughts of killing yourself right now? Yes since" in said
    assert "At night mostly" in said
    assert "O-7" in said
    text = visible(answer)
    assert "Asked for a call" in text
    assert "1 Mar 2026" in text
    assert "Ana Test" in text
    assert soup(answer).select_one('a[href="tel:+1-555-555-0142"]')
    assert "Emergency contact Not given" in text
    assert "Rule-based summary of patient-reported answers, rule set v" in text
    assert (NURSE, "viewed", reference) in actions(app)


def test_flags_come_with_evidence_and_sources(app: Flask, nurse: FlaskClient) -> None:
    page = soup(opened(nurse, add(app, case(app, "V01"))))
    flag = page.select_one("#flag-fibromyalgia_pattern")
    assert flag is not None
    said = flag.get_text(" ", strip=True)
    assert "Widespread pain index (WPI)" in said
    assert "12" in said
    assert "Pain in at least four of five regions" in said
    # Every source and choice that is named leads to its entry on the same page.
    links = page.select('a[href^="#source-"], a[href^="#choice-"]')
    assert len(links) > 20
    assert all(page.find(id=str(link["href"])[1:]) for link in links)
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_what_cannot_be_told_is_asked_and_never_shown_as_no(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", symptoms_3_months=None, bp_systolic=None))
    page = soup(opened(nurse, reference))
    assert part(page, ".sc-headline h2").get_text() == ("No safety rule is met by the answers")
    assert "This is not an all-clear." in part(page, ".sc-headline").get_text()
    asked = part(page, "section[aria-labelledby=open]").get_text(" ", strip=True)
    assert "Widespread pain and symptoms that fit the 2016 criteria" in asked
    assert "Top number of your latest blood pressure" in asked
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
    for one in protocol.cases:
        answers = dict(one.answers)
        if answers.get("age", 40) < 18:  # type: ignore[operator]
            continue
        early = {**answers, "phq9_9": "3", "asq_1": "yes", "asq_5": "yes"}
        for reference in (add(app, answers), add(app, early, submitted=False)):
            page = soup(opened(nurse, reference))
            stored = store_page(app, reference)
            outcomes = (stored.questionnaire.screening or {})["flags"]
            flags = {str(tag["id"])[5:]: tag for tag in page.select("article[id]")}
            assert set(flags) == {id for id, said in outcomes.items() if said != "not_met"}
            for id, flag in flags.items():
                tag = flag.find(class_="sc-tag")
                assert tag is not None, id
                expected = {"met": "Met", "unknown": "Cannot tell"}[outcomes[id]]
                assert tag.get_text() == expected, (one.name, id)


def store_page(app: Flask, reference: str) -> store.Submission:
    """A submission as the store has it."""
    with app.app_context():
        found = store.submission(reference)
    assert found is not None
    return found


def test_an_answer_that_was_changed_stays_in_sight(app: Flask, nurse: FlaskClient) -> None:
    before = case(app, "V01", asq_3="yes", asq_5="no")
    answer = opened(nurse, add(app, before, case(app, "V01")))
    page = soup(answer)
    assert part(page, ".sc-headline h2").get_text(" ", strip=True) == (
        "Urgent: an earlier answer on safety, since changed"
    )
    over_time = page.select_one("section[aria-labelledby=safety-answers]")
    assert over_time is not None
    said = over_time.get_text(" ", strip=True)
    assert "2 answers were changed." in said
    assert "Yes" in said
    assert "current answer" in said
    assert "Taken back, left blank" in said


def test_a_safety_rule_that_cannot_be_told_counts_as_met(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, {"phq9_9": "1"}, submitted=False)
    head = soup(opened(nurse, reference)).select_one(".sc-headline")
    assert head is not None
    said = head.get_text(" ", strip=True)
    assert said.startswith("Urgent: cannot tell, so it counts as met")
    assert "Several days (1)" in said
    assert "Not answered" in said


def test_not_sure_not_asked_and_blank_are_told_apart(app: Flask, nurse: FlaskClient) -> None:
    tried = {"sertraline": {"dose_mg": 100, "taken_most_days": "unsure"}}
    changes = {"audit_c_1": 0, "audit_c_2": None, "audit_c_3": None, "pain_average": None}
    answers = case(app, "V15", **changes, medicines_tried=tried)
    page = soup(opened(nurse, add(app, answers)))
    rows = {
        row.dt.get_text(strip=True): row.dd.get_text(" ", strip=True)
        for row in page.select("section[aria-labelledby=answers] .sc-given > div")
        if row.dt and row.dd
    }
    pain = next(said for text, said in rows.items() if "how strong was your pain" in text)
    assert pain == "Not answered"
    assert [said for said in rows.values() if said.startswith("Not asked (counts as")]
    assert "Not sure (left open by the rules)" in page.get_text()
    trial = page.select_one(".sc-trial")
    assert trial is not None
    assert "Cannot tell Still possible: " in trial.get_text(" ", strip=True)


def test_what_was_typed_and_could_not_be_taken_is_shown(app: Flask, nurse: FlaskClient) -> None:
    drafts = {
        "pain_strength": {"pain_average": ["seven <or> eight"]},
        "medicines_tried/sertraline": {"dose_mg": ["two tablets"]},
    }
    answers = {**NO_RISK, "medicines_tried": {"sertraline": {}}}
    text = visible(opened(nurse, add(app, answers, progress={"drafts": drafts})))
    assert "Typed, but not taken as an answer" in text
    assert "seven <or> eight" in text
    assert "Sertraline: What was the highest dose a day" in text
    assert "two tablets" in text


def test_nothing_that_people_type_is_taken_for_markup(app: Flask, nurse: FlaskClient) -> None:
    evil = '<script>alert("x")</script>{{ 7 * 7919 }} 😀 שלום'
    answers = {**NO_RISK, "pain_areas": ["neck"], "pain_other_place": f"{evil}\nline two"}
    reference = add(app, answers, identity={"name": evil, "location": evil, "later_field": evil})
    answer = opened(nurse, reference)
    post(nurse, answer, "notes", **{"note-note": evil})
    for page in (nurse.get("/staff/"), opened(nurse, reference)):
        assert "<script>alert" not in page.text
        assert evil in visible(page)
        assert "55433" not in page.text
    found = soup(opened(nurse, reference))
    assert part(found, "h1 bdi").get_text() == evil
    assert "Later field" in found.get_text()


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


# --- data that are not as they should be ---------------------------------------------------------


def test_under_another_rulebook_only_stored_outcomes_are_shown(
    app: Flask, nurse: FlaskClient
) -> None:
    book: Rulebook = app.extensions[context.RULEBOOK]
    # One that was never kept: what an app has served, it keeps.
    app.extensions[context.RULEBOOK] = replace(book, hash="sha256:" + "0" * 64)
    reference = add(app, case(app, "V02"))
    app.extensions[context.RULEBOOK] = book
    answer = opened(nurse, reference)
    text = visible(answer)
    assert "Screened under another rulebook" in text
    assert "Emergency: Thoughts of suicide right now" in text
    assert not soup(answer).select(".sc-evidence")
    assert "PHQ-9 total: 22" in text
    assert "Not answered" not in part(answer, "section[aria-labelledby=answers]").get_text()
    app.extensions[context.RULEBOOK] = replace(book, protocols={})
    text = visible(opened(nurse, reference))
    assert "no programme called “fibromyalgia”" in text
    assert "suicide_risk_acute" in text
    assert "asq_5" in text


def test_what_would_settle_a_rule_is_shown_as_the_first_edition_stored_it(
    app: Flask, nurse: FlaskClient
) -> None:
    """Without the rules it cannot be worked out: what was stored is shown, else it is said."""
    book: Rulebook = app.extensions[context.RULEBOOK]
    app.extensions[context.RULEBOOK] = replace(book, hash="sha256:" + "0" * 64)
    reference = add(app, {**NO_RISK, "age": 40})
    app.extensions[context.RULEBOOK] = book
    unknown = "nor which answers would settle the rules that cannot tell"
    assert unknown in visible(opened(nurse, reference))
    with app.app_context():
        row = store_page(app, reference).questionnaire
    screening = dict(row.screening or {})
    assert screening["flags"]["hold_pregnant"] == "unknown" and "needed" not in screening
    tamper(app, row.id, "screening", {**screening, "needed": {"hold_pregnant": ["pregnancy"]}})
    answer = opened(nurse, reference)
    assert unknown not in visible(answer)
    question = book.protocols["fibromyalgia"].questions["pregnancy"].text
    assert question in part(answer, "section[aria-labelledby=open]").get_text()


def test_stored_outcomes_that_do_not_fit_are_told(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01"))
    with app.app_context():
        row = store_page(app, reference).questionnaire
        screening = dict(row.screening or {})
        screening["flags"] = {**screening["flags"], "fibromyalgia_pattern": "not_met"}
        tamper(app, row.id, "screening", screening)
    text = visible(opened(nurse, reference))
    assert "fit the 2016 criteria” was not met, is now met" in text


def test_a_stored_answer_that_is_not_known_is_shown_as_it_is(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case(app, "V01"))
    row = store_page(app, reference).questionnaire
    tamper(app, row.id, "answers", {**row.answers, "pain_average": 99, "gone": "old words"})
    text = visible(opened(nurse, reference))
    assert "Some stored answers do not fit the rulebook" in text
    assert "gone; pain_average" in text
    assert "old words" in text


def tamper(app: Flask, id: str, field: str, value: dict[str, Any]) -> None:
    """Put another sealed value into a submission, as nobody should."""
    from screener.store.records import put
    from screener.store.tables import SubmissionRow

    with app.app_context(), store.db.sessionmaker() as session, session.begin():
        row = session.get(SubmissionRow, id)
        assert row is not None
        put(row, field, value)


def test_what_does_not_open_says_so_without_content(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01"))
    with app.app_context(), store.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE submission SET sealed_answers = sealed_identity"))
    answer = nurse.get(f"/staff/submissions/{reference}")
    assert answer.status_code == 500
    assert "This cannot be opened" in visible(answer)
    assert "sealed_answers" in answer.text
    assert "Ana Test" not in answer.text


def test_one_unreadable_row_keeps_its_place_and_hides_nobody_else(
    app: Flask, nurse: FlaskClient
) -> None:
    broken, sound = add(app, case(app, "V02")), add(app, case(app, "V05"))
    with app.app_context(), store.db.engine.begin() as connection:
        statement = sa.text("UPDATE submission SET sealed_identity = x'00' WHERE reference = :one")
        connection.execute(statement, {"one": broken})
    text = visible(nurse.get("/staff/"))
    assert "Cannot be opened" in text
    assert text.index(broken) < text.index(sound)


# --- status and notes ----------------------------------------------------------------------------


def test_status_and_notes_are_kept_with_who_and_when(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V05"))
    answer = post(
        nurse,
        opened(nurse, reference),
        "status",
        **{"status-status": "acknowledged", "status-note": "  Called.\nNo answer.  "},
    )
    assert answer.status_code == 303
    assert answer.location == f"/staff/submissions/{reference}"
    answer = post(nurse, opened(nurse, reference), "notes", **{"note-note": "Second try at 4"})
    assert answer.status_code == 303
    text = visible(opened(nurse, reference))
    assert "Status changed from New to Acknowledged nurse@clinic.example" in text
    assert "Called. No answer." in text
    assert text.index("Second try at 4") < text.index("Called. No answer.")
    log = actions(app)
    assert (NURSE, "status acknowledged", reference) in log
    assert (NURSE, "note", reference) in log
    assert not any("Called" in part for entry in log for part in entry)


@pytest.mark.parametrize("status", ["", "nonsense", "NEW", "<b>"])
def test_a_status_that_is_none_is_refused(app: Flask, nurse: FlaskClient, status: str) -> None:
    page = opened(nurse, add(app, NO_RISK))
    answer = post(nurse, page, "status", **{"status-status": status})
    assert answer.status_code == 400
    assert "Choose a status from the list." in visible(answer)


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30, "0"])
def test_a_revision_that_is_none_counts_as_stale(
    app: Flask, nurse: FlaskClient, revision: str
) -> None:
    page = opened(nurse, add(app, NO_RISK))
    change = {**CLOSE, "status-revision": revision}
    assert post(nurse, page, "status", **change).status_code == 409


def test_a_note_that_cannot_be_taken_stays_in_its_box(app: Flask, nurse: FlaskClient) -> None:
    page = opened(nurse, add(app, NO_RISK))
    answer = post(nurse, page, "notes", **{"note-note": "   "})
    assert answer.status_code == 400
    assert errors(answer) == [("Write the note first.", "#note-note")]
    long = "n" * (staff_forms.LONGEST_NOTE + 7)
    for action, name in (("notes", "note-note"), ("status", "status-note")):
        answer = post(nurse, page, action, **{"status-status": "acknowledged", name: long})
        assert answer.status_code == 400
        assert "Shorten the note by 7 characters" in visible(answer)
        assert long in answer.text


def test_a_page_left_open_too_long_loses_nothing(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, NO_RISK)
    page = opened(nurse, reference)
    answer = post(nurse, page, "notes", **{"csrf_token": "old", "note-note": "typed long ago"})
    assert answer.status_code == 400
    assert "nothing was saved" in visible(answer)
    assert "typed long ago" in part(answer, "#note-note").get_text()
    assert not store_page(app, reference).events
    change = {"csrf_token": "old", "status-status": "closed", "status-note": "also this"}
    answer = post(nurse, page, "status", **change)
    assert answer.status_code == 400
    assert "also this" in part(answer, "#leave-note").get_text()
    assert store_page(app, reference).status == "new"


# --- the second factor ---------------------------------------------------------------------------


def test_the_pages_of_the_second_factor_are_whole(app: Flask) -> None:
    class CodeForm(FlaskForm):  # type: ignore[misc]
        code = StringField("Code")

    # Flask-Security adds these only with a package that is not installed here.
    for name in ("two_factor_token_validation", "two_factor_setup"):
        app.add_url_rule(f"/staff/{name}", f"security.{name}")
    with app.test_request_context("/staff/second-factor"):
        forms = {"two_factor_verify_code_form": CodeForm(), "two_factor_setup_form": CodeForm()}
        page = render_template("staff/second_factor.html", **forms)
        assert "Each code works once" in page
        assert 'name="csrf_token"' in page
        page = render_template("staff/second_factor_setup.html", **forms)
        assert 'name="setup" value="authenticator"' in page
        begun = {"chosen_method": "authenticator", "authr_key": "JBSW Y3DP", "authr_qrcode": "x"}
        page = render_template("staff/second_factor_setup.html", **forms, **begun)
        assert "JBSW Y3DP" in page
        assert 'name="code"' in page
        assert "Confirm that it is you" in render_template(
            "staff/verify.html", verify_form=SignInForm()
        )
