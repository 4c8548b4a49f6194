"""What is counted as met in the form is what the site shows to the person."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from screener.burden import Burden, burden, fitted, medicine_list
from screener.cli import main
from screener.commands.burden import PERSONS
from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.forms.pages import typed
from tests.shipped import RULEBOOK
from tests.web import begin, send, soup

PROTOCOL = RULEBOOK.protocols["fibromyalgia"]
AGE = 47  # of whoever begins in tests/web.py


def person(start: str, protocol: Protocol = PROTOCOL) -> Answers:
    return next(c.answers for c in protocol.cases if c.name.startswith(f"{start}:"))


@pytest.mark.parametrize("start", PERSONS["fibromyalgia"])
def test_what_is_counted_is_what_the_site_shows(client: FlaskClient, start: str) -> None:
    """Walk the site as the person does, and count the boxes on every page."""
    answers = person(start) | {"age": AGE}
    table = PROTOCOL.table
    rows: Any = answers[table.id]
    begin(client)
    url, met = "/questions/about_you", Burden()
    while url.startswith("/questions/"):
        html = soup(client.get(url))
        shown = html.select_one(".sc-medicine strong")
        named = (id for id, m in PROTOCOL.medicines.items() if shown and m.name == shown.text)
        medicine = next(named, "")
        given = dict(rows[medicine]) if medicine else answers
        columns = {column.id: column for column in table.columns}
        asked = columns if medicine else PROTOCOL.questions
        inputs = html.select("main form input:not([type=hidden]), main form textarea")
        names = dict.fromkeys(str(field["name"]) for field in inputs)
        names.pop("where_now", None)
        data = {n: typed(asked[n], given[n]) for n in names if n in given}
        options = ticks = 0
        for field in inputs:
            name = str(field["name"])
            if field.get("type") in ("radio", "checkbox") and name != table.id:
                ticked = {
                    i for i in inputs if i["name"] == name and i["value"] in data.get(name, ())
                }
                group = field.find_parent("details")
                opened = group is None or any(group is t.find_parent("details") for t in ticked)
                options += opened
                ticks += opened and field["type"] == "checkbox"
        count = len(names)
        met += Burden(1, 0 if medicine else count, count if medicine else 0, ticks, options)
        url = send(client, url, data).location or ""
    assert url == "/check"
    counted = burden(PROTOCOL, answers)
    assert (met.pages, met.questions) == (counted.pages, counted.questions)
    assert (met.cells, met.ticks, met.options) == (counted.cells, counted.ticks, counted.options)


def test_words_are_those_of_the_page() -> None:
    first = next(page for page in PROTOCOL.pages if "sex" in page.questions)
    page = first.model_copy(update={"questions": ("sex",)})
    protocol = replace(PROTOCOL, pages=(page,))
    sex = PROTOCOL.questions["sex"]
    text = " ".join([page.title, page.intro, sex.text, sex.hint, *(o.label for o in sex.options)])
    assert burden(protocol, {}).words == len(text.split())


def test_a_medicine_costs_what_it_asks() -> None:
    one: Answers = {"medicines_tried": {"sertraline": {}}}
    two: Answers = {"medicines_tried": {"sertraline": {}, "duloxetine": {}}}
    none = burden(PROTOCOL, {"medicines_tried": {}})
    assert none.cells == 0
    assert burden(PROTOCOL, one).pages == none.pages + 1
    # What it was taken for, and what follows from that.
    assert burden(PROTOCOL, two).pages == none.pages + 3
    assert medicine_list(PROTOCOL).options == len(PROTOCOL.medicines)


def test_answers_that_another_edition_does_not_know_are_left_out() -> None:
    depression = RULEBOOK.protocols["depression"]
    answers = fitted(depression, person("F08"))
    assert "pain_areas" not in answers
    assert answers["phq9_1"] == "2"
    assert "taken_for" in answers["medicines_tried"]["duloxetine"]  # type: ignore[index, call-overload]
    assert depression.read_answers(answers) == answers


def test_the_command_counts_six_persons_and_compares(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["burden"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 6 + 2
    v01 = burden(PROTOCOL, person("V01"))
    assert lines[1].startswith("V01: ")
    assert lines[1].split()[-2:] == [f"{v01.words:,}", f"{v01.taps:,}"]
    assert main(["burden", "--against", "rules"]) == 0
    same = capsys.readouterr().out.splitlines()[1]
    assert f"{v01.words:,} → {v01.words:,} (+0 %)" in same
    assert same.endswith(f"{v01.taps:,} → {v01.taps:,} (+0 %)")
    answers = tmp_path / "somebody.json"
    answers.write_text('{"age": 44, "medicines_tried": {"sertraline": {}}}')
    assert main(["burden", str(answers)]) == 0
    somebody = capsys.readouterr().out.splitlines()[1]
    expected = burden(PROTOCOL, {"age": 44, "medicines_tried": {"sertraline": {}}})
    assert somebody.split()[-2:] == [f"{expected.words:,}", f"{expected.taps:,}"]


def test_the_command_refuses_what_it_cannot_count(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    answers = tmp_path / "somebody.json"
    answers.write_text('{"age": 440}')
    assert main(["burden", str(answers)]) == 2
    assert "found 440" in capsys.readouterr().err
    assert main(["burden", "--protocol", "fibro"]) == 2
    assert "no protocol is called fibro" in capsys.readouterr().err
    assert main(["burden", "--against", str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().out == ""
