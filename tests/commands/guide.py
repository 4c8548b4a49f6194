"""The guide of rules/README.md as steps that can be followed: commands, and changes of files."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from screener.places import shipped

TITLE = "## From an idea to a signed programme"
# Every sentence of the guide that asks for a change, and the block that follows where it has one.
_STEP = re.compile(
    r"""
    ^```sh\n (?P<commands>.*?) ^```$
    | \bWrite\ `(?P<written>[^`]+)`:                 \n\n```\w+\n (?P<whole>.*?)  ^```$
    | At\ the\ end\ of\ `(?P<longer>[^`]+)`\ add:    \n\n```\w+\n (?P<added>.*?)  ^```$
    | [Ii]n\ `(?P<file>[^`]+)`,\ (?:
        put\ in\ place\ of\ `(?P<entry>[^`]+)`:      \n\n```\w+\n (?P<placed>.*?) ^```$
      | put\ before\ `(?P<before>[^`]+)`:            \n\n```\w+\n (?P<put>.*?)    ^```$
      | change\ `(?P<old>[^`]+)`\ to:                \n\n```\w+\n (?P<block>.*?)  ^```$
      | change\ `(?P<was>[^`]+)`\ to\ `(?P<now>[^`]+)`
    )
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
# How many places of the guide look like steps, each of which must have been understood.
_LOOKS_LIKE = re.compile(r"^```\w+$|change `[^`]+` to `", re.MULTILINE)


@dataclass
class Guide:
    """Follows the guide in a folder that holds `rules/`; `run` runs a command of `screener`.

    Commands that begin with one of `left_out` are not run, and are kept in `skipped`.
    """

    folder: Path
    run: Callable[[list[str]], int]
    left_out: tuple[str, ...]

    def follow(self) -> list[str]:
        """Take every step in order. Return the commands that were left out."""
        text = guide_text()
        steps = list(_STEP.finditer(text))
        looks = len(_LOOKS_LIKE.findall(text))
        assert len(steps) == looks, f"{looks} steps are written, {len(steps)} understood"
        return [left for step in steps for left in self._take(step)]

    def _take(self, step: re.Match[str]) -> Iterator[str]:
        given = {name: text for name, text in step.groupdict().items() if text is not None}
        match given:
            case {"commands": commands}:
                for command in commands.splitlines():
                    yield from self._command(command)
            case {"written": name, "whole": text}:
                path = self.folder / "rules" / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
            case {"longer": name, "added": text}:
                self._change(name, lambda before: before.rstrip() + "\n" + text)
            case {"file": name, "entry": id, "placed": text}:
                self._change(name, lambda before: _placed(before, id, text))
            case {"file": name, "before": place, "put": text}:
                self._change(name, lambda before: before.replace(place, f"{text}\n{place}", 1))
            case {"file": name, "old": old, "block": text}:
                self._change(name, lambda before: _once(before, old, text.rstrip("\n")))
            case {"file": name, "was": old, "now": new}:
                self._change(name, lambda before: _once(before, old, new))

    def _command(self, command: str) -> Iterator[str]:
        if command.startswith(self.left_out):
            yield command
            return
        program, *arguments = shlex.split(command)
        if program == "screener":
            named = [] if arguments[0] == "diff" else ["--rules", "rules"]
            assert self.run([*arguments, *named]) == 0, command
        else:
            assert program == "cp", command
            subprocess.run([program, *arguments], check=True, cwd=self.folder)

    def _change(self, name: str, change: Callable[[str], str]) -> None:
        path = self.folder / "rules" / name
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before, name
        path.write_text(after, encoding="utf-8")


def guide_text() -> str:
    """Return the guide, from its title to the next one of its level that is not in a block."""
    whole = (shipped("rules") / "README.md").read_text(encoding="utf-8")
    lines, in_block = [], False
    for line in whole.partition(f"{TITLE}\n")[2].splitlines():
        in_block ^= line.startswith("```")
        if line.startswith("## ") and not in_block:
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _placed(text: str, id: str, by: str) -> str:
    """Return text with the entry of that id replaced; it ends where the next one begins."""
    entry = re.compile(rf"^  - id: {re.escape(id)}\n(?:(?:    .*)?\n)*", re.MULTILINE)
    assert len(entry.findall(text)) == 1, id
    return entry.sub(lambda _: by, text)


def _once(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)
