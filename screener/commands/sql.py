"""The rules as SQL: `screener sql` prints the query, or the tables that it reads.

sqlglot is imported only when it runs; it comes with the extra `population`.
"""

import argparse
import re
import sys
from typing import TYPE_CHECKING

from screener.commands import common
from screener.engine.protocol import Protocol, Rulebook
from screener.engine.terms.plan import lower

if TYPE_CHECKING:
    from screener.commands.common import Commands


def add_to(commands: "Commands") -> None:
    """Add the command to the parser of `screener`."""
    sql = commands.add_parser("sql", help="print the rules as SQL, to run where the answers are")
    sql.add_argument("--dialect", choices=("duckdb", "postgres", "spark"), required=True)
    sql.add_argument("--schema", action="store_true", help="print the two tables it reads instead")
    sql.add_argument("--answers-table", default="answers", metavar="NAME")
    sql.add_argument("--trials-table", default="medicines_tried", metavar="NAME")
    common.protocol_option(sql)
    common.rules_option(sql)
    sql.set_defaults(run=common.with_population_extra(common.with_protocol(_sql)))


def _sql(arguments: argparse.Namespace, rulebook: Rulebook, protocol: Protocol) -> int:
    from screener.engine.tabular.sql import query, schema

    tables = (arguments.answers_table, arguments.trials_table)
    for name in tables:
        if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){0,2}", name, re.ASCII):
            common.say([f"{name} is no name of a table"])
            return common.REFUSED
    if arguments.schema:
        sys.stdout.write(schema(protocol, arguments.dialect, *tables))
    else:
        sys.stdout.write(query(rulebook, lower(protocol), arguments.dialect, *tables))
    return 0
