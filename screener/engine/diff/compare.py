"""Two versions of a rulebook with the solver's word on every rule: the same, or a person.

`compare` holds forms against each other, and calls a rule changed where they differ. Here a rule
that is only spelt otherwise is told apart from one that means something else, and a rule is found
that means something else through a question that it stands on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from screener.engine.diff.by_meaning import ORDER, Difference, apart_from_meaning, compare, in_words
from screener.engine.diff.by_person import Differing, Versions
from screener.engine.protocol import Rulebook


@dataclass(frozen=True)
class Compared:
    """One difference; `found` is what the solver said of it, if it was asked."""

    difference: Difference
    found: Differing | None = None


@dataclass(frozen=True)
class Comparison:
    """Everything that differs, and for each protocol of both whether its priorities do."""

    differences: tuple[Compared, ...]
    priorities: dict[str, Differing]


def compare_by_persons(
    old: Rulebook,
    new: Rulebook,
    *,
    seconds: float = 20,
    asking: Callable[[str], None] = lambda what: None,
) -> Comparison:
    """Compare two rulebooks. `seconds` is the limit for one rule; `asking` is told each of them.

    Of the differences of one sort those with a person come first, the smallest person before all.
    """
    differences = compare(old, new)
    found: list[Compared] = []
    priorities: dict[str, Differing] = {}
    for id in dict.fromkeys([*old.protocols, *new.protocols]):
        own = [one for one in differences if one.protocol == id]
        if id not in old.protocols or id not in new.protocols or not own:
            found += [Compared(one) for one in own]
            continue
        versions = Versions(old.protocols[id], new.protocols[id], seconds=seconds)
        found += _of_protocol(versions, own, asking)
        asking(f"{id}, priority")
        priorities[id] = versions.priority()
    return Comparison(tuple(sorted(found, key=_place)), priorities)


def _of_protocol(
    versions: Versions, differences: list[Difference], asking: Callable[[str], None]
) -> Iterator[Compared]:
    rules = {one.id: one for one in differences if one.what == "rule"}
    for id in versions.old.rules:
        if id not in versions.new.rules:
            continue
        known = rules.get(id)
        changed = known is not None and known.sort == "meaning"
        if changed or versions.touched(id):
            asking(f"{versions.old.id}, {id}")
            found = versions.rule(id)
            settled = _settled(versions, id, known, found)
            if settled is not None:
                yield settled
                rules.pop(id, None)
    rest = [one for one in differences if one.what != "rule" or one.id in rules]
    yield from (Compared(one) for one in rest)


def _settled(
    versions: Versions, id: str, known: Difference | None, found: Differing
) -> Compared | None:
    """The difference of a rule as the solver sees it; None where it says no more than `known`."""
    a, b = versions.old.rules[id], versions.new.rules[id]
    before, after = in_words(versions.old, a), in_words(versions.new, b)
    changed = known is not None and known.sort == "meaning"
    if found.verdict != "same":
        meaning = Difference(versions.old.id, "rule", id, "meaning", before, after)
        return Compared(meaning, found)
    if not changed:
        return None
    assert known is not None
    other = apart_from_meaning(a, b)
    sort, was, is_ = other if other is not None else ("wording", before, after)
    return Compared(replace(known, sort=sort, old=was, new=is_), found)


def _place(one: Compared) -> tuple[int, bool, int]:
    size = 0 if one.found is None else one.found.size
    return ORDER.index(one.difference.sort), not size, size
