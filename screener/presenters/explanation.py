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
from screener.presenters.phrases import Phrases
from screener.presenters.sources import OwnChoice, PublishedSource, choices, sources

OUTCOMES: dict[Outcome, str] = {"met": "met", "not_met": "not met", "unknown": "cannot tell"}


@dataclass(frozen=True)
class Quote:
    """A clause of a rule, with its reason and where it comes from."""

    words: str
    because: str
    sources: tuple[PublishedSource, ...]
    choices: tuple[OwnChoice, ...]


@dataclass(frozen=True)
class Lines:
    """Sentences that are based on the same clauses."""

    lines: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class RuleExplanation:
    """The outcome of one rule with its reasons in sentences; a part that does not apply is empty.

    `verdict` is the outcome; each `…_lead` introduces the part after it. `nothing` says why no
    answer would settle or change the outcome.
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


def rule_explanation(rulebook: Rulebook, screening: Screening, rule: str) -> RuleExplanation:
    """Return the reasons for the outcome of one rule in sentences."""
    return Explainer(rulebook, screening, reasons(screening, rule)).explanation()


def enough_short(screening: Screening, enough: Sufficient) -> str:
    """Return in one line the answers that are enough: their names without their values."""
    if enough.blanks and not enough.paths:
        return "It is met because answers are missing, not because of an answer."
    names = "; ".join(Phrases(screening.protocol).names(enough.paths))
    if enough.blanks:
        return f"This blank is enough: {names}."
    lead = "This answer is" if len(enough.paths) == 1 else "These answers are"
    return f"{lead} enough: {names}."


def near_lines(screening: Screening, rule: str, near: Iterable[Near]) -> tuple[str, ...]:
    """Return how near a rule is: a line for each number that is short and each count of parts."""
    lines = []
    for distance in near:
        line = _parts(distance) if isinstance(distance, Parts) else short_line(distance)
        title = screening.protocol.rules[distance.rule].title
        if isinstance(distance, Parts):
            line = f"{'As a whole' if distance.rule == rule else f'“{title}”'}: {line}"
        lines.append(line)
    return tuple(dict.fromkeys(lines))


def short_line(short: Short) -> str:
    """Return a number that falls short in words: "PHQ-9 total: 9 of 10, 1 short"."""
    value = f"{short.low}" if short.low == short.high else f"{short.low} to {short.high}"
    if short.operator == ">=" and not short.raw and short.low == short.high:
        return f"{short.label}: {value} of {short.threshold}, {short.gap} short"
    wanted = {
        ">=": f"{short.threshold} or more",
        ">": f"more than {short.threshold}",
        "<=": f"{short.threshold} or less",
        "<": f"less than {short.threshold}",
        "=": f"exactly {short.threshold}",
        "!=": f"anything but {short.threshold}",
    }[short.operator]
    unit = f" {short.unit}" if short.unit else ""
    far = ""
    if short.gap:
        way = {">=": "short", ">": "short", "<=": "too many", "<": "too many"}
        far = f", {short.gap} {way.get(short.operator, 'away')}"
    return f"{short.label}: {value}{unit}; {wanted} is needed{far}"


def _parts(parts: Parts) -> str:
    number = parts.of if parts.needed == parts.of else f"{parts.needed} needed of {parts.of}"
    open_ = f", {parts.open} cannot tell" if parts.open else ""
    verb = "holds" if parts.holds == 1 else "hold"
    return f"{parts.holds} of {number} parts {verb}{open_}"


class Explainer:
    """Words the reasons for the outcome of one rule, part by part."""

    def __init__(self, rulebook: Rulebook, screening: Screening, of: Reasons) -> None:
        self.rulebook = rulebook
        self.screening = screening
        self.reasons = of
        self.phrases = Phrases(screening.protocol)

    def explanation(self) -> RuleExplanation:
        outcome = self.reasons.outcome
        if not self.reasons.evaluated:
            return RuleExplanation(outcome, "Not evaluated: the person is under age.")
        return RuleExplanation(
            outcome,
            self.verdict(),
            self.exact(),
            *self.enough(),
            near_lines(self.screening, self.reasons.rule, self.reasons.near),
            *self.settles(),
            *self.flips(),
            self.nothing(),
        )

    def verdict(self) -> str:
        about_blanks = self.screening.protocol.rules[self.reasons.rule].when is None
        match self.reasons.outcome:
            case "met" if about_blanks:
                return "Met, until what is missing is answered."
            case "met":
                return "Met, whatever the missing answers are."
            case "not_met":
                return (
                    "Not met, whatever the missing answers are. "
                    "That does not mean that the person does not have an illness."
                )
        if self.reasons.exact is not None and self.reasons.exact.certain in ("met", "not_met"):
            return "Cannot tell from its parts taken one by one. It is not a no."
        return "Cannot tell: answers are missing. It is not a no."

    def exact(self) -> str:
        exact = self.reasons.exact
        if exact is None:
            return ""
        if exact.outcomes is None:
            return (
                "Whether the missing answers can make it both met and not met was not worked out: "
                "there are too many ways to answer them."
                if self.reasons.settles
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
        enough = self.reasons.sufficient
        if enough is None:
            return "", ()
        if enough.blanks and not enough.paths:
            return "It is met because answers are missing, not because of an answer.", ()
        protocol = self.screening.protocol
        if enough.blanks:
            blank = protocol.questions[enough.paths[0]].short
            return "One blank is enough:", (Lines((f"{blank}: not answered",), ()),)
        answers = self.screening.resolved.answers
        lines = list(self.phrases.answers(enough.paths, answers))
        for id in enough.assumed:
            counts = self.phrases.value(id, answers[id])
            lines.append(f"{protocol.questions[id].short}: left blank, which counts as {counts}")
        count = len(enough.paths)
        lead = f"These {count} answers are" if count > 1 else "This one answer is"
        least = "no smaller set is" if enough.smallest else "none of them can be left out"
        lead += " enough, whatever the others are" + (f"; {least}:" if count > 1 else ":")
        return lead, (Lines(tuple(lines), self.quotes(enough.clauses)),)

    # --- settling ----------------------------------------------------------------------------

    def settles(self) -> tuple[str, tuple[Lines, ...]]:
        settles = self.reasons.settles
        exact = self.reasons.exact
        if not settles or (exact is not None and exact.certain is not None):
            return "", ()
        alone: dict[str, list[Settle]] = {}
        for settle in settles:
            if len(settle.values) == 1:
                alone.setdefault(settle.paths[0], []).append(settle)
        lines = [(self.alone(path, ways), self.clauses(ways)) for path, ways in alone.items()]
        for settle in settles:
            if len(settle.values) > 1:
                lines.append((self.together(settle), settle.clauses))
        lead = "One answer can settle it:" if alone else "It takes several answers to settle it:"
        return lead, self.grouped(lines)

    def alone(self, path: str, ways: list[Settle]) -> str:
        values = [(self.phrases.value(path, way.values[0][1]), way.outcome) for way in ways]
        results = [f"with {value} it would be {OUTCOMES[outcome]}" for value, outcome in values]
        return f"{self.phrases.name(path)}: {', '.join(results)}."

    def together(self, settle: Settle) -> str:
        least = "" if settle.smallest else "at most "
        answers = [
            f"{self.phrases.name(path)}: {self.phrases.value(path, value)}"
            for path, value in settle.values
        ]
        return (
            f"For “{OUTCOMES[settle.outcome]}” it takes {least}{len(answers)} answers together, "
            f"for instance {'; '.join(answers)}."
        )

    # --- flips -------------------------------------------------------------------------------

    def flips(self) -> tuple[str, tuple[Lines, ...]]:
        flips = self.reasons.flips
        if not flips:
            return "", ()
        lead = f"One other answer would make it {OUTCOMES[flips[0].outcome]}:"
        return lead, self.grouped(list(self.flip_lines(flips)))

    def flip_lines(self, flips: tuple[Flip, ...]) -> Iterator[tuple[str, tuple[Clause, ...]]]:
        ticks: dict[tuple[str, bool, tuple[Clause, ...]], list[str]] = {}
        for flip in flips:
            if isinstance(flip.old, tuple) and isinstance(flip.new, tuple):
                added = [id for id in flip.new if id not in (*flip.old, "none")]
                changed = added or [id for id in flip.old if id not in flip.new]
                ticks.setdefault((flip.path, bool(added), flip.clauses), []).extend(changed)
            else:
                yield self.flip(flip), flip.clauses
        for (path, more_ticked, clauses), ids in ticks.items():
            options = [self.phrases.option(path, id) for id in ids]
            listed = ", ".join(options[:4])
            more = len(options) - 4
            several = "any one of " if len(options) > 1 else ""
            rest = f" or {more} more" if more > 0 else ""
            word = "ticked as well" if more_ticked else "not ticked"
            yield f"{self.phrases.name(path)}: {several}{listed}{rest} {word}", clauses

    def flip(self, flip: Flip) -> str:
        name = self.phrases.name(flip.path)
        if flip.new is None:
            return f"{name}: not taken"
        new = self.phrases.value(flip.path, flip.new)
        if flip.old is None:
            return f"{name}: answered, for instance {new}"
        assert not isinstance(flip.old, dict)
        return f"{name}: {new} instead of {self.phrases.value(flip.path, flip.old)}"

    def nothing(self) -> str:
        protocol = self.screening.protocol
        if self.reasons.outcome == "unknown":
            if self.reasons.settles:
                return ""
            if protocol.rules[self.reasons.rule].when is None:
                return "The pages that it is about have not been reached."
            return (
                "No missing answer was found that would settle it. A question that it uses may not "
                "be asked of this person."
            )
        if self.reasons.flips:
            return ""
        return (
            "No single other answer would change that. A further medicine in the table takes "
            "several answers and was not tried."
            if self.reads_table()
            else "No single other answer would change that."
        )

    def reads_table(self) -> bool:
        table = self.screening.protocol.table.id
        enough = self.reasons.sufficient
        return enough is not None and any(path.startswith(table) for path in enough.paths)

    # --- clauses -----------------------------------------------------------------------------

    def clauses(self, ways: list[Settle]) -> tuple[Clause, ...]:
        return tuple(dict.fromkeys(clause for way in ways for clause in way.clauses))

    def grouped(self, lines: list[tuple[str, tuple[Clause, ...]]]) -> tuple[Lines, ...]:
        """Group lines that are based on the same clauses, so that these are quoted once."""
        groups: dict[tuple[Clause, ...], list[str]] = {}
        for line, clauses in lines:
            groups.setdefault(clauses, []).append(line)
        return tuple(Lines(tuple(group), self.quotes(of)) for of, group in groups.items())

    def quotes(self, clauses: Iterable[Clause]) -> tuple[Quote, ...]:
        return tuple(
            Quote(
                f"Must not hold: {clause.words}" if clause.negated else clause.words,
                clause.because,
                sources(self.rulebook, clause.references),
                choices(self.rulebook, clause.choices),
            )
            for clause in clauses
        )
