"""The numbers: the page, what it is narrowed to, and the file."""

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener import store
from screener.staff import numbers
from tests.clock import Clock
from tests.staff.clinic import NO_RISK, NURSE, actions, add, case, does, opened, part, signed_in
from tests.web import soup, visible


def rows(client: FlaskClient, table: str, query: str = "") -> dict[str, list[str]]:
    """Return the cells of a table of the page, by what its rows are about."""
    page = soup(client.get(f"/staff/numbers{query}"))
    cells = {}
    for row in page.select(f"#{table} tbody tr"):
        label = row.select_one(".sc-counts__row > span")
        assert label is not None
        hidden = label.select_one(".nhsuk-u-visually-hidden")
        if hidden:
            hidden.extract()
        values = [cell.select("span")[-1].get_text() for cell in row.select("td")]
        cells[label.get_text()] = values
    return cells


def test_without_forms_it_says_so(nurse: FlaskClient) -> None:
    page = nurse.get("/staff/numbers")
    assert "No form was begun in these weeks." in visible(page)
    assert not soup(page).select("table")


def test_it_is_in_the_navigation_and_a_view_in_the_log(app: Flask, nurse: FlaskClient) -> None:
    link = part(nurse.get("/staff/"), '.sc-nav a[href="/staff/numbers"]')
    assert link.get_text() == "Numbers"
    nurse.get("/staff/numbers")
    assert actions(app)[-1] == ("nurse@clinic.example", "viewed numbers", "")
    nurse.get("/staff/numbers.csv")
    assert actions(app)[-1] == ("nurse@clinic.example", "exported numbers", "")


def test_forms_are_counted_by_week(app: Flask, at: Clock) -> None:
    add(app, NO_RISK)
    add(app, NO_RISK, submitted=False)
    at(days=7)
    add(app, {**NO_RISK, "asq_1": "yes"}, submitted=False)
    nurse = signed_in(app, NURSE)
    weeks = rows(nurse, "forms-by-week")
    assert len(weeks) == 12
    assert weeks["Mar 2, 2026"] == ["2", "1 (50 %)", "0", "1"]
    assert weeks["Mar 9, 2026"] == ["1", "0 (0 %)", "1", "0"]
    assert next(iter(rows(nurse, "forms-by-week", "?weeks=4"))) == "Feb 16, 2026"


@pytest.mark.parametrize("query", ["?weeks=1000000", "?weeks=x", "?form=none&written_in=xx&rule=a"])
def test_what_is_not_offered_narrows_nothing(app: Flask, nurse: FlaskClient, query: str) -> None:
    add(app, NO_RISK)
    assert rows(nurse, "forms-by-week", query) == rows(nurse, "forms-by-week")


def test_it_is_narrowed_by_form_and_language(app: Flask, nurse: FlaskClient) -> None:
    add(app, NO_RISK)
    assert rows(nurse, "forms-by-week", "?form=fibromyalgia&written_in=en")
    for query in ("?form=depression", "?written_in=es"):
        assert "with this choice" in visible(nurse.get(f"/staff/numbers{query}"))


def test_reactions_stand_against_their_limits(app: Flask, nurse: FlaskClient, at: Clock) -> None:
    reference = add(app, {**NO_RISK, "asq_1": "yes", "asq_5": "yes"})
    at(minutes=10)
    does(nurse, opened(nurse, reference), "acknowledged")
    at(minutes=20)
    does(nurse, opened(nurse, reference), "contact", how="phone", reached="no")
    add(app, {**NO_RISK, "asq_1": "yes", "asq_5": "yes"})
    acknowledged = rows(nurse, "until-acknowledged")["Emergency"]
    assert acknowledged == ["15 staffed min", "1 (100 %)", "0", "1", "10 min", "10 min"]
    contacted = rows(nurse, "until-contacted")["Emergency"]
    assert contacted == ["15 staffed min", "0 (0 %)", "1", "1", "20 min", "20 min"]
    # What still waits and is past its limit is late.
    at(hours=2)
    nurse = signed_in(app, NURSE)
    assert rows(nurse, "until-decided")["Emergency"][1:4] == ["0 (0 %)", "2", "0"]
    assert rows(nurse, "limits-by-week")["Mar 2, 2026"] == ["0 (0 %)", "2", "0"]


def test_each_outcome_is_counted_by_rule_and_by_week(app: Flask, at: Clock) -> None:
    add(app, case(app, "V01"))
    at(days=7)
    add(app, NO_RISK)
    nurse = signed_in(app, NURSE)
    title = app.extensions["screener_rulebook"].protocols["fibromyalgia"].rules["hold_pregnant"]
    outcomes = rows(nurse, "outcomes-fibromyalgia")
    assert outcomes[title.title] == ["0 (0 %)", "1 (50 %)", "1 (50 %)"]
    query = "?rule=fibromyalgia.hold_pregnant"
    page = soup(nurse.get("/staff/numbers"))
    assert page.select(f'#outcomes-fibromyalgia a[href$="{query}#rule-by-week"]')
    weeks = rows(nurse, "rule-by-week", query)
    assert weeks["Mar 2, 2026"] == ["0 (0 %)", "0 (0 %)", "1 (100 %)"]
    assert weeks["Mar 9, 2026"] == ["0 (0 %)", "1 (100 %)", "0 (0 %)"]


def test_where_patients_stop_has_every_page_of_the_form(app: Flask, nurse: FlaskClient) -> None:
    add(app, NO_RISK, submitted=False, progress={"pages_saved": ["mood"]})
    protocol = app.extensions["screener_rulebook"].protocols["fibromyalgia"]
    titles = {page.id: page.title for page in protocol.pages}
    stops = rows(nurse, "stops-fibromyalgia")
    assert list(stops) == ["Nothing saved yet", *titles.values()]
    assert {title for title, (number,) in stops.items() if number != "0 (0 %)"} == {titles["mood"]}


def test_every_bar_has_its_numbers_beside_it(app: Flask, nurse: FlaskClient) -> None:
    add(app, case(app, "V01"))
    page = soup(nurse.get("/staff/numbers"))
    bars = page.select("tr svg.sc-bar")
    assert bars and all(bar["aria-hidden"] == "true" for bar in bars)
    assert len(page.select("tr:has(svg.sc-bar):has(td)")) == len(bars)
    assert not [tag for tag in page.select("main [style]")]


def test_what_does_not_open_is_said(app: Flask, nurse: FlaskClient) -> None:
    add(app, NO_RISK)
    with app.app_context(), store.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE submission SET sealed_screening = x'00'")
    assert "1 form does not open and is not counted." in visible(nurse.get("/staff/numbers"))


def test_too_many_are_not_opened(
    app: Flask, nurse: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(app, NO_RISK)
    add(app, NO_RISK)
    monkeypatch.setattr(numbers, "MOST", 1)
    assert "More than 1 forms" in visible(nurse.get("/staff/numbers?weeks=4"))
    moved = nurse.get("/staff/numbers.csv?weeks=4")
    assert (moved.status_code, moved.location) == (303, "/staff/numbers?weeks=4")


def test_the_file_hides_small_counts_and_has_only_weeks_that_are_over(
    app: Flask, at: Clock
) -> None:
    for _ in range(12):
        add(app, NO_RISK)
    add(app, NO_RISK, submitted=False)
    at(days=7)
    add(app, NO_RISK)
    nurse = signed_in(app, NURSE)
    answer = nurse.get("/staff/numbers.csv?weeks=4&written_in=es")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=numbers.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {line["week"] for line in lines} == {"2026-02-16", "2026-02-23", "2026-03-02"}
    shown = {
        line["count"]: (line["number"], line["suppressed"])
        for line in lines
        if line["table"] == "forms"
        and (line["week"], line["form"]) == ("2026-03-02", "fibromyalgia")
    }
    assert shown == {"sent": ("12", ""), "unfinished": ("", "yes")}
    # On the clinic's own page nothing is hidden.
    assert rows(nurse, "forms-by-week", "?weeks=4")["Mar 2, 2026"] == ["13", "12 (92 %)", "0", "1"]


def test_the_least_count_is_the_clinics(app: Flask, nurse: FlaskClient) -> None:
    assert app.extensions["screener_settings"].small_count == 11
    assert "counts from 1 to 10 are hidden" not in visible(nurse.get("/staff/numbers"))
    add(app, NO_RISK)
    assert "counts from 1 to 10 are hidden" in visible(nurse.get("/staff/numbers"))


def test_nobody_else_sees_them(app: Flask) -> None:
    visitor = app.test_client()
    for path in ("/staff/numbers", "/staff/numbers.csv"):
        assert visitor.get(path).status_code == 302
