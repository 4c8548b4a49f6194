"""Medicines that can count come first; the others, and what is not remembered, are passed over."""

from flask.testing import FlaskClient

from screener.forms.steps import can_count
from screener.patient import journey
from screener.patient.record import Record
from tests.patient.stored import stored
from tests.shipped import RULEBOOK
from tests.web import errors, refused, send, soup, token_of, visible

LIST = "/questions/medicines_tried"
AFTER = "/questions/exercise_and_therapy"


def skip_button(person: FlaskClient, url: str) -> tuple[str, str]:
    button = soup(person.get(url)).select_one("main form button[name=page-skip]")
    assert button is not None
    return str(button["value"]), button.get_text(strip=True)


def rows_of(person: FlaskClient) -> dict[str, dict[str, object]]:
    rows: dict[str, dict[str, object]] = stored(person).answers["medicines_tried"]
    return rows


def test_what_can_count_is_asked_first_whatever_its_place_in_the_list(person: FlaskClient) -> None:
    tried = ["naltrexone_bupropion", "tramadol", "pregabalin", "sertraline"]
    url = send(person, LIST, {"medicines_tried": tried}).location
    order = []
    while url != AFTER:
        order.append(url.removeprefix(f"{LIST}/").partition("?")[0])
        url = send(person, url).location
    assert list(dict.fromkeys(order)) == [
        "sertraline",
        "pregabalin",
        "naltrexone_bupropion",
        "tramadol",
    ]


def test_a_medicine_counts_for_the_uses_of_its_protocol_alone() -> None:
    pregabalin = RULEBOOK.medicines["pregabalin"]
    assert can_count(RULEBOOK.protocols["fibromyalgia"], pregabalin)
    assert not can_count(RULEBOOK.protocols["depression"], pregabalin)


def test_the_rest_is_passed_over_with_one_tap_and_is_done(person: FlaskClient) -> None:
    tried = ["sertraline", "tramadol", "opioids", "nsaids"]
    send(person, LIST, {"medicines_tried": tried})
    url = send(person, f"{LIST}/sertraline").location
    assert url == f"{LIST}/tramadol"
    assert "If you remember." in visible(person.get(url))
    assert skip_button(person, url) == ("rest", "Skip these medicines")
    answer = send(person, url, {"stopped_because": "side_effects", "page-skip": "rest"})
    assert answer.location == AFTER
    # What was chosen is kept; what was passed over is a blank, and never a no.
    assert rows_of(person) == {
        "sertraline": {},
        "tramadol": {"stopped_because": "side_effects"},
        "opioids": {},
        "nsaids": {},
    }
    with person.application.app_context():
        record = Record.of(stored(person))
        done = {part.stop.key: part.state for part in journey.parts(record)}
    assert {done[f"medicines_tried/{row}"] for row in tried} == {"completed"}


def test_the_rest_of_one_medicine_is_passed_over_with_what_was_typed_kept(
    person: FlaskClient,
) -> None:
    url = send(person, LIST, {"medicines_tried": "duloxetine"}).location
    assert skip_button(person, url) == ("this", "I don't remember the rest")
    # What it was taken for would bring up more.
    answer = send(person, url, {"taken_for": "pain", "page-skip": "this"})
    assert answer.location == AFTER
    assert rows_of(person) == {"duloxetine": {"taken_for": "pain"}}
    assert f"{url}?from=check#dose_mg" in str(soup(person.get("/check")))


def test_a_slip_is_not_passed_over(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": ["sertraline", "tramadol"]}).location
    page = refused(person, url, {"dose_mg": "150 g", "weeks": "6", "page-skip": "this"})
    assert [link for _, link in errors(page)] == ["#dose_mg", "#weeks"]
    assert soup(page).select_one("#dose_mg")["value"] == "150 g"  # type: ignore[index]
    fixed = send(person, url, {"dose_mg": "150 mg", "weeks": "6 months", "page-skip": "this"})
    assert fixed.location == f"{LIST}/tramadol"
    assert rows_of(person)["sertraline"] == {"dose_mg": 150, "weeks": 26}
    assert "26 weeks (about 6 months)" in visible(person.get("/check"))


def test_one_value_written_in_two_ways_in_two_windows_is_one(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "sertraline"}).location
    shown = soup(person.get(url)).select_one("[name=page-shown]")["value"]  # type: ignore[index]
    send(person, url, {"dose_mg": "1,200 mg", "weeks": "6 months", "page-shown": shown})
    other = {"dose_mg": "1200", "weeks": "26 weeks", "page-shown": shown}
    assert send(person, url, other).location != url
    assert stored(person).progress["conflicts"] == {}
    differs = {"dose_mg": "1200", "weeks": "6 weeks", "page-shown": shown}
    [message] = [message for message, _ in errors(refused(person, url, differs))]
    assert "changed in another window" in message
    assert rows_of(person)["sertraline"]["weeks"] == 26


def test_from_the_check_page_passing_over_leads_back_there(person: FlaskClient) -> None:
    send(person, LIST, {"medicines_tried": ["tramadol", "nsaids"]})
    answer = send(person, f"{LIST}/tramadol?from=check", {"page-skip": "rest"})
    assert answer.location == "/check?section=4#medicines_tried-2"


def test_no_other_page_and_no_other_medicine_can_be_passed_over_so(person: FlaskClient) -> None:
    token = token_of(person, "/questions/about_you")
    posted = {"csrf_token": token, "page-skip": "this"}
    assert person.post("/questions/about_you", data=posted).status_code == 400
    url = send(person, LIST, {"medicines_tried": ["sertraline", "tramadol", "nsaids"]}).location
    # "rest" is not offered beside a medicine that can count: it is saved as without a button.
    assert send(person, url, {"page-skip": "rest"}).location == f"{LIST}/tramadol"
    assert stored(person).progress["pages_saved"] == [
        "medicines_tried",
        "medicines_tried/sertraline",
    ]


def test_the_list_leads_back_to_what_is_asked_of_each_medicine(person: FlaskClient) -> None:
    send(person, LIST, {"medicines_tried": ["sertraline"]})
    boxes = {str(box["value"]): box for box in soup(person.get(LIST)).select("[type=checkbox]")}
    assert boxes["sertraline"]["data-href"] == f"{LIST}/sertraline"
    assert "data-href" not in boxes["tramadol"]


def test_kinds_of_medicines_carry_the_names_to_find_them_by(person: FlaskClient) -> None:
    boxes = soup(person.get("/questions/current_medicines")).select("[name=current_medicines]")
    names = {str(box["value"]): str(box.get("data-names", "")) for box in boxes}
    assert "Sertraline" in names["ssri"]
    assert "Zoloft" not in names["ssri"]  # it stands in the label
    assert "alprazolam" in names["benzodiazepine"]
    assert not names["none"]
