"""CEL, which two peers run: the Rust engine and Google's own in C++."""

from collections.abc import Sequence

from benchmarks.peers.infix import Infix


class Cel(Infix):
    """The Common Expression Language."""

    def extreme(self, highest: bool, parts: Sequence[str]) -> str:
        raise NotImplementedError("the language has no lowest or highest; an extension may")

    def count_ticked(self, ticked: str, options: tuple[str, ...], others: tuple[str, ...]) -> str:
        if len(others) == 1:
            return f"({self.list(others)[1:-1]} in {ticked} ? 0 : size({ticked}))"
        return f"size({ticked}.filter(o, o in {self.list(options)}))"

    def rows(self, table: str, condition: str) -> str:
        return f"{table}.filter(row, {condition})"

    def distinct(self, rows: str, label: str, groups: tuple[str, ...]) -> str:
        # No list of distinct values in the language: with two rows or more, each possible value
        # is looked for.
        looked = f"size({self.list(groups)}.filter(g, {rows}.exists(row, row.{label} == g)))"
        return f"(size({rows}) < 2 ? size({rows}) : {looked})"
