"""A little kubectl over fixed objects, and the transcripts that it is held to.

``objects.yaml``, ``pods.yaml`` and ``odd.json`` are objects as an API server serves them. ``transcripts/*.txt`` hold what
kubectl 1.36 printed of them (a line ``$ kubectl ...``, then standard output, then standard error behind ``! ``) when the
tables were made by the API server's own printers of 1.36 and the clock stood at ``NOW``. ⏎ marks a last line without a
line break.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from kcnet.apiserver.resources import Resource, find
from kcnet.apiserver.selectors import matches_labels, parse_labels
from kcnet.apiserver.tables import table
from kcnet.lab.kubectl.describe import describe
from kcnet.lab.kubectl.printers import columns, output
from kcnet.lab.kubectl.printers.errors import PrintError
from kcnet.lab.kubectl.printers.explain import explain
from kcnet.lab.kubectl.printers.text import Answer, Options, text_tables

FOLDER = Path(__file__).parent
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LEASES = Resource("coordination.k8s.io", "v1", "Lease", "leases", "lease")
LINE_END = "\n"
Object = Mapping[str, Any]


@cache
def objects() -> tuple[Object, ...]:
    found = [each for name in ("objects.yaml", "pods.yaml") for each in yaml.safe_load_all((FOLDER / name).read_text())]
    return (*filter(None, found), json.loads((FOLDER / "odd.json").read_text()))


def resource_of(name: str) -> Resource:
    resource = LEASES if name in ("lease", "leases") else find(name)
    assert resource is not None, name
    return resource


class Store:
    """The Reader of describe."""

    now = NOW

    def list(self, plural: str, namespace: str | None, *, labels: str = "") -> Sequence[Object]:
        kind = resource_of(plural).kind
        found = [each for each in objects() if each["kind"] == kind and namespace in (None, _namespace(each))]
        requirements = parse_labels(labels)
        found = [each for each in found if matches_labels(requirements, each)]
        return sorted(found, key=lambda each: (_namespace(each), each["metadata"]["name"]))

    def get(self, plural: str, namespace: str | None, name: str) -> Object | None:
        return next((each for each in self.list(plural, namespace) if each["metadata"]["name"] == name), None)


def _namespace(obj: Object) -> str:
    return obj["metadata"].get("namespace") or ""


class Exchange(NamedTuple):
    """A command and what kubectl answered."""

    command: str
    stdout: str
    stderr: str


def transcript(name: str) -> list[Exchange]:
    return list(_exchanges((FOLDER / "transcripts" / f"{name}.txt").read_bytes().decode()))


def _exchanges(text: str) -> Iterator[Exchange]:
    for part in f"\n{text.removesuffix(LINE_END)}".split("\n$ kubectl ")[1:]:
        command, end, rest = part.partition("\n")
        lines = rest.split("\n") if end else []
        errors = [line.removeprefix("! ") for line in lines if line.startswith("!")]
        stdout = "".join(f"{line}\n" for line in lines if not line.startswith("!"))
        yield Exchange(command, stdout.removesuffix("⏎\n"), "\n".join(errors))


def run(command: str) -> tuple[str, str]:
    """Standard output and standard error of ``get``, ``describe`` or ``explain``."""
    verb, *words = shlex.split(command)
    flags, names = _flags(words)
    try:
        return {"get": _get, "describe": _describe, "explain": _explain}[verb](names, flags), ""
    except PrintError as error:
        return error.printed, f"error: {error}".rstrip("\n")


def _flags(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    flags: dict[str, str] = {}
    names: list[str] = []
    reader = iter(words)
    for word in reader:
        if word in ("-n", "-o", "-L"):
            flags[word] = next(reader)
        elif word.startswith("-"):
            name, _, value = word.partition("=")
            flags[name] = value
        else:
            names.append(word)
    return flags, names


def _get(names: Sequence[str], flags: Mapping[str, str]) -> str:
    resources = [resource_of(name) for name in names[0].split(",")]
    namespace = None if "-A" in flags else flags.get("-n", "default")
    store, sort = Store(), flags.get("--sort-by")
    found = []
    for resource in resources:
        every = store.list(resource.plural, namespace if resource.namespaced else None)
        if names[1:]:
            every = [each for each in every if each["metadata"]["name"] == names[1]]
        found.append((resource, columns.sort_by(sort, every, lambda each: each) if sort else every))
    form = flags.get("-o", "")
    if form not in ("", "wide"):
        show = output.printer(form, read=lambda path: Path(path).read_text(), no_headers="--no-headers" in flags)
        every = [each for _, group in found for each in group]
        return show(every[0] if names[1:] else output.list_of(every))
    options = Options(
        wide=form == "wide",
        no_headers="--no-headers" in flags,
        show_labels="--show-labels" in flags,
        show_kind="--show-kind" in flags,
        with_namespace="-A" in flags,
        label_columns=flags["-L"].split(",") if "-L" in flags else (),
    )
    answers = [
        Answer(table(resource.plural, every, NOW), resource.qualified_kind, resource.namespaced)
        for resource, every in found
    ]
    return text_tables(answers, options)


def _describe(names: Sequence[str], flags: Mapping[str, str]) -> str:
    resource = resource_of(names[0])
    obj = Store().get(resource.plural, flags.get("-n", "default") if resource.namespaced else None, names[1])
    assert obj is not None, names
    return describe(resource.kind, obj, Store(), show_events=flags.get("--show-events") != "false")


def _explain(names: Sequence[str], flags: Mapping[str, str]) -> str:
    first, *path = names[0].split(".")
    resource = resource_of(first)
    return explain(resource.group, resource.version, resource.kind, path, recursive="--recursive" in flags)
