"""What was proved of a rulebook, to be written beside it and shown to whoever signs it.

Reading a report needs neither the solver nor the arrays that proving needs.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from screener.engine.questions import Answers

if TYPE_CHECKING:
    from screener.engine.proof.prove import Proof

REPORT = "proofs.json"


@dataclass(frozen=True)
class Statement:
    """One statement with its verdict: proved, failed or not proved.

    `sets` is how many answer sets were tried one by one (0: none), `solver` whether the solver
    decided it. `why` says what is wrong; `persons` are the one or two persons who show it.
    """

    protocol: str
    sort: str
    subject: str
    says: str
    verdict: str
    sets: int
    solver: bool
    seconds: float
    why: str = ""
    persons: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Report:
    """Everything that was proved of one rulebook, by which solver, when (a date), in what time."""

    hash: str
    version: str
    date: str
    solver: str
    seconds: float
    statements: tuple[Statement, ...]

    def count(self, verdict: str) -> int:
        """How many statements came out so."""
        return sum(one.verdict == verdict for one in self.statements)

    @property
    def whole(self) -> bool:
        """Whether every statement was proved."""
        return self.count("proved") == len(self.statements)

    @property
    def sets(self) -> int:
        """How many answer sets were tried one by one, in all; once where protocols share them."""
        once = {(one.sort, one.subject, one.says, one.sets) for one in self.statements}
        return sum(sets for *_, sets in once)

    def as_json(self) -> dict[str, Any]:
        """The report as `proofs.json` holds it."""
        verdicts = ("proved", "failed", "not proved")
        counts = {verdict: self.count(verdict) for verdict in verdicts}
        return {**asdict(self), "counts": counts}


def statement(proof: "Proof") -> Statement:
    """What a report keeps of a proof."""
    check = proof.check
    return Statement(
        proof.protocol,
        check.sort,
        check.subject,
        check.says,
        proof.verdict,
        proof.sets,
        proof.solved,
        round(proof.seconds, 3),
        proof.why,
        tuple(plain(person) for person in proof.persons),
    )


def plain(answers: Answers) -> dict[str, Any]:
    """Answers as JSON and YAML hold them."""
    return {id: _plain(answer) for id, answer in answers.items()}


def _plain(answer: Any) -> Any:
    if isinstance(answer, Decimal):
        return int(answer) if answer == int(answer) else float(answer)
    if isinstance(answer, dict):
        return {key: _plain(value) for key, value in answer.items()}
    return list(answer) if isinstance(answer, tuple) else answer


def as_cases(title: str, persons: Iterable[Mapping[str, Any]]) -> str:
    """Persons as a file of cases: `screener assess` reads it, and it can stand beside a rule."""
    every = list(persons)
    documents = []
    for number, person in enumerate(every, 1):
        name = f"{title} ({number} of {len(every)})" if len(every) > 1 else title
        case = {"case": name, "answers": dict(person)}
        documents.append(yaml.safe_dump(case, sort_keys=False, allow_unicode=True, width=100))
    return "---\n" + "---\n".join(documents)


def read_report(path: Path) -> Report | None:
    """The report at a path, or None where there is none or it cannot be read."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw.pop("counts", None)
        statements = tuple(
            Statement(**{**one, "persons": tuple(one["persons"])}) for one in raw["statements"]
        )
        return Report(**{**raw, "statements": statements})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
