"""The rulebooks that screened somebody, however old: loaded again from where they are kept."""

import tempfile
from functools import lru_cache
from pathlib import Path

from screener import store
from screener.engine.problems import RulebookError
from screener.engine.protocol import Rulebook
from screener.engine.rulebook.load import load


@lru_cache(maxsize=8)
def kept_rulebook(rulebook_hash: str) -> Rulebook | None:
    """The rulebook of that hash as it was; None when it was never kept or reads otherwise now."""
    with tempfile.TemporaryDirectory(prefix="screener-rulebook-") as folder:
        if not store.unpack_rulebook(rulebook_hash, Path(folder)):
            return None
        try:
            found = load(Path(folder))
        except RulebookError:
            # Written for an older program: what was stored with the submission is shown instead.
            return None
    return found if found.hash == rulebook_hash else None
