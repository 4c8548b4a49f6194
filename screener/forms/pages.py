"""One page of a protocol as a form, and what was posted as answers.

Which questions it shows is in `page_questions.py`, and for one medicine in `steps.py`. Answers that
the others rule out are dropped when the page is saved.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from screener.engine.medicines import Medicine
from screener.engine.protocol import Protocol
from screener.engine.questions import Answer, Answers, Question
from screener.engine.terms.reading import Reading
from screener.forms import shown
from screener.forms.fields import AnswerField, NumberField, Pick, TextField, dont_remember
from screener.forms.lengths import MONTHS, WEEKS, LengthField, MonthsField, shown_length
from screener.forms.measures import MEASURES, MeasureField, shown_measure
from screener.forms.medicines_now import new_row
from screener.forms.numbers import split_readings
from screener.forms.options import Choice, ChoiceField, ChoicesField
from screener.saying import gettext


@dataclass(frozen=True)
class Stored:
    """What is stored for the questions of a page, as a form would post it.

    `drafts` are values that could not be taken, `conflicts` those whose two values were shown.
    """

    answers: Mapping[str, list[str]]
    drafts: Mapping[str, list[str]]
    conflicts: Mapping[str, str]


class PageForm(BaseForm):
    """The fields of one page, by question id. A plain Form would mix them with names of its own."""

    def __init__(
        self,
        protocol: Protocol,
        questions: Sequence[Question],
        medicine: Medicine | None = None,
    ) -> None:
        """Make the form, still empty: `fill` or `take` comes next. Columns are of a `medicine`."""
        self.questions = tuple(questions)
        self.protocol = protocol
        self.medicine = medicine
        self.untouched: set[str] = set()
        self._answered: set[str] = set()  # stored, and not touched by the person
        self.released: frozenset[str] = frozenset()  # ruled out by another answer on the page
        self.beside: list[AnswerField] = []  # asked on the page, and no answer
        self._brought: str | None = None
        super().__init__({q.id: _field(protocol, q) for q in questions})
        for field in self.fields:
            if medicine is not None:
                field.small = True
                field.picks = (
                    medicine_doses(medicine) if field.unit == medicine.unit else field.picks
                )
            # What the list does not name is written under a question of that id.
            other = next((f for f in self.fields if f.name == f"{field.name}_other"), None)
            if isinstance(field, ChoicesField) and field.finder and other is not None:
                field.finder_other, other.rows = other.name, 2

    @property
    def fields(self) -> Iterator[AnswerField]:
        """Return the fields in order."""
        for field in self:
            assert isinstance(field, AnswerField)
            yield field

    @property
    def finds(self) -> bool:
        """Return whether a list on the page is looked through by name."""
        return any(isinstance(field, ChoicesField) and field.finder for field in self.fields)

    @property
    def shown(self) -> str:
        """Return the values that the page shows and brings back, or that it brought."""
        return (
            shown.written([*self.fields, *self.beside]) if self._brought is None else self._brought
        )

    @property
    def offered(self) -> dict[str, list[str]]:
        """Return the options of each list without a fault that the posted page really showed."""
        sound = (field for field in self.fields if not field.errors)
        return shown.offered(self._brought or "", sound)

    @property
    def showed_all(self) -> bool:
        """Return whether the posted page really showed all of these questions."""
        page = shown.read(self._brought or "")
        return page is None or all(field.name in page for field in self.fields)

    def fill(self, stored: Stored) -> None:
        """Show stored answers, and over them what was typed but could not be taken."""
        drafts = {id: values for id, values in stored.drafts.items() if id in self}
        self.process(MultiDict({**stored.answers, **drafts}))
        self._offer_no_answer()
        for field in self.fields:
            if field.name in drafts:
                field.validate(self)
            if field.name in stored.conflicts:
                if isinstance(field, ChoiceField) and field.exclusive is None:
                    field.offer_no_answer()
                field.show_both(stored.answers.get(field.name, []))

    def suggest(self, question: str, options: Sequence[str]) -> None:
        """Tick options in advance. They are no answer until the person saves them."""
        field = self[question]
        assert isinstance(field, ChoicesField)
        field.suggest(options)

    def take(self, posted: MultiDict[str, str]) -> None:
        """Take a posted form and mark the fields that cannot be taken."""
        self._brought = posted.get(shown.NAME, "")
        self.process(MultiDict(split_readings(self.questions, dict(posted.lists()))))
        self._offer_no_answer()
        self.validate()

    def compare(self, posted: MultiDict[str, str], stored: Stored) -> dict[str, str]:
        """Hold what was sent against what the page showed and what is stored now.

        Fields that the person did not touch are marked so, and keep what is stored. Return the
        fields that were changed elsewhere meanwhile to something else, each with the fingerprint
        of the value that stands: they too keep what is stored, until the person chooses.
        """
        page = shown.read(posted.get(shown.NAME, ""))
        conflicts: dict[str, str] = {}
        for field in self.fields:
            answer = shown.fingerprint(stored.answers.get(field.name, []))
            drafted = shown.fingerprint(stored.drafts.get(field.name, []))
            seen = stored.conflicts.get(field.name)
            if seen == answer:
                continue  # both values were shown: what is sent now is the person's choice
            stands = {answer}
            if seen is None and field.name in stored.drafts:
                stands.add(drafted)
            match shown.verdict(page, field.name, field.as_shown(), stands):
                case "untouched":
                    self.untouched.add(field.name)
                case "conflict":
                    self.untouched.add(field.name)
                    conflicts[field.name] = answer
        self._answered = self.untouched & set(stored.answers)
        return conflicts

    def release(self, ids: Collection[str]) -> None:
        """Forget what was entered in fields that another answer on the page rules out."""
        for field in self.fields:
            if field.name in ids:
                field.process(MultiDict())
                field.errors = []
        self.released = frozenset(ids)

    def require(self, ids: Collection[str]) -> None:
        """Mark those of the questions that were left blank."""
        for field in self.fields:
            if field.name in self._answered or field.name in self.released:
                continue
            if field.name in ids and field.data is None and not field.errors:
                # The question stands in the message: the summary lists several of them.
                question = self._question(field.name)
                ways = [
                    gettext("“%(answer)s” is fine too.", answer=o.label)
                    for o in question.options
                    if o.id == "declined"
                ]
                please = gettext("Please answer: %(question)s", question=question.text)
                field.wrong(" ".join([please, *ways]))

    def values(self) -> dict[str, Any]:
        """Return what was changed and can be taken; blank fields are left out."""
        good = (f for f in self._touched() if not f.errors and f.data is not None)
        return {field.name: field.data for field in good}

    def blank(self) -> set[str]:
        """Return the questions that the person left blank or took back."""
        return {f.name for f in self._touched() if not f.errors and f.data is None}

    def drafts(self) -> dict[str, list[str]]:
        """Return what was typed and cannot be taken, to be shown again until it is mended."""
        return {f.name: f.typed() for f in self.fields if f.errors and any(f.typed())}

    def _touched(self) -> Iterator[AnswerField]:
        return (field for field in self.fields if field.name not in self.untouched)

    def _question(self, id: str) -> Question:
        return next(question for question in self.questions if question.id == id)

    def _offer_no_answer(self) -> None:
        for field in self.fields:
            if isinstance(field, ChoiceField) and field.data is not None:
                field.offer_no_answer()


def unexpected(posted: MultiDict[str, str], expected: Iterable[Question]) -> bool:
    """Return whether a form holds what no page sends: another name, or a name twice."""
    kinds = {question.id: question.kind for question in expected}
    several = {id for id, kind in kinds.items() if kind in ("choices", "table")}
    names = {*kinds, "csrf_token", shown.NAME}
    return any(
        name not in names or (len(values) > 1 and name not in several)
        for name, values in posted.lists()
    )


def page_answers(protocol: Protocol, form: PageForm, stored: Answers) -> Answers:
    """Return the answers of a page in the engine's types. Rows of medicines keep what they hold."""
    raw = form.values()
    table = protocol.table.id
    if table in raw:
        before = stored.get(table, {})
        assert isinstance(before, dict)
        raw[table] = {
            row: before[row] if row in before else new_row(protocol, stored, row)
            for row in raw[table]
            if row != "none"
        }
    return protocol.read_answers(raw)


def row_answers(protocol: Protocol, form: PageForm, medicine: Medicine) -> dict[str, Any]:
    """Return the cells of one medicine in the engine's types."""
    table = protocol.table.id
    rows = protocol.read_answers({table: {medicine.id: form.values()}})[table]
    assert isinstance(rows, dict)
    return rows[medicine.id]


def required(questions: Iterable[Question], reading: Reading) -> set[str]:
    """Return the questions that must not be left blank; `reading` is of all answers so far."""
    return {
        question.id
        for question in questions
        if question.required
        or (
            question.required_when is not None
            and reading.boolean(question.required_when.expression)[0]
        )
    }


def _field(protocol: Protocol, question: Question) -> "UnboundField[Any]":
    about = {"label": question.text, "description": question.hint}
    match question.kind:
        case "number":
            assert question.range is not None
            low, high = question.range
            return UnboundField(
                _number_field(question.unit),
                low=low,
                high=high,
                decimals=question.decimals,
                unit=question.unit,
                subject=question.short,
                **about,
            )
        case "text":
            return UnboundField(
                TextField, longest=question.max_length, lines=_lines(question), **about
            )
        case "choice":
            return UnboundField(ChoiceField, options=_options(question), **about)
        case "choices":
            return UnboundField(
                ChoicesField,
                options=_kinds(protocol, question),
                folded=question.folded,
                finder=any(option.names for option in question.options),
                **about,
            )
        case "table":
            return UnboundField(
                ChoicesField,
                options=_medicines(protocol),
                folded=question.folded,
                finder=True,
                **about,
            )


def _number_field(unit: str) -> type[NumberField]:
    if unit == WEEKS:
        return LengthField
    if unit == MONTHS:
        return MonthsField
    return MeasureField if unit in MEASURES else NumberField


def medicine_doses(medicine: Medicine) -> list[Pick]:
    """Return what a dose is often: the doses that the table of medicines names."""
    doses = [shown_measure(medicine.unit, dose) for dose in medicine.named_doses]
    return [*(Pick(dose.partition(" ")[0], dose) for dose in doses), dont_remember()]


def _lines(question: Question) -> int:
    return 3 if question.max_length <= 500 else 5


def _options(question: Question) -> list[Choice]:
    return [Choice(o.id, o.label, o.hint, o.heading, o.names) for o in question.options]


def _kinds(protocol: Protocol, question: Question) -> list[Choice]:
    """Return options; a kind of medicine is also found by the names of every one in the table."""
    options = _options(question)
    if protocol.takes_now is None or question.id != protocol.takes_now.ticked:
        return options
    medicines = protocol.medicines.values()
    return [
        replace(
            option,
            names=tuple(
                dict.fromkeys(
                    name
                    for names in (
                        option.names,
                        *((m.name, *m.brands) for m in medicines if option.id in m.kinds),
                    )
                    for name in names
                    if name.lower() not in option.label.lower()
                )
            ),
        )
        for option in options
    ]


def _medicines(protocol: Protocol) -> list[Choice]:
    ticks = [
        Choice(medicine.id, medicine.name, ", ".join(medicine.brands), medicine.group)
        for medicine in protocol.medicines.values()
    ]
    return [*ticks, Choice("none", gettext("None of these"))]


def typed(question: Question, answer: Answer) -> list[str]:
    """Return an answer as the form would post it."""
    if isinstance(answer, dict):
        return list(answer) or ["none"]
    if isinstance(answer, tuple):
        return list(answer)
    if question.kind == "number":
        assert isinstance(answer, (int, Decimal))
        if question.unit in MEASURES:
            return [shown_measure(question.unit, answer)]
        if question.unit == WEEKS:
            return [shown_length(answer)]
        return [format(answer, "f" if question.decimals else "")]
    return [str(answer)]
