"""The rulebook's own tests: synthetic people, screened and compared with what is expected."""

from collections.abc import Iterator

from screener.engine.protocol import Case, Protocol, RuleExample
from screener.engine.screen import Screening, screen


def named_rules(protocol: Protocol) -> frozenset[str]:
    """Return every rule that any case names: `flags` of a case lists those of them that are met."""
    return frozenset(
        id
        for case in protocol.cases
        for key in ("flags", "not_met", "unknown")
        for id in case.expect.get(key, ())
    )


def check_case(protocol: Protocol, case: Case) -> list[str]:
    """Screen the person of a case. Return what differs, in words."""
    screening = screen(protocol, case.answers)
    return list(_differences(screening, case, named_rules(protocol)))


def _differences(screening: Screening, case: Case, named: frozenset[str]) -> Iterator[str]:
    expect = case.expect
    if "priority" in expect and screening.priority != expect["priority"]:
        yield f"priority is {screening.priority}, expected {expect['priority']}"
    for id, wanted in expect.get("scores", {}).items():
        bounds = [str(bound) for bound in screening.scores.get(id, ())]
        expected = list(wanted) if isinstance(wanted, list) else [wanted] * 2
        if bounds != expected:
            yield f"{id} is {' to '.join(bounds) or 'absent'}, expected {' to '.join(expected)}"
    if "flags" in expect:
        met = {id for id in named if screening.outcomes[id] == "met"}
        for id in sorted(met - set(expect["flags"])):
            yield f"{id} is met, expected not"
        for id in sorted(set(expect["flags"]) - met):
            yield f"{id} is {screening.outcomes[id]}, expected met"
    for outcome in ("not_met", "unknown"):
        for id in expect.get(outcome, ()):
            if screening.outcomes[id] != outcome:
                yield f"{id} is {screening.outcomes[id]}, expected {outcome}"


def check_example(protocol: Protocol, example: RuleExample) -> list[str]:
    """Screen the person of a case beside a rule. Return what differs, in words."""
    outcome = screen(protocol, example.answers).outcomes[example.rule]
    if outcome == example.outcome:
        return []
    return [f"{example.rule} is {outcome}, expected {example.outcome}"]
