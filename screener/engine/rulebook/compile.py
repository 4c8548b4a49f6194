"""A protocol compiled from its files: names resolved, conditions typed, all cross-checked."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from screener.engine import expressions as ex
from screener.engine.expressions import Condition, is_about_rows, names_in
from screener.engine.language.conditions import ConditionReader
from screener.engine.language.invariants import CompiledInvariant
from screener.engine.language.parser import KEYWORDS, LeafError, Scope, parse_number
from screener.engine.models import Model
from screener.engine.problems import did_you_mean
from screener.engine.protocol import (
    PRIORITIES,
    Medicine,
    Protocol,
    ProtocolHead,
    Reduced,
    RowCondition,
    Rule,
    Score,
    Trial,
    Unanswered,
)
from screener.engine.questions import Answer, AnswersError, Question, read_answers
from screener.engine.rulebook.citations import check_citations
from screener.engine.rulebook.files import Files
from screener.engine.rulebook.kept_typing import check_kept_typing
from screener.engine.rulebook.notices import purposeless
from screener.engine.rulebook.read_cases import read_cases
from screener.engine.rulebook.read_invariants import read_invariants
from screener.engine.rulebook.written import (
    Item,
    ProtocolSource,
    WrittenMedicine,
    WrittenQuestion,
    WrittenRule,
    WrittenScore,
)
from screener.engine.terms.reading import Reading
from screener.engine.yaml_text import Document, Path_, Text

M = TypeVar("M", bound=Model)


class ProtocolCompiler:
    """Compiles one protocol; faults go to `files`."""

    def __init__(self, source: ProtocolSource, files: Files) -> None:
        self.source = source
        self.files = files
        self.written = self.ordered_questions()
        self.questions = {id: _compiled(Question, q, **_BARE) for id, q in self.written.items()}
        self.medicines: dict[str, Medicine] = {**self.used_medicines()}
        self.row_conditions: dict[str, RowCondition] = {}
        self.scores: dict[str, Score] = {}
        self.rules: dict[str, Rule] = {}
        self.invariants: list[CompiledInvariant] = []

    def compile(self) -> Protocol | None:
        """Return the protocol, or None where faults leave nothing to use."""
        faults = len(self.files.problems)
        self.check_names()
        self.compile_scores()
        if len(self.files.problems) > faults:
            return None
        # A comparison is held against what its answers can be, whether they are asked or not: so
        # conditions of questions are put in last. Before rows are read their counts have no range.
        self.reading = Reading(self.assemble(), {})
        questions = self.compile_questions()
        self.compile_reduced_doses()
        self.compile_rows()
        self.reading = Reading(self.assemble(), {})
        self.check_score_ranges()
        self.compile_rules()
        self.questions = questions
        self.invariants = read_invariants(self.source, self.questions, self.scope(), self.files)
        self.check_purpose()
        check_citations(self.source, self.rules, self.files)
        check_kept_typing(self.source, self.rules, self.files)
        if len(self.files.problems) > faults:
            return None
        cases, examples = read_cases(self.source, self.questions, self.medicines, self.files)
        for id, rule in self.rules.items():
            beside = tuple(example for example in examples if example.rule == id)
            self.rules[id] = _compiled(Rule, rule, cases=beside)
        return self.assemble(tuple(cases))

    def assemble(self, cases: tuple[Any, ...] = ()) -> Protocol:
        topics = sorted(self.source.topics.items(), key=lambda pair: pair[1].value.order)
        overlaps = self.source.intended_overlaps.values()
        return Protocol(
            head=_compiled(ProtocolHead, self.source.text),
            pages=self.source.text.pages,
            questions=dict(self.questions),
            instruments=tuple(item.value for item in self.source.instruments),
            medicines=dict(self.medicines),
            row_conditions=dict(self.row_conditions),
            scores=dict(self.scores),
            rules=dict(self.rules),
            invariants=tuple(self.invariants),
            intended_overlaps=tuple(item.value for item in overlaps),
            topics={id: item.value for id, item in topics},
            cases=cases,
        )

    # --- names -------------------------------------------------------------------------------

    def used_medicines(self) -> dict[str, WrittenMedicine]:
        """Return the medicines this protocol asks about: those it counts, and those only shown."""
        uses = self.source.text.uses
        return {
            id: item.value
            for id, item in self.source.medicines.items()
            if any(item.value.trial(use) for use in uses)
            or not (item.value.mood or item.value.pain)
        }

    def ordered_questions(self) -> dict[str, WrittenQuestion]:
        """Return the questions as written, in the order in which they are asked."""
        text = self.source.text
        order = [*text.asked_first, *(id for page in text.pages for id in page.questions)]
        fitted = {id: self.fitted(item.value) for id, item in self.source.questions.items()}
        return {id: fitted[id] for id in order if id in fitted}

    def fitted(self, question: WrittenQuestion) -> WrittenQuestion:
        """Return a table without the columns of uses that this protocol does not count."""
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

    def score(self, item: Item[WrittenScore]) -> Score | None:
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

    def check_score_ranges(self) -> None:
        """Hold the declared range of every score against what its answers allow."""
        for id, item in self.source.scores.items():
            try:
                low, high = self.reading.score(id)
            except KeyError:
                continue  # it uses a condition on rows that has itself been refused
            if (low, high) != item.value.range:
                declared = f"{item.value.range[0]} to {item.value.range[1]}"
                message = f"its answers reach from {low} to {high}; found {declared}"
                self.refuse(item, ("range",), message)

    # --- questions ---------------------------------------------------------------------------

    def reader(self, document: Document, scope: Scope) -> ConditionReader:
        return ConditionReader(document, scope, self.files.problems.append, self.out_of_reach)

    def out_of_reach(self, expression: ex.Boolean) -> str | None:
        """Return what is wrong with a comparison that can never, or only, be true."""
        for part in ex.walk(expression):
            if not isinstance(part, ex.Comparison) or is_about_rows(part):
                continue
            number = part.right if isinstance(part.left, ex.Const) else part.left
            try:
                must, may = self.reading.boolean(part)
                low, high = self.reading.number(number)
            except KeyError:
                return None  # it uses a part that has itself been refused
            if must or not may:
                sort = "always" if must else "never"
                return f"the value lies between {low} and {high}, so this is {sort} true"
        return None

    def compile_questions(self) -> dict[str, Question]:
        """Return the questions with their conditions and what stands where they have no answer."""
        order = list(self.written)
        questions: dict[str, Question] = {}
        for id, question in self.written.items():
            item = self.source.questions[id]
            conditions = {
                key: self.question_condition(item, key, order)
                for key in ("asked_when", "required_when")
            }
            stands = {key: self.stands_for(item, key) for key in ("when_not_asked", "when_missing")}
            questions[id] = _compiled(Question, question, **conditions, **stands)
        return questions

    def question_condition(
        self, item: Item[WrittenQuestion], key: str, order: list[str]
    ) -> Condition | None:
        question, raw = item.value, getattr(item.value, key)
        if raw is None:
            return None
        condition = self.reader(item.document, self.scope()).read(raw, (*item.path, key))
        for used in names_in(condition.expression).questions if condition else ():
            if order.index(used) > order.index(question.id):
                self.refuse(item, (key,), f"{used} is asked later than {question.id}")
            if used == question.id and question.kind != "choice":
                message = f"only a choice may name itself; {used} is a {question.kind}"
                self.refuse(item, (key,), message)
        return condition

    def stands_for(self, item: Item[WrittenQuestion], key: str) -> Answer | None:
        """Return the answer that a question without one stands for; None for `unknown`."""
        question, stands = item.value, getattr(item.value, key)
        if stands is None or (key == "when_not_asked" and stands == "unknown"):
            return None
        raw: Any = [Text(stands)] if question.kind == "choices" else Text(stands)
        try:
            return read_answers(self.questions, {}, {question.id: raw})[question.id]
        except AnswersError as error:
            self.refuse(item, (key,), str(error.problems[0]))
            return None

    def compile_reduced_doses(self) -> None:
        for id, written in self.used_medicines().items():
            item = self.source.medicines[id]
            trials = {use: self.trial(item, use) for use in ("mood", "pain")}
            self.medicines[id] = _compiled(Medicine, written, **trials)

    def trial(self, item: Item[WrittenMedicine], use: str) -> Trial | None:
        """Return the trial of a medicine for a use; a use that does not count has no lower dose."""
        trial = item.value.trial(use)
        if trial is None:
            return None
        reduced = trial.reduced
        if reduced is not None and use in self.source.text.uses:
            path = (*item.path, use, "reduced", "when")
            when = self.reader(item.document, self.scope()).read(reduced.when, path)
            reduced = None if when is None else _compiled(Reduced, reduced, when=when)
        else:
            reduced = None
        return _compiled(Trial, trial, reduced=reduced)

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
        row = self.row_conditions.get(id)
        return names_in(row.condition.expression).row_conditions if row else ()

    def compile_rules(self) -> None:
        for id, item in self.source.rules.items():
            written = item.value
            forms = [key for key in ("when", "unanswered", "undecided") if getattr(written, key)]
            if len(forms) != 1:
                given = " and ".join(forms) or "none"
                message = f"a rule has one of when, unanswered and undecided; found {given}"
                self.refuse(item, (), message)
                continue
            self.rules[id] = self.rule(item)
        for id, rule in self.rules.items():
            item = self.source.rules[id]
            if rule.undecided is not None:
                self.check_conditions(item, ("undecided", "all"), rule.undecided.all)
                self.check_conditions(item, ("undecided", "any"), rule.undecided.any)
            used = names_in(*(condition.expression for condition in rule.conditions)).rules
            self.check_conditions(item, (), used)
        self.check_cycles(self.source.rules, self.rule_uses, "the rule")
        gates = [r for r in self.source.rules.values() if r.value.priority == PRIORITIES[0]]
        for extra in gates[1:]:
            self.refuse(extra, ("priority",), "only one rule ends the screening")

    def rule(self, item: Item[WrittenRule]) -> Rule:
        written, reader = item.value, self.reader(item.document, self.scope())
        when = unanswered = None
        if written.when is not None:
            when = reader.read(written.when, (*item.path, "when"))
        if written.unanswered is not None:
            questions, unless = written.unanswered.questions, written.unanswered.unless
            self.check_questions(item, ("unanswered", "questions"), questions)
            if unless is not None:
                unless = reader.read(unless, (*item.path, "unanswered", "unless"))
            unanswered = Unanswered.model_construct(questions=questions, unless=unless)
        return _compiled(Rule, written, when=when, unanswered=unanswered, cases=())

    def rule_uses(self, id: str) -> Iterable[str]:
        rule = self.rules.get(id)
        return names_in(rule.when.expression).rules if rule and rule.when else ()

    def check_questions(self, item: Item[WrittenRule], key: Path_, ids: Iterable[str]) -> None:
        for id in ids:
            if id not in self.questions:
                hint = did_you_mean(id, self.questions)
                self.refuse(item, key, f"no question is called {id}{hint}")

    def check_conditions(self, item: Item[WrittenRule], key: Path_, ids: Iterable[str]) -> None:
        for id in ids:
            if id not in self.source.rules:
                hint = did_you_mean(id, self.source.rules)
                self.refuse(item, key, f"no rule is called {id}{hint}")
            elif self.source.rules[id].value.when is None:
                message = f"{id} speaks of blanks, not of the person, and is no condition"
                self.refuse(item, key, message)

    def check_purpose(self) -> None:
        for id in purposeless(self.assemble()):
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


_BARE = {"asked_when": None, "required_when": None, "when_not_asked": None, "when_missing": None}


def _compiled(model: type[M], written: Model, **parts: Any) -> M:
    """Return a part of the rulebook as compiled: what was written, with typed parts put in."""
    fields = {name: getattr(written, name) for name in model.model_fields}
    return model.model_construct(**{**fields, **parts})
