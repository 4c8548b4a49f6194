"""What to ask on the phone, in the order in which it matters, and what was asked already."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from screener.engine.answer_paths import answer_at
from screener.engine.protocol import Rulebook
from screener.languages.names import FormLanguage, form_language
from screener.presenters.ask_first import ask_first
from screener.presenters.editions import FORM, PHONE
from screener.presenters.people import FIELDS, UNKNOWN, ContactDetails, Detail, person
from screener.presenters.phoned import PhonePart, both, phone_part
from screener.presenters.rescreened import Rescreened
from screener.presenters.said import SaidToStaff, value_at
from screener.presenters.words import ACT_FIRST, rank
from screener.store import Submission, phone_events

_SHOWN = 12  # questions for rules after which the rest is folded away


@dataclass(frozen=True)
class ScriptQuestion:
    """One question to ask, by the path of its answer.

    `why` says why it is asked again, `own` what the form says, and `last` what was said when staff
    asked before.
    """

    path: str
    why: str
    own: str
    last: tuple[SaidToStaff, ...]


@dataclass(frozen=True)
class ScriptPart:
    """Questions that belong together: on safety, or those that would settle one rule.

    `priority` is that of the rule, "" on safety.
    """

    title: str
    priority: str
    questions: tuple[ScriptQuestion, ...]
    folded: bool = False


@dataclass(frozen=True)
class CallScript:
    """Everything the page shows. `again` are questions that staff asked and can ask again."""

    reference: str
    person: ContactDetails
    language: FormLanguage
    priority: str | None
    unfinished: bool
    problems: tuple[str, ...]
    parts: tuple[ScriptPart, ...]
    again: ScriptPart | None
    phoned: PhonePart
    seen: int
    rescreened: Rescreened

    @property
    def details(self) -> tuple[Detail, ...]:
        """Return what was given on how to reach the person, and whether a message may be left."""
        always = (FIELDS["phone"], FIELDS["voicemail"])
        every = self.person.details
        return tuple(of for of in every if of.label in always or of.value != UNKNOWN)

    @property
    def paths(self) -> tuple[str, ...]:
        """Return every path that it asks for, in order."""
        parts = (*self.parts, *([self.again] if self.again else []))
        return tuple(question.path for part in parts for question in part.questions)

    @property
    def count(self) -> int:
        """Return how many questions are to be asked."""
        return sum(len(part.questions) for part in self.parts)


def call_script(
    rulebook: Rulebook, stored: Submission, books: Iterable[Rulebook | None]
) -> CallScript:
    """Return the call script of one submission.

    `rulebook` is the one in use, `books` others that may have screened the submission.
    """
    own, laid = both(stored, books, rulebook)
    phoned = phone_part(stored, own, laid, PHONE if laid.phoned else FORM)
    form = stored.questionnaire
    asked = {each.path for each in phoned.said if not each.no_answer}
    parts = tuple(_parts(own, laid, phoned))
    listed = {question.path for part in parts for question in part.questions}
    again = tuple(
        _question(own, path, "", phoned)
        for path in dict.fromkeys(each.path for each in phoned.said)
        if path in asked and path not in listed and _exists(laid, path)
    )
    return CallScript(
        form.reference,
        person(form.identity, form.answers.get("age"), form.progress.get("contact_typed")),
        form_language(form.language),
        form.priority,
        form.submitted_at is None,
        laid.problems,
        parts,
        ScriptPart("Asked already", "", again, True) if again else None,
        phoned,
        len(phone_events(stored)),
        laid,
    )


def _parts(own: Rescreened, laid: Rescreened, phoned: PhonePart) -> Iterator[ScriptPart]:
    """Yield the parts in their order; each question stands in the first that asks for it."""
    if laid.protocol is None:
        return
    first = {id: of.why for id, of in ask_first(laid).items() if _exists(laid, id)}
    if first:
        safety = tuple(_question(own, id, why, phoned) for id, why in first.items())
        yield ScriptPart("Safety, first", "", safety)
    screening = laid.screening or laid.worded
    needed = {} if screening is None or laid.under_age else screening.needed
    order = sorted(needed, key=lambda id: (rank(laid.priority(id)), len(needed[id])))
    listed, count = set(first), 0
    for rule in order:
        paths = [path for path in needed[rule] if path not in listed and _exists(laid, path)]
        if not paths:
            continue
        listed.update(paths)
        folded = count >= _SHOWN and laid.priority(rule) not in ACT_FIRST
        count += len(paths)
        questions = tuple(_question(own, path, "", phoned) for path in paths)
        yield ScriptPart(laid.title(rule), laid.priority(rule), questions, folded)


def _exists(laid: Rescreened, path: str) -> bool:
    """Return whether a path names something that the form asks; it works out the age itself."""
    protocol, (id, *cell) = laid.protocol, path.split(".")
    if protocol is None or id not in protocol.page_of:
        return False
    columns = {column.id for column in protocol.questions[id].columns}
    return not cell or (len(cell) == 2 and cell[0] in protocol.medicines and cell[1] in columns)


def _question(own: Rescreened, path: str, why: str, phoned: PhonePart) -> ScriptQuestion:
    value = answer_at(own.questionnaire.answers, path)
    given = "" if value is None else value_at(own.protocol, path, value)
    last = tuple(each for each in phoned.said if each.path == path)
    return ScriptQuestion(path, why, given, last)


def with_left(script: CallScript, paths: Iterable[str]) -> CallScript:
    """Return the script with questions that it does not ask any more, but that were answered."""
    left = [path for path in dict.fromkeys(paths) if path not in script.paths]
    if not left:
        return script
    own = script.rescreened
    questions = tuple(_question(own, path, "", script.phoned) for path in left)
    part = ScriptPart("Entered, and not saved yet", "", questions)
    return replace(script, parts=(part, *script.parts))
