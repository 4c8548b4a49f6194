"""Why a submission is pressing: the rules that are met, and other things the person reported.

A submission can be an emergency although no rule is met by its answers now. The page then gives the
true cause: an answer was changed, one came later, or the person asked for help.
"""

from collections.abc import Mapping
from typing import Any, Literal

from screener.danger import PRESSING, tells_of_danger
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol
from screener.presenters.people import calls_of
from screener.presenters.times import moment_of

# In the order in which they explain a priority that no rule gives.
Cause = Literal[
    "under_age", "unsafe", "added", "typed", "changed", "call", "edition", "form", "phone"
]

IN_BRIEF: dict[Cause, str] = {
    "under_age": "Under 18 by the date given",
    "unsafe": "Not sure they are safe",
    "added": "An answer on safety that came after the form was closed",
    "typed": "An answer on safety that is not settled",
    "changed": "An answer on safety that was changed since",
    "call": "Asked for a call",
    "edition": "More pressing under another version of the rules",
    "form": "More pressing by the answers on the form alone",
    "phone": "Answers taken down on the phone or in person",
}
_SENTENCES: dict[Cause, str] = {
    "under_age": (
        "By the date of birth given, the person is under 18. The rules stop there and evaluate "
        "nothing else. Risk answers and requests for help are kept, and count until somebody "
        "has spoken with the person."
    ),
    "unsafe": "The person is not sure that they are safe. Reported {times}.",
    "added": (
        "The person answered on safety after the form was closed. The flags below do not count "
        "it; the priority does."
    ),
    "typed": (
        "An answer on safety was typed or ticked and is not settled. It is shown below, under "
        "“Typed, but not taken as an answer”."
    ),
    "changed": (
        "The current answers give a lower priority. The earlier answer counts until somebody has "
        "spoken with the person."
    ),
    "call": "The person asked for a call {times}.",
    "edition": (
        "This page shows one of several screenings of the same answers. Under another version of "
        "the rules, named below, they are more pressing, and that counts."
    ),
    "form": (
        "This page shows the screening with answers that staff took down. By the person’s own "
        "answers on the form it is more pressing, and that counts until there is a disposition."
    ),
    "phone": (
        "Answers that staff took down on the phone or in person made it more pressing. That "
        "counts until there is a disposition. The form showed the person no help page for them: "
        "what the rule says that the person was shown holds for answers on the form."
    ),
}


def is_under_age(screening: Mapping[str, Any]) -> bool:
    """Return whether the rules stopped at the age, so that nothing else was evaluated."""
    return screening.get("priority") == PRIORITIES[0]


def unsafe_of(progress: Mapping[str, Any]) -> tuple[str, ...]:
    """Return when the person said that they are not sure they are safe, oldest first."""
    return tuple(moment_of(at) for at in progress.get("unsafe") or ())


def explaining(
    protocol: Protocol | None, priority: str | None, screening: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Return the rules that give the priority: those that are met, and those that count as met.

    Both in the rulebook's order, from the outcomes that were stored.
    """
    rules = protocol.rules if protocol else {}
    outcomes = screening.get("flags", {})
    same = [rule for rule in rules.values() if rule.priority == priority]
    met = [rule.id for rule in same if outcomes.get(rule.id) == "met"]
    if is_under_age(screening):
        return met, []
    open_ = [rule for rule in same if outcomes.get(rule.id) == "unknown"]
    return met, [rule.id for rule in open_ if rule.if_unknown == "escalate"]


def also_reported(
    protocol: Protocol | None, screening: Mapping[str, Any], progress: Mapping[str, Any]
) -> tuple[Cause, ...]:
    """Return what the person reported apart from the answers that the rules count."""
    reported: dict[Cause, bool] = {
        "under_age": is_under_age(screening),
        "unsafe": bool(progress.get("unsafe")),
        "added": bool(progress.get("added")),
        "typed": protocol is not None and _typed(protocol, progress.get("drafts") or {}),
        "call": bool(calls_of(progress)),
        "edition": bool(screening.get("outweighed")),
        "form": bool(screening.get("outweighed_by_form")),
        "phone": bool(progress.get("phoned")),
    }
    return tuple(cause for cause, holds in reported.items() if holds)


def cause(
    priority: str | None, reported: tuple[Cause, ...], progress: Mapping[str, Any]
) -> Cause | None:
    """Return why a submission has its priority if no rule says so; None if nothing here does."""
    if "phone" in reported and priority == progress.get("phoned"):
        return "phone"
    if priority not in PRESSING:
        return "form" if "form" in reported else None
    for fact in reported:
        # A call is urgent, never an emergency. An earlier risk answer matters more than a call.
        if fact == "unsafe" and priority != PRESSING[0]:
            continue
        if fact == "call" and (priority == PRESSING[0] or progress.get("help_met")):
            continue
        return fact
    return "changed"


def sentence(of: Cause, progress: Mapping[str, Any]) -> str:
    """Return a cause as a sentence, with its times."""
    times = {"unsafe": unsafe_of(progress), "call": calls_of(progress)}.get(of, ())
    return _SENTENCES[of].format(times="; ".join(times))


def _typed(protocol: Protocol, drafts: Mapping[str, Mapping[str, list[str]]]) -> bool:
    typed = {id: values for fields in drafts.values() for id, values in fields.items()}
    danger = set(tells_of_danger(protocol)) & set(typed)
    return any(set(typed[id]) - {"", "none"} for id in danger)
