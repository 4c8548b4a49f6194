"""`screener assess` and `explain` read retired ids, and name what to write instead."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from screener.places import shipped

OLD = '{"case": "one", "answers": {"age": 40, "sex_before": "undisclosed"}}'


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return rules in which `sex` took the place of another question and retired an option."""
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    [path] = [path for path in rules.rglob("questions/*.yaml") if "- id: sex\n" in path.read_text()]
    text = path.read_text().replace("  - id: sex\n", "  - id: sex\n    replaces: [sex_before]\n")
    retired, count = re.subn(
        r"( +)- id: undisclosed\n", r"\g<0>\1  retired: other, or leave it out\n", text
    )
    assert count == 1
    path.write_text(retired)
    return rules


def test_assess_names_every_retired_id_and_goes_on(run: Any, rules: Path) -> None:
    status, out, err = run("assess", "--rules", str(rules), "-", stdin=OLD)
    assert status == 0
    assert err == [
        "standard input: document 1 (one): sex_before: is retired; write sex",
        "standard input: document 1 (one): sex_before: undisclosed is retired; "
        "write other, or leave it out",
    ]
    new = OLD.replace("sex_before", "sex").replace("undisclosed", "other")
    assert run("assess", "--rules", str(rules), "-", stdin=new)[1:] == (out, [])
    assert json.loads(out[0])["case"] == "one"


def test_explain_names_them_too(run: Any, rules: Path) -> None:
    status, _, err = run("explain", "--rules", str(rules), "-", stdin=OLD)
    assert status == 0
    assert [line.endswith("write sex") for line in err] == [True, False]


def test_both_ids_that_differ_are_refused(run: Any, rules: Path) -> None:
    both = '{"sex": "female", "sex_before": "male"}'
    status, out, err = run("assess", "--rules", str(rules), "-", stdin=both)
    assert (status, out) == (2, [])
    assert err == [
        'standard input: document 1: sex_before: found "male", but sex is "female"; '
        "both answer sex: write that alone"
    ]


def test_a_retired_id_of_a_refused_document_is_no_second_line(run: Any, rules: Path) -> None:
    wrong = '{"sex_before": "female", "age": -1}'
    status, _, err = run("assess", "--rules", str(rules), "-", stdin=wrong)
    assert (status, len(err)) == (2, 1)
