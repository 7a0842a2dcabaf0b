"""``kubectl config``: one context, that of the lab, with a namespace of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcnet.lab.kubectl.client import Client, Fault, error, usage
from kcnet.lab.machine import Ran

if TYPE_CHECKING:
    from kcnet.lab.session import Session

SERVER = "https://127.0.0.1:6443"


def context_name(session: Session) -> str:
    return f"kcnet-{session.scenario or 'lab'}"


def _context(client: Client) -> str:
    return context_name(client.session)


def set_context(client: Client) -> int:
    args, session = client.args, client.session
    name = _context(client)
    if not args.on("current") and not args.words:
        raise usage("you must specify a non-empty context name or --current", "config set-context")
    if args.words and (args.on("current") or args.words[0] != name):
        raise Fault(
            f"error: the lab has one context, {name}", note="kubectl config set-context --current --namespace=NAME"
        )
    if args.has("namespace"):
        session.namespace = args.text("namespace") or "default"
        if session.namespace not in session.cluster.namespaces:
            client.call.note(f"There is no namespace {session.namespace} yet; kubectl does not check that.")
    client.call.line(f'Context "{name}" modified.')
    client.call.did(Ran("kubectl config set-context", (session.namespace,)))
    return 0


def current_context(client: Client) -> int:
    client.call.line(_context(client))
    return 0


def use_context(client: Client) -> int:
    name = _context(client)
    if not client.args.words:
        raise usage("you must specify a context name", "config use-context")
    if client.args.words[0] != name:
        raise error(f'no context exists with the name: "{client.args.words[0]}"')
    client.call.line(f'Switched to context "{name}".')
    return 0


def get_contexts(client: Client) -> int:
    name, space = _context(client), client.session.namespace
    shown = "" if space == "default" else space
    if client.args.text("output") == "name":
        client.call.line(name)
        return 0
    width = len(name) + 3
    if not client.args.on("no-headers"):
        client.call.line(f"CURRENT   {'NAME':<{width}}{'CLUSTER':<{width}}{'AUTHINFO':<11}NAMESPACE")
    client.call.line(f"*         {name:<{width}}{name:<{width}}{'learner':<11}{shown}")
    return 0


def view(client: Client) -> int:
    from kcnet.lab.kubectl.printing import printed

    name = _context(client)
    context = {"cluster": name, "user": "learner"}
    if client.session.namespace != "default":
        context["namespace"] = client.session.namespace
    value = {
        "apiVersion": "v1",
        "clusters": [{"cluster": {"certificate-authority-data": "DATA+OMITTED", "server": SERVER}, "name": name}],
        "contexts": [{"context": context, "name": name}],
        "current-context": name,
        "kind": "Config",
        "preferences": {},
        "users": [
            {"name": "learner", "user": {"client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED"}}
        ],
    }
    client.call.out(printed(client, client.args.text("output", "yaml"), [value]))
    return 0


def get_clusters(client: Client) -> int:
    client.call.line(f"NAME\n{_context(client)}")
    return 0
