"""``kubectl port-forward``: a tunnel from the learner's machine into one pod.

The bytes go from kubectl to the API server, from there to the kubelet of the pod's node, and then into the pod's own
network namespace, to its localhost: past the Service, past kube-proxy, and past every NetworkPolicy.
https://kubernetes.io/docs/tasks/access-application-cluster/port-forward-access-application-cluster/
"""

from __future__ import annotations

import re

from kcnet.apiserver.resources import resource_of
from kcnet.lab.kubectl.client import Client, Object, error, name_of, usage
from kcnet.lab.kubectl.exec import pods_behind
from kcnet.lab.session import Tunnel


def run(client: Client) -> int:
    words = client.args.words
    if len(words) < 2:
        raise usage("TYPE/NAME and list of ports are required for port-forward", "port-forward")
    kind, slash, name = words[0].partition("/")
    resource = client.resource(kind) if slash else resource_of("Pod")
    target = client.server.get(resource, client.scope_of_one(resource), name if slash else kind)
    pod = target if resource.kind == "Pod" else _first(client, resource, target)
    phase = (pod.get("status") or {}).get("phase")
    if phase != "Running":
        raise error(f"unable to forward port because pod is not running. Current status={phase}")
    home = pod["metadata"]["namespace"]
    client.read("port-forward", resource, (name_of(target),))
    for word in words[1:]:
        local, remote = _ports(word, target if resource.kind == "Service" else None, pod)
        client.session.tunnels[local] = Tunnel(home, name_of(pod), remote)
        client.call.line(f"Forwarding from 127.0.0.1:{local} -> {remote}")
        client.call.line(f"Forwarding from [::1]:{local} -> {remote}")
    first = words[1].split(":")[0] or words[1].split(":")[-1]
    client.call.note(f"The tunnel stays open, and you can go on typing: curl localhost:{first}")
    client.call.note(
        f"It goes through the API server and the kubelet to localhost of one pod, {name_of(pod)}: no Service, no "
        "kube-proxy, no NetworkPolicy is on that way."
    )
    return 0


def _first(client: Client, resource: object, target: Object) -> Object:
    from kcnet.apiserver.resources import Resource

    assert isinstance(resource, Resource)
    found = pods_behind(client, resource, target)
    if not found:
        raise error("timed out waiting for the condition", f"{resource.kind} {name_of(target)} has no pods.")
    return found[0]


def _ports(word: str, service: Object | None, pod: Object) -> tuple[int, int]:
    """(local port, the pod's port) of ``8080:80``, ``80``, ``:80``; the Service's port is turned into its pod's."""
    local, colon, remote = word.rpartition(":")
    remote_port = _number(remote, service, pod)
    if service is not None:
        remote_port = _target(service, pod, remote, remote_port)
    same = remote if re.fullmatch("[0-9]+", remote) else str(remote_port)
    local_text = (local or "40000") if colon else same
    if not re.fullmatch("[0-9]{1,5}", local_text) or not 0 < int(local_text) < 65536:
        raise error(f'error parsing local port "{local_text}": invalid port')
    return int(local_text), remote_port


def _number(text: str, service: Object | None, pod: Object) -> int:
    if re.fullmatch("[0-9]{1,5}", text) and 0 < int(text) < 65536:
        return int(text)
    named = [(port.get("name"), port["port"]) for port in (service or {}).get("spec", {}).get("ports") or ()]
    if service is None:
        named = _named(pod)
    for name, number in named:
        if name == text and text:
            return int(number)
    raise error(f"{'Service' if service else 'Pod'} '{name_of(service or pod)}' does not have a named port '{text}'")


def _named(pod: Object) -> list[tuple[str | None, int]]:
    containers = pod["spec"].get("containers") or ()
    return [(port.get("name"), port["containerPort"]) for one in containers for port in one.get("ports") or ()]


def _target(service: Object, pod: Object, text: str, number: int) -> int:
    for port in service["spec"].get("ports") or ():
        if port["port"] == number:
            target = port.get("targetPort", number)
            if service["spec"].get("clusterIP") == "None":
                return number
            if isinstance(target, int):
                return target
            found = next((one for name, one in _named(pod) if name == target), None)
            if found is None:
                raise error(f"Pod '{name_of(pod)}' does not have a named port '{target}'")
            return found
    raise error(f"Service {name_of(service)} does not have a service port {text}")
