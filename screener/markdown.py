"""Education as HTML: Markdown whose [@keys] become numbered links to a list of references."""

import re
from collections.abc import Iterator, Mapping, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_KEYS = re.compile(r"\[@([a-z0-9-]+)\]")
# The numbers of help in the US, and "text AYUDA to 988", of which the whole is the link.
_HELP = re.compile(
    r"(?P<text>(?<![Cc]all or )text (?:[A-Z]+ to )?)?"
    r"(?<![\d.,-])(?P<number>988|911)(?![\d%]|[.,-]\d)"
)
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
    for token in tokens:
        if token.children:
            token.children = list(_dialled(token.children))
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Markup(_marked(html))  # noqa: S704 (made by _MARKDOWN, which escapes HTML)


def _lower(tokens: Sequence[Token], levels: int) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + levels, 6)}"


def _dialled(tokens: Sequence[Token]) -> Iterator[Token]:
    """Let the numbers of help in a text be tapped, where they are no link yet."""
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or depth:
            yield token
            continue
        end = 0
        for number in _HELP.finditer(token.content):
            yield Token("text", "", 0, content=token.content[end : number.start()])
            scheme = "sms" if number["text"] else "tel"
            href = f"{scheme}:{number['number']}"
            yield Token("link_open", "a", 1, attrs={"href": href})
            yield Token("text", "", 0, content=number[0])
            yield Token("link_close", "a", -1)
            end = number.end()
        yield Token("text", "", 0, content=token.content[end:])


def _marked(html: str) -> str:
    """Mark links to references, and let other links send no referrer."""
    html = re.sub(
        r'<a href="#reference-(\d+)">\1</a>',
        r'<a href="#reference-\1" aria-label="Reference \1">[\1]</a>',
        html,
    )
    return html.replace('<a href="http', '<a rel="noreferrer" href="http')
