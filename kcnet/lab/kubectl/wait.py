"""``kubectl wait``: nothing happens by itself in the lab, so it is answered at once."""

from __future__ import annotations

from kcnet.apiserver.errors import ApiError
from kcnet.apiserver.resources import Resource
from kcnet.lab.kubectl.client import Client, Object, error, message_of, name_of, typed_name


def run(client: Client) -> int:
    args = client.args
    wanted = args.text("for")
    kind, _, rest = wanted.partition("=")
    kind = kind.lower()
    if kind not in ("delete", "create", "condition", "jsonpath"):
        raise error(f'unrecognized condition: "{wanted}"')
    if kind == "delete":
        return _deleted(client)
    found = client.objects(args.words)
    if not found:
        raise error("no matching resources found")
    for resource, value in found:
        client.read("wait", resource, (name_of(value),))
        met = kind == "create" or (_condition(value, rest) if kind == "condition" else _path(value, rest))
        if met:
            client.call.line(f"{typed_name(resource, value)} condition met")
        else:
            client.failures.append(error(f"timed out waiting for the condition on {resource.plural}/{name_of(value)}"))
    return 0


def _deleted(client: Client) -> int:
    try:
        found: list[tuple[Resource, Object]] = client.objects(client.args.words)
    except ApiError as refused:
        if refused.reason != "NotFound":
            raise error(message_of(refused)) from None
        return 0
    for resource, value in found:
        client.failures.append(error(f"timed out waiting for the condition on {resource.plural}/{name_of(value)}"))
    return 0


def _condition(value: Object, text: str) -> bool:
    name, _, wanted = text.partition("=")
    for one in (value.get("status") or {}).get("conditions") or ():
        if str(one.get("type", "")).lower() == name.lower():
            return str(one.get("status", "")).lower() == (wanted or "true").lower()
    return False


def _path(value: Object, text: str) -> bool:
    from kcnet.lab.kubectl.printing import jsonpath_text

    path, equals, wanted = text.rpartition("=")
    if not equals:
        return bool(jsonpath_text(wanted, value))
    return jsonpath_text(path, value) == wanted.strip("'\"")
