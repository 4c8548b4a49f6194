"""One rule of one person, tried with other answers: what it reads, and how it would come out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from screener.engine import expressions as ex
from screener.engine.bounds import Facts
from screener.engine.explanations.dependencies import reads
from screener.engine.language.conditions import Condition
from screener.engine.open_answers import OpenAnswers
from screener.engine.protocol import PRIORITIES, Rule
from screener.engine.questions import Answers
from screener.engine.resolve import Resolved, resolve
from screener.engine.screen import Outcome, Screening, screen
from screener.engine.words import Words, sentence


@dataclass(frozen=True)
class Clause:
    """A leaf of a rule as an explanation quotes it.

    `rule` is where it stands; `negated` says that it must not hold there. The reason and the
    sources are its own, else those of the part around it, else those of the rule.
    """

    rule: str
    words: str
    expression: ex.Boolean
    negated: bool
    because: str
    references: tuple[str, ...]
    choices: tuple[str, ...]


class OneRule:
    """One rule with the answers of one person; each try changes the answers and not the rule.

    Raises KeyError for an unknown rule.
    """

    def __init__(self, screening: Screening, rule: str) -> None:
        self.screening = screening
        self.protocol = screening.protocol
        self.answers = screening.answers
        self.rule: Rule = self.protocol.rules[rule]
        self.outcome: Outcome = screening.outcomes[rule]
        self.reads = reads(self.protocol, self.roots, self._asked_for())
        gate = next((r for r in self.protocol.rules.values() if r.priority == PRIORITIES[0]), None)
        self._gate = gate.id if gate and gate.when is not None and gate.id != rule else None
        known = set(self.reads.questions)
        if self._gate:
            known |= reads(
                self.protocol, [self.protocol.conditions[self._gate].expression]
            ).questions
        # For looking inside, only what the rule reads is resolved: hundreds of tries stay quick.
        self._small = replace(
            self.protocol,
            questions={id: q for id, q in self.protocol.questions.items() if id in known},
        )
        # A blank that counts as an answer was left blank. An answer that an explanation sets
        # aside was not: it may have been anything.
        left_blank = {
            id: answer
            for id, answer in self.protocol.when_missing.items()
            if screening.resolved.assumed.get(id) == "left blank"
        }
        self._small_strict = replace(self._small, when_missing=left_blank)
        apart = set(self.protocol.when_missing) - set(left_blank)
        self._strict = self.plain and not apart.isdisjoint(self.reads.questions)

    @property
    def plain(self) -> bool:
        """Whether the rule has a condition; one without speaks of blanks."""
        return self.rule.when is not None

    @property
    def roots(self) -> list[ex.Boolean]:
        """The condition of the rule, or those that a rule about blanks looks at."""
        conditions = self.protocol.conditions
        if self.rule.undecided is not None:
            named = (*self.rule.undecided.all, *self.rule.undecided.any)
            return [conditions[id].expression for id in named]
        if self.rule.unanswered is not None:
            unless = self.protocol.unless.get(self.rule.id)
            return [] if unless is None else [unless.expression]
        return [conditions[self.rule.id].expression]

    def _asked_for(self) -> tuple[str, ...]:
        return () if self.rule.unanswered is None else self.rule.unanswered.questions

    # --- trying ------------------------------------------------------------------------------

    def outcome_of(self, answers: Answers) -> Outcome:
        """The outcome for these answers, as `screen` gives it."""
        submitted = self.screening.submitted
        return screen(self.protocol, answers, submitted=submitted).outcomes[self.rule.id]

    def outcome_keeping(self, paths: Iterable[str], open_: Iterable[str] = ()) -> Outcome:
        """The outcome where only these of the answers are known and the others can be anything.

        `open_` names blanks that shall not count as an answer either.
        """
        kept, still = self.keeping(paths), set(open_)
        if not self._strict and not still:
            return self.outcome_of(kept)
        counted = {id: a for id, a in self._small_strict.when_missing.items() if id not in still}
        protocol = replace(self._small_strict, when_missing=counted)
        facts = Facts(protocol, resolve(protocol, kept).answers)
        if self._gate and facts.rule(self._gate)[0]:
            return "unknown"
        must, may = facts.rule(self.rule.id)
        if must:
            return "met"
        return "unknown" if may else "not_met"

    def facts_of(self, answers: Answers) -> Facts:
        """Scores and conditions for these answers; only what the rule reads can be asked for."""
        return Facts(self._small, resolve(self._small, answers).answers)

    def facts_keeping(self, paths: Iterable[str]) -> Facts:
        """The same where only these of the answers are known."""
        return Facts(self._small, resolve(self._small_strict, self.keeping(paths)).answers)

    # --- answers -----------------------------------------------------------------------------

    @cached_property
    def counted(self) -> Answers:
        """The answers that were given, count, and are read by the rule, in the form's order."""
        resolved: Resolved = self.screening.resolved
        return {
            id: resolved.answers[id]
            for id in self.protocol.questions
            if id in self.reads.questions and id in resolved.answers and id not in resolved.assumed
        }

    def given(self) -> list[str]:
        """The paths of those answers; of a row, the cells that the rule reads."""
        columns = {
            node.column
            for node in self.reads.nodes
            if isinstance(node, ex.Column | ex.ColumnChosen)
        }
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

    def open_paths(self) -> list[str]:
        """The blanks that matter now, and those that decide whether they are asked.

        A question that is not asked of this person is left out: an answer to it would not count.
        """
        one = OpenAnswers(self.screening.facts)
        resolved = self.screening.resolved
        found = dict.fromkeys(
            id
            for id in self._asked_for()
            if id not in resolved.answers and id not in resolved.not_asked
        )
        for root in self.roots:
            found |= dict.fromkeys(one.below(root))
        waiting = list(found)
        while waiting:
            asked_when = self.protocol.asked_when.get(waiting.pop())
            for path in one.below(asked_when.expression) if asked_when else ():
                if path not in found:
                    found[path] = None
                    waiting.append(path)
        return [path for path in found if path not in resolved.not_asked]

    def keeping(self, paths: Iterable[str]) -> Answers:
        """The counted answers at these paths alone. Cells stand only in a table that is kept."""
        kept = set(paths)
        answers: Answers = {}
        for id, answer in self.counted.items():
            if id not in kept:
                continue
            if isinstance(answer, Mapping):
                answers[id] = {
                    row: {c: cell for c, cell in cells.items() if f"{id}.{row}.{c}" in kept}
                    for row, cells in answer.items()
                }
            else:
                answers[id] = answer
        return answers

    # --- clauses -----------------------------------------------------------------------------

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The leaves of the rule and of the rules it stands on, each once, in order."""
        found: dict[tuple[str, str], Clause] = {}
        if self.plain:
            self._leaves(self.rule, False, Words(self.protocol), found)
        return tuple(found.values())

    def _leaves(
        self, rule: Rule, negated: bool, words: Words, found: dict[tuple[str, str], Clause]
    ) -> None:
        def follow(node: ex.Boolean, negated: bool) -> None:
            match node:
                case ex.RuleMet(id):
                    self._leaves(self.protocol.rules[id], negated, words, found)
                case ex.Negation(part):
                    follow(part, not negated)
                case ex.AtLeastOf(_, parts):
                    for part in parts:
                        follow(part, negated)

        def walk(
            part: Condition,
            negated: bool,
            because: str,
            refs: tuple[str, ...],
            own: tuple[str, ...],
        ) -> None:
            because = part.because or because
            if part.references or part.choices:
                refs, own = part.references, part.choices
            for inner in part.parts:
                walk(inner, negated != (part.kind == "none"), because, refs, own)
            if part.parts:
                return
            if not isinstance(_inside(part.expression), ex.RuleMet):
                said = sentence(words.condition(part.expression))
                clause = Clause(rule.id, said, part.expression, negated, because, refs, own)
                found.setdefault((rule.id, said), clause)
            follow(part.expression, negated)

        walk(self.protocol.conditions[rule.id], negated, "", rule.reference, rule.choice)

    def changed(self, before: Facts, after: Facts) -> tuple[Clause, ...]:
        """The clauses that come out otherwise under other answers."""
        return tuple(
            clause
            for clause in self.clauses
            if before.boolean(clause.expression) != after.boolean(clause.expression)
        )


def _inside(node: ex.Boolean) -> ex.Boolean:
    return _inside(node.part) if isinstance(node, ex.Negation) else node
