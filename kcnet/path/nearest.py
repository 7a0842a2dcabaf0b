"""Near misses: the name or label that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kcnet.model.cluster import Cluster
from kcnet.model.objects import Pod, Service
from kcnet.model.trace import Because
from kcnet.path.flow import key


class Hint(NamedTuple):
    text: str
    """Continues a sentence; "" if nothing is near."""
    repair: str
    because: tuple[Because, ...] = ()


MAX_COMPARED = 50
"""Names that are compared letter by letter: enough for people, and failing stays as fast as succeeding."""


MAX_PODS = 500
"""Pods of a namespace that are looked at."""


def closest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The most similar of ``names``; None if none is near."""
    from difflib import get_close_matches

    candidates = set(names)
    if len(candidates) > MAX_COMPARED:  # a slip rarely changes both ends, or the length by much
        candidates = {
            other
            for other in candidates
            if other and name and abs(len(other) - len(name)) <= 3 and (other[0] == name[0] or other[-1] == name[-1])
        }
    found = get_close_matches(name, sorted(candidates)[:MAX_COMPARED], n=1, cutoff=cutoff)
    return found[0] if found else None


ALIKE = 0.65
"""A label value this similar to the wanted one is taken for a slip of it."""


def unmatched_selector(cluster: Cluster, service: Service) -> Hint:
    """For a selector that no pod matches: a workload scaled to 0, a pod that nearly has it, or one elsewhere."""
    selector = service.selector
    idle = next((ref for ref, labels in cluster.idle.get(service.namespace, ()) if _matches(selector, labels)), None)
    if idle is not None:
        return Hint(
            f"; {idle} makes such pods, but is scaled to 0",
            f"Scale it up: kubectl scale {idle.kind.lower()} {idle.name} -n {idle.namespace} --replicas=1.",
            (Because(idle, "spec.replicas"),),
        )
    here = cluster.pods_by_namespace.get(service.namespace, ())[:MAX_PODS]
    best = max(here, key=lambda pod: _likeness(selector, pod.labels), default=None)
    likeness = _likeness(selector, best.labels) if best is not None else 0.0
    elsewhere = _selected_elsewhere(cluster, service) if likeness < ALIKE else None
    if elsewhere is not None:
        return Hint(
            f"; pod {elsewhere.namespace}/{elsewhere.name} has it, but a Service selects in its own namespace alone",
            f"Move {service.ref} to namespace {elsewhere.namespace}, and call it "
            f"{service.name}.{elsewhere.namespace} from other namespaces.",
            (Because(elsewhere.ref, _label_field(elsewhere, "")),),
        )
    wanted = ",".join(f"{label}={value}" for label, value in selector.items())
    if best is not None and likeness >= ALIKE:
        label, value = next((name, asked) for name, asked in selector.items() if best.labels.get(name) != asked)
        has = best.labels.get(label)
        other = f"{label}={has}" if has is not None else _nearest_label(label, value, best.labels)
        what = f"has {other}" if other else f"has no label {label}"
        return Hint(
            f"; nearest: pod {best.namespace}/{best.name} {what}",
            f"Make them agree: set {key('spec.selector', label)} of {service.ref} to the "
            f"pods' label{f' ({other})' if other else ''}, or label the pods {label}={value}.",
            (Because(best.ref, _label_field(best, label if has is not None else "")),),
        )
    if not here:
        return Hint(
            f"; there is no pod in namespace {service.namespace}", f"Run pods labelled {wanted} in that namespace."
        )
    return Hint("", f"Label the pods that should answer {wanted}, or change spec.selector to labels that they have.")


def _selected_elsewhere(cluster: Cluster, service: Service) -> Pod | None:
    """A pod of another namespace that the selector would match."""
    return next(
        (
            pod
            for namespace, pods in cluster.pods_by_namespace.items()
            if namespace != service.namespace
            for pod in pods[:MAX_PODS]
            if _matches(service.selector, pod.labels)
        ),
        None,
    )


def _label_field(pod: Pod, label: str) -> str:
    path = f"{pod.template}metadata.labels"
    return key(path, label) if label else path


def _matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    return all(labels.get(name) == value for name, value in selector.items())


def _likeness(selector: Mapping[str, str], labels: Mapping[str, str]) -> float:
    """How far labels are from a selector by their worst pair: 1 for equal, 0 for one that nothing is like."""
    return min((_pair_likeness(name, wanted, labels) for name, wanted in selector.items()), default=0.0)


def _pair_likeness(name: str, wanted: str, labels: Mapping[str, str]) -> float:
    from difflib import SequenceMatcher

    has = labels.get(name)
    if has is not None:
        ratio = SequenceMatcher(None, has, wanted).ratio()
        # cart and carts, web and web-v2: one is the other with something at an end
        return max(ratio, ALIKE) if ratio > 0.5 and (has.startswith(wanted) or wanted.startswith(has)) else ratio
    return ALIKE if _nearest_label(name, wanted, labels) else 0.0


def _nearest_label(name: str, value: str, labels: Mapping[str, str]) -> str | None:
    """``apps=cart`` for a selector ``app=cart``: the same value under another key, or a key much like it."""
    for other, has in labels.items():
        if has == value:
            return f"{other}={has}"
    near = closest(name, labels)
    return f"{near}={labels[near]}" if near else None
