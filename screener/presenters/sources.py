"""Published sources and the clinic's own choices, short enough to print beside a clause."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from screener.engine.protocol import ClinicChoice, Reference, Rulebook

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CHECKED = {
    "full text": "the full text was read",
    "abstract": "its abstract was read",
    "secondary": "known through another source",
    "recalled": "recalled, still to be checked",
}


@dataclass(frozen=True)
class PublishedSource:
    """A published source: `short` beside a clause, the rest in the list at the end of the page."""

    id: str
    short: str
    citation: str
    where: str
    href: str
    supports: str
    checked: str


@dataclass(frozen=True)
class OwnChoice:
    """A choice of the clinic's own, named by its id."""

    id: str
    choice: str
    value: str


def source(reference: Reference) -> PublishedSource:
    """Return a reference as staff read it."""
    where, href = reference.note, ""
    if reference.pmid:
        where = f"PMID {reference.pmid}"
        href = f"https://pubmed.ncbi.nlm.nih.gov/{reference.pmid}/"
    elif reference.doi:
        where, href = f"doi {reference.doi}", f"https://doi.org/{reference.doi}"
    elif reference.url:
        where = reference.url
        href = reference.url if reference.url.startswith(("https://", "http://")) else ""
    return PublishedSource(
        reference.id,
        _short(reference.citation),
        reference.citation,
        where,
        href,
        reference.supports,
        _CHECKED[reference.read],
    )


def own_choice(choice: ClinicChoice) -> OwnChoice:
    """Return a clinic's choice as staff read it."""
    return OwnChoice(choice.id, choice.choice, choice.value)


def sources(rulebook: Rulebook, ids: Iterable[str]) -> tuple[PublishedSource, ...]:
    """Return the sources with these ids, each once."""
    return tuple(source(rulebook.references[id]) for id in dict.fromkeys(ids))


def choices(rulebook: Rulebook, ids: Iterable[str]) -> tuple[OwnChoice, ...]:
    """Return the clinic's choices with these ids, each once."""
    return tuple(own_choice(rulebook.choices[id]) for id in dict.fromkeys(ids))


def _short(citation: str) -> str:
    """Return first author and year, such as "Wolfe 2016", or the start of a citation without."""
    author = re.match(
        r"((?:[^\W\d_]|['’-])+(?: (?:[^\W\d_]|['’-])+)*?) [A-Z]{1,3}(?=[,.: ])",
        citation,
    )
    years = _YEAR.findall(citation)
    # The year of publication comes before the volume; titles may name earlier years.
    dated = re.search(r"\b((?:19|20)\d\d)(?=\s*[;:])", citation)
    year = dated[1] if dated else (years[-1] if years else "")
    if author:
        return f"{author[1]} {year}".strip()
    head = re.split(r"[.,:;(]", citation, maxsplit=1)[0].strip()
    head = head if len(head) <= 40 else head[:39].rsplit(" ", 1)[0] + "…"
    return head if year in head else f"{head} {year}".strip()
