"""Whether a wheel is whole: run by the Python of an environment that holds it and nothing else of the project.

cd /an/empty/folder; python -I check_wheel.py WHEEL
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

from kcnet.resources import demo, folder

DEMO = ("trace", "-n", "shop", "--from", "deploy/frontend", "--to", "http://cart/")


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"wheel: {otherwise}")


def kcnet(*arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("kcnet")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    check(done.returncode == 0, f"kcnet {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    strangers = {name for name in names if not name.startswith(("kcnet/", f"kcnet-{version('kcnet')}.dist-info/"))}
    check(not strangers, f"more than the package: {sorted(strangers)[:5]}")
    check(not [name for name in names if "test" in name.lower()], "it holds tests")
    check(not [name for name in names if name.endswith(".pyc")], "it holds compiled files")
    check(f"kcnet-{version('kcnet')}.dist-info/licenses/LICENSE" in names, "the licence is missing")

    installed = Path(sysconfig.get_path("purelib"))
    for name in ("manifests", "lessons"):
        check(folder(name).is_relative_to(installed), f"{name}/ is not found in the installation: {folder(name)}")
        check(any(folder(name).iterdir()), f"{name}/ is empty")
    check(bool(list(demo().glob("*.yaml"))), "the demo cluster is missing")

    check(kcnet("--version") == f"kcnet {version('kcnet')}\n", "--version and the metadata differ")
    check("delivered" in kcnet(*DEMO), "the demo trace does not arrive")
    check("SERVICE_NO_ENDPOINTS" in kcnet("explain"), "explain lists no codes")
    check("EndpointSlice" in kcnet("explain", "SERVICE_NO_ENDPOINTS"), "explain has no pages")
    kcnet("trace", "-f", str(folder("manifests") / "clusterip"), "--from", "pod/client", "--to", "http://web/")
    check("pod-network" in kcnet("learn", "--list", "-o", "json"), "the lessons are missing")
    kcnet("learn", "pod-network", "--auto")
    check("node/node-1" in kcnet("lab", "-c", "kubectl get nodes -o name"), "the lab has no nodes")
    check('"services-why"' in kcnet("quiz", "--list", "-o", "json"), "the questions are missing")
    kcnet("quiz", "--generate", "2", "--seed", "1", "--list")
    sys.stdout.write(f"{wheel.name}: {len(names)} files, whole\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
