"""`screener check`: it counts what it checked, and names every fault."""

import re
import shutil
from pathlib import Path
from typing import Any

from screener.places import shipped


def test_check_passes_and_counts(run: Any) -> None:
    status, out, err = run("check")
    assert (status, err) == (0, [])
    counted = re.search(r"(\d+) rules", out[0])
    assert counted is not None
    assert int(counted[1]) >= 60
    assert out[-2].startswith("sha256:")
    assert "not for clinical use" in out[-1]


def test_check_tells_every_fault_and_exits_1(run: Any, tmp_path: Path) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    age = rules / "common" / "age.yaml"
    age.write_text(age.read_text().replace("age < 18", "aeg < 18"))
    status, out, err = run("check", "--rules", str(rules))
    assert (status, out) == (1, [])
    assert err[0].startswith("common/age.yaml:")
    assert "did you mean age?" in err[0]


def test_check_fails_when_a_case_fails(run: Any, tmp_path: Path) -> None:
    rules = Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))
    age = rules / "common" / "age.yaml"
    age.write_text(age.read_text().replace("leaf: age < 18", "leaf: age < 17"))
    status, out, err = run("check", "--rules", str(rules))
    assert (status, out) == (1, [])
    assert any("seventeen years old: under_18 is not_met, expected met" in line for line in err)
