"""``minikube service NAME --url``, ``minikube ip``: as beginners' articles use them, on the nodes of the lab."""

from __future__ import annotations

from kcnet.lab.call import Call
from kcnet.lab.machine import Ran
from kcnet.model.objects import Service

USAGE = "the lab knows minikube ip, minikube service NAME [-n NAMESPACE] [--url], minikube tunnel and minikube status"


def run(call: Call) -> int:
    words: list[str] = []
    namespace, url, listing = "default", False, False
    rest = list(call.argv[1:])
    while rest:
        word = rest.pop(0)
        if word in ("-n", "--namespace") and rest:
            namespace = rest.pop(0)
        elif word.startswith("--namespace="):
            namespace = word.partition("=")[2]
        elif word == "--url":
            url = True
        elif word in ("--all", "list"):
            listing = True
        elif word in ("-p", "--profile") and rest:
            rest.pop(0)
        elif word.startswith("-"):
            call.err(f"minikube: {USAGE}; not {word}")
            return 1
        else:
            words.append(word)
    node = next(iter(call.session.cluster.nodes.values()), None)
    if node is None:
        call.err("minikube: the cluster has no node.")
        return 1
    call.did(Ran("minikube", tuple(call.argv[1:])))
    if words[:1] == ["ip"]:
        call.line(str(node.address))
        return 0
    if words[:1] == ["service"] and (len(words) == 2 or listing):
        return (
            _list(call, str(node.address)) if listing else _service(call, words[1], namespace, str(node.address), url)
        )
    if words[:1] == ["tunnel"]:
        call.note("Services of type LoadBalancer have their addresses in the lab already: kubectl get svc. A real")
        call.note("minikube tunnel routes them to your machine, and stays open.")
        return 0
    if words[:1] in (["status"], ["start"]):
        call.line(
            "minikube\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured"
        )
        call.note("None of it is real: the cluster is that of the lab.")
        return 0
    call.err(f"minikube: {USAGE}.")
    return 1


def _service(call: Call, name: str, namespace: str, address: str, url: bool) -> int:
    service = call.session.cluster.services.get((namespace, name))
    if service is None:
        call.err(
            f"X Exiting due to SVC_NOT_FOUND: Service '{name}' was not found in '{namespace}' namespace.\n"
            f"You may select another namespace by using 'minikube service {name} -n <namespace>'. Or list out all the "
            "services using 'minikube service list'"
        )
        return 115
    urls = _urls(service, address)
    if not urls:
        call.err(f"* service {namespace}/{name} has no node port")
        call.note("Only Services of type NodePort and LoadBalancer have one.")
        return 0
    for one in urls:
        call.line(one)
    if not url:
        call.note("A real minikube would open it in a browser. Here: curl " + urls[0])
    return 0


def _urls(service: Service, address: str) -> list[str]:
    host = f"[{address}]" if ":" in address else address
    return [f"http://{host}:{port.node_port}" for port in service.ports if port.node_port]


def _list(call: Call, address: str) -> int:
    for (namespace, name), service in call.session.cluster.services.items():
        urls = _urls(service, address)
        call.line(f"{namespace:<16} {name:<28} {' '.join(urls) or 'No node port'}")
    return 0
