"""``kubectl explain KIND.FIELD``"""

from __future__ import annotations

from kcnet.lab.kubectl.client import Client, Fault, error
from kcnet.lab.kubectl.printers.errors import PrintError
from kcnet.lab.kubectl.printers.explain import explain


def run(client: Client) -> int:
    args = client.args
    if not args.words:
        raise error(
            'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of '
            "supported resources."
        )
    if len(args.words) > 1:
        raise error("We accept only this format: explain RESOURCE")
    kind, *path = [part for part in args.words[0].replace("[]", "").split(".") if part] or [""]
    try:
        resource = client.resource(kind)
    except Fault as fault:
        raise Fault(fault.message.removeprefix("error: "), note=fault.note) from None
    client.read("explain", resource, (args.words[0],))
    try:
        page = explain(resource.group, resource.version, resource.kind, path, recursive=args.on("recursive"))
    except PrintError as fault:
        client.call.out(getattr(fault, "printed", "") or "")
        raise error(str(fault)) from None
    client.call.out(page)
    return 0
