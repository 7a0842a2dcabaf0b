"""From a verb to the printers of ``-o``."""

from __future__ import annotations

from collections.abc import Sequence

from kcnet.lab.files import FileFault
from kcnet.lab.kubectl.client import Client, Object, error
from kcnet.lab.kubectl.printers import columns, jsonpath, output
from kcnet.lab.kubectl.printers.errors import PrintError


def printed(client: Client, form: str, values: Sequence[Object], *, as_list: bool = False) -> str:
    """Objects in the form of ``-o``: each by itself, or all of them in a List. Raises Fault."""
    args = client.args

    def read(name: str) -> str:
        try:
            return client.session.files.read(name)
        except FileFault as fault:
            raise OSError(2, fault.why) from None

    try:
        show = output.printer(
            form,
            read=read,
            template=args.text("template"),
            no_headers=args.on("no-headers"),
            allowed=output.OF_GET if client.command == "get" else output.EVERYWHERE,
        )
        if as_list and form.partition("=")[0] != "name":
            return show(output.list_of(values))
        return "".join(show(value) for value in values)
    except PrintError as fault:
        raise error(str(fault)) from None


def sorted_by(values: Sequence[Object], path: str) -> list[Object]:
    """Raises Fault."""
    try:
        return columns.sort_by(path, list(values), lambda value: value)
    except PrintError as fault:
        raise error(str(fault)) from None


def yaml_text(value: Object) -> str:
    from kcnet.lab.kubectl.printers import yaml

    return yaml.text(output.shown(value))


def jsonpath_text(path: str, value: Object) -> str:
    """What a JSONPath finds; "" if there is nothing. Raises Fault."""
    try:
        return jsonpath.render(jsonpath.parse(columns.relaxed(path)), value, allow_missing=True)
    except (PrintError, jsonpath.Error) as fault:
        raise error(str(fault)) from None
