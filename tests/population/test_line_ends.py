"""`screener batch`: any line end ends a line, and none is lost within a text."""

from typing import Any

import pytest

from screener.population import framing
from tests.population.batches import strictly
from tests.population.people_files import outcomes

pytestmark = pytest.mark.long


@pytest.mark.parametrize("block", [1, 2, 7, 1 << 24])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\r", "\r\r", "\r\n\n\r"])
@pytest.mark.parametrize("last", [True, False])
def test_any_line_end_ends_a_line(
    end: str, block: int, last: bool, batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["age,phq9_9,pain_other_place", '44,1,"left\r\nand ""right"""', "50,0,"]
    # A block is longer than a row; so the parts in which it is read are made short on their own.
    monkeypatch.setattr(framing, "BLOCK", 100)
    monkeypatch.setattr(framing, "READ", block)
    status, out, err = batch("in.csv", end.join(lines) + end * last)
    assert (status, err) == (0, [])
    assert list(outcomes(out)) == [1, 2]


def test_different_line_ends_in_one_file(batch: Any) -> None:
    status, out, _ = batch("in.csv", "age,phq9_9\r\n44,1\r50,0\n51,\r\n52,1\r")
    assert status == 0
    assert list(outcomes(out)) == [1, 2, 3, 4]


@pytest.mark.parametrize("block", [1, 3, 1 << 24])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_any_line_end_ends_a_document(
    end: str, block: int, batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "READ", block)
    text = end.join(['{"submission": "a", "age": 44}', '{"submission": "b", "age": 50}', ""])
    status, out, err = batch("in.ndjson", text)
    assert (status, err) == (0, [])
    assert {row: outcome["submission"] for row, outcome in outcomes(out).items()} == {
        1: "a",
        2: "b",
    }


def test_a_short_row_that_has_ended_is_refused_alone(batch: Any) -> None:
    """Without a line end it might be a row that was cut off."""
    for end in ("\r", "\n", "\r\n"):
        status, out, _ = batch("in.csv", end.join(["age,phq9_9", "44,1", "50", ""]))
        assert status == 1
        assert strictly(out)[0]["problems"] == ["the row: it has 1 cells; the names are 2"]
    assert batch("in.csv", "age,phq9_9\r44,1\r50")[0] == 2


def test_a_line_end_within_a_document_is_none_in_its_text(batch: Any) -> None:
    """U+2028 and its like end no line, whatever Python calls a line."""
    text = '{"submission": "a\u2028b\u0085c\x0bd"}\n'.replace("\x0b", "\\u000b")
    status, out, _ = batch("in.ndjson", text)
    assert status == 0
    assert outcomes(out)[1]["submission"] == "a\u2028b\u0085c\x0bd"
