"""curl: what it prints, on which stream, and how it ends. https://curl.se/docs/manpage.html (exit codes, messages)"""

from __future__ import annotations

import pytest

from kcnet.lab.machine import Asked
from kcnet.lab.session import Session
from kcnet.model.trace import Verdict
from tests.lab.tools.conftest import Run

FAILURES = [
    (
        "nobody behind the Service: refused at once",
        "tool",
        "curl nobody",
        7,
        "curl: (7) Failed to connect to nobody port 80 after 0 ms: Could not connect to server\n",
    ),
    (
        "a targetPort where nothing listens: refused by the pod",
        "tool",
        "curl wrong",
        7,
        "curl: (7) Failed to connect to wrong port 80 after 0 ms: Could not connect to server\n",
    ),
    ("no such name", "tool", "curl nosuch", 6, "curl: (6) Could not resolve host: nosuch\n"),
    (
        "a Service of another namespace by its short name",
        "tool",
        "curl far",
        6,
        "curl: (6) Could not resolve host: far\n",
    ),
    (
        "the same by its name and namespace",
        "tool",
        "curl far.other",
        7,
        "curl: (7) Failed to connect to far.other port 80 after 0 ms: Could not connect to server\n",
    ),
    ("DNS is blocked", "mute", "curl web", 6, "curl: (6) Could not resolve host: web\n"),
    (
        "DNS is blocked, and curl waits less than the resolver",
        "mute",
        "curl -m 2 web",
        28,
        "curl: (28) Resolving timed out after 2002 milliseconds\n",
    ),
    (
        "a policy drops it: the whole time is given up",
        "mute",
        "curl -m 3 10.96.1.1",
        28,
        "curl: (28) Connection timed out after 3002 milliseconds\n",
    ),
    (
        "a port that no Service has at a cluster IP: nobody answers",
        "tool",
        "curl --connect-timeout 2 10.96.1.1:81",
        28,
        "curl: (28) Failed to connect to 10.96.1.1 port 81 after 2001 ms: Timeout was reached\n",
    ),
    ("an application that speaks no HTTP", "tool", "curl db:5432", 52, "curl: (52) Empty reply from server\n"),
    (
        "the API server's certificate",
        "tool",
        "curl https://kubernetes.default.svc",
        60,
        "curl: (60) SSL certificate problem: unable to get local issuer certificate\nMore details here: ",
    ),
    (
        "the controller's own certificate",
        "outside",
        "curl https://web.example.com/",
        60,
        "curl: (60) SSL certificate problem: self-signed certificate\nMore details here: ",
    ),
    (
        "-f makes a status of 400 and more an error",
        "outside",
        "curl -f http://empty.example.com/",
        22,
        "curl: (22) The requested URL returned error: 503\n",
    ),
    (
        "addresses of pods mean nothing outside",
        "outside",
        "curl -m 1 10.244.2.10",
        28,
        "curl: (28) Connection timed out",
    ),
    ("an unknown option", "tool", "curl --nonsense web", 2, "curl: option --nonsense: is unknown\n"),
    ("no URL", "tool", "curl -s", 2, "curl: (2) no URL specified\n"),
    ("a protocol it has not", "tool", "curl gopher://web", 1, 'curl: (1) Protocol "gopher" not supported\n'),
]


@pytest.mark.parametrize(
    ("place", "line", "status", "stderr"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES]
)
def test_failures(at: Run, place: str, line: str, status: int, stderr: str) -> None:
    outcome = at(place, line)
    assert (outcome.status, outcome.stdout) == (status, "")
    assert outcome.stderr.startswith(stderr)


def test_without_a_limit_it_waits_as_long_as_linux_does_and_the_lab_says_so(at: Run) -> None:
    outcome = at("mute", "curl 10.96.1.1")
    assert outcome.status == 28
    first, second = outcome.stderr.splitlines()[:2]
    assert first.startswith("curl: (28) Failed to connect to 10.96.1.1 port 80 after 134")
    assert second.startswith("(lab) ")
    assert "curl -m" in second


@pytest.mark.parametrize("place", ["tool", "n1", "n2"])
def test_the_welcome_page(at: Run, place: str) -> None:
    outcome = at(place, "curl 10.96.1.1")
    assert (outcome.status, outcome.stderr) == (0, "")
    assert "<h1>Welcome to nginx!</h1>" in outcome.stdout


def test_silent_about_errors_with_s_alone(at: Run) -> None:
    assert at("tool", "curl -s nobody").stderr == ""
    assert at("tool", "curl -s nobody").status == 7
    assert at("tool", "curl -sS nobody").stderr.startswith("curl: (7)")


def test_headers(at: Run) -> None:
    lines = at("tool", "curl -I web").stdout.splitlines()
    assert lines[:2] == ["HTTP/1.1 200 OK", "Server: nginx/1.27.5"]
    assert lines[-1] == ""
    both = at("tool", "curl -i web").stdout
    assert both.startswith("HTTP/1.1 200 OK\n")
    assert both.endswith("</html>\n")


def test_o_and_w_as_scripts_use_them(at: Run) -> None:
    line = "curl -s -o /dev/null -w '%{http_code} %{remote_ip}:%{remote_port}\\n' "
    assert at("tool", line + "web").stdout == "200 10.96.1.1:80\n"
    assert at("tool", line + "web/nothing").stdout == "404 10.96.1.1:80\n"
    assert at("tool", line + "nobody").stdout.startswith("000 ")


def test_v_tells_how_far_it_came(at: Run) -> None:
    told = at("tool", "curl -v web").stderr
    wanted = [
        "* Host web:80 was resolved.",
        "* IPv6: (none)",
        "* IPv4: 10.96.1.1",
        "*   Trying 10.96.1.1:80...",
        "* Connected to web (10.96.1.1) port 80",
        "> GET / HTTP/1.1",
        "> Host: web",
        "< HTTP/1.1 200 OK",
    ]
    assert [line for line in told.splitlines() if line in wanted] == wanted
    refused = at("tool", "curl -v nobody").stderr
    assert "* connect to 10.96.1.2 port 80 from 10.244.1.10 port 40000 failed: Connection refused\n" in refused
    assert "> GET" not in refused
    assert "Connected to" not in at("mute", "curl -v -m 1 10.96.1.1").stderr


def test_several_urls_and_the_status_of_the_last(at: Run) -> None:
    outcome = at("tool", "curl -s web nobody")
    assert outcome.status == 7
    assert "Welcome" in outcome.stdout
    assert at("tool", "curl -s nobody web").status == 0


def test_an_author_says_what_an_application_answers(at: Run) -> None:
    assert at("tool", "curl -s '10.244.2.30:8080/menu?x=1'").stdout == "says heard 10.244.1.10 ask for /menu?x=1\n"
    assert at("tool", "curl -s 10.244.2.32:5678").stdout == "hello\n"


def test_what_an_unknown_image_says_is_not_made_up(at: Run) -> None:
    outcome = at("tool", "curl 10.244.2.31:8080")
    assert (outcome.status, outcome.stdout) == (0, "")
    assert outcome.stderr.startswith("(lab) ")
    assert "not known" in outcome.stderr


def test_what_is_beyond_the_cluster_is_not_made_up(at: Run) -> None:
    outcome = at("tool", "curl http://example.com/")
    assert (outcome.status, outcome.stdout) == (0, "")
    assert outcome.stderr.startswith("(lab) ")


STATUSES = [
    ("the Ingress leads to a Service that works", "http://web.example.com/", "200"),
    ("a Service without endpoints", "http://empty.example.com/", "503"),
    ("a pod that refuses", "http://wrong.example.com/", "502"),
    ("a host that no rule names", "-H 'Host: other.example.com' http://web.example.com/", "404"),
    ("behind the controller's own certificate, with -k", "-k https://web.example.com/", "200"),
    ("a node's own name for a host, by --resolve", "--resolve a.b:30080:10.0.0.1 http://a.b:30080/", "200"),
]


@pytest.mark.parametrize(("words", "status"), [row[1:] for row in STATUSES], ids=[row[0] for row in STATUSES])
def test_statuses_of_an_ingress(at: Run, words: str, status: str) -> None:
    assert at("outside", f"curl -s -o /dev/null -w '%{{http_code}}' {words}").stdout == status


def test_pages_that_the_controller_makes(at: Run) -> None:
    assert (
        "<center><h1>503 Service Temporarily Unavailable</h1></center>"
        in at("outside", "curl http://empty.example.com").stdout
    )
    assert "<center><h1>502 Bad Gateway</h1></center>" in at("outside", "curl http://wrong.example.com").stdout


def test_a_redirect_is_the_answer_until_it_is_followed(shop: Session) -> None:
    answer = shop.run("outside -- curl -sI http://shop.example.com/").stdout
    assert answer.startswith("HTTP/1.1 308 Permanent Redirect\n")
    assert "Location: https://shop.example.com/\n" in answer
    followed = shop.run("outside -- curl -sIL http://shop.example.com/").stdout
    assert [line for line in followed.splitlines() if line.startswith("HTTP/")] == [
        "HTTP/1.1 308 Permanent Redirect",
        "HTTP/1.1 200 OK",
    ]
    assert "Welcome to nginx!" in shop.run("outside -- curl -sL http://shop.example.com/").stdout


def test_a_missing_certificate_is_noticed_behind_the_redirect_alone(shop: Session) -> None:
    shop.run("kubectl delete secret -n shop --all")
    first = shop.run("outside -- curl -s -o /dev/null -w '%{http_code}' http://shop.example.com/")
    assert (first.stdout, first.status) == ("308", 0)


def test_kube_proxys_own_ports_on_a_node(at: Run) -> None:
    assert at("n1", "curl -s localhost:10249/proxyMode").stdout == "iptables"
    assert '"nodeEligible": true' in at("n1", "curl -s localhost:10256/healthz").stdout
    assert at("tool", "curl -s localhost:10249/proxyMode").stdout == ""


def test_the_request_is_remembered_with_its_trace(at: Run) -> None:
    (asked,) = [effect for effect in at("tool", "curl nobody").effects if isinstance(effect, Asked)]
    assert asked.tool == "curl"
    assert asked.trace.verdict is Verdict.REFUSED


def test_what_arrived_stands_in_the_log_of_the_pod(stall: Session, at: Run) -> None:
    at("tool", "curl -s web/menu")
    assert '"GET /menu HTTP/1.1" 404' in stall.run("kubectl logs web -n stall").stdout


def test_endpoints_take_turns_by_chance(shop: Session) -> None:
    seen = set()
    for _ in range(20):
        shop.run("kubectl exec -n shop deploy/frontend -- curl -s http://cart/")
    for line in shop.run("kubectl get pods -n shop -l app=cart -o name").stdout.split():
        if "GET /" in shop.run(f"kubectl logs -n shop {line} -c nginx").stdout:
            seen.add(line)
    assert len(seen) == 2
