"""A rulebook in another language is the same rulebook with other words."""

from hypothesis import given

from screener.engine.field_types import Model
from screener.engine.medicines import Medicine
from screener.engine.protocol import Instrument, Page, ProtocolHead, Rule, Rulebook, Section
from screener.engine.questions import Answers, Option, Question
from screener.engine.screen import screen
from screener.languages.words import Passage, passages, reworded
from tests.engine.answers import PROTOCOL, adult
from tests.shipped import RULEBOOK


def marked(passage: Passage) -> str:
    return f"[{passage.text}]"


MARKED: Rulebook = reworded(RULEBOOK, marked, lambda topic: topic)


def words_of(question: Question) -> list[str]:
    words = [question.text, question.short, question.stem, question.hint]
    for option in question.options:
        words += [option.label, option.hint, option.heading]
    for column in question.columns:
        words += words_of(column)
    return words


def read_by_patients(book: Rulebook) -> list[str]:
    """Return what patients read, counted without the walk that is tested here."""
    words = []
    for protocol in book.protocols.values():
        words.append(protocol.title)
        words += [section.title for section in protocol.sections]
        words += [text for page in protocol.pages for text in (page.title, page.intro)]
        words += [text for q in protocol.questions.values() for text in words_of(q)]
        words += [rule.reported for rule in protocol.rules.values()]
        words += [text for m in protocol.medicines.values() for text in (m.name, m.group)]
        words += [text for i in protocol.instruments for text in (i.title, i.notice)]
    return [word for word in words if word]


def test_every_text_that_patients_read_is_said_in_other_words() -> None:
    original, other = read_by_patients(RULEBOOK), read_by_patients(MARKED)
    assert len(original) > 1000
    assert other == [f"[{text}]" for text in original]


def test_a_translator_is_given_every_text_once() -> None:
    listed = passages(RULEBOOK)
    assert len(set(listed)) == len(listed)
    assert {passage.text for passage in listed} >= set(read_by_patients(RULEBOOK))


# Fields with a text that patients do not read, or that is the same in every language.
STAYS: dict[type[Model], set[str]] = {
    ProtocolHead: {"developer", "funding", "released", "revised", "id", "version", "typical"},
    Section: {"id", "first"},
    Page: {"id"},
    Question: {"id", "asked_of", "loinc", "purpose"},
    Option: {"id", "loinc", "retired"},
    Instrument: {"id", "licence"},
    Medicine: {"id", "ingredient", "unit", "note"},
    Rule: {"id", "title", "staff", "remark", "chapter"},
}


def written(book: Rulebook) -> dict[type[Model], list[Model]]:
    """Return everything that holds texts, in the order of the rulebook."""
    every: dict[type[Model], list[Model]] = {kind: [] for kind in STAYS}
    for protocol in book.protocols.values():
        questions = [*protocol.questions.values(), *protocol.table.columns]
        every[ProtocolHead].append(protocol.head)
        every[Section] += protocol.sections
        every[Page] += protocol.pages
        every[Question] += questions
        every[Option] += [option for question in questions for option in question.options]
        every[Instrument] += protocol.instruments
        every[Medicine] += protocol.medicines.values()
        every[Rule] += protocol.rules.values()
    return every


def test_each_field_with_a_text_is_translated_or_stays() -> None:
    """A field that is new, and forgotten in the walk, fails here."""
    original, other = written(RULEBOOK), written(MARKED)
    for kind, stays in STAYS.items():
        texts = {name for name, field in kind.model_fields.items() if field.annotation is str}
        assert stays <= texts
        pairs = list(zip(original[kind], other[kind], strict=True))
        changed = {
            name
            for name in texts
            for before, after in pairs
            if getattr(before, name) != getattr(after, name)
        }
        filled = {
            name for name in texts - stays for model in original[kind] if getattr(model, name)
        }
        assert changed == filled, kind.__name__


def test_what_staff_read_stays() -> None:
    for id, rule in PROTOCOL.rules.items():
        other = MARKED.protocols[PROTOCOL.id].rules[id]
        assert (other.title, other.staff, other.when) == (rule.title, rule.staff, rule.when)
    assert MARKED.hash == RULEBOOK.hash and MARKED.entries == RULEBOOK.entries


def test_ids_options_and_conditions_stay() -> None:
    for id, question in PROTOCOL.questions.items():
        other = MARKED.protocols[PROTOCOL.id].questions[id]
        assert other.option_ids == question.option_ids
        assert (other.asked_when, other.range, other.kind) == (
            question.asked_when,
            question.range,
            question.kind,
        )
        assert [o.points for o in other.options] == [o.points for o in question.options]


@given(adult())
def test_nobody_is_screened_otherwise_in_another_language(answers: Answers) -> None:
    other = MARKED.protocols[PROTOCOL.id]
    assert screen(other, answers).as_json() == screen(PROTOCOL, answers).as_json()


def test_what_was_worked_out_of_a_protocol_is_not_worked_out_again() -> None:
    made = PROTOCOL.once(("a test",), object)
    assert MARKED.protocols[PROTOCOL.id].once(("a test",), object) is made
