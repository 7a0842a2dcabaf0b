"""Secret: what its type asks for. No message repeats a value.

ValidateSecret in pkg/apis/core/validation/validation.go of kubernetes/kubernetes;
https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
"""

from __future__ import annotations

import re

from kcnet.loading.validation.labels import NOTHING, Value
from kcnet.loading.validation.names import config_key
from kcnet.loading.validation.violation import Errors, FieldError, each_invalid, required

NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}

_BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def secret_errors(value: Value, live: bool = False) -> Errors:
    data, text = value.get("data") or NOTHING, value.get("stringData") or NOTHING
    for key in {**data, **text}:
        yield from each_invalid(f"data[{key}]", key, config_key(key))
    for key, encoded in data.items():
        if encoded and not is_base64(encoded):
            yield FieldError(
                "API_INVALID",
                f"data[{key}]",
                "Invalid value: illegal base64 data. Values under data are base64; plain text goes under stringData.",
                "Move the key to stringData, or encode its value with base64.",
            )
    for key in NEEDED.get(value.get("type") or "", ()):
        if key not in data and key not in text:
            yield required(f"data[{key}]", "", f"Add the key {key}, or remove type.")
    if value.get("type") == "kubernetes.io/basic-auth" and not {"username", "password"} & {*data, *text}:
        yield required("data[username]", "", "Add username and password.")
        yield required("data[password]")


def is_base64(text: str) -> bool:
    """As Go decodes it: line breaks do not count."""
    return _BASE64.fullmatch(text.replace("\n", "").replace("\r", "")) is not None
