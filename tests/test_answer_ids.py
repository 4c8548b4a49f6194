"""The list of answer ids in docs/ is the rulebook's: saved answers depend on every one."""

import re
from collections.abc import Iterator

from screener.engine.questions import Question
from tests.shipped import RULEBOOK
from tests.test_docs import ROOT

LISTED = (ROOT / "docs" / "answer-ids.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `([\w.]+)` \| (\w+) \| (.*) \|$", re.MULTILINE)


def questions() -> Iterator[tuple[str, Question]]:
    """Yield every question and column of every protocol, with its path."""
    for protocol in RULEBOOK.protocols.values():
        for question in protocol.questions.values():
            yield question.id, question
            for column in question.columns:
                yield f"{question.id}.{column.id}", column


def values(question: Question) -> str:
    """Return the column `values` of the list for a question."""
    if question.range is not None:
        return "{} to {} {}".format(*question.range, question.unit).strip()
    options = (option.id + "*" * bool(option.retired) for option in question.options)
    return f"`{' '.join(options)}`" if question.options else ""


def test_every_id_of_the_rulebook_is_listed_and_no_other() -> None:
    listed = {path: (kind, allowed) for path, kind, allowed in _ROW.findall(LISTED)}
    assert listed == {path: (question.kind, values(question)) for path, question in questions()}


def test_every_id_that_was_replaced_is_listed() -> None:
    replaced = {(old, path) for path, question in questions() for old in question.replaces}
    assert replaced
    assert set(re.findall(r"`(\w+)` \(now `(\w+)`\)", LISTED)) == replaced


def test_every_row_of_the_table_of_medicines_is_listed() -> None:
    rows = LISTED.partition("Rows of `medicines_tried`:")[2]
    medicines = {id for protocol in RULEBOOK.protocols.values() for id in protocol.medicines}
    assert set(re.findall(r"`(\w+)`", rows)) == medicines
