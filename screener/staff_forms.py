"""The two forms of a submission page. Their CSRF token is checked for the whole app."""

from collections.abc import Mapping
from typing import Any

from wtforms import Form, HiddenField, SelectField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import ValidationError

from screener.presenters.words import status_word
from screener.texts import tidy

LONGEST_NOTE = 4000


class NoteForm(Form):
    """A note without a change of status."""

    note = TextAreaField("Note")

    def __init__(self, posted: Any = None, **given: Any) -> None:
        """Take what was posted, or nothing for an empty form."""
        super().__init__(posted, prefix="note", **given)

    @property
    def note_text(self) -> str:
        """The note as it is kept."""
        return tidy(self.note.data or "")

    def validate_note(self, field: Field) -> None:
        """Refuse an empty note, and one that is too long."""
        if not self.note_text:
            raise ValidationError("Write the note first.")
        _check_length(self.note_text)


class StatusForm(Form):
    """A new status with an optional note. `revision` is the one that the page showed."""

    revision = HiddenField()
    status = SelectField("New status", validate_choice=False)
    note = TextAreaField("Note about it", description="You can leave this blank.")

    def __init__(self, posted: Any, *, statuses: list[tuple[str, str]], **given: Any) -> None:
        """Take what was posted; `statuses` are those to choose from, as id and word."""
        super().__init__(posted, prefix="status", **given)
        self.status.choices = list(statuses)

    def show(self, status: str, revision: int) -> None:
        """Fill the form with what stands now."""
        self.status.data = status
        self.show_revision(revision)

    def show_revision(self, revision: int) -> None:
        """Take the submission as it stands now for seen."""
        self.revision.data = str(revision)

    @property
    def chosen(self) -> str:
        """The id of the chosen status."""
        return str(self.status.data or "")

    @property
    def chosen_word(self) -> str:
        """The chosen status in words; only for one that stands in the list."""
        return status_word(self.chosen) if self.chosen in self._ids else "nothing"

    @property
    def note_text(self) -> str:
        """The note as it is kept."""
        return tidy(self.note.data or "")

    @property
    def shown_revision(self) -> int:
        """The revision that the page showed; -1, which is none, for anything but a number."""
        text = str(self.revision.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    def validate_status(self, field: Field) -> None:
        """Refuse what is not in the list."""
        if self.chosen not in self._ids:
            raise ValidationError("Choose a status from the list.")

    def validate_note(self, field: Field) -> None:
        """Refuse a note that is too long."""
        _check_length(self.note_text)

    @property
    def _ids(self) -> Mapping[str, str]:
        return dict(self.status.choices)  # type: ignore[arg-type]


def _check_length(text: str) -> None:
    over = len(text) - LONGEST_NOTE
    if over > 0:
        raise ValidationError(
            f"Shorten the note by {over} characters. It may have {LONGEST_NOTE} at most."
        )
