"""`screener sources`: what the rulebook says of itself, and what each rule uses of a person."""

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from screener.commands import common
from screener.engine.plain_text import printable

if TYPE_CHECKING:
    from screener.booklet.attributes import (
        AttributeUse,
        OnlyIn,
        ProtocolAttributes,
        SourceAttributes,
    )
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    command = commands.add_parser(
        "sources", help="say who made the rulebook, on what sources, and what it uses of a person"
    )
    command.add_argument("--json", action="store_true", help="as one JSON document")
    common.rules_option(command)
    command.set_defaults(run=_sources)


def _sources(arguments: argparse.Namespace) -> int:
    from screener.booklet.attributes import source_attributes

    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None:
        return common.FAULTY
    own = source_attributes(rulebook)
    if arguments.json:
        print(common.as_json_line(_document(own)))
        return 0
    for line in _lines(own):
        print(printable(line))
    return 0


def _document(own: "SourceAttributes") -> dict[str, Any]:
    """Return everything as JSON; a rule that protocols have in different forms stands twice."""
    document: dict[str, Any] = json.loads(json.dumps(asdict(own)))
    document["rules"] = [{**shown["rule"], "only_in": shown["only"]} for shown in document["rules"]]
    return document


def _lines(own: "SourceAttributes") -> Iterator[str]:
    for protocol in own.protocols:
        yield from _protocol(protocol)
    for shown in own.rules:
        yield from _rule(shown)
    yield ""
    yield "Sources"
    for reference in own.references:
        yield f"{reference.id}: {reference.citation}"
        yield f"  read: {reference.read}; {_pairs(reference.stated.items())}"
    yield ""
    yield own.limits


def _protocol(protocol: "ProtocolAttributes") -> Iterator[str]:
    yield f"{protocol.id} {protocol.version}: {protocol.title}"
    yield f"  {_pairs(protocol.stated.items())}"
    if protocol.gate:
        yield f"  “{protocol.gate}” comes before all other rules"
    for use in protocol.attributes:
        count = protocol.rules[use.id]
        by = f" by {count} {'rule' if count == 1 else 'rules'}: {use.in_short}"
        unread = "; ".join(f"“{question.short}”" for question in protocol.unread[use.id])
        asked = f"; asked, and read by no rule: {unread}" if unread else ""
        yield f"  {use.title}: {use.state}{by if use.questions else ''}{asked}"
    yield from _silent(protocol.silent)
    yield ""


def _rule(shown: "OnlyIn") -> Iterator[str]:
    rule = shown.rule
    only = f" (only in {', '.join(f'“{title}”' for title in shown.only)})" if shown.only else ""
    yield f"{rule.id}: {rule.title}{only}"
    for use in rule.attributes:
        if use.state == "used":
            yield f"  uses {use.title}: {use.in_short}"
    for state in ("not used", "cannot tell"):
        yield from _titles(state, (use for use in rule.attributes if use.state == state))
    yield from _silent(rule.silent)
    for what, ids in (
        ("sources", rule.references),
        ("sources of what it reads", rule.further),
        ("clinic's choices", rule.choices),
    ):
        if ids:
            yield f"  {what}: {', '.join(ids)}"


def _titles(state: str, uses: Iterable["AttributeUse"]) -> Iterator[str]:
    if titles := ", ".join(use.title for use in uses):
        yield f"  {state}: {titles}"


def _silent(silent: Iterable[Any]) -> Iterator[str]:
    if names := "; ".join(f"“{question.short}”" for question in silent):
        yield f"  does not say what it asks: {names}"


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in pairs)
