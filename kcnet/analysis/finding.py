"""A finding of ``kcnet check``, and the rule that made it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from kcnet.model.cluster import Cluster
from kcnet.model.manifests import Manifests, ServiceManifest
from kcnet.model.names import Ref

if TYPE_CHECKING:
    from kcnet.analysis.mentions import Mention
    from kcnet.analysis.told import ConfigMaps
    from kcnet.controlplane.endpoints import PodIndex
    from kcnet.model.cluster import Key
    from kcnet.model.manifests import PodSpec
    from kcnet.model.objects import Pod, Service
    from kcnet.model.trace import Trace


_ENFORCING = ("calico", "cilium", "antrea", "kube-router", "network-polic", "weave", "ovn", "canal", "romana")
"""Words in the images of what enforces NetworkPolicy."""


class Severity(StrEnum):
    ERROR = "error"
    """What cannot be read, or the API server would reject. No rule has it: the loader reports these."""
    WARNING = "warning"
    """Accepted, and it will not work as it was surely meant, or not for long."""
    INFO = "info"
    """Works, and is worth knowing."""


class Edit(NamedTuple):
    """A repair that is certain: the scalar at ``field``, which says ``was``, becomes ``value``."""

    ref: Ref
    field: str
    was: str
    value: str


class Proof(NamedTuple):
    """A request that shows what a finding says, as it would be typed: ``kcnet trace --from SOURCE --to TARGET``.

    It is traced only when somebody asks, so that it costs a rule nothing.
    """

    source: str
    """``shop/pod/frontend``, ``internet``."""
    target: str
    """``http://cart.shop/``, ``shop/svc/cart:80``."""
    namespace: str = "default"
    protocol: str | None = None
    host: str | None = None

    def trace(self, cluster: Cluster) -> Trace:
        """Raises ``kcnet.request.RequestError`` if source or target does not exist."""
        from kcnet.model.names import Protocol
        from kcnet.model.trace import Request
        from kcnet.request import parse_client, parse_target
        from kcnet.simulate import trace

        return trace(
            cluster,
            Request(
                client=parse_client(cluster, self.source, self.namespace),
                target=parse_target(cluster, self.target, self.namespace),
                protocol=Protocol(self.protocol.upper()) if self.protocol else None,
                host=self.host,
            ),
        )

    def command(self, files: Sequence[str] = ()) -> str:
        """As a shell takes it, with ``-f`` for each of ``files``."""
        named = {"-n": self.namespace if self.namespace != "default" else None, "--from": self.source}
        named |= {"--to": self.target, "--protocol": self.protocol, "--host": self.host}
        options = [("-f", file) for file in files] + [(name, value) for name, value in named.items() if value]
        return " ".join(["kcnet trace", *(f"{name} {quote(value)}" for name, value in options)])


class Finding(NamedTuple):
    code: str
    severity: Severity
    ref: Ref
    field: str
    """Path in the manifest of ``ref``; "" for the object as a whole."""
    message: str
    """What is wrong, and what happens to a request because of it: one or two sentences."""
    fix: str
    """What to do, as an instruction with the names of this case."""
    proof: Proof | None = None
    """A request that shows it, where there is one."""
    edit: Edit | None = None
    """What ``--fix`` writes; None unless the repair is certain."""
    at: tuple[int, int] | None = None
    """Line and column, where ``field`` holds a text of many lines."""

    @property
    def file(self) -> str | None:
        return self.ref.origin.file if self.ref.origin else None

    @property
    def position(self) -> tuple[int, int] | None:
        """1-based line and column."""
        return self.at or (self.ref.origin.position(self.field) if self.ref.origin else None)

    def to_dict(self) -> dict[str, Any]:
        """An entry of ``findings`` in ``kcnet check -o json``."""
        line, column = self.position or (None, None)
        return {
            "code": self.code,
            "severity": self.severity.value,
            "object": {"kind": self.ref.kind, "namespace": self.ref.namespace, "name": self.ref.name},
            "field": self.field,
            "file": self.file,
            "line": line,
            "column": column,
            "message": self.message,
            "fix": self.fix,
            "trace": self.proof.command() if self.proof else None,
        }


class Subject(Struct, frozen=True, dict=True):
    """What a rule looks at: what was written, what Kubernetes made of it, and look-ups that rules share."""

    manifests: Manifests
    cluster: Cluster

    @cached_property
    def pods(self) -> PodIndex:
        """Finds the pods that a selector picks without looking at all of them."""
        from kcnet.controlplane.endpoints import PodIndex

        return PodIndex(self.cluster.pods.values())

    @cached_property
    def _selected(self) -> dict[Key, Sequence[Pod]]:
        return {}

    def selected(self, service: Service) -> Sequence[Pod]:
        """The pods of its namespace that a Service's selector matches; none without a selector."""
        key = service.namespace, service.name
        if key not in self._selected:
            selector = service.selector
            self._selected[key] = self.pods.selected(service.namespace, selector) if selector else ()
        return self._selected[key]

    @cached_property
    def services(self) -> tuple[tuple[ServiceManifest, Service], ...]:
        """The Services that somebody wrote, each beside what Kubernetes made of it."""
        return tuple(
            (written, service)
            for written in self.manifests.services
            if (service := self.cluster.services.get((written.namespace, written.name))) is not None
        )

    @cached_property
    def mentions(self) -> Sequence[Mention]:
        """The hosts that containers are told to call."""
        from kcnet.analysis.mentions import mentions

        return tuple(mentions(self.manifests, self.cluster))

    def texts(self, pod: Pod) -> Iterator[str]:
        """What its containers are told in plain text: arguments, environment variables, files of ConfigMaps."""
        from kcnet.analysis.told import told

        ref = pod.owner or pod.ref
        spec = self._specs.get(ref)
        if spec is not None:
            yield from (each.text for each in told(ref, spec, self._config_maps))

    @cached_property
    def _specs(self) -> Mapping[Ref, PodSpec]:
        found = {item.ref: item.spec for item in self.manifests.workloads}
        return found | {item.ref: item.spec for item in self.manifests.pods}

    @cached_property
    def _config_maps(self) -> ConfigMaps:
        return {(each.namespace, each.name): each for each in self.manifests.config_maps}

    @cached_property
    def matching(self) -> dict[Hashable, Sequence[Pod]]:
        """What ``policies.matching`` has found."""
        return {}

    @cached_property
    def homes(self) -> dict[Hashable, Sequence[str]]:
        """What ``policies.namespaces_of`` has found."""
        return {}

    @cached_property
    def enforces_policy(self) -> bool | None:
        """Whether the network plugin enforces NetworkPolicy; None if that is not known. If nobody names the plugin, one
        that runs from these manifests does."""
        return False if self.runs_flannel is not None else self.cluster.cni.enforces_policy

    @cached_property
    def runs_flannel(self) -> Ref | None:
        """The DaemonSet of Flannel, if nobody names the plugin and nothing beside it enforces policies."""
        images = [
            (each.ref, image.partition("@")[0])
            for each in self.manifests.workloads
            if each.ref.kind == "DaemonSet"
            for image in each.spec.images
        ]
        if self.cluster.cni.name or any(word in image for _, image in images for word in _ENFORCING):
            return None
        names = ((ref, image.rpartition("/")[2].partition(":")[0]) for ref, image in images)
        return next((ref for ref, name in names if name == "flannel" or name.endswith("-flannel")), None)

    @cached_property
    def custom(self) -> bool:
        """The manifests hold custom resources, whose controllers may make objects that nobody wrote."""
        groups = (name.rpartition("/")[0].rpartition("/")[0] for name in self.manifests.skipped)
        return any("." in group and not group.endswith(".k8s.io") for group in groups)

    @cached_property
    def kinds(self) -> Mapping[str, tuple[Pod, ...]]:
        """For each namespace one pod of every kind: of those that no selector, port or network tells apart.

        Finished pods are left out.
        """
        found: dict[str, dict[object, Pod]] = {}
        for pod in self.cluster.pods.values():
            if pod.phase not in ("Succeeded", "Failed"):
                same = (tuple(pod.labels.items()), pod.ports, pod.listens, pod.host_network, pod.dns_policy)
                found.setdefault(pod.namespace, {}).setdefault(same, pod)
        return {namespace: tuple(pods.values()) for namespace, pods in found.items()}

    @cached_property
    def templates(self) -> Mapping[str, tuple[Mapping[str, str], ...]]:
        """For each namespace the labels that pods of its workloads have, also of those that have no pods now."""
        found: dict[str, list[Mapping[str, str]]] = {}
        for workload in self.manifests.workloads:
            found.setdefault(workload.namespace, []).append(workload.template_labels)
        return {namespace: tuple(labels) for namespace, labels in found.items()}

    def client(self, namespace: str, *, but: Sequence[Pod] = ()) -> str | None:
        """Who could send a request, as ``--from`` names it: a workload or pod of ``namespace``, else of any other; none
        of the pods ``but`` if there is another. None if there is none."""
        pods = self.cluster.pods_by_namespace.get(namespace, ())
        return self.stranger(namespace, but) or next((self.named(pod) for pod in pods[:1] if pod.addresses), None)

    def stranger(
        self, namespace: str, but: Sequence[Pod] = (), *, such: Callable[[Pod], bool] | None = None
    ) -> str | None:
        """The same, in no case one of ``but``: no policy stops what a pod sends to itself. ``such``: what is asked of
        it besides."""
        pods = self.cluster.pods_by_namespace.get(namespace, ())
        others = {pod.ref for pod in but}
        near = (pod for pod in pods[: len(others) + 20] if pod.addresses and pod.phase == "Running")
        near = (pod for pod in near if not pod.host_network)

        def fits(pod: Pod) -> bool:
            return pod.ref not in others and (such is None or such(pod))

        found = next((pod for pod in (*near, *self._clients) if fits(pod)), None)
        if found is None:
            return None
        first = self._first(found)
        return self.named(first if fits(first) else found)

    def _first(self, pod: Pod) -> Pod:
        """The first pod of its workload, which goes by the workload's name; itself if that one has no address."""
        owner = pod.owner
        members = self.cluster.workloads.get((owner.kind, owner.namespace or "", owner.name), ()) if owner else ()
        first = self.cluster.pods.get(members[0]) if members else None
        return first if first is not None and first.addresses and first.phase == "Running" else pod

    def named(self, pod: Pod) -> str:
        """A pod as ``--from`` names it: by its workload if it is the first of its pods."""
        owner = pod.owner
        if owner is not None:
            members = self.cluster.workloads.get((owner.kind, owner.namespace or "", owner.name), ())
            if members[:1] == ((pod.namespace, pod.name),):
                return f"{pod.namespace}/{owner.kind.lower()}/{owner.name}"
        return f"{pod.namespace}/pod/{pod.name}"

    @cached_property
    def _clients(self) -> tuple[Pod, ...]:
        """A few pods that somebody wrote and that have an address, of any namespace."""
        found: dict[str, Pod] = {}
        for pod in self.cluster.pods.values():
            if pod.ref.origin is not None and pod.addresses and pod.phase == "Running" and not pod.host_network:
                found.setdefault(pod.namespace, pod)
        return tuple(found.values())


class Rule(NamedTuple):
    """One check: its page, and the function that looks."""

    code: str
    """Stable, in capitals, the subject first: ``SERVICE_SELECTS_NOTHING``."""
    severity: Severity
    title: str
    """A few words, without a full stop."""
    meaning: str
    """What goes wrong and why Kubernetes behaves so, for somebody who meets it the first time."""
    look: tuple[str, ...]
    """Commands that show it on a real cluster, with placeholders in capitals."""
    causes: tuple[str, ...]
    """The usual causes, most frequent first."""
    repair: str
    source: str
    """URL of the official page."""
    check: Callable[[Subject], Iterable[Finding]]

    def finding(
        self,
        ref: Ref,
        field: str,
        message: str,
        fix: str,
        *,
        proof: Proof | None = None,
        edit: Edit | None = None,
        at: tuple[int, int] | None = None,
    ) -> Finding:
        """A finding with this rule's code and severity."""
        return Finding(self.code, self.severity, ref, field, message, fix, proof, edit, at)
