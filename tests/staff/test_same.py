"""The same person again: suggested on the page, compared, said, and one line of the queue."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.store import clock
from screener.store.tables import SubmissionRow
from tests.clock import Clock
from tests.staff.clinic import (
    NO_RISK,
    NURSE,
    actions,
    add,
    case,
    opened,
    part,
    signed_in,
    store_page,
)
from tests.staff.test_list import listed
from tests.web import soup, token_of, visible

DANGER = {"asq_1": "yes", "asq_5": "yes"}


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def say(client: FlaskClient, first: str, second: str, same: str, seen: str) -> TestResponse:
    data = {"csrf_token": token_of(client), "same": same, "seen": seen}
    return client.post(f"/staff/submissions/{first}/with/{second}", data=data)


def compared(client: FlaskClient, first: str, second: str) -> TestResponse:
    answer = client.get(f"/staff/submissions/{first}/with/{second}")
    assert answer.status_code == 200
    return answer


def test_another_form_is_suggested_compared_and_confirmed(app: Flask, nurse: FlaskClient) -> None:
    first = add(app, NO_RISK)
    second = add(app, DANGER, submitted=False, identity={"name": "Ana Other Test"})
    page = opened(nurse, first)
    suggested = part(page, "#same")
    assert "Perhaps the same person:" in words(suggested)
    assert "same birth date, name and phone; new, came today" in words(suggested)
    assert "Ana Other Test" in words(suggested) and "Emergency" in words(suggested)
    (link,) = suggested.select('a[href*="/with/"]')
    both = nurse.get(str(link["href"]))
    assert "Nobody has said yet whether it is the same person." in visible(both)
    form = part(both, "#say ~ form")
    data = {str(f["name"]): str(f["value"]) for f in form.select("input")}
    said = nurse.post(str(form["action"]), data={**data, "same": "yes"})
    assert said.status_code == 303
    assert said.location.endswith(f"/staff/submissions/{first}#same")
    for own, other in ((first, second), (second, first)):
        text = visible(opened(nurse, own))
        assert "The same person sent 1 other form:" in text and other in text
        assert f"Confirmed to be the same person as {other}" in text
    assert listed(nurse.get("/staff/")) == [second]
    row = words(part(nurse.get("/staff/"), f'[data-row="{second}"]'))
    assert first in row and "1st and 2nd form" in row
    assert (NURSE, "same person answered", second) in actions(app)


def test_a_rejected_one_is_not_suggested_again_and_can_be_taken_back(
    app: Flask, nurse: FlaskClient
) -> None:
    first, second = add(app, NO_RISK), add(app, NO_RISK)
    assert say(nurse, first, second, "no", "suggested").status_code == 303
    page = opened(nurse, first)
    assert "Perhaps the same person" not in visible(page)
    assert nurse.get(f"/staff/submissions/{first}/with/{second}").status_code == 404
    form = part(page, "#same form")
    data = {str(f["name"]): str(f["value"]) for f in form.select("input")}
    assert nurse.post(str(form["action"]), data={**data, "same": "yes"}).status_code == 303
    assert "The same person sent 1 other form" in words(part(opened(nurse, second), "#same"))
    assert len(store_page(app, first).events) == 2


def test_two_that_nothing_suggests_cannot_be_opened_side_by_side(
    app: Flask, nurse: FlaskClient
) -> None:
    first = add(app, NO_RISK)
    other = add(app, NO_RISK, identity={"date_of_birth": "1950-01-01"})
    for path in (other, first, "AAAA-AAAA", "%00", "x" * 300):
        assert nurse.get(f"/staff/submissions/{first}/with/{path}").status_code == 404
    assert nurse.get(f"/staff/submissions/AAAA-AAAA/with/{first}").status_code == 404
    assert say(nurse, first, other, "yes", "suggested").status_code == 404
    assert store_page(app, first).events == ()


@pytest.mark.parametrize("same", ["", "maybe", "YES"])
def test_nothing_is_taken_for_an_answer_that_is_none(
    app: Flask, nurse: FlaskClient, same: str
) -> None:
    first, second = add(app, NO_RISK), add(app, NO_RISK)
    answer = say(nurse, first, second, same, "suggested")
    assert answer.status_code == 400
    assert "Choose whether it is the same person." in visible(answer)
    assert store_page(app, first).events == ()


def test_a_page_that_was_overtaken_says_what_stands_now(
    app: Flask, nurse: FlaskClient, doctor: FlaskClient
) -> None:
    first, second = add(app, NO_RISK), add(app, NO_RISK)
    say(nurse, first, second, "no", "suggested")
    answer = say(doctor, second, first, "yes", "suggested")
    assert answer.status_code == 409
    assert "Somebody else has answered this meanwhile." in visible(answer)
    assert "Staff said that they are not of the same person." in visible(answer)
    assert say(doctor, second, first, "yes", "rejected").status_code == 303
    assert say(nurse, first, second, "yes", "rejected").status_code == 303, "pressed twice"
    assert len(store_page(app, first).events) == 2


def test_what_would_make_one_of_two_that_are_not_is_refused_with_the_reason(
    app: Flask, nurse: FlaskClient
) -> None:
    first, second, third = (add(app, NO_RISK) for _ in range(3))
    say(nurse, first, second, "no", "suggested")
    say(nurse, second, third, "yes", "suggested")
    answer = say(nurse, first, third, "yes", "suggested")
    assert answer.status_code == 400
    assert "were said not to be the same person" in visible(answer)


def test_what_differs_stands_side_by_side_safety_first(app: Flask, nurse: FlaskClient) -> None:
    before = case(app, "V01")
    first = add(app, before)
    second = add(
        app,
        {**before, "asq_1": "yes", "asq_5": "no", "fatigue": "0"},
        {**before, "asq_1": "no", "asq_5": "no", "fatigue": "0"},
        identity={"phone": "555-555-0199"},
    )
    page = compared(nurse, second, first)
    headings = [tag.get_text() for tag in soup(page).select("main h2")]
    assert headings[0] == "Safety"
    heads = [tag.get_text() for tag in part(page, "#safety ~ table").select("thead th")]
    assert heads == ["Question", first, second], "the earlier form first"
    safety = words(part(page, "section[aria-labelledby=safety]"))
    assert "earlier: Yes" in safety
    person = words(part(page, "section[aria-labelledby=person]"))
    assert "Phone" in person and "555-0199" in person and "Name" not in person
    answers = part(page, "section[aria-labelledby=answers]")
    assert len(answers.select("tbody tr")) == 1
    assert "have the same answer in both" in words(answers)
    assert "Submissions" in str(part(page, "title"))
    assert "Ana" not in str(part(page, "title")) + page.request.path


def test_the_same_answers_differ_in_nothing(app: Flask, nurse: FlaskClient) -> None:
    answers = case(app, "V01")
    first, second = add(app, answers), add(app, answers)
    text = visible(compared(nurse, first, second))
    assert "Everything they gave about themselves is the same." in text
    assert "Every rule comes out the same, and every score is the same." in text
    assert "No other answer differs." in text


def test_both_forms_are_noted_as_seen(app: Flask, nurse: FlaskClient) -> None:
    first, second = add(app, NO_RISK), add(app, NO_RISK)
    compared(nurse, first, second)
    assert {(NURSE, "viewed", name) for name in (first, second)} <= {*actions(app)}


def test_a_line_shows_the_danger_and_the_due_time_of_each(app: Flask, nurse: FlaskClient) -> None:
    first, second = add(app, DANGER), add(app, {"asq_1": "yes", "asq_5": "yes"}, submitted=False)
    say(nurse, first, second, "yes", "suggested")
    with app.app_context(), store.db.engine.begin() as connection:
        for reference, hours in ((first, 5), (second, -2)):
            chosen = sa.update(SubmissionRow).where(SubmissionRow.reference == reference)
            at = clock.now() + timedelta(hours=hours)
            connection.execute(chosen.values(due_at=at))
    queue = nurse.get("/staff/")
    assert listed(queue) == [first]
    row = part(queue, f'[data-row="{first}"]')
    assert "Overdue by 2 h" in words(part(row, ".sc-tag--overdue"))
    also = part(row, f'[data-also="{second}"]')
    assert second in words(also) and "Emergency" in words(also)
    assert "Unfinished – risk answer" in words(also) and "New, nobody has it" in words(also)
    assert "Waiting (1)" in visible(queue) and "1 to 1 of 1" in visible(queue)
    (button,) = also.select("button")
    data = {"csrf_token": token_of(nurse), "assign": str(button["value"])}
    assert nurse.post("/staff/", data=data).status_code == 303
    assert (store_page(app, second).assigned_to, store_page(app, first).assigned_to) == (
        NURSE,
        None,
    )


def test_a_form_of_another_day_says_what_became_of_the_last(
    app: Flask, nurse: FlaskClient, at: Clock
) -> None:
    at(hours=0)
    first = add(app, NO_RISK)
    revision = store_page(app, first).revision
    with app.app_context():
        store.set_status(first, "closed", NURSE, revision, "x", role="intake")
    at(days=12)
    second = add(app, NO_RISK)
    nurse = signed_in(app, NURSE)
    say(nurse, second, first, "yes", "suggested")
    assert "2nd form; last: closed 2 March" in visible(nurse.get("/staff/"))
    assert "1st form; 1 came later" in visible(nurse.get("/staff/?show=closed"))
    assert f"{first}, sent Mon 2 Mar 2026" in words(part(opened(nurse, second), "#same"))


def test_a_page_open_too_long_says_so_and_says_nothing_of_the_two(
    app: Flask, nurse: FlaskClient
) -> None:
    first, second = add(app, NO_RISK), add(app, NO_RISK)
    path = f"/staff/submissions/{first}/with/{second}"
    data = {"same": "yes", "seen": "suggested", "csrf_token": "old"}
    answer = nurse.post(path, data=data)
    assert answer.status_code == 400 and "open for too long" in visible(answer)
    assert part(answer, f"form[action='{path}']") is not None
    assert not store_page(app, first).events
