"""All answers as given, page by page, with what was left blank or never asked said plainly."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from screener import body
from screener.engine.medicines import Medicine
from screener.engine.old_answers import Unreadable
from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Answers, Question
from screener.engine.screen import Screening
from screener.engine.words import Words

BLANK = "Not answered"
_SET_ASIDE = "Answers set aside: of another edition, or to a list that had fewer options"
NOT_ASKED = "Not asked"


@dataclass(frozen=True)
class Given:
    """One question with the answer as given.

    `values` are lines of text. `state` is given, unsure, blank or not_asked; the last three are
    never to be read as "no". `note` says what the rules make of an answer that is not there.
    `areas` are those of the body that were ticked, where the question is drawn as one.
    `typed`: the lines are the person's own words, in the language of the form. `said` is what
    they told staff to the same question; `short` is the question in a few words.
    """

    question: str
    state: str
    values: tuple[str, ...]
    note: str = ""
    areas: tuple[str, ...] | None = None
    typed: bool = False
    said: tuple[str, ...] = ()
    short: str = ""


@dataclass(frozen=True)
class AnswerPage:
    """One page of the questionnaire; `open` where staff should not have to look for it."""

    title: str
    rows: tuple[Given, ...]
    open: bool = False

    @property
    def summary(self) -> str:
        """Return how much of what was asked was answered."""
        rows = [row for row in self.rows if row.state != "not_asked"]
        answered = [row for row in rows if row.state != "blank"]
        if not rows:
            return "not asked"
        return f"{len(answered)} of {len(rows)} answered"


def answer_pages(
    screening: Screening, answers: Answers, said: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[AnswerPage, ...]:
    """Return every question of the protocol, grouped by page, with the given `answers`.

    `said` is what the person told staff, by question.
    """
    beside = said or {}
    protocol = screening.protocol
    apart = [id for id in protocol.questions if id not in protocol.page_of]
    groups = [("Before the first page", apart)]
    groups += [(page.title, list(page.questions)) for page in protocol.pages]
    return tuple(
        AnswerPage(
            title,
            tuple(replace(given(screening, answers, id), said=beside.get(id, ())) for id in ids),
        )
        for title, ids in groups
        if ids
    )


def raw_pages(unreadable: Unreadable, set_aside: Mapping[str, list[Any]]) -> tuple[AnswerPage, ...]:
    """Return answers as stored, for when the rulebook cannot put them into words.

    `set_aside` are those that do not count: something else stands in their place, or nobody can
    know what they say of options that were not there.
    """
    rows = tuple(Given(".".join(path), "given", _raw(v)) for path, v in unreadable.items())
    aside = tuple(
        Given(path, "given", tuple(line for value in values for line in _raw(value)))
        for path, values in set_aside.items()
    )
    pages = (
        AnswerPage("Stored answers that the rulebook in use does not know", rows, True),
        AnswerPage(_SET_ASIDE, aside, True),
    )
    return tuple(page for page in pages if page.rows)


def not_taken(
    protocol: Protocol | None, drafts: Mapping[str, Mapping[str, list[str]]]
) -> AnswerPage:
    """Return what was typed and not taken as an answer, such as a word where a number belongs."""
    questions = protocol.questions if protocol else {}
    columns = {column.id: column for question in questions.values() for column in question.columns}
    rows = []
    for stop, typed in drafts.items():
        medicine = stop.partition("/")[2]
        for id, values in typed.items():
            question = columns.get(id) if medicine else questions.get(id)
            text = question.text if question else id
            if medicine and protocol and medicine in protocol.medicines:
                text = f"{protocol.medicines[medicine].name}: {text}"
            given = tuple(line for value in values for line in str(value).splitlines())
            note = "not taken as an answer; the rules count none"
            rows.append(Given(text, "given", given, note, typed=True))
    return AnswerPage("Typed, but not taken as an answer", tuple(rows), True)


def given(screening: Screening, answers: Answers, id: str) -> Given:
    """Return one question with its answer as given."""
    protocol, resolved = screening.protocol, screening.resolved
    question, answer = protocol.questions[id], answers.get(id)
    if answer is None:
        return _missing(screening, question)
    note = ""
    if id in resolved.not_asked:
        note = "no longer asked after another answer changed; the rules do not count it"
    state = "unsure" if is_unsure(question, answer) else "given"
    lines = answer_lines(protocol, question, answer)
    areas = body.ticked(answers) if id == body.QUESTION else None
    typed = question.kind == "text"
    return Given(question.text, state, lines, note, areas, typed=typed, short=question.short)


def _missing(screening: Screening, question: Question) -> Given:
    resolved = screening.resolved
    not_asked = question.id in resolved.not_asked
    note = ""
    if question.id in resolved.assumed:
        counts = Words(screening.protocol).answer(question, resolved.answers[question.id])
        note = f"counts as “{counts}”"
    state = "not_asked" if not_asked else "blank"
    return Given(
        question.text, state, (NOT_ASKED if not_asked else BLANK,), note, short=question.short
    )


def answer_lines(protocol: Protocol, question: Question, answer: Answer) -> tuple[str, ...]:
    """Return an answer in lines of text, with the points of a scored option."""
    if isinstance(answer, dict):
        return _rows(protocol, question, answer) or ("None of these",)
    if isinstance(answer, tuple):
        return tuple(_option(question, id) for id in answer)
    if question.kind == "choice":
        return (_option(question, str(answer)),)
    if question.kind == "text":
        return tuple(str(answer).splitlines()) or ("",)
    return (Words(protocol).answer(question, answer),)


def column_of(column: Question, medicine: Medicine) -> Question:
    """Return a column of the treatment table as it is asked of a medicine: doses in its unit."""
    return column.model_copy(update={"unit": medicine.unit}) if column.unit == "mg" else column


def question_at(protocol: Protocol | None, path: str) -> str:
    """Return the full question of an answer's path, or the path if there is no such question."""
    question, *rest = path.split(".")
    if protocol is None or question not in protocol.questions:
        return path
    table = protocol.questions[question]
    if len(rest) == 2 and rest[0] in protocol.medicines:
        text = next((column.text for column in table.columns if column.id == rest[1]), rest[1])
        return f"{protocol.medicines[rest[0]].name}: {text}"
    return f"{table.stem} {table.text}".strip()


def is_unsure(question: Question, answer: Answer) -> bool:
    """Return whether an answer such as "not sure" was given, which the rules leave open."""
    chosen = answer if isinstance(answer, tuple) else (str(answer),)
    if question.kind not in ("choice", "choices"):
        return False
    return any(question.option(id).counts_as is not None for id in chosen)


def _option(question: Question, id: str) -> str:
    option = question.option(id)
    if option.counts_as is not None:
        return f"{option.label} (left open by the rules)"
    if question.kind == "choice" and question.has_points:
        return f"{option.label} ({question.points(id)})"
    return option.label


def _rows(protocol: Protocol, question: Question, rows: Mapping[str, Any]) -> tuple[str, ...]:
    lines = []
    for id, cells in rows.items():
        # A column counts only for medicines that have its use; the others are never asked.
        parts = []
        medicine = protocol.medicines[id]
        for column in question.columns:
            if column.id in cells:
                asked_of = column_of(column, medicine)
                line = "; ".join(answer_lines(protocol, asked_of, cells[column.id]))
                parts.append(f"{column.short.lower()}: {line}")
        lines.append(f"{medicine.name} – " + (", ".join(parts) if parts else "no details given"))
    return tuple(lines)


def _raw(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(f"{key}: {', '.join(_raw(inner))}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(str(item) for item in value)
    return (str(value),)
