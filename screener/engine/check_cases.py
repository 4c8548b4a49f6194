"""The rulebook's own tests: synthetic people, screened and compared with what is expected."""

from collections.abc import Iterable

from screener.engine.protocol import Case, Protocol, RuleExample
from screener.engine.screen import Screening, screen


def named_rules(protocol: Protocol) -> frozenset[str]:
    """Return every rule that any case names: `flags` of a case lists those of them that are met.

    A case with `includes` names some that are met, among others.
    """
    return frozenset(
        id
        for case in protocol.cases
        for key in ("flags", "includes", "not_met", "unknown")
        for id in case.expect.get(key, ())
    )


def check_case(protocol: Protocol, case: Case) -> list[str]:
    """Screen the person of a case. Return what differs, in words."""
    screening = screen(protocol, case.answers, submitted=case.submitted)
    expect = case.expect
    differences: list[str] = []
    if "priority" in expect and screening.priority != expect["priority"]:
        differences.append(f"priority is {screening.priority}, expected {expect['priority']}")
    for id, wanted in expect.get("scores", {}).items():
        bounds = " to ".join(map(str, screening.scores.get(id, ())))
        expected = " to ".join(wanted if isinstance(wanted, list) else [wanted] * 2)
        if bounds != expected:
            differences.append(f"{id} is {bounds or 'absent'}, expected {expected}")
    if "flags" in expect:
        met = {id for id in named_rules(protocol) if screening.outcomes[id] == "met"}
        unexpected = sorted(met - set(expect["flags"]))
        differences += [f"{id} is met, expected not" for id in unexpected]
        differences += _other(screening, sorted(set(expect["flags"])), "met")
    for key, outcome in (("includes", "met"), ("not_met", "not_met"), ("unknown", "unknown")):
        differences += _other(screening, expect.get(key, ()), outcome)
    return differences


def check_example(protocol: Protocol, example: RuleExample) -> list[str]:
    """Screen the person of a case beside a rule. Return what differs, in words."""
    screening = screen(protocol, example.answers, submitted=example.submitted)
    return _other(screening, [example.rule], example.outcome)


def _other(screening: Screening, rules: Iterable[str], outcome: str) -> list[str]:
    """Return a line for each of the rules that comes out otherwise."""
    others = [id for id in rules if screening.outcomes[id] != outcome]
    return [f"{id} is {screening.outcomes[id]}, expected {outcome}" for id in others]
