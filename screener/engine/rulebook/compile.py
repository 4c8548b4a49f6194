"""A protocol compiled from its sources: names resolved, conditions typed, all cross-checked."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from screener.engine import expressions as ex
from screener.engine.bounds import Facts
from screener.engine.language.conditions import Condition, ConditionReader
from screener.engine.language.invariants import CompiledInvariant
from screener.engine.language.parser import KEYWORDS, LeafError, Scope, parse_number
from screener.engine.problems import did_you_mean
from screener.engine.protocol import (
    PRIORITIES,
    Case,
    Medicine,
    Protocol,
    RowCondition,
    Rule,
    RuleExample,
    Score,
)
from screener.engine.questions import Answer, AnswersError, Question, read_answers
from screener.engine.rulebook.cases import read_cases
from screener.engine.rulebook.citations import check_sources
from screener.engine.rulebook.files import Files
from screener.engine.rulebook.invariant_names import read_invariants
from screener.engine.rulebook.kept_typing import check_kept_typing
from screener.engine.rulebook.notices import purposeless
from screener.engine.rulebook.written import Item, ProtocolSource, ScoreText
from screener.engine.walk import names_in
from screener.engine.yaml_text import Document, Path_, Text


class ProtocolBuilder:
    """Compiles one protocol; faults go to `files`."""

    def __init__(self, source: ProtocolSource, files: Files) -> None:
        self.source = source
        self.files = files
        self.medicines = self.used_medicines()
        self.questions = self.ordered_questions()
        self.asked_when: dict[str, Condition] = {}
        self.required_when: dict[str, Condition] = {}
        self.when_not_asked: dict[str, Answer] = {}
        self.when_missing: dict[str, Answer] = {}
        self.reduced: dict[tuple[str, str], tuple[Decimal, ex.Boolean]] = {}
        self.row_conditions: dict[str, RowCondition] = {}
        self.scores: dict[str, Score] = {}
        self.conditions: dict[str, Condition] = {}
        self.unless: dict[str, Condition] = {}
        self.invariants: list[CompiledInvariant] = []
        self.cases: list[Case] = []
        self.examples: list[RuleExample] = []

    def build(self) -> Protocol | None:
        """The protocol, or None where faults leave nothing to use."""
        faults = len(self.files.problems)
        self.check_names()
        self.compile_scores()
        if len(self.files.problems) > faults:
            return None
        # From here on ranges are known, so that leaves can be held against them.
        self.protocol = self.assemble()
        self.compile_question_conditions()
        self.compile_reduced_doses()
        self.compile_rows()
        self.compile_treatment_scores()
        self.compile_rules()
        self.invariants = read_invariants(self.source, self.questions, self.scope(), self.files)
        self.check_purpose()
        check_sources(self.source, self.conditions, self.files)
        check_kept_typing(self.source, self.conditions, self.files)
        if len(self.files.problems) > faults:
            return None
        self.cases, self.examples = read_cases(
            self.source, self.questions, self.medicines, self.files
        )
        return self.assemble()

    def assemble(self) -> Protocol:
        text = self.source.text
        return Protocol(
            id=text.id,
            title=text.title,
            version=text.version,
            reviewed=text.reviewed,
            review_months=text.review_months,
            floor=text.floor,
            pages=text.pages,
            questions=self.questions,
            asked_when=self.asked_when,
            required_when=self.required_when,
            when_not_asked=self.when_not_asked,
            when_missing=self.when_missing,
            medicines=self.medicines,
            reduced=self.reduced,
            row_conditions=self.row_conditions,
            scores=self.scores,
            rules={id: item.value for id, item in self.source.rules.items()},
            conditions=self.conditions,
            unless=self.unless,
            invariants=tuple(self.invariants),
            meant=tuple(item.value for item in self.source.meant.values()),
            instruments=tuple(item.value for item in self.source.instruments),
            topics={
                id: item.value
                for id, item in sorted(
                    self.source.topics.items(), key=lambda pair: pair[1].value.order
                )
            },
            cases=tuple(self.cases),
            examples=tuple(self.examples),
        )

    # --- names -------------------------------------------------------------------------------

    def used_medicines(self) -> dict[str, Medicine]:
        """The medicines this protocol asks about: those it counts, and those only shown."""
        uses = self.source.text.uses
        return {
            id: item.value
            for id, item in self.source.medicines.items()
            if any(item.value.trial(use) for use in uses)
            or not (item.value.mood or item.value.pain)
        }

    def ordered_questions(self) -> dict[str, Question]:
        """Questions in the order in which they are asked."""
        source, text = self.source, self.source.text
        order = [*text.asked_first, *(id for page in text.pages for id in page.questions)]
        known = {id: self.fitted(item.value) for id, item in source.questions.items()}
        return {id: known[id] for id in order if id in known}

    def fitted(self, question: Question) -> Question:
        """A table without the columns that belong to uses this protocol does not count."""
        uses = set(self.source.text.uses)
        kept = [c for c in question.columns if not c.uses or uses & set(c.uses)]
        return question.model_copy(update={"columns": tuple(kept)}) if kept else question

    def check_names(self) -> None:
        source, text = self.source, self.source.text
        seen: dict[str, str] = dict.fromkeys(text.asked_first, "asked_first")
        for i, page in enumerate(text.pages):
            for id in page.questions:
                path: Path_ = ("pages", i, "questions")
                if id not in source.questions:
                    hint = did_you_mean(id, source.questions)
                    self.refuse_at(source.document, path, f"no question is called {id}{hint}")
                if id in seen:
                    message = f"{id} is asked twice, here and on {seen[id]}"
                    self.refuse_at(source.document, path, message)
                seen[id] = page.id
        named: list[Mapping[str, Item[Any]]] = [source.questions, source.scores]
        for items in named:
            for id, item in items.items():
                if id in KEYWORDS:
                    self.refuse(item, ("id",), f"{id} is a word of the rule language")
        for id, score in source.scores.items():
            if id in source.questions:
                self.refuse(score, ("id",), f"{id} is a question already")
        tables = [q for q in self.questions.values() if q.kind == "table"]
        if len(tables) != 1:
            message = f"a protocol has one treatment table; found {len(tables)}"
            self.refuse_at(source.document, (), message)

    # --- scores ------------------------------------------------------------------------------

    def scope(self, *, in_row: bool = False) -> Scope:
        table = next(q for q in self.questions.values() if q.kind == "table")
        labels = {"medicine", "ingredient"}
        for medicine in self.medicines.values():
            labels |= set(medicine.classes)
        return Scope(
            questions=self.questions,
            scores=tuple(self.source.scores),
            rules=() if in_row else tuple(self.source.rules),
            columns={column.id: column for column in table.columns},
            row_conditions=tuple(self.source.rows),
            row_labels=labels,
            in_row=in_row,
        )

    def compile_scores(self) -> None:
        if any(q.kind == "table" for q in self.questions.values()):
            for id, item in self.source.scores.items():
                score = self.score(item)
                if score is not None:
                    self.scores[id] = score
            self.check_cycles(self.source.scores, self.score_uses, "the score")

    def score(self, item: Item[ScoreText]) -> Score | None:
        text = item.value
        try:
            value = parse_number(text.value, self.scope())
        except LeafError as error:
            path = (*item.path, "value")
            self.files.refuse(item.document, path, f"{text.value}: {error.message}", error.offset)
            return None
        return Score(
            id=text.id,
            title=text.title,
            range=text.range,
            value=value,
            text=text.value,
            loinc=text.loinc,
            bands=text.bands,
            references=text.reference,
            choices=text.choice,
            note=text.note,
        )

    def score_uses(self, id: str) -> Iterable[str]:
        return names_in(self.scores[id].value).scores if id in self.scores else ()

    def compile_treatment_scores(self) -> None:
        """Hold the declared range of every score against what its answers allow."""
        facts = Facts(self.assemble(), {})
        for id, item in self.source.scores.items():
            try:
                low, high = facts.score(id)
            except KeyError:
                continue  # it stands on a condition on rows that has itself been refused
            if (low, high) != item.value.range:
                found = f"{item.value.range[0]} to {item.value.range[1]}"
                message = f"its answers reach from {low} to {high}; found {found}"
                self.refuse(item, ("range",), message)

    # --- questions ---------------------------------------------------------------------------

    def reader(self, document: Document, scope: Scope) -> ConditionReader:
        return ConditionReader(document, scope, self.files.problems.append, self.out_of_reach)

    def out_of_reach(self, expression: ex.Boolean) -> str | None:
        """What is wrong with a comparison that can never, or only, be true."""
        facts = Facts(self.protocol, {})
        for part in names_in(expression).comparisons:
            numbers = [part.left, part.right]
            if any(names_in(n).columns or names_in(n).uses_rows for n in numbers):
                continue
            try:
                must, may = facts.boolean(part)
                low, high = facts.number(part.left)
                if isinstance(part.left, ex.Const):
                    low, high = facts.number(part.right)
            except KeyError:
                return None  # it stands on a part that has itself been refused
            if must or not may:
                sort = "always" if must else "never"
                return f"the value lies between {low} and {high}, so this is {sort} true"
        return None

    def compile_question_conditions(self) -> None:
        order = list(self.questions)
        for id, question in self.questions.items():
            item = self.source.questions[id]
            reader = self.reader(item.document, self.scope())
            for key, into in (
                ("asked_when", self.asked_when),
                ("required_when", self.required_when),
            ):
                raw = getattr(question, key)
                if raw is None:
                    continue
                condition = reader.read(raw, (*item.path, key))
                if condition is None:
                    continue
                into[id] = condition
                for used in names_in(condition.expression).questions:
                    if order.index(used) > order.index(id):
                        message = f"{used} is asked later than {id}"
                        self.refuse(item, (key,), message)
                    if used == id and question.kind != "choice":
                        message = f"only a choice may name itself; {id} is a {question.kind}"
                        self.refuse(item, (key,), message)
            for key, answers in (
                ("when_not_asked", self.when_not_asked),
                ("when_missing", self.when_missing),
            ):
                stands = getattr(question, key)
                if stands is not None and not (key == "when_not_asked" and stands == "unknown"):
                    self.stands_for(item, key, stands, answers)

    def stands_for(
        self, item: Item[Question], key: str, stands: str, into: dict[str, Answer]
    ) -> None:
        question = item.value
        raw: Any = [Text(stands)] if question.kind == "choices" else Text(stands)
        try:
            into.update(read_answers(self.questions, {}, {question.id: raw}))
        except AnswersError as error:
            self.refuse(item, (key,), str(error.problems[0]))

    def compile_reduced_doses(self) -> None:
        for id, item in self.source.medicines.items():
            for use in self.source.text.uses:
                trial = item.value.trial(use)
                if trial is None or trial.reduced is None:
                    continue
                reader = self.reader(item.document, self.scope())
                path = (*item.path, use, "reduced", "when")
                condition = reader.read(trial.reduced.when, path)
                if condition is not None:
                    self.reduced[id, use] = (trial.reduced.dose_mg, condition.expression)

    # --- rows and rules ----------------------------------------------------------------------

    def compile_rows(self) -> None:
        for id, item in self.source.rows.items():
            reader = self.reader(item.document, self.scope(in_row=True))
            condition = reader.read(item.value.when, (*item.path, "when"))
            if condition is None:
                continue
            row = item.value
            self.row_conditions[id] = RowCondition(
                id, row.title, row.use, condition, row.reference, row.choice
            )
            for used in names_in(condition.expression).row_conditions:
                if self.source.rows[used].value.use != row.use:
                    self.refuse(item, ("when",), f"{used} is about another use than {row.use}")
        self.check_cycles(self.source.rows, self.row_uses, "the condition")

    def row_uses(self, id: str) -> Iterable[str]:
        known = self.row_conditions.get(id)
        return names_in(known.condition.expression).row_conditions if known else ()

    def compile_rules(self) -> None:
        for id, item in self.source.rules.items():
            rule = item.value
            forms = [key for key in ("when", "unanswered", "undecided") if getattr(rule, key)]
            if len(forms) != 1:
                found = " and ".join(forms) or "none"
                message = f"a rule has one of when, unanswered and undecided; found {found}"
                self.refuse(item, (), message)
                continue
            reader = self.reader(item.document, self.scope())
            if rule.when is not None:
                condition = reader.read(rule.when, (*item.path, "when"))
                if condition is not None:
                    self.conditions[id] = condition
            if rule.unanswered is not None:
                self.known(item, ("unanswered", "questions"), rule.unanswered.questions)
                if rule.unanswered.unless is not None:
                    path = (*item.path, "unanswered", "unless")
                    unless = reader.read(rule.unanswered.unless, path)
                    if unless is not None:
                        self.unless[id] = unless
            if rule.undecided is not None:
                self.decidable(item, ("undecided", "all"), rule.undecided.all)
                self.decidable(item, ("undecided", "any"), rule.undecided.any)
        for id, condition in (*self.conditions.items(), *self.unless.items()):
            used = names_in(condition.expression).rules
            self.decidable(self.source.rules[id], (), used)
        self.check_cycles(self.source.rules, self.rule_uses, "the rule")
        gates = [r for r in self.source.rules.values() if r.value.priority == PRIORITIES[0]]
        for extra in gates[1:]:
            self.refuse(extra, ("priority",), "only one rule ends the screening")

    def rule_uses(self, id: str) -> Iterable[str]:
        known = self.conditions.get(id)
        return names_in(known.expression).rules if known else ()

    def known(self, item: Item[Rule], key: Path_, questions: Iterable[str]) -> None:
        for id in questions:
            if id not in self.questions:
                hint = did_you_mean(id, self.questions)
                self.refuse(item, key, f"no question is called {id}{hint}")

    def decidable(self, item: Item[Rule], key: Path_, rules: Iterable[str]) -> None:
        for id in rules:
            if id not in self.source.rules:
                hint = did_you_mean(id, self.source.rules)
                self.refuse(item, key, f"no rule is called {id}{hint}")
            elif self.source.rules[id].value.when is None:
                message = f"{id} speaks of blanks, not of the person, and is no condition"
                self.refuse(item, key, message)

    def check_purpose(self) -> None:
        for id in purposeless(self.protocol):
            message = f"no rule or score reads {id}, and no purpose says who does"
            self.refuse(self.source.questions[id], ("purpose",), message)

    def check_cycles(
        self, items: Mapping[str, Item[Any]], uses: Callable[[str], Iterable[str]], what: str
    ) -> None:
        done: set[str] = set()

        def visit(id: str, above: tuple[str, ...]) -> None:
            if id in above:
                ring = " uses ".join((*above[above.index(id) :], id))
                self.refuse(items[id], ("id",), f"{what} depends on itself: {ring}")
            elif id not in done and id in items:
                for used in uses(id):
                    visit(used, (*above, id))
                done.add(id)

        for id in items:
            visit(id, ())

    def refuse(self, item: Item[Any], key: Path_, message: str) -> None:
        self.files.refuse(item.document, (*item.path, *key), message)

    def refuse_at(self, document: Document, path: Path_, message: str) -> None:
        self.files.refuse(document, path, message)
