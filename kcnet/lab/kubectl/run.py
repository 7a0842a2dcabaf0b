"""``kubectl run``: a pod of flags, perhaps a Service before it, and perhaps a command whose output is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kcnet.apiserver.controllers.programs import start_error
from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.images import is_bare
from kcnet.apiserver.resources import resource_of
from kcnet.lab.call import ERR, OUT, Place
from kcnet.lab.kubectl import generate
from kcnet.lab.kubectl.client import Client, Object, error, name_of, usage
from kcnet.lab.kubectl.create import done, make
from kcnet.lab.kubectl.delete import deleted
from kcnet.lab.kubectl.exec import in_container, interactive_shell
from kcnet.lab.machine import Wrote

if TYPE_CHECKING:
    from kcnet.lab.session import Session
    from kcnet.lab.shell import Result

PROMPT_HINT = (
    "All commands and output from this session will be recorded in container logs, including credentials and sensitive "
    "information passed through the command prompt.\nIf you don't see a command prompt, try pressing enter."
)


def run(client: Client) -> int:
    args, call = client.args, client.call
    if not args.has("image"):
        raise error('required flag(s) "image" not set')
    if not args.words:
        raise usage("NAME is required for run", "run")
    attached = args.on("attach", args.on("stdin") or args.on("tty"))
    remove = args.on("rm")
    restart = args.text("restart", "Always")
    if not args.text("image"):
        raise error("--image is required")
    if restart not in ("Always", "OnFailure", "Never"):
        raise usage(f"invalid restart policy: {restart}", "run")
    if remove and not attached:
        raise usage("--rm should only be used for attached containers", "run")
    if attached and client.dry_run != "none":
        raise error("--dry-run=client can't be used with attached containers options (--attach, --stdin, or --tty)")
    command = [*args.words[1:], *(args.behind or ())]
    pod = _pod(client, args.words[0], restart, command)
    with client.together():
        if args.on("expose"):
            _expose(client, pod)
        if client.dry_run == "client" and args.text("output") == "yaml" and args.on("expose"):
            call.out("---\n")
        made = make(client, pod, verb="run") if not attached else _quietly(client, pod)
    if not attached:
        if command and client.dry_run == "none":
            _runs_alone(client, made, command, restart)
        return 0
    return _attached(client, made, command, remove=remove, restart=restart)


def _pod(client: Client, name: str, restart: str, command: list[str]) -> Object:
    args = client.args
    port = args.text("port")
    if port and not re.fullmatch("[0-9]{1,9}", port):
        raise error(f'strconv.Atoi: parsing "{port}": invalid syntax')
    labels = (
        generate.pairs(args.text("labels").split(","), "unexpected label spec")
        if args.text("labels")
        else {"run": name}
    )
    env = [{"name": key, "value": value} for key, value in generate.pairs(args.all("env"), "invalid env").items()]
    value = generate.pod(
        name,
        args.text("image"),
        labels=labels,
        annotations=generate.pairs(args.all("annotations")),
        env=env,
        port=int(port) if port else None,
        restart=restart,
        pull_policy=args.text("image-pull-policy"),
        command=command,
        as_command=args.on("command"),
        stdin=args.on("stdin"),
        tty=args.on("tty"),
        privileged=args.on("privileged"),
        namespace=args.text("namespace"),
    )
    if args.text("overrides"):
        from kcnet.apiserver.patch import merge
        from kcnet.lab.kubectl.patch import parsed_patch

        change = parsed_patch(args.text("overrides"))
        if not isinstance(change, dict):
            raise error("Invalid JSON Patch: --overrides takes an object")
        value = merge(value, change)
    return value


def _expose(client: Client, pod: Object) -> None:
    port = client.args.text("port")
    if not port:
        raise usage("--port must be set when exposing a service", "run")
    name = name_of(pod)
    value: Object = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": generate.metadata(name, None, client.args.text("namespace")),
        "spec": {
            "ports": [{"port": int(port), "protocol": "TCP", "targetPort": int(port)}],
            "selector": dict(pod["metadata"].get("labels") or {}),
        },
        "status": {"loadBalancer": {}},
    }
    make(client, value, verb="run")


def _quietly(client: Client, pod: Object) -> Object:
    made = client.server.create(resource_of("Pod"), client.namespace, generate.to_server(pod))
    client.warn()
    client.wrote("run", resource_of("Pod"), made)
    return made


def _attached(client: Client, made: Object, command: list[str], *, remove: bool, restart: str) -> int:
    """Shows what the command in the new pod prints; a shell becomes the place where the next lines are typed."""
    call, session = client.call, client.session
    name, home = name_of(made), made["metadata"]["namespace"]
    place = Place("pod", name, home, name, remove=remove)
    pod = session.cluster.pods.get((home, name))
    ended = pod is not None and pod.phase in ("Succeeded", "Failed")
    if why := start_error(made["spec"]["containers"][0]):
        return _not_started(client, home, name, why, remove=remove, restart=restart)
    if pod is None or pod.address is None or (pod.not_running and not ended):
        why = "" if pod is None else pod.pending_because or pod.not_running or ""
        call.note(f"The pod does not start: {why or 'see kubectl describe pod ' + name}.")
        status = 1
    elif command and interactive_shell(command) and is_bare(client.args.text("image")):
        call.note(f"This image holds no shell: {command[0]} is an argument of its own program, which runs on.")
        status = 0
    elif not command or interactive_shell(command):
        if client.args.on("stdin") and call.stdin is None and client.args.on("tty"):
            call.err(PROMPT_HINT)
            session.enter(place)
            return 0
        status = in_container(call, place, command or ["true"])
    else:
        status = in_container(call, place, command)
    if remove:
        _cleared(client, home, name)
    else:
        _finish(client, home, name, status, restart)
    if status and restart == "Never":
        call.err(f"pod {home}/{name} terminated (Error)")
    return status


def _not_started(client: Client, home: str, name: str, why: str, *, remove: bool, restart: str) -> int:
    """kubectl waits for a pod that runs, a minute long; of one that is not started again it tells the end."""
    client.call.note("The image has no such program." if remove else f"kubectl describe pod {name} says why.")
    if remove:
        _cleared(client, home, name)
    if restart == "Never":
        client.call.err(f"pod {home}/{name} terminated (StartError)\n{why}")
        return 128
    raise error("timed out waiting for the condition")


def _runs_alone(client: Client, made: Object, command: list[str], restart: str) -> None:
    """A command that nobody is attached to: what it prints is in the pod's log."""
    from kcnet.lab.kubectl.exec import captured

    name, home = name_of(made), made["metadata"]["namespace"]
    if start_error(made["spec"]["containers"][0]):
        return
    if interactive_shell(command) or command[0] in ("sleep", "tail") or "sleep" in " ".join(command):
        return
    outcome = captured(client.call, Place("pod", name, home, name), command)
    if outcome is None:
        return
    client.session.outputs[home, name] = outcome.stdout + outcome.stderr
    _finish(client, home, name, outcome.status, restart)


def _finish(client: Client, home: str, name: str, status: int, restart: str) -> None:
    """The command has ended, and so has the pod, unless it is started again."""
    if restart != "Always":
        client.server.kubelet.crash(home, name, exit_code=status)


def _cleared(client: Client, home: str, name: str) -> None:
    """What --rm does."""
    _remove(client.session, home, name)
    if not client.args.on("quiet"):
        client.call.line(deleted(resource_of("Pod"), name, home))
    client.call.did(Wrote("delete", "pods", home, name))


def _remove(session: Session, home: str, name: str) -> None:
    try:
        session.server.delete(resource_of("Pod"), home, name)
    except ApiError:
        return


def remove_pod(session: Session, place: Place, result: Result) -> None:
    """The shell of ``run --rm -it`` has ended."""
    _remove(session, place.namespace, place.name)
    result.chunks.append((OUT, deleted(resource_of("Pod"), place.name, place.namespace) + "\n"))
    result.effects.append(Wrote("delete", "pods", place.namespace, place.name))


__all__ = ["ERR", "done", "remove_pod", "run"]
