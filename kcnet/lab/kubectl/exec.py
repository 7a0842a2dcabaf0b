"""``kubectl exec``: a command in a container, or a shell there for the lines that follow."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.apiserver.images import has_shell
from kcnet.apiserver.resources import Resource, resource_of
from kcnet.lab.call import OUT, Call, Place
from kcnet.lab.kubectl.client import Client, Fault, Object, error, name_of, usage
from kcnet.lab.machine import Outcome
from kcnet.lab.shell import NOT_FOUND, Ended, Input

SHELLS = ("sh", "bash", "ash", "zsh", "/bin/sh", "/bin/bash", "/bin/ash", "/bin/zsh")


def run(client: Client) -> int:
    args, call = client.args, client.call
    words = args.words
    if not words and not args.all("filename"):
        raise error("pod, type/name or --filename must be specified")
    if len(words) > 1:
        raise usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead", "exec")
    command = list(args.behind or ())
    if not command:
        raise error("you must specify at least one command for the container")
    resource, pod = pod_of(client, words[0])
    container = container_of(client, pod, args.text("container"), quiet=args.on("quiet"))
    check_running(pod, container)
    place = Place("pod", name_of(pod), pod["metadata"]["namespace"], container)
    client.read("exec", resource, (name_of(pod),))
    if command[0] in SHELLS and not has_shell(image_of(pod, container), command[0].rpartition("/")[2]):
        raise _missing(command[0])
    if interactive_shell(command) and call.stdin is None:
        if args.on("stdin") and args.on("tty"):
            client.session.enter(place)
        elif args.on("tty") or args.on("stdin"):
            call.note("A shell needs -i and -t: kubectl exec -it POD -- sh")
        return 0
    # Without -i the command reads nothing.
    stdin = call.stdin if args.on("stdin") else Input("")
    status = in_container(call, place, command, stdin)
    if status == NOT_FOUND and _is_missing(call, command[0]):
        call.chunks.clear()
        raise _missing(command[0])
    if status:
        call.err(f"command terminated with exit code {status}")
    return status


def _missing(program: str) -> Fault:
    """As the container's runtime words it: of a path otherwise than of a name."""
    why = f"stat {program}: no such file or directory" if "/" in program else "executable file not found in $PATH"
    return error(
        "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in "
        "container: OCI runtime exec failed: exec failed: unable to start container process: exec: "
        f'"{program}": {why}: unknown',
        "Images hold few programs. nicolaka/netshoot has nearly all that a network needs.",
    )


def image_of(pod: Object, container: str) -> str:
    spec = pod.get("spec") or {}
    every = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return str(next((one.get("image") or "" for one in every if one.get("name") == container), ""))


def _is_missing(call: Call, name: str) -> bool:
    """Whether nothing ran, because the container has no such program."""
    return not any(stream == OUT for stream, _ in call.chunks) and any(
        f"{name.rsplit('/', 1)[-1]}: not found" in text for _, text in call.chunks
    )


def interactive_shell(command: Sequence[str]) -> bool:
    """``sh``, ``/bin/bash``, ``sh -l``: a shell that asks for what to do."""
    return command[0] in SHELLS and all(word in ("-i", "-l", "-il") for word in command[1:])


def in_container(call: Call, place: Place, command: Sequence[str], stdin: Input | None = None) -> int:
    """Run a command there; its status."""
    shell = call.shell.inner(place)
    try:
        result = shell.execute([_base(command[0]), *command[1:]], stdin or Input(""))
    except Ended as end:
        call.chunks += end.chunks
        call.effects += end.effects
        return end.status
    call.chunks += result.chunks
    call.effects += result.effects
    return result.status


def _base(word: str) -> str:
    """``/bin/sh`` and ``/usr/bin/curl`` by their own names."""
    folder, _, name = word.rpartition("/")
    return name if folder in ("/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin") else word


def captured(call: Call, place: Place, command: Sequence[str]) -> Outcome | None:
    """What a command there prints, shown to nobody; None if nothing runs there."""
    if call.session.cluster.pods.get((place.namespace, place.name)) is None:
        return None
    shell = call.shell.inner(place)
    try:
        return shell.outcome_of([_base(command[0]), *command[1:]], "")
    except Ended:
        return None


def pod_of(client: Client, word: str) -> tuple[Resource, Object]:
    """The pod that ``POD``, ``pod/POD`` or ``deploy/NAME`` means: of a workload or Service the first that runs."""
    pods = resource_of("Pod")
    kind, slash, name = word.partition("/")
    if not slash:
        return pods, client.server.get(pods, client.namespace, word)
    if not name or "/" in name:
        raise error("arguments in resource/name form must have a single resource and name")
    resource = client.resource(kind)
    if resource.kind == "Pod":
        return pods, client.server.get(pods, client.namespace, name)
    owner = client.server.get(resource, client.scope_of_one(resource), name)
    found = pods_behind(client, resource, owner)
    if not found:
        raise error("timed out waiting for the condition", f"{resource.kind} {name} has no pods.")
    return pods, found[0]


def pods_behind(client: Client, resource: Resource, owner: Object) -> list[Object]:
    """The pods that a workload's or a Service's selector finds, those that run first. Raises Fault."""
    from kcnet.apiserver.selectors import label_text

    spec = owner.get("spec") or {}
    if resource.kind in ("Service", "ReplicationController"):
        selector = ",".join(f"{key}={value}" for key, value in sorted((spec.get("selector") or {}).items()))
    elif isinstance(spec.get("selector"), dict):
        selector = label_text(spec["selector"])
    else:
        selector = ""
    if not selector:
        raise error(f"cannot attach to {type_name(resource)}: selector for {resource.plural} is not set")
    found = client.server.list(resource_of("Pod"), owner["metadata"].get("namespace"), labels=selector)
    return sorted(found, key=lambda pod: ((pod.get("status") or {}).get("phase") != "Running", not _ready(pod)))


def type_name(resource: Resource) -> str:
    return f"*{resource.version}.{resource.kind}"


def _ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def container_of(client: Client, pod: Object, wanted: str, *, quiet: bool = False) -> str:
    """The container's name; with several and none named, kubectl says which it took. Raises Fault."""
    spec = pod.get("spec") or {}
    names = [one["name"] for one in spec.get("containers") or ()]
    inits = [one["name"] for one in spec.get("initContainers") or ()]
    if wanted:
        if wanted not in [*names, *inits]:
            raise Fault(
                f"Error from server (BadRequest): container {wanted} is not valid for pod {name_of(pod)}",
                note=f"Its containers: {', '.join([*names, *inits])}.",
            )
        return wanted
    if len(names) > 1 and not quiet:
        listed = ", ".join([*names, *(f"{name} (init)" for name in inits)])
        client.call.err(f'Defaulted container "{names[0]}" out of: {listed}')
    return str(names[0]) if names else ""


def check_running(pod: Object, container: str) -> None:
    """Raises Fault where nothing can be run in the pod."""
    status = pod.get("status") or {}
    name = name_of(pod)
    if status.get("phase") in ("Succeeded", "Failed"):
        raise error(f"cannot exec into a container in a completed pod; current phase is {status['phase']}")
    if not (pod.get("spec") or {}).get("nodeName"):
        raise Fault(f"Error from server (BadRequest): pod {name} does not have a host assigned")
    state = next(
        (one.get("state") or {} for one in status.get("containerStatuses") or () if one.get("name") == container), None
    )
    if state is not None and "running" not in state and state:
        raise error(
            f'Internal error occurred: unable to upgrade connection: container not found ("{container}")',
            "The container does not run: kubectl describe pod tells why.",
        )
