"""The forms of a submission page. Their CSRF token is checked for the whole app."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import Form, HiddenField, RadioField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import ValidationError

from screener.presenters.words import STATUSES, status_word
from screener.store import DANGERS, Standing, disposition_lists, steps
from screener.texts import tidy

LONGEST_NOTE = 4000
_OWN_LIST = "The clinic’s own list. A clinician records it; the program suggests nothing."


class NoteForm(Form):
    """A note without a change of status."""

    note = TextAreaField("Note")

    def __init__(self, posted: Any = None, **given: Any) -> None:
        """Take what was posted, or nothing for an empty form."""
        super().__init__(posted, prefix="note", **given)

    @property
    def note_text(self) -> str:
        """Return the note as it is kept."""
        return tidy(self.note.data or "")

    def validate_note(self, field: Field) -> None:
        """Refuse an empty note, and one that is too long."""
        if not self.note_text:
            raise ValidationError("Write the note first.")
        check_length(self.note_text)


class StatusForm(Form):
    """A step of the review. `revision` is the one that the page showed.

    A page shows it twice, for what stays in the waiting list and for what leaves it: both send
    the same fields to the same place, and `name` tells their ids apart. What a step needs is the
    store's to say; here is refused only what it cannot take at all.
    """

    revision = HiddenField()
    status = RadioField("New status", validate_choice=False)
    suicide = RadioField("Disposition for suicide risk", validate_choice=False)
    medical = RadioField("Disposition for medical danger", validate_choice=False)
    note = TextAreaField()

    def __init__(
        self, posted: Any = None, *, name: str = "status", to: Sequence[str] = (), **given: Any
    ) -> None:
        """Take what was posted, or nothing for an empty form; `to` are the statuses offered."""
        super().__init__(posted, prefix="status", **given)
        self.status.choices = [(status, status_word(status)) for status in to]
        self.offered = tuple(to)
        self.dangers: tuple[str, ...] = ()
        for kind in DANGERS:
            radio = self[kind]
            assert isinstance(radio, RadioField)
            radio.choices = [(words, words) for words in disposition_lists().get(kind, ())]
            radio.description = _OWN_LIST
        for field in self:
            field.id = field.label.field_id = f"{name}-{field.short_name}"

    @property
    def chosen(self) -> str:
        """Return the id of the chosen status."""
        return str(self.status.data or "")

    @property
    def chosen_words(self) -> str:
        """Return the words of what was chosen, dispositions included."""
        if self.chosen not in STATUSES:
            return "nothing"
        listed = [words for kind, words in self.dispositions.items() if words in self._listed(kind)]
        return status_word(self.chosen) + (f" ({'; '.join(listed)})" if listed else "")

    @property
    def dispositions(self) -> dict[str, str]:
        """Return the dispositions that were chosen, by kind of danger."""
        return {kind: str(self[kind].data) for kind in DANGERS if self[kind].data}

    @property
    def note_text(self) -> str:
        """Return the note, or reason, as it is kept."""
        return tidy(self.note.data or "")

    @property
    def shown_revision(self) -> int:
        """Return the revision that the page showed; -1, which no row has, for no number."""
        text = str(self.revision.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def show_revision(self, revision: int) -> None:
        """Take the submission as it stands now for seen."""
        self.revision.data = str(revision)

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Say at each field what is wrong with it; what has no field here stands at the status."""
        for name, problem in problems.items():
            shown = name in ("status", "note", *self.dangers)
            field = self[name] if shown else self.status
            field.errors = [*field.errors, problem]

    def validate_status(self, field: Field) -> None:
        """Refuse what is no status."""
        if self.chosen not in STATUSES:
            raise ValidationError("Choose a status from the list.")

    def validate_note(self, field: Field) -> None:
        """Refuse a note that is too long."""
        check_length(self.note_text)

    def _listed(self, kind: str) -> Sequence[str]:
        return disposition_lists().get(kind, ())


class Forms:
    """What this person may do with a submission now, as forms; None for what may not be done.

    `stay` keeps it in the waiting list or brings it back, `leave` takes it off. `acknowledge` is
    offered apart, as one button. `lost` are problems of a form that is not offered (any more).
    """

    def __init__(
        self, standing: Standing, role: str, revision: int, sent: Any = None, note: Any = None
    ) -> None:
        """Make the forms; `sent` is what was posted as a status, `note` what was posted as a note.

        It stands in its form again. Where that form is not offered, a reason that was typed
        stands in the box for notes.
        """
        self.revision = revision
        self.note = NoteForm(note)
        self.lost: list[str] = []
        self.posted = StatusForm(sent)
        offered = steps(standing, role)
        to_leave = tuple(to for to in offered if standing.leaves(to))
        to_stay = tuple(to for to in offered if not standing.leaves(to))
        self.acknowledge = standing.status == "new" and "acknowledged" in offered
        self._leaving = standing.leaves(self.posted.chosen)
        self.stay = self._stay(standing, to_stay, None if self._leaving else sent)
        self.leave = self._leave(standing, to_leave, sent if self._leaving else None)
        if sent is not None and self._slot is None:
            self.note.note.data = self.posted.note_text

    @property
    def errors(self) -> bool:
        """Return whether any of them has something to mend."""
        forms = (self.stay, self.leave, self.note)
        return bool(self.lost) or any(form is not None and form.errors for form in forms)

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Say what is wrong with what was posted, where it stands on the page."""
        if self._slot is not None:
            self._slot.refuse(problems)
        else:
            self.lost = list(dict.fromkeys(problems.values()))

    def show_revision(self) -> None:
        """Take the submission as it stands now for seen."""
        if self._slot is not None:
            self._slot.show_revision(self.revision)

    def keep(self, problem: str, words: str) -> None:
        """Say what has no form here (any more); what was written stands in the box for notes."""
        self.lost = [problem]
        self.note.note.data = words

    @property
    def _slot(self) -> StatusForm | None:
        """Return the name of the form in which what was posted is shown."""
        return self.leave if self._leaving else self.stay

    def _stay(self, standing: Standing, to: tuple[str, ...], sent: Any) -> StatusForm | None:
        if not to or (standing.pressing and self.acknowledge):
            return None
        form = self._shown(StatusForm(sent, name="status", to=to), sent)
        reopening = not standing.waiting
        form.note.label.text = "Why it is reopened" if reopening else "Note about it"
        form.note.description = "" if reopening else "You can leave this blank."
        return form

    def _leave(self, standing: Standing, to: tuple[str, ...], sent: Any) -> StatusForm | None:
        if not to:
            return None
        form = self._shown(StatusForm(sent, name="leave", to=to), sent)
        form.dangers = standing.dangers
        form.status.label.text = "How it leaves the waiting list"
        form.note.label.text = "Reason"
        if standing.dangers:
            form.note.description = "What was done, and by whom. Where a date was agreed, which."
        elif len(to) > 1:
            form.note.description = "Needed to close it. You can decide without one."
        return form

    def _shown(self, form: StatusForm, sent: Any) -> StatusForm:
        if sent is None:
            form.show_revision(self.revision)
        return form


def why_not_more(standing: Standing, role: str) -> str:
    """Say in a line why other steps are not offered; "" where all are."""
    clinician = role == "physician"
    if standing.status == "decided" and not clinician:
        return (
            "A physician decided this. Only a physician can change or reopen it. "
            "You can add a note."
        )
    if not standing.waiting:
        return "It is out of the waiting list. Reopen it to do anything else with it."
    if standing.pressing and standing.status == "new":
        return "Acknowledge it first, with the button at the top. The other steps come after that."
    if standing.pressing and not clinician:
        return "A physician records the disposition and takes it off the waiting list."
    return "" if clinician else "Only a physician can set it to Decided."


def check_length(text: str) -> None:
    """Refuse a note that is too long."""
    over = len(text) - LONGEST_NOTE
    if over > 0:
        raise ValidationError(
            f"Shorten the note by {over} characters. It may have {LONGEST_NOTE} at most."
        )
