"""``kubectl edit``: the object as YAML in ``$EDITOR``, and back."""

from __future__ import annotations

from kcnet.apiserver.errors import ApiError
from kcnet.lab.kubectl.client import NO_SPECIFIER, Client, error, message_of, name_of
from kcnet.lab.kubectl.files import documents

HEAD = """# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
"""


def run(client: Client) -> int:
    from kcnet.lab.kubectl.printing import yaml_text

    call = client.call
    for resource, old in client.objects(client.args.words, missing=NO_SPECIFIER, whole_kind=True):
        before = HEAD + yaml_text(old)
        after = client.session.edit(f"{resource.singular}-{name_of(old)}.yaml", before)
        if after is None:
            raise error(
                "there is no editor here: set EDITOR, and use a terminal",
                "kubectl patch, kubectl set and kubectl apply -f - change objects without one.",
            )
        lines = [line for line in after.splitlines() if line.strip() and not line.startswith("#")]
        if after == before or not lines:
            call.line("Edit cancelled, no changes made." if lines else "Edit cancelled, saved file was empty.")
            continue
        found = [value for value, _ in documents("the edited file", after) if value is not None]
        if len(found) != 1:
            raise error(f"the edited file holds {len(found)} objects, and should hold 1")
        client.read("edit", resource, (name_of(old),))
        try:
            made = client.server.update(resource, old["metadata"].get("namespace"), name_of(old), found[0])
        except ApiError as refused:
            kept = f"/tmp/kubectl-edit-{resource.singular}-{name_of(old)}.yaml"
            client.session.files.write(kept, after)
            raise error(
                f'{resource.plural}{"." + resource.group if resource.group else ""} "{name_of(old)}" is invalid\n'
                f'{message_of(refused)}\nA copy of your changes has been stored to "{kept}"\n'
                "error: Edit cancelled, no valid changes were saved."
            ) from None
        client.warn()
        client.report(resource, made, "edited")
        client.wrote("edit", resource, made)
    return 0
