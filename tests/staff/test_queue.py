"""The queue: its order, its words and its pages."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.presenters import queue as queues
from tests.staff.clinic import CLOSE, NO_RISK, NURSE, actions, add, case, opened, part, post
from tests.web import soup, visible


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
    assert [row_text.split()[1] for row_text in text] == ["Emergency", "Urgent", "Hold", "Review"]
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
    post(doctor, opened(doctor, reference), "act", **{"act-do": "decided"})
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
        post(nurse, opened(nurse, reference), "act", **CLOSE)
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
