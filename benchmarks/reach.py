"""How fast ``kcnet reach`` is: beside network-config-analyzer if that is installed, and alone on a big cluster, where
``kcnet check`` is timed as well.

    python benchmarks/reach.py [beside] [alone] [growth] [--nca PATH/TO/nca] [--rounds N]

Whole processes are timed, in turns, and the best of the rounds counts.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

ROLES = ("web", "api", "worker", "db", "cache")
TIERS = ("front", "back", "data")

RUN = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "w"), stderr=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(done.returncode, peak / 1024 if sys.platform != "darwin" else peak / 2**20)
"""


def meta(name: str, namespace: str | None = None, **labels: str) -> Manifest:
    return {"name": name, **({"namespace": namespace} if namespace else {}), **({"labels": labels} if labels else {})}


def namespaces(number: int) -> Iterator[Manifest]:
    for index in range(number):
        team = f"team-{index % 7}"
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": meta(f"ns-{index}", team=team)}


def labels_of(app: int) -> dict[str, str]:
    return {"app": f"app-{app}", "role": ROLES[app % len(ROLES)], "tier": TIERS[app % len(TIERS)]}


def template(app: int) -> Manifest:
    ports = [{"name": "http", "containerPort": 8000 + app % 5}, {"name": "metrics", "containerPort": 9090}]
    return {"containers": [{"name": "app", "image": "app", "ports": ports}]}


def bare_pods(number: int, spaces: int) -> Iterator[Manifest]:
    for index in range(number):
        app = index // spaces % 25
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta(f"pod-{index}", f"ns-{index % spaces}", **labels_of(app)),
            "spec": template(app),
        }


def deployments(pods: int, spaces: int, replicas: int) -> Iterator[Manifest]:
    for index in range(pods // replicas):
        app = index // spaces % 25
        labels = labels_of(app)
        yield {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta(f"app-{index}", f"ns-{index % spaces}"),
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": labels["app"]}},
                "template": {"metadata": {"labels": labels}, "spec": template(app)},
            },
        }


def policies(number: int, spaces: int, closed: int, seed: int = 7) -> Iterator[Manifest]:
    """In ``closed`` of the namespaces one that closes everything; then ones that open something, in all of them."""
    chance = random.Random(seed)
    for index in range(number):
        spec: Manifest
        if index < closed:
            spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
            yield _policy(index, index, spec)
            continue
        spec = {"podSelector": _selector(chance)}
        if chance.random() < 0.6:
            spec["policyTypes"] = ["Ingress"]
            spec["ingress"] = [_rule(chance, "from") for _ in range(chance.randint(1, 3))]
        else:
            spec["policyTypes"] = ["Egress"]
            spec["egress"] = [_rule(chance, "to") for _ in range(chance.randint(1, 3))]
        yield _policy(index, index % spaces, spec)


def _policy(index: int, space: int, spec: Manifest) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta(f"policy-{index}", f"ns-{space}"),
        "spec": spec,
    }


def _selector(chance: random.Random) -> Manifest:
    kind = chance.random()
    if kind < 0.4:
        return {"matchLabels": {"app": f"app-{chance.randrange(25)}"}}
    if kind < 0.7:
        return {"matchLabels": {"role": chance.choice(ROLES)}}
    if kind < 0.9:
        values = chance.sample(TIERS, 2)
        return {"matchExpressions": [{"key": "tier", "operator": chance.choice(["In", "NotIn"]), "values": values}]}
    return {}


def _rule(chance: random.Random, side: str) -> Manifest:
    rule: Manifest = {side: [_peer(chance) for _ in range(chance.randint(1, 2))]}
    if chance.random() < 0.8:
        rule["ports"] = [_port(chance) for _ in range(chance.randint(1, 2))]
    return rule


def _peer(chance: random.Random) -> Manifest:
    kind = chance.random()
    if kind < 0.45:
        return {"podSelector": _selector(chance)}
    if kind < 0.85:
        team = {"matchLabels": {"team": f"team-{chance.randrange(7)}"}}
        own = {"matchLabels": {"kubernetes.io/metadata.name": f"ns-{chance.randrange(20)}"}}
        return {"namespaceSelector": chance.choice([team, own]), "podSelector": _selector(chance)}
    network = f"{chance.randint(20, 60)}.{chance.randrange(4)}.0.0/16"
    return {"ipBlock": {"cidr": network, "except": [network.replace(".0.0/16", ".128.0/17")]}}


def _port(chance: random.Random) -> Manifest:
    kind = chance.random()
    if kind < 0.6:
        return {"protocol": "TCP", "port": 8000 + chance.randrange(5)}
    if kind < 0.8:
        return {"protocol": "TCP", "port": 8000, "endPort": 8000 + chance.randrange(1, 100)}
    return {"protocol": "UDP", "port": 53}


def write(folder: Path, documents: Iterator[Manifest]) -> None:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    with (folder / "cluster.yaml").open("w") as file:
        yaml.dump_all(documents, file, Dumper=dumper, sort_keys=False)


def cluster(folder: Path, pods: int, number: int, spaces: int, replicas: int = 0, closed: int | None = None) -> Path:
    def documents() -> Iterator[Manifest]:
        yield from namespaces(spaces)
        yield from deployments(pods, spaces, replicas) if replicas else bare_pods(pods, spaces)
        yield from policies(number, spaces, spaces if closed is None else closed)

    folder.mkdir()
    write(folder, documents())
    return folder


def measured(command: Sequence[str], answer: Path) -> tuple[float, float]:
    """Seconds and MiB of a process."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(answer), *command], capture_output=True, text=True, check=True
    )
    took = time.perf_counter() - began
    status, peak = done.stdout.split()
    if status != "0":
        raise SystemExit(f"{' '.join(command)}: exit status {status}")
    return took, float(peak)


def kcnet(folder: Path, *more: str, verb: str = "reach") -> list[str]:
    script = Path(sys.executable).with_name("kcnet")
    return [*([str(script)] if script.exists() else [sys.executable, "-m", "kcnet"]), verb, "-f", str(folder), *more]


def best(command: Sequence[str], answer: Path, rounds: int) -> tuple[float, float]:
    taken = [measured(command, answer) for _ in range(rounds)]
    return min(seconds for seconds, _ in taken), min(peak for _, peak in taken)


def beside(root: Path, nca: str | None, rounds: int) -> None:
    print("\nBeside network-config-analyzer, bare pods, whole processes")
    for pods, number, spaces in ((200, 60, 10), (1000, 200, 20)):
        folder = cluster(root / f"beside-{pods}", pods, number, spaces)
        ours, peak = best(kcnet(folder, "-o", "json"), root / "ours.json", rounds)
        rows = len(json.loads((root / "ours.json").read_text())["rows"])
        line = f"  {pods} pods, {number} policies: kcnet {ours:.2f} s, {peak:.0f} MiB, {rows} rows"
        if nca:
            theirs, _ = best([nca, "--connectivity", "-r", str(folder), "-o", "txt"], root / "nca.txt", 1)
            line += f"; nca {theirs:.1f} s: {theirs / ours:.0f} times (target: at least 20)"
        print(line)


def alone(root: Path, rounds: int) -> None:
    print("\nAlone: 20000 pods of 2000 Deployments in 400 namespaces, 2000 policies (target: 10 s, 1024 MiB)")
    for closed in (400, 300, 0):
        folder = cluster(root / f"alone-{closed}", 20000, 2000, 400, replicas=10, closed=closed)
        print(f"  {closed} namespaces closed by default")
        for more in (("-o", "json"), ("-o", "csv"), ("-n", "ns-7")):
            seconds, peak = best(kcnet(folder, *more), root / "alone.txt", rounds)
            size = (root / "alone.txt").stat().st_size / 2**20
            print(f"    {' '.join(more)}: {seconds:.1f} s, {peak:.0f} MiB, output {size:.1f} MiB")
        seconds, peak = best(kcnet(folder, "-o", "json", verb="check"), root / "alone.txt", rounds)
        print(f"    kcnet check: {seconds:.1f} s, {peak:.0f} MiB")


def growth(root: Path, rounds: int) -> None:
    print("\nGrowth with pods of the same labels: 2000 Deployments, 2000 policies; all without loading is the same")
    for replicas in (1, 10, 20):
        folder = cluster(root / f"growth-{replicas}", 2000 * replicas, 2000, 400, replicas=replicas)
        seconds, peak = best(kcnet(folder, "-o", "json"), root / "growth.json", rounds)
        print(f"  {2000 * replicas} pods: {seconds:.1f} s, {peak:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["beside", "alone", "growth"])
    parser.add_argument("--nca")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        if "beside" in asked.what:
            beside(root, asked.nca, asked.rounds)
        if "alone" in asked.what:
            alone(root, asked.rounds)
        if "growth" in asked.what:
            growth(root, asked.rounds)


if __name__ == "__main__":
    main()
