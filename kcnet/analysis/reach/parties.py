"""The ends of a question, as people type them: names of workloads and pods, addresses and networks, ``internet``.

The forms are those of ``kcnet.request``; names of rows (``shop/cart[Deployment]``) do as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_network

from kcnet.analysis.reach.addresses import range_of
from kcnet.analysis.reach.classes import workload_name, written_pods
from kcnet.analysis.reach.connectivity import Party, Reachability
from kcnet.model.names import IPNetwork, Ref
from kcnet.model.objects import Pod
from kcnet.path.nearest import closest
from kcnet.request import INTERNET, KINDS, RequestError

_ADDRESS = re.compile(r"[0-9.]+(/[0-9]*)?|[0-9a-fA-F]*:[0-9a-fA-F:]*(/[0-9]*)?")
_FORMS = "Name a workload, a pod, an IP address, a network, or internet."


def network_of(text: str) -> IPNetwork | None:
    try:
        return ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def addresses_of(text: str) -> tuple[int, int, int] | None:
    """Family, first and last address of an address, a network or a range; None if ``text`` is none of them."""
    network = network_of(text)
    if network is not None:
        return network.version, int(network.network_address), int(network.broadcast_address)
    try:
        found = range_of(text)
    except ValueError:
        return None
    return found if found is not None and found[1] <= found[2] else None


def party(reach: Reachability, text: str, namespace: str) -> Party:
    """The one end that ``text`` names; ``namespace`` is that of a name without one. Raises RequestError."""
    if text.lower() == "internet":
        version = reach.sure.relations[0].classes.pieces.version
        client = int(next(one for one in INTERNET if one.version == version))
        return Party("internet", addresses=(version, client, client))
    addresses = addresses_of(text)
    if addresses is not None:
        return Party(text, addresses=addresses)
    found = list(_named(reach, text, namespace))
    if not found:
        raise _unknown(reach, text, namespace)
    return found[0]


def party_of_row(name: str) -> Party:
    """The end of a row, by its name."""
    addresses = range_of(name)
    return Party(name, addresses=addresses) if addresses is not None else Party(name, workload=name)


def chosen(reach: Reachability, text: str, namespace: str | None) -> Callable[[str], bool]:
    """Whether a row's end is meant by ``text``; without ``namespace`` a bare name is looked for in all of them.

    Raises RequestError if it names nothing.
    """
    if text.lower() == "internet":
        return lambda name: not name.endswith("]")
    addresses = addresses_of(text)
    if addresses is not None:
        version, first, last = addresses

        def overlaps(name: str) -> bool:
            found = range_of(name)
            return found is not None and found[0] == version and found[1] <= last and first <= found[2]

        return overlaps
    names = {one.workload for one in _named(reach, text, namespace)}
    if not names:
        raise _unknown(reach, text, namespace)
    return lambda name: name in names


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
    if _ADDRESS.fullmatch(text):
        return RequestError(f"{text} is no IP address and no network.", fix="Write one such as 10.0.0.7 or 10.0.0.0/8.")
    host, colon, port = text.rpartition(":")
    if colon and port.isdecimal() and any(_named(reach, host, namespace)):
        return RequestError(f"No workload with pods is called {text}.", fix=f"Write {host}, and --port {port}.")
    name = text.rsplit("/", 1)[-1]
    elsewhere = sorted({one.workload or "" for one in _named(reach, name, None)})
    fix = f"There is {elsewhere[0]}." if elsewhere else ""
    if "://" in text or any(KINDS.get(part) in ("Service", "Node") for part in text.lower().split("/")[:-1]):
        return RequestError(f"Policies see pods and addresses, not {text}.", fix=fix or _FORMS)
    where = f" in namespace {namespace}" if namespace and "/" not in text else ""
    if not fix:
        names = {workload.name.partition("/")[2].partition("[")[0] for workload in reach.workloads}
        near = closest(name, names)
        fix = f"Did you mean {near}?" if near else _FORMS
    return RequestError(f"No workload with pods is called {text}{where}.", fix=fix)
