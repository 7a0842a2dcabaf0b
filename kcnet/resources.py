"""Where lessons/ and manifests/ live: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder ``lessons`` or ``manifests``.

    Raises FileNotFoundError if the installation lacks it.
    """
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"this installation of kcnet lacks its folder {name!r}; install it again")


def demo() -> Path:
    """The demo cluster: the manifests of a small shop."""
    return folder("manifests") / "shop"
