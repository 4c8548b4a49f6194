"""A protocol compiled from its files: names resolved, conditions typed, all cross-checked."""

from collections.abc import Iterable
from typing import Any, TypeVar

from screener.engine import expressions as ex
from screener.engine.expressions import Condition, is_about_rows, names_in
from screener.engine.field_types import Model
from screener.engine.language.conditions import ConditionReader
from screener.engine.language.invariants import CompiledInvariant
from screener.engine.language.parser import LeafError, Scope, TakesNowScope, parse_number
from screener.engine.medicines import LabelDose, Medicine, Reduced, Trial
from screener.engine.protocol import (
    Case,
    Protocol,
    ProtocolHead,
    RowCondition,
    Rule,
    Score,
    Unanswered,
)
from screener.engine.questions import Answer, AnswersError, Question
from screener.engine.read_answers import read_answers
from screener.engine.rulebook.citations import check_citations
from screener.engine.rulebook.cross_checks import (
    check_cycles,
    check_ids,
    check_purpose,
    check_rules_used,
    check_score_ranges,
    check_shown_to_patients,
    check_staff_views,
)
from screener.engine.rulebook.files import Files, Item
from screener.engine.rulebook.kept_typing import check_kept_typing
from screener.engine.rulebook.read_cases import read_cases
from screener.engine.rulebook.read_invariants import read_invariants
from screener.engine.rulebook.said_back import check_said_back
from screener.engine.rulebook.sections import check_sections, check_typical
from screener.engine.rulebook.table_checks import (
    check_conditions_on_rows,
    check_medicines,
    check_takes_now,
)
from screener.engine.rulebook.written import (
    ProtocolSource,
    WrittenMedicine,
    WrittenQuestion,
    WrittenRule,
)
from screener.engine.terms.reading import Reading
from screener.engine.yaml_text import Text

M = TypeVar("M", bound=Model)

# What a question has that is read from text: conditions, and the answers that stand for none.
_CONDITIONS = ("asked_when", "required_when")
_STAND_FOR = ("when_not_asked", "when_missing")


class ProtocolCompiler:
    """Compiles one protocol; faults go to `files`."""

    def __init__(self, source: ProtocolSource, files: Files) -> None:
        self.source = source
        self.files = files
        self.questions = self.ordered_questions()
        self.medicines = self.used_medicines()
        self.row_conditions: dict[str, RowCondition] = {}
        self.scores: dict[str, Score] = {}
        self.rules: dict[str, Rule] = {}
        self.invariants: list[CompiledInvariant] = []

    def compile(self) -> Protocol | None:
        """Return the protocol, or None where faults leave nothing to use."""
        source, files = self.source, self.files
        faults = len(files.problems)
        check_ids(source, files)
        check_takes_now(source, files)
        check_medicines(source, self.questions, files)
        check_said_back(source, self.questions, files)
        check_sections(source, files)
        self.compile_scores()
        if len(files.problems) > faults:
            return None
        # A comparison is held against what its answers can be, whether they are asked or not: so
        # conditions of questions are put in last. Before rows are read their counts have no range.
        self.reading = Reading(self.assemble(), {})
        self.compile_reduced_doses()
        self.compile_rows()
        questions = self.compile_questions()
        table = next(question for question in questions.values() if question.kind == "table")
        check_conditions_on_rows(source, self.row_conditions, table, files)
        self.reading = Reading(self.assemble(), {})
        check_score_ranges(source, self.reading, files)
        self.compile_rules()
        self.questions = questions
        self.invariants = read_invariants(source, self.questions, self.scope(), files)
        check_purpose(source, self.assemble(), files)
        check_citations(source, self.rules, files)
        check_kept_typing(source, self.rules, files)
        if len(files.problems) > faults:
            return None
        cases, examples = read_cases(source, self.questions, self.medicines, files)
        check_typical(source, cases, files)
        for id, rule in self.rules.items():
            self.rules[id] = _compiled(Rule, rule, cases=examples[id])
        return self.assemble(cases)

    def assemble(self, cases: Iterable[Case] = ()) -> Protocol:
        """Return the protocol as far as it is compiled."""
        topics = sorted(self.source.topics.items(), key=lambda pair: pair[1].value.order)
        overlaps, taken = self.source.intended_overlaps.values(), self.source.takes_now
        return Protocol(
            head=_compiled(ProtocolHead, self.source.text, takes_now=taken and taken.value),
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
            cases=tuple(cases),
        )

    # --- names -------------------------------------------------------------------------------

    def used_medicines(self) -> dict[str, Medicine]:
        """Return the medicines this protocol asks about: those it counts, and those only shown."""
        uses = self.source.text.uses
        medicines = {id: item.value for id, item in self.source.medicines.items()}
        return {
            id: medicine
            for id, medicine in medicines.items()
            if any(map(medicine.trial, uses)) or not (medicine.mood or medicine.pain)
        }

    def ordered_questions(self) -> dict[str, Question]:
        """Return the questions in the order in which they are asked, without their conditions."""
        text, written = self.source.text, self.source.questions
        order = [*text.asked_first, *(id for page in text.pages for id in page.questions)]
        return {id: self.question(written[id].value) for id in order if id in written}

    def question(self, question: WrittenQuestion) -> Question:
        """Return a question without conditions, and without columns of uses that do not count."""
        uses = set(self.source.text.uses)
        kept = [c for c in question.columns if not c.uses or uses & set(c.uses)]
        columns = tuple(
            _compiled(Question, column, asked_when=None) for column in kept or question.columns
        )
        blank = dict.fromkeys((*_CONDITIONS, *_STAND_FOR))
        return _compiled(Question, question, columns=columns, **blank)

    def scope(self, *, in_row: bool = False) -> Scope:
        """Return the names that a leaf of this protocol may use."""
        table = next(q for q in self.questions.values() if q.kind == "table")
        classes = (medicine.classes for medicine in self.medicines.values())
        return Scope(
            questions=self.questions,
            scores=tuple(self.source.scores),
            rules=() if in_row else tuple(self.source.rules),
            columns={column.id: column for column in table.columns},
            row_conditions=tuple(self.source.rows),
            row_labels={"medicine", "ingredient"}.union(*classes),
            in_row=in_row,
            takes_now=self.takes_now(table.id),
        )

    def takes_now(self, table: str) -> TakesNowScope | None:
        """Return how rules know what is taken now, or None where the treatments do not say."""
        item = self.source.takes_now
        if item is None or item.value.ticked not in self.questions:
            return None
        kinds = frozenset(kind for medicine in self.medicines.values() for kind in medicine.kinds)
        return TakesNowScope(item.value.ticked, table, item.value.rows, kinds)

    # --- conditions --------------------------------------------------------------------------

    def condition(
        self, item: Item[Any], raw: Any, *path: str | int, in_row: bool = False
    ) -> Condition | None:
        """Return the condition at a path below an entry, or None without one or where faulty."""
        if raw is None:
            return None
        scope, report = self.scope(in_row=in_row), self.files.problems.extend
        reader = ConditionReader(item.document, scope, report, self.out_of_reach)
        return reader.read(raw, (*item.path, *path))

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
                always = "always" if must else "never"
                return f"the value lies between {low} and {high}, so this is {always} true"
        return None

    # --- scores and questions ----------------------------------------------------------------

    def compile_scores(self) -> None:
        """Compile the scores, which are read against the one table of the protocol."""
        tables = [question for question in self.questions.values() if question.kind == "table"]
        if len(tables) != 1:
            message = f"a protocol has one treatment table; found {len(tables)}"
            self.files.refuse(self.source.document, (), message)
        if not tables:
            return
        for id, item in self.source.scores.items():
            written = item.value
            try:
                value = parse_number(written.value, self.scope())
            except LeafError as error:
                message = f"{written.value}: {error.message}"
                self.files.refuse(item, ("value",), message, error.offset)
            else:
                self.scores[id] = _compiled(Score, written, value=value)
        uses = {id: names_in(score.value).scores for id, score in self.scores.items()}
        check_cycles(self.source.scores, uses, "the score", self.files)

    def compile_questions(self) -> dict[str, Question]:
        """Return the questions with their conditions and what stands where they have no answer."""
        questions: dict[str, Question] = {}
        for id, question in self.questions.items():
            item = self.source.questions[id]
            conditions = {key: self.question_condition(item, key) for key in _CONDITIONS}
            stands = {key: self.stands_for(item, key) for key in _STAND_FOR}
            columns = self.columns(item, question)
            questions[id] = _compiled(Question, question, columns=columns, **conditions, **stands)
        return questions

    def columns(self, item: Item[WrittenQuestion], table: Question) -> tuple[Question, ...]:
        """Return the columns of a table with the conditions on the row in which they are asked."""
        written = {column.id: (i, column) for i, column in enumerate(item.value.columns)}
        columns = []
        for column in table.columns:
            i, text = written[column.id]
            place = ("columns", i, "asked_when")
            when = self.condition(item, text.asked_when, *place, in_row=True)
            columns.append(_compiled(Question, column, asked_when=when))
        return tuple(columns)

    def question_condition(self, item: Item[WrittenQuestion], key: str) -> Condition | None:
        """Return a condition of a question, which reads nothing that is asked later."""
        question, order = item.value, list(self.questions)
        condition = self.condition(item, getattr(question, key), key)
        for used in names_in(condition.expression).questions if condition else ():
            if order.index(used) > order.index(question.id):
                self.files.refuse(item, (key,), f"{used} is asked later than {question.id}")
            if used == question.id and question.kind != "choice":
                message = f"only a choice may name itself; {used} is a {question.kind}"
                self.files.refuse(item, (key,), message)
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
            self.files.refuse(item, (key,), str(error.problems[0]))
            return None

    # --- medicines and rows ------------------------------------------------------------------

    def compile_reduced_doses(self) -> None:
        for id in self.medicines:
            item = self.source.medicines[id]
            trials = {use: self.trial(item, use) for use in ("mood", "pain")}
            label = self.label_dose(item)
            self.medicines[id] = _compiled(Medicine, item.value, highest_on_label=label, **trials)

    def label_dose(self, item: Item[WrittenMedicine]) -> LabelDose | None:
        """Return the highest dose on a medicine's label, lower where that is for some people."""
        label = item.value.highest_on_label
        if label is None:
            return None
        reduced = None
        if label.reduced is not None:
            path = ("highest_on_label", "reduced", "when")
            when = self.condition(item, label.reduced.when, *path)
            reduced = None if when is None else _compiled(Reduced, label.reduced, when=when)
        return _compiled(LabelDose, label, reduced=reduced)

    def trial(self, item: Item[WrittenMedicine], use: str) -> Trial | None:
        """Return the trial of a medicine for a use; a use that does not count has no lower dose."""
        trial = item.value.trial(use)
        if trial is None:
            return None
        written, reduced = trial.reduced, None
        if written is not None and use in self.source.text.uses:
            when = self.condition(item, written.when, use, "reduced", "when")
            reduced = None if when is None else _compiled(Reduced, written, when=when)
        return _compiled(Trial, trial, reduced=reduced)

    def compile_rows(self) -> None:
        uses: dict[str, set[str]] = {}
        for id, item in self.source.rows.items():
            row = item.value
            condition = self.condition(item, row.condition, "when", in_row=True)
            if condition is None:
                continue
            self.row_conditions[id] = _compiled(RowCondition, row, condition=condition)
            uses[id] = names_in(condition.expression).row_conditions
        check_cycles(self.source.rows, uses, "the condition", self.files)

    # --- rules -------------------------------------------------------------------------------

    def compile_rules(self) -> None:
        for id, item in self.source.rules.items():
            forms = [k for k in ("when", "unanswered", "undecided") if getattr(item.value, k)]
            if len(forms) == 1:
                self.rules[id] = self.rule(item)
            else:
                given = " and ".join(forms) or "none"
                message = f"a rule has one of when, unanswered and undecided; found {given}"
                self.files.refuse(item, (), message)
        check_rules_used(self.source, self.rules, self.files)
        check_staff_views(self.source, self.files)
        check_shown_to_patients(self.source, self.rules, self.files)

    def rule(self, item: Item[WrittenRule]) -> Rule:
        """Return a rule with its conditions typed; faulty ones are left out."""
        written = item.value
        when = self.condition(item, written.when, "when")
        unanswered: Unanswered | None = written.unanswered
        if unanswered is not None:
            path = ("unanswered", "questions")
            self.files.check_names(item, path, unanswered.questions, self.questions, "question")
            unless = self.condition(item, unanswered.unless, "unanswered", "unless")
            unanswered = _compiled(Unanswered, unanswered, unless=unless)
        return _compiled(Rule, written, when=when, unanswered=unanswered, cases=())


def _compiled(model: type[M], written: Model, **parts: Any) -> M:
    """Return a part of the rulebook as compiled: what was written, with typed parts put in."""
    fields = {key: getattr(written, key) for key in model.model_fields if key not in parts}
    return model.model_construct(**fields, **parts)
