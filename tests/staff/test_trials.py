"""A physician's judgement of a trial: shown, confirmed, recorded, taken back, never an answer."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from tests.every_page import PROTOCOL
from tests.outages import READ_ONLY, outage
from tests.staff.clinic import DOCTOR, actions, add, case, everything, part, store_page, tamper
from tests.web import errors, soup, visible

TITLES = {id: rule.title for id, rule in PROTOCOL.rules.items()}
KIDNEYS: dict[str, Any] = {"adequate": "yes", "reason": "kidneys"}
OTHER: dict[str, Any] = {
    "adequate": "no",
    "reason": "other",
    "words": "Blood level was\nfar too low.",
}
LOW_DOSE = {
    "dose_mg": 40,
    "weeks": 10,
    "taken_most_days": "yes",
    "pain_benefit": "under_30",
    "stopped_because": "no_benefit",
}


def low_dose(app: Flask, **cells: Any) -> str:
    """Return the reference of V01, whose duloxetine for pain was below the adequate dose."""
    answers = case(app, "V01")
    row = {**answers["medicines_tried"]["duloxetine"], **LOW_DOSE, **cells}
    return add(
        app, {**answers, "medicines_tried": {**answers["medicines_tried"], "duloxetine": row}}
    )


def form_of(page: TestResponse, medicine: str, use: str) -> dict[str, str]:
    """Return the hidden fields of the form for a trial, as a browser would send them."""
    for form in soup(page).select('form[action$="/trials"]'):
        fields = {
            str(field["name"]): str(field.get("value", ""))
            for field in form.select('input[type="hidden"]')
        }
        if (fields.get("trial-medicine"), fields.get("trial-use")) == (medicine, use):
            return fields
    raise AssertionError(f"no form for {medicine}, {use}")


def sends(
    client: FlaskClient,
    reference: str,
    page: TestResponse | None = None,
    trial: tuple[str, str] = ("duloxetine", "pain"),
    **typed: str,
) -> TestResponse:
    """Send what was typed for a trial from a page, the submission's as it is unless given."""
    fields = form_of(page or everything(client, reference), *trial)
    data = {**fields, **{f"trial-{name}": text for name, text in typed.items()}}
    return client.post(f"/staff/submissions/{reference}/trials", data=data)


def records(client: FlaskClient, reference: str, use: str = "pain", **typed: str) -> None:
    """Send a judgement of duloxetine and confirm it."""
    trial = ("duloxetine", use)
    asked = sends(client, reference, None, trial, **typed)
    assert asked.status_code == 200, visible(asked)
    answer = sends(client, reference, asked, trial)
    assert answer.status_code == 303
    assert answer.location == f"/staff/submissions/{reference}/all#trials"


def rule_table(page: TestResponse) -> dict[str, tuple[str, str]]:
    """Return each rule of the table with its outcome by the answers and with the judgement."""
    rows = soup(page).select("#judged ~ table tbody tr, section[aria-labelledby=changes] tbody tr")
    shown = {}
    for row in rows:
        heading, answers, judged = (
            cell.select("span:not(.sc-table__heading)")[0].get_text(strip=True)
            for cell in row.select("th, td")
        )
        shown[heading] = (answers, judged)
    return shown


def test_a_physician_is_shown_what_it_changes_and_records_it_after_a_second_look(
    app: Flask, doctor: FlaskClient, nurse: FlaskClient
) -> None:
    reference = low_dose(app)
    before = store_page(app, reference)
    assert (before.questionnaire.screening or {})["flags"]["pain_drug_trials_failed"] == "not_met"
    asked = sends(doctor, reference, **KIDNEYS)
    assert part(asked, "h1").get_text() == "Record this judgement?"
    text = visible(asked)
    assert "40 mg" in text
    assert "A physician’s judgement: adequate. Kidneys." in text
    title = TITLES["pain_drug_trials_failed"]
    assert rule_table(asked)[title] == ("Not met", "Met")
    assert store_page(app, reference) == before, "nothing is recorded before it is confirmed"
    assert sends(doctor, reference, asked).status_code == 303

    after = store_page(app, reference)
    assert after.questionnaire == before.questionnaire
    assert (after.status, after.revision) == (before.status, before.revision)
    [event] = after.events
    assert (event.actor, event.kind) == (DOCTOR, "trial")
    assert event.body["row"] == before.questionnaire.answers["medicines_tried"]["duloxetine"]
    assert (DOCTOR, "trial judged", reference) in actions(app)
    assert not any("duloxetine" in word.lower() for entry in actions(app) for word in entry)
    for client in (doctor, nurse):
        page = everything(client, reference)
        text = visible(page)
        assert f"A physician’s judgement: adequate. Kidneys. {DOCTOR}" in text
        assert "With it the trial would count as: Failed an adequate trial for pain." in text
        assert "Judged the trial of Duloxetine for pain adequate (kidneys)" in text
        assert rule_table(page)[title] == ("Not met", "Met")
        listed = soup(page).find("a", string=title)
        assert listed is not None and listed.parent is not None
        assert "With a physician’s judgement of trials it would be met" in visible(page)


def test_the_page_of_a_rule_tells_both(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    records(doctor, reference, **KIDNEYS)
    text = visible(doctor.get(f"/staff/submissions/{reference}/rules/pain_drug_trials_failed"))
    assert (
        "With a physician’s judgement of trials it would be met . This is the physician’s" in text
    )
    assert "Not met, whatever the missing answers are." in text
    other = visible(doctor.get(f"/staff/submissions/{reference}/rules/hold_pregnant"))
    assert "judgement" not in other


def test_a_judgement_counts_for_its_own_use_alone(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    records(doctor, reference, "mood", **KIDNEYS)
    page = everything(doctor, reference)
    assert len(soup(page).select(".sc-trial .sc-judgement")) == 1
    rules = rule_table(page)
    assert rules[TITLES["treatment_resistant_depression"]] == ("Not met", "Met")
    assert TITLES["paired_pattern"] not in rules, "pain is as it was"
    same = next(
        p.get_text() for p in soup(page).select("#judged ~ p") if "As by the" in p.get_text()
    )
    assert TITLES["paired_pattern"] in same
    assert TITLES["pain_drug_trials_failed"] not in rules
    records(doctor, reference, "pain", **KIDNEYS)
    rules = rule_table(everything(doctor, reference))
    assert rules[TITLES["paired_pattern"]] == ("Not met", "Met")
    assert rules[TITLES["pain_drug_trials_failed"]] == ("Not met", "Met")


def test_not_adequate_takes_a_failed_trial_away_from_the_pattern(
    app: Flask, doctor: FlaskClient
) -> None:
    reference = add(app, case(app, "V01"))
    asked = sends(doctor, reference, **OTHER)
    assert rule_table(asked)[TITLES["pain_drug_trials_failed"]] == (
        "Met",
        "Not met",
    )
    assert sends(doctor, reference, asked).status_code == 303
    page = everything(doctor, reference)
    flag = part(page, "#flag-paired_pattern").get_text(" ", strip=True)
    assert "With a physician’s judgement of trials it would be not met ." in flag
    assert "This is the physician’s judgement, not the rule’s outcome." in flag
    assert "Blood level was far too low." in visible(page)
    assert store_page(app, reference).questionnaire.priority == "review"


def test_it_is_taken_back_and_the_history_keeps_both(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    records(doctor, reference, **KIDNEYS)
    asked = sends(doctor, reference, adequate="back")
    assert part(asked, "h1").get_text() == "Take this judgement back?"
    title = TITLES["pain_drug_trials_failed"]
    assert rule_table(asked)[title] == ("Not met", "Not met, as by the answers")
    assert sends(doctor, reference, asked).status_code == 303
    page = everything(doctor, reference)
    assert not soup(page).select(".sc-judgement, #judged")
    text = visible(page)
    assert "Judgement of the trial of Duloxetine for pain taken back" in text
    assert "Judged the trial of Duloxetine for pain adequate (kidneys)" in text
    assert [action for _, action, _ in actions(app) if "trial" in action] == [
        "trial judged",
        "trial judgement taken back",
    ]
    nothing = sends(doctor, reference, adequate="back")
    assert nothing.status_code == 400
    assert [message for message, _ in errors(nothing)] == ["There is no judgement to take back."]


@pytest.mark.parametrize(
    "typed, problems",
    [
        ({}, ["Say whether the trial was adequate.", "Choose a reason."]),
        ({"adequate": "maybe", "reason": "age"}, ["Say whether the trial was adequate."]),
        ({"adequate": "yes"}, ["Choose a reason."]),
        ({"adequate": "yes", "reason": "<b>"}, ["Choose a reason."]),
        (
            {"adequate": "yes", "reason": "other", "words": " \u200b?"},
            ["Write the reason in words."],
        ),
        (
            {"adequate": "yes", "reason": "age", "words": "w" * 4003},
            ["Shorten the note by 3 characters. It may have 4000 at most."],
        ),
    ],
)
def test_what_is_missing_is_said_at_its_place_and_what_was_typed_stays(
    app: Flask, doctor: FlaskClient, typed: dict[str, Any], problems: list[str]
) -> None:
    reference = low_dose(app)
    answer = sends(doctor, reference, **typed)
    assert answer.status_code == 400
    assert [message for message, _ in errors(answer)] == problems
    page = soup(answer)
    assert all(page.select_one(href) for _, href in errors(answer))
    assert page.select("details[open] form[action$='/trials']")
    if words := typed.get("words", "").strip(" \u200b"):
        assert words in [box.get_text().strip(" \u200b\n") for box in page.select("textarea")]
    assert not store_page(app, reference).events


def test_only_a_physician_judges(app: Flask, doctor: FlaskClient, nurse: FlaskClient) -> None:
    reference = low_dose(app)
    page = everything(nurse, reference)
    assert not soup(page).select('form[action$="/trials"]')
    fields = form_of(everything(doctor, reference), "duloxetine", "pain")
    fields["csrf_token"] = str(part(page, "input[name=csrf_token]")["value"])
    data = {**fields, **{f"trial-{name}": text for name, text in KIDNEYS.items()}}
    for confirmed in ("", "yes"):
        sent = {**data, "trial-confirmed": confirmed}
        answer = nurse.post(f"/staff/submissions/{reference}/trials", data=sent)
        assert answer.status_code == 403
    stranger = app.test_client().post(f"/staff/submissions/{reference}/trials", data=data)
    assert stranger.status_code in (302, 400)
    assert not store_page(app, reference).events


def test_two_at_once_learn_of_each_other_and_lose_nothing(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    mine, theirs = everything(doctor, reference), everything(doctor, reference)
    asked = sends(doctor, reference, theirs, **OTHER)
    records(doctor, reference, **KIDNEYS)
    for answer in (
        sends(doctor, reference, asked),
        sends(doctor, reference, mine, **OTHER),
    ):
        assert answer.status_code == 409
        assert "This trial was judged" in errors(answer)[0][0]
        assert "A physician’s judgement: adequate. Kidneys." in visible(answer)
        kept = [box.get_text().strip() for box in soup(answer).select("textarea")]
        assert "Blood level was\nfar too low." in kept
        assert "other" in [field["value"] for field in soup(answer).select("input[checked]")]
    assert len(store_page(app, reference).events) == 1
    # From the page that shows what changed, it is taken.
    again = sends(doctor, reference, sends(doctor, reference, answer, **OTHER))
    assert again.status_code == 303
    assert len(store_page(app, reference).events) == 2


def test_the_button_pressed_twice_records_once(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    asked = sends(doctor, reference, **OTHER)
    for _ in range(2):
        assert sends(doctor, reference, asked).status_code == 303
    assert len(store_page(app, reference).events) == 1
    asked = sends(doctor, reference, adequate="back")
    for _ in range(2):
        assert sends(doctor, reference, asked).status_code == 303
    assert len(store_page(app, reference).events) == 2


def test_nobody_judges_what_was_not_reported(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    fields = form_of(everything(doctor, reference), "duloxetine", "pain")
    for medicine, use in (("fluoxetine", "mood"), ("duloxetine", "sleep"), ("", "")):
        sent = {**fields, "trial-medicine": medicine, "trial-use": use, "trial-words": "My words"}
        sent |= {f"trial-{name}": text for name, text in KIDNEYS.items()}
        sent["trial-confirmed"] = "yes"
        answer = doctor.post(f"/staff/submissions/{reference}/trials", data=sent)
        assert answer.status_code == 400
        assert "The judgement was not saved" in errors(answer)[0][0]
        assert part(answer, "#act-text").get_text().strip() == "My words"
    assert not store_page(app, reference).events


def test_other_answers_about_the_medicine_set_a_judgement_aside(
    app: Flask, doctor: FlaskClient
) -> None:
    reference = low_dose(app)
    records(doctor, reference, **KIDNEYS)
    form = store_page(app, reference).questionnaire
    tried = form.answers["medicines_tried"]
    tried["duloxetine"]["dose_mg"] = 20
    tamper(app, form.id, "answers", {**form.answers, "medicines_tried": tried})
    page = everything(doctor, reference)
    assert "The person has answered otherwise about this medicine since." in visible(page)
    assert not soup(page).select("#judged")


def test_an_old_page_and_a_full_disk_lose_nothing(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    fields = form_of(everything(doctor, reference), "duloxetine", "pain")
    sent = {**fields, **{f"trial-{name}": text for name, text in OTHER.items()}}
    answer = doctor.post(
        f"/staff/submissions/{reference}/trials", data={**sent, "csrf_token": "old"}
    )
    assert answer.status_code == 400
    assert "nothing was saved" in errors(answer)[0][0]
    assert "Blood level was" in visible(answer)
    with outage(app, READ_ONLY):
        sent["trial-confirmed"] = "yes"
        answer = doctor.post(f"/staff/submissions/{reference}/trials", data=sent)
    assert answer.status_code == 503
    assert "Blood level was" in visible(answer)
    assert not store_page(app, reference).events


def test_words_are_shown_as_words(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    evil = '<script>alert("x")</script>{{ 7 * 7919 }} שלום'
    asked = sends(doctor, reference, adequate="yes", reason="other", words=evil)
    assert sends(doctor, reference, asked).status_code == 303
    for page in (asked, everything(doctor, reference)):
        assert "<script>alert" not in page.text and "55433" not in page.text
        assert evil in visible(page)


def test_what_was_said_of_a_trial_is_sealed(app: Flask, doctor: FlaskClient) -> None:
    reference = low_dose(app)
    records(doctor, reference, **OTHER)
    with app.app_context(), store.db.engine.connect() as connection:
        [body] = connection.exec_driver_sql("SELECT sealed_body FROM review_event").scalars()
    assert b"uloxetine" not in body and b"Blood" not in body
