"""Answers that are tried out on the question's cluster: kubectl commands by what they do, names by what they stand for.

A command that changes something does the same as another if the cluster is the same afterwards; one that only looks
does the same if it prints the same, or would without its -o.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kcnet.request import RequestError
from kcnet.tutor.asking import first_addresses, trace_of
from kcnet.tutor.lesson import Ask

if TYPE_CHECKING:
    from kcnet.lab.session import Session
    from kcnet.model.names import IPAddress

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""One moment for all trials, so that ages and times do not tell them apart."""
_OWN: Final = frozenset({"uid", "resourceVersion", "generation", "managedFields", "creationTimestamp"})
_NAME: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE)
_WAY: Final = re.compile(r"(?<!\S)(-o[ =]?|--output[ =])(yaml|json|wide|name)(?!\S)")
"""How a list is printed: whoever was not asked for a way may choose one."""
_ABSENT: Final = object()

Key = tuple[str, str, str]
"""Kind, namespace and name."""


class Done(NamedTuple):
    """What a command did."""

    status: int
    printed: str
    complaint: str
    objects: Mapping[Key, Any]


def difference(manifest: str, namespace: str, typed: str, wanted: str) -> str | None:
    """What ``typed`` does otherwise than ``wanted``, as a sentence; None if they do the same.

    Raises InvalidManifestsError.
    """
    found = done(manifest, namespace, typed)
    if found is None:
        return "That is no kubectl command."
    model = done(manifest, namespace, wanted)
    if model is None:
        return f"{wanted} cannot be tried."
    if found.status and not model.status:
        complaint = found.complaint.strip().splitlines() or ["nothing"]
        return f"It ends with: `{complaint[0]}`."
    start = _objects(_fresh(manifest, namespace))
    if model.objects != start:
        if found.objects == start:
            return "It changes nothing."
        return next(_apart(found.objects, model.objects), None)
    if found.objects != start:
        return "It changes the cluster, and that was not asked for."
    same = found.printed == model.printed
    if not same and _WAY.search(typed) and not _WAY.search(wanted):
        same = _prints(manifest, namespace, _WAY.sub("", typed), model.printed)
    return None if same else "It shows something else than was asked for."


def _prints(manifest: str, namespace: str, command: str, text: str) -> bool:
    found = done(manifest, namespace, command)
    return found is not None and found.printed == text


def done(manifest: str, namespace: str, command: str) -> Done | None:
    """The command, run on the cluster of ``manifest`` as it was at first; None if it is none of kubectl.

    Raises InvalidManifestsError.
    """
    line = " ".join(command.split()).removeprefix("$ ")
    if line.partition(" ")[0] not in ("kubectl", "k"):
        return None
    session = _fresh(manifest, namespace)
    outcome = session.run(line)
    return Done(outcome.status, outcome.stdout, outcome.stderr, _objects(session))


def _fresh(manifest: str, namespace: str) -> Session:
    """As if nobody had typed anything."""
    session = _session(manifest, namespace)
    assert session.beginning is not None
    session.restore(session.beginning)
    session.number = 0
    return session


@lru_cache(maxsize=4)
def _session(manifest: str, namespace: str) -> Session:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from kcnet.lab.opening import open_session

    with TemporaryDirectory() as folder:
        file = Path(folder) / "question.yaml"
        file.write_text(manifest, encoding="utf-8")
        return open_session([str(file)], "question", namespace=namespace, clock=lambda: NOW)


def _objects(session: Session) -> dict[Key, Any]:
    """Everything but events, without what the API server counts."""
    found: dict[Key, Any] = {}
    for plural, objects in session.server.store.objects.items():
        if plural == "events":
            continue
        for value in objects.values():
            metadata = {name: item for name, item in value["metadata"].items() if name not in _OWN}
            references = [{**one, "uid": ""} for one in metadata.get("ownerReferences") or ()]
            key = (value.get("kind") or plural, metadata.get("namespace") or "", metadata["name"])
            found[key] = {**value, "metadata": {**metadata, "ownerReferences": references}}
    return found


def _apart(found: Mapping[Key, Any], model: Mapping[Key, Any]) -> Iterator[str]:
    """Where two clusters part. What a controller made of an object is told after that object."""
    keys = sorted({*found, *model}, key=lambda key: (_is_made(found.get(key) or model.get(key)), key))
    for key in keys:
        if found.get(key) == model.get(key):
            continue
        name = f"{key[0]} {key[2]}"
        if key not in model:
            yield f"It makes {name}, which was not asked for."
        elif key not in found:
            yield f"Afterwards there is no {name}."
        else:
            yield from (f"Of {name}, {path} {said}." for path, said in _fields(found[key], model[key], ""))


def _is_made(value: Any) -> bool:
    return bool(value["metadata"]["ownerReferences"]) or value.get("kind") in ("Endpoints", "EndpointSlice")


def _fields(found: Any, model: Any, path: str) -> Iterator[tuple[str, str]]:
    if found == model:
        return
    if isinstance(found, Mapping) and isinstance(model, Mapping):
        for name in sorted({*found, *model}, key=lambda name: (name == "status", name)):
            inside = f"{path}.{name}" if path else str(name)
            yield from _fields(found.get(name, _ABSENT), model.get(name, _ABSENT), inside)
    elif isinstance(found, list) and isinstance(model, list) and len(found) == len(model):
        for number, (one, other) in enumerate(zip(found, model, strict=True)):
            yield from _fields(one, other, f"{path}[{number}]")
    elif found is _ABSENT:
        yield path, "is missing"
    elif model is _ABSENT or isinstance(found, Mapping | list):
        yield path, "is not as it should be"
    else:
        yield path, f"is {found}"


def stands_for(manifest: str, source: str, namespace: str, name: str) -> frozenset[IPAddress]:
    """The addresses that ``source`` gets for a name; none where it does not resolve, or is no name.

    Raises InvalidManifestsError.
    """
    from kcnet.tutor.quiz.scene import cluster

    if not _NAME.fullmatch(name) or name.rstrip(".").rpartition(".")[2].isdecimal():
        return frozenset()
    try:
        found = trace_of(cluster(manifest), Ask(source, name), namespace)
    except RequestError:
        return frozenset()
    return frozenset(address for address, _ in first_addresses(found) if address is not None)
