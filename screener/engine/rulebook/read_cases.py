"""Synthetic persons as written, in `cases/` and beside the rules, put together and typed."""

from collections.abc import Iterable, Mapping
from typing import Any

from screener.engine.problems import did_you_mean
from screener.engine.protocol import Case, RuleExample
from screener.engine.questions import AnswersError, Question, read_answers
from screener.engine.rulebook.files import Files
from screener.engine.rulebook.written import Item, ProtocolSource, WrittenRule
from screener.engine.yaml_text import Document, Path_


def read_cases(
    source: ProtocolSource,
    questions: Mapping[str, Question],
    medicines: Iterable[str],
    files: Files,
) -> tuple[list[Case], list[RuleExample]]:
    """The cases of a protocol and those beside its rules; faults go to `files`."""
    reader = _CaseReader(source, questions, tuple(medicines), files)
    reader.read()
    return reader.cases, reader.examples


class _CaseReader:
    def __init__(
        self,
        source: ProtocolSource,
        questions: Mapping[str, Question],
        medicines: tuple[str, ...],
        files: Files,
    ) -> None:
        self.source = source
        self.questions = questions
        self.files = files
        self.rows = {"medicines": medicines}
        self.cases: list[Case] = []
        self.examples: list[RuleExample] = []

    def read(self) -> None:
        by_name = {
            str(document.data["case"]): document.data["answers"]
            for document in self.source.all_cases
            if isinstance(document.data, dict) and isinstance(document.data.get("answers"), dict)
            if "case" in document.data
        }
        for document in self.source.case_documents:
            data = document.data
            line = document.positions[()][0]
            if not isinstance(data, dict) or set(data) != {"case", "answers", "expect"}:
                self.refuse_at(document, (), "a case has case, answers and expect")
                continue
            try:
                answers = read_answers(self.questions, self.rows, data["answers"])
            except AnswersError as error:
                for problem in error.problems:
                    self.refuse_at(document, ("answers",), str(problem))
                continue
            self.check_expect(document, data["expect"])
            self.cases.append(Case(str(data["case"]), answers, data["expect"], document.file, line))
        for id, item in self.source.rules.items():
            for i, raw in enumerate(item.value.cases):
                self.example(id, item, i, raw, by_name)
            shown = {case.outcome for case in item.value.cases}
            for outcome in ("met", "not_met", "unknown"):
                if outcome not in shown:
                    self.refuse(item, ("cases",), f"{id} has no case in which it is {outcome}")

    def check_expect(self, document: Document, expect: Any) -> None:
        self.files.keys(
            document, ("priority", "scores", "flags", "not_met", "unknown"), ("expect",)
        )
        if not isinstance(expect, dict):
            return
        for key in ("flags", "not_met", "unknown"):
            ids = expect.get(key, [])
            if not _is_texts(ids):
                self.refuse_at(document, ("expect", key), f"{key} is a list of rules")
                continue
            for id in ids:
                if id not in self.source.rules:
                    hint = did_you_mean(id, self.source.rules)
                    self.refuse_at(document, ("expect", key), f"no rule is called {id}{hint}")
        scores = expect.get("scores", {})
        if not isinstance(scores, dict):
            self.refuse_at(document, ("expect", "scores"), "scores is a mapping")
            return
        for id, wanted in scores.items():
            if not isinstance(wanted, str) and not (_is_texts(wanted) and len(wanted) == 2):
                message = f"{id} is a number, or the lowest and the highest in a list"
                self.refuse_at(document, ("expect", "scores", id), message)
            if id not in self.source.scores:
                self.refuse_at(document, ("expect", "scores", id), f"no score is called {id}")

    def example(
        self, rule: str, item: Item[WrittenRule], i: int, raw: Any, cases: dict[str, dict[str, Any]]
    ) -> None:
        path: Path_ = ("cases", i)
        if not raw.outcome:
            self.refuse(item, path, "a case says one of met, not_met and unknown")
            return
        answers: dict[str, Any] = {}
        if raw.like:
            named = [name for name in cases if name.split(":")[0] == raw.like]
            if len(named) != 1:
                self.refuse(item, (*path, "like"), f"no case starts with {raw.like}:")
                return
            answers = self.fitted(cases[named[0]])
        for gone in raw.without:
            asked = gone.split(".")[0] in self.questions
            if not _remove(answers, gone) and asked:
                self.refuse(item, (*path, "without"), f"{gone} is no answer of {raw.like}")
        answers |= raw.answers
        line = item.document.positions[(*item.path, *path)][0]
        try:
            typed = read_answers(self.questions, self.rows, answers)
        except AnswersError as error:
            for problem in error.problems:
                self.refuse(item, (*path, "answers"), str(problem))
            return
        self.examples.append(
            RuleExample(rule, raw.outcome, raw.sentence, typed, item.document.file, line)
        )

    def fitted(self, answers: dict[str, Any]) -> dict[str, Any]:
        """The part of a person's answers that this protocol asks for.

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

    def refuse(self, item: Item[Any], key: Path_, message: str) -> None:
        self.files.refuse(item.document, (*item.path, *key), message)

    def refuse_at(self, document: Document, path: Path_, message: str) -> None:
        self.files.refuse(document, path, message)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _remove(answers: dict[str, Any], path: str) -> bool:
    """Take the answer at a dotted path out; whether it was there."""
    *above, last = path.split(".")
    for key in above:
        inner = answers.get(key)
        if not isinstance(inner, dict):
            return False
        # Only the branch on the way is copied: the case that it came from stays whole.
        answers[key] = dict(inner)
        answers = answers[key]
    return answers.pop(last, None) is not None
