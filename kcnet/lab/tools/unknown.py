"""Programs that people reach for and that nobody can answer for here: said, never pretended."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.machine import Machine, Outcome, Ran, World

_INSTEAD = {
    "conntrack": "Connections that are open are not simulated; each request is a new one. trace shows how it goes.",
    "tcpdump": "Packets are not recorded. trace SOURCE TARGET shows each hop with the addresses before and after.",
    "openssl": "Certificates are not looked into. curl -v shows where the handshake ends.",
    "crictl": "The container runtime is not simulated. kubectl describe pod shows the containers.",
    "systemctl": "Services of the node are not simulated: kubelet and kube-proxy are taken to run.",
    "journalctl": "Logs of the node are not simulated. kubectl get events shows what was reported.",
    "nmap": "nc -zv HOST PORT asks one port, or a range such as 80-90.",
    "mtr": "traceroute shows the way once.",
    "arp": "Neighbours are not simulated. ip addr and ip route are.",
    "ps": "Processes are not simulated. ss -ltn shows what listens.",
    "top": "Load is not simulated.",
}


def run(world: World, machine: Machine, argv: Sequence[str], stdin: str) -> Outcome:
    tool = argv[0]
    said = _INSTEAD.get(tool, "Programs inside a container are not run here.")
    return Outcome("", f"(lab) {tool} is not simulated. {said}\n", 1, (Ran(tool, tuple(argv[1:])),))
