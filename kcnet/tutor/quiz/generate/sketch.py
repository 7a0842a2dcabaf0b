"""A small cluster being drawn up: documents as they will be shown, with names and addresses that nobody has twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any

from kcnet.model.cluster import Cluster
from kcnet.model.names import Protocol
from kcnet.model.trace import Request
from kcnet.request import parse_client, parse_target
from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.draft import Asked
from kcnet.tutor.quiz.generate.yamltext import cluster_of, documents

Labels = Mapping[str, str]


class Sketch:
    """Grows by calls; once its ``cluster`` has been asked for it must not change."""

    def __init__(self, rng: Random, nodes: int = 2) -> None:
        self.rng = rng
        self.docs: list[dict[str, Any]] = []
        self.node_names = tuple(f"node-{number}" for number in range(1, nodes + 1))
        self._taken: set[str] = set()
        self._hosts = rng.randint(5, 40)
        self._addresses = {name: rng.randint(4, 30) for name in self.node_names}
        self._virtual = rng.randint(20, 120)

    # names

    def pick(self, names: Sequence[str]) -> str:
        """A name that was not given before."""
        free = [name for name in names if name not in self._taken]
        name = self.rng.choice(free)
        self._taken.add(name)
        return name

    def app(self) -> str:
        return self.pick(words.APPS)

    def namespace(self) -> str:
        return self.pick(words.NAMESPACES)

    def node(self) -> str:
        return self.rng.choice(self.node_names)

    def suffix(self) -> str:
        """What a ReplicaSet puts behind the names of its pods."""
        return "".join(self.rng.choice("bcdfghjklmnpqrstvwxz2456789") for _ in range(5))

    def node_address(self, name: str) -> str:
        return f"192.168.1.{self._hosts + self.node_names.index(name)}"

    def virtual_ip(self) -> str:
        self._virtual += self.rng.randint(1, 9)
        return f"10.96.{self._virtual // 250}.{self._virtual % 250 + 1}"

    def pod_ip(self, node: str) -> str:
        self._addresses[node] += self.rng.randint(1, 4)
        return f"10.244.{self.node_names.index(node) + 1}.{self._addresses[node]}"

    # documents

    def add(self, kind: str, namespace: str | None, name: str, api: str = "v1", **fields: Any) -> None:
        meta: dict[str, Any] = {"name": name}
        if namespace is not None:
            meta["namespace"] = namespace
        meta.update(fields.pop("meta", {}))
        self.docs.append({"apiVersion": api, "kind": kind, "metadata": meta, **fields})

    def nodes(self) -> None:
        for name in self.node_names:
            own = {"addresses": [{"type": "InternalIP", "address": self.node_address(name)}]}
            self.add("Node", None, name, status=own)

    def facts(self, **spec: Any) -> None:
        """What no manifest of Kubernetes says: the network plugin, the proxy mode, whether there are load balancers."""
        self.add("Cluster", None, "this-cluster", api="kcnet/v1", spec=spec)

    def labelled(self, namespace: str, labels: Labels) -> None:
        self.add("Namespace", None, namespace, meta={"labels": dict(labels)})

    def pod(
        self,
        name: str,
        namespace: str,
        labels: Labels,
        *,
        node: str | None = None,
        port: int | None = 8080,
        port_name: str = "",
        ready: bool = True,
        listens: int | None = None,
        host_network: bool = False,
    ) -> str:
        """A pod that runs; its address."""
        node = node or self.node()
        ip = self.node_address(node) if host_network else self.pod_ip(node)
        container: dict[str, Any] = {"name": "app", "image": f"{labels.get('app', 'tools')}:1.4"}
        if port is not None:
            container["ports"] = [{"name": port_name, "containerPort": port} if port_name else {"containerPort": port}]
        meta: dict[str, Any] = {"labels": dict(labels)}
        if listens is not None:
            meta["annotations"] = {"kcnet/listens": str(listens)}
        spec: dict[str, Any] = {"nodeName": node, **({"hostNetwork": True} if host_network else {})}
        status: dict[str, Any] = {"podIP": ip}
        if not ready:
            status["conditions"] = [{"type": "Ready", "status": "False"}]
        self.add("Pod", namespace, name, meta=meta, spec={**spec, "containers": [container]}, status=status)
        return ip

    def pods(self, app: str, namespace: str, count: int, labels: Labels | None = None, **more: Any) -> list[str]:
        """Pods of one application, spread over the nodes; their names."""
        names = [f"{app}-{self.suffix()}" for _ in range(count)]
        first = self.rng.randrange(len(self.node_names))
        for number, name in enumerate(names):
            node = self.node_names[(first + number) % len(self.node_names)]
            self.pod(name, namespace, labels or {"app": app}, **{"node": node, **more})
        return names

    def service(
        self,
        name: str,
        namespace: str,
        selector: Labels | None,
        *,
        port: int = 80,
        target: int | str | None = None,
        node_port: int | None = None,
        port_name: str = "",
        address: bool = True,
        **spec: Any,
    ) -> str | None:
        """A Service; its cluster IP, None for one that has none."""
        entry: dict[str, Any] = {"name": port_name} if port_name else {}
        entry["port"] = port
        if target is not None:
            entry["targetPort"] = target
        if node_port is not None:
            entry["nodePort"] = node_port
        own: dict[str, Any] = dict(spec)
        ip = None
        if spec.get("type") != "ExternalName" and "clusterIP" not in spec and address:
            ip = self.virtual_ip()
            own["clusterIP"] = ip
        if selector:
            own["selector"] = dict(selector)
        if spec.get("type") != "ExternalName":
            own["ports"] = [entry]
        self.add("Service", namespace, name, spec=own)
        return ip

    def policy(self, name: str, namespace: str, spec: Mapping[str, Any]) -> None:
        self.add("NetworkPolicy", namespace, name, api="networking.k8s.io/v1", spec=dict(spec))

    # what comes of it

    @cached_property
    def text(self) -> str:
        return documents(self.docs)

    @cached_property
    def cluster(self) -> Cluster:
        return cluster_of(self.text)

    def request(self, asked: Asked) -> Request:
        return request_of(self.cluster, asked)


def request_of(cluster: Cluster, asked: Asked) -> Request:
    """Raises RequestError where the cluster has no such source or target."""
    return Request(
        client=parse_client(cluster, asked.source, asked.namespace),
        target=parse_target(cluster, asked.target, asked.namespace),
        protocol=Protocol(asked.protocol.upper()) if asked.protocol else None,
        host=asked.host,
    )


def service_ports(rng: Random) -> tuple[int, int]:
    """A Service's port and another number for targetPort."""
    port = rng.choice(words.SERVICE_PORTS)
    return port, rng.choice([number for number in words.PORTS if number != port])
