"""The source of the one function that screens a person under a protocol.

Its shape, for a protocol with a gate, a score and a few rules:

    def screened(answers, submitted=False):
        get = answers.get
        a_age = get('age')
        if (18 > (120 if a_age is None else a_age)):        # who is under age goes no further
            return Outcomes(GATED.copy(), 'ineligible', (), ())
        a_phq9_1 = get('phq9_1')                            # every answer, once
        ...
        of_phq9_1_0, of_phq9_1_1 = CHOSEN_0[a_phq9_1]       # what hangs on one choice alone
        ...
        low_phq9 = (of_phq9_1_0 + of_phq9_2_0 + ...)        # what more than one rule looks at
        high_phq9 = (of_phq9_1_1 + of_phq9_2_1 + ...)
        outcomes = NOT_MET.copy()                           # and now whatever is different
        raised = 0
        if a_warning_signs is None:                         # rules that look at ticks alone
            outcomes |= BLANK_1
        elif a_warning_signs != NONE:
            for option in a_warning_signs: ...
        if (10 <= high_phq9):                               # it may be met ...
            if (10 <= low_phq9):                            # ... and must be
                outcomes['depression_symptoms'] = 'met'
                raised |= 32
            else:
                outcomes['depression_symptoms'] = 'unknown'
        return new(Outcomes, (outcomes, PRIORITY[raised], (low_phq9, high_phq9), SCORED))

Most rules are not met for most people, so "may it be met?" is asked first, and "must it be?" only
after a yes: then three values cost little more than two.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from screener.engine.codegen.choices import looked_up, on_one_choice
from screener.engine.codegen.lines import Writer, looks, parts_of, times_used, worth_a_local
from screener.engine.codegen.printer import local
from screener.engine.codegen.rows import Rows
from screener.engine.codegen.ticks import NONE, Alone, alone, void_without_ticks
from screener.engine.protocol import PRIORITIES
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan

# How much it counts that a rule looks at a term: for everybody, or only where it may be met.
ALWAYS, SELDOM = 2, 1


class FunctionSource:
    """Puts the source together; `constants` are what it refers to."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.protocol = plan.protocol
        self.alone = alone(plan)
        decided = {id for group in self.alone for id in group.rules}
        self.rest = [id for id in plan.rules if id not in decided]
        self.void = void_without_ticks(plan, self.rest)
        sections: list[tuple[t.Term, ...]] = [plan.rules[id] for id in self.rest]
        sections += [(end,) for span in plan.scores.values() for end in span]
        self.roots = [root for section in sections for root in section]
        # How much is saved by computing a term once: more, the more rules look at it.
        self.weights: Counter[t.Term] = Counter()
        for *seldom, always in sections:
            seen = {*t.walk(always)}
            self.weights.update(dict.fromkeys(seen, ALWAYS))
            self.weights.update(dict.fromkeys({*t.walk(*seldom)} - seen, SELDOM))
        self.looks = looks(*self.roots, plan.gated)
        self.rows = Rows(self.protocol, *self.roots)
        self.writer = Writer(self.protocol)
        for prefixes, pairs in ((("low", "high"), plan.scores), (("must", "may"), plan.rules)):
            for id, pair in pairs.items():
                for prefix, term in zip(prefixes, pair, strict=True):
                    self.writer.known_as.setdefault(term, f"{prefix}_{id}")
        self.write()

    @property
    def source(self) -> str:
        """The source."""
        return "\n".join(self.writer.lines) + "\n"

    @property
    def constants(self) -> dict[str, Any]:
        """What the source refers to by name."""
        outcomes = dict.fromkeys(self.protocol.rules, "not_met")
        gated = {id: "met" if id == self.plan.gate else "unknown" for id in self.protocol.rules}
        return {
            **self.writer.constants,
            "NONE": NONE,
            "NOT_MET": outcomes,
            "GATED": gated,
            "PRIORITY": self.priorities(),
            "SCORED": tuple(self.plan.scores),
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
        with writer.block("def screened(answers, submitted=False):"):
            writer.line("get = answers.get")
            self.inputs(without=self.gate())
            self.choices()
            writer.name_all(self.roots, lambda one: self.shared(one, counting=False))
            self.rows.write(writer)
            writer.name_all(self.roots, lambda one: self.shared(one, counting=True))
            writer.line("outcomes = NOT_MET.copy()")
            writer.line("raised = 0")
            self.rules()
            writer.line(
                f"return new(Outcomes, (outcomes, PRIORITY[raised], {self.ends()}, SCORED))"
            )

    def shared(self, term: t.Term, *, counting: bool) -> bool:
        """Whether a term is computed once for all rules, after the rows are counted or before."""
        if self.rows.is_counting(term) != counting or not self.rows.is_outside(term):
            return False
        return worth_a_local(term, self.weights[term] // ALWAYS)

    def gate(self) -> frozenset[str]:
        """The age gate ends everything before it begins. Says which answers it has read."""
        gated = self.plan.gated
        if isinstance(gated, t.Truth):
            return frozenset()
        before = t.paths(gated)
        for id in before:
            self.writer.read(id, "get", self.looks[id])
        with self.writer.block(f"if {self.writer.text(gated)}:"):
            self.writer.line(f"return Outcomes(GATED.copy(), {PRIORITIES[0]!r}, (), ())")
        return before

    def inputs(self, *, without: frozenset[str]) -> None:
        """Every answer whose value is looked at, read once."""
        whole = {group.question for group in self.alone} | {*self.void}
        whole |= {count.table for count in self.rows.counts}
        for id in self.protocol.questions:
            looks = self.looks.get(id, [])
            value = id in whole or any(not isinstance(term, t.IsAnswered) for term in looks)
            if value and id not in without:
                self.writer.read(id, "get", looks)
            elif id not in without:
                self.writer.unread |= {id}

    def choices(self) -> None:
        """What hangs on one choice alone, looked up where that saves something."""
        for path, terms in on_one_choice(self.protocol.questions.values(), *self.roots).items():
            # One look costs about as much as two comparisons; every more it gives is almost free.
            often = [term for term in terms if self.weights[term] > ALWAYS]
            if sum(self.weights[term] for term in often) >= 3 * ALWAYS:
                table = looked_up(self.protocol.questions[path], often)
                constant = self.writer.constant("CHOSEN", (repr(table),), table)
                names = [f"of_{path}_{place}" for place, _ in enumerate(often)]
                self.writer.unpack(names, f"{constant}[{local(path)}]")
                self.writer.names.update(zip(often, names, strict=True))

    def ends(self) -> str:
        """The lows and highs of the scores as they stand in the result."""
        ends = [end for span in self.plan.scores.values() for end in span]
        return f"({''.join(self.writer.text(end) + ', ' for end in ends)})"

    def rules(self) -> None:
        """All rules: those on ticks alone, those that nobody meets who ticks none, the rest."""
        for group in self.alone:
            self.ticks_alone(group)
        for question, rules in self.void.items():
            with self.writer.block(f"if {local(question)} != NONE:"):
                for id in rules:
                    self.rule(id)
        grouped = {id for rules in self.void.values() for id in rules}
        for id in self.rest:
            if id not in grouped:
                self.rule(id)

    def rule(self, id: str) -> None:
        """One rule: nothing where it is not met."""
        must, may = self.plan.rules[id]
        if may is t.truth(False):
            return
        uses = times_used(must, may)

        def worth(term: t.Term) -> bool:
            return worth_a_local(term, uses[term]) and self.rows.is_outside(term)

        with self.writer.scope():
            self.writer.open_if(parts_of(may), worth)
            must_too = [part for part in parts_of(must) if part not in parts_of(may)]
            self.writer.name_all(must_too, worth)
            self.met_or_unknown(id, must_too)

    def met_or_unknown(self, id: str, must: list[t.Bool]) -> None:
        """The outcome of a rule that may be met: met where the parts hold."""
        raised = f"raised |= {self.raised_by([id])}" if self.raised_by([id]) else ""
        escalates = self.protocol.rules[id].if_unknown == "escalate"
        if raised and escalates:
            self.writer.line(raised)
        with self.writer.block(f"if {self.writer.all(must) or True}:"):
            self.writer.line(f"outcomes[{id!r}] = 'met'")
            if raised and not escalates:
                self.writer.line(raised)
        if must:
            with self.writer.block("else:"):
                self.writer.line(f"outcomes[{id!r}] = 'unknown'")

    def raised_by(self, rules: Iterable[str]) -> int:
        """The bits of the priorities that rules raise; none where the floor is as high."""
        places = {PRIORITIES.index(self.protocol.rules[id].priority) for id in rules}
        return sum(1 << place for place in places if place < PRIORITIES.index(self.protocol.floor))

    def ticks_alone(self, group: Alone) -> None:
        """Rules on ticks alone: each tick names the rules that are met by it."""
        ticks = local(group.question)
        escalated = [r for r in group.rules if self.protocol.rules[r].if_unknown == "escalate"]
        table = {
            option: (dict.fromkeys(rules, "met"), self.raised_by(rules))
            for option, rules in group.met_by.items()
        }
        blank = self.writer.constant("BLANK", group.rules, dict.fromkeys(group.rules, "unknown"))
        met_by = self.writer.constant("MET_BY", group.rules, table)
        with self.writer.block(f"if {ticks} is None:"):
            self.writer.line(f"outcomes |= {blank}")
            if bits := self.raised_by(escalated):
                self.writer.line(f"raised |= {bits}")
        with (
            self.writer.block("else:" if "none" in table else f"elif {ticks} != NONE:"),
            self.writer.block(f"for option in {ticks}:"),
            self.writer.block(f"if option in {met_by}:"),
        ):
            self.writer.line(f"found, bits = {met_by}[option]")
            self.writer.line("outcomes |= found")
            self.writer.line("raised |= bits")
