"""Clients of databases: the words with which each says that it got no connection.

redis-cli, psql(1), pg_isready(1), mysql(1); https://dev.mysql.com/doc/mysql-errors/8.0/en/client-error-reference.html
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kcnet.lab.machine import Asked
from kcnet.lab.session import Session
from tests.flows.builders import NODES, Manifest, facts, pod, service, text
from tests.lab.conftest import opened


def running(name: str, ip: str, image: str, *numbers: int, app: str | None = None) -> Manifest:
    ports = [{"containerPort": number} for number in numbers]
    return pod(name, ip, app=app, containers=[{"name": "c", "image": image, "ports": ports}])


DATABASES = [
    running("psql", "10.244.1.50", "postgres:17"),
    running("mysql", "10.244.1.51", "mysql:8"),
    running("redis", "10.244.1.52", "redis:7"),
    running("store", "10.244.2.1", "postgres:17", 5432, 6379, 3306, app="store"),
    running("closed", "10.244.2.2", "nginx", 8080, app="closed"),
]
PORTS = [{"name": f"p{number}", "port": number} for number in (5432, 6379, 3306)]
SERVICES = [
    service("shut", "10.96.3.1", app="closed", ports=[{**one, "targetPort": 8080} for one in PORTS]),
    service("none", "10.96.3.2", app="none", ports=PORTS),
    service("open", "10.96.3.3", app="store", ports=PORTS),
]
NETWORK = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {matchLabels: {app: closed}}, policyTypes: [Ingress]}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Session:
    file: Path = tmp_path_factory.mktemp("clients") / "cluster.yaml"
    file.write_text(text(facts(cni="calico"), NODES, DATABASES, SERVICES) + NETWORK)
    return opened([str(file)])


FAILURES = [
    ("redis-cli -h none ping", 1, "Could not connect to Redis at none:6379: Connection refused\n"),
    ("redis-cli -h shut ping", 1, "Could not connect to Redis at shut:6379: Connection timed out\n"),
    ("redis-cli -h nosuch ping", 1, "Could not connect to Redis at nosuch:6379: Name or service not known\n"),
    ("psql -h none -U shop", 2,
     'psql: error: connection to server at "none" (10.96.3.2), port 5432 failed: Connection refused\n'
     "\tIs the server running on that host and accepting TCP/IP connections?\n"),
    ("psql postgresql://shop:secret@none:5432/shop", 2,
     'psql: error: connection to server at "none" (10.96.3.2), port 5432 failed: Connection refused\n'
     "\tIs the server running on that host and accepting TCP/IP connections?\n"),
    ("psql --host=10.96.3.2", 2,
     'psql: error: connection to server at "10.96.3.2", port 5432 failed: Connection refused\n'
     "\tIs the server running on that host and accepting TCP/IP connections?\n"),
    ("psql -h nosuch", 2,
     'psql: error: could not translate host name "nosuch" to address: Name or service not known\n'),
    ("mysql -h none -u root -psecret", 1, "ERROR 2003 (HY000): Can't connect to MySQL server on 'none:3306' (111)\n"),
    ("mysql -hshut", 1, "ERROR 2003 (HY000): Can't connect to MySQL server on 'shut:3306' (110)\n"),
    ("mysql -h nosuch", 1, "ERROR 2005 (HY000): Unknown MySQL server host 'nosuch' (-2)\n"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "status", "stderr"), FAILURES, ids=[row[0] for row in FAILURES])
def test_failures(shop: Session, line: str, status: int, stderr: str) -> None:
    where = line.partition(" ")[0].partition("-")[0]
    outcome = shop.run(f"kubectl exec -n shop {where} -- {line}")
    assert (outcome.stdout, outcome.status) == ("", status)
    assert outcome.stderr == f"{stderr}command terminated with exit code {status}\n"


def test_pg_isready_tells_by_its_status(shop: Session) -> None:
    ready = shop.run("kubectl exec -n shop psql -- pg_isready -h open")
    assert (ready.stdout, ready.status) == ("open:5432 - accepting connections\n", 0)
    silent = shop.run("kubectl exec -n shop psql -- pg_isready -h none")
    assert (silent.stdout, silent.status) == ("none:5432 - no response\n", 2)


def test_redis_answers_a_ping(shop: Session) -> None:
    outcome = shop.run("kubectl exec -n shop redis -- redis-cli -h open ping")
    assert (outcome.stdout, outcome.status) == ("PONG\n", 0)
    assert any(isinstance(effect, Asked) and effect.tool == "redis-cli" for effect in outcome.effects)


@pytest.mark.parametrize("line", ["psql -h open -c 'select 1'", "mysql -h open -e 'show tables'"])
def test_what_a_database_holds_is_not_made_up(shop: Session, line: str) -> None:
    outcome = shop.run(f"kubectl exec -n shop {line.partition(' ')[0]} -- {line}")
    assert (outcome.stdout, outcome.status) == ("", 0)
    assert outcome.stderr.startswith("(lab) The connection stands.")


def test_images_of_other_databases_lack_the_client(shop: Session) -> None:
    assert shop.run("kubectl exec -n shop redis -- psql -h open").status == 1
