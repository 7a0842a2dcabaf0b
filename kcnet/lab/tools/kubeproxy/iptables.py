"""The rules of kube-proxy's iptables mode, as ``iptables-save`` prints them.

pkg/proxy/iptables/proxier.go in kubernetes/kubernetes: the tables, the chains and their order, the comments. Rules of
the network plugin and of the node's own firewall are not known and not printed; kubelet's chain KUBE-FIREWALL is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kcnet.lab.tools.kubeproxy.ports import ProxyPort, proxied_ports
from kcnet.model.cluster import Cluster
from kcnet.model.names import IPAddress
from kcnet.path.chains import chain
from kcnet.path.endpoints import Backend

MARK = "0x4000/0x4000"
REJECT = "-j REJECT --reject-with icmp-port-unreachable"
_LAST = "kubernetes service nodeports; NOTE: this must be the last rule in this chain"


@dataclass(slots=True)
class Table:
    """One table: its chains with their policies ("-" for kube-proxy's own), and the rules of each in order."""

    name: str
    chains: dict[str, str]
    rules: dict[str, list[str]] = field(default_factory=dict)

    def add(self, chain_name: str, rule: str) -> None:
        self.chains.setdefault(chain_name, "-")
        self.rules.setdefault(chain_name, []).append(f"-A {chain_name} {rule}")

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of iptables-save: built-in chains first, then the others by name."""
        builtin = [name for name, policy in self.chains.items() if policy != "-"]
        return (*builtin, *sorted(name for name, policy in self.chains.items() if policy == "-"))

    def lines(self) -> Iterator[str]:
        yield f"*{self.name}"
        yield from (f":{name} {self.chains[name]} [0:0]" for name in self.names)
        for name in self.names:
            yield from self.rules.get(name, ())
        yield "COMMIT"


def save(cluster: Cluster, node: str, only: str | None = None) -> str:
    """The tables ``filter`` and ``nat``, or one of them."""
    tables = tables_of(cluster, node)
    return "".join(f"{line}\n" for table in tables if only in (None, table.name) for line in table.lines())


def tables_of(cluster: Cluster, node: str) -> tuple[Table, Table]:
    filter_ = Table("filter", {"INPUT": "ACCEPT", "FORWARD": "ACCEPT", "OUTPUT": "ACCEPT"})
    nat = Table("nat", {"PREROUTING": "ACCEPT", "INPUT": "ACCEPT", "OUTPUT": "ACCEPT", "POSTROUTING": "ACCEPT"})
    _frame(filter_, nat)
    pods = [cidr for cidr in cluster.pod_cidrs if cidr.version == 4][:1]
    inside = str(pods[0]) if pods else None
    place = cluster.nodes.get(node)
    own = next((address for address in place.addresses if address.version == 4), None) if place else None
    for one in proxied_ports(cluster, node):
        _rejections(filter_, one)
        _service(own, filter_, nat, one, inside)
    nat.add("KUBE-SERVICES", f"{_comment(_LAST)} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS")
    return filter_, nat


def _comment(text: str) -> str:
    return f'-m comment --comment "{text}"'


def probability(left: int) -> str:
    """Of the first of ``left`` endpoints, as iptables-save prints it.

    kube-proxy writes ten decimals, the kernel keeps them in 31 bits, and what comes back has eleven: 0.33333333349.
    """
    return f"{round(float(f'{1 / left:.10f}') * 2**31) / 2**31:.11f}"


def _frame(filter_: Table, nat: Table) -> None:
    """What is there whatever the Services: jumps from the built-in chains, marking and masquerading."""
    firewall = _comment("kubernetes load balancer firewall")
    new = "-m conntrack --ctstate NEW"
    portals = _comment("kubernetes service portals")
    outside = _comment("kubernetes externally-visible service portals")
    filter_.add("INPUT", f"{new} {firewall} -j KUBE-PROXY-FIREWALL")
    filter_.add("INPUT", f"{_comment('kubernetes health check service ports')} -j KUBE-NODEPORTS")
    filter_.add("INPUT", f"{new} {outside} -j KUBE-EXTERNAL-SERVICES")
    filter_.add("INPUT", "-j KUBE-FIREWALL")
    filter_.add("FORWARD", f"{new} {firewall} -j KUBE-PROXY-FIREWALL")
    filter_.add("FORWARD", f"{_comment('kubernetes forwarding rules')} -j KUBE-FORWARD")
    filter_.add("FORWARD", f"{new} {portals} -j KUBE-SERVICES")
    filter_.add("FORWARD", f"{new} {outside} -j KUBE-EXTERNAL-SERVICES")
    filter_.add("OUTPUT", f"{new} {firewall} -j KUBE-PROXY-FIREWALL")
    filter_.add("OUTPUT", f"{new} {portals} -j KUBE-SERVICES")
    filter_.add("OUTPUT", "-j KUBE-FIREWALL")
    for name in ("KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL", "KUBE-SERVICES"):
        filter_.chains.setdefault(name, "-")
    filter_.chains.setdefault("KUBE-KUBELET-CANARY", "-")
    filter_.chains.setdefault("KUBE-PROXY-CANARY", "-")
    blocked = _comment("block incoming localnet connections")
    filter_.add(
        "KUBE-FIREWALL",
        f"! -s 127.0.0.0/8 -d 127.0.0.0/8 {blocked} -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP",
    )
    filter_.add("KUBE-FORWARD", "-m conntrack --ctstate INVALID -j DROP")
    filter_.add("KUBE-FORWARD", f"{_comment('kubernetes forwarding rules')} -m mark --mark {MARK} -j ACCEPT")
    rule = _comment("kubernetes forwarding conntrack rule")
    filter_.add("KUBE-FORWARD", f"{rule} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")

    nat.add("PREROUTING", f"{portals} -j KUBE-SERVICES")
    nat.add("OUTPUT", f"{portals} -j KUBE-SERVICES")
    nat.add("POSTROUTING", f"{_comment('kubernetes postrouting rules')} -j KUBE-POSTROUTING")
    for name in ("KUBE-KUBELET-CANARY", "KUBE-NODEPORTS", "KUBE-PROXY-CANARY"):
        nat.chains.setdefault(name, "-")
    nat.add("KUBE-MARK-MASQ", f"-j MARK --set-xmark {MARK}")
    nat.add("KUBE-POSTROUTING", f"-m mark ! --mark {MARK} -j RETURN")
    nat.add("KUBE-POSTROUTING", "-j MARK --set-xmark 0x4000/0x0")
    snat = _comment("kubernetes service traffic requiring SNAT")
    nat.add("KUBE-POSTROUTING", f"{snat} -j MASQUERADE --random-fully")


def _to(address: object, one: ProxyPort, comment: str) -> str:
    return f"-d {address}/32 -p {one.protocol} {_comment(comment)} -m {one.protocol} --dport {one.port.port}"


def _rejections(filter_: Table, one: ProxyPort) -> None:
    """Rules of the filter table for addresses that lead nowhere: rejected if there is no endpoint at all, dropped if a
    Local policy finds none on this node."""
    if not one.any_in_cluster:
        text, action = f"{one.name} has no endpoints", REJECT
        inside = outside = True
    else:
        text, action = f"{one.name} has no local endpoints", "-j DROP"
        inside = one.internal_local and not one.local
        outside = one.external_local and not one.local
    if inside:
        filter_.add("KUBE-SERVICES", f"{_to(one.cluster_ip, one, text)} {action}")
    if outside and one.external:
        for address in (*one.external_ips, *one.load_balancers):
            filter_.add("KUBE-EXTERNAL-SERVICES", f"{_to(address, one, text)} {action}")
        if one.port.node_port:
            match = f"-p {one.protocol} {_comment(text)} -m addrtype --dst-type LOCAL"
            port = f"-m {one.protocol} --dport {one.port.node_port}"
            filter_.add("KUBE-EXTERNAL-SERVICES", f"{match} {port} {action}")


def _service(own: IPAddress | None, filter_: Table, nat: Table, one: ProxyPort, inside: str | None) -> None:
    if not one.any_in_cluster:
        return
    svc = chain("KUBE-SVC", one.service, one.port)
    svl = chain("KUBE-SVL", one.service, one.port)
    internal = svl if one.internal_local else svc
    if one.inside:
        nat.add("KUBE-SERVICES", f"{_to(one.cluster_ip, one, f'{one.name} cluster IP')} -j {internal}")
    if one.external:
        _external(own, filter_, nat, one, inside)
    for name, endpoints in ((svc, one.in_cluster_chain), (svl, one.in_local_chain)):
        if endpoints and name == internal and inside is not None:
            masquerade = f"! -s {inside} {_to(one.cluster_ip, one, f'{one.name} cluster IP')}"
            nat.add(name, f"{masquerade} -j KUBE-MARK-MASQ")
        _balance(nat, one, name, endpoints)
    for backend in one.reachable:
        _endpoint(nat, one, backend)


def _external(own: IPAddress | None, filter_: Table, nat: Table, one: ProxyPort, inside: str | None) -> None:
    """Addresses that are asked from outside lead to KUBE-EXT, also where a Local policy finds no endpoint on this node:
    requests of pods and of the node itself take a shorter way from there."""
    svc, svl = chain("KUBE-SVC", one.service, one.port), chain("KUBE-SVL", one.service, one.port)
    ext = chain("KUBE-EXT", one.service, one.port)
    for address in one.external_ips:
        nat.add("KUBE-SERVICES", f"{_to(address, one, f'{one.name} external IP')} -j {ext}")
    _load_balancers(own, filter_, nat, one)
    if one.port.node_port:
        match = f"-p {one.protocol} {_comment(one.name)} -m {one.protocol} --dport {one.port.node_port}"
        nat.add("KUBE-NODEPORTS", f"{match} -j {ext}")
    target = f"{one.name} external destinations"
    if not one.external_local:
        nat.add(ext, f"{_comment(f'masquerade traffic for {target}')} -j KUBE-MARK-MASQ")
        nat.add(ext, f"-j {svc}")
        return
    if inside is not None:
        nat.add(ext, f"-s {inside} {_comment(f'pod traffic for {target}')} -j {svc}")
    local = "-m addrtype --src-type LOCAL"
    nat.add(ext, f"{_comment(f'masquerade LOCAL traffic for {target}')} {local} -j KUBE-MARK-MASQ")
    nat.add(ext, f"{_comment(f'route LOCAL traffic for {target}')} {local} -j {svc}")
    if one.local:
        nat.add(ext, f"-j {svl}")


def _load_balancers(own: IPAddress | None, filter_: Table, nat: Table, one: ProxyPort) -> None:
    """With source ranges by way of KUBE-FW: what falls off its end is dropped in the filter table."""
    ext, firewall = chain("KUBE-EXT", one.service, one.port), chain("KUBE-FW", one.service, one.port)
    comment = f"{one.name} loadbalancer IP"
    for address in one.load_balancers:
        nat.add("KUBE-SERVICES", f"{_to(address, one, comment)} -j {firewall if one.guarded else ext}")
        if one.guarded:
            said = f"{one.name} traffic not accepted by {firewall}"
            filter_.add("KUBE-PROXY-FIREWALL", f"{_to(address, one, said)} -j DROP")
    if not one.guarded:
        return
    for cidr in one.guarded:
        nat.add(firewall, f"-s {cidr} {_comment(comment)} -j {ext}")
    if own is not None and any(own in cidr for cidr in one.guarded):
        for address in one.load_balancers:  # a node that holds the address itself asks with it as its source
            nat.add(firewall, f"-s {address}/32 {_comment(comment)} -j {ext}")
    nat.add(firewall, _comment(f"other traffic to {one.name} will be dropped by KUBE-PROXY-FIREWALL"))


def _balance(nat: Table, one: ProxyPort, name: str, endpoints: Sequence[Backend]) -> None:
    """Affinity first, then chance: rule i of n matches with probability 1/(n-i), the last one always."""
    if one.service.session_affinity:
        for backend in endpoints:
            sep = _sep(one, backend)
            recent = f"-m recent --rcheck --seconds {one.service.affinity_seconds} --reap --name {sep}"
            text = _comment(f"{one.name} -> {backend.address}:{backend.port}")
            nat.add(name, f"{text} {recent} --mask 255.255.255.255 --rsource -j {sep}")
    for index, backend in enumerate(endpoints):
        left = len(endpoints) - index
        text = _comment(f"{one.name} -> {backend.address}:{backend.port}")
        chance = f" -m statistic --mode random --probability {probability(left)}" if left > 1 else ""
        nat.add(name, f"{text}{chance} -j {_sep(one, backend)}")


def _endpoint(nat: Table, one: ProxyPort, backend: Backend) -> None:
    sep = _sep(one, backend)
    nat.add(sep, f"-s {backend.address}/32 {_comment(one.name)} -j KUBE-MARK-MASQ")
    affinity = ""
    if one.service.session_affinity:
        affinity = f" -m recent --set --name {sep} --mask 255.255.255.255 --rsource"
    target = f"--to-destination {backend.address}:{backend.port}"
    nat.add(sep, f"-p {one.protocol} {_comment(one.name)}{affinity} -m {one.protocol} -j DNAT {target}")


def _sep(one: ProxyPort, backend: Backend) -> str:
    return chain("KUBE-SEP", one.service, one.port, f"{backend.address}:{backend.port}")
