"""kcnet as a process: what it imports, closed pipes, and bare environments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ["trace", "--from", "shop/deploy/frontend", "--to", "http://cart/"]


def kcnet(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kcnet", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
        | environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        check=False,
    )


def imported(code: str) -> set[str]:
    shown = "; import sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    result = subprocess.run(
        [sys.executable, "-c", code + shown], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    return set(result.stdout.split("\n")[-2].split())


def test_each_command_imports_its_own_libraries_alone() -> None:
    heavy = {"rich", "yaml", "jsonschema", "questionary", "prompt_toolkit", "wcwidth"}
    assert not heavy & imported("import kcnet.cli.app")
    run = f"from typer.testing import CliRunner; from kcnet.cli.app import app; CliRunner().invoke(app, {DEMO!r})"
    # Typer's own test runner may bring Rich along, kcnet does not.
    alone = imported("import typer.testing")
    assert heavy & (imported(run) - alone) == {"yaml"}


def test_version() -> None:
    from kcnet import __version__

    assert kcnet("--version").stdout == f"kcnet {__version__}\n"


@pytest.mark.parametrize(
    "environment",
    [{}, {"TERM": "dumb"}, {"LANG": "C"}, {"LC_ALL": "POSIX"}, {"COLUMNS": "40"}, {"PYTHONIOENCODING": "cp1252"}],
    ids=str,
)
def test_bare_environments(environment: dict[str, str]) -> None:
    result = kcnet(*DEMO, **environment)
    assert result.returncode == 0
    assert "Traceback" not in result.stderr
    assert "delivered" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= int(environment.get("COLUMNS", 80))


@pytest.mark.parametrize(
    "arguments",
    [
        *(DEMO, [*DEMO, "-o", "json"], [*DEMO, "--step"], ["explain"]),
        *(["check"], ["check", "-o", "json"], ["check", "-o", "sarif"], ["check", "--diff"]),
        *(["reach"], ["reach", "-o", "json"], ["reach", "-o", "csv"], ["reach", "-o", "html"], ["reach", "--explain"]),
    ],
    ids=" ".join,
)
@pytest.mark.skipif(sys.platform == "win32", reason="pipes of another kind")
def test_a_closed_pipe_is_silent_and_changes_no_status(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as stdout:
        result = subprocess.run(
            [sys.executable, "-m", "kcnet", *arguments], cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == 0
    assert b"Traceback" not in result.stderr
    assert b"Exception" not in result.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [(DEMO, 0), (["trace"], 2), (["check"], 0), (["check", "-f", "no.yaml"], 1), (["reach"], 0),
     (["reach", "-f", "no.yaml"], 2)],
    ids=str,
)  # fmt: skip
@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_closed_streams(closed: str, arguments: list[str], status: int) -> None:
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "kcnet", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == status
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [DEMO, [*DEMO, "-o", "json"], ["check"], ["check", "-o", "sarif"], ["check", "--diff"], ["reach"],
     ["reach", "-o", "json"], ["reach", "-o", "html"], ["reach", "--explain", "--to", "shop/cart"]],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_told_with_status_2(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "kcnet", *arguments], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == 2
    assert b"kcnet: the output cannot be written: " in result.stderr
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["check", "reach"])
@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe")
def test_ctrl_c_while_manifests_are_read_is_silent(command: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    arguments = [sys.executable, "-m", "kcnet", command, "-f", str(pipe)]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process, pipe.open("wb"):  # opens when the other end is, and says nothing
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, (b"", b""))


def test_ctrl_c_while_the_command_line_is_imported_is_silent() -> None:
    code = (
        "import sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from kcnet.cli.entry import main\n"
        "main()\n"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "")
    assert "typer" not in imported("import kcnet.cli.entry")
