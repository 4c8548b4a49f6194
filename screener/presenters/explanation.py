"""The engine's reasons for one rule in sentences, for the staff's pages and `screener explain`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from screener.engine.explanations.counterfactual import Flip
from screener.engine.explanations.near_miss import Near, Parts, Short
from screener.engine.explanations.reasons import Reasons, reasons
from screener.engine.explanations.resolving import Settle
from screener.engine.explanations.sufficient_reason import Sufficient
from screener.engine.explanations.what_if import Clause
from screener.engine.protocol import Rulebook
from screener.engine.screen import Outcome, Screening
from screener.presenters.phrases import Sayer
from screener.presenters.sources import OwnChoice, Source, choices, sources

OUTCOMES: dict[Outcome, str] = {"met": "met", "not_met": "not met", "unknown": "cannot tell"}


@dataclass(frozen=True)
class Quote:
    """A clause of a rule, with its reason and where it comes from."""

    words: str
    because: str
    sources: tuple[Source, ...]
    choices: tuple[OwnChoice, ...]


@dataclass(frozen=True)
class Lines:
    """Sentences that rest on the same clauses."""

    lines: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Said:
    """Everything that is said of one rule. A part that does not apply is empty.

    `verdict` says the outcome; each `…_lead` opens the part after it. `nothing` says why there
    is neither an answer that would settle it nor one that would change it.
    """

    outcome: Outcome
    verdict: str
    exact: str = ""
    enough_lead: str = ""
    enough: tuple[Lines, ...] = ()
    near: tuple[str, ...] = ()
    settles_lead: str = ""
    settles: tuple[Lines, ...] = ()
    flips_lead: str = ""
    flips: tuple[Lines, ...] = ()
    nothing: str = ""


def said(rulebook: Rulebook, screening: Screening, rule: str) -> Said:
    """The reasons of one rule in words."""
    return _Telling(rulebook, screening, reasons(screening, rule)).said()


def enough_short(screening: Screening, enough: Sufficient) -> str:
    """The answers that are enough, in one line: their names without their values."""
    if enough.blanks and not enough.paths:
        return "It is met because answers are missing, not because of an answer."
    names = "; ".join(Sayer(screening.protocol).names(enough.paths))
    if enough.blanks:
        return f"This blank is enough: {names}."
    one = len(enough.paths) == 1
    return f"{'This answer is' if one else 'These answers are'} enough: {names}."


def near_lines(screening: Screening, rule: str, near: Iterable[Near]) -> tuple[str, ...]:
    """How near a rule is, a line for each number that falls short and each count of parts."""
    lines = []
    for one in near:
        line = _parts(one) if isinstance(one, Parts) else short_line(one)
        title = screening.protocol.rules[one.rule].title
        if isinstance(one, Parts):
            line = f"{'As a whole' if one.rule == rule else f'“{title}”'}: {line}"
        lines.append(line)
    return tuple(dict.fromkeys(lines))


def short_line(one: Short) -> str:
    """A number that falls short: "PHQ-9 total: 9 of 10, 1 short"."""
    value = f"{one.low}" if one.low == one.high else f"{one.low} to {one.high}"
    if one.operator == ">=" and not one.raw and one.low == one.high:
        return f"{one.label}: {value} of {one.threshold}, {one.gap} short"
    asked = {
        ">=": f"{one.threshold} or more",
        ">": f"more than {one.threshold}",
        "<=": f"{one.threshold} or less",
        "<": f"less than {one.threshold}",
        "=": f"exactly {one.threshold}",
        "!=": f"anything but {one.threshold}",
    }[one.operator]
    unit = f" {one.unit}" if one.unit else ""
    far = ""
    if one.gap:
        way = {">=": "short", ">": "short", "<=": "too many", "<": "too many"}
        far = f", {one.gap} {way.get(one.operator, 'away')}"
    return f"{one.label}: {value}{unit}; {asked} is needed{far}"


def _parts(one: Parts) -> str:
    number = one.of if one.needed == one.of else f"{one.needed} needed of {one.of}"
    open_ = f", {one.open} cannot tell" if one.open else ""
    verb = "holds" if one.holds == 1 else "hold"
    return f"{one.holds} of {number} parts {verb}{open_}"


class _Telling:
    def __init__(self, rulebook: Rulebook, screening: Screening, found: Reasons) -> None:
        self.rulebook = rulebook
        self.screening = screening
        self.found = found
        self.sayer = Sayer(screening.protocol)

    def said(self) -> Said:
        found = self.found
        if not found.evaluated:
            return Said(found.outcome, "Not evaluated: the person is under age.")
        return Said(
            found.outcome,
            self.verdict(),
            self.exact(),
            *self.enough(),
            near_lines(self.screening, found.rule, found.near),
            *self.settles(),
            *self.flips(),
            self.nothing(),
        )

    def verdict(self) -> str:
        about_blanks = self.screening.protocol.rules[self.found.rule].when is None
        match self.found.outcome:
            case "met" if about_blanks:
                return "Met, until what is missing is answered."
            case "met":
                return "Met, whatever the missing answers are."
            case "not_met":
                return (
                    "Not met, whatever the missing answers are. "
                    "That does not mean that the person does not have an illness."
                )
        if self.found.exact is not None and self.found.exact.certain in ("met", "not_met"):
            return "Cannot tell from its parts one by one. It is not a no."
        return "Cannot tell: answers are missing. It is not a no."

    def exact(self) -> str:
        exact = self.found.exact
        if exact is None:
            return ""
        if exact.outcomes is None:
            return (
                "Whether the missing answers can make it both met and not met was not worked out: "
                "there are too many ways to answer them."
                if self.found.settles
                else ""
            )
        certain = exact.certain
        if certain in ("met", "not_met"):
            return (
                f"Every way to answer what is missing was tried ({exact.completions}): whatever "
                f"the missing answers are, it would be {OUTCOMES[certain]}."
            )
        if exact.outcomes >= {"met", "not_met"}:
            return "It is truly open: some answers would make it met, and others not met."
        return "It can stay open even when everything that is missing is answered."

    # --- enough ------------------------------------------------------------------------------

    def enough(self) -> tuple[str, tuple[Lines, ...]]:
        enough = self.found.sufficient
        if enough is None:
            return "", ()
        if enough.blanks and not enough.paths:
            return "It is met because answers are missing, not because of an answer.", ()
        protocol = self.screening.protocol
        if enough.blanks:
            asked = protocol.questions[enough.paths[0]].short
            return "One blank is enough:", (Lines((f"{asked}: not answered",), ()),)
        answers = self.screening.resolved.answers
        lines = list(self.sayer.answers(enough.paths, answers))
        for id in enough.assumed:
            counts = self.sayer.value(id, answers[id])
            lines.append(f"{protocol.questions[id].short}: left blank, which counts as {counts}")
        count = len(enough.paths)
        lead = f"These {count} answers are" if count > 1 else "This one answer is"
        least = "no smaller set is" if enough.smallest else "none of them can be left out"
        lead += " enough, whatever the others are" + (f"; {least}:" if count > 1 else ":")
        return lead, (Lines(tuple(lines), self.quotes(enough.clauses)),)

    # --- settling ----------------------------------------------------------------------------

    def settles(self) -> tuple[str, tuple[Lines, ...]]:
        found = self.found.settles
        exact = self.found.exact
        if not found or (exact is not None and exact.certain is not None):
            return "", ()
        alone: dict[str, list[Settle]] = {}
        for one in found:
            if len(one.values) == 1:
                alone.setdefault(one.paths[0], []).append(one)
        lines = [(self.alone(path, ways), self.clauses(ways)) for path, ways in alone.items()]
        for one in found:
            if len(one.values) > 1:
                lines.append((self.together(one), one.clauses))
        lead = "One answer can settle it:" if alone else "It takes several answers to settle it:"
        return lead, self.grouped(lines)

    def alone(self, path: str, ways: list[Settle]) -> str:
        said = [
            f"with {self.sayer.value(path, one.values[0][1])} it would be {OUTCOMES[one.outcome]}"
            for one in ways
        ]
        return f"{self.sayer.name(path)}: {', '.join(said)}."

    def together(self, one: Settle) -> str:
        least = "" if one.smallest else "at most "
        said = [
            f"{self.sayer.name(path)}: {self.sayer.value(path, value)}"
            for path, value in one.values
        ]
        return (
            f"For “{OUTCOMES[one.outcome]}” it takes {least}{len(said)} answers together, "
            f"for instance {'; '.join(said)}."
        )

    # --- flips -------------------------------------------------------------------------------

    def flips(self) -> tuple[str, tuple[Lines, ...]]:
        found = self.found.flips
        if not found:
            return "", ()
        lines = list(self.flip_lines(found))
        return (
            f"One other answer would make it {OUTCOMES[found[0].outcome]}:",
            self.grouped(lines),
        )

    def flip_lines(self, found: tuple[Flip, ...]) -> Iterator[tuple[str, tuple[Clause, ...]]]:
        ticks: dict[tuple[str, bool, tuple[Clause, ...]], list[str]] = {}
        for flip in found:
            if isinstance(flip.old, tuple) and isinstance(flip.new, tuple):
                added = [id for id in flip.new if id not in (*flip.old, "none")]
                changed = added or [id for id in flip.old if id not in flip.new]
                ticks.setdefault((flip.path, bool(added), flip.clauses), []).extend(changed)
            else:
                yield self.flip(flip), flip.clauses
        for (path, more_ticked, clauses), ids in ticks.items():
            options = [self.sayer.option(path, id) for id in ids]
            listed = ", ".join(options[:4])
            more = len(options) - 4
            several = "any one of " if len(options) > 1 else ""
            rest = f" or {more} more" if more > 0 else ""
            word = "ticked as well" if more_ticked else "not ticked"
            yield f"{self.sayer.name(path)}: {several}{listed}{rest} {word}", clauses

    def flip(self, flip: Flip) -> str:
        name = self.sayer.name(flip.path)
        if flip.new is None:
            return f"{name}: not taken"
        new = self.sayer.value(flip.path, flip.new)
        if flip.old is None:
            return f"{name}: answered, for instance {new}"
        assert not isinstance(flip.old, dict)
        return f"{name}: {new} instead of {self.sayer.value(flip.path, flip.old)}"

    def nothing(self) -> str:
        found = self.found
        protocol = self.screening.protocol
        if found.outcome == "unknown":
            if found.settles:
                return ""
            if protocol.rules[found.rule].when is None:
                return "The pages that it is about have not been reached."
            return (
                "None of the missing answers was found to settle it. A question behind it may not "
                "be asked of this person."
            )
        if found.flips:
            return ""
        return (
            "No single other answer would change that. A further medicine in the table takes "
            "several answers and was not tried."
            if self.reads_table()
            else "No single other answer would change that."
        )

    def reads_table(self) -> bool:
        table = self.screening.protocol.table.id
        enough = self.found.sufficient
        return enough is not None and any(path.startswith(table) for path in enough.paths)

    # --- clauses -----------------------------------------------------------------------------

    def clauses(self, ways: list[Settle]) -> tuple[Clause, ...]:
        return tuple(dict.fromkeys(clause for one in ways for clause in one.clauses))

    def grouped(self, lines: list[tuple[str, tuple[Clause, ...]]]) -> tuple[Lines, ...]:
        """Lines that rest on the same clauses together, so that these are quoted once."""
        groups: dict[tuple[Clause, ...], list[str]] = {}
        for line, clauses in lines:
            groups.setdefault(clauses, []).append(line)
        return tuple(Lines(tuple(said), self.quotes(of)) for of, said in groups.items())

    def quotes(self, clauses: Iterable[Clause]) -> tuple[Quote, ...]:
        return tuple(
            Quote(
                f"Must not hold: {one.words}" if one.negated else one.words,
                one.because,
                sources(self.rulebook, one.references),
                choices(self.rulebook, one.choices),
            )
            for one in clauses
        )
