"""`cauce query`: SQL over lake and facts, for reading and for nothing else."""

import csv
import io
import json

import pytest

from installation import Installation
from patience import cauce, until
from wire import admitted


@pytest.fixture(scope="module")
def filled(serving):
    """Three messages of one device, in the lake and in facts."""
    made = serving.call("POST", "/devices", {"name": "boiler"})
    with admitted(serving.mqtt(), made) as wire:
        for number in range(3):
            payload = {"time": f"2026-11-20T00:00:0{number}Z", "t": 20 + number, "mode": "on, ok"}
            wire.publish(made["topic"], json.dumps(payload).encode(), number + 1)
    until(lambda: rows(serving, "SELECT count(*) AS n FROM facts")[0]["n"] == 6, what="the facts")
    until(lambda: rows(serving, "SELECT count(*) AS n FROM lake")[0]["n"] == 3, what="the lake")
    return serving


def query(installation, sql, *words):
    return cauce(installation.program, "query", sql, "--data", installation.data, *words)


def rows(installation, sql):
    done = query(installation, sql, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_lake_and_facts_answer_in_all_three_formats(filled):
    sql = ("SELECT device, metric, value, text FROM facts "
           "WHERE time = TIMESTAMP '2026-11-20 00:00:01' ORDER BY metric")
    expected = [{"device": "boiler", "metric": "mode", "value": None, "text": "on, ok"},
                {"device": "boiler", "metric": "t", "value": 21.0, "text": None}]
    assert rows(filled, sql) == expected
    table = query(filled, sql).stdout.splitlines()
    assert table[0].split() == ["device", "metric", "value", "text"]
    assert len(table) == 4
    as_csv = list(csv.reader(io.StringIO(query(filled, sql, "--format", "csv").stdout)))
    assert as_csv == [["device", "metric", "value", "text"], ["boiler", "mode", "", "on, ok"],
                      ["boiler", "t", "21", ""]]
    assert rows(filled, "SELECT count(*) AS n FROM lake l JOIN facts f USING (position)") == \
        [{"n": 6}]


def test_more_rows_than_asked_for_are_said_to_be_missing(filled):
    done = query(filled, "SELECT position FROM lake", "--rows", "2", "--format", "csv")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3
    assert "2" in done.stderr and "--rows" in done.stderr


@pytest.mark.parametrize("sql", [
    "COPY lake TO '{0}'",
    "ATTACH '{0}'",
    "EXPORT DATABASE '{0}'",
    "CREATE TABLE t(a INTEGER)",
    "DROP VIEW lake",
    "INSTALL httpfs",
    "SET enable_external_access = true",
    "PRAGMA profiling_output = '{0}'",
    "SELECT 1; SELECT 2",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM no_such_table",
    "SELEC 1",
    "",
])
def test_what_is_not_reading_lake_and_facts_is_refused(filled, tmp_path, sql):
    done = query(filled, sql.format(tmp_path / "leak"))
    assert done.returncode == 1
    assert done.stderr.startswith("cauce: ")
    assert "root:" not in done.stdout
    assert not (tmp_path / "leak").exists()


def test_a_directory_that_is_missing_or_empty_is_told_apart(program, tmp_path):
    missing = Installation(program, tmp_path / "missing", 0, 0)
    done = query(missing, "SELECT 1")
    assert done.returncode == 1
    assert f"there is no directory {missing.data}" in done.stderr
    assert not missing.data.exists()
    missing.data.mkdir()
    assert rows(missing, "SELECT count(*) AS n FROM lake") == [{"n": 0}]
    assert rows(missing, "SELECT count(*) AS n FROM facts") == [{"n": 0}]
    assert list(missing.data.iterdir()) == []
