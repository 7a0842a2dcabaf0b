"""``kubectl scale``"""

from __future__ import annotations

from kcnet.apiserver.errors import ApiError
from kcnet.lab.kubectl.client import Client, Fault, error, name_of
from kcnet.lab.kubectl.create import done


def scale(client: Client) -> int:
    args = client.args
    if not args.has("replicas"):
        raise error('required flag(s) "replicas" not set')
    replicas = args.number("replicas") or 0
    if replicas < 0:
        raise error("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    try:
        found = client.objects(args.words)
    except ApiError as refused:
        raise error(f"no objects passed to scale {refused.message}") from None
    for resource, old in found:
        with client.each():
            if resource.plural not in ("deployments", "replicasets", "replicationcontrollers", "statefulsets"):
                raise Fault("Error from server (NotFound): the server could not find the requested resource",
                            note=f"A {resource.kind} has no replicas of its own.")  # fmt: skip
            current = (old.get("spec") or {}).get("replicas", 1)
            wanted = args.number("current-replicas", -1)
            if wanted not in (-1, current):
                raise error(f"Expected replicas to be {wanted}, was {current}")
            if client.dry_run == "client":
                client.report(resource, old, "scaled")
                continue
            made = old
            if client.dry_run == "none":
                made = client.server.scale(resource, old["metadata"].get("namespace"), name_of(old), replicas)
            done(client, "scale", made, "scaled")
    return 0
