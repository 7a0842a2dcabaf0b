"""nslookup, dig, host and getent, each in its own words.

https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/ and dns-pod-service
"""

from __future__ import annotations

import pytest

from kcnet.lab.machine import LookedUp
from kcnet.lab.session import Session
from tests.lab.tools.conftest import Run

SILENCE = ";; communications error to 10.96.0.10#53: timed out\n"
ROWS = [
    (
        "nslookup of BIND: one answer, by the search list",
        "tool",
        "nslookup web",
        0,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tweb.stall.svc.cluster.local\nAddress: 10.96.1.1\n\n",
    ),
    (
        "a name answers also without endpoints",
        "tool",
        "nslookup nobody",
        0,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tnobody.stall.svc.cluster.local\nAddress: 10.96.1.2\n\n",
    ),
    (
        "short names stay in their namespace",
        "tool",
        "nslookup far",
        1,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n** server can't find far: NXDOMAIN\n\n",
    ),
    (
        "name and namespace, one suffix further down the search list",
        "tool",
        "nslookup far.other",
        0,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tfar.other.svc.cluster.local\nAddress: 10.96.1.9\n\n",
    ),
    (
        "a headless Service: the addresses of its pods",
        "tool",
        "nslookup peers",
        0,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tpeers.stall.svc.cluster.local\nAddress: 10.244.2.10\n\n",
    ),
    ("no egress to DNS", "mute", "nslookup web", 1, SILENCE * 2 + ";; no servers could be reached\n\n"),
    (
        "backwards",
        "tool",
        "nslookup 10.96.1.1",
        0,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\n1.1.96.10.in-addr.arpa\tname = web.stall.svc.cluster.local.\n\n",
    ),
    (
        "BusyBox asks for every name of the search list, and fails for those that are none",
        "box",
        "nslookup -type=a web",
        1,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n"
        "Name:\tweb.stall.svc.cluster.local\nAddress: 10.96.1.1\n\n"
        "** server can't find web.svc.cluster.local: NXDOMAIN\n\n"
        "** server can't find web.cluster.local: NXDOMAIN\n\n",
    ),
    (
        "BusyBox: the whole name, A and then AAAA, which a Service without IPv6 has none of",
        "box",
        "nslookup web.stall.svc.cluster.local",
        0,
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.stall.svc.cluster.local\nAddress: 10.96.1.1\n\n\n",
    ),
    ("BusyBox: no egress to DNS", "mutebox", "nslookup web", 1, ";; connection timed out; no servers could be reached\n\n"),
    (
        "BusyBox 1.28, which the documentation of Kubernetes uses",
        "old",
        "nslookup far.other",
        0,
        "Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\n"
        "Name:      far.other\nAddress 1: 10.96.1.9 far.other.svc.cluster.local\n",
    ),
    ("dig leaves the search list alone", "tool", "dig +short web", 0, ""),
    ("dig +search does not", "tool", "dig +search +short web", 0, "10.96.1.1\n"),
    ("dig of an SRV record", "tool", "dig +short SRV _http._tcp.web.stall.svc.cluster.local", 0,
     "0 100 80 web.stall.svc.cluster.local.\n"),
    ("dig backwards", "tool", "dig +short -x 10.96.1.1", 0, "web.stall.svc.cluster.local.\n"),
    ("dig +noall +answer, in dig's columns", "tool", "dig +noall +answer web.stall.svc.cluster.local", 0,
     "web.stall.svc.cluster.local. 30\tIN\tA\t10.96.1.1\n"),
    ("dig at one of CoreDNS's pods", "tool", "dig +short @10.244.1.2 web.stall.svc.cluster.local", 0, "10.96.1.1\n"),
    ("dig at a server that is none", "tool", "dig +short @10.244.1.99 web.stall.svc.cluster.local", 9,
     ";; communications error to 10.244.1.99#53: timed out\n" * 3 + ";; no servers could be reached\n"),
    ("dig at a Service without endpoints: the node rejects", "tool", "dig +short @10.96.1.2 web", 9, None),
    ("no egress to any DNS", "mute", "dig +short web", 9, SILENCE * 3 + ";; no servers could be reached\n"),
    ("cluster names are unknown to public DNS", "tool", "dig +short @8.8.8.8 web.stall.svc.cluster.local", 0, ""),
    ("host", "tool", "host web", 0, "web.stall.svc.cluster.local has address 10.96.1.1\n"),
    ("host of an alias", "tool", "host elsewhere", 0, "elsewhere.stall.svc.cluster.local is an alias for db.example.com.\n"),
    ("host of no name", "tool", "host nosuch", 1, "Host nosuch not found: 3(NXDOMAIN)\n"),
    ("getent", "tool", "getent hosts web", 0, "10.96.1.1       web.stall.svc.cluster.local\n"),
    ("getent of no name", "tool", "getent hosts nosuch", 2, ""),
    ("getent without DNS", "mute", "getent hosts web", 2, ""),
    ("the cluster's names mean nothing on a node", "n1", "getent hosts web", 2, ""),
    ("nor outside", "outside", "getent hosts web.stall.svc.cluster.local", 2, ""),
    ("a node may ask the cluster's DNS itself", "n1", "dig +short @10.96.0.10 web.stall.svc.cluster.local", 0,
     "10.96.1.1\n"),
    ("outside nobody reaches it", "outside", "dig +short @10.96.0.10 web.stall.svc.cluster.local", 9, None),
]  # fmt: skip


@pytest.mark.parametrize(("place", "line", "status", "stdout"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_answers(at: Run, place: str, line: str, status: int, stdout: str | None) -> None:
    outcome = at(place, line)
    assert outcome.status == status
    if stdout is not None:
        assert outcome.stdout == stdout
    else:
        assert ";; no servers could be reached" in outcome.stdout


def test_a_rejected_question_is_refused(at: Run) -> None:
    assert "connection timed out" not in at("tool", "dig @10.96.1.2 web").stdout
    assert ";; communications error to 10.96.1.2#53: " in at("tool", "dig @10.96.1.2 web").stdout


def test_dns_without_endpoints_is_refused_at_once(stall: Session, at: Run) -> None:
    stall.run("kubectl scale deployment coredns -n kube-system --replicas=0")
    assert ";; communications error to 10.96.0.10#53: connection refused\n" in at("tool", "nslookup web").stdout
    assert at("tool", "curl -s web").status == 6


def test_busybox_says_that_it_leaves_names_with_a_dot_alone(at: Run) -> None:
    outcome = at("box", "nslookup far.other")
    assert outcome.status == 1
    assert "** server can't find far.other: NXDOMAIN\n" in outcome.stdout
    assert "far.other.svc.cluster.local" in outcome.stderr


def test_dig_shows_the_whole_answer(at: Run) -> None:
    text = at("tool", "dig web.stall.svc.cluster.local").stdout
    for line in (
        "; <<>> DiG 9.20.10 <<>> web.stall.svc.cluster.local",
        ";; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1",
        ";web.stall.svc.cluster.local.\tIN\tA",
        ";; ANSWER SECTION:",
        "web.stall.svc.cluster.local. 30\tIN\tA\t10.96.1.1",
        ";; SERVER: 10.96.0.10#53(10.96.0.10) (UDP)",
    ):
        assert line in text.splitlines()
    assert "status: NXDOMAIN" in at("tool", "dig nosuch.stall.svc.cluster.local").stdout
    none = at("tool", "dig AAAA web.stall.svc.cluster.local").stdout
    assert "status: NOERROR" in none
    assert "ANSWER: 0" in none


def test_public_names_are_not_made_up(at: Run) -> None:
    for line in ("nslookup example.com", "dig example.com", "host example.com", "getent hosts example.com"):
        outcome = at("tool", line)
        assert "(lab) example.com is a public name." in outcome.stderr
        assert "93.184" not in outcome.stdout


def test_a_lookup_is_remembered(at: Run) -> None:
    for line in ("nslookup web", "dig +search web", "host web", "getent hosts web"):
        (looked,) = [effect for effect in at("tool", line).effects if isinstance(effect, LookedUp)]
        assert looked == LookedUp(line.split()[0], "stall/pod/tool", "web", ("10.96.1.1",))
