"""Every rule, score, medicine and topic names where it comes from; the names are checked here."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from screener.engine.problems import did_you_mean
from screener.engine.protocol import Rule, Topic
from screener.engine.rulebook.files import Files
from screener.engine.rulebook.written import Item, ProtocolSource
from screener.engine.yaml_text import Path_

Named = tuple[Item[Any], Path_, tuple[str, ...], tuple[str, ...]]


def check_citations(source: ProtocolSource, rules: Mapping[str, Rule], files: Files) -> None:
    """Refuse a part without a reference or a clinic's choice, and names that lead nowhere."""

    def refuse(item: Item[Any], key: Path_, message: str) -> None:
        files.refuse(item.document, (*item.path, *key), message)

    for item, path, references, choices in _named(source, rules):
        for id in references:
            if id not in source.references:
                hint = did_you_mean(id, source.references)
                refuse(item, path, f"references.yaml has no {id}{hint}")
        for id in choices:
            if id not in source.choices:
                hint = did_you_mean(id, source.choices)
                refuse(item, path, f"choices.yaml has no {id}{hint}")
    for page in source.topics.values():
        _check_keys(page, refuse)
    for item, path in _needing(source):
        refuse(item, path, "names no reference and no clinic's choice")
    for rule in source.rules.values():
        for topic in rule.value.topics:
            if topic not in source.topics:
                hint = did_you_mean(topic, source.topics)
                refuse(rule, ("topics",), f"no topic is called {topic}{hint}")
        if rule.value.help and rule.value.priority not in ("emergency", "urgent"):
            refuse(rule, ("help",), "only an emergency or urgent rule shows a help page")


def _check_keys(item: Item[Topic], refuse: Callable[[Item[Any], Path_, str], None]) -> None:
    """The references of a topic are those that its text names, no more and no fewer."""
    used = set(re.findall(r"\[@([a-z0-9-]+)\]", item.value.text))
    for key in sorted(used - set(item.value.references)):
        refuse(item, ("references",), f"the text names {key}, which is not listed")
    for key in sorted(set(item.value.references) - used):
        refuse(item, ("references",), f"{key} is listed, and no statement of the text names it")


def _needing(source: ProtocolSource) -> Iterator[tuple[Item[Any], Path_]]:
    """The parts that name no source although they must."""
    groups: tuple[Mapping[str, Item[Any]], ...] = (
        source.rules,
        source.scores,
        source.rows,
        source.invariants,
    )
    for group in groups:
        for item in group.values():
            if not (item.value.reference or item.value.choice):
                yield item, ()
    for medicine in source.medicines.values():
        for use in ("mood", "pain"):
            trial = medicine.value.trial(use)
            if trial is not None and not (trial.reference or trial.choice):
                yield medicine, (use,)
        counted = medicine.value.mood or medicine.value.pain
        if not (counted or medicine.value.reference or medicine.value.choice):
            yield medicine, ()
    for topic in source.topics.values():
        if not topic.value.references:
            yield topic, ("references",)


def _named(source: ProtocolSource, rules: Mapping[str, Rule]) -> Iterator[Named]:
    """Every part that names sources: the part, the place, its references and its choices."""
    groups: tuple[Mapping[str, Item[Any]], ...] = (
        source.questions,
        source.scores,
        source.rows,
        source.rules,
        source.medicines,
        source.invariants,
    )
    for group in groups:
        for item in group.values():
            yield item, (), item.value.reference, item.value.choice
    for medicine in source.medicines.values():
        for use in ("mood", "pain"):
            trial = medicine.value.trial(use)
            if trial is not None:
                yield medicine, (use,), trial.reference, trial.choice
    for topic in source.topics.values():
        yield topic, ("references",), topic.value.references, ()
    for instrument in source.instruments:
        yield instrument, ("reference",), instrument.value.reference, ()
    for id, rule in rules.items():
        key: Path_ = ("when",) if rule.when else ("unanswered", "unless")
        for condition in rule.conditions:
            for part in condition.walk():
                yield source.rules[id], key, part.references, part.choices
