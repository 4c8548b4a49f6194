"""The source of the one function that screens a person under a protocol.

Its shape, for a protocol with a gate, a score and a few rules:

    def screened(answers, submitted=False):
        get = answers.get
        a_age = get('age')
        if ((120 if a_age is None else a_age) <= 17):       # who is under age goes no further
            return Outcomes(GATED.copy(), 'ineligible', (), ())
        a_phq9_1 = get('phq9_1')                            # every answer, once
        ...
        low_phq9 = (POINTS_0[a_phq9_1] + ...)               # what more than one rule needs
        high_phq9 = (POINTS_1[a_phq9_1] + ...)
        outcomes = NOT_MET.copy()                           # and now whatever is different
        raised = 0
        if (10 <= high_phq9):                               # it may be met ...
            if (10 <= low_phq9):                            # ... and must be
                outcomes['depression_symptoms'] = 'met'
                raised |= 32
            else:
                outcomes['depression_symptoms'] = 'unknown'
        return new(Outcomes, (outcomes, PRIORITY[raised], (low_phq9, high_phq9,), SCORED))

Most rules are not met for most people, so "may it be met?" is asked first, and "must it be?" only
after a yes: then three values cost little more than two.
"""

from collections import Counter
from itertools import chain
from typing import Any

from screener.engine.codegen import lines
from screener.engine.codegen.lines import saves_work
from screener.engine.codegen.rows import RowLoop
from screener.engine.priorities import PRIORITIES
from screener.engine.terms import terms as t
from screener.engine.terms.plan import Plan


class FunctionSource:
    """Puts the source together; `constants` are what it refers to."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.protocol = plan, plan.protocol
        self.ends = [*chain.from_iterable(plan.scores.values())]
        self.roots = [*chain.from_iterable(plan.rules.values()), *self.ends]
        # How many rules and scores need a term of everybody. What must hold is needed of few.
        always = [may for _, may in plan.rules.values()] + self.ends
        self.uses = Counter(chain.from_iterable(map(t.walk, always)))
        self.readers = lines.readers_by_path(*self.roots, plan.gated)
        self.rows = RowLoop(self.protocol, *self.roots)
        self.writer = lines.Writer(self.protocol)
        for prefixes, pairs in ((("low", "high"), plan.scores), (("must", "may"), plan.rules)):
            for id, pair in pairs.items():
                for prefix, term in zip(prefixes, pair, strict=True):
                    self.writer.preferred.setdefault(term, f"{prefix}_{id}")
        self.write()

    @property
    def source(self) -> str:
        """The source."""
        return "\n".join(self.writer.lines) + "\n"

    @property
    def constants(self) -> dict[str, Any]:
        """What the source refers to by name."""
        gated = {id: "met" if id == self.plan.gate else "unknown" for id in self.protocol.rules}
        return {
            **self.writer.constants,
            "NOT_MET": dict.fromkeys(self.protocol.rules, "not_met"),
            "GATED": gated,
            "PRIORITY": self.priorities(),
            "SCORED": tuple(self.plan.scores),
        }

    def priorities(self) -> tuple[str, ...]:
        """The priority for every set of raised ones: the highest, or the floor."""
        places = range(PRIORITIES.index(self.protocol.floor))
        return tuple(
            next((PRIORITIES[at] for at in places if raised & 1 << at), self.protocol.floor)
            for raised in range(1 << len(PRIORITIES))
        )

    # --- the parts of the function -----------------------------------------------------------

    def write(self) -> None:
        """Write all of it."""
        writer = self.writer
        with writer.block("def screened(answers, submitted=False):"):
            writer.line("get = answers.get")
            self.inputs(without=self.gate())
            writer.name_all(self.roots, lambda term: self.shared(term, counting=False))
            self.rows.write(writer)
            writer.name_all(self.roots, lambda term: self.shared(term, counting=True))
            writer.line("outcomes = NOT_MET.copy()")
            writer.line("raised = 0")
            for id in self.plan.rules:
                self.rule(id)
            ends = "".join(f"{writer.text(end)}, " for end in self.ends)
            writer.line(f"return new(Outcomes, (outcomes, PRIORITY[raised], ({ends}), SCORED))")

    def shared(self, term: t.Term, *, counting: bool) -> bool:
        """Whether a term is computed once for all rules, after the rows are counted or before."""
        if (term in self.rows.counting) != counting or term in self.rows.about_rows:
            return False
        return saves_work(term, self.uses[term])

    def gate(self) -> frozenset[str]:
        """Let the age gate end the function at once. Return the paths of the answers it reads."""
        gated = self.plan.gated
        if isinstance(gated, t.Truth):
            return frozenset()
        for id in sorted(t.paths(gated)):
            self.writer.read(id, "get", self.readers[id])
        with self.writer.block(f"if {self.writer.text(gated)}:"):
            self.writer.line(f"return Outcomes(GATED.copy(), {PRIORITIES[0]!r}, (), ())")
        return t.paths(gated)

    def inputs(self, *, without: frozenset[str]) -> None:
        """Read every answer whose value is needed, once."""
        tables = {count.table for count in self.rows.counts}
        for id in self.protocol.questions:
            readers = self.readers.get(id, [])
            if id in without:
                continue
            if id in tables or any(not isinstance(term, t.IsAnswered) for term in readers):
                self.writer.read(id, "get", readers)
            else:
                self.writer.unread.add(id)

    def rule(self, id: str) -> None:
        """Write one rule: nothing is done where it is not met."""
        must, may = self.plan.rules[id]
        if may is t.truth(False):
            return
        places = lines.count_places(must, may)

        def wanted(term: t.Term) -> bool:
            return saves_work(term, places[term]) and term not in self.rows.about_rows

        with self.writer.scope():
            self.writer.open_if(lines.conjuncts(may), wanted)
            must_too = [part for part in lines.conjuncts(must) if part not in lines.conjuncts(may)]
            self.writer.name_all(must_too, wanted)
            self.met_or_unknown(id, must_too)

    def met_or_unknown(self, id: str, must: list[t.Bool]) -> None:
        """Write the outcome of a rule that may be met: met where the parts hold."""
        rule = self.protocol.rules[id]
        priority = PRIORITIES.index(rule.priority)
        raises = priority < PRIORITIES.index(self.protocol.floor)
        escalates = rule.if_unknown == "escalate"
        if raises and escalates:
            self.writer.line(f"raised |= {1 << priority}")
        with self.writer.block(f"if {self.writer.all(must) or True}:"):
            self.writer.line(f"outcomes[{id!r}] = 'met'")
            if raises and not escalates:
                self.writer.line(f"raised |= {1 << priority}")
        if must:
            with self.writer.block("else:"):
                self.writer.line(f"outcomes[{id!r}] = 'unknown'")
