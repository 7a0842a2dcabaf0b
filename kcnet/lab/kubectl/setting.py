"""``kubectl set image``, ``set selector`` and ``set env``"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from kcnet.lab.kubectl import generate
from kcnet.lab.kubectl.client import NO_SPECIFIER, Client, Object, error, name_of, typed_name
from kcnet.lab.kubectl.writing import NO_ARGUMENTS, template_spec, write


def set_image(client: Client) -> int:
    names = [word for word in client.args.words if "=" not in word]
    images = dict(word.split("=", 1) for word in client.args.words if "=" in word)
    if not names and not client.args.all("filename"):
        raise error(NO_SPECIFIER)
    if not images:
        raise error("at least one image update is required")
    for resource, old in client.objects(names):
        with client.each():
            new = deepcopy(old)
            spec = template_spec(new)
            if spec is None:
                raise error(
                    f"{resource.plural}/{name_of(old)} the object is not a pod or does not have a pod template: "
                    f"*{resource.version}.{resource.kind}"
                )
            containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
            for wanted, image in images.items():
                hit = [one for one in containers if wanted in ("*", one["name"])]
                if not hit:
                    client.failures.append(error(f'unable to find container named "{wanted}"'))
                for one in hit:
                    one["image"] = image
            if new == old:
                continue
            write(client, "set", resource, old, new, "image updated")
    return 0


def set_selector(client: Client) -> int:
    args = client.args
    words = args.words
    if not words:
        raise error(NO_ARGUMENTS)
    selector = words[-1]
    labels = generate.pairs(part for part in selector.split(",") if part) if "=" in selector else None
    if labels is None:
        raise error("resource(s) were provided, but no name was specified", "The selector is KEY=VALUE[,KEY=VALUE].")
    for resource, old in client.objects(words[:-1]):
        with client.each():
            if resource.kind != "Service":
                raise error("setting a selector is only supported for Services")
            new = {**old, "spec": {**old["spec"], "selector": labels}}
            write(client, "set", resource, old, new, "selector updated")
    return 0


def set_env(client: Client) -> int:
    args = client.args
    names = [word for word in args.words if "=" not in word and not word.endswith("-")]
    changes = [*args.all("env"), *(word for word in args.words if word not in names)]
    if not names and not args.all("filename"):
        raise error(NO_ARGUMENTS)
    for resource, old in client.objects(names):
        with client.each():
            new = deepcopy(old)
            spec = template_spec(new)
            if spec is None:
                raise error(f"{typed_name(resource, old)} does not have a pod template")
            wanted = args.text("containers", "*")
            containers = [one for one in spec.get("containers") or () if wanted in ("*", one["name"])]
            if args.on("list"):
                for one in containers:
                    client.call.line(f"# {resource.kind} {name_of(old)}, container {one['name']}")
                    for variable in one.get("env") or ():
                        client.call.line(f"{variable['name']}={variable.get('value', '')}")
                continue
            for one in containers:
                _set_variables(one, changes)
            if new == old:
                continue
            write(client, "set", resource, old, new, "env updated")
    return 0


def _set_variables(container: Object, changes: Sequence[str]) -> None:
    for change in changes:
        name, equals, value = change.partition("=")
        name = name if equals else name.removesuffix("-")
        left = [one for one in container.get("env") or () if one["name"] != name]
        new = [*left, {"name": name, "value": value}] if equals else left
        if new or container.get("env"):
            container["env"] = new
