"""What staff find a submission by: keyed marks, written with the save and gone with the person."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from screener import phones, store
from screener.store import Change, Terms
from screener.store.tables import MarkRow, SubmissionRow
from tests.conftest import KEY, OTHER_KEY, opened
from tests.store.test_review import nurse_sets

NAME = "Ana María O’Brien-Núñez"
BORN = "1979-04-27"


def begin(name: str = NAME, *, flags: dict[str, str] | None = None, risk: bool = False) -> str:
    """Save a form and return its token."""
    token = store.start("fibromyalgia", "1.0.0", "sha256:x")
    save(token, {"name": name, "date_of_birth": BORN, **number()}, flags or {}, risk=risk)
    return token


def save(
    token: str, identity: dict[str, Any], flags: dict[str, str], *, risk: bool = False
) -> None:
    change = Change(
        identity=identity,
        screening={"priority": "review", "flags": flags, "rulebook": {"hash": "sha256:x"}},
        priority="review",
        rank=5,
        risk=risk,
    )
    store.save(token, change=lambda _: change)


def number(text: str = "(555) 555-0142") -> dict[str, str]:
    return phones.entries("phone", text, "US")


def sent(name: str = NAME, **more: Any) -> str:
    """Send a form and return its reference."""
    token = begin(name, **more)
    return store.submit(token).reference


def found(terms: Terms) -> list[str]:
    part = store.queue_part(store.Wanted("all", terms=terms), limit=25)
    assert part.count == len(part.rows)
    return [row.reference for row in part.rows]


def flagged(rule: str, **more: Any) -> list[str]:
    wanted = store.Wanted(rule=("fibromyalgia", rule), **more)
    return [row.reference for row in store.queue_part(wanted, limit=25).rows]


def kept() -> list[tuple[bytes, int, str]]:
    with store.db.engine.connect() as connection:
        rows = connection.execute(sa.select(MarkRow.mark, MarkRow.listed, MarkRow.reference))
        return [(row.mark, row.listed, row.reference) for row in rows]


@pytest.mark.parametrize(
    "typed",
    ["ana", "MARÍA", "maria ana", "o'brien", "OBrien", "Brien", "nunez", "Ana Obrien-Nunez"],
)
def test_a_name_is_found_by_its_words_in_any_order_and_spelling(stored: Flask, typed: str) -> None:
    reference = sent()
    sent("Somebody Else")
    assert found(Terms(name=typed)) == [reference]


@pytest.mark.parametrize("typed", ["an", "ana else", "mari", "-", "ana" * 100, "%", "' OR 1=1"])
def test_what_is_no_word_of_it_finds_nobody(stored: Flask, typed: str) -> None:
    sent()
    sent("Somebody Else")
    assert found(Terms(name=typed)) == []


def test_number_birth_date_and_reference_find_a_person(stored: Flask) -> None:
    reference = sent()
    for typed in ("555-555-0142", "+1 555 555 0142", "5550142", "555 01 42"):
        assert found(Terms(number=typed)) == [reference], typed
    assert found(Terms(number="5550143")) == found(Terms(number="42")) == []
    assert found(Terms(born=("1979-04-27", "1980-01-01"))) == [reference]
    assert found(Terms(reference=reference)) == [reference]
    assert found(Terms(reference=reference, name="nobody")) == [reference], "either will do"


def test_a_number_that_cannot_be_read_is_found_by_its_digits(stored: Flask) -> None:
    token = store.start("fibromyalgia", "1.0.0", "sha256:x")
    save(token, {"name": "A", **number("call 555-0177 after six")}, {})
    reference = store.submit(token).reference
    assert found(Terms(number="5550177")) == [reference]


def test_a_form_that_staff_do_not_see_has_no_marks(stored: Flask) -> None:
    token = begin()
    assert kept() == [] and found(Terms(name="Ana")) == []
    reference = store.submit(token).reference
    assert found(Terms(name="Ana")) == [reference]
    assert {listed for _, listed, _ in kept()} == {1}


def test_a_risk_answer_alone_makes_a_form_findable(stored: Flask) -> None:
    begin(risk=True)
    [row] = store.queue()
    assert found(Terms(name="Ana")) == [row.reference]


def test_marks_follow_what_changed(stored: Flask) -> None:
    token = begin(risk=True, flags={"a": "met", "b": "unknown"})
    [row] = store.queue()
    assert flagged("a") == [row.reference] and flagged("b") == []
    before = kept()
    save(token, {"name": NAME, "date_of_birth": BORN, **number()}, {"a": "met", "b": "not_met"})
    assert kept() == before, "nothing of it changed"
    save(token, {"name": "Berta", "date_of_birth": BORN, **number()}, {"b": "met"})
    assert flagged("a") == [] and flagged("b") == [row.reference]
    assert found(Terms(name="Ana")) == [] and found(Terms(name="Berta")) == [row.reference]


def test_marks_are_on_the_list_of_their_submission(stored: Flask) -> None:
    reference = sent(flags={"a": "met"})
    nurse_sets(reference, "closed", "wrong number")
    assert flagged("a") == [] and flagged("a", listing="handled") == [reference]
    assert {listed for _, listed, _ in kept()} == {2}
    nurse_sets(reference, "acknowledged", "they called")
    assert flagged("a") == [reference] and {listed for _, listed, _ in kept()} == {1}


def test_nothing_that_a_person_gave_can_be_read_in_them(stored: Flask) -> None:
    sent(flags={"suicide_now": "met"})
    raw = b" ".join(mark for mark, _, _ in kept()).lower()
    for text in (b"ana", b"brien", b"5550142", b"1979", b"suicide"):
        assert text not in raw
    assert all(len(mark) == 16 for mark, _, _ in kept())


def test_marks_go_with_the_submission(stored: Flask) -> None:
    sent()
    with store.db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM risk_answer"))
        connection.execute(sa.delete(SubmissionRow))
    assert kept() == []


def test_marks_are_made_anew_with_a_new_key(database_url: str) -> None:
    with opened(database_url, {"k1": KEY}):
        reference = sent(flags={"a": "met"})
        old = kept()
    with opened(database_url, {"k2": OTHER_KEY, "k1": KEY}):
        other = sent("Ana New", flags={"a": "met"})
        assert sorted(found(Terms(name="Ana"))) == sorted([reference, other]), "before"
        store.reseal()
        assert not {mark for mark, _, _ in old} & {mark for mark, _, _ in kept()}
        resealed = kept()
        store.reseal()
        assert kept() == resealed, "once is enough"
    with opened(database_url, {"k2": OTHER_KEY}):
        assert sorted(found(Terms(name="Ana"))) == sorted([reference, other])
        assert sorted(flagged("a")) == sorted([reference, other])


def test_older_submissions_are_filled_once_and_told_of_until_then(stored: Flask) -> None:
    references = [sent(f"Ana Number{number}") for number in range(3)]
    forget(references)
    with store.db.engine.begin() as connection:
        broken = sa.update(SubmissionRow).where(SubmissionRow.reference == references[0])
        connection.execute(broken.values(sealed_identity=b"x"))
    assert not store.list_counts(store.submission(references[1]).waiting_since).complete  # type: ignore[union-attr]
    assert store.fill_list(at_once=1) == 2, "the one that does not open is passed over"
    assert sorted(found(Terms(name="Ana"))) == sorted(references[1:])
    assert store.fill_list() == 0


def test_a_save_fills_what_is_missing(stored: Flask) -> None:
    token = begin(risk=True)
    [row] = store.queue()
    forget([row.reference])
    save(token, {"name": "Berta"}, {"a": "met"}, risk=True)
    assert found(Terms(name="Berta")) == [row.reference] == flagged("a")


def forget(references: list[str]) -> None:
    """Let submissions be as they were before there were marks."""
    with store.db.engine.begin() as connection:
        connection.execute(sa.delete(MarkRow).where(MarkRow.reference.in_(references)))
        chosen = sa.update(SubmissionRow).where(SubmissionRow.reference.in_(references))
        connection.execute(chosen.values(marked=None, due_at=None))
