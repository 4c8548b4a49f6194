"""The files of a translation brought up to date with the rulebook, for a translator to fill in."""

from pathlib import Path

from screener.engine.protocol import Rulebook, Topic
from screener.engine.rulebook.load import LANGUAGES
from screener.languages.article import mark
from screener.languages.catalog import updated
from screener.languages.words import passages


def update(root: Path, book: Rulebook, code: str) -> list[str]:
    """Write every file of a translation anew and return the names of those that changed.

    Texts that are gone are taken away, new ones added without translation, and a text that was
    changed keeps its old translation, marked as fuzzy. A page of education that is missing is
    begun in English, without the mark that says what it was made from. Raise RulebookError where a
    file cannot be read, and OSError where it cannot be written.
    """
    texts: dict[str, dict[str, list[str]]] = {}
    for passage in passages(book):
        ids = texts.setdefault(passage.file, {}).setdefault(passage.text, [])
        if passage.id not in ids:
            ids.append(passage.id)
    written = {
        f"{LANGUAGES}/{code}/{name}.po": updated(
            root / LANGUAGES / code / f"{name}.po",
            f"{LANGUAGES}/{code}/{name}.po",
            code,
            ((text, ids) for text, ids in of_file.items()),
        )
        for name, of_file in texts.items()
    }
    for id, topic in book.topics.items():
        name = f"{LANGUAGES}/{code}/education/{id}.md"
        if not (root / name).exists():
            written[name] = _begun(topic).encode()
    changed = [
        name
        for name, content in written.items()
        if not (root / name).is_file() or (root / name).read_bytes() != content
    ]
    for name in changed:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(written[name])
    return changed


def _begun(topic: Topic) -> str:
    """Return a page to translate: once it is, its mark goes behind `of:`."""
    return (
        f"---\n# Translate this page, then write behind of: {mark(topic)}\n"
        f"id: {topic.id}\nof: nothing yet\n"
        f'title: "{topic.title}"\nsummary: "{topic.summary}"\n---\n\n{topic.text}\n'
    )
