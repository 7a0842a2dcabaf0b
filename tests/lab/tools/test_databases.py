"""Clients of databases: whether a connection stands, in their own words; never what a database holds."""

from __future__ import annotations

import pytest

from tests.lab.tools.conftest import Run

REFUSED = "\tIs the server running on that host and accepting TCP/IP connections?\n"
ROWS = [
    ("cache", "redis-cli -h 10.244.2.21 ping", 0, "PONG\n", ""),
    ("cache", "redis-cli -h 10.244.2.21 -p 6380 ping", 1, "", "Could not connect to Redis at 10.244.2.21:6380: Connection refused\n"),
    ("cache", "redis-cli -h nosuch ping", 1, "", "Could not connect to Redis at nosuch:6379: Name or service not known\n"),
    ("db", "pg_isready -h 10.244.2.20", 0, "10.244.2.20:5432 - accepting connections\n", ""),
    ("db", "pg_isready -h wrong -p 80", 2, "wrong:80 - no response\n", ""),
    ("db", "psql -h wrong -p 80 -U postgres", 2, "",
     'psql: error: connection to server at "wrong" (10.96.1.3), port 80 failed: Connection refused\n' + REFUSED),
    ("db", "psql -h nosuch -U postgres", 2, "",
     'psql: error: could not translate host name "nosuch" to address: Name or service not known\n'),
]  # fmt: skip


@pytest.mark.parametrize(("place", "line", "status", "stdout", "stderr"), ROWS)
def test_connections(at: Run, place: str, line: str, status: int, stdout: str, stderr: str) -> None:
    outcome = at(place, line)
    assert outcome.status == status
    assert outcome.stdout == stdout
    assert outcome.stderr == stderr


def test_what_a_database_says_is_not_made_up(at: Run) -> None:
    outcome = at("db", "psql -h 10.244.2.20 -U postgres -c 'select 1'")
    assert outcome.stdout == ""
    assert outcome.stderr.startswith("(lab) The connection stands.")
    assert at("cache", "redis-cli -h 10.244.2.21 get x").stdout == ""
