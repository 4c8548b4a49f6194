"""Follow-ups that a script shows on the page of their trigger, as soon as they apply.

A page brings them along, each with the condition under which it is asked: of the answers on the
page itself, with every other one put in. Without scripts they come on a step after the page, as
`page_questions` and `steps` say, and so does one whose condition has no form for a script, or that
says back what was typed.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from screener.engine.expressions import names_in
from screener.engine.medicines import Medicine
from screener.engine.protocol import Page
from screener.engine.questions import Question, Row
from screener.engine.terms import terms as t
from screener.engine.terms.reading import Reading
from screener.forms import shown as marks
from screener.forms.conditions import CannotBeWritten, Json, written
from screener.forms.fields import AnswerField
from screener.forms.measures import MEASURES
from screener.forms.page_questions import COMPUTED, is_about_safety
from screener.forms.pages import PageForm, Stored
from screener.forms.steps import possible_columns
from screener.forms.wording import as_asked


@dataclass(frozen=True)
class FollowUp:
    """A question that a script shows and hides; `waits` where the page does not show it yet."""

    question: Question
    when: Json
    waits: bool


def page_follow_ups(page: Page, reading: Reading, shown: Sequence[Question]) -> dict[str, FollowUp]:
    """Return the follow-ups of a page, by id, where it shows these questions without a script.

    Questions on safety all stand on their page whatever is answered.
    """
    protocol = reading.protocol
    if is_about_safety(protocol, page):
        return {}

    def when(question: Question, beside: Iterable[str]) -> t.Bool | None:
        may = reading.may_be_asked(question.id, [*beside])
        triggers = _triggers(question)
        if may is None or triggers.isdisjoint(beside):
            return None
        given = not triggers.isdisjoint(reading.answers.keys() - {*beside})
        here = triggers.intersection(beside) | {question.id}
        return t.all_of(may, t.any_of(t.truth(given), *_answered(here)))

    questions = [protocol.questions[id] for id in page.questions if id not in COMPUTED]
    return _follow_ups(questions, shown, when, lambda q: as_asked(q, reading.answers))


def row_follow_ups(
    reading: Reading, medicine: Medicine, cells: Row, shown: Sequence[Question]
) -> dict[str, FollowUp]:
    """Return the same for the page of one medicine whose row is `cells`."""

    def when(column: Question, beside: Iterable[str]) -> t.Bool | None:
        paths = [f".{id}" for id in beside]
        may = reading.column_may_be_asked(medicine, column, cells, paths)
        if may is None or not (triggers := t.paths(may) - {f".{column.id}"}):
            return None
        return t.all_of(may, t.any_of(*_answered(triggers | {f".{column.id}"})))

    columns = possible_columns(reading, medicine)
    return _follow_ups(columns, shown, when, lambda c: as_asked(c, cells, medicine))


def _follow_ups(
    questions: Iterable[Question],
    shown: Sequence[Question],
    when: Callable[[Question, list[str]], t.Bool | None],
    as_asked: Callable[[Question], Question],
) -> dict[str, FollowUp]:
    """Return those of the questions that are shown when an answer beside them leads to them.

    `when` makes the condition of a question from those that stand on the page before it, among
    them other follow-ups. What was entered in a follow-up keeps it as long as it may be asked, as
    everywhere.
    """
    on_page = {question.id: question for question in shown}
    beside: list[str] = []
    follow_ups: dict[str, FollowUp] = {}
    for question in questions:
        condition = None if question.quotes else when(question, beside)
        form = None if condition is None else _written(condition)
        if question.id in on_page:
            if form is not None:
                follow_ups[question.id] = FollowUp(on_page[question.id], form, waits=False)
        elif form is None or condition is t.truth(False) or question.stem:
            continue  # a stem is the heading of questions that are shown together
        else:
            follow_ups[question.id] = FollowUp(as_asked(question), form, waits=True)
        if question.unit not in MEASURES:  # no script reads "5 ft 7"
            beside.append(question.id)
    return follow_ups


def _written(condition: t.Bool) -> Json | None:
    try:
        return written(condition)
    except CannotBeWritten:
        return None


def _triggers(question: Question) -> frozenset[str]:
    """Return the questions that the condition of a question names, apart from itself."""
    if question.asked_when is None:
        return frozenset()
    names = names_in(question.asked_when.expression).questions
    return frozenset(names.difference(COMPUTED, [question.id]))


def _answered(paths: Iterable[str]) -> list[t.Bool]:
    return [t.make(t.IsAnswered, path) for path in sorted(paths)]


@dataclass(frozen=True)
class Placed:
    """A field where it stands on its page.

    Of a follow-up, `when` is its condition and `marks` what the page says of it while it is shown;
    "" of every other field. One that `waits` is put in by the script.
    """

    field: AnswerField
    when: str = ""
    marks: str = ""
    waits: bool = False


@dataclass(frozen=True)
class PlacedSection:
    """Fields that share a stem, such as "Over the last 2 weeks, how often …"."""

    stem: str
    placed: list[Placed]


def arranged(
    form: PageForm, order: Sequence[str], follow_ups: Mapping[str, FollowUp], stored: Stored
) -> list[PlacedSection]:
    """Return the fields of a page and the follow-ups that wait, in the order of the page."""
    waiting = [follow_up.question for follow_up in follow_ups.values() if follow_up.waits]
    later = PageForm(form.protocol, waiting, form.medicine)
    later.fill(stored)
    fields = sorted([*form.fields, *later.fields], key=lambda field: order.index(field.name))
    stems = {question.id: question.stem for question in (*form.questions, *waiting)}
    grouped = groupby(fields, key=lambda field: stems[field.name])
    return [
        PlacedSection(stem, [_placed(field, follow_ups.get(field.name)) for field in together])
        for stem, together in grouped
    ]


def _placed(field: AnswerField, follow_up: FollowUp | None) -> Placed:
    if follow_up is None:
        return Placed(field)
    when = json.dumps(follow_up.when, separators=(",", ":"))
    return Placed(field, when, marks.written([field]), follow_up.waits)
