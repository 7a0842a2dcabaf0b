"""Ingresses: who serves them.

https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
"""

from __future__ import annotations

from collections.abc import Iterator

from kcnet.analysis.finding import Edit, Finding, Proof, Rule, Severity, Subject
from kcnet.analysis.spelling import certainly_meant
from kcnet.controlplane.ingress import default_class
from kcnet.model.names import Ref
from kcnet.model.objects import Ingress
from kcnet.model.wellknown import DEFAULT_INGRESS_CLASS, INGRESS_CLASS
from kcnet.path.flow import key
from kcnet.path.public import controller_of

INGRESS_PAGE = "https://kubernetes.io/docs/concepts/services-networking/ingress/"
_NOBODY = "Clients find nobody who answers for it."


def _no_class(subject: Subject) -> Iterator[Finding]:
    for ingress, why in _unserved(subject):
        if ingress.class_name is None and ingress.class_annotation is None and subject.cluster.ingress_controllers:
            served = _served_classes(subject)
            choice = f"Set spec.ingressClassName to {' or '.join(served)}" if served else "Set spec.ingressClassName"
            yield INGRESS_NO_CLASS.finding(
                ingress.ref,
                "spec",
                f"{why[0].upper()}{why[1:]}. {_NOBODY}",
                f"{choice}, or mark one IngressClass as the default with the annotation "
                'ingressclass.kubernetes.io/is-default-class: "true" and create the Ingress again.',
                proof=ask(ingress),
            )


def _class_missing(subject: Subject) -> Iterator[Finding]:
    for ingress, why in _unserved(subject):
        name = ingress.class_name
        if name is None or name in subject.cluster.ingress_classes or not subject.cluster.ingress_controllers:
            continue
        served = _served_classes(subject)
        meant = certainly_meant(name, subject.cluster.ingress_classes)
        choice = meant or " or ".join(served)
        yield INGRESS_CLASS_MISSING.finding(
            ingress.ref,
            "spec.ingressClassName",
            f"{why[0].upper()}{why[1:]}, so no controller claims this Ingress. {_NOBODY}",
            f"Set spec.ingressClassName to {choice}." if choice else f"Create the IngressClass {name}.",
            proof=ask(ingress),
            edit=Edit(ingress.ref, "spec.ingressClassName", name, meant) if meant else None,
        )


def _no_controller(subject: Subject) -> Iterator[Finding]:
    for ingress, why in _unserved(subject):
        named = ingress.class_name or ingress.class_annotation
        known = ingress.class_name is None or ingress.class_name in subject.cluster.ingress_classes
        if subject.cluster.ingress_controllers and not (named and known):
            continue  # that is for the rules about classes
        field = "spec.ingressClassName" if ingress.class_name or not ingress.class_annotation else _annotation_field()
        yield INGRESS_NO_CONTROLLER_RUNS.finding(
            ingress.ref,
            field,
            f"An Ingress is no more than a wish, and {why}. {_NOBODY}",
            "Install a controller for its class, or name a class that a controller here serves.",
            proof=ask(ingress),
        )


def _several_defaults(subject: Subject) -> Iterator[Finding]:
    marked = [item for item in subject.manifests.ingress_classes if item.default]
    chosen = default_class(marked)
    for item in marked if len(marked) > 1 else ():
        if item.name == chosen:
            continue
        yield INGRESS_CLASS_SEVERAL_DEFAULTS.finding(
            item.ref,
            key("metadata.annotations", DEFAULT_INGRESS_CLASS),
            f"IngressClass {chosen} is marked as the default too. An Ingress that names no class gets the one that was "
            f"created last, of the same second the first by name: as it stands here {chosen}, and never {item.name}.",
            "Leave the annotation on one of them, or write spec.ingressClassName into every Ingress.",
        )


def _unserved(subject: Subject) -> Iterator[tuple[Ingress, str]]:
    """The Ingresses that certainly nobody serves, and why."""
    for ingress in subject.cluster.ingresses.values():
        why = controller_of(subject.cluster, ingress)
        if isinstance(why, str):
            yield ingress, why


def _served_classes(subject: Subject) -> list[str]:
    return sorted({name for controller in subject.cluster.ingress_controllers for name in controller.class_names})[:3]


def _annotation_field() -> str:
    return key("metadata.annotations", INGRESS_CLASS)


def _old_annotation(subject: Subject) -> Iterator[Finding]:
    for ingress in subject.manifests.ingresses:
        value = ingress.class_annotation
        if value is None:
            continue
        known = value in subject.cluster.ingress_classes
        needs = "" if known else f" It names an IngressClass, so there must be one called {value}."
        yield INGRESS_CLASS_ANNOTATION.finding(
            ingress.ref,
            _annotation_field(),
            "This annotation is deprecated since Kubernetes 1.18. A controller may read it or not, and the default "
            "class is not written in where it stands.",
            f"Remove the annotation and write spec.ingressClassName: {value}.{needs}"
            if ingress.class_name is None
            else "Remove the annotation: spec.ingressClassName says it already.",
        )


def _retired(subject: Subject) -> Iterator[Finding]:
    for ref, field in dict.fromkeys(_ingress_nginx(subject)):
        yield INGRESS_NGINX_RETIRED.finding(
            ref,
            field,
            "ingress-nginx is retired since March 2026: no release and no repair follows 1.15.1, also none for "
            "security. What runs goes on serving requests.",
            "Move to Gateway API (the tool ingress2gateway translates Ingresses) or to another Ingress controller.",
        )


def _ingress_nginx(subject: Subject) -> Iterator[tuple[Ref, str]]:
    """Where the manifests say that this controller is used: its workload, else its classes."""
    running = [one for one in subject.cluster.ingress_controllers if one.flavour == "ingress-nginx" and not one.assumed]
    if running:
        yield from ((controller.ref, "spec") for controller in running)
        return
    for item in subject.manifests.ingress_classes:
        if item.controller == "k8s.io/ingress-nginx":
            yield item.ref, "spec.controller"


def ask(ingress: Ingress, host: str | None = None, path: str | None = None, *, secure: bool = False) -> Proof | None:
    """A request from outside for one host of the Ingress; None if it names no host."""
    rule = next((rule for rule in ingress.rules if rule.host and (host is None or rule.host == host)), None)
    name = host or (rule.host if rule is not None else None)
    if name is None:
        return None
    if path is None:
        first = next((entry.path for entry in (rule.paths if rule is not None else None) or ()), "/")
        path = first if first.replace("/", "").replace("-", "").isalnum() else "/"
    scheme = "https" if secure else "http"
    return Proof("internet", f"{scheme}://{name.replace('*', 'www', 1)}{path}")


INGRESS_NO_CLASS = Rule(
    code="INGRESS_NO_CLASS",
    severity=Severity.WARNING,
    title="The Ingress names no class, and there is no default class",
    meaning=(
        "A controller serves the Ingresses of its own class. An Ingress without a class gets the default one "
        "when it is "
        "created; if no IngressClass is the default, the field stays empty and most controllers leave it alone."
    ),
    look=("kubectl get ingressclass", "kubectl -n NAMESPACE get ingress NAME"),
    causes=(
        "spec.ingressClassName was forgotten.",
        "The IngressClass is not marked as the default.",
        "The class was made the default after the Ingress had been created.",
    ),
    repair="Set spec.ingressClassName, or mark an IngressClass as the default and create the Ingress again.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class",
    check=_no_class,
)

INGRESS_CLASS_SEVERAL_DEFAULTS = Rule(
    code="INGRESS_CLASS_SEVERAL_DEFAULTS",
    severity=Severity.WARNING,
    title="Several IngressClasses are marked as the default",
    meaning=(
        "An Ingress without a class gets the default one when it is created. Nothing keeps two classes from being "
        "marked; the control plane then takes the newest, so that the order in which controllers were installed "
        "decides who serves an Ingress."
    ),
    look=("kubectl get ingressclass -o yaml",),
    causes=("Each controller's installation marks its own class.", "A controller was replaced, and its class stayed."),
    repair="Mark one class alone.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class",
    check=_several_defaults,
)

INGRESS_CLASS_MISSING = Rule(
    code="INGRESS_CLASS_MISSING",
    severity=Severity.WARNING,
    title="The Ingress names a class that does not exist",
    meaning=(
        "spec.ingressClassName is the name of an IngressClass. The API server does not check that it exists, and no "
        "controller serves an Ingress of a class that it does not know."
    ),
    look=("kubectl get ingressclass", "kubectl -n NAMESPACE describe ingress NAME"),
    causes=("A typo in the class.", "The controller was installed under another class name."),
    repair="Set spec.ingressClassName to the name of an IngressClass.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class",
    check=_class_missing,
)

INGRESS_NO_CONTROLLER_RUNS = Rule(
    code="INGRESS_NO_CONTROLLER_RUNS",
    severity=Severity.WARNING,
    title="No controller serves the Ingress's class",
    meaning=(
        "An Ingress is data: a controller, a proxy that runs in the cluster, reads it and serves it. Kubernetes brings "
        "none along. Without one that claims the class the Ingress has no address, and nobody listens for its hosts."
    ),
    look=("kubectl get ingressclass -o wide", "kubectl get pods -A", "kubectl -n NAMESPACE get ingress NAME"),
    causes=("No Ingress controller is installed.", "The one that is installed claims another class."),
    repair="Install a controller for the class, or name the class of the one that runs.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/",
    check=_no_controller,
)

INGRESS_CLASS_ANNOTATION = Rule(
    code="INGRESS_CLASS_ANNOTATION",
    severity=Severity.INFO,
    title="The annotation kubernetes.io/ingress.class is deprecated",
    meaning=(
        "Before there were IngressClasses, controllers looked for this annotation, each with a name of its own choice. "
        "spec.ingressClassName took its place in Kubernetes 1.18; not every controller still reads the annotation."
    ),
    look=("kubectl -n NAMESPACE get ingress NAME -o yaml", "kubectl get ingressclass"),
    causes=("The manifest was written for an older cluster.",),
    repair="Write spec.ingressClassName instead.",
    source="https://kubernetes.io/docs/concepts/services-networking/ingress/#deprecated-annotation",
    check=_old_annotation,
)

INGRESS_NGINX_RETIRED = Rule(
    code="INGRESS_NGINX_RETIRED",
    severity=Severity.INFO,
    title="ingress-nginx is retired",
    meaning=(
        "The project kubernetes/ingress-nginx was kept up until March 2026 and gets no repairs since, also none for "
        "security. The Ingress API itself stays; F5's NGINX Ingress Controller is another product."
    ),
    look=("kubectl get pods -A -l app.kubernetes.io/name=ingress-nginx", "kubectl get ingressclass -o wide"),
    causes=("The manifests were written before the project ended.",),
    repair="Move to Gateway API or to another Ingress controller.",
    source="https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/",
    check=_retired,
)
