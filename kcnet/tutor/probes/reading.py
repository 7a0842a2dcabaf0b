"""What a trace answers: values that can be compared, each read from its steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from kcnet.model.trace import Action, Path, Stage, Step, Trace, Verdict, socket_address
from kcnet.path.flow import OUTSIDE
from kcnet.reasons.dns import ADDRESS_GIVEN, DNS_BLOCKED_BY_POLICY, DNS_NO_RECORDS, DNS_NXDOMAIN
from kcnet.reasons.endpoint import POD_NO_ADDRESS
from kcnet.reasons.ingress import (
    INGRESS_DEFAULT_BACKEND,
    INGRESS_NO_CONTROLLER,
    INGRESS_NO_MATCH,
    INGRESS_RULE_MATCHED,
)
from kcnet.reasons.loadbalancer import LB_PENDING
from kcnet.reasons.nat import NAT_DESTINATION
from kcnet.reasons.policy import POLICY_NOT_ISOLATED

NOBODY = "nobody"
NEVER = "never"
UNCHANGED = "unchanged"

_NO_ADDRESS = (INGRESS_NO_CONTROLLER, LB_PENDING, POD_NO_ADDRESS)
_DNS_FAILURES = {
    DNS_NXDOMAIN.code: "NXDOMAIN",
    DNS_NO_RECORDS.code: "NODATA",
    DNS_BLOCKED_BY_POLICY.code: "no-answer",
}


def dns(trace: Trace) -> str:
    """ "10.96.3.4" (several joined by ", "), "NXDOMAIN", "NODATA", "no-answer", "no-address", "CNAME other.example"."""
    answers: set[str] = set()
    for path in trace.paths:
        own = [step for step in path.steps if step.stage is Stage.DNS and step.reason is not ADDRESS_GIVEN]
        if not own:
            continue
        last = own[-1]
        if last.verdict is not None:
            answers.add("no-address" if last.reason in _NO_ADDRESS else _DNS_FAILURES.get(last.reason.code, ""))
        elif last.after.dst is not None:
            answers.add(str(last.after.dst))
        elif path.destination is not None and path.destination.kind == OUTSIDE:
            answers.add(f"CNAME {path.destination.name.rstrip('.')}")
    return joined(answers)


def service(trace: Trace) -> str:
    """Where the first node's rules send it: "10.244.1.5:8080", "refused", "timeout", "unchanged", "never"."""
    answers: set[str] = set()
    for path in trace.paths:
        rewritten = next((step for step in path.steps if step.reason is NAT_DESTINATION), None)
        if rewritten is not None:
            answers.add(socket_address(rewritten.after.dst, rewritten.after.dst_port) or "")
        elif path.last.stage is Stage.SERVICE or _lost_at_the_address(path):
            answers.add(path.verdict.value)
        elif path.last.stage in (Stage.DNS, Stage.LOAD_BALANCER):
            answers.add(NEVER)
        else:
            answers.add(UNCHANGED)
    return joined(answers)


def _lost_at_the_address(path: Path) -> bool:
    return path.last.stage is Stage.ROUTE and path.verdict is Verdict.TIMEOUT and path.destination is None


def endpoint(trace: Trace) -> str:
    """The pods that answer: "shop/cart-x, shop/cart-y"; "nobody"."""
    delivered = [path for path in trace.paths if path.verdict is Verdict.DELIVERED]
    if trace.verdict is Verdict.EXTERNAL or trace.verdict is Verdict.UNKNOWN:
        return ""
    names = {
        f"{path.destination.namespace}/{path.destination.name}" if path.destination.namespace else path.destination.name
        for path in delivered
        if path.destination is not None
    }
    if len(delivered) > 0 and not names:
        return ""
    return joined(names) or NOBODY


def port(trace: Trace) -> str:
    """The port at the pod that the packet is for: "8080"; "" if it is for none."""
    return joined(
        {
            str(path.destination.port)
            for path in trace.paths
            if path.destination is not None and path.destination.kind == "Pod" and path.destination.port
        }
    )


def source(trace: Trace) -> str:
    """The source addresses that endpoints see, or that the packet leaves the cluster with; "" if none sees any."""
    seen = {str(path.source_seen) for path in trace.paths if path.source_seen is not None and _met(path)}
    beyond = {str(path.steps[-1].after.src) for path in trace.paths if path.verdict is Verdict.EXTERNAL}
    return joined(seen | beyond)


def _met(path: Path) -> bool:
    return path.verdict is Verdict.DELIVERED or path.last.stage is Stage.ENDPOINT


def policy(stage: Stage) -> Callable[[Trace], str]:
    """ "open" (no policy selects the pod), "allowed", "dropped", "skipped", "unknown", "never" (it gets not so far)."""

    def read(trace: Trace) -> str:
        return joined({_policy_of(path, stage) for path in trace.paths})

    return read


def _policy_of(path: Path, stage: Stage) -> str:
    own = [step for step in path.steps if step.stage is stage]
    if not own:
        return NEVER
    for action, value in (
        (Action.DROPPED, "dropped"),
        (Action.UNDECIDED, "unknown"),
    ):
        if any(step.action is action for step in own):
            return value
    judged = [step for step in own if step.action is Action.ALLOWED and step.reason is not POLICY_NOT_ISOLATED]
    if judged:
        return "allowed"
    return "skipped" if any(step.action is Action.SKIPPED for step in own) else "open"


def verdict(trace: Trace) -> str:
    """ "delivered", "refused", "timeout", "NXDOMAIN", "no-address", "http 503", "tls-error", "external" ...; of several
    paths that differ all of them, joined by ", "."""
    return joined({_verdict_of(path) for path in trace.paths})


def _verdict_of(path: Path) -> str:
    if path.verdict is Verdict.HTTP_ERROR:
        return f"http {path.http_status or 503}"
    if path.verdict is Verdict.UNRESOLVED:
        return "no-address" if path.reason in _NO_ADDRESS else _DNS_FAILURES.get(path.reason.code, "no-address")
    return path.verdict.value


def why(trace: Trace) -> str:
    """The reason code that decides."""
    return trace.reason.code


def backend(trace: Trace) -> str:
    """ "shop/cart:80", "404" where no rule matches, "" if no Ingress controller reads the request."""
    answers = set()
    for path in trace.paths:
        for step in path.steps:
            if step.stage is not Stage.INGRESS:
                continue
            if step.reason is INGRESS_NO_MATCH:
                answers.add("404")
            elif step.reason in (INGRESS_RULE_MATCHED, INGRESS_DEFAULT_BACKEND):
                answers.add(_backend_of(step))
    return joined(answers)


_BACKEND = re.compile(r"backend (\S+?)(?: takes it)?\.$")


def _backend_of(step: Step) -> str:
    found = _BACKEND.search(step.text)
    namespace = step.because[-1].ref.namespace if step.because else None
    return f"{namespace}/{found[1]}" if found else ""


def status(trace: Trace) -> str:
    """The HTTP status: that of the controller, or "answer" for what the application itself says; else the verdict."""
    return joined({"answer" if path.verdict is Verdict.DELIVERED else _verdict_of(path) for path in trace.paths})


def joined(answers: Iterable[str]) -> str:
    """Answers in an order of their own: numbers by size, the rest by letter; "" if one of them cannot be told."""
    several = sorted(set(answers), key=_order)
    return "" if "" in several else ", ".join(several)


def _order(text: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.split(r"(\d+)", text)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts], text
