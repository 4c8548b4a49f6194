"""The report of proofs: read as it was written, or refused with its line and the cure."""

from pathlib import Path

import pytest

from screener.engine.proof.report import REPORT, Report, ReportError, Statement, read_report
from tests.engine.answers import RULEBOOK

REPORTED = Report(
    RULEBOOK.hash,
    RULEBOOK.version,
    "z3 1",
    (
        Statement("fibromyalgia", "rule", "under_18", "under_18 can be met", "proved", 122),
        Statement("fibromyalgia", "rule", "odd", "“odd” can be met", "failed", why="odd is dead"),
    ),
)


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_report(tmp_path) is None
    lines = list(REPORTED.lines())
    assert len(lines) == 1 + len(REPORTED.statements)
    (tmp_path / REPORT).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert read_report(tmp_path) == REPORTED


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([], "line 1: Invalid JSON"),
        (["["], "line 1: Invalid JSON"),
        (["{"], "line 1: Invalid JSON"),
        (["null"], "line 1: Input should be an object"),
        (['{"hash": "1"}'], 'line 1: found {"hash": "1"}; expected hash, solver, version'),
        ([None, "<<<<<<<"], "line 2: Invalid JSON"),
        ([None, '{"protocol": "fibromyalgia"}'], "line 2: Field required"),
        ([None, None, '{"verdict": "maybe"}'], "line 3: "),
        (["\x00"], "line 1: Invalid JSON"),
    ],
)
def test_a_report_that_cannot_be_read_is_named_with_the_cure(
    tmp_path: Path, lines: list[str | None], problem: str
) -> None:
    whole = list(REPORTED.lines())
    text = "\n".join(line or whole[i] for i, line in enumerate(lines))
    (tmp_path / REPORT).write_text(text, encoding="utf-8")
    with pytest.raises(ReportError) as refused:
        read_report(tmp_path)
    assert str(refused.value).startswith(f"{REPORT}, {problem}")
    assert str(refused.value).endswith("; run `screener prove --write`")


def test_a_report_that_is_no_text_or_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / REPORT).write_bytes(b"\xff\xfe")
    with pytest.raises(ReportError, match=r"line 1: .*screener prove --write"):
        read_report(tmp_path)
    (tmp_path / REPORT).unlink()
    (tmp_path / REPORT).mkdir()
    with pytest.raises(ReportError, match=r"cannot be read: .*screener prove --write"):
        read_report(tmp_path)


def test_a_report_of_an_earlier_version_is_named_until_there_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "proofs.json").write_text('{"statements": []}', encoding="utf-8")
    with pytest.raises(ReportError, match=r"proofs\.json is a report of an earlier .*--write"):
        read_report(tmp_path)
    (tmp_path / REPORT).write_text("\n".join(REPORTED.lines()), encoding="utf-8")
    assert read_report(tmp_path) == REPORTED
