"""wget: BusyBox's and GNU's, which say the same things in other words.

https://www.gnu.org/software/wget/manual/wget.html#Exit-Status; networking/wget.c of BusyBox
"""

from __future__ import annotations

import pytest

from kcnet.lab.machine import Asked
from kcnet.lab.session import Session
from kcnet.model.trace import Verdict
from tests.lab.tools.conftest import Run

BUSYBOX = [
    ("refused", "wget -O- nobody", 1,
     "Connecting to nobody (10.96.1.2:80)\nwget: can't connect to remote host (10.96.1.2): Connection refused\n"),
    ("refused, quietly", "wget -qO- nobody", 1, "wget: can't connect to remote host (10.96.1.2): Connection refused\n"),
    ("no such name", "wget -O- nosuch", 1, "wget: bad address 'nosuch'\n"),
    ("no such name, with a port", "wget -O- nosuch:8080", 1, "wget: bad address 'nosuch:8080'\n"),
    ("no answer", "wget -T 2 -O- 10.96.1.1:81", 1,
     "Connecting to 10.96.1.1:81 (10.96.1.1:81)\nwget: download timed out\n"),
    ("a status that is an error", "wget -O- web/nothing", 1,
     "Connecting to web (10.96.1.1:80)\nwget: server returned error: HTTP/1.1 404 Not Found\n"),
    ("looked for, not loaded", "wget --spider web", 0, "Connecting to web (10.96.1.1:80)\nremote file exists\n"),
    ("an unknown option", "wget --nonsense web", 1, "wget: unrecognized option '--nonsense'\n"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "status", "stderr"), [row[1:] for row in BUSYBOX], ids=[row[0] for row in BUSYBOX])
def test_busybox(at: Run, line: str, status: int, stderr: str) -> None:
    outcome = at("box", line)
    assert (outcome.stdout, outcome.status) == ("", status)
    assert outcome.stderr == stderr


def test_busybox_shows_the_page_and_tells_of_it_on_the_other_stream(at: Run) -> None:
    outcome = at("box", "wget -O- web")
    assert outcome.status == 0
    assert "<h1>Welcome to nginx!</h1>" in outcome.stdout
    assert outcome.stderr == (
        "Connecting to web (10.96.1.1:80)\nwriting to stdout\n"
        "-                    100% |********************************|   615  0:00:00 ETA\nwritten to stdout\n"
    )
    assert at("box", "wget -qO- web").stderr == ""


def test_busybox_follows_no_308(shop: Session) -> None:
    shop.run("kubectl run box -n shop --image=busybox -- sleep 1d")
    shop.run("kubectl delete networkpolicy --all -n shop")
    outcome = shop.run("kubectl exec -n shop box -- wget -qO- http://shop.example.com/")
    assert outcome.status == 1
    assert "wget: server returned error: HTTP/1.1 308 Permanent Redirect\n" in outcome.stderr


def test_files_are_not_kept_and_the_lab_says_so(at: Run) -> None:
    outcome = at("box", "wget web")
    assert "saving to 'index.html'\n" in outcome.stderr
    assert "(lab) The file is not kept" in outcome.stderr
    assert "(lab)" not in at("box", "wget -O /dev/null web").stderr


GNU = [
    ("works", "wget -O- http://web.example.com/", 0, [
        "Resolving web.example.com (web.example.com)... 203.0.113.1",
        "Connecting to web.example.com (web.example.com)|203.0.113.1|:80... connected.",
        "HTTP request sent, awaiting response... 200 OK",
        "Length: 615 [text/html]",
        "Saving to: ‘STDOUT’",
    ]),
    ("a node port", "wget -O- 10.0.0.1:30080", 0, ["Connecting to 10.0.0.1:30080... connected."]),
    ("refused", "wget 10.0.0.1:30099", 4, ["Connecting to 10.0.0.1:30099... failed: Connection refused."]),
    ("no answer", "wget -t 1 -T 2 10.244.2.10", 4, [
        "Connecting to 10.244.2.10:80... failed: Connection timed out.", "Giving up.",
    ]),
    ("no endpoints behind the Ingress", "wget http://empty.example.com/", 8, [
        "HTTP request sent, awaiting response... 503 Service Temporarily Unavailable",
        "2026-11-02 12:00:00 ERROR 503: Service Temporarily Unavailable.",
    ]),
    ("no such name", "wget web", 4, [
        "Resolving web (web)... failed: Name or service not known.",
        "wget: unable to resolve host address ‘web’",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "status", "lines"), [row[1:] for row in GNU], ids=[row[0] for row in GNU])
def test_gnu(at: Run, line: str, status: int, lines: list[str]) -> None:
    outcome = at("outside", line)
    assert outcome.status == status
    assert [each for each in outcome.stderr.splitlines() if each in lines] == lines
    quiet = at("outside", line.replace("wget", "wget -q", 1))
    assert (quiet.stdout, quiet.status) == (outcome.stdout, status)
    assert quiet.stderr == ""


def test_gnu_follows_redirects(shop: Session) -> None:
    outcome = shop.run("outside -- wget -O- http://shop.example.com/")
    assert outcome.status == 0
    assert "Location: https://shop.example.com/ [following]\n" in outcome.stderr
    assert "Welcome to nginx!" in outcome.stdout


def test_gnu_tries_again_and_again(at: Run) -> None:
    outcome = at("outside", "wget 10.244.2.10")
    assert outcome.status == 4
    assert "(lab) And so on: it tries 20 times." in outcome.stderr


def test_each_url_is_a_request(at: Run) -> None:
    effects = [effect for effect in at("box", "wget -qO- web nobody").effects if isinstance(effect, Asked)]
    assert [effect.trace.verdict for effect in effects] == [Verdict.DELIVERED, Verdict.REFUSED]
    assert {effect.tool for effect in effects} == {"wget"}
