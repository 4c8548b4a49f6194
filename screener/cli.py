"""The `screener` command. Each command loads what it needs: `check` and `assess` need no Flask."""

import argparse
import sys
from collections.abc import Sequence

from screener.commands import (
    assessing,
    checking,
    diffing,
    explaining,
    population,
    proving,
    site,
    versions,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns the exit status: 0 done, 1 a faulty rulebook or a failed check, 2 refused input.
    """
    parser = argparse.ArgumentParser(prog="screener", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for subject in (checking, assessing, explaining, proving, diffing, versions, population, site):
        subject.add_to(commands)
    asked = parser.parse_args(arguments)
    status: int = asked.run(asked)
    return status


if __name__ == "__main__":
    sys.exit(main())
