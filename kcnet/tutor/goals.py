"""Conditions: what a task wants of the sandbox, judged by what the cluster does and by what was asked of it.

Never by wording: any manifest, any command that leads there will do. A condition that does not hold gives one
counterexample, a sentence about what is so instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kcnet.lab.machine import Asked, Effect, LookedUp, Ran, Read, Wrote
from kcnet.model.trace import Trace, Verdict
from kcnet.tutor.asking import (
    RequestError,
    addresses_of,
    arrives_at,
    first_addresses,
    pods_of,
    same_client,
    same_request,
    trace_of,
)
from kcnet.tutor.lesson import Ask, Want

if TYPE_CHECKING:
    from kcnet.apiserver.store import Object
    from kcnet.lab.session import Session
    from kcnet.model.cluster import Cluster


class Failure(NamedTuple):
    """The first condition that does not hold."""

    want: Want
    counterexample: str
    """One sentence: what is so."""

    @property
    def id(self) -> str:
        return str(self.want.get("id", ""))

    @property
    def message(self) -> str:
        """What the author says about it."""
        return str(self.want["else"])


class Scene(NamedTuple):
    """What conditions are judged on."""

    session: Session
    namespace: str
    """Of names that have none."""
    effects: Sequence[Effect] = ()
    """What the learner's last line did and saw."""

    @property
    def cluster(self) -> Cluster:
        return self.session.cluster


def judge(wants: Iterable[Want], scene: Scene) -> Failure | None:
    """The first of ``wants`` that does not hold; None if all do."""
    for want in wants:
        said = unmet(want, scene)
        if said is not None:
            return Failure(want, said)
    return None


def unmet(want: Want, scene: Scene) -> str | None:
    """None if the condition holds; else a sentence about what is so instead."""
    kind = kind_of(want)
    try:
        return _JUDGES[kind](want, scene)
    except RequestError as error:
        return error.message


def kind_of(want: Want) -> str:
    return next((key for key in _JUDGES if key in want), "from")


ACTUALLY: Final[Mapping[Verdict, str]] = {
    Verdict.DELIVERED: "arrives",
    Verdict.REFUSED: "is refused",
    Verdict.TIMEOUT: "times out",
    Verdict.UNRESOLVED: "finds no address",
    Verdict.HTTP_ERROR: "gets an error of the HTTP controller",
    Verdict.TLS_ERROR: "fails in the TLS handshake",
    Verdict.EXTERNAL: "leaves the cluster",
    Verdict.UNKNOWN: "cannot be told",
    Verdict.PARTIAL: "arrives only sometimes",
    Verdict.MIXED: "fails now this way, now that",
}
_SHOULD: Final[Mapping[Verdict, str]] = {
    Verdict.DELIVERED: "it must arrive",
    Verdict.REFUSED: "it must be refused",
    Verdict.TIMEOUT: "it must time out",
    Verdict.UNRESOLVED: "its name must have no address",
    Verdict.HTTP_ERROR: "the HTTP controller must answer with an error",
    Verdict.TLS_ERROR: "its TLS handshake must fail",
    Verdict.EXTERNAL: "it must leave the cluster",
}


def _text(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value or ()))


def _flow(want: Want, scene: Scene) -> str | None:
    ask = Ask(want["from"], want["to"], want.get("protocol"), want.get("host"))
    trace = trace_of(scene.cluster, ask, scene.namespace)
    flow = f"{ask.source} → {ask.target}" + (f" as {ask.host}" if ask.host else "")
    verdicts = _text(want.get("verdict"))
    if verdicts and trace.verdict not in verdicts:
        return f"{flow} {_contrast(trace, verdicts)}."
    if "code" in want and trace.reason.code != want["code"]:
        return f"{flow} {ACTUALLY[trace.verdict]} ({trace.reason.code}); it must be {want['code']}."
    if "status" in want and trace.http_status != want["status"]:
        got = f"gets HTTP {trace.http_status}" if trace.http_status else ACTUALLY[trace.verdict]
        return f"{flow} {got}; it must get HTTP {want['status']}."
    if "sees" in want and (said := _source(trace, str(want["sees"]), scene)):
        return f"{flow}: {said}."
    if "arrives" in want and (said := _arrival(trace, want, scene)):
        return f"{flow} {said}."
    return None


def _contrast(trace: Trace, wanted: Sequence[str]) -> str:
    actual = ACTUALLY[trace.verdict]
    if trace.http_status:
        actual = f"gets HTTP {trace.http_status}"
    if trace.verdict is Verdict.DELIVERED and Verdict.DELIVERED not in wanted:
        return f"{actual}; it must not"
    if Verdict.DELIVERED in wanted:
        return f"{actual}; it must arrive"
    return f"{actual}; {' or '.join(_SHOULD[Verdict(one)] for one in wanted if Verdict(one) in _SHOULD)}"


def _source(trace: Trace, wanted: str, scene: Scene) -> str | None:
    seen = {str(path.source_seen) for path in trace.paths if path.source_seen is not None}
    if wanted == "client":
        allowed = set(map(str, trace.request.client.addresses))
    elif wanted == "node":
        allowed = {str(one) for node in scene.cluster.nodes.values() for one in node.addresses}
        # What a node takes as its own source may be its first address in the pod network.
        allowed |= {one for one in seen if one not in set(map(str, trace.request.client.addresses))}
    else:
        allowed = {wanted}
    if seen and seen <= allowed:
        return None
    found = " or ".join(sorted(seen)) or "nothing, for it does not arrive"
    called = {"client": "the address of the client", "node": "the address of a node"}.get(wanted, wanted)
    return f"the pod sees {found}; it must see {called}"


def _arrival(trace: Trace, want: Want, scene: Scene) -> str | None:
    allowed = frozenset(key for name in _text(want["arrives"]) for key in pods_of(scene.cluster, name, scene.namespace))
    wrong = sorted(arrives_at(trace) - allowed)
    if wrong:
        return f"may end at {'/'.join(wrong[0])}; it must end at {' or '.join(_text(want['arrives']))} alone"
    if not arrives_at(trace):
        return f"ends nowhere; it must end at {' or '.join(_text(want['arrives']))}"
    return None


def _endpoints(want: Want, scene: Scene) -> str | None:
    namespace, name = _place(str(want["endpoints"]), scene.namespace)
    service = f"{namespace}/{name}"
    if (namespace, name) not in scene.cluster.services:
        return f"There is no Service {service}."
    found = {}
    for piece in scene.cluster.slices.get((namespace, name), ()):
        for endpoint in piece.endpoints:
            found[endpoint.addresses[0]] = endpoint
    ready = sum(endpoint.ready for endpoint in found.values())
    if "count" in want and len(found) != want["count"]:
        return f"Service {service} has {_count(len(found))}; it must have {want['count']}."
    if "ready" in want and ready != want["ready"]:
        return f"Service {service} has {_count(ready, 'ready endpoint')}; it must have {want['ready']}."
    if "of" in want:
        wanted = frozenset(key for name in _text(want["of"]) for key in pods_of(scene.cluster, name, scene.namespace))
        pods = {(one.target.namespace or "", one.target.name) for one in found.values() if one.target is not None}
        if more := sorted(pods - wanted):
            return f"{'/'.join(more[0])} is an endpoint of Service {service}; it must not be."
        if missing := sorted(wanted - pods):
            return f"{'/'.join(missing[0])} is no endpoint of Service {service}; it must be."
    return None


def _count(number: int, noun: str = "endpoint") -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _resolves(want: Want, scene: Scene) -> str | None:
    name, source, wanted = str(want["resolves"]), str(want.get("from", "internet")), str(want.get("to", ""))
    trace = trace_of(scene.cluster, Ask(source, name), scene.namespace)
    found = {address for address, _ in first_addresses(trace) if address is not None}
    if trace.verdict is Verdict.UNRESOLVED or not found:
        nothing = trace.reason.code == "DNS_NXDOMAIN"
        said = "NXDOMAIN" if nothing else "no address"
        return None if wanted == "NXDOMAIN" and nothing else f"{source} asks for {name}: {said}; {_must_be(wanted)}."
    shown = ", ".join(sorted(map(str, found)))
    if wanted == "NXDOMAIN" or (wanted and not found & addresses_of(scene.cluster, wanted, scene.namespace)):
        return f"{source} asks for {name}: {shown}; {_must_be(wanted)}."
    return None


def _must_be(wanted: str) -> str:
    return f"it must be {wanted}" if wanted else "it must have an address"


def _saw(want: Want, scene: Scene) -> str | None:
    from kcnet.apiserver.resources import find

    wish = want["saw"]
    plurals = [found.plural if (found := find(one)) else one for one in _text(wish["resource"])]
    for effect in scene.effects:
        if not isinstance(effect, (Read, Wrote)) or effect.resource not in plurals:
            continue
        names = effect.names if isinstance(effect, Read) else (effect.name,)
        if (
            effect.verb in (_text(wish.get("verb")) or (effect.verb,))
            and effect.namespace in (wish.get("namespace", effect.namespace), None)
            and (wish.get("name") in (None, *names) or not names)
        ):
            return None
    return ""


def _asked(want: Want, scene: Scene) -> str | None:
    wish = want["asked"]
    for effect in scene.effects:
        if not isinstance(effect, Asked) or effect.tool not in (_text(wish.get("tool")) or (effect.tool,)):
            continue
        ref = effect.trace.request.client.ref
        source = wish.get("from") or "/".join(word for word in (ref.namespace, ref.kind.lower(), ref.name) if word)
        if ref.kind == "External":
            source = wish.get("from") or "internet"
        wanted = trace_of(scene.cluster, Ask(source, wish["to"]), scene.namespace)
        if not same_client(scene.cluster, effect.trace.request.client, wanted.request.client):
            continue
        if same_request(effect.trace, wanted) and effect.trace.verdict in (
            _text(wish.get("verdict")) or (effect.trace.verdict,)
        ):
            return None
    return ""


def _looked(want: Want, scene: Scene) -> str | None:
    wish = want["looked"]
    for effect in scene.effects:
        if not isinstance(effect, LookedUp) or effect.tool not in (_text(wish.get("tool")) or (effect.tool,)):
            continue
        if _same_name(effect.name, wish["name"]) and wish.get("answer") in (None, *effect.answers):
            return None
    return ""


def _same_name(asked: str, wanted: str) -> bool:
    """``cart``, ``cart.kiosk`` and ``cart.kiosk.svc.cluster.local.`` are one: the longer goes on from the other."""
    one, other = asked.lower().rstrip(".").split("."), wanted.lower().rstrip(".").split(".")
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _ran(want: Want, scene: Scene) -> str | None:
    wish = want["ran"]
    for effect in scene.effects:
        if isinstance(effect, Ran) and effect.command in _text(wish["command"]):
            said = " ".join(effect.arguments)
            if all(word in said for word in _text(wish.get("words"))):
                return None
    return ""


def _exists(want: Want, scene: Scene) -> str | None:
    return None if find_object(want["exists"], scene) is not None else f"There is no {want['exists']}."


def _absent(want: Want, scene: Scene) -> str | None:
    return None if find_object(want["absent"], scene) is None else f"{want['absent']} is still there."


def _has(want: Want, scene: Scene) -> str | None:
    wish = want["has"]
    found = find_object(wish["object"], scene)
    if found is None:
        return f"There is no {wish['object']}."
    value = field_of(found, wish["field"])
    if value is None:
        return f"{wish['object']} has no {wish['field']}."
    if "value" in wish and value != wish["value"]:
        return f"{wish['field']} of {wish['object']} is {value}."
    return None


def _lacks(want: Want, scene: Scene) -> str | None:
    wish = want["lacks"]
    found = find_object(wish["object"], scene)
    if found is None:
        return f"There is no {wish['object']}."
    return None if field_of(found, wish["field"]) is None else f"{wish['object']} still has {wish['field']}."


def _opens(want: Want, scene: Scene) -> str | None:
    open_ = {
        port.node_port: service.name
        for (namespace, _), service in sorted(scene.cluster.services.items())
        if namespace == scene.namespace
        for port in service.ports
        if port.node_port
    }
    for number, name in open_.items():
        if number not in want["opens"]:
            return f"Service {scene.namespace}/{name} opens port {number} of every node; it must not."
    missing = [number for number in want["opens"] if number not in open_]
    return f"No Service opens port {missing[0]} of the nodes." if missing else None


def find_object(text: str, scene: Scene) -> Object | None:
    """The object that ``deploy/cart`` or ``kiosk/deploy/cart`` names; None if there is none. Raises RequestError."""
    from kcnet.apiserver.errors import ApiError
    from kcnet.apiserver.resources import find

    *home, kind, name = ["", "", *text.split("/")][-3:]
    resource = find(kind)
    if resource is None:
        raise RequestError(f"{text}: {kind!r} is not a kind.", fix="Write KIND/NAME or NAMESPACE/KIND/NAME.")
    try:
        return scene.session.server.get(resource, home[0] or scene.namespace, name)
    except ApiError:
        return None


def field_of(value: Any, path: str) -> Any:
    """The value at ``spec.ports[0].port``; None if there is none."""
    from kcnet.loading.positions import parts

    for part in parts(path):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _place(text: str, namespace: str) -> tuple[str, str]:
    *home, name = text.removeprefix("svc/").split("/")
    return (home[0] if home else namespace), name


_JUDGES: Final[Mapping[str, Callable[[Want, Scene], str | None]]] = {
    "endpoints": _endpoints,
    "resolves": _resolves,
    "saw": _saw,
    "asked": _asked,
    "looked": _looked,
    "ran": _ran,
    "exists": _exists,
    "absent": _absent,
    "has": _has,
    "lacks": _lacks,
    "opens": _opens,
    "from": _flow,
}
