"""cel-expr-python: Google's CEL in C++; one expression, with `cel.bind` for what is shared."""

from collections.abc import Sequence
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_math

from benchmarks.contestant import Contestant, as_it_is
from benchmarks.peers import data
from benchmarks.peers.cel import Cel
from screener.engine.protocol import Protocol

PACKAGE = "cel-expr-python"


class Printer(Cel):
    """With the extension for lowest and highest."""

    def extreme(self, highest: bool, parts: Sequence[str]) -> str:
        return f"math.{'greatest' if highest else 'least'}([{', '.join(parts)}])"


def contestants(protocol: Protocol) -> list[Contestant]:
    """Return contestants from typed answers, a dictionary, and an activation made before."""
    printer = Printer(protocol)
    rules = printer.rules
    program = f"[{', '.join(rules.values())}]"
    for name, value in reversed(printer.shared.items()):
        program = f"cel.bind({name}, {value}, {program})"
    extensions = [ext_bindings.ExtBindings(), ext_math.ExtMath()]
    environment = cel.NewEnv(variables=_types(protocol, printer), extensions=extensions)
    compiled = environment.compile(program)

    given = data.Preparation(protocol, printer.options, printer.numbers, lists=True)

    def run(answers: Any) -> Any:
        return compiled.eval(data=answers).plain_value()

    def ready(answers: Any) -> Any:
        return environment.Activation(given(answers))

    def run_ready(activation: Any) -> Any:
        return compiled.eval(activation).plain_value()

    def verdicts(result: list[bool]) -> dict[str, bool]:
        return dict(zip(rules, result, strict=True))

    return [
        Contestant("cel-expr-python", as_it_is, lambda a: run(given(a)), verdicts, PACKAGE),
        Contestant("cel-expr-python, dictionary", given, run, verdicts, PACKAGE, "dictionary"),
        Contestant("cel-expr-python, ready", ready, run_ready, verdicts, PACKAGE, "own memory"),
    ]


def _types(protocol: Protocol, printer: Printer) -> dict[str, Any]:
    of = cel.Type
    types = {
        id: of.List(of.STRING) if protocol.questions[id].kind == "choices" else of.STRING
        for id in printer.options
    }
    for id in printer.numbers:
        named = id if protocol.questions[id].kind == "number" else data.points(id)
        types[named] = of.INT
    row = of.Map(of.STRING, of.DYN)
    return types | {data.trials(use): of.List(row) for use in data.USES}
