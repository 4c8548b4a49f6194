"""Medicines step by step, readings asked again, and what is taken now, on the site."""

from flask.testing import FlaskClient

from screener.patient import journey
from screener.patient.record import Record
from tests.patient.stored import stored
from tests.web import errors, refused, send, soup, token_of, visible

LIST = "/questions/medicines_tried"
AFTER = "/questions/exercise_and_therapy"


def row(person: FlaskClient, medicine: str) -> dict[str, object]:
    rows: dict[str, dict[str, object]] = stored(person).answers["medicines_tried"]
    return rows[medicine]


def fields(person: FlaskClient, url: str) -> list[str]:
    boxes = soup(person.get(url)).select("main form input:not([type=hidden])")
    return list(dict.fromkeys(str(box["name"]) for box in boxes))


def task(person: FlaskClient, name: str) -> str:
    """Return how the task list says that a screen stands."""
    lines = soup(person.get("/questions")).select(".nhsuk-task-list__item")
    line = next(line for line in lines if line.a is not None and line.a.get_text() == name)
    return line.select(".nhsuk-task-list__status")[0].get_text().strip()


def test_what_it_was_for_and_then_what_follows_from_that(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "duloxetine"}).location
    assert url == f"{LIST}/duloxetine"
    assert fields(person, url) == ["taken_for", "stopped_because", "stopped_also"]
    more = send(person, url, {"taken_for": "pain", "stopped_because": "no_benefit"}).location
    assert more == f"{LIST}/duloxetine?step=more"
    assert fields(person, more) == ["dose_mg", "weeks", "taken_most_days", "pain_benefit"]
    back = soup(person.get(more)).select_one(".nhsuk-back-link")
    assert back is not None
    assert back["href"] == url
    assert task(person, "Medicine: Duloxetine") == "Not started"
    assert send(person, more, {"dose_mg": "60", "weeks": "12 weeks"}).location == AFTER
    assert row(person, "duloxetine") == {
        "taken_for": "pain",
        "stopped_because": "no_benefit",
        "dose_mg": 60,
        "weeks": 12,
    }
    # Opened again, it shows all of it at once.
    assert {"taken_for", "dose_mg", "pain_benefit"} <= {*fields(person, url)}
    assert "mood_benefit" not in fields(person, url)
    # Taken for something else after all: the dose is not asked any more, and goes.
    reason = {"stopped_because": "no_benefit"}
    other = send(person, f"{url}?from=check", reason | {"taken_for": "other"})
    assert other.location == "/check?section=4#medicines_tried-1"
    assert row(person, "duloxetine") == {"taken_for": "other", "stopped_because": "no_benefit"}
    # And for mood: what follows is asked before the check page comes again.
    more = send(person, f"{url}?from=check", reason | {"taken_for": "mood"}).location
    assert more == f"{LIST}/duloxetine?step=more&from=check"
    assert "this_episode" in fields(person, more)
    assert send(person, more, {"dose_mg": "90"}).location == other.location


def test_all_of_it_may_be_left_blank(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "duloxetine"}).location
    more = send(person, url).location
    assert {"mood_benefit", "pain_benefit"} <= {*fields(person, more)}
    assert send(person, more).location == AFTER
    assert row(person, "duloxetine") == {}
    assert "questions left blank" in visible(person.get("/questions"))


def test_whoever_leaves_half_way_comes_back_to_the_medicine(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "duloxetine"}).location
    send(person, url, {"taken_for": "pain"})
    assert "duloxetine" not in str(stored(person).progress["pages_saved"])
    page = soup(person.get(url))
    assert page.select_one("input[name=taken_for][value=pain][checked]")
    assert send(person, url, {"taken_for": "pain"}).location == f"{url}?step=more"
    # A step that has nothing to ask leads to the first.
    assert person.get(f"{url}?step=again").location == url
    assert person.get(f"{url}?step=none").status_code == 200


def test_an_unlikely_dose_is_said_back_and_kept_if_the_person_says_so(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "sertraline"}).location
    again = send(person, url, {"dose_mg": "10000", "weeks": "8 weeks"}).location
    assert again == f"{LIST}/sertraline?step=again"
    assert "You wrote 10,000 mg a day." in visible(person.get(again))
    assert fields(person, again) == ["dose_mg", "dose_confirmed"]
    # Another dose than the one that was said back is not confirmed by it.
    answer = send(person, again, {"dose_mg": "5000", "dose_confirmed": "yes"})
    assert answer.location == again
    assert "You wrote 5,000 mg a day." in visible(person.get(again))
    assert "dose_confirmed" not in row(person, "sertraline")
    assert send(person, again, {"dose_mg": "5000", "dose_confirmed": "yes"}).location == AFTER
    assert row(person, "sertraline") == {"dose_mg": 5000, "weeks": 8, "dose_confirmed": "yes"}
    # Mended, nothing of it is left.
    assert send(person, url, {"dose_mg": "50", "weeks": "8 weeks"}).location == AFTER
    assert row(person, "sertraline") == {"dose_mg": 50, "weeks": 8}


def test_an_unlikely_dose_may_be_left_unconfirmed(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "sertraline"}).location
    again = send(person, url, {"dose_mg": "10000"}).location
    assert send(person, again, {"dose_mg": "10000"}).location == AFTER
    assert row(person, "sertraline") == {"dose_mg": 10000}
    assert send(person, url, {"dose_mg": "10000"}).location == AFTER  # it was asked


def test_a_slip_in_a_later_step_stays_in_its_box(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "duloxetine"}).location
    more = send(person, url, {"taken_for": "pain"}).location
    page = refused(person, more, {"dose_mg": "sixty", "weeks": "8 weeks"})
    assert [link for _, link in errors(page)] == ["#dose_mg"]
    box = soup(page).select_one("#dose_mg")
    assert box is not None
    assert box["value"] == "sixty"
    assert row(person, "duloxetine") == {"taken_for": "pain", "weeks": 8}
    assert send(person, more, {"dose_mg": "60", "weeks": "8 weeks"}).location == AFTER


def test_a_page_opened_before_another_window_answered_loses_nothing(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "duloxetine"}).location
    old = soup(person.get(url)).select_one("[name=page-shown]")
    assert old is not None
    data = {"csrf_token": token_of(person, url), "page-shown": str(old["value"])}
    more = send(person, url, {"taken_for": "pain"}).location
    send(person, more, {"dose_mg": "60"})
    person.post(url, data={**data, "stopped_because": "side_effects"})
    assert row(person, "duloxetine") == {
        "taken_for": "pain",
        "dose_mg": 60,
        "stopped_because": "side_effects",
    }


def test_several_reasons_for_stopping(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "sertraline"}).location
    reasons = {"stopped_because": "no_benefit", "stopped_also": ["side_effects", "cost_or_access"]}
    send(person, url, reasons)
    assert row(person, "sertraline")["stopped_also"] == ["side_effects", "cost_or_access"]
    page = soup(person.get(url))
    assert len(page.select("input[name=stopped_also][checked]")) == 2
    assert "Side effects Cost or access" in visible(person.get("/check"))
    # Still taken: there are no reasons for stopping.
    send(person, url, reasons | {"stopped_because": "still_taking"})
    assert row(person, "sertraline") == {"stopped_because": "still_taking"}


def test_other_reasons_are_no_blank_and_nobody_stops_for_still_taking(person: FlaskClient) -> None:
    url = send(person, LIST, {"medicines_tried": "sertraline"}).location
    offered = [str(box["value"]) for box in soup(person.get(url)).select("[name=stopped_also]")]
    assert "side_effects" in offered and "still_taking" not in offered
    whole = {
        "dose_mg": "100",
        "weeks": "8 weeks",
        "taken_most_days": "yes",
        "mood_benefit": "under_25",
        "this_episode": "yes",
        "stopped_because": "no_benefit",
    }
    send(person, url, whole)
    with person.application.app_context():
        record = Record.of(stored(person))
        [stop] = [stop for stop in journey.stops(record) if stop.medicine]
        assert journey.blanks(record, stop) == []


def test_what_is_taken_now_is_ticked_and_not_asked_twice(person: FlaskClient) -> None:
    send(person, "/questions/current_medicines", {"current_medicines": ["tramadol", "duloxetine"]})
    page = person.get(LIST)
    ticked = [str(box["value"]) for box in soup(page).select("input[type=checkbox][checked]")]
    assert ticked == ["duloxetine", "tramadol"]
    assert "We have ticked what you told us you take now." in visible(page)
    assert "medicines_tried" not in stored(person).answers
    # As the page came, it is saved.
    url = send(person, LIST, {"medicines_tried": ticked}).location
    assert row(person, "tramadol") == {"stopped_because": "still_taking"}
    # Nothing is left to ask of tramadol; of the other, not why it was stopped.
    assert url == f"{LIST}/duloxetine"
    assert fields(person, url) == ["taken_for"]
    assert person.get(f"{LIST}/tramadol").location == "/questions"
    assert send(person, url, {"taken_for": "other"}).location == AFTER
    assert "Still taking it" in visible(person.get("/check"))
    # The list shows what was saved from now on.
    send(person, LIST, {"medicines_tried": "tramadol"})
    page = person.get(LIST)
    assert len(soup(page).select("input[type=checkbox][checked]")) == 1
    assert "We have ticked" not in visible(page)


def test_ticks_in_advance_can_be_taken_away(person: FlaskClient) -> None:
    send(person, "/questions/current_medicines", {"current_medicines": "tramadol"})
    assert send(person, LIST).location == AFTER
    assert "medicines_tried" not in stored(person).answers
    assert not soup(person.get(LIST)).select("input[type=checkbox][checked]")


def test_an_unlikely_reading_is_asked_again_on_a_page_of_its_own(person: FlaskClient) -> None:
    url, again = "/questions/blood_pressure", "/questions/blood_pressure_again"
    assert person.get(again).location == "/questions"
    assert send(person, url, {"bp_systolic": "124", "bp_diastolic": "78"}).location != again
    assert person.get(again).location == "/questions"
    assert send(person, url).location != again  # nothing was written
    assert send(person, url, {"bp_systolic": "78", "bp_diastolic": "124"}).location == again
    page = visible(person.get(again))
    assert "You wrote 78 over 124" in page
    send(person, again, {"bp_as_written": "yes"})
    assert stored(person).answers["bp_as_written"] == "yes"
    # Another reading that is unlikely is another question.
    checked = send(person, f"{url}?from=check", {"bp_systolic": "270", "bp_diastolic": "90"})
    assert checked.location == f"{again}?from=check"
    assert "bp_as_written" not in stored(person).answers
    assert "You wrote 270 over 90" in visible(person.get(again))
    assert send(person, checked.location).location == "/check?section=3#blood_pressure_again"
    send(person, url, {"bp_systolic": "124", "bp_diastolic": "78"})
    assert "You wrote" not in visible(person.get("/check"))


def test_height_and_weight_are_said_back_before_sending(person: FlaskClient) -> None:
    url = "/questions/blood_pressure"
    page = refused(person, url, {"height_cm": "170", "weight_kg": "160 lb"})
    assert [link for _, link in errors(page)] == ["#height_cm"]
    send(person, url, {"height_cm": "5'7\"", "weight_kg": "160 lb"})
    assert stored(person).answers["height_cm"] == 170
    assert stored(person).answers["weight_kg"] == 72.6
    check = visible(person.get("/check"))
    assert "170 cm (5 ft 7 in)" in check
    assert "72.6 kg (160 lb)" in check
    box = soup(person.get(url)).select_one("#height_cm")
    assert box is not None
    assert box["value"] == "170 cm"
    send(person, url, {"height_cm": "170 cm", "weight_kg": "72.6 kg"})
    assert stored(person).answers["height_cm"] == 170
