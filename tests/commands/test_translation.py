"""`screener translation`, and what `screener check` says of translations."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from screener.places import shipped


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("rules"), tmp_path / "rules"))


def test_a_complete_translation_is_named_with_its_hash(run: Any, rules: Path) -> None:
    status, out, err = run("translation", "es", "--rules", str(rules))
    assert (status, err) == (0, [])
    assert re.fullmatch(r"Español: 0 problems; sha256:[0-9a-f]{64}", out[0]) and len(out) == 1
    _, checked, _ = run("check", "--rules", str(rules))
    assert f"Español (es): complete; {out[0].split()[-1]}" in checked


def test_what_is_missing_is_added_and_named(run: Any, rules: Path) -> None:
    (rules / "languages/es/reported.po").unlink()
    status, out, err = run("translation", "es", "--rules", str(rules))
    assert status == 1
    assert out[0] == "languages/es/reported.po: written"
    assert len(err) == 6
    assert re.match(r"languages/es/reported\.po:\d+:1: “You told us", err[0])


def test_rules_do_not_wait_for_translators(run: Any, rules: Path) -> None:
    (rules / "languages/es/reported.po").unlink()
    status, out, err = run("check", "--rules", str(rules))
    assert status == 0
    assert len(err) == 6 and all(line.startswith("warning: languages/es/") for line in err)
    assert any("6 problems, so it is not offered to patients" in line for line in out)


def test_the_document_to_sign_has_every_text_in_both_languages(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "spanish.html"
    status, out, err = run("translation", "es", "-o", str(path))
    assert (status, err) == (0, [])
    assert out[0] == f"{path}: written"
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    rows = {row.td.text: row.find_all("td")[1].text for row in page.select("tbody tr") if row.td}
    assert rows["How old are you?"] == "¿Qué edad tiene?"
    assert rows["Nearly every day"] == "Casi todos los días"
    assert len(rows) > 600 and "–" not in rows.values()
    assert out[-1].split()[-1] in page.text
    assert not page.select("script, link, img")


@pytest.mark.parametrize("code", ["spanish", "ES", "xx", "../es", ""])
def test_what_is_no_language_is_refused(run: Any, rules: Path, code: str) -> None:
    status, out, err = run("translation", code, "--rules", str(rules))
    assert (status, out) == (2, [])
    assert err == [f"{code}: write the code of a language, such as es or pt_BR"]


def test_a_file_that_cannot_be_read_is_named_and_kept(run: Any, rules: Path) -> None:
    file = rules / "languages/es/reported.po"
    file.write_text("msgid “no”\n", encoding="utf-8")
    status, _, err = run("translation", "es", "--rules", str(rules))
    assert status == 1 and err[0].startswith("languages/es/reported.po:")
    assert file.read_text(encoding="utf-8") == "msgid “no”\n"
