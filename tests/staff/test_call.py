"""The call script: what is asked, what is kept of the answers, and what the rules say with them."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.adoption import adopt
from tests import every_page
from tests.clock import Clock
from tests.editions import edition
from tests.staff.clinic import (
    DOCTOR,
    NO_RISK,
    NURSE,
    PASSWORD,
    actions,
    add,
    case,
    everything,
    opened,
    part,
    store_page,
)
from tests.web import send, soup, visible

HEARD = {"call-how": "phone", "call-by": "person"}


def script(client: FlaskClient, reference: str) -> TestResponse:
    """Return the call script of a submission."""
    answer = client.get(f"/staff/submissions/{reference}/call")
    assert answer.status_code == 200, answer.text
    return answer


def names(page: TestResponse) -> list[str]:
    """Return what is asked, by path, in the order of the page."""
    fields = soup(page).select("form[action$='/call'] select[name^=none-]")
    return [str(field["name"]).removeprefix("none-") for field in fields]


def take(client: FlaskClient, reference: str, **answers: Any) -> TestResponse:
    """Send answers from the call script as it stands."""
    page = script(client, reference)
    form = part(page, "form[action$='/call']")
    hidden = {str(f["name"]): str(f["value"]) for f in form.select("input[type=hidden]")}
    return client.post(f"/staff/submissions/{reference}/call", data={**hidden, **HEARD, **answers})


def errors(page: TestResponse) -> list[str]:
    return [tag.get_text(" ", strip=True) for tag in soup(page).select(".nhsuk-error-message")]


def test_safety_comes_first_then_the_rule_that_needs_fewest(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", asq_1=None, phq9_9=None, pregnancy=None))
    page = script(nurse, reference)
    asked = names(page)
    assert asked[:2] == ["phq9_9", "asq_1"]
    assert "pregnancy" in asked[2:]
    assert len(asked) == len(set(asked))
    text = visible(page)
    assert "Thoughts that you would be better off dead" in text
    assert "Why: left blank" in text


def test_answers_are_kept_apart_and_the_outcome_changes(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", bp_systolic=None, bp_diastolic=None))
    before = store_page(app, reference)
    assert take(nurse, reference, bp_systolic="182", bp_diastolic="121").status_code == 303
    after = store_page(app, reference)
    assert after.questionnaire.answers == before.questionnaire.answers
    assert after.questionnaire.screening == before.questionnaire.screening
    (event,) = store.phone_events(after)
    assert (event.actor, event.body["how"], event.body["by"]) == (NURSE, "phone", "person")
    assert event.body["answers"]["bp_systolic"] == {"value": 182, "own": None}
    assert store.seriousness(after.questionnaire.priority) < store.seriousness(
        before.questionnaire.priority
    )
    page = script(nurse, reference)
    assert "bp_systolic" not in names(page)[:5]
    changed = part(page, "section[aria-labelledby=taken] table")
    assert "182" in changed.get_text()
    assert (NURSE, "answers taken down", reference) in actions(app)


def test_what_is_valid_is_saved_and_nothing_else_is_lost(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", bp_systolic=None, bp_diastolic=None, pregnancy=None))
    answer = take(nurse, reference, bp_systolic="very high", bp_diastolic="80")
    assert answer.status_code == 400
    assert len(errors(answer)) == 1
    page = soup(answer)
    assert part(page, "[name=bp_systolic]")["value"] == "very high"
    assert page.select_one("[name=call-by][checked]") is not None
    assert "1 entry is saved" in visible(answer)
    assert set(store.phone_answers_of(store_page(app, reference))) == {"bp_diastolic"}


def test_without_who_answers_nothing_is_saved_or_lost(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", bp_systolic=None))
    answer = take(nurse, reference, bp_systolic="120", **{"call-by": ""})
    assert answer.status_code == 400
    assert part(answer, "[name=bp_systolic]")["value"] == "120"
    assert not store_page(app, reference).events
    nothing = take(nurse, reference)
    assert nothing.status_code == 400
    assert "Nothing was entered" in visible(nothing)


def test_no_answer_is_no_answer(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", asq_1=None))
    assert take(nurse, reference, **{"none-asq_1": "declined"}).status_code == 303
    stored = store_page(app, reference)
    assert not store.phone_answers_of(stored)
    assert not stored.risk_answers or all(a.question != "asq_1" for a in stored.risk_answers)
    page = script(nurse, reference)
    assert names(page)[0] == "asq_1"
    assert f"Asked already: Declined to answer (asked on the phone by {NURSE}" in visible(page)
    both = take(nurse, reference, **{"none-asq_1": "unknown", "asq_1": "no"})
    assert both.status_code == 400
    assert "Leave one of the two" in visible(both)
    assert len(store_page(app, reference).events) == 1


def test_danger_told_on_the_phone_raises_as_if_on_the_form(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    blank = {**NO_RISK, "asq_1": None, "asq_5": None}
    reference = add(app, case(app, "V01", **blank))
    nurse_page = opened(nurse, reference)
    assert "Emergency" not in part(nurse_page, ".sc-subject__marks").get_text()
    revision = store_page(app, reference).revision
    with app.app_context():
        store.set_status(reference, "acknowledged", NURSE, revision, role="intake")
    before = store_page(app, reference)
    assert take(nurse, reference, asq_1="yes").status_code == 303
    urgent = store_page(app, reference)
    assert urgent.questionnaire.priority in ("urgent", "emergency")
    assert urgent.status == "new" and urgent.risk
    assert urgent.waiting_since > before.waiting_since
    assert urgent.standing.dangers == ("suicide",)
    kept = [(a.question, a.value, a.taken_by) for a in urgent.risk_answers if a.taken_by]
    assert kept == [("asq_1", "yes", NURSE)]
    assert "asq_5" in names(script(doctor, reference))
    assert take(doctor, reference, asq_5="yes").status_code == 303
    assert store_page(app, reference).questionnaire.priority == "emergency"
    # What is said later lowers nothing.
    assert take(nurse, reference, asq_5="no", asq_1="no").status_code == 303
    assert store_page(app, reference).questionnaire.priority == "emergency"
    queue = visible(nurse.get("/staff/"))
    assert "Answers taken down on the phone or in person" in queue
    text = visible(everything(nurse, reference))
    assert f"asked on the phone by {DOCTOR}" in text
    assert "Back to New from Acknowledged: an answer that staff took down" in text


def test_two_people_at_once_both_keep_theirs(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    reference = add(app, case(app, "V01", bp_systolic=None))
    page = script(nurse, reference)
    form = part(page, "form[action$='/call']")
    hidden = {str(f["name"]): str(f["value"]) for f in form.select("input[type=hidden]")}
    assert take(doctor, reference, bp_systolic="130").status_code == 303
    path = f"/staff/submissions/{reference}/call"
    for _ in range(2):  # the button was pressed twice
        late = nurse.post(path, data={**hidden, **HEARD, "bp_systolic": "150"})
        assert late.status_code == 303
    stored = store_page(app, reference)
    said = store.taken_down(stored)["bp_systolic"]
    assert [(each.value, each.actor) for each in said] == [(130, DOCTOR), (150, NURSE)]
    assert store.phone_answers_of(stored)["bp_systolic"].value == 150
    assert "a later answer stands" in visible(script(nurse, reference))


def test_a_column_of_a_medicine_is_asked_by_its_name(app: Flask, nurse: FlaskClient) -> None:
    answers = case(app, "V01")
    rows = {id: dict(cells) for id, cells in answers["medicines_tried"].items()}
    medicine = next(id for id, cells in rows.items() if "weeks" in cells)
    del rows[medicine]["weeks"]
    reference = add(app, {**answers, "medicines_tried": rows})
    path = f"medicines_tried.{medicine}.weeks"
    page = script(nurse, reference)
    assert path in names(page)
    label = part(page, f'label[for="{path}"]').get_text()
    assert label.lower().startswith(medicine)
    assert take(nurse, reference, **{path: "3"}).status_code == 400  # weeks, or months?
    assert take(nurse, reference, **{path: "3 months"}).status_code == 303
    stored = store_page(app, reference)
    assert store.answers_with_phone(stored)["medicines_tried"][medicine]["weeks"] == 13
    assert "weeks" not in stored.questionnaire.answers["medicines_tried"][medicine]


def test_a_page_rests_on_either_screening(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", pregnancy=None))
    take(nurse, reference, pregnancy="pregnant")
    page = everything(nurse, reference)
    assert "This page rests on the form with these answers" in visible(page)
    assert part(page, "#flag-hold_pregnant")
    assert "Told staff: “" in visible(page)
    assert f"asked on the phone by {NURSE}" in part(page, "#answers ~ details .sc-said").get_text()
    alone = nurse.get(f"/staff/submissions/{reference}/all?under=form")
    assert soup(alone).select_one("#flag-hold_pregnant") is None
    rule = nurse.get(f"/staff/submissions/{reference}/rules/hold_pregnant")
    assert "It reads answers that staff took down" in visible(rule)
    evidence = part(rule, ".sc-evidence").get_text(" ", strip=True)
    assert f"asked on the phone by {NURSE}" in evidence


def test_a_helper_is_heard_and_asked_again(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", asq_1=None))
    take(nurse, reference, asq_1="no", **{"call-by": "helper", "call-how": "person"})
    page = script(nurse, reference)
    assert names(page)[0] == "asq_1"
    assert "ask again without the person who helped" in visible(page)
    take(nurse, reference, asq_1="no")
    assert "asq_1" not in names(script(nurse, reference))[:1]


def test_what_no_page_sends_and_nobody_may_see_is_refused(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", asq_1=None))
    assert take(nurse, reference, nonsense="1").status_code == 400
    assert take(nurse, reference, age="12").status_code == 400
    assert take(nurse, reference, **{"medicines_tried.nothing.weeks": "1"}).status_code == 400
    own = add(app, {**case(app, "V01"), **NO_RISK}, submitted=False)
    assert nurse.get(f"/staff/submissions/{own}/call").status_code == 404
    assert nurse.get("/staff/submissions/AAAA-AAAA/call").status_code == 404


def test_the_persons_pages_show_nothing_of_it(app: Flask, nurse: FlaskClient) -> None:
    blank = {id: answer for id, answer in every_page.case("V01").items() if id != "asq_1"}
    client, reference = every_page.person(app, blank, submit=True)
    before = store_page(app, reference).questionnaire
    pages = [visible(client.get(path)) for path in ("/results", "/received", "/help", "/")]
    take(nurse, reference, asq_1="yes", asq_5="yes", pregnancy="pregnant")
    after = store_page(app, reference).questionnaire
    assert after.priority == "emergency" != before.priority
    changed = {key for key in after.progress if after.progress[key] != before.progress.get(key)}
    assert {"highest", "phoned"} <= changed <= {"highest", "dangers", "phoned"}
    assert [visible(client.get(p)) for p in ("/results", "/received", "/help", "/")] == pages


def test_a_person_at_the_form_lowers_nothing_and_sees_no_help_for_it(
    app: Flask, nurse: FlaskClient
) -> None:
    client, reference = every_page.person(app, {"asq_1": "yes", "asq_5": "no"}, last="safety")
    assert store_page(app, reference).questionnaire.priority == "urgent"
    take(nurse, reference, asq_5="yes")
    assert store_page(app, reference).questionnaire.priority == "emergency"
    every_page.fill_page(client, "about_you", {"sex": "female"})
    stored = store_page(app, reference)
    assert stored.questionnaire.priority == "emergency"
    assert stored.questionnaire.answers["asq_5"] == "no"
    assert "suicide_risk_acute" not in stored.questionnaire.progress["help_met"]
    # The person says it on the form too: then theirs is the later word.
    every_page.fill_page(client, "safety", {"asq_1": "yes", "asq_5": "declined"})
    stored = store_page(app, reference)
    assert "asq_5" not in store.phone_answers_of(stored)
    assert store.answers_with_phone(stored)["asq_5"] == "declined"


def test_a_new_edition_is_asked_about_what_was_taken_down(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", pregnancy=None))
    take(nurse, reference, pregnancy="pregnant")
    assert store_page(app, reference).questionnaire.priority == "hold"
    stricter = edition(raised={"hold_pregnant": "urgent"})
    with app.app_context():
        (adopted,) = [form for form in adopt(stricter) if form is not None]
    assert adopted.queue == ("hold", "urgent")
    stored = store_page(app, reference)
    assert stored.questionnaire.priority == "urgent"
    assert stored.later[0].screening["flags"]["hold_pregnant"] == "unknown"  # by the form alone
    assert opened(nurse, reference)
    with app.app_context():
        assert [form for form in adopt(stricter) if form is not None] == []


def test_a_physician_judges_a_medicine_that_was_named_to_staff(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    reference = add(app, case(app, "V01", medicines_tried=None))
    take(nurse, reference, medicines_tried=["duloxetine"])
    cells = {"dose_mg": "60", "weeks": "10 weeks"}
    asked = names(script(nurse, reference))
    sent = {f"medicines_tried.duloxetine.{id}": value for id, value in cells.items()}
    assert set(sent) <= set(asked)
    assert take(nurse, reference, **sent).status_code == 303
    page = everything(doctor, reference)
    form = part(page, 'form[action$="/trials"]')
    hidden = {str(f["name"]): str(f["value"]) for f in form.select("input[type=hidden]")}
    data = {**hidden, "trial-adequate": "yes", "trial-reason": "age"}
    path = f"/staff/submissions/{reference}/trials"
    answer = doctor.post(path, data=data)
    assert answer.status_code == 200, visible(answer)
    assert doctor.post(path, data={**data, "trial-confirmed": "yes"}).status_code == 303
    assert "A physician’s judgement: adequate." in visible(everything(doctor, reference))
    trials = part(everything(doctor, reference), "section[aria-labelledby=trials]").get_text()
    assert f"60 mg (asked on the phone by {NURSE})" in trials, trials
    assert "has answered otherwise" not in visible(everything(doctor, reference))


def test_a_rule_that_is_met_by_what_was_told_is_found_by_its_flag(
    app: Flask, nurse: FlaskClient
) -> None:
    reference = add(app, case(app, "V01", pregnancy=None))
    by_flag = "/staff/?flag=fibromyalgia.hold_pregnant"
    assert reference not in nurse.get(by_flag).text
    assert take(nurse, reference, pregnancy="pregnant").status_code == 303
    assert f'data-row="{reference}"' in nurse.get(by_flag).text
    # What the form alone says is found still.
    assert reference in nurse.get("/staff/?flag=fibromyalgia.paired_pattern").text


def test_a_page_open_too_long_loses_no_answer(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01", bp_systolic=None, asq_1=None))
    heard = {"bp_systolic": "184", "asq_1": "yes", "csrf_token": "old"}
    answer = take(nurse, reference, **heard)
    assert answer.status_code == 400
    assert "open for too long, so nothing was saved" in visible(answer)
    assert not store_page(app, reference).events
    page = soup(answer)
    assert part(page, "[name=bp_systolic]")["value"] == "184"
    assert part(page, "[name=asq_1][value=yes]").has_attr("checked")
    assert page.select_one("[name=call-by][checked]") is not None
    again = part(page, "form[action$='/call']")
    fresh = str(part(again, "[name=csrf_token]")["value"])
    path = f"/staff/submissions/{reference}/call"
    assert nurse.post(path, data={**HEARD, **heard, "csrf_token": fresh}).status_code == 303


def test_an_old_page_of_what_is_gone_says_that_it_is_gone(nurse: FlaskClient) -> None:
    for name in ("call", "act"):
        path = f"/staff/submissions/AAAA-AAAA/{name}"
        answer = nurse.post(path, data={**HEARD, "csrf_token": "old"})
        assert answer.status_code == 404 and "no such submission" in visible(answer)


def test_a_session_that_ended_loses_no_answer(app: Flask, at: Clock) -> None:
    client, account = app.test_client(), {"email": NURSE, "password": PASSWORD}
    send(client, "/staff/login", account)
    reference = add(app, case(app, "V01", bp_systolic=None, asq_1=None))
    page = script(client, reference)
    hidden = {
        str(field["name"]): str(field["value"])
        for field in part(page, "form[action$='/call']").select("input[type=hidden]")
    }
    at(hours=3)
    path = f"/staff/submissions/{reference}/call"
    heard = {**hidden, **HEARD, "asq_1": "yes", "bp_systolic": "184", "none-pregnancy": "declined"}
    answer = client.post(path, data=heard)
    assert answer.location == f"/staff/login?next={path}"
    assert not store_page(app, reference).events
    send(client, "/staff/login", account)
    with app.app_context():  # what is typed on the submission is kept beside it
        store.keep_draft(reference, NURSE, {"text": "Typed. Synthetic."})
    page = script(client, reference)
    assert "Your session ended before this was saved" in visible(page)
    assert part(page, "[name=bp_systolic]")["value"] == "184"
    assert part(page, "[name=asq_1][value=yes]").has_attr("checked")
    assert part(page, "[name=none-pregnancy] [selected]")["value"] == "declined"
    assert take(client, reference, asq_1="yes", bp_systolic="184").status_code == 303
    assert "Your session ended" not in visible(script(client, reference))
    assert "Typed. Synthetic." in visible(opened(client, reference))
    stranger = app.test_client()
    assert stranger.post(path, data=heard).location == "/staff/login"
    with app.app_context():
        assert store.entered(reference, NURSE) == ""
