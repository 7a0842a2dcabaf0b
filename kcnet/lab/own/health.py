"""``fail``, ``recover`` and ``drain``: what else happens to pods and nodes only by accident."""

from __future__ import annotations

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.resources import find, resource_of
from kcnet.lab.call import Call
from kcnet.lab.machine import Wrote
from kcnet.lab.nearest import nearest
from kcnet.lab.own import words_of

FAIL = "fail POD [readiness|crash|image] [-n NAMESPACE]"
RECOVER = "recover POD [-n NAMESPACE]"
WAYS = {
    "readiness": "readiness", "ready": "readiness", "unready": "readiness", "crash": "crash", "crashloop": "crash",
    "image": "image",
}  # fmt: skip
TOLD = {
    "readiness": "Its readiness probe fails now: it runs, and no Service sends it anything.",
    "crash": "Its container crashes now, again and again: nothing listens.",
    "image": "Its image cannot be pulled now: no container runs.",
}


def fail(call: Call) -> int:
    try:
        words, namespace = words_of(call, FAIL)
        if not words or len(words) > 2:
            raise ValueError(f"Usage: {FAIL}")
        way = WAYS.get(words[1] if len(words) > 1 else "readiness")
        if way is None:
            near = nearest(words[1], WAYS)
            raise ValueError(
                f"A pod does not fail by {words[1]}." + (f" Did you mean {near}?" if near else f" Usage: {FAIL}")
            )
        home, name = pod_named(call, words[0], namespace)
    except ValueError as error:
        call.err(f"fail: {error}")
        return 1
    kubelet = call.session.server.kubelet
    if way == "readiness":
        kubelet.set_ready(home, name, False)
    elif way == "crash":
        kubelet.crash(home, name)
    else:
        kubelet.bad_image(home, name)
    call.line(f"pod/{name} fails. {TOLD[way]}")
    call.did(Wrote("fail", "pods", home, name))
    return 0


def recover(call: Call) -> int:
    try:
        words, namespace = words_of(call, RECOVER)
        if len(words) != 1:
            raise ValueError(f"Usage: {RECOVER}")
        home, name = pod_named(call, words[0], namespace)
    except ValueError as error:
        call.err(f"recover: {error}")
        return 1
    call.session.server.kubelet.recover(home, name)
    call.line(f"pod/{name} runs and is ready.")
    call.did(Wrote("recover", "pods", home, name))
    return 0


def pod_named(call: Call, word: str, namespace: str) -> tuple[str, str]:
    """(namespace, name) of ``POD``, ``pod/POD``, ``NAMESPACE/POD`` or of the first pod of ``deploy/NAME``. Raises
    ValueError."""
    parts = word.split("/")
    if len(parts) == 3:
        namespace, parts = parts[0], parts[1:]
    kind = "Pod"
    if len(parts) == 2:
        resource = find(parts[0])
        if resource is None:
            namespace = parts[0]
        else:
            kind = resource.kind
        parts = parts[1:]
    name = parts[0]
    cluster = call.session.cluster
    if kind == "Pod" and (namespace, name) in cluster.pods:
        return namespace, name
    pods = [] if kind == "Pod" else list(cluster.workloads.get((kind, namespace, name), ()))
    if kind == "Pod":
        pods = [
            key
            for (_, home, own), found in cluster.workloads.items()
            if (home, own) == (namespace, name)
            for key in found
        ]
    if pods:
        return pods[0]
    there = [own for home, own in cluster.pods if home == namespace]
    elsewhere = sorted(home for home, own in cluster.pods if own == name)
    if elsewhere:
        raise ValueError(
            f"There is no pod {name} in namespace {namespace}. There is one in {elsewhere[0]}: add -n {elsewhere[0]}."
        )
    near = nearest(name, there)
    raise ValueError(f"There is no pod {name} in namespace {namespace}." + (f" Did you mean {near}?" if near else ""))


def drain(call: Call) -> int:
    """``drain NODE``: cordons it, and moves every pod away that may go."""
    try:
        words, _ = words_of(call, "drain NODE")
        if len(words) != 1:
            raise ValueError("Usage: drain NODE")
        name = words[0].removeprefix("node/")
        call.session.server.get(resource_of("Node"), None, name)
    except ValueError as error:
        call.err(f"drain: {error}")
        return 1
    except ApiError:
        near = nearest(name, call.session.cluster.nodes)
        call.err(f"drain: There is no node {name}." + (f" Did you mean {near}?" if near else ""))
        return 1
    call.note(f"kubectl drain {name} --ignore-daemonsets --force")
    result = call.shell.execute(["kubectl", "drain", name, "--ignore-daemonsets", "--force"])
    call.chunks += result.chunks
    call.effects += result.effects
    return result.status
