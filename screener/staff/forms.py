"""The one form of a submission page. Its CSRF token is checked for the whole app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wtforms import Form, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import ValidationError
from wtforms.widgets import DateTimeLocalInput, TextInput

from screener.locality import zone
from screener.presenters.words import CONTACTED, STATUSES, status_word
from screener.store import DANGERS, Contact, Standing, clock, disposition_lists, steps
from screener.texts import tidy

LONGEST_NOTE = 4000
NOTE, CONTACT, ASSIGN, DISCARD = "note", "contact", "assign", "discard"
NOBODY = "-"
ASKED = "needs_information"
# What is kept as a draft. A disposition is not: it is chosen in sight of what is known then.
TYPED = ("text", "how", "reached", "next_try", "to")
_FARTHEST = timedelta(days=366)  # of a next try
_OWN_LIST = "The clinic’s own list. A clinician records it; the program suggests nothing."
_DEEDS = {
    NOTE: "Add as a note",
    CONTACT: "Log the contact",
    ASSIGN: "Assign",
    DISCARD: "Discard what was kept",
}


class CloseRadios(RadioField):
    """Radios that stand close: a page has many."""

    small = True
    inline = True


class _Choices(RadioField):
    """Radios one below the other."""

    small = True


class LowBox(TextAreaField):
    """A box for text that leaves room for the rest."""

    kind = "textarea"
    rows = 3


class ActForm(Form):
    """What somebody does with a submission: one box, and a button for each thing to do.

    `do` is the button: a status, or one of NOTE, CONTACT, ASSIGN and DISCARD. `revision` and
    `seen` are what the page showed. What a step needs is the store's to say; here is refused only
    what it cannot take at all.
    """

    revision = HiddenField()
    seen = HiddenField()
    do = HiddenField()
    text = LowBox("Your words")
    how = CloseRadios("How", validate_choice=False)
    reached = CloseRadios("Reached", validate_choice=False)
    next_try = StringField("Next try")
    to = SelectField("To", validate_choice=False)
    suicide = _Choices("Disposition for suicide risk", validate_choice=False)
    medical = _Choices("Disposition for medical danger", validate_choice=False)

    def __init__(self, posted: Any = None, *, accounts: Sequence[str] = (), me: str = "") -> None:
        """Take what was posted, or nothing for an empty form; `accounts` may be assigned to."""
        super().__init__(posted, prefix="act")
        self.text.description = "Goes with the button you press."
        self.how.choices = list(CONTACTED.items())
        self.reached.choices = [("yes", "Yes"), ("no", "No")]
        others = [(email, email) for email in accounts if email != me]
        self._listed_people = (me, NOBODY, *accounts)
        self.to.choices = [("", "Choose"), (me, "Me"), (NOBODY, "Nobody"), *others]
        for kind in DANGERS:
            radio = self[kind]
            assert isinstance(radio, RadioField)
            radio.choices = [(words, words) for words in disposition_lists().get(kind, ())]
            radio.description = _OWN_LIST
        self._choose_picker()

    @property
    def chosen(self) -> str:
        """Return which button was pressed."""
        return str(self.do.data or "")

    @property
    def chosen_words(self) -> str:
        """Return the words of what was chosen, dispositions included."""
        if self.chosen not in (*STATUSES, *_DEEDS):
            return "nothing"
        listed = [words for kind, words in self.dispositions.items() if words in self._listed(kind)]
        words = _DEEDS.get(self.chosen) or status_word(self.chosen)
        return words + (f" ({'; '.join(listed)})" if listed else "")

    @property
    def dispositions(self) -> dict[str, str]:
        """Return the dispositions that were chosen, by kind of danger."""
        return {kind: str(self[kind].data) for kind in DANGERS if self[kind].data}

    @property
    def words(self) -> str:
        """Return the text as it is kept."""
        return tidy(self.text.data or "")

    @property
    def contact(self) -> Contact:
        """Return the attempt to reach the person."""
        reached = {"yes": True, "no": False}.get(str(self.reached.data))
        return Contact(str(self.how.data or ""), reached, self.words, _time(self.next_try.data))

    @property
    def assignee(self) -> str | None:
        """Return whom it is assigned to, None for nobody."""
        return None if self.to.data == NOBODY else str(self.to.data)

    @property
    def shown_revision(self) -> int:
        """Return the revision that the page showed; -1, which no row has, for no number."""
        text = str(self.revision.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1

    @property
    def typed(self) -> dict[str, str]:
        """Return what is kept as a draft."""
        kept = {name: str(self[name].data or "") for name in TYPED}
        return {**kept, "text": tidy(kept["text"])}

    @property
    def rest(self) -> dict[str, str]:
        """Return what was typed for another button than the one that was pressed."""
        used = {
            "text",
            *{CONTACT: ("how", "reached", "next_try"), ASSIGN: ("to",)}.get(self.chosen, ()),
        }
        return {name: text for name, text in self.typed.items() if name not in used}

    def offer(self, typed: Mapping[str, str]) -> None:
        """Fill in what was kept."""
        for name in TYPED:
            self[name].data = typed.get(name) or None
        self._choose_picker()

    def show(self, revision: int, seen: str) -> None:
        """Take the submission as it stands now for seen."""
        self.revision.data, self.seen.data = str(revision), seen

    def validate_do(self, field: Field) -> None:
        """Refuse what is no button."""
        if self.chosen not in (*STATUSES, *_DEEDS):
            raise ValidationError("Choose what to do by a button of the page.")

    def validate_text(self, field: Field) -> None:
        """Refuse a text that is too long, and a note without one."""
        check_length(self.words)
        if self.chosen == NOTE and not self.words:
            raise ValidationError("Write the note first.")

    def validate_to(self, field: Field) -> None:
        """Refuse who is not in the list."""
        if self.chosen == ASSIGN and field.data not in self._listed_people:
            raise ValidationError("Choose somebody from the list.")

    def validate_next_try(self, field: Field) -> None:
        """Refuse what is no time, or none at which somebody can try again."""
        if self.chosen != CONTACT or not field.data:
            return
        at = _time(field.data)
        if at is None:
            raise ValidationError("Write the day and time of the next try, or leave it blank.")
        if not clock.now() < at < clock.now() + _FARTHEST:
            raise ValidationError("Write a time of the coming year for the next try.")

    def _choose_picker(self) -> None:
        """Show what is no time as text: a picker of day and time drops it."""
        wrong = bool(self.next_try.data) and _time(self.next_try.data) is None
        self.next_try.widget = TextInput() if wrong else DateTimeLocalInput()

    def _listed(self, kind: str) -> Sequence[str]:
        return disposition_lists().get(kind, ())


@dataclass(frozen=True)
class Offer:
    """What somebody of a role may do now: statuses by what they are for.

    `stay` are those of a submission that waits, `leave` take it off the waiting list and `reopen`
    bring it back. `acknowledge` comes first, before anything else where somebody is in danger.
    """

    acknowledge: bool
    stay: tuple[str, ...]
    ask: bool
    leave: tuple[str, ...]
    reopen: tuple[str, ...]
    assign: bool
    dangers: tuple[str, ...]

    @classmethod
    def of(cls, standing: Standing, role: str) -> "Offer":
        """Return what is offered."""
        may = steps(standing, role)
        waits = standing.waiting
        new = standing.status == "new" and "acknowledged" in may
        stay = [to for to in may if waits and not standing.leaves(to) and to != ASKED]
        return cls(
            acknowledge=new,
            stay=tuple(to for to in stay if not (new and to == "acknowledged")),
            ask=waits and (ASKED in may or standing.status == ASKED),
            leave=tuple(to for to in may if standing.leaves(to)),
            reopen=tuple(to for to in may if standing.reopens(to)),
            assign=standing.status != "decided" or role == "physician",
            dangers=standing.dangers,
        )


class Panel:
    """The form with what is offered. `lost` are problems that have no field here."""

    def __init__(self, form: ActForm, standing: Standing, role: str) -> None:
        """Take a form, filled in or not."""
        self.form = form
        self.offer = Offer.of(standing, role)
        self.why_not_more = why_not_more(standing, role)
        self.lost: list[str] = []
        self.kept = ""

    @property
    def errors(self) -> bool:
        """Return whether there is something to mend."""
        return bool(self.lost) or bool(self.form.errors)

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Say at each field what is wrong with it; what has no field here stands at the top."""
        names = {"note": "text"}
        for name, problem in problems.items():
            shown = names.get(name, name)
            if not self._has(shown):
                self.lost.append(problem)
                continue
            field = self.form[shown]
            field.errors = [*field.errors, problem]
            if problem.endswith("is not recorded with this step."):
                field.data = None  # a choice cannot be taken back by hand
        self.lost = list(dict.fromkeys(self.lost))

    def _has(self, name: str) -> bool:
        if name in DANGERS:
            return bool(self.offer.leave) and name in self.offer.dangers
        return name in TYPED


def why_not_more(standing: Standing, role: str) -> str:
    """Say in a line why other steps are not offered; "" where all are."""
    clinician = role == "physician"
    if standing.status == "decided" and not clinician:
        return (
            "A physician decided this. Only a physician can change or reopen it. "
            "You can add a note."
        )
    if not standing.waiting:
        return "It is off the waiting list. Reopen it to change its status."
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


def _time(text: Any) -> datetime | None:
    """Return a time that was written on the clinic's clock; None for what is none."""
    try:
        at = datetime.fromisoformat(str(text or ""))
    except ValueError:
        return None
    if at.tzinfo is not None or not 2000 < at.year < 2200:
        return None
    time = at.replace(tzinfo=zone()).astimezone(UTC)
    # An hour that the clocks pass over in spring is no time.
    return time if time.astimezone(zone()).replace(tzinfo=None) == at else None
