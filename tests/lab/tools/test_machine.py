"""What a pod or a node says of itself: files, variables, name, interfaces, routes, sockets; ping and traceroute.

https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables and dns-pod-service
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kcnet.lab.machine import Ran
from kcnet.lab.opening import open_session
from kcnet.lab.session import Session
from tests.flows.builders import NODES, cluster_ip, facts, pod, text
from tests.lab.conftest import NOON, opened
from tests.lab.tools.conftest import STALL, Run

OWN_FILES = [
    (
        "/etc/resolv.conf",
        "search stall.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
    ),
    (
        "/etc/hosts",
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
        "10.244.2.10\tweb\n",
    ),
    ("/etc/hostname", "web\n"),
    ("/var/run/secrets/kubernetes.io/serviceaccount/namespace", "stall"),
]


@pytest.mark.parametrize(("name", "content"), OWN_FILES)
def test_files_that_kubernetes_writes(at: Run, name: str, content: str) -> None:
    outcome = at("web", f"cat {name}")
    assert (outcome.stdout, outcome.stderr, outcome.status) == (content, "", 0)


def test_other_files_are_not_made_up(at: Run) -> None:
    outcome = at("web", "cat /etc/nginx/nginx.conf")
    assert (outcome.stdout, outcome.status) == ("", 1)
    assert "(lab) " in outcome.stderr


def variables(at: Run, place: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in at(place, "env").stdout.splitlines())


def test_variables_of_services(at: Run) -> None:
    found = variables(at, "tool")
    assert found["COLOUR"] == "green"
    assert found["HOSTNAME"] == "tool"
    assert {name: value for name, value in found.items() if name.startswith("WEB_")} == {
        "WEB_SERVICE_HOST": "10.96.1.1",
        "WEB_SERVICE_PORT": "80",
        "WEB_SERVICE_PORT_HTTP": "80",
        "WEB_PORT": "tcp://10.96.1.1:80",
        "WEB_PORT_80_TCP": "tcp://10.96.1.1:80",
        "WEB_PORT_80_TCP_PROTO": "tcp",
        "WEB_PORT_80_TCP_PORT": "80",
        "WEB_PORT_80_TCP_ADDR": "10.96.1.1",
    }
    assert found["KUBERNETES_SERVICE_HOST"] == "10.96.0.1"


def test_no_variables_of_other_namespaces_nor_of_services_without_a_cluster_ip(at: Run) -> None:
    names = variables(at, "tool")
    assert not [name for name in names if name.startswith(("FAR_", "PEERS_", "ELSEWHERE_"))]


def test_a_service_that_came_after_the_pod_has_no_variables_there() -> None:
    times = [NOON]
    session = open_session([str(STALL)], "stall", clock=lambda: times[0])
    times[0] += timedelta(minutes=5)
    session.run("kubectl create service clusterip late -n stall --tcp=80")
    assert "LATE_SERVICE_HOST" not in session.run("kubectl exec -n stall tool -- env").stdout
    times[0] += timedelta(minutes=5)
    session.run("kubectl run fresh -n stall --image=nginx")
    assert "LATE_SERVICE_HOST" in session.run("kubectl exec -n stall fresh -- env").stdout


def test_without_service_links_those_of_kubernetes_stay(tmp_path: Path) -> None:
    plain = pod("plain", "10.244.1.50", app="plain", enableServiceLinks=False)
    (tmp_path / "all.yaml").write_text(text(facts(), NODES, cluster_ip(), plain), encoding="utf-8")
    session = opened([str(tmp_path)])
    found = session.run("kubectl exec -n shop plain -- env").stdout
    assert "KUBERNETES_SERVICE_HOST=" in found
    assert "WEB_SERVICE_HOST=" not in found


def test_printenv(at: Run) -> None:
    assert at("tool", "printenv WEB_SERVICE_HOST").stdout == "10.96.1.1\n"
    assert at("tool", "printenv NOTHING").status == 1


@pytest.mark.parametrize(
    ("place", "line", "stdout"),
    [
        ("web", "hostname", "web\n"),
        ("n1", "hostname", "n1\n"),
        ("web", "hostname -i", "10.244.2.10\n"),
        ("n2", "cat /etc/hostname", "n2\n"),
    ],
)
def test_names(at: Run, place: str, line: str, stdout: str) -> None:
    assert at(place, line).stdout == stdout


# ping, by proxy mode: what has the address of a Service is a rule, not a machine.


@pytest.mark.parametrize(
    ("mode", "answer", "status"),
    [
        ("iptables", "1 packets transmitted, 0 received, 100% packet loss", 1),
        ("nftables", "From 10.96.1.1 icmp_seq=1 Destination Port Unreachable", 1),
        ("ipvs", "From 10.96.1.1 icmp_seq=1 Destination Port Unreachable", 1),
    ],
)
def test_a_cluster_ip_does_not_answer_ping(tmp_path: Path, mode: str, answer: str, status: int) -> None:
    changed = STALL.read_text(encoding="utf-8").replace("proxyMode: iptables", f"proxyMode: {mode}")
    (tmp_path / "stall.yaml").write_text(changed, encoding="utf-8")
    session = opened([str(tmp_path)])
    outcome = session.run("kubectl exec -n stall tool -- ping -c 1 web")
    assert outcome.status == status
    assert answer in outcome.stdout
    assert "(lab) A Service's address is a rule" in outcome.stderr


PINGS = [
    ("a pod of another node", "tool", "10.244.2.10", 0, "64 bytes from 10.244.2.10: icmp_seq=1 ttl=62"),
    ("a pod of the same node", "tool", "10.244.1.11", 0, "64 bytes from 10.244.1.11: icmp_seq=1 ttl=63"),
    ("a pod that listens on nothing", "tool", "10.244.1.11", 0, "1 packets transmitted, 1 received, 0% packet loss"),
    ("a node", "tool", "10.0.0.2", 0, "64 bytes from 10.0.0.2"),
    ("an address that nobody has", "tool", "10.244.2.99", 1, "100% packet loss"),
    ("a headless name: the pod", "tool", "peers", 0, "PING peers (10.244.2.10) 56(84) bytes of data."),
    ("a pod from outside", "outside", "10.244.2.10", 1, "100% packet loss"),
    ("BusyBox", "box", "10.244.2.10", 0, "64 bytes from 10.244.2.10: seq=0 ttl=62"),
]


@pytest.mark.parametrize(
    ("place", "target", "status", "line"), [row[1:] for row in PINGS], ids=[row[0] for row in PINGS]
)
def test_ping(at: Run, place: str, target: str, status: int, line: str) -> None:
    outcome = at(place, f"ping -c 1 {target}")
    assert outcome.status == status
    assert line in outcome.stdout


@pytest.mark.parametrize(
    ("place", "said", "status"),
    [
        ("tool", "ping: nosuch: Name or service not known\n", 2),
        ("box", "ping: bad address 'nosuch'\n", 1),
        ("mute", "ping: nosuch: Temporary failure in name resolution\n", 2),
    ],
)
def test_ping_of_no_name(at: Run, place: str, said: str, status: int) -> None:
    outcome = at(place, "ping -c 1 nosuch")
    assert (outcome.stderr, outcome.status) == (said, status)


def test_whether_policies_stop_ping_is_left_open(at: Run) -> None:
    assert "(lab) NetworkPolicies select this pod." in at("box", "ping -c 1 10.244.2.20").stderr


def test_traceroute_passes_the_nodes(at: Run) -> None:
    lines = at("tool", "traceroute 10.244.2.10").stdout.splitlines()
    assert lines[0] == "traceroute to 10.244.2.10 (10.244.2.10), 30 hops max, 60 byte packets"
    assert "10.244.2.10" in lines[-1]
    assert len(lines) == 4
    assert "* * *" in at("tool", "traceroute web").stdout


def test_a_pod_has_one_interface_beside_lo(at: Run) -> None:
    lines = at("tool", "ip addr").stdout.splitlines()
    assert [line for line in lines if line[:1].isdigit()] == [
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000",
        "2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default ",
    ]
    assert "    inet 10.244.1.10/32 scope global eth0" in lines
    assert at("tool", "ip -o -4 addr show eth0").stdout.startswith("2: eth0    inet 10.244.1.10/32 scope global eth0\\")


def test_a_pods_way_out(at: Run) -> None:
    assert at("tool", "ip route").stdout == "default via 169.254.1.1 dev eth0 \n169.254.1.1 dev eth0 scope link \n"


def test_what_is_taken_of_a_nodes_network_is_said(at: Run) -> None:
    outcome = at("n2", "ip route")
    assert "10.0.0.0/16 dev eth0 proto kernel scope link src 10.0.0.2 \n" in outcome.stdout
    assert outcome.stderr.startswith("(lab) The node's own network is taken to be 10.0.0.0/16.")


def test_nothing_listens_on_a_node_port(at: Run) -> None:
    assert at("n1", "curl -s -o /dev/null localhost:30080").status == 0
    listed = at("n1", "ss -ltn")
    assert ":10250 " in listed.stdout
    assert "30080" not in listed.stdout
    assert "30080" not in at("n1", "netstat -ltn").stdout


def test_what_listens_in_a_pod_is_what_it_declares(stall: Session, at: Run) -> None:
    stall.run("kubectl run show -n stall --image=nicolaka/netshoot --port=8080 -- sleep 1d")
    outcome = at("show", "ss -ltn")
    assert "0.0.0.0:8080" in outcome.stdout
    assert outcome.stderr.startswith("(lab) As far as the manifest declares it")


def test_programs_that_an_image_lacks(stall: Session) -> None:
    outcome = stall.run("kubectl exec -n stall web -- ping -c 1 10.244.1.10")
    assert outcome.status != 0
    assert 'exec: "ping": executable file not found in $PATH' in outcome.stderr
    assert stall.run("kubectl exec -n stall web -- curl -s -o /dev/null 10.244.2.10").status == 0


def test_each_command_is_remembered(at: Run) -> None:
    for line in ("ip route", "ss -ltn", "env", "cat /etc/hosts", "hostname"):
        name, *words = line.split()
        assert at("tool", line).effects[-1] == Ran(name, tuple(words))
