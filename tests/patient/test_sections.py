"""Sections: how far each is, how long the rest takes, and the answers folded under them."""

import re

import pytest
from bs4 import Tag
from flask.testing import FlaskClient

from screener.burden import burden
from screener.engine.protocol import Protocol
from screener.patient import blanks, minutes
from screener.patient.record import Record
from screener.patient.sections import minutes_left, place, sections
from tests.patient.stored import stored
from tests.shipped import RULEBOOK
from tests.web import begin, send, soup, visible

PROTOCOL = RULEBOOK.protocols["fibromyalgia"]
LEFT = re.compile(r"About (\d+) minutes? left")
PAGES = ("/", "/consent", "/date-of-birth", "/contact", "/questions", "/check")


def record(person: FlaskClient) -> Record:
    with person.application.test_request_context():
        return Record.of(stored(person))


def lines(person: FlaskClient) -> list[Tag]:
    return soup(person.get("/questions")).select(".sc-section")


def states(person: FlaskClient) -> list[str]:
    return [line.select(".sc-tag")[0].get_text().strip() for line in lines(person)]


@pytest.mark.parametrize("protocol", RULEBOOK.protocols.values(), ids=RULEBOOK.protocols)
def test_every_page_is_in_one_of_five_or_six_sections(protocol: Protocol) -> None:
    assert len(protocol.sections) in (5, 6)
    assert list(protocol.section_of) == [page.id for page in protocol.pages]
    places = [*protocol.section_of.values()]
    assert places == sorted(places) and {*places} == {*range(len(protocol.sections))}


def test_sections_say_how_far_they_are(person: FlaskClient) -> None:
    assert states(person) == ["Not started"] * 6
    send(person, "/questions/about_you")
    assert states(person)[0] == "In progress"
    for page in ("pain_areas", "symptoms"):
        send(person, f"/questions/{page}")
    assert states(person) == ["Done"] + ["Not started"] * 5
    assert "questions left blank" in lines(person)[0].summary.get_text()  # type: ignore[union-attr]
    # Only the section that comes next shows its pages.
    assert [line.has_attr("open") for line in lines(person)] == [False, True] + [False] * 4
    send(person, "/questions/blood_pressure", {"bp_systolic": "high"})
    assert states(person)[2] == "Needs attention"
    assert lines(person)[2].has_attr("open")


def test_medicines_change_the_minutes_and_no_number(person: FlaskClient) -> None:
    before, at = minutes_left(record(person)), visible(person.get("/questions/worry"))
    assert "Section 5 of 6, page 1: Worry, energy and body." in at
    some = [*PROTOCOL.medicines][:40]
    send(person, "/questions/medicines_tried", {"medicines_tried": some})
    after = minutes_left(record(person))
    page = visible(person.get("/questions/worry"))
    assert "Section 5 of 6, page 1: Worry, energy and body." in page
    told = LEFT.search(page)
    assert told is not None and int(told[1]) == after > before
    third = visible(person.get("/questions/medicines_tried/3"))
    assert "Section 4 of 6: Medicines and treatments." in third
    assert "Medicine 3" in third


def test_nothing_is_left_when_every_page_was_saved(person: FlaskClient) -> None:
    url = "/questions/about_you"
    left = [minutes_left(record(person))]
    while url.startswith("/questions/"):
        url = send(person, url).location or ""
        left.append(minutes_left(record(person)))
    assert left[-1] == 0 and left == sorted(left, reverse=True)
    assert not LEFT.search(visible(person.get("/questions")))
    assert states(person) == ["Done"] * 6


@pytest.mark.parametrize(
    ("minutes_", "told"), [(0.2, 1), (2.5, 3), (3.1, 5), (5, 5), (6, 10), (24, 25), (41, 45)]
)
def test_minutes_are_rounded_up_to_what_people_say(minutes_: float, told: int) -> None:
    assert minutes.rounded(minutes_) == told


def words_on(client: FlaskClient, path: str) -> int:
    """Count the words that stand on a page before anything folded is opened."""
    main = soup(client.get(path)).select("main")[0]
    for fold in main.select("details"):
        for inside in fold.find_all(recursive=False):
            if inside.name != "summary":
                inside.extract()
    return len(re.findall(r"\w[\w'’.-]*", main.get_text(" ")))


def test_the_start_never_promises_less_than_the_typical_person_needs(client: FlaskClient) -> None:
    told = re.search(r"Plan up to (\d+) minutes", visible(client.get("/")))
    assert told is not None
    assert int(told[1]) == minutes.promised(PROTOCOL)
    words = words_on(client, "/")
    begin(client)
    words += sum(words_on(client, path) for path in PAGES[1:])
    # Nothing of it may be forgotten, and not much more promised than there is.
    assert 0 <= minutes.AROUND.words - words <= 400, words
    for each in RULEBOOK.protocols.values():
        assert each.typical is not None
        whole = burden(each, each.typical.answers) + minutes.AROUND
        assert minutes.promised(each) >= whole.words / 150 + whole.taps * 3 / 60


# --- blanks -------------------------------------------------------------------------------------


def test_the_blanks_that_may_lead_to_a_call_are_those_of_the_rules() -> None:
    calls = blanks.lead_to_a_call(PROTOCOL)
    assert {"warning_signs", "current_medicines", "pain_areas", "phq9_9", "asq_1"} <= calls
    assert "stopped_because" in calls  # whether a medicine of the table is still taken
    assert not {"height_cm", "allergies", "gad7_1", "clinicians"} & calls


def test_the_check_page_names_the_blanks_for_which_we_may_call(person: FlaskClient) -> None:
    send(person, "/questions/warning_signs", {"warning_signs": "none"})
    page = soup(person.get("/check"))
    inset = page.select(".nhsuk-inset-text")[0]
    assert "Blank answers are fine. For these we may call you:" in inset.get_text()
    links = {str(link["href"]): link.get_text() for link in inset.select("a")}
    assert links["/questions/pain_areas?from=check#pain_areas"].startswith("Where it hurts: ")
    assert not any("warning_signs" in href for href in links)
    assert re.search(r"\d+ more questions are blank", inset.get_text())


def test_what_is_named_hangs_on_no_other_answer(person: FlaskClient) -> None:
    """A mood at its worst takes itself off the list, and changes nothing else of it."""

    def named() -> list[str]:
        return [a.get_text() for a in soup(person.get("/check")).select(".nhsuk-inset-text a")]

    before = named()
    send(person, "/questions/mood", {f"phq9_{i}": "3" for i in range(1, 10) if i != 9})
    answered = [PROTOCOL.questions[f"phq9_{i}"].text for i in range(1, 9)]
    assert named() == [name for name in before if not name.endswith(tuple(answered))]
    assert len(named()) == len(before) - 8


# --- the check page ------------------------------------------------------------------------------


def test_each_answer_leads_to_its_question_and_back_to_its_place(person: FlaskClient) -> None:
    send(person, "/questions/about_you", {"pain_average": "7"})
    page = soup(person.get("/check"))
    row = page.find(id="about_you.pain_average")
    assert isinstance(row, Tag)
    change = row.select("a")[0]
    assert change["href"] == "/questions/about_you?from=check#pain_average"
    assert change.get_text().startswith("Change")
    question = soup(person.get("/questions/about_you?from=check"))
    assert question.find(id="pain_average") is not None
    back = send(person, "/questions/about_you?from=check", {"pain_average": "6"}).location
    assert back == "/check?section=1#about_you"
    check = soup(person.get("/check?section=1"))
    heading = check.find(id="about_you")
    assert isinstance(heading, Tag)
    fold = heading.find_parent("details")
    assert fold is not None and fold.has_attr("open")


def test_a_place_on_the_check_page_names_no_medicine(person: FlaskClient) -> None:
    some = ["sertraline", "duloxetine"]
    send(person, "/questions/medicines_tried", {"medicines_tried": some})
    page = soup(person.get("/check"))
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert "medicines_tried-2.taken_for" in ids
    assert not [id for id in ids if "duloxetine" in id or "sertraline" in id]


def test_sections_fold_unless_something_in_them_may_need_a_look(person: FlaskClient) -> None:
    def folds() -> list[bool]:
        page = soup(person.get("/check"))
        return [fold.has_attr("open") for fold in page.select("details.sc-section")][1:]

    assert folds()[4] is False  # worry, energy and body: its blanks lead to no call
    assert folds()[1] is True  # the warning signs are blank
    send(person, "/questions/sleep", {"sleep_signs": ["none", "loud_snoring"]})
    assert folds()[4] is True


def test_the_check_page_draws_where_it_hurts(person: FlaskClient) -> None:
    assert soup(person.get("/check")).select(".sc-body") == []
    send(person, "/questions/pain_areas", {"pain_areas": ["neck", "chest"]})
    drawing = soup(person.get("/check")).select(".sc-body")[0]
    assert drawing["aria-hidden"] == "true"


def test_a_place_counts_pages_and_medicines(person: FlaskClient) -> None:
    send(person, "/questions/medicines_tried", {"medicines_tried": ["sertraline", "duloxetine"]})
    mine = record(person)
    with person.application.test_request_context():
        at = [place(mine, part.stop) for line in sections(mine) for part in line.parts]
    assert [one.number for one in at] == sorted(one.number for one in at)
    assert [one.medicine for one in at if one.medicine] == [1, 2]
    assert {one.total for one in at} == {6}
