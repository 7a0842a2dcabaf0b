"""ConfigMap: its keys, and how much it may hold.

ValidateConfigMap in pkg/apis/core/validation/validation.go of kubernetes/kubernetes;
https://kubernetes.io/docs/concepts/configuration/configmap/
"""

from __future__ import annotations

from typing import Final

from kcnet.loading.validation.labels import NOTHING, Value
from kcnet.loading.validation.names import config_key
from kcnet.loading.validation.secret import is_base64
from kcnet.loading.validation.violation import Errors, FieldError, each_invalid, invalid, too_long

LIMIT: Final = 1024 * 1024
"""Bytes of all values together, those of binaryData decoded."""


def config_map_errors(value: Value, live: bool = False) -> Errors:
    data, binary = value.get("data") or NOTHING, value.get("binaryData") or NOTHING
    for bag, keys in (("data", data), ("binaryData", binary)):
        for key in keys:
            yield from each_invalid(f"{bag}[{key}]", key, config_key(key), "Use letters, digits, '-', '_' and '.'.")
    for key in data:
        if key in binary:
            yield invalid(
                f"data[{key}]", key, "duplicate of key present in binaryData", "Keep the key in one of the two."
            )
    for key, encoded in binary.items():
        if encoded and not is_base64(encoded):
            yield FieldError(
                "API_INVALID",
                f"binaryData[{key}]",
                "Invalid value: illegal base64 data. Values under binaryData are base64; plain text goes under data.",
                "Move the key to data, or encode its value with base64.",
            )
    texts, encodings = [text for text in data.values() if text], [text for text in binary.values() if text]
    if sum(map(len, texts)) * 4 + sum(map(len, encodings)) <= LIMIT:
        return
    size = sum(len(text.encode(errors="replace")) for text in texts)
    if size + sum(len(text) * 3 // 4 - text.count("=") for text in encodings) > LIMIT:
        yield too_long("", LIMIT, "Split it, or put large files on a volume.")
