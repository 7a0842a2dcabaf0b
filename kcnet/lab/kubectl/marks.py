"""``kubectl label`` and ``kubectl annotate``"""

from __future__ import annotations

import re

from kcnet.apiserver.resources import Resource
from kcnet.lab.kubectl.client import Client, Object, error
from kcnet.lab.kubectl.writing import NO_ARGUMENTS, write


def label(client: Client) -> int:
    return _mark(client, "labels", "label", "labeled", "unlabeled")


def annotate(client: Client) -> int:
    return _mark(client, "annotations", "annotation", "annotated", "annotated")


def _mark(client: Client, where: str, what: str, operation: str, removed: str) -> int:
    args = client.args
    names = [word for word in args.words if "=" not in word and not re.fullmatch(r"[^=/]*(/[^=]+)?-", word)]
    changes = [word for word in args.words if word not in names]
    if not names and not args.all("filename"):
        raise error(NO_ARGUMENTS)
    if args.on("list"):
        for _, value in client.objects(names):
            for key, one in sorted(((value["metadata"].get(where)) or {}).items()):
                client.call.line(f"{key}={one}")
        return 0
    if not changes:
        raise error(f"at least one {what} update is required")
    new = dict(word.split("=", 1) for word in changes if "=" in word)
    gone = [word[:-1] for word in changes if "=" not in word]
    if both := set(new) & set(gone):
        thing = "an annotation" if what == "annotation" else "a label"
        raise error(
            f"can not both modify and remove {thing} in the same command", f"{', '.join(sorted(both))} is both."
        )
    for resource, old in client.objects(names):
        with client.each():
            _mark_one(client, resource, old, where, what, new, gone, operation if new else removed)
    return 0


def _mark_one(
    client: Client,
    resource: Resource,
    old: Object,
    where: str,
    what: str,
    new: dict[str, str],
    gone: list[str],
    done_: str,
) -> None:
    present = dict(old["metadata"].get(where) or {})
    if not client.args.on("overwrite"):
        for key, value in new.items():
            if key in present and present[key] != value:
                if what == "label":
                    raise error(f"'{key}' already has a value ({present[key]}), and --overwrite is false")
                raise error(
                    f"--overwrite is false but found the following declared annotation(s): '{key}' already has a value "
                    f"({present[key]})"
                )
    for key in gone if what == "label" else ():
        if key not in present:
            client.call.line(f'{what} "{key}" not found.')
    after = {key: value for key, value in {**present, **new}.items() if key not in gone}
    verb = "label" if what == "label" else "annotate"
    if after == present:
        client.report(resource, old, "not labeled" if what == "label" else "annotated")
        client.wrote(verb, resource, old)
        return
    changed = {**old, "metadata": {**old["metadata"], where: after}}
    write(client, verb, resource, old, changed, done_)
