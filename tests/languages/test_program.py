"""The words of the program itself: every one is translated, and compiled as it stands."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from screener.languages.translation import PROGRAM

ROOT = PROGRAM.parent.parent
CATALOGS = sorted(PROGRAM.glob("*/LC_MESSAGES/messages.po"))
UPDATE = "run `make translations`, translate, and run it again"


def said_by_the_program() -> set[str | tuple[str, ...]]:
    with (PROGRAM / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
    skipped = {".venv", "build", "node_modules", ".git"}
    found = extract_from_dir(
        str(ROOT),
        methods,
        options,
        keywords=keywords,
        directory_filter=lambda path: Path(path).name not in skipped,
    )
    return {message for _, _, message, _, _ in found}


def test_there_are_words_to_translate() -> None:
    assert CATALOGS
    assert "This translation has not been reviewed by a qualified translator." in (
        said_by_the_program()
    )


@pytest.mark.parametrize("path", CATALOGS, ids=[path.parts[-3] for path in CATALOGS])
def test_no_message_is_missing_or_fuzzy(path: Path) -> None:
    with path.open("rb") as file:
        catalog = read_po(file)
    ours = {message.id: message for message in catalog if message.id}
    said = said_by_the_program()
    assert said - set(ours) == set(), UPDATE
    assert set(ours) - said == set(), UPDATE
    for message in ours.values():
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        assert all(forms) and not message.fuzzy, f"{message.id}: {UPDATE}"


@pytest.mark.parametrize("path", CATALOGS, ids=[path.parts[-3] for path in CATALOGS])
def test_what_is_compiled_is_what_is_written(path: Path) -> None:
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parts[-3])
    compiled = BytesIO()
    write_mo(compiled, catalog)
    assert path.with_suffix(".mo").read_bytes() == compiled.getvalue(), UPDATE
