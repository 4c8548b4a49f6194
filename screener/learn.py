"""The education as public pages: Markdown with numbered references, the same for everyone."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from markupsafe import Markup

from screener import markdown, spoken
from screener.access import PUBLIC
from screener.education import crisis_first
from screener.engine.protocol import Reference, Rulebook, Topic

ACCESS = {"learn.index": PUBLIC, "learn.accessibility": PUBLIC, "learn.topic": PUBLIC}

_MINUTES = 10 * 60
# When templates/learn/accessibility.html was last compared with the site.
_ACCESSIBILITY_WRITTEN = date(2026, 11, 26)


@dataclass(frozen=True)
class Source:
    """One entry of the reference list: `where` names it, `href` leads to it."""

    number: int
    citation: str
    where: str
    href: str


def blueprint() -> Blueprint:
    """Return the blueprint `learn`."""
    learn = Blueprint("learn", __name__, url_prefix="/learn")
    learn.add_url_rule("/", "index", index)
    learn.add_url_rule("/accessibility", "accessibility", accessibility)
    learn.add_url_rule("/<topic_id>", "topic", topic)
    return learn


def index() -> ResponseReturnValue:
    """Show all topics, and where the questions come from."""
    book = _rulebook()
    instruments = {
        instrument.id: instrument
        for protocol in book.protocols.values()
        for instrument in protocol.instruments
    }
    topics = crisis_first(sorted(book.topics.values(), key=lambda topic: topic.order))
    return _shared(
        render_template(
            "learn/index.html",
            topics=topics,
            instruments=instruments.values(),
            languages=spoken.offered(),
        )
    )


def accessibility() -> ResponseReturnValue:
    """Show how far the site is accessible, and how to say that it is not."""
    written = format_date(_ACCESSIBILITY_WRITTEN, "long")
    return _shared(render_template("learn/accessibility.html", written=written))


def topic(topic_id: str) -> ResponseReturnValue:
    """Show one topic with its references."""
    book = _rulebook()
    chosen = book.topics.get(topic_id)
    if chosen is None:
        abort(404)
    order = sorted(book.topics.values(), key=lambda topic: topic.order)
    place = order.index(chosen)
    body, sources = rendered(chosen, book)
    first, end, rest = body.partition("</p>")  # what must be read first, then the drawing
    return _shared(
        render_template(
            "learn/topic.html",
            topic=chosen,
            first=first + end,
            rest=rest,
            sources=sources,
            on_ketamine="ketamine" in chosen.text.lower(),
            before=order[place - 1] if place else None,
            after=order[place + 1] if place + 1 < len(order) else None,
        )
    )


def rendered(topic: Topic, book: Rulebook) -> tuple[Markup, list[Source]]:
    """Return a topic's text as HTML, and its references in the order they are first cited."""
    keys = [key for key in markdown.cited(topic.text) if key in book.references]
    numbers = {key: i for i, key in enumerate(keys, 1)}
    sources = [_source(number, book.references[key]) for key, number in numbers.items()]
    return markdown.to_html(topic.text, numbers), sources


def _source(number: int, reference: Reference) -> Source:
    if reference.pmid:
        where, href = f"PMID {reference.pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{reference.pmid}/"
    elif reference.doi:
        where, href = f"doi:{reference.doi}", f"https://doi.org/{reference.doi}"
    elif reference.url.startswith(("https://", "http://")):
        where, href = reference.url, reference.url
    else:
        where, href = reference.note, ""
    return Source(number, reference.citation, where, href)


def _shared(html: str) -> Response:
    response = make_response(html)
    response.headers["Cache-Control"] = f"public, max-age={_MINUTES}"
    # No cache may give somebody a page in another person's language.
    response.vary.add("Cookie")
    return response


def _rulebook() -> Rulebook:
    return spoken.rulebook()
