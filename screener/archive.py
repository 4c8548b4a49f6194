"""The rulebooks that screened stored submissions, loaded again from the database."""

import tempfile
from functools import lru_cache
from pathlib import Path

from screener import store
from screener.engine.problems import RulebookError
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load


@lru_cache(maxsize=8)
def kept_rulebook(rulebook_hash: str) -> Rulebook | None:
    """Return the rulebook with that hash; None if it was not kept or no longer loads as it was."""
    with tempfile.TemporaryDirectory(prefix="screener-rulebook-") as folder:
        if not store.unpack_rulebook(rulebook_hash, Path(folder)):
            return None
        try:
            rulebook = load(Path(folder))
        except RulebookError:
            # Written for an older program: the stored outcomes are shown instead.
            return None
    return rulebook if rulebook.hash == rulebook_hash else None
