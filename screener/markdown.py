"""Education as HTML: Markdown whose [@keys] become numbered links to a list of references."""

import re
from collections.abc import Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_KEYS = re.compile(r"\[@([a-z0-9-]+)\]")
# Without HTML, pictures or bare links: what the files say is text, whoever wrote them.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")


def cited(text: str) -> list[str]:
    """The keys that a text cites, each once, in the order in which they come first."""
    return list(dict.fromkeys(_KEYS.findall(text)))


def to_html(text: str, numbers: Mapping[str, int], *, deeper: int = 0) -> Markup:
    """A text as HTML. `numbers` gives each key its place in the list; a key without is left out.

    `deeper` moves headings down so many levels, for a text that stands below another heading.
    """

    def link(found: re.Match[str]) -> str:
        number = numbers.get(found[1])
        if number is None:  # the loader refuses unknown keys; do not show one all the same
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
    """Tell links to references from others, and keep outgoing ones from telling where from."""
    html = re.sub(
        r'<a href="#reference-(\d+)">\1</a>',
        r'<a class="sc-reference" href="#reference-\1" aria-label="Reference \1">[\1]</a>',
        html,
    )
    return html.replace('<a href="http', '<a rel="noreferrer" href="http')
