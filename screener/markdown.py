"""Education as HTML: Markdown whose [@keys] become numbered links to a list of references."""

import re
from collections.abc import Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_KEYS = re.compile(r"\[@([a-z0-9-]+)\]")
# Without HTML and pictures: the files hold text only, whoever wrote them.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


def cited(text: str) -> list[str]:
    """Return the keys that a text cites, each once, in order of first mention."""
    return list(dict.fromkeys(_KEYS.findall(text)))


def to_html(text: str, numbers: Mapping[str, int], *, deeper: int = 0) -> Markup:
    """Return a text as HTML. `numbers` has each key's place in the list; other keys are left out.

    `deeper` moves headings down by that many levels, for a text below another heading.
    """

    def link(key: re.Match[str]) -> str:
        number = numbers.get(key[1])
        if number is None:  # the loader refuses unknown keys; if one comes, do not show it
            return ""
        return f"[{number}](#reference-{number})"

    tokens = _MARKDOWN.parse(_KEYS.sub(link, text))
    _lower(tokens, deeper)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Markup(_marked(html))  # noqa: S704 (made by _MARKDOWN, which escapes HTML)


def _lower(tokens: Sequence[Token], levels: int) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + levels, 6)}"


def _marked(html: str) -> str:
    """Mark links to references, and let other links send no referrer."""
    html = re.sub(
        r'<a href="#reference-(\d+)">\1</a>',
        r'<a class="sc-reference" href="#reference-\1" aria-label="Reference \1">[\1]</a>',
        html,
    )
    return html.replace('<a href="http', '<a rel="noreferrer" href="http')
