"""Everyone who is measured: our own paths, the yardstick written by hand, and the peers."""

import importlib
from collections.abc import Mapping
from typing import Any

from benchmarks.contestant import Contestant, as_it_is
from benchmarks.handwritten import handwritten
from screener.engine.codegen.compiled import compiled
from screener.engine.protocol import Protocol
from tests.engine.oracle.reference import reference

OURS = "compiled"
BY_HAND = "by hand, two-valued"
# The package of each peer, and its adapter in `peers/`.
PEERS = {
    "datalogic-py": "datalogic",
    "common-expression-language": "cel_rust",
    "cel-expr-python": "cel_cpp",
    "zen-engine": "zen_engine",
    "rule-engine": "rule_engine",
    "panzi-json-logic": "panzi_json_logic",
}


def own(protocol: Protocol) -> list[Contestant]:
    """Return our compiled path, which all are compared with, the reference and the yardstick."""
    fast = compiled(protocol)
    return [
        Contestant(OURS, as_it_is, fast, _met),
        Contestant("reference", as_it_is, lambda answers: reference(protocol, answers), _met),
        Contestant(BY_HAND, as_it_is, handwritten(protocol), as_it_is),
    ]


def peers(protocol: Protocol) -> tuple[list[Contestant], list[str]]:
    """Return the peers that are installed, ready to run, and the packages that are not."""
    installed: list[Contestant] = []
    missing: list[str] = []
    for package, module in PEERS.items():
        try:
            adapter = importlib.import_module(f"benchmarks.peers.{module}")
        except ImportError:
            missing.append(package)
        else:
            installed += adapter.contestants(protocol)
    return installed, missing


def _met(result: Any) -> Mapping[str, bool]:
    """Return two values of three: a rule that cannot tell is not met."""
    return {id: outcome == "met" for id, outcome in result.outcomes.items()}
