"""The form of a call: how it was asked, who answered, and the questions as the patient has them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, RadioField, SelectField
from wtforms.fields.core import Field
from wtforms.validators import ValidationError

from screener.engine.protocol import Protocol
from screener.engine.questions import Answers
from screener.forms import shown
from screener.forms.by_path import form_by_path, read_by_path
from screener.forms.options import ChoiceField
from screener.forms.pages import PageForm
from screener.presenters.words import ANSWERED_BY, HOWS, NO_ANSWER
from screener.store import TakenDown

_NONE = "none-"  # begins the name of the list of reasons; no id of a question has a hyphen
_BOTH = "You entered an answer, and that there is none. Leave one of the two."


class HowForm(Form):
    """How it was asked, and who answered. `seen` is how many saves the page showed."""

    seen = HiddenField()
    how = RadioField("How are you asking?", validate_choice=False)
    by = RadioField("Who answers?", validate_choice=False)

    def __init__(self, posted: Any = None, **given: Any) -> None:
        """Take what was posted, or nothing for a new form."""
        super().__init__(posted, prefix="call", **given)
        self.how.choices = list(HOWS.items())
        self.by.choices = list(ANSWERED_BY.items())
        self.by.description = (
            "An answer on safety that somebody else hears or gives is asked again."
        )
        for field in (self.how, self.by):
            setattr(field, "inline", True)  # noqa: B010  # the macro of the fields reads it

    @property
    def shown_saves(self) -> int:
        """Return how many saves the page showed; none where it does not say."""
        text = str(self.seen.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0

    def validate_how(self, field: Field) -> None:
        """Refuse no answer, and one that is not offered."""
        if field.data not in HOWS:
            raise ValidationError("Say whether you ask on the phone or in person.")

    def validate_by(self, field: Field) -> None:
        """Refuse no answer, and one that is not offered."""
        if field.data not in ANSWERED_BY:
            raise ValidationError("Say who answers: the person, or somebody who helps them.")


@dataclass
class CallForm:
    """What can be entered on the page: `answers` and `none` have a field for each path."""

    how: HowForm
    answers: PageForm
    none: dict[str, SelectField]

    @classmethod
    def blank(cls, protocol: Protocol, paths: Iterable[str], answers: Answers) -> "CallForm":
        """Return a form for these questions with nothing entered."""
        form = form_by_path(protocol, paths, answers)
        return cls(HowForm(how="phone"), form, _no_answers(form, MultiDict()))

    @classmethod
    def sent(
        cls,
        protocol: Protocol,
        posted: MultiDict[str, str],
        answers: Answers,
        paths: Iterable[str] = (),
    ) -> "CallForm":
        """Return what was sent, whatever the page asks by now; `paths` are shown beside it."""
        form = form_by_path(protocol, [*paths, *_paths(posted)], answers)
        form.take(posted)
        call = cls(HowForm(posted), form, _no_answers(form, posted))
        for field in form.fields:
            reason = call.none[field.name]
            if reason.data and field.data is not None:
                if isinstance(field, ChoiceField) and field.exclusive is None:
                    field.offer_no_answer()
                field.wrong(_BOTH)
            elif reason.data and any(field.typed()):
                field.wrong(_BOTH)
        return call

    def unexpected(self, posted: MultiDict[str, str]) -> bool:
        """Return whether a form holds what the page never sends."""
        names = {*(field.name for field in self.answers.fields), "csrf_token", shown.NAME}
        names |= {field.name for field in self.none.values()} | {field.name for field in self.how}
        return any(name not in names for name in posted)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was entered."""
        typed = any(any(field.typed()) for field in self.answers.fields)
        return not typed and not any(field.data for field in self.none.values())

    @property
    def wrong(self) -> list[str]:
        """Return the paths of what was entered and cannot be taken."""
        return [field.name for field in self.answers.fields if field.errors]

    def taken(self, protocol: Protocol, answers: Answers) -> TakenDown:
        """Return what can be kept of it."""
        wrong = set(self.wrong)
        none = {
            path: str(field.data)
            for path, field in self.none.items()
            if field.data and path not in wrong
        }
        read = read_by_path(protocol, self.answers, answers)
        how, by = str(self.how.how.data), str(self.how.by.data)
        return TakenDown(how, by, read, none, self.how.shown_saves)


def entered(posted: MultiDict[str, str]) -> list[str]:
    """Return the paths of questions at which something was entered."""
    typed = MultiDict((name, value) for name, value in posted.items(multi=True) if value.strip())
    return _paths(typed)


def left_over(call: CallForm, posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return of what was posted that which could not be taken, to be shown again."""
    wrong = set(call.wrong)
    names = wrong | {f"{_NONE}{path}" for path in wrong}
    head = {field.name for field in (call.how.how, call.how.by)}
    kept = [(name, values) for name, values in posted.lists() if name in names | head]
    return MultiDict((name, value) for name, values in kept for value in values)


def _paths(posted: Mapping[str, Any]) -> list[str]:
    names = (name for name in posted if name != "csrf_token" and re.fullmatch(_PATH, name))
    return [name.removeprefix(_NONE) for name in names]


_PATH = rf"(?:{_NONE})?[a-z][a-z0-9_]*(?:\.[a-z0-9_]+\.[a-z0-9_]+)?"


def _no_answers(form: PageForm, posted: MultiDict[str, str]) -> dict[str, SelectField]:
    """Return the lists of reasons of a form's fields, with what was posted."""
    lists: dict[str, SelectField] = {}
    reasons = [("", "–"), *NO_ANSWER.items()]
    holder = Form()
    for field in form.fields:
        name = f"{_NONE}{field.name}"
        reason = SelectField("No answer", name=name, validate_choice=False, _form=holder)
        reason.choices = reasons
        reason.process(posted)
        reason.data = reason.data if reason.data in NO_ANSWER else ""
        lists[field.name] = reason
    return lists
