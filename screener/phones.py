"""Phone numbers: what was typed is read with certainty, or not at all.

Only a number that was read gets a link that dials it: a wrong number costs time while somebody
waits. What cannot be read stays as it was typed, and a person looks at it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, ValidationResult

from screener.saying import gettext
from screener.texts import is_invisible, tidy

# The keys of numbers among a person's details, and the parts that are kept with each.
KEYS = ("phone", "phone_2", "emergency_phone")
PARTS = ("e164", "extension", "read_from")
REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)

_LONGEST = 80  # characters of a number with its label and its extension; longer texts are no number
_MOST_DIGITS = 15  # of any number in the world, with its country code
_AMERICAN = 1  # the country code that the US shares with Canada and the Caribbean

# Characters that stand for a hyphen, a point, a plus or a slash without being one.
_SAME = (
    dict.fromkeys("\u02d7\u2043\u2212\u30fc\uff70\u00af", "-")
    | dict.fromkeys("\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb", ".")
    | dict.fromkeys("\u207a\ufe62", "+")
    | dict.fromkeys("\u2044\u2215", "/")
    | dict.fromkeys("☎☏✆📞📱📲🕻🕼🕽🕾🕿🖀", "")
)
# What somebody writes beside a number to say which one it is.
_LABEL = (
    r"(?:tel(?:[eé]fono)?|cel(?:ular)?|m[oó]vil|casa|trabajo|oficina|mi|n[uú]mero|"
    r"tel(?:ephone)?|phone|ph|call|cell(?:ular|phone)?|mobile|mob|home|work|office|my|"
    r"number|no|nr|landline|voice|text|us|usa|[tpchmw])"
)
_BEFORE = re.compile(rf"(?:{_LABEL}(?:[\s.:#]+|(?=[+(\d]))){{1,4}}")
_AFTER = re.compile(rf"[\s,]*(?:\(\s*{_LABEL}\s*\)|\b{_LABEL}\.?)\Z")
_EXTENSION = re.compile(
    r"(?P<body>[^#x]*\d[\s.)]*)[,;]?\s*\(?"
    r"(?:;?ext(?:ension|ensión)?|extn|xtn|x|#)[\s.:=#]*(?P<extension>\d{1,8})#?\)?"
)
_BODY = re.compile(r"[(\[\s]*\+?[\d\s.()\[\]/-]+")
_LETTERS = re.compile(r"\+?(?:[\s.()-]*\d){1,7}[\s.()-]+[a-z](?:[\s.-]?[a-z\d])+")
_TRUNK_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")
_TWO = re.compile(
    r"\d\W*(?:/|\bor\b|\band\b|\balso\b|\bo\b|\by\b|[,;&|\n])\W*(?:[a-z]+\W*)?\+?[\W]*\d"
)


@dataclass(frozen=True)
class Phone:
    """A number that was read: `e164` with its plus, `extension` in digits or ""."""

    e164: str
    extension: str = ""

    def shown(self, region: str) -> str:
        """Return it as people in the region write it: in national form there, or international."""
        number = self._number
        here = number.country_code == phonenumbers.country_code_for_region(region)
        style = PhoneNumberFormat.NATIONAL if here else PhoneNumberFormat.INTERNATIONAL
        return phonenumbers.format_number(number, style)

    @property
    def link(self) -> str:
        """Return the address that dials it (RFC 3966)."""
        return phonenumbers.format_number(self._number, PhoneNumberFormat.RFC3966)

    @property
    def _number(self) -> PhoneNumber:
        number = phonenumbers.parse(self.e164, None)
        number.extension = self.extension or None
        return number


@dataclass(frozen=True)
class GivenNumber:
    """A number that somebody gave: as it was typed, and as it was read, if it could be."""

    typed: str
    phone: Phone | None

    def shown(self, region: str) -> str:
        """Return the number well formatted, or as it was typed if it could not be read."""
        return self.phone.shown(region) if self.phone else self.typed

    def differs(self, region: str) -> bool:
        """Return whether what was typed has other digits or words than what is shown.

        Hyphens, spaces and the country code are ignored.
        """
        ways = {_same(self.shown(region))}
        if self.phone:
            ways |= {
                _same(f"{self.phone.e164}{self.phone.extension and 'x'}{self.phone.extension}")
            }
        return _same(self.typed) not in ways


def read(text: str, region: str) -> Phone | None:
    """Read what was typed in a region (US); return None unless it is certainly one number.

    Numbers that are not in use, such as 555-555-0100, are read like any other: the shape of the
    number decides. Never raise, whatever the text.
    """
    plain = _plain(text)
    if not plain or len(plain) > _LONGEST:
        return None
    body, extension = _parts(plain)
    for digits, sure in _candidates(body):
        number = _parsed(digits, region)
        if number is not None and _is_certain(number, digits, region, sure=sure):
            if _looks_local(body, number):
                return None
            e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            return Phone(e164, extension)
    return None


def problem(text: str, region: str) -> str:
    """Return in short sentences why a text cannot be read as one number."""
    plain = _plain(text)
    if len(plain) > _LONGEST:
        return gettext("This is too long for a phone number.")
    typed = tidy(text, one_line=True)
    unread = gettext("We could not read “%(typed)s” as one phone number.", typed=typed)
    return f"{unread} {_why(plain, region)}"


def entries(key: str, text: str, region: str) -> dict[str, str]:
    """Return what is stored for a number under `key`: the text as typed, and the number read.

    `…_read_from` is the text again: it ties the number to the text that it was read from.
    """
    phone = read(text, region)
    return {
        key: text,
        f"{key}_e164": phone.e164 if phone else "",
        f"{key}_extension": phone.extension if phone else "",
        f"{key}_read_from": text,
    }


def given(kept: Mapping[str, Any], key: str, region: str) -> GivenNumber | None:
    """Return the number stored under `key`, or None if there is none.

    A text that was stored before numbers were read is read now, and so is a text that was changed
    without its number: the number of another text would dial somebody else.
    """
    typed = tidy(str(kept.get(key) or ""))
    if not typed:
        return None
    if kept.get(f"{key}_read_from") != kept.get(key):
        return GivenNumber(typed, read(typed, region))
    e164, extension = (str(kept.get(f"{key}_{part}") or "") for part in ("e164", "extension"))
    return GivenNumber(typed, _kept(e164, extension))


def _kept(e164: str, extension: str) -> Phone | None:
    # Accept only what `entries` could have written; anything else could dial any number.
    if not re.fullmatch(r"\+[0-9]{4,15}", e164) or not re.fullmatch("[0-9]{0,8}", extension):
        return None
    return Phone(e164, extension) if _parsed(e164, "") is not None else None


def _plain(text: str) -> str:
    """Return the text with one form of hyphen, space and digit, as ASCII where possible."""
    return "".join(map(_ascii, tidy(text))).casefold().strip()


def _ascii(letter: str) -> str:
    if letter in _SAME:
        return _SAME[letter]
    if letter.isspace():
        return "\n" if letter == "\n" else " "
    category = unicodedata.category(letter)
    if is_invisible(letter) or category == "Me":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category == "Pd":
        return "-"
    wide = ord(letter) - 0xFEE0  # full-width forms of ASCII
    return chr(wide) if 0x21 <= wide <= 0x7E else letter


def _parts(plain: str) -> tuple[str, str]:
    """Return the number without words beside it, and its extension."""
    before = _BEFORE.match(plain)
    rest = plain[before.end() :] if before else plain
    rest = _AFTER.sub("", _AFTER.sub("", rest))
    match = _EXTENSION.fullmatch(rest)
    return (match["body"].strip(), match["extension"]) if match else (rest.strip(), "")


def _candidates(body: str) -> Iterator[tuple[str, bool]]:
    """Yield the ways to read a number, best first; a less certain one must be a number in use."""
    if _BODY.fullmatch(body) and _slash_is_a_separator(body):
        plus = "+" if "+" in body else ""
        yield plus + _digits(body), True
        yield plus + _digits(_TRUNK_ZERO.sub("", body, count=1)), True
        if not plus and _digits(body).startswith("00"):
            yield "+" + _digits(body)[2:], True
    elif _LETTERS.fullmatch(body) and sum(letter.isalpha() for letter in body) >= 3:
        plus = "+" if "+" in body else ""
        yield plus + _digits(phonenumbers.convert_alpha_characters_in_number(body)), False


def _slash_is_a_separator(body: str) -> bool:
    """Return whether an area code is before the slash, and a complete number after it."""
    if "/" not in body:
        return True
    before, *after = body.split("/")
    longest = 7 if "+" in body else 6
    return len(after) == 1 and len(_digits(before)) <= longest and len(_digits(after[0])) >= 5


def _parsed(digits: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException:
        return None


def _is_certain(number: PhoneNumber, digits: str, region: str, *, sure: bool) -> bool:
    """Return whether the number has its country's length and shape, with its area code."""
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return False
    national = phonenumbers.national_significant_number(number)
    if len(set(national)) == 1:
        return False
    in_use = phonenumbers.is_valid_number(number)
    if not in_use and not (sure and _fits_plan(number, national)):
        return False
    return digits.startswith("+") or _is_whole(digits, national, region, in_use)


def _fits_plan(number: PhoneNumber, national: str) -> bool:
    if number.country_code == _AMERICAN:
        return re.fullmatch(r"[2-9]\d{2}[2-9]\d{6}", national) is not None
    pattern = _plan(phonenumbers.region_code_for_country_code(number.country_code or 0))[0]
    return bool(pattern) and re.fullmatch(pattern, national) is not None


def _is_whole(digits: str, national: str, region: str, in_use: bool) -> bool:
    """Return whether a number was typed with its area code.

    Where numbers differ in length, one without the prefix (0) may be a local number.
    """
    _, prefix, lengths = _plan(region)
    if prefix in ("", str(phonenumbers.country_code_for_region(region))):
        return True
    if digits.startswith(prefix):
        return True
    return in_use and len(national) == max(lengths)


def _plan(region: str | None) -> tuple[str, str, tuple[int, ...]]:
    """Return the shape of all numbers of a region, its national prefix, and their lengths."""
    metadata = PhoneMetadata.metadata_for_region(region or "", None)
    if metadata is None or metadata.general_desc is None:
        return "", "", (0,)
    general = metadata.general_desc
    return (
        general.national_number_pattern or "",
        metadata.national_prefix or "",
        general.possible_length,
    )


def _looks_local(body: str, number: PhoneNumber) -> bool:
    """Return whether it is a number of seven digits with three more that could be anything."""
    if number.country_code != _AMERICAN:
        return False
    groups = [len(group) for group in re.findall(r"\d+", body)]
    return len(groups) > 1 and sum(groups) == 10 and groups[-1] == 3


def _why(plain: str, region: str) -> str:
    number, _ = _parts(plain)
    digits = len(_digits(number))
    if (digits > 7 and _TWO.search(plain)) or digits > _MOST_DIGITS:
        return gettext("It looks like two numbers.")
    if not digits:
        return gettext("It has no digits.")
    if any(letter.isalpha() for letter in number):
        return gettext("Please write the number alone, without words.")
    strange = "".join(dict.fromkeys(re.sub(r"[\d\s.()\[\]/+-]", "", number)))
    if strange:
        shown = "".join(letter if letter.isprintable() else "?" for letter in strange[:12])
        return gettext("Please leave out “%(signs)s”.", signs=shown)
    if "+" not in number and phonenumbers.country_code_for_region(region) == _AMERICAN:
        # The 1 before an area code is not counted, neither by people nor here.
        return _why_not_american(digits - (number.startswith("1") and digits in (8, 11)))
    return gettext("Please check the digits, and the area or country code.")


def _why_not_american(digits: int) -> str:
    if digits == 7:
        return gettext("The area code is missing.")
    if digits < 10:
        return gettext("It has %(digits)s digits. With the area code there are 10.", digits=digits)
    if digits > 10:
        return gettext("It has too many digits. If it is from another country, begin with +.")
    return gettext("Please check the digits.")


def _same(text: str) -> str:
    """Return what two ways to write a number share: digits, letters, and x for extension."""
    letters = "".join(letter for letter in tidy(text).casefold() if not is_invisible(letter))
    marked = re.sub(r"ext(?:ension|n)?|xtn|#", "x", letters)
    return re.sub(r"[\W_]", "", marked)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
