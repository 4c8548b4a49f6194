"""The words of the program itself: every one is translated, whole, and compiled as it stands."""

import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from screener.languages.translation import PROGRAM

ROOT = PROGRAM.parent.parent
CATALOGS = sorted(PROGRAM.glob("*/LC_MESSAGES/messages.po"))
LANGUAGES = [path.parts[-3] for path in CATALOGS]
UPDATE = "run `make translations`, translate, and run it again"


# Places and tags stand in the translation as often as in the English.
_PLACE = re.compile(r"%(?:\([^)]*\))?.|%$")
_TAG = re.compile(r"<[^>]*>")
# A number may be added: "oprima 2".
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


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


@pytest.mark.parametrize("path", CATALOGS, ids=LANGUAGES)
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


@pytest.mark.parametrize("path", CATALOGS, ids=LANGUAGES)
def test_what_is_compiled_is_what_is_written(path: Path) -> None:
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.parts[-3])
    compiled = BytesIO()
    write_mo(compiled, catalog)
    assert path.with_suffix(".mo").read_bytes() == compiled.getvalue(), UPDATE


def forms_of(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else [str(form) for form in text]


def damage(message: Message) -> Iterator[str]:
    """Yield how a translation, in any form, has other places, tags or fewer numbers."""
    originals = forms_of(message.id)
    for number, form in enumerate(forms_of(message.string or "")):
        # The first form is for one, every other for several.
        original = originals[min(number, len(originals) - 1)]
        for pattern in (_PLACE, _TAG):
            before, after = Counter(pattern.findall(original)), Counter(pattern.findall(form))
            if before != after:
                yield f"{form!r} has {sorted(after)}, not {sorted(before)}"
        lost = set(_NUMBER.findall(_bare(original))) - set(_NUMBER.findall(_bare(form)))
        if lost:
            yield f"{form!r} has lost {sorted(lost)}"


def _bare(text: str) -> str:
    """Return a text without tags and places, which may hold digits too."""
    return _PLACE.sub(" ", _TAG.sub(" ", text))


@pytest.mark.parametrize("path", CATALOGS, ids=LANGUAGES)
def test_places_tags_and_numbers_stand_in_the_translation(path: Path) -> None:
    with path.open("rb") as file:
        catalog = read_po(file)
    assert [fault for message in catalog if message.id for fault in damage(message)] == []


@pytest.mark.parametrize(
    ("english", "translated", "fault"),
    [
        ("By %(name)s", "Por %(nombre)s", "has ['%(nombre)s'], not ['%(name)s']"),
        ("By %(name)s", "Por %(name)d", "has ['%(name)d'], not ['%(name)s']"),
        ("By %(name)s", "Por %(name) s", "has ['%(name) '], not ['%(name)s']"),
        ("By %(name)s", "Por", "has [], not ['%(name)s']"),
        ("All", "Todo, 100%", "has ['%'], not []"),
        (("One", "%(num)s of them"), ("Uno", "%(num)s", "Muchos"), "has [], not ['%(num)s']"),
        ('<a href="/a">Go</a>', '<a href="/b">Vaya</a>', "not ['</a>', '<a href=\"/a\">']"),
        ("<strong>Stop</strong>", "<strong>Pare<strong>", "not ['</strong>', '<strong>']"),
        ("Call <b>911</b>", "Llame al <b>912</b>", "has lost ['911']"),
    ],
)
def test_damage_is_seen(
    english: str | tuple[str, str], translated: str | tuple[str, ...], fault: str
) -> None:
    [seen] = damage(Message(english, translated))
    assert fault in seen


def test_a_number_may_be_added_and_places_may_change_their_order() -> None:
    assert [*damage(Message("Call 988", "Llame al 988 y oprima 2"))] == []
    assert [*damage(Message("%(a)s of %(b)s", "De %(b)s, %(a)s"))] == []
