"""What the documents name is there: every link leads to a file, and every test has its path."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"\]\((?!https?:|mailto:|tel:|sms:|#)([^)#]+)")
_TEST = re.compile(r"`([\w./]*\btest_\w+\.py|tests/[\w./]+)`")


def documents() -> Iterator[tuple[Path, str]]:
    """Yield every document for developers and physicians, with its text."""
    for pattern in ("*.md", "docs/**/*.md", "rules/*.md"):
        for path in sorted(ROOT.glob(pattern)):
            yield path, path.read_text(encoding="utf-8")


def test_every_link_leads_to_a_file() -> None:
    links = [(path, link) for path, text in documents() for link in _LINK.findall(text)]
    assert len(links) > 50
    assert [(str(path), to) for path, to in links if not (path.parent / to).exists()] == []


def test_every_test_that_is_named_stands_at_its_path() -> None:
    named = [(path, name) for path, text in documents() for name in _TEST.findall(text)]
    assert len(named) > 15
    assert [(str(path), name) for path, name in named if not (ROOT / name).exists()] == []
