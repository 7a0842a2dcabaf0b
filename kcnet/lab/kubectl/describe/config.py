"""describe namespace, secret, configmap, serviceaccount.

k8s: kubectl pkg/describe/describe.go. Resource quotas and limit ranges, which kcnet does not read, are told as absent.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error

from kcnet.apiserver.tables.words import NONE, name_of, status_of
from kcnet.lab.kubectl.describe.reader import Object, Reader
from kcnet.lab.kubectl.describe.writer import Page, head, marks


def namespace(page: Page, obj: Object, reader: Reader) -> None:
    """A Namespace. Its page has no events."""
    status = status_of(obj)
    page.field("Name", name_of(obj))
    marks(page, obj)
    page.field("Status", status.get("phase") or "")
    if status.get("conditions"):
        page.line(0, "Conditions:")
        page.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage")
        page.line(1, "----\t------\t------------------\t------\t-------")
    for each in status.get("conditions") or ():
        cells = [each.get("type", ""), each.get("status", ""), page.time(each.get("lastTransitionTime"))]
        page.line(1, "\t".join([*cells, each.get("reason") or "", each.get("message") or ""]))
    page.write(0, "\nNo resource quota.\n")
    page.write(0, "\nNo LimitRange resource.\n")


def secret(page: Page, obj: Object, reader: Reader) -> None:
    """A Secret: the size of its values, not what they are, but for the tokens of service accounts. It has no events."""
    kind = obj.get("type") or ""
    head(page, obj)
    page.write(0, f"\nType:\t{kind}\n")
    page.write(0, "\nData\n====\n")
    for key, value in sorted((obj.get("data") or {}).items()):
        raw = _decoded(value)
        token = key == "token" and kind == "kubernetes.io/service-account-token"
        page.field(key, raw.decode(errors="replace") if token else f"{len(raw)} bytes")


def configmap(page: Page, obj: Object, reader: Reader) -> None:
    """A ConfigMap with its values."""
    head(page, obj)
    page.write(0, "\nData\n====\n")
    for key, value in sorted((obj.get("data") or {}).items()):
        page.write(0, f"{key}:\n----\n")
        page.line(0, str(value))
        page.line(0, "")
    page.write(0, "\nBinaryData\n====\n")
    for key, value in sorted((obj.get("binaryData") or {}).items()):
        page.line(0, f"{key}: {len(_decoded(value))} bytes")
    page.line(0, "")


def serviceaccount(page: Page, obj: Object, reader: Reader) -> None:
    """A ServiceAccount."""
    head(page, obj)
    title = "Image pull secrets:"
    first, *rest = [each.get("name", "") for each in obj.get("imagePullSecrets") or ()] or [NONE]
    page.line(0, f"{title}\t{first}")
    for name in rest:
        page.line(0, f"{' ' * len(title)}\t{name}")


def _decoded(value: object) -> bytes:
    try:
        return b64decode(str(value))
    except (Error, ValueError):
        return b""
