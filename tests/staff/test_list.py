"""The list of submissions: filters, search, the way back, and what refreshes itself."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from screener import store
from screener.presenters import queue as queues
from screener.store import clock
from screener.store.tables import StaffSessionRow, SubmissionRow
from tests.clock import Clock
from tests.staff.clinic import CLOSE, NO_RISK, NURSE, actions, add, case, opened, part, post
from tests.web import soup, token_of, visible


def listed(answer: TestResponse) -> list[str]:
    """Return the references of a list, in its order."""
    return [str(row["data-row"]) for row in soup(answer).select("[data-row]")]


def search(client: FlaskClient, typed: str, **more: str) -> TestResponse:
    data = {"csrf_token": token_of(client), "typed": typed, **more}
    return client.post("/staff/search", data=data)


def assign(client: FlaskClient, address: str, value: str) -> TestResponse:
    return client.post(address, data={"csrf_token": token_of(client), "assign": value})


def overdue(app: Flask, reference: str, hours: int) -> None:
    with app.app_context(), store.db.engine.begin() as connection:
        chosen = sa.update(SubmissionRow).where(SubmissionRow.reference == reference)
        connection.execute(chosen.values(due_at=clock.now() - timedelta(hours=hours, minutes=1)))


def test_filters_stand_in_the_address_and_in_the_form(app: Flask, nurse: FlaskClient) -> None:
    emergency = add(app, {"asq_1": "yes", "asq_5": "yes"}, submitted=False)
    review = add(app, case(app, "V01"))
    answer = nurse.get("/staff/?priority=emergency")
    assert listed(answer) == [emergency]
    assert part(answer, "#filter-priority option[selected]").get_text() == "Emergency"
    assert listed(nurse.get("/staff/?unfinished=1")) == [emergency]
    assert listed(nurse.get("/staff/?status=new&assigned=nobody")) == [emergency, review]
    assert listed(nurse.get("/staff/?flag=fibromyalgia.paired_pattern")) == [review]
    today = clock.now().date().isoformat()
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    assert listed(nurse.get(f"/staff/?to={tomorrow}")) == [emergency, review]
    assert listed(nurse.get(f"/staff/?from={tomorrow}")) == [] and today


@pytest.mark.parametrize(
    "query",
    ["priority=x", "status=decided", "flag=a.b", "flag=..", "assigned=x%40y.z", "form=0", "at=%00"],
)
def test_what_no_filter_offers_narrows_nothing(app: Flask, nurse: FlaskClient, query: str) -> None:
    reference = add(app, case(app, "V01"))
    assert listed(nurse.get(f"/staff/?{query}")) == [reference]


def test_a_day_that_is_none_is_said_and_hides_nobody(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01"))
    answer = nurse.get("/staff/?from=17.5.2026")
    assert listed(answer) == [reference]
    assert "Received from: write a date" in visible(answer)
    assert part(answer, "#filter-from")["value"] == "17.5.2026"


def test_an_empty_filter_says_which_and_leads_back(app: Flask, nurse: FlaskClient) -> None:
    add(app, case(app, "V01"))
    answer = nurse.get("/staff/?priority=urgent&overdue=1")
    assert "Nobody waits with this filter: Priority: Urgent; Overdue." in visible(answer)
    assert part(answer, ".nhsuk-inset-text a")["href"] == "/staff/"


def test_overdue_is_counted_and_said_in_words(app: Flask, nurse: FlaskClient) -> None:
    late, other = add(app, case(app, "V05")), add(app, case(app, "V01"))
    assert "Overdue" not in part(nurse.get("/staff/"), "[data-list]").get_text()
    overdue(app, late, 2)
    answer = nurse.get("/staff/")
    assert "Overdue (1)" in visible(answer)
    row = part(answer, f'[data-row="{late}"]')
    assert "Overdue by 2 h" in row.get_text() and row.select_one(".sc-tag--overdue svg")
    assert re.search(r"Due (in \d+ (min|h)|\w{3} \d)", part(answer, f'[data-row="{other}"]').text)
    assert listed(nurse.get("/staff/?overdue=1")) == [late]


def test_a_search_names_nobody_in_address_title_and_log(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V01"))
    add(app, case(app, "V01"), identity={"name": "Somebody Else", "phone": "555-555-0177"})
    for typed in ("ana", "(555) 555-0142", "4/27/1979", reference, reference.lower()):
        answer = search(nurse, typed)
        assert reference in listed(answer), typed
        assert answer.request.path == "/staff/search" and not answer.location
        assert "Ana" not in part(answer, "title").get_text()
        assert all("ana" not in str(link.get("href")) for link in soup(answer).select("a"))
    assert listed(search(nurse, "ana")) == [reference]
    assert (NURSE, "searched", "") in actions(app)
    assert not any("ana" in text.casefold() for entry in actions(app) for text in entry[1:])


def test_a_search_for_nothing_says_what_to_type(nurse: FlaskClient) -> None:
    for typed in ("", "  ", "12", "--"):
        answer = search(nurse, typed)
        assert answer.status_code == 400 and "Type a whole name" in visible(answer)
    assert "Nobody was found." in visible(search(nurse, "x" * 5000))


def test_the_pages_of_a_search_are_posted(
    app: Flask, nurse: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "SIZE", 2)
    people = [add(app, NO_RISK) for _ in range(3)]
    first = search(nurse, "ana")
    assert listed(first) == people[:2]
    at = str(part(first, "input[name=at]")["value"])
    second = search(nurse, "ana", at=at)
    assert listed(second) == people[2:]
    assert listed(search(nurse, "ana", at="nonsense")) == people[:2]


def test_a_search_finds_who_was_closed_and_not_whose_form_is_their_own(
    app: Flask, nurse: FlaskClient
) -> None:
    closed = add(app, NO_RISK)
    add(app, {"pain_areas": ["neck"]}, submitted=False)
    post(nurse, opened(nurse, closed), "act", **CLOSE)
    assert listed(search(nurse, "Ana Test")) == [closed]


def test_the_way_back_leads_to_the_same_filters_and_page(
    app: Flask, nurse: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "SIZE", 1)
    people = [add(app, NO_RISK) for _ in range(3)]
    first = nurse.get("/staff/?status=new&next=https://evil.example")
    second = nurse.get(str(part(first, "a[rel=next]")["href"]))
    assert listed(second) == people[1:2]
    back = str(part(opened(nurse, people[1]), ".sc-top__back")["href"])
    assert re.fullmatch(r"/staff/\?at=[\w-]+&status=new", back)
    assert listed(nurse.get(back)) == people[1:2]
    search(nurse, "Ana")
    back = str(part(opened(nurse, people[1]), ".sc-top__back")["href"])
    assert back == "/staff/search"
    assert sorted(listed(nurse.get(back))) != [] and "Ana" in str(part(nurse.get(back), "#search"))
    cookie = nurse.get_cookie("session") or nurse.get_cookie("screener_session")
    assert cookie is not None and "QW5h" not in cookie.value


def test_assigning_from_a_row(app: Flask, nurse: FlaskClient, doctor: FlaskClient) -> None:
    reference = add(app, case(app, "V01"))
    page = nurse.get("/staff/?status=new")
    button, form = part(page, ".sc-assign"), part(page, "#assign")
    assert assign(nurse, str(form["action"]), str(button["value"])).location == "/staff/?status=new"
    row = part(nurse.get("/staff/?assigned=me"), f'[data-row="{reference}"]')
    assert NURSE in row.get_text() and "Assign to nobody" in row.get_text()
    answer = assign(doctor, "/staff/", str(button["value"]))
    assert answer.status_code == 409 and "Somebody changed this submission" in visible(answer)
    again = str(part(nurse.get("/staff/"), ".sc-assign")["value"])
    assert assign(nurse, "/staff/", again).status_code == 303
    assert listed(nurse.get("/staff/?assigned=nobody")) == [reference]


@pytest.mark.parametrize(
    "value", ["", "me", "me X", "me AAAA-AAAA 1", "me x y z", "é" * 999, "me X " + "9" * 5000]
)
def test_assigning_nonsense_changes_nothing(app: Flask, nurse: FlaskClient, value: str) -> None:
    reference = add(app, case(app, "V01"))
    answer = assign(nurse, "/staff/", value)
    assert answer.status_code in (404, 409) and listed(answer) == [reference]


def test_a_page_open_too_long_says_so(app: Flask, nurse: FlaskClient) -> None:
    add(app, case(app, "V01"))
    for path, data in (("/staff/", {"assign": "me x 1"}), ("/staff/search", {"typed": "Ana"})):
        answer = nurse.post(path, data={**data, "csrf_token": "old"})
        assert answer.status_code == 400 and "open for too long" in visible(answer)


def test_what_refreshes_itself_is_no_view_and_no_use(
    app: Flask, nurse: FlaskClient, at: Clock
) -> None:
    def last_seen() -> Any:
        with app.app_context(), store.db.engine.connect() as connection:
            return connection.scalar(sa.select(sa.func.max(StaffSessionRow.last_seen_at)))

    reference = add(app, case(app, "V01"))
    at(minutes=0)
    nurse.get("/staff/")
    before, seen = actions(app), last_seen()
    at(minutes=5)
    answer = nurse.get("/staff/refreshed")
    assert listed(answer) == [reference] and "<html" not in answer.text
    assert "csrf" not in answer.text
    assert actions(app) == before and last_seen() == seen
    nurse.get("/staff/")
    assert last_seen() > seen, "opening it is a use"
    for minutes in range(6, 90, 4):
        at(minutes=minutes)
        answer = nurse.get("/staff/refreshed")
    assert answer.status_code == 302 and "/staff/login" in str(answer.location)


def test_another_page_says_how_many_are_new(app: Flask, nurse: FlaskClient, at: Clock) -> None:
    at(minutes=0)
    add(app, case(app, "V01"))
    nurse.get("/staff/")
    at(minutes=1)
    add(app, case(app, "V05"))
    add(app, case(app, "V01"))
    answer = nurse.get("/staff/?assigned=me")
    assert "2 new since you opened the list." in visible(answer)
    assert part(answer, ".sc-news a")["href"] == "/staff/"
    assert "new since" not in visible(nurse.get("/staff/"))
    assert "new since" not in visible(nurse.get("/staff/?assigned=me"))


def test_older_submissions_that_cannot_be_found_yet_are_told_of(
    app: Flask, nurse: FlaskClient
) -> None:
    add(app, case(app, "V01"))
    with app.app_context(), store.db.engine.begin() as connection:
        connection.execute(sa.update(SubmissionRow).values(marked=None))
    assert "Older submissions may be missing" in visible(search(nurse, "Ana"))
    with app.app_context():
        assert store.fill_list() == 1
    assert "Older submissions" not in visible(search(nurse, "Ana"))
