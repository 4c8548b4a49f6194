"""Every class of the program has a name of its own, and no class has too many fields to hold."""

import ast
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import screener
from screener.engine.protocol import Protocol


def classes() -> dict[str, list[str]]:
    """Return every class defined under screener/, by name, with the modules that define it."""
    modules = defaultdict(list)
    root = Path(screener.__file__).parent
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                modules[node.name].append(path.relative_to(root).as_posix())
    return modules


def test_no_class_name_stands_for_two_things() -> None:
    modules_of = classes()
    assert len(modules_of) > 200
    twice = {name: modules for name, modules in modules_of.items() if len(modules) > 1}
    assert twice == {}


def test_a_protocol_has_at_most_twelve_fields() -> None:
    assert len(fields(Protocol)) <= 12
