"""Questions on what is wrong: find the faulty line, and the one change that mends it.

A fault is seeded into a cluster that works. It is kept only if the request then ends otherwise, and if undoing this one
fault makes it end as before.
"""

from __future__ import annotations

from random import Random
from typing import Final, NamedTuple

from kcnet.loading.problems import InvalidManifestsError
from kcnet.model.trace import Trace
from kcnet.request import RequestError
from kcnet.simulate import trace
from kcnet.tutor.probes import PROBES, wording
from kcnet.tutor.quiz.generate import words
from kcnet.tutor.quiz.generate.asking import lowered
from kcnet.tutor.quiz.generate.draft import Asked, Draft, Fault, Generator, Option, single
from kcnet.tutor.quiz.generate.scenarios import SCENARIOS, Change, Documents, Scenario
from kcnet.tutor.quiz.generate.sketch import Sketch, request_of, service_ports
from kcnet.tutor.quiz.generate.yamltext import cluster_of, documents

DEBUG_PAGE: Final = "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/"

LONGEST: Final = 72
"""Characters of a change that is offered as an option."""


class Broken(NamedTuple):
    scenario: Scenario
    fault: Change
    docs: Documents
    told: Trace
    symptom: str
    healthy: str


def broken(rng: Random, difficulty: int) -> Broken | None:
    """A scenario with one fault whose symptom appears; None if this one shows none."""
    scenario = rng.choice(SCENARIOS[difficulty])(rng)
    healthy = scenario.verdict(scenario.docs)
    fault = rng.choice(scenario.faults)
    docs = fault.made(scenario.docs)
    try:
        told = scenario.traced(docs)
    except (InvalidManifestsError, RequestError):
        return None
    symptom = PROBES["verdict"].value(told)
    cured = fault.undone(scenario.docs).made(docs)
    cures = cured == scenario.docs or scenario.verdict(cured) == healthy
    wanted = scenario.should == "be answered"
    if symptom == healthy or "unknown" in symptom or (healthy == "delivered") is not wanted:
        return None
    return Broken(scenario, fault, docs, told, symptom, healthy) if cures else None


def _stem(case: Broken, ask: str) -> str:
    asked = case.scenario.asked
    who = (
        "A client outside the cluster" if asked.source == "internet" else f"Pod {asked.source[4:]} of {asked.namespace}"
    )
    got = wording.verdict(case.symptom)
    return f"{who} asks {asked.target}. It should {case.scenario.should}, but: {lowered(got)}. {ask}"


def _line(rng: Random, difficulty: int) -> Draft | None:
    case = broken(rng, difficulty)
    if case is None:
        return None
    before = documents(case.scenario.docs).splitlines()
    after = documents(case.docs).splitlines()
    if len(before) != len(after):
        return None
    wrong = [number for number, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new]
    if len(wrong) != 1:
        return None
    line = wrong[0]
    decoys = _decoys(rng, after, line, 3)
    if len(decoys) < 3:
        return None
    cure = before[line - 1]
    return Draft(
        form="fault-line",
        topic=case.scenario.topic if difficulty > 1 else "troubleshooting",
        difficulty=difficulty,
        stem=_stem(case, "Which line shows the fault?"),
        explanation=f"{case.fault.why} It should read: {cure.strip()}. {case.told.summary}",
        references=(DEBUG_PAGE, f"explain:{case.told.reason.code}"),
        manifest=documents(case.docs),
        request=case.scenario.asked,
        fault=Fault(line, case.fault.why, cure, decoys),
        competency="Troubleshooting",
    )


INNOCENT: Final = (
    ("replicas:", "The number of pods is not the matter: one would do."),
    ("image:", "The image is none of the network's business."),
    ("containerPort:", "That is what the container listens on."),
    ("port:", "That port agrees with what is asked for."),
    ("targetPort:", "The target is right: it is a port of the container."),
    ("matchLabels: {app:", "These labels are those of the pods that are meant."),
    ("selector: {app:", "This selector is right: the pods carry these labels."),
    ("labels: {app:", "These labels are what the selectors ask for."),
    ("nodeName:", "A pod may run on any node."),
    ("policyTypes:", "The directions are those that are meant."),
    ("controller:", "That is the name that the controller claims."),
    ("path:", "The path is the one that is asked for, or what stands above it."),
    ("host:", "The host is the one that is asked for."),
    ("pathType:", "The type fits the path that is asked for."),
    ("number:", "The port's number is the Service's."),
    ("podSelector:", "The selector picks the pods that are meant."),
    ("namespaceSelector:", "The selector picks the namespace that is meant."),
    ("ingressClassName:", "There is a class of that name."),
    ("metadata: {name:", "Name and namespace are as they should be."),
    ("name:", "The name is as it should be."),
)
"""What a line that is not at fault says, and why it is not."""


def _decoys(rng: Random, lines: list[str], fault: int, count: int) -> tuple[tuple[int, str], ...]:
    found = [
        (number, why)
        for number, line in enumerate(lines, 1)
        if number != fault
        for why in [next((why for start, why in INNOCENT if start in line), "")]
        if why and not line.startswith(("apiVersion", "kind"))
    ]
    return tuple(sorted(rng.sample(found, count))) if len(found) >= count else ()


def _cure(rng: Random, difficulty: int) -> Draft | None:
    case = broken(rng, difficulty)
    if case is None or case.fault.path == ("status",):  # nobody writes a status
        return None
    scenario, docs = case.scenario, case.docs
    cure = case.fault.undone(scenario.docs)
    if len(cure.text(docs)) > LONGEST:
        return None
    right = Option(cure.text(docs), True, f"{case.fault.why} With this change the request ends as it should.")
    candidates = [*scenario.others]
    for other in scenario.faults:  # what would mend another fault, or make a second one
        if other.path != case.fault.path and other.path != ("status",) and not other.misspells:
            candidates.append(other._replace(why="That is as it should be; changed, it would be a second fault."))
    rng.shuffle(candidates)
    wrong = []
    for change in candidates[:7]:
        try:
            ends = scenario.verdict(change.made(docs))
        except (InvalidManifestsError, RequestError, LookupError, StopIteration):
            continue
        if ends != case.healthy:
            wrong.append(
                Option(
                    change.text(docs),
                    False,
                    f"{change.why} The request would still end as it does: no cure."
                    if ends == case.symptom
                    else f"{change.why} It does not cure the request.",
                )
            )
    options = single(rng, right, wrong)
    if options is None:
        return None
    return Draft(
        form="single",
        topic="troubleshooting",
        difficulty=difficulty,
        stem=_stem(case, "Which change mends it?"),
        explanation=f"{case.fault.why} {case.told.summary}",
        references=(DEBUG_PAGE, f"explain:{case.told.reason.code}"),
        options=options,
        manifest=documents(docs),
        request=scenario.asked,
        competency="Troubleshooting",
    )


def _label(rng: Random, difficulty: int) -> Draft | None:
    """The one ``kubectl label`` after which the Service has an endpoint."""
    sketch = Sketch(rng, nodes=1)
    home, app, client = sketch.namespace(), sketch.app(), sketch.pick(words.FRONTS)
    port, target = service_ports(rng)
    tier, other_tier = rng.sample(words.TIERS, 2)
    wanted = {"app": app} if difficulty == 1 else {"app": app, "tier": tier}
    has = dict(wanted)
    key = rng.choice(list(wanted))
    has[key] = sketch.app() if key == "app" else other_tier
    if difficulty == 3:
        has["version"] = rng.choice(words.VERSIONS)
    pod = f"{app}-{sketch.suffix()}"
    sketch.pod(client, home, {"app": client}, port=None)
    sketch.pod(pod, home, has, port=target)
    sketch.service(app, home, wanted, port=port, target=target)
    right_one = (key, wanted[key])
    looks_right = {
        ("app", client),
        (key, has[key] + "s"),
        ("name", app),
        ("service", app),
        ("run", app),
        ("tier", other_tier),
        ("app", has["app"]),
        (client, app),
        ("app", app[:-1]),
        ("version", "v2"),
    } - {right_one}
    asked = Asked(f"pod/{client}", f"http://{app}:{port}/", home)
    options = []
    for label, value in (right_one, *rng.sample(sorted(looks_right), 6)):
        docs = Change("Pod", pod, ("metadata", "labels", label), value).made(sketch.docs)
        cluster = cluster_of(documents(docs))
        works = PROBES["verdict"].value(trace(cluster, request_of(cluster, asked))) == "delivered"
        picks = ",".join(f"{k}={v}" for k, v in wanted.items())
        why = f"The Service selects {picks}; " + (
            "then the pod carries all of it." if works else "the pod still lacks it."
        )
        options.append(Option(f"kubectl label pod {pod} -n {home} {label}={value} --overwrite", works, why))
    right = [option for option in options if option.correct]
    truth = trace(sketch.cluster, request_of(sketch.cluster, asked))
    if len(right) != 1 or PROBES["verdict"].value(truth) == "delivered":
        return None
    wrong = [option for option in options if not option.correct]
    rng.shuffle(wrong)
    offered = single(rng, right[0], wrong)
    if offered is None:
        return None
    return Draft(
        form="single",
        topic="troubleshooting",
        difficulty=difficulty,
        stem=f"Service {app} in {home} has no endpoint. After which command does it send to pod {pod}?",
        explanation=f"A Service selects pods that carry every label of its selector. {truth.summary}",
        references=(DEBUG_PAGE, "explain:SERVICE_NO_ENDPOINTS"),
        options=offered,
        manifest=sketch.text,
        request=asked,
        competency="Troubleshooting",
    )


GENERATORS: Final = (
    Generator(
        id="faulty-line",
        title="find the faulty line",
        topic="troubleshooting",
        difficulties=(1, 2, 3),
        also=("services", "ingress", "networkpolicy"),
        make=_line,
    ),
    Generator(
        id="which-change", title="the change that mends it", topic="troubleshooting", difficulties=(1, 2, 3), make=_cure
    ),
    Generator(
        id="which-label", title="which label must change", topic="troubleshooting", difficulties=(1, 2, 3), make=_label
    ),
)
