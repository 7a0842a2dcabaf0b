"""A question about one request: the right option is what the simulator says, the wrong ones are what believers say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from kcnet.model.cluster import Cluster
from kcnet.model.trace import Request, Trace
from kcnet.request import RequestError
from kcnet.simulate import trace
from kcnet.tutor.beliefs import BELIEFS
from kcnet.tutor.probes import PROBES, Probe, misread
from kcnet.tutor.probes.wording import VERDICTS
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Option, listed, single
from kcnet.tutor.quiz.generate.sketch import request_of

FILLERS = {
    "verdict": ("delivered", "refused", "timeout", "NXDOMAIN", "no-address"),
    "status": ("answer", "http 404", "http 503", "http 502", "http 504"),
    "policy-ingress": ("open", "allowed", "dropped", "never", "skipped"),
    "policy-egress": ("open", "allowed", "dropped", "never", "skipped"),
}
"""Values that are always worth a thought, whether or not a belief predicts them."""

WOULD_NEED = {
    "delivered": "For that nothing may stand in the way.",
    "answer": "For that nothing may stand in the way.",
    "refused": "A refusal comes from a node that rejects the packet, or from a pod where nobody listens.",
    "timeout": "A request hangs when a packet is dropped or lost on the way.",
    "NXDOMAIN": "NXDOMAIN means that there is no such name.",
    "no-address": "An address is missing when nobody gave one to a load balancer, or no controller serves the Ingress.",
    "http 404": "404 is the controller's answer when no rule matches.",
    "http 502": "502 is the controller's answer when the pod refuses its connection.",
    "http 503": "503 is the controller's answer when there is no Service, or no ready endpoint.",
    "http 504": "504 is the controller's answer when its connection gets no reply.",
    "open": "A pod is open only while no policy selects it for this direction.",
    "allowed": "A rule allows it only if both its peers and its ports match.",
    "dropped": "A packet is dropped where policies select the pod and no rule of any of them matches.",
    "never": "A packet gets no further when it was refused, dropped or not even sent before.",
    "skipped": "Policies do not apply where the network plugin ignores them, or for traffic of the node itself.",
}


def about(
    rng: Random,
    cluster: Cluster,
    manifest: str,
    asked: Asked,
    probe_id: str,
    difficulty: int,
    *,
    topic: str,
    beliefs: Sequence[str] = (),
    stem: str = "",
    extra: Iterable[tuple[str, str]] = (),
    form: str = "what-happens",
) -> Draft | None:
    """A question by probe; None if it does not apply, cannot be known, or has fewer than three wrong answers."""
    probe = PROBES[probe_id]
    try:
        request = request_of(cluster, asked)
        truth = trace(cluster, request)
    except RequestError:
        return None
    value = probe.value(truth)
    if not value or "unknown" in value.split(", "):
        return None
    proof = probe.proof(truth)
    right = Option(in_words(probe, value, cluster), True, proof, None, value)
    wrong = list(wrong_options(cluster, request, probe, truth, beliefs or tuple(BELIEFS), extra))
    rng.shuffle(wrong)
    wrong.sort(key=lambda option: option.belief is None)
    options = single(rng, right, wrong)
    if options is None:
        return None
    used = [BELIEFS[option.belief].source for option in options if option.belief]
    return Draft(
        form=form,
        topic=topic,
        difficulty=difficulty,
        stem=stem or f"Given this cluster: {lowered(probe.question(cluster, request))}",
        explanation=proof if probe_id == "dns" else explanation(truth, proof),
        references=tuple(dict.fromkeys((*used, truth.reason.source, f"explain:{truth.reason.code}"))),
        options=options,
        manifest=manifest,
        request=asked,
        ask=probe_id,
    )


def in_words(probe: Probe, value: str, cluster: Cluster) -> str:
    """Addresses without their owners, who stand in the manifests: a made-up address would have none."""
    if probe.id in ("dns", "source") and value not in VERDICTS and not value.startswith("CNAME"):
        return listed(value.split(", "), "or" if probe.id == "source" else "and")
    return probe.words(value, cluster)


def wrong_options(
    cluster: Cluster,
    request: Request,
    probe: Probe,
    truth: Trace,
    beliefs: Iterable[str],
    extra: Iterable[tuple[str, str]] = (),
) -> Iterable[Option]:
    """What each belief predicts, where it differs from the truth, then what is always worth a thought."""
    value, proof = probe.value(truth), probe.proof(truth)
    for id_ in beliefs:
        belief = BELIEFS[id_]
        told = misread(belief, cluster, request)
        other = probe.value(told) if told is not None else ""
        if other and other != value:
            why = f"{belief.correction} Here: {proof}"
            yield Option(in_words(probe, other, cluster), False, why, id_, other)
    fillers = [(one, WOULD_NEED[one]) for one in FILLERS.get(probe.id, ())]
    for other, why in (*extra, *fillers):
        if other != value:
            yield Option(in_words(probe, other, cluster), False, f"{why} Here: {proof}", None, other)


def explanation(truth: Trace, proof: str) -> str:
    """What settles it, and what becomes of the whole request where that is not the same sentence."""
    return truth.summary if proof in truth.summary else f"{proof} {truth.summary}"


def lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
