"""Every rule, score, medicine and topic names where it comes from; the names are checked here."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from screener.engine.problems import did_you_mean
from screener.engine.protocol import Rule, Topic
from screener.engine.rulebook.files import Files, Item
from screener.engine.rulebook.written import ProtocolSource
from screener.engine.yaml_text import KeyPath

# A part of an entry: the entry, the path below it, references, choices, and whether it needs any.
_Part = tuple[Item[Any], KeyPath, tuple[str, ...], tuple[str, ...], bool]


def check_citations(source: ProtocolSource, rules: Mapping[str, Rule], files: Files) -> None:
    """Refuse a part without a reference or a clinic's choice, and names that lead nowhere."""
    for item, path, references, choices, needed in _parts(source, rules):
        for file, names, entries in (
            ("references.yaml", references, source.references),
            ("choices.yaml", choices, source.choices),
        ):
            for id in names:
                if id not in entries:
                    files.refuse(item, path, f"{file} has no {id}{did_you_mean(id, entries)}")
        if needed and not (references or choices):
            files.refuse(item, path, "names no reference and no clinic's choice")
    for page in source.topics.values():
        _check_keys(page, files)
    for item in source.rules.values():
        files.check_names(item, ("topics",), item.value.topics, source.topics, "topic")
        if item.value.help and item.value.priority not in ("emergency", "urgent"):
            files.refuse(item, ("help",), "only an emergency or urgent rule shows a help page")


def _check_keys(item: Item[Topic], files: Files) -> None:
    """Refuse references of a topic that its text does not name, and the reverse."""
    used = set(re.findall(r"\[@([a-z0-9-]+)\]", item.value.text))
    listed = set(item.value.references)
    for key in sorted(used - listed):
        files.refuse(item, ("references",), f"the text names {key}, which is not listed")
    for key in sorted(listed - used):
        message = f"{key} is listed, and no statement of the text names it"
        files.refuse(item, ("references",), message)


def _parts(source: ProtocolSource, rules: Mapping[str, Rule]) -> Iterator[_Part]:
    """Yield every part that may name sources."""
    for question in source.questions.values():
        yield question, (), question.value.reference, question.value.choice, False
    kinds: tuple[Mapping[str, Item[Any]], ...] = (source.scores, source.rows, source.rules)
    for items in (*kinds, source.invariants):
        for item in items.values():
            yield item, (), item.value.reference, item.value.choice, True
    for item in source.medicines.values():
        trials = [(use, trial) for use in ("mood", "pain") if (trial := item.value.trial(use))]
        yield item, (), item.value.reference, item.value.choice, not trials
        for use, trial in trials:
            yield item, (use,), trial.reference, trial.choice, True
    for topic in source.topics.values():
        yield topic, ("references",), topic.value.references, (), True
    for instrument in source.instruments:
        yield instrument, ("reference",), instrument.value.reference, (), False
    for id, rule in rules.items():
        key: KeyPath = ("when",) if rule.when else ("unanswered", "unless")
        for condition in rule.conditions:
            for clause in condition.walk():
                yield source.rules[id], key, clause.references, clause.choices, False
