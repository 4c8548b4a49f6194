"""The first line of each flag: its title with the remarks of other flags, and what it speaks for.

A rule that is met speaks for rules of a lower tier: where both are met, the lower one is named
under the higher one and has no line of its own. Outcomes stay as they are.
"""

from collections.abc import Iterable, Mapping

from screener.engine.protocol import Protocol, Rule


def first_line(protocol: Protocol | None, outcomes: Mapping[str, str], id: str) -> str:
    """Return the title of a rule, with what rules that are met remark on it where it is met too.

    A rule that this protocol does not have is named by its id.
    """
    rule = protocol.rules.get(id) if protocol else None
    if protocol is None or rule is None:
        return id
    if outcomes.get(id) != "met":
        return rule.title
    remarks = [note.remark for note in _met(protocol, outcomes) if id in note.remark_on]
    return f"{rule.title}: {'; '.join(remarks)}" if remarks else rule.title


def folded(protocol: Protocol | None, outcomes: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the rules that are met and have a line of their own, each with those under it.

    Whatever is met stands here once, also where rules speak for each other in a circle.
    """
    met = [id for id, outcome in outcomes.items() if outcome == "met"]
    speaks_for = {
        rule.id: [id for id in rule.speaks_for if id in met] for rule in _met(protocol, outcomes)
    }
    lower = {id for ids in speaks_for.values() for id in ids}
    lines: dict[str, tuple[str, ...]] = {}
    placed: set[str] = set()
    for id in sorted(met, key=lambda id: id in lower):
        if id not in placed:
            lines[id] = tuple(_under(id, speaks_for, placed))
    return {id: lines[id] for id in met if id in lines}


def _under(id: str, speaks_for: Mapping[str, Iterable[str]], placed: set[str]) -> Iterable[str]:
    """Yield what a rule speaks for, directly and through others, and note it as placed."""
    placed.add(id)
    for lower in speaks_for.get(id, ()):
        if lower not in placed:
            yield lower
            yield from _under(lower, speaks_for, placed)


def _met(protocol: Protocol | None, outcomes: Mapping[str, str]) -> list[Rule]:
    rules = protocol.rules.values() if protocol else ()
    return [rule for rule in rules if outcomes.get(rule.id) == "met"]
