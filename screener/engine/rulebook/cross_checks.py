"""What must hold between the parts of a protocol: ids, circles, ranges of scores, purposes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from screener.engine.expressions import names_in
from screener.engine.language.parser import KEYWORDS
from screener.engine.problems import did_you_mean
from screener.engine.protocol import Protocol
from screener.engine.rulebook.files import Files, Item
from screener.engine.rulebook.written import ProtocolSource
from screener.engine.terms.reading import Reading


def check_ids(source: ProtocolSource, files: Files) -> None:
    """Refuse pages with unknown questions, questions asked twice, and ids that are taken."""
    seen: dict[str, str] = dict.fromkeys(source.text.asked_first, "asked_first")
    for i, page in enumerate(source.text.pages):
        path = ("pages", i, "questions")
        files.check_names(source.document, path, page.questions, source.questions, "question")
        for id in page.questions:
            if id in seen:
                message = f"{id} is asked twice, here and on {seen[id]}"
                files.refuse(source.document, path, message)
            seen[id] = page.id
    groups: tuple[Mapping[str, Item[Any]], ...] = (source.questions, source.scores)
    for items in groups:
        for id, item in items.items():
            if id in KEYWORDS:
                files.refuse(item, ("id",), f"{id} is a word of the rule language")
    for id, score in source.scores.items():
        if id in source.questions:
            files.refuse(score, ("id",), f"{id} is a question already")


def check_cycles(
    items: Mapping[str, Item[Any]], uses: Callable[[str], Iterable[str]], what: str, files: Files
) -> None:
    """Refuse an entry that uses itself by way of others; `uses` gives what one uses directly."""
    done: set[str] = set()

    def visit(id: str, above: tuple[str, ...]) -> None:
        if id in above:
            ring = " uses ".join((*above[above.index(id) :], id))
            files.refuse(items[id], ("id",), f"{what} depends on itself: {ring}")
        elif id not in done and id in items:
            for used in uses(id):
                visit(used, (*above, id))
            done.add(id)

    for id in items:
        visit(id, ())


def check_score_ranges(source: ProtocolSource, reading: Reading, files: Files) -> None:
    """Refuse a declared range of a score that is not the one its answers allow."""
    for id, item in source.scores.items():
        try:
            low, high = reading.score(id)
        except KeyError:
            continue  # it uses a condition on rows that has itself been refused
        if (low, high) != item.value.range:
            declared = f"{item.value.range[0]} to {item.value.range[1]}"
            message = f"its answers reach from {low} to {high}; found {declared}"
            files.refuse(item, ("range",), message)


def check_rules_used(
    source: ProtocolSource, item: Item[Any], path: tuple[str, ...], ids: Iterable[str], files: Files
) -> None:
    """Refuse rules that are not there, and rules about blanks, which are no conditions."""
    for id in ids:
        if id not in source.rules:
            hint = did_you_mean(id, source.rules)
            files.refuse(item, path, f"no rule is called {id}{hint}")
        elif source.rules[id].value.when is None:
            message = f"{id} speaks of blanks, not of the person, and is no condition"
            files.refuse(item, path, message)


def check_purpose(source: ProtocolSource, protocol: Protocol, files: Files) -> None:
    """Refuse questions that feed no rule and no score and name no person who reads them."""
    rules = protocol.rules.values()
    conditions = [
        *(condition for rule in rules for condition in rule.conditions),
        *(question.asked_when for question in protocol.questions.values()),
        *(row.condition for row in protocol.row_conditions.values()),
        *(reduced.when for _, _, reduced in protocol.reduced_doses()),
    ]
    expressions = [condition.expression for condition in conditions if condition is not None]
    values = [score.value for score in protocol.scores.values()]
    read = names_in(*expressions, *values).questions
    read |= {id for rule in rules if rule.unanswered for id in rule.unanswered.questions}
    for id, question in protocol.questions.items():
        if id not in read and not question.purpose:
            message = f"no rule or score reads {id}, and no purpose says who does"
            files.refuse(source.questions[id], ("purpose",), message)
