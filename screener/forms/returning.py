"""The forms in which a person comes back to a form: with a code, or on a device that was idle."""

from datetime import date
from typing import Any

from wtforms import Form

from screener.forms.birth_date import BirthDateField
from screener.forms.fields import TextField
from screener.saying import lazy_gettext


class UnlockForm(Form):
    """The date of birth that was given in the form."""

    date_of_birth = BirthDateField(lazy_gettext("Your date of birth"))

    def __init__(self, posted: Any = None, *, today: date) -> None:
        """Take what was posted, or nothing for an empty form; `today` is the clinic's date."""
        super().__init__(posted)
        self.date_of_birth.today = today


class ReturnForm(UnlockForm):
    """A code and the date of birth. The code stands first, as on the paper."""

    code = TextField(
        lazy_gettext("Your code"),
        description=lazy_gettext("12 letters and digits. Spaces and small letters are fine."),
        needed=lazy_gettext("Enter the code, for example ACDE-FGHJ-KMNP."),
    )

    def __init__(self, posted: Any = None, *, today: date) -> None:
        """Take what was posted, or nothing for an empty form; `today` is the clinic's date."""
        super().__init__(posted, today=today)
        self.code.width = "20"
        self.code.autocomplete = "off"
