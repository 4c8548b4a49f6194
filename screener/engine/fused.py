"""The source of the one function that screens a person under a protocol.

Its shape, for a protocol with a gate, a score and three rules:

    def screened(answers, submitted):
        get = answers.get
        a_age = get('age')
        if (120 if a_age is None else a_age) < 18:
            return Fast(GATED.copy(), {}, 'ineligible')
        a_phq9_9 = get('phq9_9')                            # what is looked at, once each
        ...
        phq9_low = (POINTS_0[a_phq9_1] + ...)               # what more than one rule looks at
        phq9_high = (POINTS_1[a_phq9_1] + ...)
        outcomes = NOT_MET.copy()                           # and now what is different from it
        raised = 0
        if a_warning_signs is None:                         # rules that look at ticks alone
            outcomes.update(BLANK_0)
        else:
            for option in a_warning_signs:
                if option in TICKED_0: ...
        if (10 <= phq9_high):                               # it may be met ...
            if (10 <= phq9_low):                            # ... and must be
                outcomes['depression_symptoms'] = 'met'
                raised |= 32
            else:
                outcomes['depression_symptoms'] = 'unknown'
        return Fast(outcomes, {'phq9': (phq9_low, phq9_high)}, PRIORITY[raised])

Most rules are not met for most people, so "may it be met?" is asked first and seldom more: then a
rule with three values costs what one with two costs.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from screener.engine import terms as t
from screener.engine.fused_rows import Rows
from screener.engine.lower import Plan
from screener.engine.printed import (
    Writer,
    amounts,
    local,
    parts_of,
    times_used,
    unnamed,
    worth_a_local,
)
from screener.engine.rulebook import PRIORITIES

NONE = ("none",)


class Fused:
    """Puts the source together; `constants` are what it refers to."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        scores = tuple(end for span in plan.scores.values() for end in span)
        sections: list[tuple[t.Term, ...]] = [*plan.rules.values(), scores]
        self.roots = [root for section in sections for root in section]
        # How many rules a term stands in (the scores count as one), and how often it is printed.
        self.sections = Counter(term for section in sections for term in t.walk(*section))
        self.uses = times_used(*self.roots)
        self.rows = Rows(self.protocol, *self.roots)
        self.writer = Writer(self.protocol)
        self.write()

    @property
    def source(self) -> str:
        """The source."""
        return "\n".join(self.writer.lines) + "\n"

    @property
    def constants(self) -> dict[str, Any]:
        """What the source refers to by name."""
        outcomes = dict.fromkeys(self.protocol.rules, "not_met")
        gated = {**dict.fromkeys(self.protocol.rules, "unknown"), self.plan.gate or "": "met"}
        return {
            **self.writer.constants,
            "NONE": NONE,
            "NOT_MET": outcomes,
            "GATED": gated,
            "PRIORITY": self.priorities(),
        }

    def priorities(self) -> tuple[str, ...]:
        """The priority for every set of raised ones: the highest, or the floor."""
        floor = PRIORITIES.index(self.protocol.floor)
        ends = [*range(len(PRIORITIES))]
        return tuple(
            PRIORITIES[min([floor, *(end for end in ends if raised & 1 << end)])]
            for raised in range(1 << len(PRIORITIES))
        )

    # --- the parts of the function -----------------------------------------------------------

    def write(self) -> None:
        """All of it."""
        writer = self.writer
        with writer.block("def screened(answers, submitted):"):
            writer.line("get = answers.get")
            looked_at = t.paths(*self.roots)
            first = self.gate()
            self.inputs(looked_at - first)
            before = [t_ for t_ in t.walk(*self.roots) if not self.rows.is_counting(t_)]
            writer.name_shared(before, self.sections, self.rows.is_outside)
            self.rows.write(writer)
            writer.name_shared(self.roots, self.sections, self.rows.is_outside)
            writer.line("outcomes = NOT_MET.copy()")
            writer.line("raised = 0")
            self.rules()
            writer.line(f"return Fast(outcomes, {self.scores()}, PRIORITY[raised])")

    def gate(self) -> frozenset[str]:
        """The age gate ends everything before it begins. Says which answers it has read."""
        gated = self.plan.gated
        if isinstance(gated, t.Truth):
            return frozenset()
        looked_at = t.paths(gated)
        self.inputs(looked_at)
        with self.writer.block(f"if {self.writer.text(gated)}:"):
            self.writer.line(f"return Fast(GATED.copy(), {{}}, {PRIORITIES[0]!r})")
        return looked_at

    def inputs(self, paths: frozenset[str]) -> None:
        """Answers that are looked at, read once."""
        decimals = amounts(*self.roots)
        for id in self.protocol.questions:
            if id in paths:
                self.writer.read(id, "get", decimals.get(id, ()))

    def scores(self) -> str:
        """The scores as they stand in the result."""
        text = self.writer.text
        entries = (f"{id!r}: ({text(a)}, {text(b)})" for id, (a, b) in self.plan.scores.items())
        return f"{{{', '.join(entries)}}}"

    def rules(self) -> None:
        """All rules: those on ticks alone, those that nobody meets who ticks none, the rest."""
        rest = dict.fromkeys(self.plan.rules)
        for id, question in self.protocol.questions.items():
            if question.kind == "choices":
                alone = [rule for rule in rest if self.on_ticks_alone(rule, id)]
                if alone:
                    self.ticks_alone(id, alone)
                for rule in alone:
                    del rest[rule]
        for id, rules in self.void_without_ticks(rest).items():
            with self.writer.block(f"if {local(id)} != NONE:"):
                for rule in rules:
                    del rest[rule]
                    self.rule(rule)
        for rule in rest:
            self.rule(rule)

    def rule(self, id: str) -> None:
        """One rule: nothing where it is not met."""
        must, may = self.plan.rules[id]
        if may is t.truth(False):
            return
        writer, here = self.writer, self.rows.is_outside
        with writer.scope():
            waiting: list[t.Bool] = []
            for part in parts_of(may):
                # What a part needs is not computed before the parts in front of it hold.
                if waiting and self.needs_locals(part):
                    writer.open(f"if {writer.all(waiting)}:")
                    waiting = []
                writer.name_shared([part], self.uses, here)
                waiting.append(part)
            writer.open(f"if {writer.all(waiting)}:")
            must_too = [part for part in parts_of(must) if part not in parts_of(may)]
            self.met_or_unknown(id, must_too)

    def needs_locals(self, part: t.Bool) -> bool:
        """Whether something below has no local and should have one."""
        return any(
            worth_a_local(term, self.uses[term]) and self.rows.is_outside(term)
            for term in unnamed(self.writer.names, part)
        )

    def met_or_unknown(self, id: str, must: list[t.Bool]) -> None:
        """The outcome of a rule that may be met: met where the parts hold."""
        raises = self.raises(id)
        escalates = self.protocol.rules[id].if_unknown == "escalate"
        self.writer.name_shared(must, self.uses, self.rows.is_outside)
        if escalates and raises:
            self.writer.line(f"raised |= {raises}")
        if not must:
            self.writer.line(f"outcomes[{id!r}] = 'met'")
            if raises and not escalates:
                self.writer.line(f"raised |= {raises}")
            return
        with self.writer.block(f"if {self.writer.all(must)}:"):
            self.writer.line(f"outcomes[{id!r}] = 'met'")
            if raises and not escalates:
                self.writer.line(f"raised |= {raises}")
        with self.writer.block("else:"):
            self.writer.line(f"outcomes[{id!r}] = 'unknown'")

    def raises(self, rule: str) -> int:
        """What a rule adds to what is raised; nothing where the floor is as high."""
        place = PRIORITIES.index(self.protocol.rules[rule].priority)
        return 1 << place if place < PRIORITIES.index(self.protocol.floor) else 0

    # --- rules on ticks ----------------------------------------------------------------------

    def on_ticks_alone(self, rule: str, question: str) -> bool:
        """Whether a rule says that some of the options are ticked, and nothing else."""
        must, may = self.plan.rules[rule]
        if not isinstance(must, t.Ticked) or must.path != question:
            return False
        return may is t.any_of(must, t.negate(t.make(t.Given, question)))

    def ticks_alone(self, question: str, rules: list[str]) -> None:
        """Rules on ticks alone: each tick names the rules that are met by it."""
        blank = dict.fromkeys(rules, "unknown")
        raised = [r for r in rules if self.protocol.rules[r].if_unknown == "escalate"]
        table: dict[str, tuple[dict[str, str], int]] = {}
        for rule in rules:
            must = self.plan.rules[rule][0]
            assert isinstance(must, t.Ticked)
            for option in must.options:
                met, bits = table.get(option, ({}, 0))
                table[option] = ({**met, rule: "met"}, bits | self.raises(rule))
        blanks = self.writer.constant("BLANK", (question,), blank)
        met_by = self.writer.constant("MET_BY", (question, "met"), table)
        with self.writer.block(f"if {local(question)} is None:"):
            self.writer.line(f"outcomes.update({blanks})")
            bits = 0
            for rule in raised:
                bits |= self.raises(rule)
            if bits:
                self.writer.line(f"raised |= {bits}")
        with (
            self.writer.block("else:" if "none" in table else f"elif {local(question)} != NONE:"),
            self.writer.block(f"for option in {local(question)}:"),
            self.writer.block(f"if option in {met_by}:"),
        ):
            self.writer.line(f"found, bits = {met_by}[option]")
            self.writer.line("outcomes.update(found)")
            self.writer.line("raised |= bits")

    def void_without_ticks(self, rules: Iterable[str]) -> dict[str, list[str]]:
        """The rules that nobody meets who ticks "none", by question; the largest groups first."""
        groups: dict[str, list[str]] = {}
        for id, question in self.protocol.questions.items():
            if question.kind == "choices" and "none" in question.option_ids:
                groups[id] = [rule for rule in rules if self.is_void(rule, id)]
        found: dict[str, list[str]] = {}
        taken: set[str] = set()
        for id, group in sorted(groups.items(), key=lambda one: -len(one[1])):
            left = [rule for rule in group if rule not in taken]
            if len(left) >= 2:
                found[id] = left
                taken.update(left)
        return found

    def is_void(self, rule: str, question: str) -> bool:
        """Whether a rule is not met, whatever else was answered, where "none" is ticked."""

        def leaf(term: t.Term) -> t.Term:
            match term:
                case t.Given(path) if path == question:
                    return t.truth(True)
                case t.Ticked(path, options) if path == question:
                    return t.truth("none" in options)
                case t.Ticks(path, options) if path == question:
                    return t.whole(int("none" in options))
            return term

        return t.rebuilt(self.plan.rules[rule][1], leaf, {}) is t.truth(False)
