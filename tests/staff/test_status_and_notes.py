"""Setting a status and writing a note: kept with who and when, refused with nothing lost."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screener.staff import forms
from tests.staff.clinic import (
    CLOSE,
    NO_RISK,
    NURSE,
    actions,
    add,
    case,
    everything,
    opened,
    part,
    post,
    store_page,
)
from tests.web import errors, visible

# --- a submission --------------------------------------------------------------------------------


def test_notes_are_tidied_and_one_that_nobody_sees_is_empty(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, NO_RISK)
    answer = post(
        nurse, opened(nurse, reference), "act", **{"act-do": "note", "act-text": "\u200b\u3164 "}
    )
    assert errors(answer) == [("Write the note first.", "#act-text")]
    post(
        nurse,
        opened(nurse, reference),
        "act",
        **{"act-do": "note", "act-text": "\u200fCafe\u0301\r\n2\0 "},
    )
    [event] = store_page(app, reference).events
    assert event.body == {"text": "Café\n2"}


# --- status and notes ----------------------------------------------------------------------------


def test_status_and_notes_are_kept_with_who_and_when(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, case(app, "V05"))
    answer = post(
        nurse,
        opened(nurse, reference),
        "act",
        **{"act-do": "acknowledged", "act-text": "  Called.\nNo answer.  "},
    )
    assert answer.status_code == 303
    assert answer.location == f"/staff/submissions/{reference}"
    answer = post(
        nurse,
        opened(nurse, reference),
        "act",
        **{"act-do": "note", "act-text": "Second try at 4"},
    )
    assert answer.status_code == 303
    text = visible(everything(nurse, reference))
    assert "Status changed from New to Acknowledged nurse@clinic.example" in text
    assert "Called. No answer." in text
    assert text.index("Second try at 4") < text.index("Called. No answer.")
    log = actions(app)
    assert (NURSE, "status acknowledged", reference) in log
    assert (NURSE, "note", reference) in log
    assert not any("Called" in part for entry in log for part in entry)


@pytest.mark.parametrize("status", ["", "nonsense", "NEW", "<b>"])
def test_a_status_that_is_none_is_refused(app: Flask, nurse: FlaskClient, status: str) -> None:
    page = opened(nurse, add(app, NO_RISK))
    answer = post(nurse, page, "act", **{"act-do": status})
    assert answer.status_code == 400
    assert visible(answer).count("Choose what to do by a button of the page.") == 1


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30, "0"])
def test_a_revision_that_is_none_counts_as_stale(
    app: Flask, nurse: FlaskClient, revision: str
) -> None:
    page = opened(nurse, add(app, NO_RISK))
    change = {**CLOSE, "act-revision": revision}
    assert post(nurse, page, "act", **change).status_code == 409


def test_a_note_that_cannot_be_taken_stays_in_its_box(app: Flask, nurse: FlaskClient) -> None:
    page = opened(nurse, add(app, NO_RISK))
    answer = post(nurse, page, "act", **{"act-do": "note", "act-text": "   "})
    assert answer.status_code == 400
    assert errors(answer) == [("Write the note first.", "#act-text")]
    long = "n" * (forms.LONGEST_NOTE + 7)
    for do in ("note", "acknowledged", "contact", "needs_information"):
        answer = post(nurse, page, "act", **{"act-do": do, "act-text": long})
        assert answer.status_code == 400
        assert "Shorten the note by 7 characters" in visible(answer)
        assert long in answer.text


def test_a_page_left_open_too_long_loses_nothing(app: Flask, nurse: FlaskClient) -> None:
    reference = add(app, NO_RISK)
    page = opened(nurse, reference)
    note = {"act-do": "note", "act-text": "typed long ago"}
    answer = post(nurse, page, "act", **{"csrf_token": "old", **note})
    assert answer.status_code == 400
    assert "nothing was saved" in visible(answer)
    assert "typed long ago" in part(answer, "#act-text").get_text()
    assert not store_page(app, reference).events
    change = {"csrf_token": "old", "act-do": "closed", "act-text": "also this"}
    answer = post(nurse, page, "act", **change)
    assert answer.status_code == 400
    assert "also this" in part(answer, "#act-text").get_text()
    assert store_page(app, reference).status == "new"
