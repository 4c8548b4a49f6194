"""Addresses, titles and headings tell nothing about the person: only what everybody may meet."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.every_page import PROTOCOL
from tests.patient.stored import stored
from tests.web import forms, send, soup

LIST = "/questions/medicines_tried"
TICKED = ["sertraline", "duloxetine", "tramadol"]
# Where in the form a page is opened from, or which part of it: the same for everybody.
MAY_ASK = {"from", "step", "section", "to", "form", "language"}
NAMES = [
    name
    for medicine in PROTOCOL.medicines.values()
    for name in (medicine.name, *medicine.brands, medicine.id)
]


def tells_nothing(address: str) -> bool:
    """Return whether an address names no medicine, and asks for nothing that tells."""
    parts = urlsplit(address)
    words = re.split(r"\W+", f"{parts.path}?{parts.query}#{parts.fragment}".lower())
    named = [name for name in NAMES if name.lower() in words]
    return not named and set(parse_qs(parts.query)) <= MAY_ASK


@pytest.fixture
def tried(person: FlaskClient) -> FlaskClient:
    """Return somebody who has ticked three medicines."""
    send(person, LIST, {"medicines_tried": TICKED})
    return person


def test_pages_on_medicines_have_numbers(tried: FlaskClient) -> None:
    for number, name in enumerate(("Sertraline", "Duloxetine", "Tramadol"), 1):
        page = soup(tried.get(f"{LIST}/{number}"))
        assert page.h1 is not None
        assert page.title is not None
        assert page.h1.get_text(strip=True) == f"Medicine {number}"
        assert f"Medicine {number}" in page.title.text
        assert name not in page.title.text
        assert name in page.select_one(".sc-medicine").text  # type: ignore[union-attr]


def test_a_page_saves_its_own_medicine_whatever_its_number_is_now(tried: FlaskClient) -> None:
    form = forms(tried.get(f"{LIST}/2")).find("form", method="post")
    hidden = {str(f["name"]): str(f["value"]) for f in form.select("[type=hidden]")}  # type: ignore[union-attr]
    send(tried, LIST, {"medicines_tried": ["duloxetine", "tramadol"]})  # another window
    tried.post(f"{LIST}/2", data={**hidden, "taken_for": "pain"})
    rows = stored(tried).answers["medicines_tried"]
    assert rows == {"duloxetine": {"taken_for": "pain"}, "tramadol": {}}


def test_a_page_of_a_medicine_that_was_taken_out_saves_nothing(tried: FlaskClient) -> None:
    form = forms(tried.get(f"{LIST}/1")).find("form", method="post")
    hidden = {str(f["name"]): str(f["value"]) for f in form.select("[type=hidden]")}  # type: ignore[union-attr]
    send(tried, LIST, {"medicines_tried": ["duloxetine", "tramadol"]})
    answer = tried.post(f"{LIST}/1", data={**hidden, "weeks": "8 weeks"})
    assert answer.location == "/questions"
    assert stored(tried).answers["medicines_tried"] == {"duloxetine": {}, "tramadol": {}}


def test_a_mistake_leads_back_to_its_own_page(tried: FlaskClient) -> None:
    answer = send(tried, f"{LIST}/1?from=check", {"dose_mg": "two tablets"})
    assert answer.location == f"{LIST}/1?from=check"


def test_nothing_that_is_linked_or_sent_to_tells(tried: FlaskClient) -> None:
    """Go through the whole form with answers that raise help, and look at every address."""
    risky = {"phq9_9": "1", "asq_1": "yes", "warning_signs": ["chest_pain"]}
    met: list[str] = []
    paths = ["/questions", "/check", "/help", "/later"]
    paths += [f"/questions/{page.id}" for page in PROTOCOL.pages]
    paths += [f"{LIST}/{number}" for number in (1, 2, 3)]
    for path in paths:
        response = tried.get(path)
        page = soup(response)
        met += [str(link["href"]) for link in page.select("a[href]")]
        met += [str(form["action"]) for form in page.select("form[action]")]
        names = {str(field["name"]) for field in page.select("main form [name]")}
        if data := {name: value for name, value in risky.items() if name in names}:
            met.append(send(tried, path, data).location or "")
            send(tried, "/help", {"action": "continue"})
    ours = [address for address in met if address.startswith("/") and address != "/"]
    assert len(ours) > 100
    assert "/help" in ours
    assert [address for address in ours if not tells_nothing(address)] == []
    assert not tells_nothing("/questions/medicines_tried/sertraline")
    assert not tells_nothing("/help?after=safety")
