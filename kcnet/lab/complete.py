"""What may follow what was typed: verbs, kinds, names, namespaces, labels, flags, files and kcnet's own verbs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kcnet.apiserver.resources import RESOURCES, Resource, find

if TYPE_CHECKING:
    from kcnet.lab.session import Session


class Candidate(NamedTuple):
    text: str
    """What the word under the cursor becomes."""
    start: int
    """Where that word begins, as a negative offset from the cursor."""
    about: str = ""


NAME_VERBS = ("logs", "exec", "port-forward")
"""Verbs whose first word is a pod, or KIND/NAME."""
_SEPARATOR = re.compile(r"&&|\|\||[|;(]|\b(?:do|then|else)\b")


def complete(session: Session, text: str) -> list[Candidate]:
    """Candidates for the word that ends ``text``, which is what stands before the cursor."""
    segment = _SEPARATOR.split(text)[-1]
    words = segment.split()
    word = "" if not segment or segment[-1].isspace() else words.pop()
    while words and words[0] in ("sudo", "watch", "time"):
        words.pop(0)
    try:
        found = list(_offers(session, words, word))
    except Exception:  # completion is never worth an error
        return []
    seen: dict[str, Candidate] = {}
    for offer, about in found:
        if offer.startswith(word) and offer != word:
            seen.setdefault(offer, Candidate(offer, -len(word), about))
    return list(seen.values())


Offer = tuple[str, str]


def _offers(session: Session, words: list[str], word: str) -> Iterator[Offer]:
    if not words:
        yield from _commands(session)
        return
    first, rest = words[0], words[1:]
    if "--" in rest:
        yield from _offers(session, rest[rest.index("--") + 1 :], word)
    elif first in ("kubectl", "k") and not session.inside:
        yield from _kubectl(session, rest, word)
    elif first in ("fail", "recover"):
        yield from _names(session, find("pods"), rest)
        if rest:
            yield from ((way, "") for way in ("readiness", "crash", "image"))
    elif first in ("node", "drain"):
        yield from ((name, "node") for name in session.cluster.nodes)
    elif first == "trace":
        yield from _requests(session, word)
    elif first == "help":
        from kcnet.lab.own.helptopics import TOPICS

        yield from ((topic, "") for topic in TOPICS)
    elif first == "minikube":
        yield from ((one, "") for one in ("ip", "service", "tunnel"))
        yield from ((name, space) for space, name in session.cluster.services)
    elif first in ("curl", "wget", "nslookup", "dig", "ping", "nc", "host"):
        yield from _hosts(session, first)
    else:
        yield from _files(session, word)


def _commands(session: Session) -> Iterator[Offer]:
    from kcnet.lab.commands import names
    from kcnet.lab.shell import Shell

    for name in sorted(set(names(Shell(session, session.place)))):
        if name not in (":", "["):
            yield name, ""


_TAKES_NAMESPACE = ("-n", "--namespace")
_TAKES_FILE = ("-f", "--filename", "--patch-file", "--from-file")


def _kubectl(session: Session, words: list[str], word: str) -> Iterator[Offer]:
    from kcnet.lab.kubectl.args import GLOBAL, flags_of
    from kcnet.lab.kubectl.verbs import GROUPS, VERBS

    last = words[-1] if words else ""
    if last in _TAKES_NAMESPACE:
        yield from ((name, "namespace") for name in session.cluster.namespaces)
        return
    if last in _TAKES_FILE:
        yield from _files(session, word)
        return
    if last in ("-o", "--output"):
        yield from ((form, "") for form in ("wide", "yaml", "json", "name", "jsonpath=", "custom-columns="))
        return
    if last in ("-l", "--selector"):
        yield from _labels(session, _namespace(session, words))
        return
    namespace = _namespace(session, words)
    plain = _plain(words)
    verb = " ".join(plain[:1])
    while verb in GROUPS and len(plain) > verb.count(" ") + 1:
        verb = " ".join(plain[: verb.count(" ") + 2])
    if not plain:
        yield from ((name, VERBS[name].about if name in VERBS else "") for name in (*VERBS, *GROUPS) if " " not in name)
        return
    if verb in GROUPS:
        members = (name for name in (*VERBS, *GROUPS) if name.startswith(f"{verb} "))
        yield from ((name.removeprefix(f"{verb} ").split()[0], "") for name in members)
    if verb not in VERBS:
        return
    if word.startswith("-"):
        flags = {**flags_of(GLOBAL), **flags_of(VERBS[verb].flags)}
        yield from ((name, flag.kind) for name, flag in flags.items() if not flag.note)
        return
    yield from _objects(session, verb, plain[verb.count(" ") + 1 :], word, namespace)


def _objects(session: Session, verb: str, words: list[str], word: str, namespace: str) -> Iterator[Offer]:
    if verb in ("cordon", "uncordon", "drain"):
        yield from ((name, "node") for name in session.cluster.nodes)
    elif verb == "explain":
        yield from ((one.plural, one.kind) for one in RESOURCES)
    elif "/" in word:
        kind = word.partition("/")[0]
        yield from ((f"{kind}/{name}", "") for name, _ in _names(session, find(kind), [], namespace))
    elif verb in NAME_VERBS and not words:
        yield from _names(session, find("pods"), [], namespace)
        yield from ((f"{kind}/", "") for kind in ("deploy", "svc", "sts"))
    elif not words and not verb.startswith(("create", "run")):
        yield from _kinds()
    elif words and (resource := find(words[0].split(",")[0])):
        yield from _names(session, resource, words[1:], namespace)


def _kinds() -> Iterator[Offer]:
    yield "all", "pods, Services and workloads"
    for one in RESOURCES:
        yield one.plural, one.kind
        for short in one.short_names:
            yield short, one.kind
        yield f"{one.singular}/", one.kind


def _names(
    session: Session, resource: Resource | None, taken: Iterable[str], namespace: str | None = None
) -> Iterator[Offer]:
    if resource is None:
        return
    home = (namespace or session.namespace) if resource.namespaced else None
    for value in session.server.list(resource, home):
        if value["metadata"]["name"] not in taken:
            yield value["metadata"]["name"], resource.kind


def _labels(session: Session, namespace: str) -> Iterator[Offer]:
    pods = find("pods")
    assert pods is not None
    for value in session.server.list(pods, namespace):
        for key, text in sorted((value["metadata"].get("labels") or {}).items()):
            yield f"{key}={text}", "label"


def _namespace(session: Session, words: list[str]) -> str:
    for index, word in enumerate(words[:-1]):
        if word in _TAKES_NAMESPACE:
            return words[index + 1]
    for word in words:
        if word.startswith("--namespace="):
            return word.partition("=")[2]
    return session.namespace


def _plain(words: list[str]) -> list[str]:
    """Words that are no flags, nor values of those flags that are used most."""
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in (*_TAKES_NAMESPACE, *_TAKES_FILE, "-o", "-l", "-c", "--output", "--selector", "--container")
        else:
            found.append(word)
    return found


def _requests(session: Session, word: str) -> Iterator[Offer]:
    cluster = session.cluster
    yield "internet", "outside"
    for kind, space, name in cluster.workloads:
        if kind in ("Deployment", "StatefulSet", "DaemonSet"):
            yield f"{space}/{name}", kind
    for space, name in cluster.pods:
        yield f"{space}/pod/{name}", "Pod"
    for space, name in cluster.services:
        yield f"{space}/svc/{name}", "Service"
        yield f"http://{name}.{space}/", "Service"


def _hosts(session: Session, tool: str) -> Iterator[Offer]:
    cluster = session.cluster
    web = tool in ("curl", "wget")
    for ingress in cluster.ingresses.values():
        for rule in ingress.rules:
            if rule.host and "*" not in rule.host:
                yield (f"http://{rule.host}/" if web else rule.host), "Ingress"
    for space, name in cluster.services:
        yield name, f"Service in {space}"
        yield f"{name}.{space}", "Service"
        if web:
            yield f"http://{name}.{space}", "Service"


def _files(session: Session, word: str) -> Iterator[Offer]:
    folder, slash, _ = word.rpartition("/")
    start = folder + slash
    for name in session.files.names(folder or ("/" if slash else ".")):
        if not name.startswith(".") or word.rsplit("/", 1)[-1].startswith("."):
            yield start + name, ""
