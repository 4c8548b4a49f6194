"""Phone numbers: every reasonable way of typing one, and nothing that is not one certain number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener import phones
from screener.phones import GivenNumber, Phone, problem, read
from screener.texts import tidy

OURS = Phone("+15555550100")
EXTENDED = Phone("+15555550100", "12")
LONDON = Phone("+442079460958")

READ = {
    "5555550100": OURS,
    "555-555-0100": OURS,
    "(555) 555-0100": OURS,
    "(555)555-0100": OURS,
    "555.555.0100": OURS,
    "555 555 0100": OURS,
    "555/555-0100": OURS,
    "[555] 555 0100": OURS,
    "1-555-555-0100": OURS,
    "+1 555 555 0100": OURS,
    "+1 (555) 555-0100": OURS,
    "(+1) 555-555-0100": OURS,
    "+15555550100": OURS,
    "+1 1 555 555 0100": OURS,
    "00 1 555 555 0100": OURS,
    "011 1 555 555 0100": OURS,
    "tel:+1-555-555-0100": OURS,
    # hyphens that are none
    "555\u2010555\u20100100": OURS,
    "555\u2011555\u20110100": OURS,
    "555\u2012555\u20120100": OURS,
    "555\u2013555\u20130100": OURS,
    "555\u2014555\u20140100": OURS,
    "555\u2015555\u20150100": OURS,
    "555\u2212555\u22120100": OURS,
    "555\u00ad555\u00ad0100": OURS,
    "555\ufe63555\uff0d0100": OURS,
    "555\u30fb555\u00b70100": OURS,
    # spaces and marks that nobody sees
    "\u202a+1 555\u00a0555\u00a00100\u202c": OURS,
    "555\u2007555\u20090100": OURS,
    "555\u3000555\u202f0100": OURS,
    "\ufeff555\u200b555\u20600100\u200e": OURS,
    "\u2068555-555-0100\u2069": OURS,
    # digits of the world
    "５５５－５５５－０１００": OURS,
    "＋１（５５５）５５５－０１００": OURS,
    "٥٥٥٥٥٥٠١٠٠": OURS,
    "۵۵۵-۵۵۵-۰۱۰۰": OURS,
    "५५५ ५५५ ०१००": OURS,
    "𝟓𝟓𝟓𝟓𝟓𝟓𝟎𝟏𝟎𝟎": OURS,
    "5\ufe0f\u20e355 555 0100": OURS,
    # words beside it
    "cell: 555-555-0100": OURS,
    "Home phone 555-555-0100": OURS,
    "555-555-0100 (cell)": OURS,
    "555-555-0100 mobile": OURS,
    "Tel. 555-555-0100": OURS,
    "📞 555-555-0100": OURS,
    # extensions
    "555-555-0100 ext. 12": EXTENDED,
    "555-555-0100 ext 12": EXTENDED,
    "555-555-0100, ext. 12": EXTENDED,
    "555-555-0100 (ext. 12)": EXTENDED,
    "555-555-0100 Extension: 12": EXTENDED,
    "555-555-0100x12": EXTENDED,
    "555-555-0100 X 12": EXTENDED,
    "555-555-0100 #12": EXTENDED,
    "555-555-0100#12": EXTENDED,
    "tel:+1-555-555-0100;ext=12": EXTENDED,
    "５５５-５５５-０１００ ｘ１２": EXTENDED,
    # from elsewhere
    "+44 (0)20 7946 0958": LONDON,
    "+44 20 7946 0958": LONDON,
    "+44(0)2079460958": LONDON,
    "(+44) 20 7946 0958": LONDON,
    "0044 20 7946 0958": LONDON,
    "0044 (0)20 7946 0958": LONDON,
    "011 44 20 7946 0958": LONDON,
    "+39 (0)6 6981 2345": Phone("+390669812345"),  # Italy keeps its zero
    "+34 (0) 912 345 678": Phone("+34912345678"),  # Spain never had one
    "+49 30/1234567": Phone("+49301234567"),
    "+52 55 1234 5678": Phone("+525512345678"),
    "+800 1234 5678": Phone("+80012345678"),
    # letters of the keypad
    "1-800-FLOWERS": Phone("+18003569377"),
    "(800) flowers": Phone("+18003569377"),
    "1 800 GOT-JUNK": Phone("+18004685865"),
}

NOT_READ = [
    "",
    " ",
    "\u200b",
    "+",
    "call me",
    "none",
    "n/a",
    "911",
    "988",
    "12",
    "555-01",
    "555-0100",  # no area code
    "1-555-0100",
    "555-555-010",
    "555-555-01000",
    "0000000",
    "0000000000",
    "1111111111",
    "5555555555",
    "1234567890",
    "055-555-0100",
    "555-055-0100",
    "5552345 101",  # a number of the same town, and three digits that may be an extension
    "555-2345-101",
    "555-555-0100/0101",
    "555-555-0100 / 0101",
    "555-555-0100/555-555-0101",
    "555-0100/555-0101",
    "555-555-0100 or 555-555-0101",
    "555-555-0100 or 0101",
    "555-555-0100, 555-555-0101",
    "555-555-0100, 0101",
    "555-555-0100; 555-555-0101",
    "555-555-0100 555-555-0101",
    "555-555-0100\n555-555-0101",
    "555-555-0100\u2028555-555-0101",
    "555-555-0100\u200b555-555-0101",
    "555-555-0100 & 0101",
    "555-555-0100-0101",
    "555-555-0100–0105",
    "home 555-555-0100 cell 555-555-0101",
    "555-555-0100 x12 x13",
    "555-555-0100 x12/13",
    "555-555-0100 x",
    "555-555-0100 please",
    "555-555-0100 after 5",
    "please 555-555-0100",
    "++15555550100",
    "+1+5555550100",
    "555+5550100",
    "44 20 7946 0958",  # without its plus
    "+44 20",
    "+999 555 555 0100",
    "½55-555-0100",
    "555-555-0100²",
    "①②③④⑤⑥⑦⑧⑨⓪",
    "<script>5555555</script>",
    "1-800-MATTRESS",
    "5" * 400,
    "tel:5555550100;phone-context=+1",
    "javascript:5555550100",
]


@pytest.mark.parametrize(("typed", "phone"), READ.items(), ids=ascii)
def test_every_reasonable_way_of_typing_is_read(typed: str, phone: Phone) -> None:
    assert read(typed, "US") == phone


@pytest.mark.parametrize("typed", NOT_READ, ids=lambda typed: ascii(typed)[:40])
def test_what_is_not_one_certain_number_is_not_read(typed: str) -> None:
    assert read(typed, "US") is None
    assert GivenNumber(typed, None).shown("US") == typed
    message = problem(typed, "US")
    assert message.endswith(".")
    ours = message.replace(tidy(typed, one_line=True), "it")
    assert max(len(sentence.split()) for sentence in ours.split(". ")) < 20


@pytest.mark.parametrize(
    ("region", "typed", "e164"),
    [
        ("GB", "020 7946 0958", "+442079460958"),
        ("GB", "(020) 7946 0958", "+442079460958"),
        ("GB", "07911 123456", "+447911123456"),
        ("GB", "7911 123456", "+447911123456"),
        ("GB", "00 1 555 555 0100", "+15555550100"),
        ("GB", "7946 0958", ""),  # no area code
        ("DE", "030/1234567", "+49301234567"),
        ("DE", "030 1234567-0", "+493012345670"),
        ("DE", "030 1234567/68", ""),
        ("DE", "1234567", ""),
        ("DE", "5550100", ""),  # read without its zero it would be of another town
        ("IT", "06 6981 2345", "+390669812345"),
        ("MX", "55 1234 5678", "+525512345678"),
        ("CA", "604-555-0100", "+16045550100"),
        ("AU", "0412 345 678", "+61412345678"),
    ],
)
def test_numbers_are_read_in_the_clinics_region(region: str, typed: str, e164: str) -> None:
    phone = read(typed, region)
    assert (phone.e164 if phone else "") == e164


def test_numbers_are_written_as_people_write_them_there() -> None:
    assert OURS.shown("US") == OURS.shown("CA") == "(555) 555-0100"
    assert OURS.shown("GB") == "+1 555-555-0100"
    assert LONDON.shown("US") == "+44 20 7946 0958"
    assert LONDON.shown("GB") == "020 7946 0958"
    assert EXTENDED.shown("US") == "(555) 555-0100 ext. 12"


def test_a_link_dials_one_number_after_rfc_3966() -> None:
    assert OURS.link == "tel:+1-555-555-0100"
    assert EXTENDED.link == "tel:+1-555-555-0100;ext=12"
    assert LONDON.link == "tel:+44-20-7946-0958"


@pytest.mark.parametrize(
    ("typed", "differs"),
    [
        ("555.555.0100", False),
        ("+1 555\u2011555\u20110100", False),
        ("1-555-555-0100", False),
        ("555-555-0100 x12", False),
        ("+44 (0)20 7946 0958", True),
        ("1-800-FLOWERS", True),
        ("cell 555-555-0100", True),
        ("５５５-５５５-０１００", True),
        ("555-555-0100/0101", False),  # shown as it was typed
    ],
)
def test_what_was_typed_stands_beside_where_it_says_something_else(
    typed: str, differs: bool
) -> None:
    assert GivenNumber(typed, read(typed, "US")).differs("US") == differs


def test_what_is_kept_comes_back() -> None:
    kept = phones.entries("phone", "555-555-0100 x12", "US")
    assert kept == {
        "phone": "555-555-0100 x12",
        "phone_e164": "+15555550100",
        "phone_extension": "12",
        "phone_read_from": "555-555-0100 x12",
    }
    # The clinic's region may change; what was understood then stays.
    assert phones.given(kept, "phone", "GB") == GivenNumber("555-555-0100 x12", EXTENDED)
    unread = phones.entries("phone", "555-555-0100/0101", "US")
    assert phones.given(unread, "phone", "US") == GivenNumber("555-555-0100/0101", None)
    assert phones.given({}, "phone", "US") is None
    assert phones.given({"phone": "\u200b"}, "phone", "US") is None
    # The text was changed, and not by the form: its number is read anew.
    changed = {**kept, "phone": "555-555-0177"}
    assert phones.given(changed, "phone", "US") == GivenNumber(
        "555-555-0177", Phone("+15555550177")
    )
    # From before numbers were read.
    assert phones.given({"phone": "555-555-0100"}, "phone", "US") == GivenNumber(
        "555-555-0100", OURS
    )
    assert phones.given({"phone": "555-555-0100/0101"}, "phone", "US") == GivenNumber(
        "555-555-0100/0101", None
    )


@pytest.mark.parametrize(
    ("e164", "extension"),
    [("javascript:x", ""), ("+1", ""), ("+99955555", ""), ("+15555550100", "1;x"), ("911", "")],
)
def test_what_was_not_kept_by_us_dials_nothing(e164: str, extension: str) -> None:
    kept = phones.entries("phone", "555-555-0100", "US")
    kept |= {"phone_e164": e164, "phone_extension": extension}
    assert phones.given(kept, "phone", "US") == GivenNumber("555-555-0100", None)


@given(
    st.text() | st.text("+0123456789-/ ().,;#xextor\u2011\u200f\uff10", max_size=60),
    st.sampled_from(sorted(phones.REGIONS)),
)
def test_any_text_in_any_region_is_one_certain_number_or_none(text: str, region: str) -> None:
    phone = read(text, region)
    assert problem(text, region)
    if phone is not None:
        assert read(phone.e164, region) == Phone(phone.e164)
        assert phone.link.startswith("tel:+")
        assert phone.shown(region)
        digits = sum(letter.isdigit() for letter in text)
        assert len(phone.e164) - 1 <= digits + 3 + 30 * any(map(str.isalpha, text))
    GivenNumber(text, phone).differs(region)


@given(
    st.integers(2_002_000_000, 9_999_999_999).map(str),
    st.sampled_from(["-", " ", ".", "\u2011", "\u00a0", " – "]),
    st.sampled_from(["", "+1 ", "1-", "\u202a"]),
)
def test_how_it_is_written_changes_nothing(digits: str, between: str, before: str) -> None:
    written = before + between.join((digits[:3], digits[3:6], digits[6:]))
    assert read(written, "US") == read(digits, "US")


@given(st.sampled_from(sorted(READ)), st.sampled_from(sorted(READ)))
def test_two_numbers_are_never_run_together(first: str, second: str) -> None:
    for between in ("/", " ", " or ", ", ", "; ", "\n", " and ", "&", "|", " – "):
        assert read(f"{first}{between}{second}", "US") is None
