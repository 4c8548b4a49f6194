"""What the numbers are narrowed to: read from an address, which names no person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from screener.engine.protocol import Protocol
from screener.languages.names import form_language
from screener.presenters.list_filters import FilterOption, ListFilter

WEEKS = (4, 12, 26, 52)
_USUAL = 12


@dataclass(frozen=True)
class NumberFilters:
    """The last so many weeks, a form and a language ("" for all), and the rule shown by week."""

    weeks: int
    protocol: str
    language: str
    rule: tuple[str, str] | None
    selects: tuple[ListFilter, ...]

    @property
    def args(self) -> dict[str, str]:
        """Return what is set, as the parameters of an address, without the rule."""
        weeks = {} if self.weeks == _USUAL else {"weeks": str(self.weeks)}
        rest = {"form": self.protocol, "written_in": self.language}
        return weeks | {name: value for name, value in rest.items() if value}


def number_filters_of(
    args: Mapping[str, str], protocols: Mapping[str, Protocol], languages: Sequence[str]
) -> NumberFilters:
    """Read the parameters of an address; a value that is not offered narrows nothing."""
    weeks = args.get("weeks", "")
    count = int(weeks) if weeks in map(str, WEEKS) else _USUAL
    form = args.get("form", "") if args.get("form") in protocols else ""
    language = args.get("written_in", "") if args.get("written_in") in languages else ""
    named, _, rule = args.get("rule", "").partition(".")
    wanted = (named, rule) if named in protocols and rule in protocols[named].rules else None
    spans = [FilterOption(str(n), f"The last {n} weeks") for n in WEEKS]
    forms = [FilterOption("", "All forms")]
    forms += [FilterOption(id, protocol.title) for id, protocol in protocols.items()]
    spoken = [FilterOption("", "All languages")]
    spoken += [FilterOption(code, form_language(code).name) for code in languages]
    fields = (
        ("weeks", "Weeks", str(count), spans),
        ("form", "Form", form, forms),
        # Not `language`: that parameter chooses the language of any page.
        ("written_in", "Language", language, spoken),
    )
    selects = tuple(
        ListFilter(name, label, value, tuple(options)) for name, label, value, options in fields
    )
    return NumberFilters(count, form, language, wanted, selects)
