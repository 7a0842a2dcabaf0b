"""The ends of a question, as people type them: names of workloads and pods, addresses and networks, ``internet``.

The forms are those of ``kcnet.request``; names of rows (``shop/cart[Deployment]``) do as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network

from kcnet.analysis.reach.addresses import range_of
from kcnet.analysis.reach.classes import workload_name, written_pods
from kcnet.analysis.reach.connectivity import Party, Reachability
from kcnet.model.names import IPNetwork, Ref
from kcnet.model.objects import Pod
from kcnet.path.nearest import closest
from kcnet.request import INTERNET, KINDS, RequestError


def network_of(text: str) -> IPNetwork | None:
    try:
        return ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def party(reach: Reachability, text: str, namespace: str) -> Party:
    """The one end that ``text`` names; ``namespace`` is that of a name without one. Raises RequestError."""
    if text.lower() == "internet":
        version = reach.sure.relations[0].classes.pieces.version
        client = int(next(one for one in INTERNET if one.version == version))
        return Party("internet", addresses=(version, client, client))
    network = network_of(text)
    if network is not None:
        return Party(text, addresses=_ends(network))
    found = list(_named(reach, text, namespace))
    if not found:
        raise _unknown(reach, text, namespace)
    return found[0]


def party_of_row(name: str) -> Party:
    """The end of a row, by its name."""
    addresses = range_of(name)
    return Party(name, addresses=addresses) if addresses is not None else Party(name, workload=name)


def _ends(network: IPNetwork) -> tuple[int, int, int]:
    return network.version, int(network.network_address), int(network.broadcast_address)


def chosen(reach: Reachability, text: str, namespace: str | None) -> Callable[[str], bool]:
    """Whether a row's end is meant by ``text``; without ``namespace`` a bare name is looked for in all of them.

    Raises RequestError if it names nothing.
    """
    if text.lower() == "internet":
        return lambda name: not name.endswith("]")
    network = network_of(text)
    if network is not None:
        version, first, last = _ends(network)

        def overlaps(name: str) -> bool:
            found = range_of(name)
            return found is not None and found[0] == version and found[1] <= last and first <= found[2]

        return overlaps
    if range_of_row(text):
        return lambda name: name == text
    names = {one.workload for one in _named(reach, text, namespace)}
    if not names:
        raise _unknown(reach, text, namespace)
    return lambda name: name in names


def range_of_row(text: str) -> bool:
    try:
        return range_of(text) is not None
    except ValueError:
        return False


def _named(reach: Reachability, text: str, namespace: str | None) -> Iterator[Party]:
    """Workloads of that name, and pods of that name; one of each row's workloads if several pods are meant."""
    if text.endswith("]"):
        if any(workload.name == text for workload in reach.workloads):
            yield Party(text, workload=text)
        return
    for space, kind, name in _readings(text, namespace):
        seen: set[str] = set()
        for pod in written_pods(reach.cluster):
            if space is not None and pod.namespace != space:
                continue
            if kind in (None, "Pod") and pod.name == name:
                yield Party(f"{pod.namespace}/{pod.name}", workload_name(pod), (pod.namespace, pod.name))
            elif kind != "Pod" and any(one.name == name and kind in (None, one.kind) for one in _owners(pod)):
                row = workload_name(pod)
                if row not in seen:
                    seen.add(row)
                    yield Party(row, workload=row)


def _owners(pod: Pod) -> Iterator[Ref]:
    return (one for one in (pod.owner, pod.controller) if one is not None)


def _readings(text: str, namespace: str | None) -> Iterator[tuple[str | None, str | None, str]]:
    """(namespace, kind, name), None where nothing is said."""
    parts = text.split("/")
    if any(not part for part in parts):
        return
    if len(parts) == 1:
        yield namespace, None, parts[0]
    elif len(parts) == 2:
        kind = KINDS.get(parts[0].lower().split(".")[0])
        yield (namespace, kind, parts[1]) if kind is not None else (parts[0], None, parts[1])
    elif len(parts) == 3:
        kind = KINDS.get(parts[1].lower().split(".")[0])
        if kind is not None:
            yield parts[0], kind, parts[2]


def _unknown(reach: Reachability, text: str, namespace: str | None) -> RequestError:
    name = text.rsplit("/", 1)[-1]
    elsewhere = sorted({one.workload or "" for one in _named(reach, name, None)})
    where = f" in namespace {namespace}" if namespace and "/" not in text else ""
    if elsewhere:
        fix = f"There is {elsewhere[0]}."
    else:
        names = {workload.name.partition("/")[2].partition("[")[0] for workload in reach.workloads}
        near = closest(name, names)
        fix = f"Did you mean {near}?" if near else "Name a workload, a pod, an IP address, a network, or internet."
    return RequestError(f"No workload with pods is called {text}{where}.", fix=fix)
