"""What must hold between the parts of a protocol: ids, circles, ranges of scores, purposes."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from screener.engine import expressions as ex
from screener.engine.expressions import Condition, names_in
from screener.engine.language.parser import KEYWORDS
from screener.engine.priorities import PRIORITIES
from screener.engine.protocol import Protocol, Rule
from screener.engine.questions import Question
from screener.engine.rulebook.files import Files, Item
from screener.engine.rulebook.written import ProtocolSource
from screener.engine.terms.reading import Reading
from screener.engine.yaml_text import KeyPath


def check_ids(source: ProtocolSource, files: Files) -> None:
    """Refuse two pages of one id, unknown questions, those asked twice, and ids that are taken."""
    seen: dict[str, str] = dict.fromkeys(source.text.asked_first, "asked_first")
    pages: set[str] = set()
    for i, page in enumerate(source.text.pages):
        path = ("pages", i, "questions")
        if page.id in pages:
            files.refuse(source.document, ("pages", i, "id"), f"two pages are called {page.id}")
        pages.add(page.id)
        files.check_names(source.document, path, page.questions, source.questions, "question")
        for id in page.questions:
            if id in seen:
                files.refuse(source.document, path, f"{id} is asked twice, here and on {seen[id]}")
            seen[id] = page.id
    _check_replaced([(item, (), item.value) for item in source.questions.values()], files)
    for item in source.questions.values():
        columns = enumerate(item.value.columns)
        _check_replaced([(item, ("columns", i), column) for i, column in columns], files)
    groups: tuple[Mapping[str, Item[Any]], ...] = (source.questions, source.scores)
    for items in groups:
        for id, item in items.items():
            if id in KEYWORDS:
                files.refuse(item, ("id",), f"{id} is a word of the rule language")
    for id, score in source.scores.items():
        if id in source.questions:
            files.refuse(score, ("id",), f"{id} is a question already")


def _check_replaced(entries: list[tuple[Item[Any], KeyPath, Question]], files: Files) -> None:
    """Refuse old ids under which an answer could belong to two questions, or to two columns."""
    ids = {question.id for _, _, question in entries}
    replaced: dict[str, str] = {}
    for item, path, question in entries:
        for old in question.replaces:
            place = (*path, "replaces")
            if old in ids:
                files.refuse(item, place, f"{old} is still an id of its own")
            if old in replaced:
                files.refuse(item, place, f"{old} is replaced by {replaced[old]} already")
            replaced[old] = question.id


def check_staff_views(source: ProtocolSource, files: Files) -> None:
    """Refuse rules that speak for no rule of a lower tier, and remarks on no rule."""
    order = list(PRIORITIES)
    for item in source.rules.values():
        rule = item.value
        files.check_names(item, ("speaks_for",), rule.speaks_for, source.rules, "rule")
        files.check_names(item, ("remark_on",), rule.remark_on, source.all_rules, "rule")
        for id in rule.speaks_for:
            lower = source.rules.get(id)
            if lower and order.index(lower.value.priority) <= order.index(rule.priority):
                message = f"{id} has priority {lower.value.priority}, which is not lower"
                files.refuse(item, ("speaks_for",), message)
        if bool(rule.remark) != bool(rule.remark_on):
            files.refuse(item, ("remark",), "remark and remark_on go together")


def check_shown_to_patients(
    source: ProtocolSource, rules: Mapping[str, Rule], files: Files
) -> None:
    """Refuse rules that show a patient something for more than what was plainly answered.

    A topic that hangs on a score, a threshold or a pattern would tell who reads it that they match.
    """
    topics = source.text.education_for_all
    files.check_names(source.document, ("education_for_all",), topics, source.topics, "topic")
    if not any(item.value.shown for item in source.invariants.values()):
        return  # it does not say that what is shown follows plain answers, as earlier rulebooks
    for id, rule in rules.items():
        if not (rule.topics or rule.reported) or rule.priority == PRIORITIES[0]:
            continue
        if rule.when is None or not all(map(_is_plain, ex.walk(rule.when.expression))):
            message = (
                "a rule with topics or reported reads plain answers alone: ticks and options "
                "chosen, and count(…) >= 1; no score, no other number and no rule"
            )
            files.refuse(source.rules[id], ("when",), message)


def _is_plain(node: ex.Expression) -> bool:
    match node:
        case ex.Comparison(">=", ex.CountOptions(), ex.Const(1)):
            return True
        case ex.AtLeastOf(count, parts):
            return count in (1, len(parts))
    return isinstance(node, ex.Chosen | ex.Includes | ex.Negation | ex.CountOptions | ex.Const)


def check_cycles(
    items: Mapping[str, Item[Any]], uses: Mapping[str, Collection[str]], what: str, files: Files
) -> None:
    """Refuse an entry that uses itself by way of others; `uses` has what each uses directly."""
    done: set[str] = set()

    def visit(id: str, above: tuple[str, ...]) -> None:
        if id in above:
            ring = " uses ".join((*above[above.index(id) :], id))
            files.refuse(items[id], ("id",), f"{what} depends on itself: {ring}")
        elif id not in done and id in items:
            for used in uses.get(id, ()):
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


def check_rules_used(source: ProtocolSource, rules: Mapping[str, Rule], files: Files) -> None:
    """Refuse rules in conditions that are not there, speak of blanks, or go in a circle."""
    for id, rule in rules.items():
        item = source.rules[id]
        names: dict[KeyPath, Collection[str]] = {(): _rules_in(rule.conditions)}
        if rule.undecided is not None:
            names |= {("undecided", key): getattr(rule.undecided, key) for key in ("all", "any")}
        for path, ids in names.items():
            files.check_names(item, path, ids, source.rules, "rule")
            for used in ids:
                if used in source.rules and source.rules[used].value.when is None:
                    message = f"{used} speaks of blanks, not of the person, and is no condition"
                    files.refuse(item, path, message)
    uses = {id: _rules_in((rule.when,)) for id, rule in rules.items() if rule.when is not None}
    check_cycles(source.rules, uses, "the rule", files)
    gates = [item for item in source.rules.values() if item.value.priority == PRIORITIES[0]]
    for extra in gates[1:]:
        files.refuse(extra, ("priority",), "only one rule ends the screening")


def _rules_in(conditions: Iterable[Condition]) -> set[str]:
    return names_in(*(condition.expression for condition in conditions)).rules


def check_purpose(source: ProtocolSource, protocol: Protocol, files: Files) -> None:
    """Refuse questions that feed no rule and no score and name no person who reads them."""
    rules = protocol.rules.values()
    conditions = [
        *(condition for rule in rules for condition in rule.conditions),
        *(question.asked_when for question in protocol.questions.values()),
        *(row.condition for row in protocol.row_conditions.values()),
        *(reduced.when for _, _, reduced in protocol.reduced_doses()),
        *(reduced.when for _, reduced in protocol.reduced_label_doses()),
    ]
    expressions = [condition.expression for condition in conditions if condition is not None]
    values = [score.value for score in protocol.scores.values()]
    read = names_in(*expressions, *values).questions
    read |= {id for rule in rules if rule.unanswered for id in rule.unanswered.questions}
    for id, question in protocol.questions.items():
        if id not in read and not question.purpose:
            message = f"no rule or score reads {id}, and no purpose says who does"
            files.refuse(source.questions[id], ("purpose",), message)
