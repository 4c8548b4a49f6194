"""Fields with options: radios and tick boxes, and the order in which they are shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from screener.forms.fields import AnswerField
from screener.saying import gettext


@dataclass(frozen=True)
class Choice:
    """One answer to choose from, and the heading it stands under."""

    id: str
    label: str
    hint: str = ""
    heading: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownOption:
    """One radio or tick box. The `first` of a field has the field's own id, for links to it.

    `alone` marks the option that stands alone, such as "none of these". `names` are further names
    to find it by, and `href` leads to what is asked of it where that is answered.
    """

    id: str
    value: str
    label: str
    chosen: bool
    hint: str
    first: bool
    alone: bool
    names: str = ""
    href: str = ""


@dataclass(frozen=True)
class ShownGroup:
    """Options under one heading, or under none."""

    heading: str
    options: list[ShownOption]

    @property
    def chosen(self) -> bool:
        """Whether anything in it is chosen."""
        return any(option.chosen for option in self.options)


def arranged(field: Any) -> list[ShownGroup]:
    """Return the options of any field with choices as they are shown.

    First the groups of the field, then what is in none, and at the very end what stands alone.
    """
    choices = {str(choice[0]): (place, choice) for place, choice in enumerate(field.iter_choices())}
    hints = getattr(field, "option_hints", {})
    names, hrefs = getattr(field, "option_names", {}), getattr(field, "option_hrefs", {})
    alone = getattr(field, "exclusive", None)
    groups: list[tuple[str, list[str]]] = list(getattr(field, "groups", ()))
    grouped = {value for _, values in groups for value in values}
    rest = [value for value in choices if value not in grouped and value != alone]
    groups.append(("", rest + [value for value in choices if value == alone]))
    first = next((values[0] for _, values in groups if values), None)
    shown = []
    for heading, values in groups:
        options = []
        for value in values:
            place, (_, label, chosen, *_more) = choices[value]
            id = field.id if value == first else f"{field.id}-{place + 1}"
            hint = hints.get(value, "")
            options.append(
                ShownOption(
                    id,
                    value,
                    label,
                    chosen,
                    hint,
                    value == first,
                    value == alone,
                    names.get(value, ""),
                    hrefs.get(value, ""),
                )
            )
        shown.append(ShownGroup(heading, options))
    return shown


class OptionsField(AnswerField):
    """What radios and tick boxes share."""

    def __init__(self, label: str, *, options: Sequence[Choice], **more: Any) -> None:
        """Make a field with its options in the order in which they are shown."""
        super().__init__(label, **more)
        self.options = tuple(replace(option, label=str(option.label)) for option in options)
        self.ids = tuple(option.id for option in options)
        self.option_names = {option.id: ", ".join(option.names) for option in options}
        self.option_hrefs: dict[str, str] = {}
        self.option_hints = {option.id: option.hint for option in options if option.hint}
        headings = dict.fromkeys(option.heading for option in options if option.heading)
        self.groups = [
            (heading, [option.id for option in options if option.heading == heading])
            for heading in headings
        ]

    def _in_words(self, value: str) -> str:
        return next((option.label for option in self.options if option.id == value), value)

    def iter_choices(self) -> Iterator[tuple[str, str, bool]]:
        """Yield (value, label, chosen) for the template."""
        typed = self.typed()
        for option in self.options:
            yield option.id, option.label, option.id in typed

    def typed(self) -> list[str]:
        """Return the options posted, leaving out what the page does not offer."""
        return [value for value in super().typed() if value in self.ids]

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse an option that the page does not offer."""
        if any(value and value not in self.ids for value in super().typed()):
            raise ValidationError(gettext("Choose from the answers on this page."))


# As many fit beside each other on a phone of 320 pixels, in words of up to three short lines.
MOST_COLUMNS = 4
LONGEST_LABEL = 24  # characters
# Of four labels: with a longer one they stand two by two, and with one too long for that in a list.
LONGEST_WORD, TOO_LONG = 7, 12


def _columns(options: Sequence[Choice]) -> int:
    """Return in how many columns a few short options stand beside each other; 0 for a list."""
    short = all(len(option.label) <= LONGEST_LABEL and not option.hint for option in options)
    if not short or not 2 <= len(options) <= MOST_COLUMNS:
        return 0
    longest = max(len(word) for option in options for word in option.label.split())
    if len(options) < MOST_COLUMNS or longest <= LONGEST_WORD:
        return len(options)
    return 2 if longest <= TOO_LONG else 0


class ChoiceField(OptionsField):
    """One of several answers; nothing is chosen beforehand."""

    kind = "radios"

    def __init__(self, label: str, **more: Any) -> None:
        """See OptionsField."""
        super().__init__(label, **more)
        self.columns = _columns(self.options)

    def offer_no_answer(self) -> None:
        """Let an answer be taken back: a radio once chosen cannot be unchosen."""
        self.options = (*self.options, Choice("", gettext("Leave this unanswered")))
        self.exclusive = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the option chosen."""
        self.data = next((value for value in valuelist if value in self.ids), None)


class ChoicesField(OptionsField):
    """Any number of answers, or "none of these" alone. No box ticked means not answered."""

    kind = "checkboxes"

    def __init__(
        self, label: str, *, folded: bool = False, finder: bool = False, **more: Any
    ) -> None:
        """See OptionsField; the option `none` stands alone. `folded`: see Question.

        With a `finder` a script lets people type a name to find the option.
        """
        super().__init__(label, **more)
        self.folded = folded
        self.finder = finder
        self.finder_other = ""  # the id of the text for what the list does not name
        self.exclusive = "none" if "none" in self.ids else None
        self.suggested: list[str] = []

    def suggest(self, options: Sequence[str]) -> None:
        """Tick options in advance of any answer."""
        self.suggested = [id for id in self.ids if id in options]
        self.raw_data = [*self.suggested]

    def as_shown(self) -> list[str]:
        """Return what the field holds; what was only suggested it does not: nothing is stored."""
        return [] if self.suggested else super().as_shown()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the options chosen, each once."""
        self.data = [id for id in self.ids if id in valuelist] or None

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse "none of these" together with others."""
        super().pre_validate(form)
        if self.data is not None and "none" in self.data and len(self.data) > 1:
            label = next(option.label for option in self.options if option.id == "none")
            raise ValidationError(gettext("Choose “%(none)s” or the others, not both.", none=label))
