"""Answers that one of two versions takes and the other does not, in words."""

from collections.abc import Collection, Iterator

from screener.engine.protocol import Protocol
from screener.engine.questions import Question

_OLD, _NEW = "old version alone", "new version alone"


def domain_difference(old: Protocol, new: Protocol, paths: Collection[str]) -> Iterator[str]:
    """Yield what only one version takes as an answer to the questions that the paths name."""
    for id in sorted({path.split(".")[0] for path in paths}):
        before, after = old.questions.get(id), new.questions.get(id)
        if before is None or after is None:
            yield f"{id}: asked in the {_NEW if before is None else _OLD}"
            continue
        yield from _difference(id, before, after)
        if before.kind == after.kind == "table":
            yield from _either(f"{id}: row", tuple(old.medicines), tuple(new.medicines))


def _difference(path: str, old: Question, new: Question) -> Iterator[str]:
    if old.kind != new.kind:
        yield f"{path}: a {old.kind} in the old version, a {new.kind} in the new one"
        return
    if (old.range, old.decimals) != (new.range, new.decimals):
        yield f"{path}: {old.described} in the old version, {new.described} in the new one"
    yield from _either(f"{path}: option", old.option_ids, new.option_ids)
    columns = {column.id: column for column in new.columns}
    yield from _either(f"{path}: column", tuple(c.id for c in old.columns), tuple(columns))
    for column in old.columns:
        if column.id in columns:
            yield from _difference(f"{path}, {column.id}", column, columns[column.id])


def _either(what: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[str]:
    for ids, others, where in ((old, new, _OLD), (new, old, _NEW)):
        for id in ids:
            if id not in others:
                yield f"{what} {id} in the {where}"
