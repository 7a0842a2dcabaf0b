"""nc as people ask whether a port answers: OpenBSD's and BusyBox's."""

from __future__ import annotations

import pytest

from kcnet.lab.machine import Asked
from tests.lab.tools.conftest import Run

ROWS = [
    ("open", "tool", "nc -zv web 80", 0, "Connection to web (10.96.1.1) 80 port [tcp/http] succeeded!\n"),
    ("open, by address", "tool", "nc -zvn 10.96.1.1 80", 0, "Connection to 10.96.1.1 80 port [tcp/*] succeeded!\n"),
    ("open, without a word", "tool", "nc -z web 80", 0, ""),
    ("refused", "tool", "nc -zv nobody 80", 1, "nc: connect to nobody (10.96.1.2) port 80 (tcp) failed: Connection refused\n"),
    ("no answer", "mute", "nc -zv -w 2 10.96.1.1 80", 1,
     "nc: connect to 10.96.1.1 port 80 (tcp) timed out: Operation now in progress\n"),
    ("no such name", "tool", "nc -zv nosuch 80", 1, 'nc: getaddrinfo for host "nosuch" port 80: Name or service not known\n'),
    ("UDP", "tool", "nc -zuv 10.96.0.10 53", 0, "Connection to 10.96.0.10 53 port [udp/domain] succeeded!\n"),
    ("a range, of which one port answers", "tool", "nc -zv -w 1 web 79-80", 0,
     "nc: connect to web (10.96.1.1) port 79 (tcp) timed out: Operation now in progress\n"
     "Connection to web (10.96.1.1) 80 port [tcp/http] succeeded!\n"),
    ("BusyBox, open", "box", "nc -zv web 80", 0, "web (10.96.1.1:80) open\n"),
    ("BusyBox, refused", "box", "nc -zv nobody 80", 1, "nc: nobody (10.96.1.2:80): Connection refused\n"),
    ("BusyBox, a policy lets others in alone", "box", "nc -zv -w 1 db 5432", 1, "nc: timed out\n"),
    ("the same from one that it lets in", "tool", "nc -zv db 5432", 0,
     "Connection to db (10.96.1.4) 5432 port [tcp/postgresql] succeeded!\n"),
    ("BusyBox, no such name", "box", "nc -zv nosuch 80", 1, "nc: bad address 'nosuch'\n"),
    ("a node port from outside", "outside", "nc -zv 10.0.0.2 30080", 0,
     "Connection to 10.0.0.2 30080 port [tcp/*] succeeded!\n"),
    ("a cluster IP from outside", "outside", "nc -zv -w 2 10.96.1.1 80", 1,
     "nc: connect to 10.96.1.1 port 80 (tcp) timed out: Operation now in progress\n"),
    ("too few words", "tool", "nc web", 1, "usage: nc [-uvz] [-w timeout] destination port\n"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "line", "status", "stderr"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_answers(at: Run, place: str, line: str, status: int, stderr: str) -> None:
    outcome = at(place, line)
    assert (outcome.stdout, outcome.stderr, outcome.status) == ("", stderr, status)


def test_over_udp_silence_looks_like_success_and_the_lab_says_so(at: Run) -> None:
    outcome = at("mute", "nc -zuv 10.96.0.10 53")
    assert outcome.status == 0
    assert outcome.stderr.startswith("Connection to 10.96.0.10 53 port [udp/domain] succeeded!\n(lab) ")


def test_each_port_is_a_request(at: Run) -> None:
    effects = at("tool", "nc -zv -w 1 web 80-82").effects
    assert [effect.trace.port for effect in effects if isinstance(effect, Asked)] == [80, 81, 82]


def test_telnet(at: Run) -> None:
    opened = at("tool", "telnet web 80")
    assert opened.stdout.startswith("Trying 10.96.1.1...\nConnected to web.\nEscape character is '^]'.\n")
    refused = at("tool", "telnet nobody 80")
    assert refused.status == 1
    assert (refused.stdout + refused.stderr).endswith("Unable to connect to remote host: Connection refused\n")
