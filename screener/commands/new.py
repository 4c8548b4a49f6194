"""`screener new`: begin a protocol; `screener missing`: what it lacks before it can be signed."""

import argparse
import json
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from screener.commands import common
from screener.commands.check import run_cases
from screener.engine.check_cases import check_case, check_example
from screener.engine.explanations.inputs import inputs
from screener.engine.plain_text import printable
from screener.engine.problems import RulebookError
from screener.engine.proof.report import ReportError, read_report
from screener.engine.protocol import Page, Protocol, Rulebook
from screener.engine.rulebook.load import load
from screener.engine.rulebook.lock import check_lock
from screener.engine.rulebook.written import WrittenProtocol
from screener.engine.yaml_text import read_file
from screener.places import shipped

if TYPE_CHECKING:
    from screener.commands.common import Commands

_LISTS = ("instruments", "questions", "treatments", "uses", "rules", "invariants", "education")
_UNDECIDED = "To be decided"
_UNCHECKED = ("secondary", "recalled")
_OTHER = "choose another name"


def add_to(commands: "Commands") -> None:
    """Add the commands to the parser of `screener`."""
    new = commands.add_parser("new", help="begin a protocol from what the others share")
    new.add_argument("name", metavar="NAME", help="its id: lower-case letters, digits and _")
    new.add_argument("--title", help="what staff and patients read; by default made from the name")
    new.add_argument("--like", help="the protocol whose shared chapters it has; else the smallest")
    common.rules_option(new)
    new.set_defaults(run=_new)

    missing = commands.add_parser("missing", help="say what a protocol lacks to be signed")
    missing.add_argument("name", metavar="NAME", help="the id of the protocol")
    common.rules_option(missing)
    missing.set_defaults(run=_missing)


def _new(arguments: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None:
        return common.FAULTY
    root, name = common.folder(arguments.rules), arguments.name
    if arguments.rules is None and not root.is_relative_to(Path.cwd()):
        cure = "copy them, then name the copy with --rules DIR"
        common.say([f"{root}: these rules come with the program; {cure}"])
        return common.REFUSED
    if fault := _unfit(root, rulebook, name):
        common.say([f"{name}: {fault}"])
        return common.REFUSED
    given = name.replace("_", " ").capitalize() if arguments.title is None else arguments.title
    title = " ".join(given.split())
    if not (title.isprintable() and re.search(r"\w", title)):
        wanted = "write what staff and patients read, in letters, or leave --title out"
        common.say([f"--title {printable(repr(given))}: {wanted}"])
        return common.REFUSED
    like = arguments.like or min(
        rulebook.protocols, key=lambda id: len(rulebook.protocols[id].rules)
    )
    if common.protocol_of(rulebook, like) is None:
        return common.REFUSED
    begun = _Beginning(root, rulebook, name, title, like)
    try:
        made = _tried(begun)
        begun.write(root)
    except RulebookError as error:
        common.say(error.problems)
        common.say([f"what {like} shares does not stand alone; name another protocol with --like"])
        return common.FAULTY
    print(f"{root / name}: written, from what {like} shares with others")
    print("\n".join(_report(root, made, made.protocols[name])))
    return 0


def _missing(arguments: argparse.Namespace) -> int:
    rulebook = common.rulebook_in(arguments.rules)
    if rulebook is None:
        return common.FAULTY
    protocol = common.protocol_of(rulebook, arguments.name)
    if protocol is None:
        return common.REFUSED
    print("\n".join(_report(common.folder(arguments.rules), rulebook, protocol)))
    return 0


def _unfit(root: Path, rulebook: Rulebook, name: str) -> str:
    """Return why no protocol can begin under a name, or ""."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", name):
        return "a name begins with a letter and has 2 to 40 lower-case letters, digits and _"
    if name in rulebook.protocols:
        return f"a protocol has this name already; {_OTHER}"
    if (root / name).exists():
        return f"{root / name} is there already; {_OTHER}, or move it away"
    for path in (*root.iterdir(), *root.glob("instruments/*")):
        if name == path.stem:
            return f"{path} has this name already; {_OTHER}"
    text = "".join(template.read_text(encoding="utf-8") for template in _templates())
    own = [name, *re.findall(r"id: (\w+)", text.replace("${name}", name))]
    for file, ids in rulebook.entries.items():
        for id in own:
            if id in ids:
                return f"{file} has {id} already, and a protocol of this name would too; {_OTHER}"
    return ""


def _templates() -> list[Path]:
    return sorted((shipped("templates") / "protocol").glob("*.yaml"))


def _tried(begun: "_Beginning") -> Rulebook:
    """Return the rulebook with the new protocol, made in a copy. Raise RulebookError."""
    with tempfile.TemporaryDirectory(prefix="screener-new-") as folder:
        copy = Path(shutil.copytree(begun.root, Path(folder) / "rules"))
        begun.write(copy)
        rulebook = load(copy)
        if run_cases(rulebook.protocols[begun.name]):
            raise RulebookError.of(f"{begun.name}/rules.yaml", "a case has another outcome")
        return rulebook


class _Beginning:
    """A protocol to be: the chapters and pages that another one shares, and a page of its own."""

    def __init__(self, root: Path, rulebook: Rulebook, name: str, title: str, like: str) -> None:
        self.root, self.rulebook, self.name, self.title = root, rulebook, name, title
        self.base = rulebook.protocols[like]
        self.folders = [path.parent.name for path in root.glob("*/protocol.yaml")]
        document = read_file(root / like / "protocol.yaml", f"{like}/protocol.yaml")
        self.text = WrittenProtocol.model_validate(document.data)
        numbers = [re.fullmatch(r"O-(\d+)", id) for id in rulebook.choices]
        self.choice = f"O-{max((int(n[1]) for n in numbers if n), default=0) + 1}"

    def write(self, root: Path) -> None:
        """Write the folder and the choice that it rests on. Raise RulebookError."""
        folder = root / self.name
        values = self._values()
        try:
            folder.mkdir()
            for template in _templates():
                text = Template(template.read_text(encoding="utf-8")).substitute(values)
                (folder / template.name).write_text(text, encoding="utf-8")
            for scores in self._own(self.text.treatments):
                shutil.copyfile(self.root / scores, folder / "treatments.yaml")
            choices = root / "choices.yaml"
            told = choices.read_text(encoding="utf-8").rstrip() + "\n" + self._choice()
            part = choices.with_name("choices.yaml.part")
            part.write_text(told, encoding="utf-8")
            part.replace(choices)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise RulebookError.of(self.name, f"cannot be written: {error.strerror}") from None

    def _choice(self) -> str:
        told = f"what “{self.title}” asks, and from how many weeks on the physician is told."
        return (
            f"  - id: {self.choice}\n"
            f"    choice: {_quoted(f'{_UNDECIDED}, {told}')}\n"
            "    value: 12 weeks or more\n"
        )

    def _values(self) -> dict[str, str]:
        title = _quoted(self.title)
        return {
            "name": self.name,
            "title": title,
            "chapter": title,
            "short": _quoted(f"Weeks ({self.title})"),
            "order": str(self._order()),
            "floor": self.text.floor,
            "choice": self.choice,
            "asked_first": ", ".join(self.text.asked_first),
            "files": "".join(self._files()),
            "pages": "".join(self._pages()).rstrip(),
            "shown": ", ".join(self._shown()),
        }

    def _order(self) -> int:
        files = (f"{folder}/protocol.yaml" for folder in self.folders)
        orders = (read_file(self.root / file, file).data["order"] for file in files)
        return max(int(order) for order in orders) + 1

    def _own(self, files: Iterable[str]) -> list[str]:
        """Return the files that belong to a protocol alone."""
        return [file for file in files if file.split("/")[0] in self.folders]

    def _files(self) -> Iterator[str]:
        """Yield the lists of files: the shared ones, and those of its own."""
        for key in _LISTS:
            given: tuple[str, ...] = getattr(self.text, key)
            own = self._own(given)
            shared = [file for file in given if file not in own]
            if key in ("questions", "rules", "invariants") or (key == "treatments" and own):
                shared.append(f"{self.name}/{key}.yaml")
            lines = "".join(f"  - {file}\n" for file in shared)
            yield f"{key}:\n{lines}" if lines else ""
        if self.text.education_for_all:
            yield f"education_for_all: [{', '.join(self.text.education_for_all)}]\n"

    def _pages(self) -> Iterator[str]:
        """Yield the pages with what they ask of the shared chapters; its own is the second."""
        own = {
            id for f in self._own(self.text.questions) for id in self.rulebook.entries.get(f, ())
        }
        for number, page in enumerate(self.text.pages):
            if number == 1:
                yield f"  - id: {self.name}\n    title: {_quoted(self.title)}\n"
                yield f"    questions: [{self.name}_weeks]\n"
            questions = [id for id in page.questions if id not in own]
            if questions:
                yield _page(page, questions)

    def _shown(self) -> list[str]:
        """Return the questions on which hangs what people are shown, by the shared rules."""
        own = {id for f in self._own(self.text.rules) for id in self.rulebook.entries.get(f, ())}
        shows = [r.id for r in self.base.rules.values() if (r.topics or r.reported)]
        return list(inputs(self.base, [id for id in shows if id not in own]).questions)


def _page(page: Page, questions: list[str]) -> str:
    lines = [f"  - id: {page.id}", f"    title: {_quoted(page.title)}"]
    lines += [f"    intro: {_quoted(page.intro)}"] if page.intro else []
    lines += ["    keep_typing: yes"] if page.keep_typing else []
    lines.append(f"    questions: [{', '.join(questions)}]")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return text as it can stand in YAML: plain where it is plain, else in quotation marks."""
    plain = re.fullmatch(r"[A-Za-z][\w ,.;()-]*", text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


_WORDS = frozenset({"yes", "no", "true", "false", "null", "on", "off"})


# --- what is missing ---------------------------------------------------------------------------


def _report(root: Path, rulebook: Rulebook, protocol: Protocol) -> list[str]:
    """Return in lines what a protocol lacks before a physician can sign it."""
    lacks = [f"  - {line}" for line in _lacks(root, rulebook, protocol)]
    nothing = f"{protocol.id}: nothing is missing but a physician's signature on the staff site"
    told = ["Missing before it can be signed:", *lacks] if lacks else [nothing]
    return [*told, *_to_read(root, rulebook, protocol)]


def _to_read(root: Path, rulebook: Rulebook, protocol: Protocol) -> Iterator[str]:
    """Yield how many sources of shared chapters were not read themselves, if any."""
    own = _own_rules(rulebook, protocol)
    named = inputs(protocol, own).references  # these are missing, each in a line
    shared = inputs(protocol, [id for id in protocol.rules if id not in own]).references
    count = sum(rulebook.references[id].read in _UNCHECKED for id in set(shared).difference(named))
    if count:
        sources = "1 source" if count == 1 else f"{count} sources"
        where = "" if root == shipped("rules") else f" --rules {shlex.quote(str(root))}"
        yield (
            f"Read before signing: {sources} of shared chapters, read only in an excerpt or "
            f"through another source, or recalled (`screener sources{where}` says which)"
        )


def _lacks(root: Path, rulebook: Rulebook, protocol: Protocol) -> Iterator[str]:
    read = inputs(protocol, _own_rules(rulebook, protocol))
    for id in read.choices:
        if rulebook.choices[id].choice.startswith(_UNDECIDED):
            yield f"choices.yaml: {id} is to be decided, by the clinic or from a source"
    for id in read.references:
        if (how := rulebook.references[id].read) in _UNCHECKED:
            yield f"references.yaml: {id} was not read ({how}): check it against the original"
    head = protocol.head
    place = f"{protocol.id}/protocol.yaml"
    unstated = [name for name in ("developer", "funding", "released") if not getattr(head, name)]
    if unstated:
        yield f"{place}: {', '.join(unstated)} not stated"
    yield from _other_outcomes(protocol)
    if not protocol.cases:
        yield f"{protocol.id}/cases/: no complete person"
    if head.reviewed == "unreviewed":
        yield f"{place}: reviewed by nobody; reviewed: by and on"
    yield from map(str, check_lock(root, rulebook))
    try:
        report = read_report(root)
    except ReportError:
        report = None
    if report is None or report.hash != rulebook.hash or not report.whole:
        yield "proofs.jsonl: this text is not proved; run screener prove --write"


def _other_outcomes(protocol: Protocol) -> Iterator[str]:
    for case in protocol.cases:
        for difference in check_case(protocol, case):
            yield f"{case.file}:{case.line}: {case.name}: {difference}"
    for example in protocol.examples:
        for difference in check_example(protocol, example):
            yield f"{example.file}:{example.line}: {example.name}: {difference}"


def _own_rules(rulebook: Rulebook, protocol: Protocol) -> list[str]:
    own = [ids for file, ids in rulebook.entries.items() if file.startswith(f"{protocol.id}/")]
    return [id for ids in own for id in ids if id in protocol.rules]
