"""Synthetic people as written, in `cases/` and beside the rules, put together and typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from screener.engine.documents import SUBMITTED
from screener.engine.protocol import Case, RuleExample
from screener.engine.questions import Answers, AnswersError, Question
from screener.engine.read_answers import read_answers
from screener.engine.rulebook.files import Files, Item, Spot
from screener.engine.rulebook.written import ProtocolSource, WrittenCase, WrittenRule
from screener.engine.yaml_text import Document, KeyPath

_EXPECTED = ("priority", "scores", "flags", "includes", "not_met", "unknown")


def read_cases(
    source: ProtocolSource,
    questions: Mapping[str, Question],
    medicines: Iterable[str],
    files: Files,
) -> tuple[list[Case], dict[str, tuple[RuleExample, ...]]]:
    """Return the cases of a protocol and those beside each rule; faults go to `files`."""
    reader = _CaseReader(source, questions, {"medicines": tuple(medicines)}, files)
    cases = [case for document in source.case_documents if (case := reader.case(document))]
    examples: dict[str, tuple[RuleExample, ...]] = {}
    for id, item in source.rules.items():
        written = enumerate(item.value.cases)
        beside = (reader.example(id, item, ("cases", i), case) for i, case in written)
        examples[id] = tuple(filter(None, beside))
        shown = {case.outcome for case in item.value.cases}
        for outcome in ("met", "not_met", "unknown"):
            if outcome not in shown:
                files.refuse(item, ("cases",), f"{id} has no case in which it is {outcome}")
    return cases, examples


@dataclass(frozen=True)
class _CaseReader:
    source: ProtocolSource
    questions: Mapping[str, Question]
    rows: Mapping[str, tuple[str, ...]]
    files: Files

    @cached_property
    def answers_of(self) -> dict[str, dict[str, Any]]:
        """Return the answers of every case in `cases/`, by its name."""
        return {
            str(document.data["case"]): document.data["answers"]
            for document in self.source.all_cases
            if isinstance(document.data, dict) and isinstance(document.data.get("answers"), dict)
            if "case" in document.data
        }

    def case(self, document: Document) -> Case | None:
        """Return the case of a document, or None where it is faulty."""
        data = document.data
        keys = set(data) - {SUBMITTED} if isinstance(data, dict) else set()
        if keys != {"case", "answers", "expect"}:
            self.files.refuse(document, (), f"a case has case, answers and expect, or {SUBMITTED}")
            return None
        submitted = str(data.get(SUBMITTED, "false"))
        if submitted not in ("true", "false"):
            message = f"found {submitted}; allowed: true or false"
            self.files.refuse(document, (SUBMITTED,), message)
        answers = self.typed(document, ("answers",), data["answers"])
        if answers is None:
            return None
        self.check_expect(document, data["expect"])
        line = document.positions[()][0]
        name, sent = str(data["case"]), submitted == "true"
        return Case(name, answers, data["expect"], document.file, line, submitted=sent)

    def typed(self, place: Spot, path: KeyPath, raw: Any) -> Answers | None:
        """Return the answers as typed, or None where one was refused."""
        try:
            return read_answers(self.questions, self.rows, raw)
        except AnswersError as error:
            for problem in error.problems:
                self.files.refuse(place, path, str(problem))
            return None

    def check_expect(self, document: Document, expect: Any) -> None:
        if not self.files.has_keys(document, _EXPECTED, ("expect",)):
            return
        for key in ("flags", "includes", "not_met", "unknown"):
            ids = expect.get(key, [])
            if _is_texts(ids):
                self.files.check_names(document, ("expect", key), ids, self.source.rules, "rule")
            else:
                self.files.refuse(document, ("expect", key), f"{key} is a list of rules")
        scores = expect.get("scores", {})
        if not isinstance(scores, dict):
            self.files.refuse(document, ("expect", "scores"), "scores is a mapping")
            return
        for id, wanted in scores.items():
            path = ("expect", "scores", id)
            if not isinstance(wanted, str) and not (_is_texts(wanted) and len(wanted) == 2):
                message = f"{id} is a number, or the lowest and the highest in a list"
                self.files.refuse(document, path, message)
            self.files.check_names(document, path, [id], self.source.scores, "score")

    def example(
        self, rule: str, item: Item[WrittenRule], path: KeyPath, written: WrittenCase
    ) -> RuleExample | None:
        """Return a case beside a rule, or None where it is faulty."""
        if not written.outcome:
            self.files.refuse(item, path, "a case says one of met, not_met and unknown")
            return None
        answers: dict[str, Any] = {}
        if written.like:
            named = [name for name in self.answers_of if name.split(":")[0] == written.like]
            if len(named) != 1:
                self.files.refuse(item, (*path, "like"), f"no case starts with {written.like}:")
                return None
            answers = self.fitted(self.answers_of[named[0]])
        for gone in written.without:
            is_question = gone.split(".")[0] in self.questions
            if not _remove(answers, gone) and is_question:
                message = f"{gone} is no answer of {written.like}"
                self.files.refuse(item, (*path, "without"), message)
        typed = self.typed(item, (*path, "answers"), answers | written.answers)
        if typed is None:
            return None
        line = item.document.positions[(*item.path, *path)][0]
        outcome, sentence = written.outcome, getattr(written, written.outcome)
        sent, file = written.submitted == "true", item.document.file
        return RuleExample(rule, outcome, sentence, typed, file, line, submitted=sent)

    def fitted(self, answers: dict[str, Any]) -> dict[str, Any]:
        """Return the part of a person's answers that this protocol asks for.

        A rule that several protocols share starts from a person of one of them.
        """
        kept = {id: answer for id, answer in answers.items() if id in self.questions}
        for id, rows in kept.items():
            question = self.questions[id]
            if question.kind == "table" and isinstance(rows, dict):
                columns = {column.id for column in question.columns}
                kept[id] = {
                    row: {column: cell for column, cell in cells.items() if column in columns}
                    for row, cells in rows.items()
                    if row in self.rows["medicines"] and isinstance(cells, dict)
                }
        return kept


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _remove(answers: dict[str, Any], path: str) -> bool:
    """Take the answer at a dotted path out; return whether it was there."""
    *above, last = path.split(".")
    for key in above:
        inner = answers.get(key)
        if not isinstance(inner, dict):
            return False
        # Only the branch on the way is copied: the case that it came from stays whole.
        answers[key] = dict(inner)
        answers = answers[key]
    return answers.pop(last, None) is not None
