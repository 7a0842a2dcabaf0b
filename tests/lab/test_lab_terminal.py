"""The lab in a pseudo-terminal: prompts, lines that go on, Ctrl-C, Ctrl-D, Tab, an editor, history."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.terminal.test_stepper import ENVIRONMENT, ROOT, pexpect


def start(home: Path, **environment: str) -> pexpect.spawn:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "kcnet", "lab", "clusterip"],
        env=ENVIRONMENT | {"KCNET_HOME": str(home), "NO_COLOR": "1"} | environment,
        cwd=str(ROOT),
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=20,
    )
    child.expect("kcnet lab")
    child.expect(re.escape("clusterip [default] $"))
    return child


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_line_is_run_and_its_answer_shown(home: Path) -> None:
    child = start(home)
    child.send("kubectl get nodes -o name\r")
    child.expect("node/node-1")
    child.send("\x04")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_heredoc_goes_on_over_several_lines(home: Path) -> None:
    child = start(home)
    for line in ("cat <<'EOF' | kubectl apply -f -", "apiVersion: v1", "kind: Namespace", "metadata: {name: team-b}"):
        child.send(f"{line}\r")
    child.send("EOF\r")
    child.expect("namespace/team-b created")
    child.send("exit\r")
    child.expect(pexpect.EOF)


def test_ctrl_c_drops_the_line(home: Path) -> None:
    child = start(home)
    child.send("nosuch\x03")
    child.expect(re.escape("clusterip [default] $"))
    child.send("exit 3\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 3


def test_tab_completes(home: Path) -> None:
    child = start(home)
    child.send("kubectl descri\t")
    child.expect("kubectl describe")
    child.send("\x03\x04")
    child.expect(pexpect.EOF)


def test_ctrl_d_leaves_the_pod_first(home: Path) -> None:
    child = start(home)
    child.send("kubectl run tmp --rm -it --image=busybox -- sh\r")
    child.expect_exact("tmp:/#")
    child.send("\x04")
    child.expect('pod "tmp" deleted')
    child.expect(re.escape("clusterip [default] $"))
    child.send("\x04")
    child.expect(pexpect.EOF)


def test_lines_of_earlier_days_come_back(home: Path) -> None:
    child = start(home)
    child.send("echo first\r")
    child.expect("first\r\n")
    child.send("exit\r")
    child.expect(pexpect.EOF)
    again = start(home)
    again.send("\x1b[A\x1b[A")
    again.expect("echo first")
    again.send("\x03\x04")
    again.expect(pexpect.EOF)


def test_an_editor_changes_an_object(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\nfile = pathlib.Path(sys.argv[1])\nfile.write_text(file.read_text().replace('metadata:', 'metadata:\\n  labels: {a: b}', 1))\n"
    )
    child = start(home, EDITOR=f"{sys.executable} {script}")
    child.send("kubectl create sa robot\r")
    child.expect("created")
    child.send("kubectl edit sa robot\r")
    child.expect("serviceaccount/robot edited")
    child.send("exit\r")
    child.expect(pexpect.EOF)
