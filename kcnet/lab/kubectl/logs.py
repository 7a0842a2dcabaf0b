"""``kubectl logs``: requests that really arrived in this session, as the pod saw them."""

from __future__ import annotations

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.resources import Resource, resource_of
from kcnet.lab.kubectl.client import Client, Fault, Object, error, name_of, usage
from kcnet.lab.kubectl.exec import container_of, pods_behind


def run(client: Client) -> int:
    args, call = client.args, client.call
    if not args.words and not args.has("selector"):
        raise usage(
            "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for "
            "the logs command",
            "logs",
        )
    pods = _pods(client)
    limit = args.number("tail", 10 if args.has("selector") else -1)
    for pod in pods:
        client.read("logs", resource_of("Pod"), (name_of(pod),))
        container = container_of(client, pod, args.text("container") or (args.words[1] if len(args.words) > 1 else ""),
                                 quiet=args.on("all-containers"))  # fmt: skip
        _check_started(pod, container, previous=args.on("previous"))
        lines = _lines(client, pod)
        if limit is not None and limit >= 0:
            lines = lines[len(lines) - min(limit, len(lines)) :]
        mark = f"[pod/{name_of(pod)}/{container}] " if args.on("prefix") else ""
        call.out("".join(f"{mark}{line}\n" for line in lines))
        if not lines:
            call.note(
                f"No request has reached pod {name_of(pod)} in this session. What else an application writes, kcnet "
                "does not know."
            )
    if args.on("follow"):
        call.note("-f prints once: new lines come when you send the next request.")
    return 0


def _pods(client: Client) -> list[Object]:
    args = client.args
    resource = resource_of("Pod")
    if args.has("selector"):
        found = client.server.list(resource, client.namespace, labels=args.text("selector"))
        if not found:
            client.call.err(f"No resources found in {client.namespace} namespace.")
        return found
    word = args.words[0]
    kind, slash, name = word.partition("/")
    if not slash:
        return [_named(client, resource, word)]
    owner_kind = client.resource(kind)
    if owner_kind.kind == "Pod":
        return [_named(client, resource, name)]
    owner = _named(client, owner_kind, name)
    found = pods_behind(client, owner_kind, owner)
    if not found:
        raise Fault("error: timed out waiting for the condition", note=f"{owner_kind.kind} {name} has no pods.")
    if args.on("all-pods"):
        return found
    if len(found) > 1:
        client.call.err(f"Found {len(found)} pods, using pod/{name_of(found[0])}")
    return found[:1]


def _named(client: Client, resource: Resource, name: str) -> Object:
    try:
        return client.server.get(resource, client.scope_of_one(resource), name)
    except ApiError as refused:
        raise error(
            f'error from server ({refused.reason}): {refused.message} in namespace "{client.namespace}"'
        ) from None


def _check_started(pod: Object, container: str, *, previous: bool) -> None:
    name = name_of(pod)
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    own: Object = next((one for one in statuses if one.get("name") == container), {})
    if previous and not own.get("restartCount"):
        raise Fault(
            f'Error from server (BadRequest): previous terminated container "{container}" in pod "{name}" not found'
        )
    waiting = (own.get("state") or {}).get("waiting") or {}
    if waiting.get("reason") in ("ImagePullBackOff", "ErrImagePull", "ContainerCreating"):
        why = "trying and failing to pull image" if "Image" in waiting["reason"] else waiting["reason"]
        raise Fault(
            f'Error from server (BadRequest): container "{container}" in pod "{name}" is waiting to start: {why}'
        )


def _lines(client: Client, pod: Object) -> list[str]:
    key = pod["metadata"].get("namespace", ""), name_of(pod)
    printed = client.session.outputs.get(key, "")
    return [*printed.splitlines(), *map(str, client.session.logs.get(key, ()))]
