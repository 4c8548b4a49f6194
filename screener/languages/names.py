"""What languages are called, and how HTML names them."""

from dataclasses import dataclass

from babel import Locale


@dataclass(frozen=True)
class FormLanguage:
    """The language that a form was filled in in, for staff: its English name, and its HTML tag."""

    name: str
    tag: str

    @property
    def is_english(self) -> bool:
        """Return whether staff can read what was typed as it stands."""
        return self.tag.partition("-")[0] == "en"


def own_name(code: str) -> str:
    """Return the name that a language gives itself."""
    name = Locale.parse(code).get_display_name() or code
    return name[:1].upper() + name[1:]


def form_language(code: str) -> FormLanguage:
    """Return how staff read of a language."""
    return FormLanguage(Locale.parse(code).get_display_name("en") or code, code.replace("_", "-"))
