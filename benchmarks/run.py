"""How fast kcnet is, in tables, against targets that are ratios wherever a machine could matter.

    python benchmarks/run.py [startup] [load] [trace] [--rounds N]

Whole processes are timed, taken in turns, and the best of the rounds counts: what else the machine does can only make
a round slower.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

TITLE = ("what", "measured", "target", "")
DEMO = ("trace", "-n", "shop", "--from", "deploy/frontend", "--to", "http://cart/")

MEASURE = """
import json, resource, sys, time
began = time.perf_counter()
{work}
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({{"seconds": took, "mebibytes": peak / 1024 if sys.platform != "darwin" else peak / 2**20}}))
"""
"""A process inherits the peak of the one that started it (Linux counts so), so this one has to stay small."""
NOTHING = "import yaml"
BARE = """
import yaml
with open(sys.argv[1], "rb") as file:
    documents = list(yaml.load_all(file, Loader=yaml.CSafeLoader))
"""
KCNET = """
import kcnet
cluster = kcnet.load(sys.argv[1])
answer = kcnet.trace(cluster, "team-3/app-15-5d4f8c7b9-00151", "http://svc-16/")
assert answer.verdict == "delivered", answer.summary
"""

Row = tuple[str, str, str, str]


def table(title: str, rows: Sequence[Row]) -> None:
    widths = [max(len(row[column]) for row in (TITLE, *rows)) for column in range(4)]
    print(f"\n{title}")
    for row in (TITLE, tuple("-" * width for width in widths), *rows):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def against(ratio: float, most: float) -> tuple[str, str]:
    return f"at most {most:g}", "ok" if ratio <= most else "OVER"


def wall(command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def startup(rounds: int) -> None:
    script = Path(sys.executable).with_name("kcnet")
    kcnet = [str(script)] if script.exists() else [sys.executable, "-m", "kcnet"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import typer'": [sys.executable, "-c", "import typer"],
        "kcnet --version": [*kcnet, "--version"],
        f"kcnet {' '.join(DEMO)}": [*kcnet, *DEMO],
    }
    for command in commands.values():
        wall(command)  # writes compiled files, and warms the disk
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(rounds):
        for name, command in commands.items():
            best[name] = min(best[name], wall(command))
    typer = best["python -c 'import typer'"]
    rows = []
    for (name, seconds), most in zip(best.items(), (None, None, 1.5, 3), strict=True):
        times = f"{seconds / typer:.2f} times import typer"
        rows.append(
            (name, f"{seconds * 1000:6.1f} ms  {times}", *(against(seconds / typer, most) if most else ("", "")))
        )
    table(f"Start-up, best of {rounds}", rows)


def measure(work: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-c", MEASURE.format(work=work), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def load(rounds: int) -> None:
    pods, services = 5000, 500
    with tempfile.TemporaryDirectory() as folder:
        as_yaml, as_json = Path(folder) / "dump.yaml", Path(folder) / "dump.json"
        script = [sys.executable, str(Path(__file__).with_name("generate.py")), str(pods), str(services)]
        for path in (as_yaml, as_json):
            subprocess.run([*script, str(path)], check=True)
        works = {
            "nothing": (NOTHING, as_yaml),
            "bare": (BARE, as_yaml),
            "yaml": (KCNET, as_yaml),
            "json": (KCNET, as_json),
        }
        seconds = dict.fromkeys(works, float("inf"))
        memory = dict.fromkeys(works, float("inf"))
        for _ in range(rounds):
            for name, (work, path) in works.items():
                measured = measure(work, path)
                seconds[name] = min(seconds[name], measured["seconds"])
                memory[name] = min(memory[name], measured["mebibytes"])
        sizes = {path: path.stat().st_size / 2**20 for path in (as_yaml, as_json)}
    own = {name: memory[name] - memory["nothing"] for name in works}

    def row(what: str, name: str, most: float | None) -> Row:
        ratio = seconds[name] / seconds["bare"]
        return (what, f"{seconds[name]:6.2f} s  {ratio:.2f} times bare", *(against(ratio, most) if most else ("", "")))

    def memory_row(what: str, name: str, most: float | None) -> Row:
        ratio = own[name] / own["bare"]
        return (what, f"{own[name]:6.0f} MiB  {ratio:.2f} times", *(against(ratio, most) if most else ("", "")))

    table(
        f"A dump of {pods:,} pods and {services:,} Services into one traced answer, best of {rounds}",
        [
            row(f"bare: list(yaml.load_all(..., CSafeLoader)), {sizes[as_yaml]:.0f} MiB", "bare", None),
            row("kcnet, YAML", "yaml", 1.5),
            row(f"kcnet, JSON, {sizes[as_json]:.0f} MiB", "json", 0.4),
            memory_row("peak memory, bare", "bare", None),
            memory_row("peak memory, kcnet, YAML", "yaml", 2),
            memory_row("peak memory, kcnet, JSON", "json", 2),
        ],
    )


def trace(rounds: int) -> None:
    import generate

    import kcnet
    from kcnet.model.cluster import Cluster

    questions = {
        "same namespace": ("team-1/app-5-5d4f8c7b9-00051", "http://svc-6/", "delivered"),
        "other namespace, closed": ("team-1/app-5-5d4f8c7b9-00051", "http://svc-12.team-2/", "timeout"),
        "no such name": ("team-1/app-5-5d4f8c7b9-00051", "http://svc-nowhere/", "unresolved"),
        "no such port": ("team-1/app-5-5d4f8c7b9-00051", "http://svc-6:81/", "timeout"),
        "pod by address": ("team-1/app-5-5d4f8c7b9-00051", f"{generate.address(60)}:8080", "delivered"),
        "world outside": ("team-1/app-5-5d4f8c7b9-00051", "https://www.example.com/", "external"),
    }

    def built(pods: int, services: int) -> Cluster:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "cluster.json"
            generate.write_json(path, generate.whole_cluster(pods, services))
            began = time.perf_counter()
            cluster = kcnet.load(path)
            print(f"{pods:,} pods and {services:,} Services: loaded in {time.perf_counter() - began:.1f} s", flush=True)
            return cluster

    def timed(cluster: Cluster, source: str, target: str, verdict: str) -> float:
        began = time.perf_counter()
        answer = kcnet.trace(cluster, source, target)
        took = time.perf_counter() - began
        if answer.verdict != verdict:
            raise SystemExit(f"{target}: {answer.summary}")
        return took

    print()
    small, big = built(500, 100), built(50_000, 10_000)
    # One question in each before any is timed by itself: the first builds the indexes of the cluster.
    first = [timed(cluster, *questions["same namespace"]) for cluster in (small, big)]
    rows = [("first question of all", f"{first[0] * 1000:6.2f} ms  {first[1] * 1000:6.2f} ms", "", "")]
    for name, question in questions.items():
        once = [timed(cluster, *question) for cluster in (small, big)]
        several: list[list[float]] = [[], []]
        for _ in range(max(rounds, 5) * 10):
            for place, cluster in enumerate((small, big)):
                several[place].append(timed(cluster, *question))
        usual = [statistics.median(values) for values in several]
        ratio = usual[1] / usual[0]
        good = usual[1] < 0.005 and ratio <= 2
        shown = f"{usual[0] * 1000:6.2f} ms  {usual[1] * 1000:6.2f} ms  {ratio:5.2f} times"
        rows.append((name, shown, "below 5 ms, at most 2 times", "ok" if good else "OVER"))
        rows.append(("  asked first", f"{once[0] * 1000:6.2f} ms  {once[1] * 1000:6.2f} ms", "", ""))
    table("One trace after loading, median: 500 pods and 100 Services, 50,000 pods and 10,000 Services", rows)
    crowds(timed, max(rounds, 5))


def crowds(timed: Callable[[Any, str, str, str], float], rounds: int) -> None:
    """One Service in front of very many pods: endpoints that are alike are not followed one by one."""
    import yaml

    import kcnet

    def built(replicas: int) -> Any:
        labels = {"app": "web"}
        spec = {"containers": [{"name": "web", "image": "web", "ports": [{"containerPort": 8080}]}]}
        template = {"metadata": {"labels": labels}, "spec": spec}
        objects = [
            {"apiVersion": "kcnet/v1", "kind": "Cluster", "metadata": {"name": "facts"}, "spec": {"nodes": 50}},
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "client"}, "spec": spec},
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": "web"},
                "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
            },
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "web"},
                "spec": {"type": "LoadBalancer", "selector": labels, "ports": [{"port": 80, "targetPort": 8080}]},
            },
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "crowd.yaml"
            path.write_text(yaml.safe_dump_all(objects))
            return kcnet.load(path)

    print()
    few, many = built(256), built(5000)
    rows = []
    for name, question in {
        "from a pod": ("client", "http://web/", "delivered"),
        "from outside, by 32 nodes": ("internet", "svc/web:80", "delivered"),
    }.items():
        taken = [statistics.median(timed(cluster, *question) for _ in range(rounds)) for cluster in (few, many)]
        ratio = taken[1] / taken[0]
        shown = f"{taken[0] * 1000:6.0f} ms  {taken[1] * 1000:6.0f} ms  {ratio:5.2f} times"
        rows.append((name, shown, "at most 20 times, as many", "ok" if ratio <= 20 else "OVER"))
    table("One trace to a Service of 256 pods, and of 5,000", rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=("startup", "load", "trace", []))
    parser.add_argument("--rounds", type=int, help="startup 20, load 3, trace 10")
    arguments = parser.parse_args()
    wanted = arguments.what or ["startup", "load", "trace"]
    for name, run, rounds in (("startup", startup, 20), ("load", load, 3), ("trace", trace, 10)):
        if name in wanted:
            run(arguments.rounds or rounds)


if __name__ == "__main__":
    main()
