"""Shell completion: names from the manifests already typed with ``-f``, else from the demo.

Completion runs while somebody types: it prints nothing, and where anything goes wrong it offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from kcnet.model.cluster import Cluster

Offer = tuple[str, str]
"""A word, and a few words about it."""


def sources(ctx: typer.Context, incomplete: str) -> list[Offer]:
    return _quietly(lambda: _sources(ctx, incomplete))


def targets(ctx: typer.Context, incomplete: str) -> list[Offer]:
    return _quietly(lambda: _targets(ctx, incomplete))


def namespaces(ctx: typer.Context, incomplete: str) -> list[Offer]:
    return _quietly(lambda: _starting(((name, "Namespace") for name in _cluster(ctx).namespaces), incomplete))


def codes(incomplete: str) -> list[Offer]:
    def offers() -> Iterator[Offer]:
        from kcnet import reasons
        from kcnet.analysis import check, errors

        pages = {code: reason.title for code, reason in reasons.catalogue().items()}
        pages |= {code: rule.title for code, rule in check.catalogue().items()}
        pages |= {code: page.title for code, page in errors.catalogue().items()}
        for code, title in pages.items():
            if code.startswith(reasons.normal(incomplete)):
                yield code, title

    return _quietly(offers)


def cnis(incomplete: str) -> list[Offer]:
    def offers() -> Iterator[Offer]:
        from kcnet.controlplane.cni import KNOWN_CNIS, cni_named

        for name in KNOWN_CNIS:
            yield name, cni_named(name).title

    return _quietly(lambda: _starting(offers(), incomplete))


def paths(incomplete: str) -> list[Offer]:
    """Folders and files that may hold manifests."""

    def offers() -> Iterator[Offer]:
        from pathlib import Path

        folder = Path(incomplete if incomplete.endswith("/") else Path(incomplete).parent)
        start = incomplete[: len(incomplete) - len(incomplete.rsplit("/", 1)[-1])]
        for entry in sorted(folder.iterdir()):
            if entry.is_dir():
                yield f"{start}{entry.name}/", "folder"
            elif entry.suffix in (".yaml", ".yml", ".json"):
                yield start + entry.name, "manifests"

    return _quietly(lambda: _starting(offers(), incomplete))


def _sources(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    from kcnet.cli import suggestions

    cluster = _cluster(ctx)
    found = [*suggestions.sources(cluster, ctx.params.get("namespace") or "default"), *_pods(cluster)]
    return _starting(_forms(ctx, found, incomplete), incomplete)


def _targets(ctx: typer.Context, incomplete: str) -> Iterator[Offer]:
    from kcnet.cli import suggestions

    cluster = _cluster(ctx)
    found = list(suggestions.targets(cluster, ctx.params.get("source") or ""))
    named = [
        suggestions.Suggestion(f"{service.namespace}/svc/{service.name}", f"Service, {service.type.value}")
        for service in cluster.services.values()
    ]
    return _starting(_forms(ctx, [*found, *named, *_pods(cluster)], incomplete), incomplete)


def _pods(cluster: Cluster) -> Iterator[Offer]:
    for namespace, name in cluster.pods:
        yield f"{namespace}/pod/{name}", "Pod"


def _forms(ctx: typer.Context, offers: Iterable[Offer], incomplete: str) -> Iterator[Offer]:
    """Each offer in the shortest form that goes on from what was typed: without the namespace that ``-n`` says."""
    own = f"{ctx.params.get('namespace') or 'default'}/"
    for word, about in offers:
        short = word.removeprefix(own)
        yield (short if short.startswith(incomplete) else word), about


def _starting(offers: Iterable[Offer], incomplete: str) -> Iterator[Offer]:
    return (offer for offer in dict(offers).items() if offer[0].startswith(incomplete))


def _cluster(ctx: typer.Context) -> Cluster:
    from kcnet.controlplane import build_cluster
    from kcnet.loading.load import load_manifests
    from kcnet.model.manifests import ClusterFacts
    from kcnet.resources import demo

    files = [file for file in ctx.params.get("files") or () if file != "-"]
    return build_cluster(load_manifests(files or [str(demo())]), ClusterFacts())


def _quietly(offers: Callable[[], Iterable[Offer]]) -> list[Offer]:
    """What is offered, made harmless for the shell's list; nothing if that fails."""
    from kcnet.render.printable import printable

    try:
        return [(word, printable(about)) for word, about in offers() if word.isprintable()]
    except Exception:
        return []
