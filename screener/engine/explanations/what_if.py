"""One rule of one person with other answers: what it depends on, and how it would come out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from screener.engine import expressions as ex
from screener.engine.codegen.compiled import compiled_rule
from screener.engine.explanations.dependencies import dependencies
from screener.engine.expressions import Condition, Support
from screener.engine.open_answers import OpenAnswers
from screener.engine.protocol import Rule
from screener.engine.questions import Answers
from screener.engine.screen import Outcome, Screening
from screener.engine.terms.reading import Reading
from screener.engine.words import Words, sentence


@dataclass(frozen=True)
class Clause(Support):
    """A leaf of a rule as an explanation quotes it.

    `rule` is the rule it belongs to; `negated` says that it must not hold there. The reason and the
    sources are its own, else those of the part around it, else those of the rule.
    """

    rule: str
    words: str
    expression: ex.Boolean
    negated: bool


class WhatIf:
    """One rule with the answers of one person; each try changes the answers and not the rule.

    Raise KeyError for an unknown rule.
    """

    def __init__(self, screening: Screening, rule: str) -> None:
        self.screening = screening
        self.protocol = screening.protocol
        self.answers = screening.answers
        self.rule: Rule = self.protocol.rules[rule]
        self.outcome: Outcome = screening.outcomes[rule]
        self._screen = compiled_rule(self.protocol, rule)
        self.reads = self.protocol.once(
            ("dependencies", rule),
            lambda: dependencies(self.protocol, self.roots, self._blanks()),
        )
        # A blank that counts as an answer was left blank. An answer that an explanation sets
        # aside was not: it may have been anything.
        self._set_aside = frozenset(
            id
            for id, question in self.protocol.questions.items()
            if question.when_missing is not None
            and screening.resolved.assumed.get(id) != "left blank"
        )
        self._strict = self.has_condition and not self._set_aside.isdisjoint(self.reads.questions)

    @property
    def has_condition(self) -> bool:
        """Whether the rule has a condition; a rule without one is about blanks."""
        return self.rule.when is not None

    @property
    def roots(self) -> list[ex.Boolean]:
        """The condition of the rule, or those that a rule about blanks looks at."""
        if self.rule.undecided is not None:
            named = (*self.rule.undecided.all, *self.rule.undecided.any)
            return [self.protocol.condition(id) for id in named]
        return [condition.expression for condition in self.rule.conditions]

    def _blanks(self) -> tuple[str, ...]:
        return () if self.rule.unanswered is None else self.rule.unanswered.questions

    # --- trying ------------------------------------------------------------------------------

    def outcome_of(self, answers: Answers) -> Outcome:
        """Return the outcome for these answers, as `screen` gives it."""
        return self._screen(answers, self.screening.submitted).outcomes[self.rule.id]

    def outcome_keeping(self, paths: Iterable[str], open_: Iterable[str] = ()) -> Outcome:
        """Return the outcome where only these answers are known and the others can be anything.

        `open_` names blanks that shall not count as an answer either.
        """
        kept, unknown = self.keeping(paths), frozenset(open_)
        if not self._strict and not unknown:
            return self.outcome_of(kept)
        reading = Reading(self.protocol, kept, set_aside=self._set_aside | unknown)
        gate = self.protocol.gate
        if gate and gate.when and gate.id != self.rule.id and reading.rule(gate.id)[0]:
            return "unknown"
        return reading.outcome(self.protocol.condition(self.rule.id))

    def reading_of(self, answers: Answers) -> Reading:
        """Return the scores and conditions for these answers."""
        return Reading(self.protocol, answers, self.screening.submitted)

    def reading_keeping(self, paths: Iterable[str]) -> Reading:
        """Return the scores and conditions where only these answers are known."""
        return Reading(self.protocol, self.keeping(paths), set_aside=self._set_aside)

    # --- answers -----------------------------------------------------------------------------

    @cached_property
    def counted(self) -> Answers:
        """The answers that were given, count, and are read by the rule, in the form's order."""
        resolved = self.screening.resolved
        return {
            id: resolved.answers[id]
            for id in self.protocol.questions
            if id in self.reads.questions and id in resolved.answers and id not in resolved.assumed
        }

    def given(self) -> list[str]:
        """Return the paths of those answers; of a row, the cells that the rule reads."""
        columns = {getattr(node, "column", None) for node in self.reads.nodes}
        paths = []
        for id, answer in self.counted.items():
            paths.append(id)
            if isinstance(answer, Mapping):
                paths += [
                    f"{id}.{row}.{column}"
                    for row, cells in answer.items()
                    for column in cells
                    if column in columns
                ]
        return paths

    def missing(self) -> list[str]:
        """Return the blanks that a rule about blanks asks for."""
        open_answers = OpenAnswers(self.screening.reading, self.screening.resolved)
        return open_answers.missing(self._blanks())

    def open_paths(self) -> list[str]:
        """Return the blanks that matter now, and those that decide whether they are asked.

        A question that is not asked of this person is left out: an answer to it would not count.
        """
        open_answers = OpenAnswers(self.screening.reading, self.screening.resolved)
        paths = dict.fromkeys([*self.missing(), *open_answers.below(*self.roots)])
        waiting = list(paths)
        while waiting:
            question = self.protocol.questions.get(waiting.pop())
            when = None if question is None else question.asked_when
            for path in open_answers.below(when.expression) if when else ():
                if path not in paths:
                    paths[path] = None
                    waiting.append(path)
        return [path for path in paths if path not in self.screening.resolved.not_asked]

    def keeping(self, paths: Iterable[str]) -> Answers:
        """Return the counted answers at these paths alone; cells need their table kept."""
        kept = set(paths)
        answers: Answers = {}
        for id, answer in self.counted.items():
            if id in kept and isinstance(answer, Mapping):
                answers[id] = {
                    row: {c: cell for c, cell in cells.items() if f"{id}.{row}.{c}" in kept}
                    for row, cells in answer.items()
                }
            elif id in kept:
                answers[id] = answer
        return answers

    # --- which questions can turn it -----------------------------------------------------------

    def pivotal(self, node: ex.Boolean, holds: bool) -> frozenset[str]:
        """Return the questions that alone could bring it about that `node` holds, or does not.

        Only questions that cannot are left out: where two parts fall short, one answer must be
        read by both.
        """
        must, may = self.screening.reading.boolean(node)
        if must if holds else not may:
            return self.reads.questions
        match node:
            case ex.Negation(part):
                return self.pivotal(part, not holds)
            case ex.RuleMet(rule):
                return self.pivotal(self.protocol.condition(rule), holds)
            case ex.AtLeastOf(count, parts):
                needed = count if holds else len(parts) - count + 1
                sets = [self.pivotal(part, holds) for part in parts]
                every = frozenset().union(*sets)
                return frozenset(id for id in every if sum(id in each for each in sets) >= needed)
        return dependencies(self.protocol, [node]).questions

    # --- clauses -----------------------------------------------------------------------------

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The leaves of the rule and of the rules it uses, each once, in order."""
        clauses: dict[tuple[str, str], Clause] = {}
        if self.has_condition:
            self._leaves(self.rule, False, Words(self.protocol), clauses)
        return tuple(clauses.values())

    def _leaves(
        self, rule: Rule, negated: bool, words: Words, clauses: dict[tuple[str, str], Clause]
    ) -> None:
        def follow(node: ex.Boolean, negated: bool) -> None:
            match node:
                case ex.RuleMet(id):
                    self._leaves(self.protocol.rules[id], negated, words, clauses)
                case ex.Negation(part):
                    follow(part, not negated)
                case ex.AtLeastOf(_, parts):
                    for part in parts:
                        follow(part, negated)

        def walk(part: Condition, negated: bool, around: Support) -> None:
            support = part.support(around)
            for inner in part.parts:
                walk(inner, negated != (part.kind == "none"), support)
            if part.parts:
                return
            if not isinstance(_inside(part.expression), ex.RuleMet):
                text = sentence(words.condition(part.expression))
                clause = Clause(rule.id, text, part.expression, negated, **vars(support))
                clauses.setdefault((rule.id, text), clause)
            follow(part.expression, negated)

        assert rule.when is not None
        walk(rule.when, negated, rule.support)

    def changed_by(self, answers: Answers) -> tuple[Clause, ...]:
        """Return the clauses that come out otherwise under other answers."""
        before, after = self.screening.reading, self.reading_of(answers)
        return tuple(
            clause
            for clause in self.clauses
            if before.boolean(clause.expression) != after.boolean(clause.expression)
        )


def _inside(node: ex.Boolean) -> ex.Boolean:
    return _inside(node.part) if isinstance(node, ex.Negation) else node
