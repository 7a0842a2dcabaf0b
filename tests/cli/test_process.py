"""kcnet as a process: what it imports, closed pipes, and bare environments."""

from __future__ import annotations

import os
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


@pytest.mark.parametrize("arguments", [DEMO, [*DEMO, "-o", "json"], [*DEMO, "--step"], ["explain"]], ids=str)
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
@pytest.mark.parametrize(("arguments", "status"), [(DEMO, 0), (["trace"], 2)], ids=str)
@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
def test_closed_streams(closed: str, arguments: list[str], status: int) -> None:
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "kcnet", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == status
    assert "Traceback" not in result.stderr


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
