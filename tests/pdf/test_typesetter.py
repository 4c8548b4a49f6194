"""What Typst gets and gives: tagged documents, any character, text that stays text."""

import io
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from screener import pdf
from screener.engine.rulebook.load import load
from screener.pdf import typesetter
from screener.places import shipped

FONTS = Path(pdf.__file__).parent / "fonts"
LETTERS = typesetter.letters_of(FONTS)
DATA: dict[str, Any] = {
    "lang": "en",
    "title": "Your copy",
    "warning": "",
    "clinic": {"name": "Hill Street Clinic"},
    "page": "Page",
    "reference": {"label": "Your reference:", "value": "AAAA-BBBB"},
    "sent": "You sent your answers.",
    "person": [],
    "help": ["Call or text 988."],
    "next": {"title": "What happens next", "steps": ["Staff read it."], "after": []},
    "told": {"title": "What you told us", "reported": [], "boxes": "A box:"},
    "groups": [],
    "closing": [],
}
HOSTILE = [
    '#read("/etc/passwd")',
    "#panic()",
    '#import "@preview/x:1.0.0": *',
    "$x^2$",
    "\\u{1F600} \\",
    "*bold* _slanted_ `code` <label> @reference // comment /* more */",
    "#let data = 1",
    "\"quoted\" 'single' -- --- ... ~",
    "= Heading\n- list\n+ more\n/ Term: x",
    "]] }} )) #[",
    "<script>alert(1)</script> </svg>",
]
NAMES = [
    "王小明",
    "محمد الأحمد",
    "משה כהן",
    "Ольга Ёж",
    "Αθηνά",
    "😀 👩‍👩‍👧‍👦 🏳️‍🌈",
    "\u202eRoute 66\u202c",
    "a\u0301\u0302\u0303\u0304" * 50,
    "Nul\x00 bell\x07 esc\x1b[31m del\x7f",
    "\ud7ff\uffff\ufffe\U0010ffff\ue000",
    "Žofie Łukasz Đặng Ğ",
]


def made(answers: list[str], **more: Any) -> PdfReader:
    rows = [{"label": "Said", "values": answers}]
    data = {**DATA, "groups": [{"title": "Answers", "rows": rows}], **more}
    return PdfReader(io.BytesIO(pdf.render("copy.typ", data)))


def text_of(document: PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in document.pages))


def test_it_is_tagged_and_has_a_title_and_a_language() -> None:
    document = made(["Yes"])
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"].startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert document.metadata is not None
    assert document.metadata.title == "Your copy"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert {"/Document", "/H1", "/H2", "/H3", "/L", "/P"} <= kinds(root["/StructTreeRoot"])


def kinds(tree: Any) -> set[str]:
    """Return the kinds of all elements below a node of the structure tree."""
    tree = tree.get_object() if hasattr(tree, "get_object") else tree
    if isinstance(tree, list):
        return {kind for part in tree for kind in kinds(part)}
    if not isinstance(tree, dict):
        return set()
    below = kinds(tree["/K"]) if "/K" in tree else set()
    return {str(tree["/S"]), *below} if "/S" in tree else below


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_was_typed_is_printed_as_text(typed: str) -> None:
    told = re.sub(r"\s+", " ", text_of(made([typed])).replace("\u200b", ""))
    for line in typed.splitlines():
        assert re.sub(r"\s", "", line) in re.sub(r"\s", "", told)


@pytest.mark.parametrize("typed", NAMES)
def test_any_character_is_printed_or_marked(typed: str) -> None:
    document = made([typed], person=[{"label": "Name", "value": typed}])
    told = text_of(document)
    assert "A box:" in told if typesetter.BOX in typesetter.printable(typed, LETTERS) else True
    assert "AAAA-BBBB" in told


def test_letters_of_our_fonts_stay_as_they_are() -> None:
    assert typesetter.printable("Žofie Łukasz Ğ – “quoted”", LETTERS) == "Žofie Łukasz Ğ – “quoted”"
    assert typesetter.printable("王 a", LETTERS) == f"{typesetter.BOX} a"
    # Where two code points make one letter that we have, it is that letter.
    assert typesetter.printable("e\u0301", LETTERS) == "é"
    assert "A box:" not in text_of(made(["Žofie"]))


@pytest.mark.parametrize("letter", ["x", "王", "😀", "x ", "#"])
def test_ten_thousand_characters_stay_on_the_page(letter: str) -> None:
    document = made([letter * 10_000])
    assert len(document.pages) > 1
    for page in document.pages:
        assert _right_edge(page) < float(page.mediabox.width)


def _right_edge(page: PageObject) -> float:
    """Return where the last piece of text on a page begins that stands furthest to the right."""
    begins: list[float] = []
    page.extract_text(visitor_text=lambda *part: begins.append(part[2][4]))
    return max(begins)


def test_every_word_of_the_rulebook_can_be_printed() -> None:
    texts = [
        text
        for protocol in load(shipped("rules")).protocols.values()
        for question in (*protocol.questions.values(), *protocol.table.columns)
        for text in (question.text, *(option.label for option in question.options))
    ]
    assert [text for text in texts if typesetter.BOX in typesetter.printable(text, LETTERS)] == []


def test_it_is_stopped_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    with pytest.raises(pdf.NotRendered, match=r"more than 0\.001 seconds"):
        pdf.render("copy.typ", DATA, seconds=0.001)
    assert time.monotonic() - began < 5
    assert pdf.render("copy.typ", DATA).startswith(b"%PDF-")


def test_one_is_made_at_a_time() -> None:
    with (
        pdf._one_at_a_time,
        pytest.raises(pdf.NotRendered, match="another PDF took too long"),
    ):
        pdf.render("copy.typ", DATA, seconds=0.01)


def test_a_fault_quotes_nothing_of_the_data() -> None:
    faulty = {**DATA, "next": "a secret of somebody"}
    with pytest.raises(pdf.NotRendered) as refused:
        pdf.render("copy.typ", faulty)
    assert "secret" not in str(refused.value)


def test_nothing_of_a_person_stands_in_arguments_environment_or_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[tuple[Any, dict[str, Any]]] = []
    run = subprocess.run

    def watched(command: Any, **more: Any) -> Any:
        calls.append((command, more))
        return run(command, **more)

    monkeypatch.setattr(subprocess, "run", watched)
    monkeypatch.setenv("SCREENER_SECRET_KEY", "not for Typst")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    made(["Ana Test"])
    ((command, more),) = calls
    assert "Ana" not in " ".join(map(str, command))
    assert more["env"] == {}
    assert json.loads(more["input"])["groups"][0]["rows"][0]["values"] == ["Ana Test"]
    assert list(tmp_path.iterdir()) == []
    assert command[0] == sys.executable


def test_without_its_packages_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pdf.available()
    monkeypatch.setattr(pdf, "_PACKAGES", ("typst", "no_such_package"))
    assert not pdf.available()
