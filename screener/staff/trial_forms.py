"""The forms in which a physician judges trials. Their CSRF token is checked for the whole app."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wtforms import Form, HiddenField
from wtforms.fields.core import Field
from wtforms.validators import ValidationError

from screener.presenters.submission import SubmissionPage
from screener.presenters.words import REASONS
from screener.staff.forms import CloseRadios, LowBox, check_length
from screener.store import Judgement, Refused, check_judgement
from screener.texts import tidy


class JudgementForm(Form):
    """What a physician says of the adequacy of one trial, or that they take it back.

    `medicine` and `use` name the trial, `seen` is the mark of what the page showed of it. What a
    judgement needs is the store's to say. It is recorded once it comes back `confirmed`.
    """

    medicine = HiddenField()
    use = HiddenField()
    seen = HiddenField()
    confirmed = HiddenField()
    adequate = CloseRadios("In your judgement, this trial was", validate_choice=False)
    reason = CloseRadios("Why", validate_choice=False)
    words = LowBox("In your words")

    def __init__(self, posted: Any = None, *, name: str = "trial", **given: Any) -> None:
        """Take what was posted, or nothing for an empty form; `name` begins the ids."""
        super().__init__(posted, prefix="trial", **given)
        self.adequate.choices = [("yes", "Adequate"), ("no", "Not adequate")]
        self.reason.choices = list(REASONS.items())
        self.words.description = "Needed for another reason; else you can leave this blank."
        for field in self:
            field.id = field.label.field_id = f"{name}-{field.short_name}"

    @property
    def trial(self) -> tuple[str, str]:
        """Return medicine and use."""
        return str(self.medicine.data or ""), str(self.use.data or "")

    @property
    def words_text(self) -> str:
        """Return the words as they are kept."""
        return tidy(self.words.data or "")

    def judgement(self, name: str, row: Mapping[str, Any]) -> Judgement:
        """Return the judgement; `name` is that of the medicine, `row` what was answered."""
        medicine, use = self.trial
        adequate = {"yes": True, "no": False}.get(str(self.adequate.data))
        reason = "" if adequate is None else str(self.reason.data or "")
        return Judgement(medicine, name, use, adequate, reason, self.words_text, row)

    def is_whole(self, judgement: Judgement, role: str, stands: bool) -> bool:
        """Return whether it can be recorded; where not, each field says what is wrong with it."""
        valid = self.validate()
        if self.adequate.errors:  # say all the same what else is missing
            judgement = replace(judgement, adequate=True, reason=str(self.reason.data or ""))
        try:
            check_judgement(judgement, role, stands)
        except Refused as error:
            self.refuse(error.problems)
            return False
        return valid

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Say at each field what is wrong with it."""
        for name, problem in problems.items():
            self[name].errors = [*self[name].errors, problem]

    def validate_adequate(self, field: Field) -> None:
        """Refuse what says nothing of the trial; "back" takes back what was said before."""
        if field.data not in ("yes", "no", "back"):
            raise ValidationError("Say whether the trial was adequate.")

    def validate_words(self, field: Field) -> None:
        """Refuse words that are too long."""
        check_length(self.words_text)


class Judging:
    """The forms in which a physician judges the trials on a page, by medicine and use.

    `posted` is what was sent, or None. Its trial may be on the page no more, for the person has
    changed their answers: then `here` is None.
    """

    def __init__(self, page: SubmissionPage, role: str, sent: Any = None) -> None:
        """Make the forms; `sent` is what was posted for one of them, where it stands again."""
        self.posted = None if sent is None else JudgementForm(sent)
        self.forms: dict[tuple[str, str], JudgementForm] = {}
        uses = [(medicine.id, use) for medicine in page.tried for use in medicine.uses]
        self.marks = {(id, use.id): use.mark for id, use in uses}
        for number, (trial, mark) in enumerate(self.marks.items() if role == "physician" else ()):
            mine = self.posted is not None and self.posted.trial == trial
            form = JudgementForm(sent if mine else None, name=f"trial-{number}")
            if not mine:
                form.medicine.data, form.use.data = trial
                form.seen.data = mark
            self.forms[trial] = form

    @property
    def here(self) -> JudgementForm | None:
        """Return the form in which what was posted stands."""
        return None if self.posted is None else self.forms.get(self.posted.trial)

    def show_mark(self) -> None:
        """Take the trial as it stands now for seen."""
        if self.here is not None:
            self.here.seen.data = self.marks[self.here.trial]
