"""Other forms of a person, in words."""

from datetime import timedelta

import pytest
from flask import Flask

from screener.presenters.same_person import (
    OtherForms,
    alike_words,
    listed,
    ordinal,
    other_forms_shown,
    stands,
)
from screener.store import OtherForm, QueueRow, SameState
from tests.presenters.stored import BEGAN, NOW, RAISED


def other(reference: str, state: SameState, status: str = "new") -> OtherForm:
    row = QueueRow(
        reference=reference,
        protocol="fibromyalgia",
        identity={"name": "Ana Test"},
        progress={},
        screening={},
        priority="review",
        risk=False,
        status=status,
        assigned_to=None,
        revision=1,
        created_at=BEGAN,
        updated_at=RAISED,
        submitted_at=RAISED,
        waiting_since=RAISED,
    )
    return OtherForm(row, state, ("born", "phone"), RAISED)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st"), (112, "112th")],
)
def test_numbers_of_forms(number: int, words: str) -> None:
    assert ordinal(number) == words


def test_what_is_alike_says_what_is_not() -> None:
    assert alike_words(("born", "name", "phone")) == "same birth date, name and phone"
    assert alike_words(("born", "phone")) == "same birth date and phone, another name"
    assert alike_words(("name",)) == "not the same birth date"


def test_where_a_form_stands(app: Flask) -> None:
    assert stands("decided", RAISED, NOW + timedelta(days=3)) == "decided 2 March"
    assert stands("closed", RAISED, NOW + timedelta(days=400)) == "closed 2 March 2026"
    assert stands("in_contact", RAISED, NOW) == "in contact, came today"


def test_those_that_wait_come_first(app: Flask) -> None:
    others = [
        other("A", "suggested", "closed"),
        *(other(name, "suggested") for name in "BCD"),
        other("E", "confirmed", "decided"),
        other("F", "confirmed"),
        other("G", "rejected"),
    ]
    shown = other_forms_shown(others, NOW)
    assert [line.reference for line in shown.suggested] == ["B", "C", "D", "A"]
    assert [line.reference for line in shown.confirmed] == ["F", "E"]
    assert [line.reference for line in shown.rejected] == ["G"]
    assert other_forms_shown([], NOW) == OtherForms((), (), ())


def test_words_make_a_list_of_a_sentence() -> None:
    assert listed(["1st"]) == "1st"
    assert listed(["1st", "2nd", "3rd"]) == "1st, 2nd and 3rd"
