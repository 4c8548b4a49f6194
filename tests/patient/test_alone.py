"""Somebody may help to fill in the form. What is for the person alone is asked of them alone."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from screener.presenters.ask_first import WITH_HELPER, ask_first
from screener.presenters.rescreened import rescreen
from tests.every_page import PROTOCOL
from tests.patient.stored import stored
from tests.shipped import RULEBOOK
from tests.web import BORN, CONTACT, begin, send, soup, visible

SAFETY = next(page.id for page in PROTOCOL.pages if "asq_1" in page.questions)
PRIVATE = next(page.id for page in PROTOCOL.pages if "safe_at_home" in page.questions)
FIELD = "answered_by"


@pytest.fixture
def helped(client: FlaskClient) -> FlaskClient:
    """Return somebody who has said that they are helped."""
    send(client, "/consent", {"agree": "y"})
    send(client, "/date-of-birth", BORN)
    send(client, "/contact", {**CONTACT, "filled_in_by": "helped"})
    return client


def to_ask(client: FlaskClient) -> dict[str, str]:
    """Return what staff are told to ask first, and why."""
    rescreened = rescreen(RULEBOOK, stored(client))
    return {id: entry.why for id, entry in ask_first(rescreened).items()}


def asks_who(client: FlaskClient, page: str) -> bool:
    return bool(soup(client.get(f"/questions/{page}")).select(f"[name={FIELD}]"))


def test_nobody_is_asked_who_answers_unless_somebody_helps(person: FlaskClient) -> None:
    assert not asks_who(person, SAFETY)
    send(person, "/contact", {**CONTACT, "filled_in_by": "other"})
    assert asks_who(person, SAFETY)
    assert asks_who(person, PRIVATE)
    assert not asks_who(person, "pain_areas")
    send(person, "/contact", {**CONTACT, "filled_in_by": "self"})
    assert not asks_who(person, SAFETY)


@pytest.mark.parametrize(("who", "again"), [("alone", False), ("helper", True), (None, True)])
def test_what_was_not_answered_alone_is_asked_again(
    helped: FlaskClient, who: str | None, again: bool
) -> None:
    said = {} if who is None else {FIELD: who}
    send(helped, f"/questions/{SAFETY}", {"asq_1": "no", "asq_2": "no", **said})
    send(helped, f"/questions/{PRIVATE}", {"safe_at_home": "yes", **said})
    why = to_ask(helped)
    assert (why.get("asq_1") == WITH_HELPER) is again
    assert (why.get("safe_at_home") == WITH_HELPER) is again
    chosen = soup(helped.get(f"/questions/{SAFETY}")).select(f"[name={FIELD}][checked]")
    assert [box["value"] for box in chosen] == ([] if who is None else [who])


def test_a_window_that_was_open_before_loses_nothing(helped: FlaskClient) -> None:
    page = helped.get(f"/questions/{SAFETY}")
    hidden = {str(f["name"]): str(f["value"]) for f in soup(page).select("main [type=hidden]")}
    send(helped, "/contact", {**CONTACT, "filled_in_by": "self"})
    posted = helped.post(f"/questions/{SAFETY}", data={**hidden, FIELD: "helper", "asq_1": "no"})
    assert posted.status_code == 303
    assert stored(helped).answers["asq_1"] == "no"


def test_nonsense_for_who_answers_counts_as_nothing(helped: FlaskClient) -> None:
    send(helped, f"/questions/{SAFETY}", {"asq_1": "no", FIELD: "the cat"})
    assert stored(helped).answers["asq_1"] == "no"
    assert to_ask(helped)["asq_1"] == WITH_HELPER


def test_safety_at_home_stands_on_no_page_that_others_may_see(client: FlaskClient) -> None:
    begin(client)
    text = PROTOCOL.questions["safe_at_home"].text
    for said in ({"safe_at_home": "no"}, {}):
        send(client, f"/questions/{PRIVATE}", said)
        assert text not in visible(client.get("/check"))
    assert text in visible(client.get(f"/questions/{PRIVATE}"))
    send(client, f"/questions/{PRIVATE}", {"safe_at_home": "no"})
    last = send(client, "/check")
    assert last.status_code == 303
    results = visible(client.get("/results"))
    assert text not in results
    assert PROTOCOL.questions["safe_at_home"].short not in results


def test_who_sees_the_phone_stands_for_staff_alone(client: FlaskClient) -> None:
    begin(client)
    more: dict[str, Any] = {"shared_phone": "my husband", "best_times": "after 3 pm"}
    send(client, "/contact", {**CONTACT, **more, "voicemail": "no_name", "interpreter": "yes"})
    check = visible(client.get("/check"))
    assert "my husband" not in check
    assert "after 3 pm" in check
    assert "Yes, but do not say who called" in check


def test_details_that_are_folded_open_when_they_hold_something(client: FlaskClient) -> None:
    begin(client)

    def is_open() -> bool:
        return "open" in soup(client.get("/contact?from=check")).select("main details")[0].attrs

    assert not is_open()
    send(client, "/contact", {**CONTACT, "language": "Español"})
    assert is_open()
