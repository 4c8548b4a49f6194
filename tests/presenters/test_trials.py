"""The table of treatments as staff read it: units, what was asked, doses that are not confirmed."""

from typing import Any

import pytest

from screener.presenters.submission import SubmissionPage, submission_page
from screener.presenters.trials import MedicineTried
from screener.store import Submission
from tests.every_page import RULEBOOK
from tests.presenters.stored import NOW, RAISED, SAFE, questionnaire

HELPED = {
    "dose_mg": 100,
    "weeks": 12,
    "taken_most_days": "yes",
    "mood_benefit": "50_or_more",
    "this_episode": "yes",
    "stopped_because": "still_taking",
}


def page(**answers: Any) -> SubmissionPage:
    """Return the page of somebody who sent these answers."""
    form = questionnaire({**SAFE, **answers})
    stored = Submission(form, False, "new", None, 1, RAISED, (), ())
    return submission_page(RULEBOOK, stored, stored, NOW)


def tried(medicine: str, **cells: Any) -> MedicineTried:
    """Return a medicine as the page shows it."""
    [shown] = page(medicines_tried={medicine: cells}).tried
    return shown


def reported(medicine: MedicineTried) -> dict[str, str]:
    return {item.label: item.value for item in medicine.reported}


def test_a_dose_stands_in_the_unit_of_its_medicine() -> None:
    shown = page(medicines_tried={"liothyronine": {"dose_mg": 25}, "sertraline": {"dose_mg": 25}})
    doses = [reported(medicine)["Highest dose kept"] for medicine in shown.tried]
    assert doses == ["25 mg", "25 µg"]
    lines = [line for part in shown.pages for row in part.rows for line in row.values]
    assert any("Liothyronine" in line and "25 µg" in line for line in lines)
    assert any("Sertraline" in line and "25 mg" in line for line in lines)


def test_what_it_was_taken_for_and_every_reason_for_stopping_are_shown() -> None:
    cells = {"taken_for": "pain", "stopped_because": "no_benefit", "stopped_also": ["side_effects"]}
    lines = reported(tried("duloxetine", **cells))
    assert lines["Taken for"] == "Pain"
    assert lines["Main reason for stopping"] == "No benefit"
    assert lines["Other reasons for stopping"] == "Side effects"


def test_what_was_not_asked_of_a_medicine_is_no_blank() -> None:
    blank = reported(tried("duloxetine"))
    assert blank["Taken for"] == "Not answered"
    assert "Unusual dose, looked at again" not in blank
    assert "Other reasons for stopping" not in blank
    # It counts for mood alone, and is seldom given for anything else.
    assert {"Taken for", "Best change in pain"}.isdisjoint(reported(tried("sertraline")))
    # It never counts: neither dose nor weeks are asked.
    assert set(reported(tried("risperidone"))) == {"Main reason for stopping"}


@pytest.mark.parametrize(
    "cells, warning",
    [
        ({"dose_mg": 10000}, "Dose not confirmed: far above the usual"),
        ({"dose_mg": 10000, "dose_confirmed": "no"}, "Dose not confirmed: far above the usual"),
        ({"dose_mg": 10000, "dose_confirmed": "yes"}, ""),
        ({"dose_mg": 600}, ""),
        ({"dose_mg": 601}, "Dose not confirmed: far above the usual"),
        ({}, ""),
    ],
)
def test_an_unlikely_dose_is_marked_until_it_is_confirmed(
    cells: dict[str, Any], warning: str
) -> None:
    assert tried("sertraline", **cells).warning == warning


def test_what_is_still_taken_and_helps_stands_beside_the_name() -> None:
    assert tried("sertraline", **HELPED).now == (
        "still taken: a current response, mood better by half or more"
    )
    assert tried("sertraline", **{**HELPED, "mood_benefit": "under_25"}).now == "still taken"
    assert tried("sertraline", **{**HELPED, "stopped_because": "side_effects"}).now == ""
    assert tried("risperidone", stopped_because="still_taking").now == "still taken"


def test_only_a_status_is_a_verdict() -> None:
    [use] = tried("sertraline", **HELPED).uses
    assert use.verdict == ("Depression improved by 50 percent or more in this episode",)
    [use] = tried("sertraline", dose_mg=25, weeks=12).uses
    assert use.outcome == "unknown"
    assert not [title for title in use.verdict if "dose was" in title or "Taken for low" in title]
