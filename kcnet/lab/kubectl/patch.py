"""``kubectl patch``: strategic merge, JSON merge and JSON patches."""

from __future__ import annotations

import json
from typing import Any

from kcnet.apiserver.patch import PatchKind
from kcnet.lab.files import FileFault
from kcnet.lab.kubectl.client import Client, error, name_of

PATCH_KINDS = {"json": PatchKind.JSON, "merge": PatchKind.MERGE, "strategic": PatchKind.STRATEGIC}


def patch(client: Client) -> int:
    args = client.args
    if args.has("patch") == args.has("patch-file"):
        raise error("must specify --patch or --patch-file containing the contents of the patch")
    kind = PATCH_KINDS.get(args.text("type", "strategic").lower())
    if kind is None:
        raise error(f'--type must be one of [json merge strategic], not "{args.text("type")}"')
    text = args.text("patch")
    if args.has("patch-file"):
        try:
            text = client.session.files.read(args.text("patch-file"))
        except FileFault as fault:
            raise error(f"unable to read patch file: open {fault.name}: {fault.why.lower()}") from None
    change = parsed_patch(text)
    for resource, old in client.objects(args.words):
        with client.each():
            home, name = old["metadata"].get("namespace"), name_of(old)
            mode = client.dry_run
            made = client.server.patch(resource, home, name, change, kind, dry_run=mode != "none")
            client.warn()
            same = made["metadata"].get("resourceVersion") == old["metadata"].get("resourceVersion") and mode == "none"
            client.report(resource, made, "patched (no change)" if same else "patched")
            if mode == "none":
                client.wrote("patch", resource, made)
    return 0


def parsed_patch(text: str) -> Any:
    """JSON, or YAML. Raises Fault."""
    from kcnet.loading.faults import words
    from kcnet.loading.load import parse_text

    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            pass
    found = list(parse_text(text))
    faults = [fault for parsed, _ in found for fault in parsed.faults]
    if faults or len(found) != 1:
        about = words(faults[0], text)[0] if faults else "it holds no document, or several"
        raise error(
            f'unable to parse "{text.strip()[:200]}": {about}', "A patch is JSON or YAML in one pair of single quotes."
        )
    return found[0][0].value
