"""``-f``: objects out of files, folders and standard input, each with the place where it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kcnet.apiserver.resources import Resource, of_kind
from kcnet.lab.files import FileFault
from kcnet.lab.kubectl.client import NOT_SIMULATED, Client, Fault, Object, error
from kcnet.model.names import Origin, Source

SUFFIXES = (".json", ".yaml", ".yml")


class Manifest(NamedTuple):
    resource: Resource
    value: Object
    file: str
    """``STDIN`` for standard input."""
    origin: Origin | None


def read_manifests(client: Client, names: Sequence[str]) -> list[Manifest]:
    """Everything that the files hold, in their order. Objects that the server cannot have are told at the end of the
    command; with nothing else in the files, they are a Fault.
    """
    found: list[Manifest] = []
    failures: list[Fault] = []
    for name, text in _texts(client, names):
        for value, origin in documents(name, text):
            if value is None:
                continue
            try:
                found.append(Manifest(_resource(value, name), value, name, origin))
            except Fault as fault:
                failures.append(fault)
    client.failures += failures
    if not (found or failures):
        raise error("no objects passed to " + client.command.split()[0])
    return found


def _texts(client: Client, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    call = client.call
    for name in names:
        if name == "-":
            if call.stdin is None:
                raise error("no objects passed to " + client.command.split()[0], "Nothing was given on standard input.")
            yield "STDIN", call.stdin.rest()
        elif name.startswith(("http://", "https://")):
            raise error(
                f'unable to read URL "{name}"', "The lab has no way to the internet. Fetch the file first, and name it."
            )
        else:
            yield from _files(client, name)


def _files(client: Client, name: str) -> Iterator[tuple[str, str]]:
    files = client.session.files
    try:
        if not files.is_folder(name):
            yield name, files.read(name)
            return
        inside = [f"{name.rstrip('/')}/{one}" for one in files.names(name)]
        wanted = [one for one in inside if one.endswith(SUFFIXES)]
        if client.args.on("recursive"):
            wanted += [one for one in inside if one.endswith("/")]
        if not wanted:
            raise error(f"error reading [{name}]: recognized file extensions are [.json .yaml .yml]")
        for one in sorted(wanted):
            if one.endswith("/"):
                try:
                    yield from _files(client, one.rstrip("/"))
                except Fault:
                    continue
            else:
                yield one, files.read(one)
    except FileFault as fault:
        if fault.why == "No such file or directory":
            raise error(f'the path "{name}" does not exist') from None
        raise error(f"read {name}: {fault.why}") from None


def documents(name: str, text: str) -> Iterator[tuple[Object | None, Origin | None]]:
    """The objects of one file; the items of Lists one by one. Raises Fault for what is no YAML and no JSON."""
    from kcnet.loading.faults import words
    from kcnet.loading.lines import Lines
    from kcnet.loading.load import parse_text
    from kcnet.loading.positions import locate_json, locate_yaml

    yaml, json_ = Source(name, text, locate_yaml), Source(name, text, locate_json)
    lines = Lines(text)
    items: list[tuple[Any, Origin]] = []
    for parsed, is_json in parse_text(text):
        line, column = lines.at(parsed.start)
        origin = Origin(json_ if is_json else yaml, parsed.start, parsed.end, line, column)
        if parsed.faults:
            fault = parsed.faults[0]
            message, fix = words(fault, text)
            at = lines.at(fault.index)[0]
            raise error(f"error parsing {name}: error converting YAML to JSON: yaml: line {at}: {message}", fix)
        if parsed.item:
            items.append((parsed.value, origin))
            continue
        value = parsed.value
        if isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and "items" in value:
            if items:
                yield from ((_object(one, name), place) for one, place in items)
            else:
                yield from ((_object(one, name), origin) for one in value.get("items") or ())
        elif value is not None:
            yield _object(value, name), origin
        items = []


def _object(value: Any, name: str) -> Object:
    if not isinstance(value, dict):
        kind = {list: "array", str: "string", bool: "bool"}.get(type(value), "number")
        raise error(
            f"error parsing {name}: error converting YAML to JSON: json: cannot unmarshal {kind} into Go value of type "
            "map[string]interface {}"
        )
    return value


def _resource(value: Object, name: str) -> Resource:
    """Raises Fault for an object of a kind that the server does not have."""
    kind, version = value.get("kind"), value.get("apiVersion")
    metadata = value.get("metadata")
    own = metadata if isinstance(metadata, dict) else {}
    if not isinstance(kind, str) or not kind:
        raise error(f"unable to decode \"{name}\": Object 'Kind' is missing in '{_json(value)}'")
    if not isinstance(version, str) or not version:
        raise error(
            f'error validating "{name}": error validating data: apiVersion not set; if you choose to ignore these '
            "errors, turn validation off with --validate=false"
        )
    resource = of_kind(kind)
    if resource is None or resource.api_version != version:
        note = ""
        if resource is not None:
            note = f"{kind} is served in {resource.api_version}."
        elif kind.lower() + "s" in NOT_SIMULATED:
            note = f"A real cluster has {kind}; the lab leaves it out."
        elif version == "kcnet/v1":
            note = "The document of kind Cluster speaks to kcnet, not to a cluster: it counts when the lab is opened."
        raise error(
            f'resource mapping not found for name: "{own.get("name", "")}" namespace: "{own.get("namespace", "")}" '
            f'from "{name}": no matches for kind "{kind}" in version "{version}"\nensure CRDs are installed first',
            note,
        )
    if not isinstance(metadata, dict) or not (own.get("name") or own.get("generateName")):
        raise error(f'error when retrieving current configuration of: "{name}": resource name may not be empty')
    return resource


def _json(value: Object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, default=str)[:200]
