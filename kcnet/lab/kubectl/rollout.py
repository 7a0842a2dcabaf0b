"""``kubectl rollout``: status, history, undo, restart."""

from __future__ import annotations

import re
from copy import deepcopy

from kcnet.apiserver.resources import Resource, resource_of
from kcnet.lab.kubectl.client import Client, Fault, Object, error, name_of, typed_name
from kcnet.lab.kubectl.writing import write

REVISION = "deployment.kubernetes.io/revision"
KINDS = ("Deployment", "DaemonSet", "StatefulSet")


def _workloads(client: Client) -> list[tuple[Resource, Object]]:
    found = client.objects(client.args.words, missing="required resource not specified", whole_kind=True)
    verb = client.command.split()[-1]
    for resource, value in found:
        if resource.kind in KINDS:
            continue
        if verb == "restart":
            raise error(f'{resource.plural} "{name_of(value)}" restarting is not supported')
        viewer = {"status": "status viewer", "history": "history viewer", "undo": "rollbacker"}[verb]
        raise error(f"no {viewer} has been implemented for {resource.kind}")
    return found


def status(client: Client) -> int:
    failed = 0
    for resource, value in _workloads(client):
        client.read("rollout status", resource, (name_of(value),))
        done, text = _progress(resource, value)
        client.call.line(text)
        if not done:
            client.call.note(
                "A real kubectl goes on waiting. Nothing here changes by itself: kubectl get pods tells more."
            )
            client.call.err("error: timed out waiting for the condition")
            failed = 1
    return failed


def _progress(resource: Resource, value: Object) -> tuple[bool, str]:
    """Whether a rollout is done, and what kubectl says of it (kubectl pkg/polymorphichelpers/rollout_status.go)."""
    name, now = name_of(value), value.get("status") or {}
    wanted = (value.get("spec") or {}).get("replicas", 1)
    if resource.kind == "StatefulSet":
        ready = now.get("readyReplicas", 0)
        if ready < wanted:
            return False, f"Waiting for {wanted - ready} pods to be ready..."
        # The default partition is 0, which counts as one.
        return True, f"partitioned roll out complete: {now.get('updatedReplicas', ready)} new pods have been updated..."
    if resource.kind == "DaemonSet":
        wanted, updated = now.get("desiredNumberScheduled", 0), now.get("updatedNumberScheduled", 0)
        available, waiting = now.get("numberAvailable", 0), f'Waiting for daemon set "{name}" rollout to finish:'
        if updated < wanted:
            return False, f"{waiting} {updated} out of {wanted} new pods have been updated..."
        if available < wanted:
            return False, f"{waiting} {available} of {wanted} updated pods are available..."
        return True, f'daemon set "{name}" successfully rolled out'
    updated, waiting = now.get("updatedReplicas", 0), f'Waiting for deployment "{name}" rollout to finish:'
    if updated < wanted:
        return False, f"{waiting} {updated} out of {wanted} new replicas have been updated..."
    if now.get("replicas", 0) > updated:
        return False, f"{waiting} {now['replicas'] - updated} old replicas are pending termination..."
    available = now.get("availableReplicas", 0)
    if available < updated:
        return False, f"{waiting} {available} of {updated} updated replicas are available..."
    return True, f'deployment "{name}" successfully rolled out'


def restart(client: Client) -> int:
    for resource, old in _workloads(client):
        with client.each():
            new = deepcopy(old)
            metadata = new["spec"]["template"].setdefault("metadata", {})
            stamp = client.session.now().strftime("%Y-%m-%dT%H:%M:%SZ")
            metadata["annotations"] = {
                **(metadata.get("annotations") or {}),
                "kubectl.kubernetes.io/restartedAt": stamp,
            }
            write(client, "rollout restart", resource, old, new, "restarted")
    return 0


def _revisions(client: Client, value: Object) -> list[tuple[int, Object]]:
    """(revision, ReplicaSet) of a Deployment, oldest first."""
    owner = value["metadata"].get("uid")
    sets = client.server.list(resource_of("ReplicaSet"), value["metadata"].get("namespace"))
    found = []
    for one in sets:
        owners = one["metadata"].get("ownerReferences") or ()
        number = (one["metadata"].get("annotations") or {}).get(REVISION, "")
        if any(reference.get("uid") == owner for reference in owners) and re.fullmatch("[0-9]{1,9}", number):
            found.append((int(number), one))
    return sorted(found, key=lambda each: each[0])


def history(client: Client) -> int:
    for resource, value in _workloads(client):
        client.read("rollout history", resource, (name_of(value),))
        if resource.kind != "Deployment":
            client.call.line(f"{typed_name(resource, value)} \nREVISION  CHANGE-CAUSE\n1         <none>\n")
            continue
        revisions = _revisions(client, value)
        wanted = client.args.number("revision", 0)
        if wanted:
            template = next((one["spec"]["template"] for number, one in revisions if number == wanted), None)
            if template is None:
                raise error("unable to find the specified revision")
            from kcnet.lab.kubectl.printing import yaml_text

            client.call.line(
                f"{typed_name(resource, value)} with revision #{wanted}\nPod Template:\n{yaml_text(template)}"
            )
            continue
        client.call.line(f"{typed_name(resource, value)} ")
        rows = [("REVISION", "CHANGE-CAUSE")]
        for number, one in revisions:
            cause = (one["metadata"].get("annotations") or {}).get("kubernetes.io/change-cause", "<none>")
            rows.append((str(number), cause))
        client.call.out("".join(f"{number:<10}{cause}\n" for number, cause in rows) + "\n")
    return 0


def undo(client: Client) -> int:
    for resource, old in _workloads(client):
        with client.each():
            if resource.kind != "Deployment":
                raise Fault("error: the lab keeps earlier revisions of Deployments only")
            revisions = _revisions(client, old)
            wanted = client.args.number("to-revision", 0)
            current = int((old["metadata"].get("annotations") or {}).get(REVISION, "0") or 0)
            earlier = [one for one in revisions if (one[0] == wanted if wanted else one[0] < current)]
            if not earlier:
                if wanted:
                    raise error(f"unable to find specified revision {wanted} in history")
                raise error(f'no rollout history found for deployment "{name_of(old)}"')
            template = deepcopy(earlier[-1][1]["spec"]["template"])
            (template.get("metadata") or {}).get("labels", {}).pop("pod-template-hash", None)
            new = {**old, "spec": {**old["spec"], "template": template}}
            write(client, "rollout undo", resource, old, new, "rolled back")
    return 0
