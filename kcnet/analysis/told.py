"""What a pod's containers are told: their environment variables and arguments, and files that ConfigMaps hold.

Secrets are left out: kcnet keeps none of their values.
https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from kcnet.analysis.hosts import Host, groups_in, in_argument, in_file, in_value, name_of_port
from kcnet.model.manifests import PodSpec, Taken
from kcnet.model.names import Ref
from kcnet.model.objects import ConfigMap
from kcnet.path.flow import key

ConfigMaps = Mapping[tuple[str, str], ConfigMap]
"""By namespace and name."""


class Form(Enum):
    VARIABLE = "variable"
    ARGUMENT = "argument"
    FILE = "file"


class Told(NamedTuple):
    """One text that a container is given."""

    ref: Ref
    """Of the object in which it stands: the workload, or a ConfigMap that it uses."""
    field: str
    form: Form
    name: str
    """Of the variable or file."""
    text: str
    port: int | None = None
    """What the variable beside it says: ``CART_PORT`` beside ``CART_HOST``."""
    settings: ConfigMap | None = None

    @property
    def where(self) -> str:
        return "An argument" if self.form is Form.ARGUMENT else self.name

    def hosts(self) -> Iterator[Host]:
        if self.form is Form.ARGUMENT:
            return in_argument(self.text)
        if self.form is Form.VARIABLE and "\n" not in self.text.strip():
            return in_value(self.name, self.text, self.port)
        texts = self.settings.data.values() if self.settings is not None else ()
        return in_file(self.name, self.text, frozenset[str]().union(*map(groups_in, texts)))


def told(ref: Ref, spec: PodSpec, config_maps: ConfigMaps) -> Iterator[Told]:
    """All that the containers of ``spec``, which stands in ``ref``, are given in plain text."""
    yield from _variables(ref, spec, config_maps)
    for argument in (*spec.args, *spec.init_args):
        yield Told(ref, argument.field, Form.ARGUMENT, "", argument.text)
    for use in spec.taken:
        settings = _settings(ref, use, config_maps)
        if use.variable is not None or settings is None:
            continue
        for name in (use.key,) if use.key else settings.data:
            if name in settings.data:
                yield Told(settings.ref, key("data", name), Form.FILE, name, settings.data[name], settings=settings)


def _variables(ref: Ref, spec: PodSpec, config_maps: ConfigMaps) -> Iterator[Told]:
    """Of variables that a container gets twice the value that wins: its own ``env`` over ``envFrom``, and the later."""
    found: dict[tuple[str, str], Told] = {}
    for use in spec.taken:
        settings = _settings(ref, use, config_maps)
        if use.variable is not None and use.key:
            found.pop((_container(use.field), use.variable), None)
        if use.variable is None or settings is None:
            continue
        for name in (use.key,) if use.key else settings.data:
            variable = use.variable if use.key else use.variable + name
            if name in settings.data:
                found[_container(use.field), variable] = Told(
                    settings.ref, key("data", name), Form.VARIABLE, variable, settings.data[name], settings=settings
                )
    for own in spec.env:
        found[_container(own.field), own.name] = Told(ref, own.field, Form.VARIABLE, own.name, own.value)
    for (container, name), each in found.items():
        port = found.get((container, name_of_port(name)))
        yield each._replace(port=int(port.text)) if port is not None and port.text.isdecimal() else each


def _settings(ref: Ref, use: Taken, config_maps: ConfigMaps) -> ConfigMap | None:
    return config_maps.get((ref.namespace or "", use.name)) if use.kind == "ConfigMap" else None


def _container(field: str) -> str:
    return field.partition(".env")[0]
