"""``kubectl cordon``, ``uncordon`` and ``drain``"""

from __future__ import annotations

from kcnet.apiserver.resources import resource_of
from kcnet.lab.kubectl.client import Client, Fault, Object, name_of, usage
from kcnet.lab.machine import Wrote


def cordon(client: Client) -> int:
    return _each(client, wanted=True)


def uncordon(client: Client) -> int:
    return _each(client, wanted=False)


def _nodes(client: Client) -> list[Object]:
    args = client.args
    nodes = resource_of("Node")
    if args.has("selector"):
        return client.server.list(nodes, None, labels=args.text("selector"))
    if not args.words:
        raise usage(f"USAGE: {client.command} NODE [flags]", client.command)
    names = [word.removeprefix("node/").removeprefix("nodes/").removeprefix("no/") for word in args.words]
    return [client.server.get(nodes, None, name) for name in names]


def _each(client: Client, *, wanted: bool) -> int:
    for node in _nodes(client):
        with client.each():
            schedulable(client, node, wanted=wanted)
    return 0


def schedulable(client: Client, node: Object, *, wanted: bool) -> None:
    """Say whether new pods may come to a node."""
    name, word = name_of(node), "cordoned" if wanted else "uncordoned"
    if bool((node.get("spec") or {}).get("unschedulable")) == wanted:
        client.call.line(f"node/{name} already {word}")
        return
    if client.dry_run == "none":
        kubelet = client.server.kubelet
        (kubelet.cordon if wanted else kubelet.uncordon)(name)
        client.wrote("cordon" if wanted else "uncordon", resource_of("Node"), node)
    suffix = {"client": " (dry run)", "server": " (server dry run)"}.get(client.dry_run, "")
    client.call.line(f"node/{name} {word}{suffix}")


def drain(client: Client) -> int:
    for node in _nodes(client):
        with client.each():
            schedulable(client, node, wanted=True)
            _empty(client, node)
    return 0


def _empty(client: Client, node: Object) -> None:
    name, args = name_of(node), client.args
    pods = client.server.list(
        resource_of("Pod"), None, fields=f"spec.nodeName={name}", labels=args.text("pod-selector")
    )
    pods = [pod for pod in pods if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")]
    daemons = [pod for pod in pods if _owner(pod) == "DaemonSet"]
    bare = [pod for pod in pods if not _owner(pod)]
    others = [pod for pod in pods if pod not in daemons]
    reasons = []
    if bare and not args.on("force"):
        reasons.append(f"cannot delete Pods that declare no controller (use --force to override): {_listed(bare)}")
    if daemons and not args.on("ignore-daemonsets"):
        reasons.append(f"cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): {_listed(daemons)}")
    if reasons:
        found = reasons[0] if len(reasons) == 1 else f"[{', '.join(reasons)}]"
        client.call.err(f'error: unable to drain node "{name}" due to error: {found}, continuing command...')
        raise Fault(f"There are pending nodes to be drained:\n {name}\n" + "\n".join(reasons))
    if daemons:
        client.call.err(f"Warning: ignoring DaemonSet-managed Pods: {_listed(daemons)}")
    if bare:
        client.call.err(f"Warning: deleting Pods that declare no controller: {_listed(bare)}")
    if client.dry_run == "none":
        for pod in others:
            client.call.line(f"evicting pod {pod['metadata']['namespace']}/{name_of(pod)}")
        with client.server.batch():
            for pod in others:
                home = pod["metadata"]["namespace"]
                if client.server.store.get("pods", home, name_of(pod)) is not None:
                    client.server.delete(resource_of("Pod"), home, name_of(pod))
        for pod in others:
            home = pod["metadata"]["namespace"]
            client.call.line(f"pod/{name_of(pod)} evicted")
            client.call.did(Wrote("drain", "pods", home, name_of(pod)))
    client.call.line(f"node/{name} drained")


def _owner(pod: Object) -> str:
    owners = pod["metadata"].get("ownerReferences") or ()
    return next((str(one.get("kind")) for one in owners if one.get("controller")), "")


def _listed(pods: list[Object]) -> str:
    return ", ".join(f"{pod['metadata']['namespace']}/{name_of(pod)}" for pod in pods)
